package dev.inward.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Types of convolution and pooling.
final class WindowedTyping {
  private WindowedTyping() {}

  static List<Inferred> of(Windowed op, Site site) {
    return switch (op) {
      case Windowed.Conv(var window, var groups) -> {
        site.sameType(0, 1, 2);
        yield Inferred.one(
            site.dtype(0).or(() -> site.dtype(1)), convolution(site, window, groups, 0, 1, 2));
      }
      case Windowed.ConvTranspose transpose -> {
        site.sameType(0, 1, 2);
        yield Inferred.one(site.dtype(0).or(() -> site.dtype(1)), transposed(site, transpose));
      }
      case Windowed.Pool pool -> {
        var shape = pooled(site, pool);
        yield List.of(new Inferred(site.dtype(0), shape), Inferred.of(DataType.INT64, shape));
      }
      case Windowed.GlobalPool _ -> Inferred.one(site.dtype(0), global(site));
    };
  }

  /// The extents of a kernel: those that are given, or those of the weight.
  private static List<Dim> kernel(Site site, Windowed.Window window, Shape weight) {
    var given = window.kernel().stream().map(Dim::of).toList();
    if (!weight.ranked()) {
      return given;
    }
    var read = weight.dims().subList(2, weight.rank());
    if (given.isEmpty()) {
      return read;
    }
    boolean agree = given.size() == read.size();
    for (int i = 0; agree && i < given.size(); i++) {
      agree = !Site.differ(given.get(i), read.get(i));
    }
    if (!agree) {
      throw site.fault("the kernel %s is not that of the weight %s", window.kernel(), weight);
    }
    return given;
  }

  static Shape convolution(
      Site site, Windowed.Window window, long groups, int input, int weights, int bias) {
    Shape x = site.shape(input);
    Shape w = site.shape(weights);
    spatial(site, x, window);
    if (w.ranked() && (w.rank() < 3 || x.ranked() && x.rank() != w.rank())) {
      throw site.fault("x and weight differ in rank: %s", site.shapes(input, weights));
    }
    if (groups < 1) {
      throw site.fault("groups are at least 1, got %d", groups);
    }
    if (!w.ranked()) {
      return Shape.UNRANKED;
    }
    Dim m = w.dim(0);
    if (m instanceof Dim.Known(var size) && size % groups != 0) {
      throw site.fault("%d output channels do not split into %d groups", size, groups);
    }
    site.vector(bias, m, "the bias");
    if (!x.ranked()) {
      return Shape.UNRANKED;
    }
    if (w.dim(1) instanceof Dim.Known(var each)
        && x.dim(1) instanceof Dim.Known(var channels)
        && Math.multiplyExact(each, groups) != channels) {
      throw site.fault(
          "x has %d channels, the weight wants %d: %s%s",
          channels,
          each * groups,
          site.shapes(input, weights),
          groups == 1 ? "" : " in " + groups + " groups");
    }
    List<Dim> dims = new ArrayList<>(List.of(x.dim(0), m));
    var kernel = kernel(site, window, w);
    for (int i = 0; i < x.rank() - 2; i++) {
      dims.add(slid(site, window, kernel.get(i), x.dim(i + 2), i, false));
    }
    return Shape.of(dims);
  }

  /// Checks that the lists of a window speak of the spatial axes of `x`.
  private static void spatial(Site site, Shape x, Windowed.Window window) {
    if (!x.ranked()) {
      return;
    }
    int axes = x.rank() - 2;
    if (axes < 1) {
      throw site.fault("x has a batch, a channel and a spatial axis at least, got %s", x);
    }
    check(site, x, "kernel", window.kernel(), axes);
    check(site, x, "strides", window.strides(), axes);
    check(site, x, "dilations", window.dilations(), axes);
    check(site, x, "pads", window.pads(), 2 * axes);
  }

  private static void check(Site site, Shape x, String what, List<Long> list, int length) {
    if (!list.isEmpty() && list.size() != length) {
      throw site.fault("%s %s are not %d numbers, as %s needs", what, list, length, x);
    }
  }

  /// The extent after a window has slid along axis `i`.
  private static Dim slid(
      Site site, Windowed.Window window, Dim kernel, Dim input, int i, boolean ceil) {
    var in = Expression.of(input);
    long stride = window.stride(i);
    if (window.autoPad() == Windowed.AutoPad.SAME_UPPER
        || window.autoPad() == Windowed.AutoPad.SAME_LOWER) {
      return in.ceilDividedBy(stride).dim();
    }
    boolean explicit = window.autoPad() == Windowed.AutoPad.EXPLICIT;
    long begin = explicit ? window.padBegin(i) : 0;
    long end = explicit ? window.padEnd(i) : 0;
    var reach = Expression.of(kernel).plus(-1).times(window.dilation(i)).plus(1);
    var room = in.plus(Math.addExact(begin, end)).minus(reach);
    if (room.constant().isPresent() && room.constant().getAsLong() < 0) {
      throw site.fault(
          "a window of %s does not fit into %s with pads %d and %d", reach, input, begin, end);
    }
    boolean up = ceil && explicit && stride > 1;
    if (up) {
      return roundedUp(site, in, room, reach, begin, end, stride, i);
    }
    return site.dim(Optional.of(room.floorDividedBy(stride).plus(1)), 0, i + 2);
  }

  /// Rounded up, without a last window that would lie in the padding alone.
  private static Dim roundedUp(
      Site site,
      Expression in,
      Expression room,
      Expression reach,
      long begin,
      long end,
      long stride,
      int i) {
    var count = room.ceilDividedBy(stride).plus(1);
    if (reach.isAtLeast(end + stride)) {
      return site.dim(Optional.of(count), 0, i + 2);
    }
    if (count.constant().isEmpty() || in.constant().isEmpty()) {
      return site.fresh(0, i + 2);
    }
    long windows = count.constant().getAsLong();
    long last = Math.multiplyExact(windows - 1, stride);
    return Dim.of(last >= in.constant().getAsLong() + begin ? windows - 1 : windows);
  }

  private static Shape transposed(Site site, Windowed.ConvTranspose op) {
    Shape x = site.shape(0);
    Shape w = site.shape(1);
    spatial(site, x, op.window());
    if (w.ranked() && (w.rank() < 3 || x.ranked() && x.rank() != w.rank())) {
      throw site.fault("x and weight differ in rank: %s", site.shapes(0, 1));
    }
    if (op.groups() < 1) {
      throw site.fault("groups are at least 1, got %d", op.groups());
    }
    if (!x.ranked() || !w.ranked()) {
      return Shape.UNRANKED;
    }
    int axes = x.rank() - 2;
    check(site, x, "output padding", op.outputPadding(), axes);
    check(site, x, "output shape", op.outputShape(), axes);
    if (Site.differ(x.dim(1), w.dim(0))) {
      throw site.fault(
          "x has %s channels, the weight wants %s: %s", x.dim(1), w.dim(0), site.shapes(0, 1));
    }
    if (w.dim(0) instanceof Dim.Known(var channels) && channels % op.groups() != 0) {
      throw site.fault("%d channels do not split into %d groups", channels, op.groups());
    }
    Dim m = Expression.of(w.dim(1)).times(op.groups()).dim();
    site.vector(2, m, "the bias");
    var kernel = kernel(site, op.window(), w);
    List<Dim> dims = new ArrayList<>(List.of(x.dim(0), m));
    for (int i = 0; i < axes; i++) {
      dims.add(spread(site, op, kernel.get(i), x.dim(i + 2), i));
    }
    return Shape.of(dims);
  }

  private static Dim spread(Site site, Windowed.ConvTranspose op, Dim kernel, Dim input, int i) {
    if (!op.outputShape().isEmpty()) {
      return site.dim(Optional.of(Expression.of(op.outputShape().get(i))), 0, i + 2);
    }
    var window = op.window();
    var in = Expression.of(input);
    long stride = window.stride(i);
    var same =
        window.autoPad() == Windowed.AutoPad.SAME_UPPER
            || window.autoPad() == Windowed.AutoPad.SAME_LOWER;
    if (same) {
      return in.times(stride).dim();
    }
    boolean explicit = window.autoPad() == Windowed.AutoPad.EXPLICIT;
    long pads = explicit ? Math.addExact(window.padBegin(i), window.padEnd(i)) : 0;
    long more = op.outputPadding().isEmpty() ? 0 : op.outputPadding().get(i);
    var reach = Expression.of(kernel).plus(-1).times(window.dilation(i)).plus(1);
    var out = in.plus(-1).times(stride).plus(reach).plus(Math.subtractExact(more, pads));
    if (out.constant().isPresent() && out.constant().getAsLong() < 0) {
      throw site.fault("pads of %d leave nothing of %s", pads, out.plus(pads));
    }
    return site.dim(Optional.of(out), 0, i + 2);
  }

  private static Shape pooled(Site site, Windowed.Pool pool) {
    Shape x = site.shape(0);
    spatial(site, x, pool.window());
    if (pool.window().kernel().isEmpty()) {
      throw site.fault("a pool states its kernel");
    }
    if (!x.ranked()) {
      return Shape.UNRANKED;
    }
    List<Dim> dims = new ArrayList<>(List.of(x.dim(0), x.dim(1)));
    for (int i = 0; i < x.rank() - 2; i++) {
      var kernel = Dim.of(pool.window().kernel().get(i));
      dims.add(slid(site, pool.window(), kernel, x.dim(i + 2), i, pool.ceil()));
    }
    return Shape.of(dims);
  }

  private static Shape global(Site site) {
    Shape x = site.shape(0);
    if (!x.ranked()) {
      return Shape.UNRANKED;
    }
    if (x.rank() < 2) {
      throw site.fault("x has a batch and a channel axis, got %s", x);
    }
    List<Dim> dims = new ArrayList<>(x.dims());
    dims.subList(2, dims.size()).replaceAll(_ -> Dim.of(1));
    return Shape.of(dims);
  }
}
