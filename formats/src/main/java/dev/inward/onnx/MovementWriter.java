package dev.inward.onnx;

import dev.inward.graph.Movement;
import dev.inward.graph.Movement.Combine;
import dev.inward.graph.Movement.Concat;
import dev.inward.graph.Movement.ConstantOfShape;
import dev.inward.graph.Movement.DepthToSpace;
import dev.inward.graph.Movement.Expand;
import dev.inward.graph.Movement.Flatten;
import dev.inward.graph.Movement.Gather;
import dev.inward.graph.Movement.GatherElements;
import dev.inward.graph.Movement.GatherNd;
import dev.inward.graph.Movement.GridSample;
import dev.inward.graph.Movement.NonZero;
import dev.inward.graph.Movement.OneHot;
import dev.inward.graph.Movement.Pad;
import dev.inward.graph.Movement.Range;
import dev.inward.graph.Movement.Reshape;
import dev.inward.graph.Movement.Resize;
import dev.inward.graph.Movement.ReverseSequence;
import dev.inward.graph.Movement.ScatterElements;
import dev.inward.graph.Movement.ScatterNd;
import dev.inward.graph.Movement.ShapeOf;
import dev.inward.graph.Movement.Size;
import dev.inward.graph.Movement.Slice;
import dev.inward.graph.Movement.SpaceToDepth;
import dev.inward.graph.Movement.Split;
import dev.inward.graph.Movement.Squeeze;
import dev.inward.graph.Movement.Tile;
import dev.inward.graph.Movement.Transpose;
import dev.inward.graph.Movement.Trilu;
import dev.inward.graph.Movement.Unsqueeze;
import dev.inward.graph.Node;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;

/// Movements in ONNX.
final class MovementWriter {
  private MovementWriter() {}

  static void write(Emit emit, Node node, Movement op) {
    switch (op) {
      case ShapeOf(long start, OptionalLong end) -> {
        var attributes = start == 0 ? Attrs.none() : Attrs.none().number("start", start);
        end.ifPresent(e -> attributes.number("end", e));
        emit.as(node, "Shape", attributes);
      }
      case Size() -> emit.as(node, "Size");
      case Reshape(boolean allowZero) ->
          emit.as(node, "Reshape", allowZero ? Attrs.none().number("allowzero", 1) : Attrs.none());
      case Flatten(long axis) -> emit.as(node, "Flatten", axis(axis));
      case Squeeze(var axes) -> axes(emit, node, "Squeeze", axes);
      case Unsqueeze(var axes) -> axes(emit, node, "Unsqueeze", axes);
      case Transpose(var permutation) ->
          emit.as(node, "Transpose", Attrs.none().numbers("perm", permutation));
      case Concat(long axis) -> emit.as(node, "Concat", axis(axis));
      case Split split -> split(emit, node, split);
      case Slice() -> emit.as(node, "Slice");
      case Gather(long axis) -> emit.as(node, "Gather", axis(axis));
      case GatherElements(long axis) -> emit.as(node, "GatherElements", axis(axis));
      case GatherNd(long batchDims) ->
          emit.as(
              node,
              "GatherND",
              batchDims == 0 ? Attrs.none() : Attrs.none().number("batch_dims", batchDims));
      case ScatterElements(long axis, var combine) ->
          emit.as(node, "ScatterElements", combined(axis(axis), combine));
      case ScatterNd(var combine) -> emit.as(node, "ScatterND", combined(Attrs.none(), combine));
      case Expand() -> emit.as(node, "Expand");
      case Tile() -> emit.as(node, "Tile");
      case Pad(var mode) ->
          emit.as(node, "Pad", Attrs.none().text("mode", mode.name().toLowerCase(Locale.ROOT)));
      case Resize resize -> resize(emit, node, resize);
      case DepthToSpace(long block, boolean columnFirst) ->
          emit.as(
              node,
              "DepthToSpace",
              Attrs.none().number("blocksize", block).text("mode", columnFirst ? "CRD" : "DCR"));
      case SpaceToDepth(long block) ->
          emit.as(node, "SpaceToDepth", Attrs.none().number("blocksize", block));
      case ConstantOfShape(var value) ->
          emit.as(
              node, "ConstantOfShape", Attrs.none().tensor("value", value.withDims(List.of(1L))));
      case Range() -> emit.as(node, "Range");
      case OneHot(long axis) -> emit.as(node, "OneHot", axis(axis));
      case NonZero() -> emit.as(node, "NonZero");
      case Trilu(boolean upper) -> emit.as(node, "Trilu", Attrs.none().flag("upper", upper));
      case ReverseSequence(long batchAxis, long timeAxis) ->
          emit.as(
              node,
              "ReverseSequence",
              Attrs.none().number("batch_axis", batchAxis).number("time_axis", timeAxis));
      case GridSample(var mode, var padding, boolean alignCorners) ->
          emit.as(
              node,
              "GridSample",
              Attrs.none()
                  .text("mode", sampling(emit.opset, mode))
                  .text("padding_mode", padding.name().toLowerCase(Locale.ROOT))
                  .flag("align_corners", alignCorners));
    }
  }

  private static Attrs axis(long axis) {
    return Attrs.none().number("axis", axis);
  }

  private static void axes(Emit emit, Node node, String operator, List<Long> axes) {
    if (emit.opset < 13) {
      emit.as(node, operator, Attrs.none().numbers("axes", axes));
    } else if (axes.isEmpty()) {
      emit.as(node, operator);
    } else {
      String operand = emit.constant(node, "axes", MovementDecoders.vector(axes));
      emit.as(node, operator, List.of(node.operand(0), operand), Attrs.none());
    }
  }

  private static void split(Emit emit, Node node, Split split) {
    var attributes = axis(split.axis());
    if (split.sizes().isEmpty()) {
      emit.as(
          node,
          "Split",
          emit.opset < 18 ? attributes : attributes.number("num_outputs", node.out().size()));
    } else if (emit.opset < 13) {
      emit.as(node, "Split", attributes.numbers("split", split.sizes()));
    } else {
      String sizes = emit.constant(node, "sizes", MovementDecoders.vector(split.sizes()));
      emit.as(node, "Split", List.of(node.operand(0), sizes), attributes);
    }
  }

  private static Attrs combined(Attrs attributes, Combine combine) {
    return switch (combine) {
      case REPLACE -> attributes;
      case ADD, MUL, MAX, MIN ->
          attributes.text("reduction", combine.name().toLowerCase(Locale.ROOT));
    };
  }

  private static void resize(Emit emit, Node node, Resize resize) {
    List<String> in = new ArrayList<>(node.in());
    for (int i = 1; emit.opset < 13 && i < 3; i++) {
      if (!node.has(i)) {
        String nothing = emit.constant(node, "nothing", Tensor.ofFloats(List.of(0L)));
        if (i < in.size()) {
          in.set(i, nothing);
        } else {
          in.add(nothing);
        }
      }
    }
    var attributes =
        Attrs.none()
            .text("mode", resize.mode().name().toLowerCase(Locale.ROOT))
            .text(
                "coordinate_transformation_mode",
                resize.coordinates().name().toLowerCase(Locale.ROOT))
            .text("nearest_mode", resize.nearest().name().toLowerCase(Locale.ROOT))
            .real("cubic_coeff_a", resize.cubicA())
            .flag("exclude_outside", resize.excludeOutside())
            .real("extrapolation_value", resize.extrapolation());
    if (emit.opset >= 18) {
      attributes
          .flag("antialias", resize.antialias())
          .numbers("axes", resize.axes())
          .text("keep_aspect_ratio_policy", resize.aspect().name().toLowerCase(Locale.ROOT));
    }
    emit.as(node, "Resize", in, attributes);
  }

  /// The names before and from opset 20 on.
  private static String sampling(int opset, Resize.Interpolation mode) {
    return switch (mode) {
      case NEAREST -> "nearest";
      case LINEAR -> opset < 20 ? "bilinear" : "linear";
      case CUBIC -> opset < 20 ? "bicubic" : "cubic";
    };
  }
}
