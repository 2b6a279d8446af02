package dev.inward.onnx;

import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Opaque;
import dev.inward.graph.Product;
import dev.inward.graph.Quantization;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Reduction;
import dev.inward.graph.Tensor;
import dev.inward.graph.Windowed;
import java.util.OptionalLong;

/// The oldest opset in which an op or a constant can be written.
final class OpsetNeed {
  /// No form older than this one's is written.
  static final int OLDEST = 11;

  private OpsetNeed() {}

  static int of(Graph graph, Node node) {
    return switch (node.op()) {
      case Elementwise op -> elementwise(op);
      case Product op -> product(op);
      case Windowed op -> windowed(op);
      case Normalization op -> normalization(op);
      case Reduction _ -> 12;
      case Movement op -> movement(graph, node, op);
      case Quantization op -> quantization(graph, node, op);
      case Recurrent cell -> cell.batchFirst() ? 14 : OLDEST;
      case Opaque _ -> OLDEST;
    };
  }

  static int of(Tensor tensor) {
    return switch (tensor.encoding()) {
      case Encoding.Dense(var stored, _) -> ofType(stored);
      case Encoding.Affine(var codes, _, var scale, _) -> {
        int block = AffineForm.of(tensor.dims(), scale.dims()).block() > 0 ? 21 : 13;
        int type = tensor.dtype() == DataType.FLOAT32 ? 13 : 19;
        yield Math.max(Math.max(block, type), ofCodes(codes));
      }
      case Encoding.Palette _, Encoding.Vectors _, Encoding.Scaled _, Encoding.Sparse _ ->
          ofType(tensor.dtype());
    };
  }

  private static int ofType(DataType type) {
    return switch (type) {
      case INT4, UINT4 -> 21;
      case BFLOAT16 -> 13;
      default -> OLDEST;
    };
  }

  private static int ofCodes(DataType codes) {
    return switch (codes) {
      case INT4, UINT4, INT16, UINT16 -> 21;
      default -> 13;
    };
  }

  private static int elementwise(Elementwise op) {
    return switch (op) {
      case Elementwise.Unary(var function) ->
          switch (function) {
            case HARD_SWISH -> 14;
            case MISH, BITWISE_NOT -> 18;
            default -> OLDEST;
          };
      case Elementwise.Binary(var function) ->
          switch (function) {
            case BITWISE_AND, BITWISE_OR, BITWISE_XOR -> 18;
            case LESS_OR_EQUAL, GREATER_OR_EQUAL -> 12;
            default -> OLDEST;
          };
      case Elementwise.Cast(var to) -> ofType(to);
      case Elementwise.Celu _ -> 12;
      case Elementwise.Clip _ -> 12;
      case Elementwise.Variadic _,
          Elementwise.Where _,
          Elementwise.LeakyRelu _,
          Elementwise.Elu _,
          Elementwise.Selu _,
          Elementwise.ThresholdedRelu _,
          Elementwise.HardSigmoid _,
          Elementwise.Shrink _,
          Elementwise.Swish _,
          Elementwise.Gelu _ ->
          OLDEST;
    };
  }

  private static int product(Product op) {
    return switch (op) {
      case Product.Einsum _ -> 12;
      case Product.Attention(_, boolean causal) -> causal ? 14 : 13;
      case Product.MatMul _, Product.Linear _, Product.Gemm _ -> OLDEST;
    };
  }

  private static int windowed(Windowed op) {
    return switch (op) {
      case Windowed.Pool pool ->
          switch (pool.kind()) {
            case MAX -> OLDEST;
            case AVERAGE -> WindowedWriter.dilates(pool.window()) ? 19 : OLDEST;
            case LP -> WindowedWriter.dilates(pool.window()) || pool.ceil() ? 18 : OLDEST;
          };
      case Windowed.Conv _, Windowed.ConvTranspose _, Windowed.GlobalPool _ -> OLDEST;
    };
  }

  private static int normalization(Normalization op) {
    return switch (op) {
      case Normalization.LayerNorm _ -> 17;
      case Normalization.RmsNorm _ -> 23;
      case Normalization.GroupNorm _ -> 21;
      case Normalization.Softmax _, Normalization.LogSoftmax _, Normalization.Hardmax _ -> 13;
      case Normalization.BatchNorm _,
          Normalization.InstanceNorm _,
          Normalization.LpNorm _,
          Normalization.LocalResponseNorm _,
          Normalization.MeanVarianceNorm _ ->
          OLDEST;
    };
  }

  private static int movement(Graph graph, Node node, Movement op) {
    return switch (op) {
      case Movement.ShapeOf(long start, OptionalLong end) ->
          start != 0 || end.isPresent() ? 15 : OLDEST;
      case Movement.Reshape(boolean allowZero) -> allowZero ? 14 : OLDEST;
      case Movement.Split split -> split(graph, node, split);
      case Movement.GatherNd(long batchDims) -> batchDims == 0 ? OLDEST : 12;
      case Movement.ScatterElements(_, var combine) -> combined(combine);
      case Movement.ScatterNd(var combine) -> combined(combine);
      case Movement.Pad(var mode) ->
          mode == Movement.Pad.Mode.WRAP ? 19 : node.has(3) ? 18 : OLDEST;
      case Movement.Resize resize -> {
        if (resize.coordinates() == Movement.Resize.Coordinates.HALF_PIXEL_SYMMETRIC) {
          yield 19;
        }
        boolean newer =
            resize.antialias()
                || !resize.axes().isEmpty()
                || resize.aspect() != Movement.Resize.AspectPolicy.STRETCH;
        yield newer ? 18 : OLDEST;
      }
      case Movement.Trilu _ -> 14;
      case Movement.GridSample _ -> {
        var x = graph.shape(node.operand(0));
        yield x.ranked() && x.rank() == 4 ? 16 : 20;
      }
      case Movement.Size _,
          Movement.Flatten _,
          Movement.Squeeze _,
          Movement.Unsqueeze _,
          Movement.Transpose _,
          Movement.Concat _,
          Movement.Slice _,
          Movement.Gather _,
          Movement.GatherElements _,
          Movement.Expand _,
          Movement.Tile _,
          Movement.DepthToSpace _,
          Movement.SpaceToDepth _,
          Movement.ConstantOfShape _,
          Movement.Range _,
          Movement.OneHot _,
          Movement.NonZero _,
          Movement.ReverseSequence _ ->
          OLDEST;
    };
  }

  private static int combined(Movement.Combine combine) {
    return switch (combine) {
      case REPLACE -> OLDEST;
      case ADD, MUL -> 16;
      case MAX, MIN -> 18;
    };
  }

  /// Parts of unequal size by number only since opset 18.
  private static int split(Graph graph, Node node, Movement.Split split) {
    var x = graph.shape(node.operand(0));
    return split.sizes().isEmpty()
            && !(x.ranked()
                && x.dim((int) split.axis()) instanceof Dim.Known(long size)
                && size % node.out().size() == 0)
        ? 18
        : OLDEST;
  }

  private static int quantization(Graph graph, Node node, Quantization op) {
    return switch (op) {
      case Quantization.Quantize(var to, _, long block) -> {
        boolean stated = !node.has(2) && to != DataType.UINT8;
        yield Math.max(stated ? 21 : coded(graph, node, block), ofCodes(to));
      }
      case Quantization.Dequantize(_, long block) ->
          Math.max(
              coded(graph, node, block),
              graph.type(node.operand(0)).map(t -> ofCodes(t.dtype())).orElse(13));
      case Quantization.DynamicQuantize _,
          Quantization.MatMulInteger _,
          Quantization.ConvInteger _,
          Quantization.QLinearConv _,
          Quantization.QLinearMatMul _ ->
          OLDEST;
    };
  }

  private static int coded(Graph graph, Node node, long block) {
    boolean single =
        graph.type(node.operand(1)).map(t -> t.dtype() == DataType.FLOAT32).orElse(true);
    return block > 0 ? 21 : single ? 13 : 19;
  }
}
