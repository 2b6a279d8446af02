package dev.inward.graph;

import java.util.ArrayList;
import java.util.List;

/// Shapes of ops that pick or place elements by index.
final class Picking {
  private Picking() {}

  static Shape gathered(Site site, long axis) {
    var x = site.shape(0);
    var indices = site.shape(1);
    if (!x.ranked() || !indices.ranked()) {
      return Shape.UNRANKED;
    }
    int at = site.axis(axis, x.rank(), 0);
    if (x.dim(at) instanceof Dim.Known(var size)) {
      site.numbers(1).ifPresent(numbers -> inside(site, numbers, size, at));
    }
    List<Dim> dims = new ArrayList<>(x.dims());
    dims.remove(at);
    dims.addAll(at, indices.dims());
    return Shape.of(dims);
  }

  private static void inside(Site site, List<Long> numbers, long size, int axis) {
    for (long index : numbers) {
      if (index < -size || index >= size) {
        throw site.fault("index %d is outside axis %d of %s", index, axis, site.shape(0));
      }
    }
  }

  static Shape elements(Site site, long axis) {
    var x = site.shape(0);
    if (x.ranked()) {
      site.axis(axis, x.rank(), 0);
      site.rank(1, x.rank(), "indices");
    }
    return site.shape(1);
  }

  static Shape gatheredByIndex(Site site, long batch) {
    var x = site.shape(0);
    var indices = site.shape(1);
    if (!x.ranked() || !indices.ranked()) {
      return Shape.UNRANKED;
    }
    if (indices.rank() == 0 || batch < 0 || batch >= Math.min(x.rank(), indices.rank())) {
      throw site.fault("%d batch axes do not fit %s", batch, site.shapes(0, 1));
    }
    List<Dim> dims = new ArrayList<>(indices.dims().subList(0, indices.rank() - 1));
    for (int i = 0; i < batch; i++) {
      if (Site.differ(x.dim(i), indices.dim(i))) {
        throw site.fault("batch axes differ: %s", site.shapes(0, 1));
      }
      dims.set(i, Site.merge(x.dim(i), indices.dim(i)));
    }
    if (!(indices.dim(-1) instanceof Dim.Known(var depth))) {
      return Shape.UNRANKED;
    }
    if (depth > x.rank() - batch) {
      throw site.fault("%d indices each are more than x has axes: %s", depth, site.shapes(0, 1));
    }
    dims.addAll(x.dims().subList((int) (batch + depth), x.rank()));
    return Shape.of(dims);
  }

  static void checkScatter(Site site, long axis) {
    site.sameType(0, 2);
    var x = site.shape(0);
    if (x.ranked()) {
      site.axis(axis, x.rank(), 0);
      site.rank(1, x.rank(), "indices");
    }
    same(site, site.shape(1), site.shape(2));
  }

  static void checkScatterByIndex(Site site) {
    site.sameType(0, 2);
    var x = site.shape(0);
    var indices = site.shape(1);
    if (!x.ranked() || !indices.ranked()) {
      return;
    }
    if (indices.rank() == 0) {
      throw site.fault("indices have one axis at least, got %s", indices);
    }
    if (!(indices.dim(-1) instanceof Dim.Known(var depth))) {
      return;
    }
    if (depth > x.rank()) {
      throw site.fault("%d indices each are more than x has axes: %s", depth, site.shapes(0, 1));
    }
    List<Dim> dims = new ArrayList<>(indices.dims().subList(0, indices.rank() - 1));
    dims.addAll(x.dims().subList((int) depth, x.rank()));
    same(site, Shape.of(dims), site.shape(2));
  }

  private static void same(Site site, Shape wanted, Shape updates) {
    if (!wanted.ranked() || !updates.ranked()) {
      return;
    }
    boolean fits = wanted.rank() == updates.rank();
    for (int i = 0; fits && i < wanted.rank(); i++) {
      fits = !Site.differ(wanted.dim(i), updates.dim(i));
    }
    if (!fits) {
      throw site.fault("updates are %s, got %s", wanted, updates);
    }
  }

  static Shape oneHot(Site site, long axis) {
    var indices = site.shape(0);
    if (!indices.ranked()) {
      return Shape.UNRANKED;
    }
    int rank = indices.rank() + 1;
    if (axis < -rank || axis >= rank) {
      throw site.fault("axis %d is out of range for a result of %d axes", axis, rank);
    }
    int at = (int) (axis < 0 ? axis + rank : axis);
    List<Dim> dims = new ArrayList<>(indices.dims());
    var depth = site.contents(1).filter(c -> c.size() == 1).flatMap(List::getFirst);
    dims.add(at, site.dim(depth, 0, at));
    return Shape.of(dims);
  }

  /// `x [N, C, D..]`, `grid [N, E.., n] -> [N, C, E..]`.
  static Shape sampled(Site site) {
    var x = site.shape(0);
    var grid = site.shape(1);
    if (!x.ranked() || !grid.ranked()) {
      return Shape.UNRANKED;
    }
    if (x.rank() < 3
        || grid.rank() != x.rank()
        || Site.differ(x.dim(0), grid.dim(0))
        || Site.differ(grid.dim(-1), Dim.of(x.rank() - 2))) {
      throw site.fault(
          "a grid has a batch, the extents of the result and %s coordinates: %s",
          x.rank() < 3 ? "its" : Integer.toString(x.rank() - 2), site.shapes(0, 1));
    }
    List<Dim> dims = new ArrayList<>(List.of(Site.merge(x.dim(0), grid.dim(0)), x.dim(1)));
    dims.addAll(grid.dims().subList(1, grid.rank() - 1));
    return Shape.of(dims);
  }
}
