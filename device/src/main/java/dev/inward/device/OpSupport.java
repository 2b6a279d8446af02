package dev.inward.device;

import dev.inward.graph.Elementwise;
import dev.inward.graph.Movement;
import dev.inward.graph.Normalization;
import dev.inward.graph.Op;
import dev.inward.graph.Opaque;
import dev.inward.graph.Product;
import dev.inward.graph.Quantization;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Reduction;
import dev.inward.graph.Windowed;
import java.util.Optional;
import java.util.OptionalLong;

/// Which ops the Neural Engine computes at all, and from which generation on, shapes aside; where
/// Core ML is known to place an op elsewhere although the engine could, that holds.
///
/// @param rule which the op falls under; one with a generation as its limit holds before that one
/// @param what the op in words, or the whole reason
record OpSupport(Rule rule, String what) {
  private static final Optional<OpSupport> ALWAYS = Optional.empty();

  private static Optional<OpSupport> never(Rule rule, String reason) {
    return Optional.of(new OpSupport(rule, reason));
  }

  private static Optional<OpSupport> from(Rule rule, String what) {
    return Optional.of(new OpSupport(rule, what));
  }

  /// Why a chip's engine does not compute an op; empty where it does, and where the chip has none
  /// but another unit could take its place.
  static Optional<Reason> against(Op op, Chip chip) {
    OpSupport support = of(op).orElse(null);
    if (support == null) {
      return Optional.empty();
    }
    var first = support.rule() == Rule.LOOKUP ? OptionalLong.empty() : support.rule().limit(chip);
    if (first.isEmpty()) {
      return Optional.of(new Reason(support.rule(), support.what()));
    }
    return !chip.neuralEngine() || chip.generation() >= first.getAsLong()
        ? Optional.empty()
        : Optional.of(
            Reason.of(
                support.rule(),
                "the Neural Engine computes %s from %s on",
                support.what(),
                Chip.since((int) first.getAsLong())));
  }

  /// The rule that an op falls under; empty where every engine has the op.
  static Optional<OpSupport> of(Op op) {
    return switch (op) {
      case Elementwise elementwise -> elementwise(elementwise);
      case Product _ -> ALWAYS;
      case Windowed _ -> ALWAYS;
      case Normalization normalization -> normalization(normalization);
      case Reduction reduction -> reduction(reduction);
      case Movement movement -> movement(movement);
      case Quantization quantization -> quantization(quantization);
      case Recurrent _ -> never(Rule.RECURRENCE, "recurrent cells never run on the Neural Engine");
      case Opaque _ -> never(Rule.UNKNOWN_OP, "this version does not know the op");
    };
  }

  private static Optional<OpSupport> elementwise(Elementwise op) {
    return switch (op) {
      case Elementwise.Unary(var function) -> unary(function);
      case Elementwise.Binary(var function) -> binary(function);
      case Elementwise.Variadic _,
          Elementwise.Where _,
          Elementwise.Clip _,
          Elementwise.Cast _,
          Elementwise.LeakyRelu _,
          Elementwise.Elu _,
          Elementwise.Selu _,
          Elementwise.Celu _,
          Elementwise.ThresholdedRelu _,
          Elementwise.HardSigmoid _,
          Elementwise.Shrink _,
          Elementwise.Swish _,
          Elementwise.Gelu _ ->
          ALWAYS;
    };
  }

  private static Optional<OpSupport> unary(Elementwise.Unary.Function function) {
    return switch (function) {
      case IDENTITY,
          ABS,
          NEG,
          EXP,
          LOG,
          SQRT,
          RECIPROCAL,
          FLOOR,
          CEIL,
          ROUND,
          SIGN,
          ERF,
          RELU,
          SIGMOID,
          TANH,
          SOFTPLUS,
          SOFTSIGN,
          HARD_SWISH,
          MISH,
          NOT ->
          ALWAYS;
      case SIN, COS -> from(Rule.TRIGONOMETRY, "sine and cosine");
      case TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH ->
          never(
              Rule.NO_SUCH_OP, "the Neural Engine has no inverse, hyperbolic or tangent functions");
      case BITWISE_NOT, IS_NAN -> never(Rule.NO_SUCH_OP, "the Neural Engine has no bit operations");
    };
  }

  private static Optional<OpSupport> binary(Elementwise.Binary.Function function) {
    return switch (function) {
      case ADD, SUB, MUL, DIV, POW, EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, PRELU ->
          ALWAYS;
      case MOD, FMOD -> never(Rule.NO_SUCH_OP, "the Neural Engine has no remainder");
      case AND, OR, XOR -> never(Rule.NO_SUCH_OP, "the Neural Engine has no logical and, or, xor");
      case BITWISE_AND, BITWISE_OR, BITWISE_XOR, SHIFT_LEFT, SHIFT_RIGHT ->
          never(Rule.NO_SUCH_OP, "the Neural Engine has no bit operations");
    };
  }

  private static Optional<OpSupport> normalization(Normalization op) {
    return switch (op) {
      case Normalization.BatchNorm _, Normalization.LocalResponseNorm _ -> ALWAYS;
      case Normalization.LayerNorm _,
          Normalization.RmsNorm _,
          Normalization.InstanceNorm _,
          Normalization.GroupNorm _,
          Normalization.LpNorm _,
          Normalization.MeanVarianceNorm _ ->
          from(Rule.REDUCTION, "normalisations by statistics");
      case Normalization.Softmax _, Normalization.LogSoftmax _ -> from(Rule.REDUCTION, "softmax");
      case Normalization.Hardmax _ ->
          never(Rule.LARGEST_INDEX, "Core ML computes the index of a largest element on the CPU");
    };
  }

  private static Optional<OpSupport> reduction(Reduction op) {
    return switch (op) {
      case Reduction.Reduce(var function, _, _) ->
          function == Reduction.Reduce.Function.PROD
              ? never(Rule.NO_SUCH_OP, "the Neural Engine has no product over an axis")
              : from(Rule.REDUCTION, "reductions");
      case Reduction.ArgReduce(var largest, _, _, _) ->
          largest ? ALWAYS : from(Rule.SMALLEST_INDEX, "the index of a smallest element");
      case Reduction.TopK _ -> from(Rule.RANKING, "the largest elements");
      case Reduction.CumSum _ -> never(Rule.NO_SUCH_OP, "the Neural Engine has no running sum");
    };
  }

  private static Optional<OpSupport> movement(Movement op) {
    return switch (op) {
      case Movement.Reshape _,
          Movement.Flatten _,
          Movement.Squeeze _,
          Movement.Unsqueeze _,
          Movement.Transpose _,
          Movement.Concat _,
          Movement.Split _,
          Movement.Slice _,
          Movement.Expand _,
          Movement.Tile _,
          Movement.DepthToSpace _,
          Movement.SpaceToDepth _ ->
          ALWAYS;
      case Movement.Pad(var mode) ->
          switch (mode) {
            case CONSTANT -> ALWAYS;
            case REFLECT -> from(Rule.REFLECTION, "reflected padding");
            case EDGE, WRAP ->
                never(Rule.PAD_MODE, "the Neural Engine pads with a constant or a reflection");
          };
      case Movement.Resize _ -> from(Rule.TEXTURE, "resizing");
      case Movement.GridSample _ -> from(Rule.TEXTURE, "sampling on a grid");
      case Movement.Gather _, Movement.GatherElements _, Movement.GatherNd _ ->
          never(
              Rule.LOOKUP, "Core ML looks up on the CPU (embeddings in apple/ml-ane-transformers)");
      case Movement.ScatterElements _, Movement.ScatterNd _ ->
          never(Rule.SCATTER, "scattering never runs on the Neural Engine");
      case Movement.ShapeOf _, Movement.Size _, Movement.ConstantOfShape _, Movement.Range _ ->
          never(Rule.SHAPE_ARITHMETIC, "shapes are computed on the CPU");
      case Movement.OneHot _, Movement.NonZero _, Movement.Trilu _, Movement.ReverseSequence _ ->
          never(Rule.NO_SUCH_OP, "the Neural Engine has no such op");
    };
  }

  private static Optional<OpSupport> quantization(Quantization op) {
    return switch (op) {
      case Quantization.Quantize _, Quantization.Dequantize _ -> ALWAYS;
      case Quantization.DynamicQuantize _,
          Quantization.MatMulInteger _,
          Quantization.ConvInteger _,
          Quantization.QLinearConv _,
          Quantization.QLinearMatMul _ ->
          never(Rule.NO_SUCH_OP, "Core ML has no such op; it quantises with a fixed scale");
    };
  }
}
