package dev.inward.onnx;

import dev.inward.base.InputException;
import dev.inward.graph.Movement.Combine;
import dev.inward.graph.Movement.Concat;
import dev.inward.graph.Movement.DepthToSpace;
import dev.inward.graph.Movement.Expand;
import dev.inward.graph.Movement.Flatten;
import dev.inward.graph.Movement.Gather;
import dev.inward.graph.Movement.GatherElements;
import dev.inward.graph.Movement.GatherNd;
import dev.inward.graph.Movement.NonZero;
import dev.inward.graph.Movement.OneHot;
import dev.inward.graph.Movement.Pad;
import dev.inward.graph.Movement.Range;
import dev.inward.graph.Movement.Reshape;
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
import dev.inward.graph.Op;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Operators that move, copy and pick.
final class MovementDecoders {
  private MovementDecoders() {}

  static void addTo(Map<OpKey, Decoder> table) {
    table.put(
        new OpKey("", "Shape", 7),
        f -> f.as(new ShapeOf(f.attributes.number("start", 0), f.attributes.number("end"))));
    table.put(new OpKey("", "Size", 7), f -> f.as(new Size()));
    table.put(
        new OpKey("", "Reshape", 7), f -> f.as(new Reshape(f.attributes.flag("allowzero", false))));
    table.put(new OpKey("", "Flatten", 7), f -> f.as(new Flatten(f.attributes.number("axis", 1))));
    table.put(new OpKey("", "Squeeze", 7), f -> f.as(new Squeeze(f.attributes.numbers("axes"))));
    table.put(new OpKey("", "Squeeze", 13), f -> axesByOperand(f, Squeeze::new, true));
    table.put(
        new OpKey("", "Unsqueeze", 7), f -> f.as(new Unsqueeze(f.attributes.numbers("axes"))));
    table.put(new OpKey("", "Unsqueeze", 13), f -> axesByOperand(f, Unsqueeze::new, false));
    table.put(
        new OpKey("", "Transpose", 7), f -> f.as(new Transpose(f.attributes.numbers("perm"))));
    table.put(new OpKey("", "Concat", 7), f -> f.as(new Concat(required(f, "axis"))));
    table.put(new OpKey("", "Split", 7), MovementDecoders::splitByAttribute);
    table.put(new OpKey("", "Split", 13), MovementDecoders::split);
    table.put(new OpKey("", "Slice", 7), MovementDecoders::sliceByAttributes);
    table.put(new OpKey("", "Slice", 10), f -> f.as(new Slice()));
    table.put(new OpKey("", "Gather", 7), f -> f.as(new Gather(f.attributes.number("axis", 0))));
    table.put(
        new OpKey("", "GatherElements", 7),
        f -> f.as(new GatherElements(f.attributes.number("axis", 0))));
    table.put(
        new OpKey("", "GatherND", 7),
        f -> f.as(new GatherNd(f.attributes.number("batch_dims", 0))));
    Decoder scatter = f -> combined(f, c -> new ScatterElements(f.attributes.number("axis", 0), c));
    table.put(new OpKey("", "Scatter", 7), scatter);
    table.put(new OpKey("", "ScatterElements", 7), scatter);
    table.put(new OpKey("", "ScatterND", 7), f -> combined(f, ScatterNd::new));
    table.put(new OpKey("", "Expand", 7), f -> f.as(new Expand()));
    table.put(new OpKey("", "Tile", 7), f -> f.as(new Tile()));
    table.put(new OpKey("", "Pad", 7), MovementDecoders::padByAttributes);
    table.put(new OpKey("", "Pad", 11), f -> padded(f, f.in));
    table.put(new OpKey("", "DepthToSpace", 7), MovementDecoders::depthToSpace);
    table.put(
        new OpKey("", "SpaceToDepth", 7), f -> f.as(new SpaceToDepth(required(f, "blocksize"))));
    table.put(new OpKey("", "Range", 7), f -> f.as(new Range()));
    table.put(new OpKey("", "OneHot", 7), f -> f.as(new OneHot(f.attributes.number("axis", -1))));
    table.put(new OpKey("", "NonZero", 7), f -> f.as(new NonZero()));
    table.put(new OpKey("", "Trilu", 7), f -> f.as(new Trilu(f.attributes.flag("upper", true))));
    table.put(
        new OpKey("", "ReverseSequence", 7),
        f ->
            f.as(
                new ReverseSequence(
                    f.attributes.number("batch_axis", 1), f.attributes.number("time_axis", 0))));
  }

  private static long required(Form form, String attribute) {
    return form.attributes
        .number(attribute)
        .orElseThrow(() -> InputException.of("states no %s", attribute));
  }

  private static List<Node> axesByOperand(
      Form form, Function<List<Long>, Op> op, boolean optional) {
    var axes = form.has(1) ? form.numbersAt(1) : Optional.of(List.<Long>of());
    if (axes.isEmpty() || axes.get().isEmpty() && !optional) {
      return form.opaque();
    }
    return form.as(op.apply(axes.get()), List.of(form.operand(0)));
  }

  private static List<Node> splitByAttribute(Form form) {
    return form.as(new Split(form.attributes.number("axis", 0), form.attributes.numbers("split")));
  }

  private static List<Node> split(Form form) {
    long parts = form.attributes.number("num_outputs", form.out.size());
    var sizes = form.has(1) ? form.numbersAt(1) : Optional.of(List.<Long>of());
    if (sizes.isEmpty() || parts != form.out.size()) {
      return form.opaque();
    }
    return form.as(
        new Split(form.attributes.number("axis", 0), sizes.get()), List.of(form.operand(0)));
  }

  private static List<Node> sliceByAttributes(Form form) {
    List<String> operands = new ArrayList<>(List.of(form.operand(0)));
    for (String name : List.of("starts", "ends", "axes")) {
      if (form.attributes.has(name)) {
        operands.add(form.constant(name, vector(form.attributes.numbers(name))));
      }
    }
    return form.as(new Slice(), operands);
  }

  static Tensor vector(List<Long> values) {
    return Tensor.vector(values.stream().mapToLong(Long::longValue).toArray());
  }

  private static List<Node> combined(Form form, Function<Combine, Op> op) {
    return switch (form.attributes.text("reduction").orElse("none")) {
      case "none" -> form.as(op.apply(Combine.REPLACE));
      case "add" -> form.as(op.apply(Combine.ADD));
      case "mul" -> form.as(op.apply(Combine.MUL));
      case "max" -> form.as(op.apply(Combine.MAX));
      case "min" -> form.as(op.apply(Combine.MIN));
      default -> form.opaque();
    };
  }

  private static List<Node> padByAttributes(Form form) {
    String pads = form.constant("pads", vector(form.attributes.numbers("pads")));
    float value = form.attributes.real("value", 0);
    List<String> operands = new ArrayList<>(List.of(form.operand(0), pads));
    if (value != 0) {
      operands.add(form.scalarLike("value", value));
    }
    return padded(form, operands);
  }

  private static List<Node> padded(Form form, List<String> operands) {
    return switch (form.attributes.text("mode").orElse("constant")) {
      case "constant" -> form.as(new Pad(Pad.Mode.CONSTANT), operands);
      case "reflect" -> form.as(new Pad(Pad.Mode.REFLECT), operands);
      case "edge" -> form.as(new Pad(Pad.Mode.EDGE), operands);
      case "wrap" -> form.as(new Pad(Pad.Mode.WRAP), operands);
      default -> form.opaque();
    };
  }

  private static List<Node> depthToSpace(Form form) {
    long block = required(form, "blocksize");
    return switch (form.attributes.text("mode").orElse("DCR")) {
      case "DCR" -> form.as(new DepthToSpace(block, false));
      case "CRD" -> form.as(new DepthToSpace(block, true));
      default -> form.opaque();
    };
  }
}
