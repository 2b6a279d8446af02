package dev.inward.graph;

import java.util.List;

/// Ops that scale by statistics of a group of elements.
public sealed interface Normalization extends Op {
  /// With fixed statistics. Operands: x, scale, bias, mean, variance, each `[C]`.
  record BatchNorm(float epsilon) implements Normalization {}

  /// Over the axes from `axis` to the last. Operands: x, scale?, bias? (with the shape of those
  /// axes, or broadcastable to it).
  record LayerNorm(long axis, float epsilon) implements Normalization {}

  /// Root mean square without a mean. Operands: x, scale?.
  record RmsNorm(long axis, float epsilon) implements Normalization {}

  /// Operands: x, scale, bias, each `[C]`.
  record InstanceNorm(float epsilon) implements Normalization {}

  /// Operands: x, scale, bias, each `[C]`.
  record GroupNorm(long groups, float epsilon) implements Normalization {}

  /// Divides by the norm of order `p` (1 or 2) along an axis.
  record LpNorm(long axis, long p) implements Normalization {}

  record LocalResponseNorm(long size, float alpha, float beta, float bias)
      implements Normalization {}

  /// `(x - mean) / (deviation + 1e-9)` over the axes.
  record MeanVarianceNorm(List<Long> axes) implements Normalization {
    public MeanVarianceNorm {
      axes = List.copyOf(axes);
    }
  }

  record Softmax(long axis) implements Normalization {}

  record LogSoftmax(long axis) implements Normalization {}

  record Hardmax(long axis) implements Normalization {}
}
