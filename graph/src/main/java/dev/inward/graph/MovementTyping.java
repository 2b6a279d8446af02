package dev.inward.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Types of ops that move, copy, pick or make elements.
final class MovementTyping {
  private MovementTyping() {}

  static List<Inferred> of(Movement op, Site site) {
    return switch (op) {
      case Movement.ShapeOf(var start, var end) ->
          Inferred.one(DataType.INT64, extents(site, start, end.orElse(Long.MAX_VALUE)));
      case Movement.Size _ -> Inferred.one(DataType.INT64, Shape.SCALAR);
      case Movement.Reshape(var allowZero) -> moved(site, Reshaping.reshaped(site, allowZero));
      case Movement.Flatten(var axis) -> moved(site, Reshaping.flattened(site, axis));
      case Movement.Squeeze(var axes) -> moved(site, Reshaping.squeezed(site, axes));
      case Movement.Unsqueeze(var axes) -> moved(site, Reshaping.unsqueezed(site, axes));
      case Movement.Transpose(var order) -> moved(site, Reshaping.transposed(site, order));
      case Movement.Concat(var axis) -> {
        site.sameType(IntStream.range(0, site.operands()).toArray());
        yield moved(site, concatenated(site, axis));
      }
      case Movement.Split(var axis, var sizes) -> split(site, axis, sizes);
      case Movement.Slice _ -> moved(site, Slicing.sliced(site));
      case Movement.Gather(var axis) -> moved(site, Picking.gathered(site, axis));
      case Movement.GatherElements(var axis) -> moved(site, Picking.elements(site, axis));
      case Movement.GatherNd(var batch) -> moved(site, Picking.gatheredByIndex(site, batch));
      case Movement.ScatterElements(var axis, _) -> {
        Picking.checkScatter(site, axis);
        yield moved(site, site.shape(0));
      }
      case Movement.ScatterNd _ -> {
        Picking.checkScatterByIndex(site);
        yield moved(site, site.shape(0));
      }
      case Movement.Expand _ -> moved(site, Reshaping.expanded(site));
      case Movement.Tile _ -> moved(site, Reshaping.tiled(site));
      case Movement.Pad _ -> moved(site, Resizing.padded(site));
      case Movement.Resize resize -> moved(site, Resizing.resized(site, resize));
      case Movement.DepthToSpace(var block, _) -> moved(site, Resizing.depthToSpace(site, block));
      case Movement.SpaceToDepth(var block) -> moved(site, Resizing.spaceToDepth(site, block));
      case Movement.ConstantOfShape(var value) ->
          Inferred.one(value.dtype(), Reshaping.stated(site, 0));
      case Movement.Range _ -> {
        site.sameType(0, 1, 2);
        var dtype = site.dtype(0).or(() -> site.dtype(1)).or(() -> site.dtype(2));
        yield Inferred.one(dtype, Shape.of(List.of(Slicing.range(site))));
      }
      case Movement.OneHot(var axis) -> Inferred.one(site.dtype(2), Picking.oneHot(site, axis));
      case Movement.NonZero _ ->
          Inferred.one(
              DataType.INT64,
              Shape.of(
                  List.of(
                      site.ranked(0) ? Dim.of(site.shape(0).rank()) : site.fresh(0, 0),
                      site.fresh(0, 1))));
      case Movement.Trilu _ -> {
        atLeast(site, 2);
        yield moved(site, site.shape(0));
      }
      case Movement.ReverseSequence(var batchAxis, var timeAxis) -> {
        atLeast(site, 2);
        if (site.ranked(0)) {
          int rank = site.shape(0).rank();
          site.axis(timeAxis, rank, 0);
          site.vector(1, site.shape(0).dim(site.axis(batchAxis, rank, 0)), "lengths");
        }
        yield moved(site, site.shape(0));
      }
      case Movement.GridSample _ -> moved(site, Picking.sampled(site));
    };
  }

  private static List<Inferred> moved(Site site, Shape shape) {
    return Inferred.one(site.dtype(0), shape);
  }

  private static void atLeast(Site site, int rank) {
    if (site.ranked(0) && site.shape(0).rank() < rank) {
      throw site.fault("x has %d axes at least, got %s", rank, site.shape(0));
    }
  }

  private static Shape extents(Site site, long start, long end) {
    if (!site.ranked(0)) {
      return site.freshShape(0, 1);
    }
    int rank = site.shape(0).rank();
    return Shape.of(Math.max(0, clamp(end, rank) - clamp(start, rank)));
  }

  /// A position of a slice of axes: negative counts from the end, then inside.
  static int clamp(long position, int rank) {
    return Math.clamp(position < 0 ? position + rank : position, 0, rank);
  }

  private static Shape concatenated(Site site, long axis) {
    Optional<Shape> first = Optional.empty();
    List<Dim> dims = new ArrayList<>();
    boolean known = true;
    var length = Expression.ZERO;
    for (int i = 0; i < site.operands(); i++) {
      var shape = site.shape(i);
      if (!shape.ranked()) {
        known = false;
        continue;
      }
      int at = site.axis(axis, shape.rank(), i);
      length = length.plus(Expression.of(shape.dim(at)));
      if (first.isEmpty()) {
        first = Optional.of(shape);
        dims.addAll(shape.dims());
        continue;
      }
      boolean fits = shape.rank() == dims.size();
      for (int j = 0; fits && j < dims.size(); j++) {
        fits = j == at || !Site.differ(dims.get(j), shape.dim(j));
        dims.set(j, Site.merge(dims.get(j), shape.dim(j)));
      }
      if (!fits) {
        throw site.fault("operands differ beside axis %d: %s and %s", axis, first.get(), shape);
      }
    }
    if (first.isEmpty()) {
      return Shape.UNRANKED;
    }
    int at = site.axis(axis, dims.size(), 0);
    dims.set(at, known ? length.dim() : site.fresh(0, at));
    return Shape.of(dims);
  }

  private static List<Inferred> split(Site site, long axis, List<Long> stated) {
    int results = site.node().out().size();
    var shape = site.shape(0);
    if (!shape.ranked()) {
      return Collections.nCopies(results, new Inferred(site.dtype(0), Shape.UNRANKED));
    }
    int at = site.axis(axis, shape.rank(), 0);
    var sizes = stated.isEmpty() ? equalParts(site, shape, at) : parts(site, shape, at, stated);
    List<Inferred> all = new ArrayList<>();
    for (int i = 0; i < results; i++) {
      List<Dim> dims = new ArrayList<>(shape.dims());
      dims.set(at, site.dim(Optional.of(sizes.get(i)), i, at));
      all.add(new Inferred(site.dtype(0), Shape.of(dims)));
    }
    return all;
  }

  private static List<Expression> parts(Site site, Shape shape, int at, List<Long> sizes) {
    long sum = 0;
    for (long size : sizes) {
      if (size < 0) {
        throw site.fault("sizes are at least 0, got %s", sizes);
      }
      sum = Math.addExact(sum, size);
    }
    if (shape.dim(at) instanceof Dim.Known(var size) && size != sum) {
      throw site.fault("sizes %s add up to %d, axis %d of %s is %d", sizes, sum, at, shape, size);
    }
    return sizes.stream().map(Expression::of).toList();
  }

  private static List<Expression> equalParts(Site site, Shape shape, int at) {
    int count = site.node().out().size();
    var whole = Expression.of(shape.dim(at));
    var each = whole.ceilDividedBy(count);
    var last = whole.minus(each.times(count - 1));
    if (Reshaping.isNegative(last)) {
      throw site.fault("axis %d of %s does not split into %d parts", at, shape, count);
    }
    List<Expression> sizes = new ArrayList<>(Collections.nCopies(count - 1, each));
    sizes.add(last);
    return sizes;
  }
}
