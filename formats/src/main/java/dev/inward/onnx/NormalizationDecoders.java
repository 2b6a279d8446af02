package dev.inward.onnx;

import dev.inward.graph.Movement.Flatten;
import dev.inward.graph.Movement.Reshape;
import dev.inward.graph.Movement.ShapeOf;
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
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.LongFunction;

/// Normalisations.
final class NormalizationDecoders {
  private NormalizationDecoders() {}

  static void addTo(Map<OpKey, Decoder> table) {
    table.put(new OpKey("", "BatchNormalization", 7), NormalizationDecoders::batchNorm);
    table.put(new OpKey("", "InstanceNormalization", 7), f -> f.as(new InstanceNorm(epsilon(f))));
    table.put(new OpKey("", "LayerNormalization", 7), NormalizationDecoders::layerNorm);
    table.put(new OpKey("", "RMSNormalization", 23), NormalizationDecoders::rmsNorm);
    table.put(new OpKey("", "SimplifiedLayerNormalization", 1), NormalizationDecoders::rmsNorm);
    table.put(new OpKey("", "GroupNormalization", 18), NormalizationDecoders::groupNormByGroup);
    table.put(new OpKey("", "GroupNormalization", 21), NormalizationDecoders::groupNorm);
    table.put(
        new OpKey("", "LpNormalization", 7),
        f -> f.as(new LpNorm(f.attributes.number("axis", -1), f.attributes.number("p", 2))));
    table.put(new OpKey("", "LRN", 7), NormalizationDecoders::localResponse);
    table.put(new OpKey("", "MeanVarianceNormalization", 7), NormalizationDecoders::meanVariance);
    softmax(table, "Softmax", Softmax::new);
    softmax(table, "LogSoftmax", LogSoftmax::new);
    softmax(table, "Hardmax", Hardmax::new);
  }

  private static void softmax(
      Map<OpKey, Decoder> table, String operator, LongFunction<Normalization> op) {
    table.put(new OpKey("", operator, 7), f -> overAllThatFollow(f, op));
    table.put(new OpKey("", operator, 13), f -> f.as(op.apply(f.attributes.number("axis", -1))));
  }

  /// Before opset 13 these ran over all axes from the given one on, taken as one.
  private static List<Node> overAllThatFollow(Form form, LongFunction<Normalization> op) {
    long axis = form.attributes.number("axis", 1);
    var shape = form.shape(0);
    if (axis == -1 || shape.ranked() && axis == shape.rank() - 1) {
      return form.as(op.apply(axis));
    }
    String flat = form.fresh("flat");
    String done = form.fresh("done");
    String extents = form.fresh("extents");
    return List.of(
        Node.of(new Flatten(axis), form.in, flat),
        Node.of(op.apply(-1), List.of(flat), done),
        Node.of(new ShapeOf(0, OptionalLong.empty()), form.in, extents),
        new Node(form.name, new Reshape(false), List.of(done, extents), form.out));
  }

  private static float epsilon(Form form) {
    return form.attributes.real("epsilon", 1e-5f);
  }

  private static List<Node> batchNorm(Form form) {
    form.attributes.ignore("momentum");
    boolean trains =
        form.attributes.flag("training_mode", false)
            || !form.attributes.flag("spatial", true)
            || form.out.stream().skip(1).anyMatch(o -> !o.isEmpty());
    return trains
        ? form.opaque()
        : form.as(new BatchNorm(epsilon(form)), form.in, form.out.subList(0, 1));
  }

  private static List<Node> layerNorm(Form form) {
    if (form.attributes.number("stash_type", 1) != 1 || form.isRead(1) || form.isRead(2)) {
      return form.opaque();
    }
    return form.as(
        new LayerNorm(form.attributes.number("axis", -1), epsilon(form)),
        form.in,
        form.out.subList(0, 1));
  }

  private static List<Node> rmsNorm(Form form) {
    if (form.attributes.number("stash_type", 1) != 1 || form.isRead(1)) {
      return form.opaque();
    }
    return form.as(
        new RmsNorm(form.attributes.number("axis", -1), epsilon(form)),
        form.in,
        form.out.subList(0, 1));
  }

  private static List<Node> groupNorm(Form form) {
    form.attributes.ignore("stash_type");
    return form.as(new GroupNorm(form.attributes.number("num_groups", 1), epsilon(form)));
  }

  /// In opset 18 a group, not a channel, had one scale: an instance norm over the groups.
  private static List<Node> groupNormByGroup(Form form) {
    String extents = form.fresh("extents");
    String grouped = form.fresh("grouped");
    String done = form.fresh("done");
    String by =
        form.constant("groups", Tensor.vector(0, form.attributes.number("num_groups", 1), -1));
    return List.of(
        Node.of(new ShapeOf(0, OptionalLong.empty()), List.of(form.operand(0)), extents),
        Node.of(new Reshape(false), List.of(form.operand(0), by), grouped),
        Node.of(
            new InstanceNorm(epsilon(form)),
            List.of(grouped, form.operand(1), form.operand(2)),
            done),
        new Node(form.name, new Reshape(false), List.of(done, extents), form.out));
  }

  private static List<Node> localResponse(Form form) {
    var attributes = form.attributes;
    return form.as(
        new LocalResponseNorm(
            attributes.number("size", 1),
            attributes.real("alpha", 1e-4f),
            attributes.real("beta", 0.75f),
            attributes.real("bias", 1)));
  }

  private static List<Node> meanVariance(Form form) {
    List<Long> axes = form.attributes.numbers("axes");
    return form.as(new MeanVarianceNorm(axes.isEmpty() ? List.of(0L, 2L, 3L) : axes));
  }
}
