package dev.inward.graph;

/// Types of normalisations: the result has the type of `x`.
final class NormalizationTyping {
  private NormalizationTyping() {}

  static Inferred of(Normalization op, Site site) {
    switch (op) {
      case Normalization.BatchNorm _ -> channels(site, 4);
      case Normalization.InstanceNorm _ -> channels(site, 2);
      case Normalization.GroupNorm(var groups, _) -> {
        channels(site, 2);
        if (groups < 1 || channel(site) instanceof Dim.Known(var size) && size % groups != 0) {
          throw site.fault("%s channels do not split into %d groups", channel(site), groups);
        }
      }
      case Normalization.LayerNorm(var axis, _) -> tail(site, axis);
      case Normalization.RmsNorm(var axis, _) -> tail(site, axis);
      case Normalization.LpNorm(var axis, _) -> axis(site, axis);
      case Normalization.LocalResponseNorm _ -> {}
      case Normalization.MeanVarianceNorm(var axes) -> axes.forEach(a -> axis(site, a));
      case Normalization.Softmax(var axis) -> axis(site, axis);
      case Normalization.LogSoftmax(var axis) -> axis(site, axis);
      case Normalization.Hardmax(var axis) -> axis(site, axis);
    }
    return ElementwiseTyping.same(site);
  }

  private static void axis(Site site, long axis) {
    if (site.ranked(0)) {
      site.axis(axis, site.shape(0).rank(), 0);
    }
  }

  private static Dim channel(Site site) {
    return site.ranked(0) ? site.shape(0).dim(1) : Dim.of("C");
  }

  /// Checks that operands 1 to `last` are vectors with one element a channel.
  private static void channels(Site site, int last) {
    if (site.ranked(0) && site.shape(0).rank() < 2) {
      throw site.fault("x has a batch and a channel axis, got %s", site.shape(0));
    }
    for (int i = 1; site.ranked(0) && i <= last; i++) {
      site.vector(i, channel(site), "operand " + i);
    }
  }

  /// Checks scale and bias against the axes from `axis` on.
  private static void tail(Site site, long axis) {
    if (!site.ranked(0)) {
      return;
    }
    var shape = site.shape(0);
    int from = site.axis(axis, shape.rank(), 0);
    var tail = Shape.of(shape.dims().subList(from, shape.rank()));
    for (int i = 1; i < site.operands(); i++) {
      // A scale may also name the leading axes, with whatever broadcasts there.
      boolean whole = site.ranked(i) && site.shape(i).rank() > tail.rank();
      Broadcast.into(site, site.shape(i), whole ? shape : tail, i == 1 ? "scale" : "bias");
    }
  }
}
