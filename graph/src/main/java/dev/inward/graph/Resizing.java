package dev.inward.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/// Extents of padding and of resized and rearranged images.
final class Resizing {
  private Resizing() {}

  static Shape padded(Site site) {
    var x = site.shape(0);
    if (!x.ranked()) {
      return Shape.UNRANKED;
    }
    List<Long> axes = LongStream.range(0, x.rank()).boxed().toList();
    if (site.has(3)) {
      var stated = site.numbers(3);
      if (stated.isEmpty()) {
        return site.freshShape(0, x.rank());
      }
      axes = stated.get();
    }
    int count = axes.size();
    site.vector(1, Dim.of(2L * count), "pads");
    List<Dim> dims = new ArrayList<>(x.dims());
    for (int i = 0; i < count; i++) {
      int axis = site.axis(axes.get(i), x.rank(), 0);
      var begin = Slicing.element(site, 1, i);
      var end = Slicing.element(site, 1, i + count);
      Optional<Expression> extent = Optional.empty();
      if (begin.isPresent() && end.isPresent()) {
        var padded = Expression.of(x.dim(axis)).plus(begin.get()).plus(end.get());
        if (Reshaping.isNegative(padded)) {
          throw site.fault("pads take more from axis %d than %s has", axis, x);
        }
        extent = Optional.of(padded);
      }
      dims.set(axis, site.dim(extent, 0, axis));
    }
    return Shape.of(dims);
  }

  static Shape resized(Site site, Movement.Resize resize) {
    var x = site.shape(0);
    if (!x.ranked()) {
      return Shape.UNRANKED;
    }
    List<Long> axes =
        resize.axes().isEmpty() ? LongStream.range(0, x.rank()).boxed().toList() : resize.axes();
    boolean bySize = site.has(3);
    int operand = bySize ? 3 : 2;
    if (!site.has(operand)) {
      throw site.fault("scales or sizes are given, got neither");
    }
    site.vector(operand, Dim.of(axes.size()), bySize ? "sizes" : "scales");
    if (bySize && resize.aspect() != Movement.Resize.AspectPolicy.STRETCH) {
      return keepingAspect(site, resize, axes);
    }
    List<Dim> dims = new ArrayList<>(x.dims());
    for (int i = 0; i < axes.size(); i++) {
      int axis = site.axis(axes.get(i), x.rank(), 0);
      var extent =
          bySize ? Slicing.element(site, 3, i) : scaled(site, resize, x.dim(axis), i, axes.size());
      if (extent.isPresent() && Reshaping.isNegative(extent.get())) {
        throw site.fault("axis %d of %s cannot become %s", axis, x, extent.get());
      }
      dims.set(axis, site.dim(extent, 0, axis));
    }
    return Shape.of(dims);
  }

  /// `floor(extent * scale)` in float32, as runtimes compute it.
  private static Optional<Expression> scaled(
      Site site, Movement.Resize resize, Dim extent, int i, int axes) {
    var scales = reals(site, 2);
    if (scales.isEmpty() || i >= scales.get().length) {
      return Slicing.element(site, 2, i)
          .filter(_ -> resize.coordinates() != Movement.Resize.Coordinates.TF_CROP_AND_RESIZE)
          .map(Expression.of(extent)::times);
    }
    float scale = scales.get()[i];
    if (!(scale > 0) || Float.isInfinite(scale)) {
      throw site.fault("a scale is above 0 and finite, got %s", scale);
    }
    if (resize.coordinates() == Movement.Resize.Coordinates.TF_CROP_AND_RESIZE) {
      var roi = reals(site, 1);
      if (roi.isEmpty() || roi.get().length != 2 * axes) {
        return Optional.empty();
      }
      scale *= roi.get()[i + axes] - roi.get()[i];
    }
    if (extent instanceof Dim.Known(var size)) {
      return Optional.of(Expression.of((long) Math.floor((float) size * scale)));
    }
    for (int over = 1; over <= 64; over *= 2) {
      float whole = scale * over;
      if (whole == Math.rint(whole) && whole >= 1 && whole < 1 << 20) {
        return Optional.of(Expression.of(extent).times((long) whole).floorDividedBy(over));
      }
    }
    return Optional.empty();
  }

  private static Optional<float[]> reals(Site site, int operand) {
    return site.constant(operand)
        .filter(t -> t.dtype().isFloat() && t.elements() <= 64)
        .map(Tensor::floats);
  }

  /// One scale for all axes, the least or the largest that the sizes ask for.
  private static Shape keepingAspect(Site site, Movement.Resize resize, List<Long> axes) {
    var x = site.shape(0);
    var sizes = site.numbers(3);
    List<Dim> dims = new ArrayList<>(x.dims());
    boolean known = sizes.isPresent() && sizes.get().size() == axes.size();
    float scale = 0;
    for (int i = 0; i < axes.size(); i++) {
      int axis = site.axis(axes.get(i), x.rank(), 0);
      dims.set(axis, site.fresh(0, axis));
      if (known && x.dim(axis) instanceof Dim.Known(var size) && size > 0) {
        float mine = (float) sizes.orElseThrow().get(i) / size;
        boolean least = resize.aspect() == Movement.Resize.AspectPolicy.NOT_LARGER;
        scale = i == 0 ? mine : least ? Math.min(scale, mine) : Math.max(scale, mine);
      } else {
        known = false;
      }
    }
    for (int i = 0; known && i < axes.size(); i++) {
      int axis = site.axis(axes.get(i), x.rank(), 0);
      if (x.dim(axis) instanceof Dim.Known(var size)) {
        dims.set(axis, Dim.of(Math.max(0, Math.round((double) (scale * size)))));
      }
    }
    return Shape.of(dims);
  }

  static Shape depthToSpace(Site site, long block) {
    var x = image(site, block);
    if (!x.ranked()) {
      return Shape.UNRANKED;
    }
    if (x.dim(1) instanceof Dim.Known(var channels)
        && channels % Math.multiplyExact(block, block) != 0) {
      throw site.fault("%d channels do not split into blocks of %d x %d", channels, block, block);
    }
    return Shape.of(
        List.of(
            x.dim(0),
            Expression.of(x.dim(1)).floorDividedBy(Math.multiplyExact(block, block)).dim(),
            Expression.of(x.dim(2)).times(block).dim(),
            Expression.of(x.dim(3)).times(block).dim()));
  }

  static Shape spaceToDepth(Site site, long block) {
    var x = image(site, block);
    if (!x.ranked()) {
      return Shape.UNRANKED;
    }
    for (int axis = 2; axis <= 3; axis++) {
      if (x.dim(axis) instanceof Dim.Known(var size) && size % block != 0) {
        throw site.fault("axis %d of %s does not split into blocks of %d", axis, x, block);
      }
    }
    return Shape.of(
        List.of(
            x.dim(0),
            Expression.of(x.dim(1)).times(Math.multiplyExact(block, block)).dim(),
            Expression.of(x.dim(2)).floorDividedBy(block).dim(),
            Expression.of(x.dim(3)).floorDividedBy(block).dim()));
  }

  private static Shape image(Site site, long block) {
    if (block < 1) {
      throw site.fault("a block is at least 1, got %d", block);
    }
    site.rank(0, 4, "x");
    return site.shape(0);
  }
}
