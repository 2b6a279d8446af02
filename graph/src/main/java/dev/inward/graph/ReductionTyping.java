package dev.inward.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// Types of reductions.
final class ReductionTyping {
  private ReductionTyping() {}

  static List<Inferred> of(Reduction op, Site site) {
    return switch (op) {
      case Reduction.Reduce(_, var axes, var keepDims) ->
          Inferred.one(site.dtype(0), reduced(site, axes, keepDims));
      case Reduction.ArgReduce(_, var axis, var keepDims, _) ->
          Inferred.one(DataType.INT64, reduced(site, List.of(axis), keepDims));
      case Reduction.TopK(var axis, _, _) -> {
        var shape = top(site, axis);
        yield List.of(new Inferred(site.dtype(0), shape), Inferred.of(DataType.INT64, shape));
      }
      case Reduction.CumSum _ -> {
        site.numbers(1)
            .filter(n -> n.size() == 1 && site.ranked(0))
            .ifPresent(n -> site.axis(n.getFirst(), site.shape(0).rank(), 0));
        yield List.of(ElementwiseTyping.same(site));
      }
    };
  }

  private static Shape reduced(Site site, List<Long> axes, boolean keepDims) {
    if (!site.ranked(0)) {
      return axes.isEmpty() && !keepDims ? Shape.SCALAR : Shape.UNRANKED;
    }
    var dims = site.shape(0).dims();
    var gone = new TreeSet<Integer>();
    for (long axis : axes) {
      if (!gone.add(site.axis(axis, dims.size(), 0))) {
        throw site.fault("axes %s name one axis twice for %s", axes, site.shape(0));
      }
    }
    List<Dim> left = new ArrayList<>();
    for (int i = 0; i < dims.size(); i++) {
      if (!axes.isEmpty() && !gone.contains(i)) {
        left.add(dims.get(i));
      } else if (keepDims) {
        left.add(Dim.of(1));
      }
    }
    return Shape.of(left);
  }

  private static Shape top(Site site, long axis) {
    if (!site.ranked(0)) {
      return Shape.UNRANKED;
    }
    List<Dim> dims = new ArrayList<>(site.shape(0).dims());
    int at = site.axis(axis, dims.size(), 0);
    var k = site.contents(1).filter(c -> c.size() == 1).flatMap(List::getFirst);
    var extent = site.dim(k, 0, at);
    if (extent instanceof Dim.Known(var most)
        && dims.get(at) instanceof Dim.Known(var size)
        && most > size) {
      throw site.fault("k=%d is more than axis %d of %s has", most, at, site.shape(0));
    }
    dims.set(at, extent);
    return Shape.of(dims);
  }
}
