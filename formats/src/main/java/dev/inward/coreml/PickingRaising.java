package dev.inward.coreml;

import dev.inward.graph.DataType;
import dev.inward.graph.Movement;
import dev.inward.graph.Tensor;
import java.util.List;

/// Reads the ops that pick and place by index.
final class PickingRaising {
  private PickingRaising() {}

  static boolean raise(Source source) {
    switch (source.type()) {
      case "gather" -> {
        validated(source);
        if (source.integer("batch_dims", 0) != 0) {
          throw source.refused("batch axes");
        }
        source.add(
            new Movement.Gather(source.axis(source.integer("axis", 0), source.var("x").rank())),
            source.x("x"),
            source.x("indices"));
      }
      case "gather_along_axis" -> {
        validated(source);
        source.add(
            new Movement.GatherElements(
                source.axis(source.integer("axis", 0), source.var("x").rank())),
            source.x("x"),
            source.x("indices"));
      }
      case "gather_nd" -> {
        validated(source);
        source.add(
            new Movement.GatherNd(source.integer("batch_dims", 0)),
            source.x("x"),
            source.x64("indices"));
      }
      case "scatter_along_axis" -> {
        validated(source);
        source.add(
            new Movement.ScatterElements(
                source.axis(source.integer("axis", 0), source.var("data").rank()), combine(source)),
            source.x("data"),
            source.x("indices"),
            source.x("updates"));
      }
      case "scatter_nd" -> {
        validated(source);
        source.add(
            new Movement.ScatterNd(combine(source)),
            source.x("data"),
            source.x64("indices"),
            source.x("updates"));
      }
      case "one_hot" -> oneHot(source);
      default -> {
        return false;
      }
    }
    return true;
  }

  /// Whether indices are checked when the model runs changes no result.
  private static void validated(Source source) {
    source.flag("validate_indices", false);
  }

  private static Movement.Combine combine(Source source) {
    return switch (source.text("mode", "add")) {
      case "update" -> Movement.Combine.REPLACE;
      case "add" -> Movement.Combine.ADD;
      case "mul" -> Movement.Combine.MUL;
      case "max" -> Movement.Combine.MAX;
      case "min" -> Movement.Combine.MIN;
      default -> throw source.refused("the mode '%s'", source.text("mode"));
    };
  }

  private static void oneHot(Source source) {
    DataType type = source.real(source.result());
    float on = source.number("on_value", 1);
    float off = source.number("off_value", 0);
    Tensor values =
        type.isFloat()
            ? Tensor.dense(
                type,
                List.of(2L),
                type == DataType.FLOAT16
                    ? Constants.halves(off, on)
                    : dev.inward.graph.Storage.of(off, on))
            : Tensor.dense(
                type,
                List.of(2L),
                Constants.whole(
                    type == DataType.BOOL ? MilType.BOOL : MilType.INT32, (long) off, (long) on));
    source.add(
        new Movement.OneHot(source.integer("axis", -1)),
        source.x64("indices"),
        source.constant("depth", Tensor.scalar(source.integer("one_hot_vector_size"))),
        source.constant("values", values));
  }
}
