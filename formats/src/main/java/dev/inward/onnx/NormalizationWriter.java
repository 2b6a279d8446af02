package dev.inward.onnx;

import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Normalization.BatchNorm;
import dev.inward.graph.Normalization.GroupNorm;
import dev.inward.graph.Normalization.Hardmax;
import dev.inward.graph.Normalization.InstanceNorm;
import dev.inward.graph.Normalization.LayerNorm;
import dev.inward.graph.Normalization.LocalResponseNorm;
import dev.inward.graph.Normalization.LogSoftmax;
import dev.inward.graph.Normalization.LpNorm;
import dev.inward.graph.Normalization.MeanVarianceNorm;
import dev.inward.graph.Normalization.RmsNorm;
import dev.inward.graph.Normalization.Softmax;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Normalisations in ONNX.
final class NormalizationWriter {
  private NormalizationWriter() {}

  static void write(Emit emit, Node node, Normalization op) {
    switch (op) {
      case BatchNorm(float epsilon) -> emit.as(node, "BatchNormalization", epsilon(epsilon));
      case LayerNorm(long axis, float epsilon) -> layerNorm(emit, node, axis, epsilon);
      case RmsNorm(long axis, float epsilon) -> rmsNorm(emit, node, axis, epsilon);
      case InstanceNorm(float epsilon) -> emit.as(node, "InstanceNormalization", epsilon(epsilon));
      case GroupNorm(long groups, float epsilon) ->
          emit.as(node, "GroupNormalization", epsilon(epsilon).number("num_groups", groups));
      case LpNorm(long axis, long p) -> emit.as(node, "LpNormalization", axis(axis).number("p", p));
      case LocalResponseNorm(long size, float alpha, float beta, float bias) ->
          emit.as(
              node,
              "LRN",
              Attrs.none()
                  .number("size", size)
                  .real("alpha", alpha)
                  .real("beta", beta)
                  .real("bias", bias));
      case MeanVarianceNorm(var axes) ->
          emit.as(node, "MeanVarianceNormalization", Attrs.none().numbers("axes", axes));
      case Softmax(long axis) -> emit.as(node, "Softmax", axis(axis));
      case LogSoftmax(long axis) -> emit.as(node, "LogSoftmax", axis(axis));
      case Hardmax(long axis) -> emit.as(node, "Hardmax", axis(axis));
    }
  }

  private static Attrs axis(long axis) {
    return Attrs.none().number("axis", axis);
  }

  private static Attrs epsilon(float epsilon) {
    return Attrs.none().real("epsilon", epsilon);
  }

  /// The operator must have a scale; ours may be without.
  private static void layerNorm(Emit emit, Node node, long axis, float epsilon) {
    List<String> in = new ArrayList<>(node.in());
    if (!node.has(1)) {
      in = new ArrayList<>(List.of(node.operand(0), one(emit, node)));
      if (node.has(2)) {
        in.add(node.operand(2));
      }
    }
    emit.as(node, "LayerNormalization", in, axis(axis).real("epsilon", epsilon));
  }

  private static void rmsNorm(Emit emit, Node node, long axis, float epsilon) {
    var in = node.has(1) ? node.in() : List.of(node.operand(0), one(emit, node));
    emit.as(node, "RMSNormalization", in, axis(axis).real("epsilon", epsilon));
  }

  private static String one(Emit emit, Node node) {
    Tensor one = emit.real(node, node.operand(0), 1).withDims(List.of(1L));
    return emit.constant(node, "one", one);
  }
}
