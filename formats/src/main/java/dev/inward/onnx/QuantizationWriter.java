package dev.inward.onnx;

import dev.inward.graph.DataType;
import dev.inward.graph.Node;
import dev.inward.graph.Quantization;
import dev.inward.graph.Quantization.ConvInteger;
import dev.inward.graph.Quantization.Dequantize;
import dev.inward.graph.Quantization.DynamicQuantize;
import dev.inward.graph.Quantization.MatMulInteger;
import dev.inward.graph.Quantization.QLinearConv;
import dev.inward.graph.Quantization.QLinearMatMul;
import dev.inward.graph.Quantization.Quantize;

/// Ops between reals and codes in ONNX.
final class QuantizationWriter {
  private QuantizationWriter() {}

  static void write(Emit emit, Node node, Quantization op) {
    switch (op) {
      case Quantize(var to, long axis, long block) -> {
        var attributes = axes(emit, axis, block);
        if (!node.has(2) && to != DataType.UINT8) {
          attributes.number("output_dtype", OnnxTypes.code(to));
        }
        emit.as(node, "QuantizeLinear", attributes);
      }
      case Dequantize(long axis, long block) ->
          emit.as(node, "DequantizeLinear", axes(emit, axis, block));
      case DynamicQuantize() -> emit.as(node, "DynamicQuantizeLinear");
      case MatMulInteger() -> emit.as(node, "MatMulInteger");
      case ConvInteger(var window, long groups) ->
          emit.as(node, "ConvInteger", WindowedWriter.window(window).number("group", groups));
      case QLinearConv(var window, long groups) ->
          emit.as(node, "QLinearConv", WindowedWriter.window(window).number("group", groups));
      case QLinearMatMul() -> emit.as(node, "QLinearMatMul");
    }
  }

  private static Attrs axes(Emit emit, long axis, long block) {
    var attributes = Attrs.none();
    if (emit.opset >= 13) {
      attributes.number("axis", axis);
    }
    return block == 0 ? attributes : attributes.number("block_size", block);
  }
}
