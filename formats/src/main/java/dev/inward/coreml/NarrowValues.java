package dev.inward.coreml;

import dev.inward.graph.Elementwise;
import dev.inward.graph.Movement;
import dev.inward.graph.Op;
import dev.inward.graph.Opaque;
import dev.inward.graph.Quantization;

/// Whole numbers of 8 and 16 bits: Core ML moves them, but computes in 32 bits. An op that is no
/// mere movement gets them widened, and its result is brought back, wrapped around as ONNX has it.
final class NarrowValues {
  private final Site site;
  private final boolean computes;

  NarrowValues(Site site) {
    this.site = site;
    this.computes = computes(site.node.op());
  }

  private static boolean isNarrow(MilType type) {
    return switch (type) {
      case INT8, UINT8, INT16, UINT16 -> true;
      default -> false;
    };
  }

  private static boolean computes(Op op) {
    return switch (op) {
      case Elementwise.Cast _, Quantization _, Opaque _ -> false;
      case Elementwise.Unary(var function) -> function != Elementwise.Unary.Function.IDENTITY;
      case Movement.ShapeOf _,
          Movement.Size _,
          Movement.Reshape _,
          Movement.Flatten _,
          Movement.Squeeze _,
          Movement.Unsqueeze _,
          Movement.Transpose _,
          Movement.Concat _,
          Movement.Slice _,
          Movement.Gather _,
          Movement.GatherElements _,
          Movement.GatherNd _,
          Movement.ReverseSequence _ ->
          false;
      default -> true;
    };
  }

  Mil.Var widened(Mil.Var value) {
    return computes && isNarrow(value.type())
        ? site.cast(value, MilType.INT32, value.name() + "_wide")
        : value;
  }

  /// Whether a result of this type is made as int32.
  boolean through(MilType type) {
    return computes && isNarrow(type);
  }

  /// A result in the type that it is to have.
  Mil.Var back(Mil.Var value, MilType type) {
    if (!through(type) || value.type() != MilType.INT32) {
      return value;
    }
    Mil.Var wrapped = value;
    if (wraps(site.node.op())) {
      long half = type == MilType.INT8 || type == MilType.INT16 ? 1L << (type.bits() - 1) : 0;
      Mil.Var range = site.whole("range", 1L << type.bits());
      if (half == 0) {
        wrapped = site.apply("mod", "wrapped", value, range);
      } else {
        Mil.Var offset = site.whole("half", half);
        Mil.Var shifted = site.apply("add", "shifted", value, offset);
        wrapped = site.apply("sub", "wrapped", site.apply("mod", "rest", shifted, range), offset);
      }
    }
    return site.cast(wrapped, type, "narrow");
  }

  /// Whether an op can leave the range of its operands.
  private static boolean wraps(Op op) {
    return switch (op) {
      case Elementwise.Binary(var function) ->
          switch (function) {
            case ADD, SUB, MUL, POW, DIV, SHIFT_LEFT -> true;
            default -> false;
          };
      case Elementwise.Unary(var function) ->
          function == Elementwise.Unary.Function.NEG || function == Elementwise.Unary.Function.ABS;
      case Elementwise.Variadic(var function) -> function == Elementwise.Variadic.Function.SUM;
      default -> false;
    };
  }
}
