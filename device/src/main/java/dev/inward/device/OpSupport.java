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

/// Which generation of the Neural Engine computes an op at all, shapes aside.
///
/// Source: op catalogue of sbryngelson/ANEForge (M1, M2 and M5 measured), as of August 2026; where
/// Core ML is known to place an op elsewhere although the engine could, that holds. Single entries
/// are as sure as one person's measurement on a few machines.
///
/// @param since the first generation; [#NEVER] where none does
/// @param rule why not, for a person
record OpSupport(int since, String rule) {
  static final int NEVER = Integer.MAX_VALUE;

  private static final OpSupport ALWAYS = new OpSupport(0, "");

  private static OpSupport never(String rule) {
    return new OpSupport(NEVER, rule);
  }

  private static OpSupport from(int generation, String what) {
    return new OpSupport(
        generation, "the Neural Engine computes %s from A%d on".formatted(what, generation));
  }

  static OpSupport of(Op op) {
    return switch (op) {
      case Elementwise elementwise -> elementwise(elementwise);
      case Product _ -> ALWAYS;
      case Windowed _ -> ALWAYS;
      case Normalization normalization -> normalization(normalization);
      case Reduction reduction -> reduction(reduction);
      case Movement movement -> movement(movement);
      case Quantization quantization -> quantization(quantization);
      case Recurrent _ -> never("recurrent cells never run on the Neural Engine");
      case Opaque _ -> never("this version does not know the op");
    };
  }

  private static OpSupport elementwise(Elementwise op) {
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

  private static OpSupport unary(Elementwise.Unary.Function function) {
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
      case SIN, COS -> from(15, "sine and cosine");
      case TAN, ASIN, ACOS, ATAN, SINH, COSH, ASINH, ACOSH, ATANH ->
          never("the Neural Engine has no inverse, hyperbolic or tangent functions");
      case BITWISE_NOT, IS_NAN -> never("the Neural Engine has no bit operations");
    };
  }

  private static OpSupport binary(Elementwise.Binary.Function function) {
    return switch (function) {
      case ADD, SUB, MUL, DIV, POW, EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, PRELU ->
          ALWAYS;
      case MOD, FMOD -> never("the Neural Engine has no remainder");
      case AND, OR, XOR -> never("the Neural Engine has no logical and, or, xor");
      case BITWISE_AND, BITWISE_OR, BITWISE_XOR, SHIFT_LEFT, SHIFT_RIGHT ->
          never("the Neural Engine has no bit operations");
    };
  }

  private static OpSupport normalization(Normalization op) {
    return switch (op) {
      case Normalization.BatchNorm _,
          Normalization.LayerNorm _,
          Normalization.RmsNorm _,
          Normalization.InstanceNorm _,
          Normalization.GroupNorm _,
          Normalization.LpNorm _,
          Normalization.LocalResponseNorm _,
          Normalization.MeanVarianceNorm _,
          Normalization.Softmax _,
          Normalization.LogSoftmax _ ->
          ALWAYS;
      case Normalization.Hardmax _ ->
          never("Core ML computes the index of a largest element on the CPU");
    };
  }

  private static OpSupport reduction(Reduction op) {
    return switch (op) {
      case Reduction.Reduce(var function, _, _) ->
          function == Reduction.Reduce.Function.PROD
              ? never("the Neural Engine has no product over an axis")
              : ALWAYS;
      case Reduction.ArgReduce _ ->
          never("Core ML computes the index of a largest element on the CPU");
      case Reduction.TopK _ -> from(14, "the largest elements");
      case Reduction.CumSum _ -> never("the Neural Engine has no running sum");
    };
  }

  private static OpSupport movement(Movement op) {
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
            case REFLECT -> from(14, "reflected padding");
            case EDGE, WRAP -> never("the Neural Engine pads with a constant or a reflection");
          };
      case Movement.Resize _ -> from(14, "resizing");
      case Movement.GridSample _ -> from(14, "sampling on a grid");
      case Movement.Gather _, Movement.GatherElements _, Movement.GatherNd _ ->
          never("Core ML looks up on the CPU (embeddings in apple/ml-ane-transformers)");
      case Movement.ScatterElements _, Movement.ScatterNd _ ->
          never("scattering never runs on the Neural Engine");
      case Movement.ShapeOf _, Movement.Size _, Movement.ConstantOfShape _, Movement.Range _ ->
          never("shapes are computed on the CPU");
      case Movement.OneHot _, Movement.NonZero _, Movement.Trilu _, Movement.ReverseSequence _ ->
          never("the Neural Engine has no such op");
    };
  }

  private static OpSupport quantization(Quantization op) {
    return switch (op) {
      case Quantization.Quantize _, Quantization.Dequantize _ -> ALWAYS;
      case Quantization.DynamicQuantize _,
          Quantization.MatMulInteger _,
          Quantization.ConvInteger _,
          Quantization.QLinearConv _,
          Quantization.QLinearMatMul _ ->
          never("Core ML has no such op; it quantises with a fixed scale");
    };
  }
}
