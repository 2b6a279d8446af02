package dev.inward.onnx;

import static dev.inward.onnx.HandMade.ints;
import static dev.inward.onnx.HandMade.number;

import dev.inward.graph.DataType;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.List;

/// Operators between reals and codes, and those of the runtime's own domain.
final class QuantizationCases extends OperatorCases {
  QuantizationCases() {
    quantization();
    contributed();
  }

  private void quantization() {
    add(
        "QuantizeLinear 10",
        x(10, 2, 3)
            .floats("s", List.of(), 0.05f)
            .constant("z", zero(DataType.UINT8))
            .node("QuantizeLinear", "x,s,z", "y"));
    add(
        "QuantizeLinear none",
        x(10, 2, 3).floats("s", List.of(), 0.05f).node("QuantizeLinear", "x,s", "y"));
    add(
        "QuantizeLinear axis",
        x(13, 2, 3)
            .floats("s", List.of(3L), 0.05f, 0.1f, 1)
            .constant("z", Tensor.dense(DataType.INT8, List.of(3L), Storage.of(new byte[3])))
            .node("QuantizeLinear", "x,s,z", "y", number("axis", 1)));
    add(
        "QuantizeLinear blocks",
        x(21, 2, 4)
            .floats("s", List.of(2L, 2L), 0.05f, 0.1f, 1, 2)
            .node(
                "QuantizeLinear",
                "x,s",
                "y",
                number("axis", 1),
                number("block_size", 2),
                number("output_dtype", 3)));
    add(
        "DequantizeLinear 10",
        HandMade.opset(10)
            .input("c", DataType.UINT8, 2, 3)
            .floats("s", List.of(), 0.05f)
            .constant("z", zero(DataType.UINT8))
            .node("DequantizeLinear", "c,s,z", "y"));
    add(
        "DequantizeLinear axis",
        HandMade.opset(13)
            .input("c", DataType.INT8, 2, 3)
            .floats("s", List.of(2L), 0.05f, 2)
            .node("DequantizeLinear", "c,s", "y", number("axis", -2)));
    byte[] codes = {0x21, 0x43, (byte) 0xf5, (byte) 0x87};
    for (DataType type : List.of(DataType.INT4, DataType.UINT4)) {
      add(
          "DequantizeLinear constant " + type,
          x(21, 3, 2)
              .constant("c", Tensor.dense(type, List.of(2L, 4L), Storage.of(codes)))
              .floats("s", List.of(2L, 2L), 0.5f, 1, 2, 3)
              .constant(
                  "z", Tensor.dense(type, List.of(2L, 2L), Storage.of(new byte[] {0x10, 0x32})))
              .node("DequantizeLinear", "c,s,z", "w", number("axis", 1), number("block_size", 2))
              .node("MatMul", "x,w", "y"));
    }
    add(
        "DequantizeLinear constant int8",
        x(13, 3, 2)
            .constant("c", Tensor.dense(DataType.INT8, List.of(2L, 2L), Storage.of(codes)))
            .floats("s", List.of(2L), 0.5f, 1)
            .node("DequantizeLinear", "c,s", "w", number("axis", 0))
            .node("MatMul", "x,w", "y"));
    add(
        "Constant half",
        x(13, 3, 2)
            .constant(
                "c",
                Tensor.dense(
                    DataType.FLOAT16,
                    List.of(2L, 2L),
                    Storage.of(TensorWriter.bytesOf(DataType.FLOAT16, new float[] {1, 2, 3, 4}))))
            .node("Cast", "c", "w", number("to", 1))
            .node("MatMul", "x,w", "y"));
    add(
        "DynamicQuantizeLinear, MatMulInteger",
        x(11, 3, 4)
            .input("w", DataType.INT8, 4, 5)
            .node("DynamicQuantizeLinear", "x", "q,s,z")
            .node("MatMulInteger", "q,w,z", "y")
            .output("s"));
    add(
        "ConvInteger",
        HandMade.opset(10)
            .input("c", DataType.UINT8, 1, 2, 5, 5)
            .input("w", DataType.UINT8, 3, 2, 3, 3)
            .constant("z", zero(DataType.UINT8))
            .node("ConvInteger", "c,w,z", "y", ints("pads", 1, 1, 1, 1)));
    add(
        "QLinearConv",
        HandMade.opset(10)
            .input("c", DataType.UINT8, 1, 2, 5, 5)
            .input("w", DataType.UINT8, 3, 2, 3, 3)
            .floats("s", List.of(), 0.05f)
            .constant("z", zero(DataType.UINT8))
            .node("QLinearConv", "c,s,z,w,s,z,s,z", "y", ints("strides", 2, 2)));
    add(
        "QLinearMatMul",
        HandMade.opset(10)
            .input("c", DataType.UINT8, 3, 4)
            .input("w", DataType.UINT8, 4, 2)
            .floats("s", List.of(), 0.05f)
            .constant("z", zero(DataType.UINT8))
            .node("QLinearMatMul", "c,s,z,w,s,z,s,z", "y"));
  }

  private void contributed() {
    for (String operator : List.of("Gelu", "FastGelu", "QuickGelu")) {
      add(
          "com.microsoft " + operator,
          2e-6,
          x(17, 2, 3).opset("com.microsoft", 1).node("com.microsoft::" + operator, "x", "y"));
    }
    for (String operator : List.of("BiasGelu", "FastGelu")) {
      add(
          "com.microsoft " + operator + " of a sum",
          2e-6,
          x(17, 2, 3)
              .opset("com.microsoft", 1)
              .input("b", DataType.FLOAT32, 3)
              .node("com.microsoft::" + operator, "x,b", "y"));
    }
    for (String operator : List.of("QLinearAdd", "QLinearMul")) {
      add(
          "com.microsoft " + operator,
          1,
          HandMade.opset(17)
              .opset("com.microsoft", 1)
              .input("c", DataType.UINT8, 2, 3)
              .input("d", DataType.UINT8, 2, 3)
              .floats("s", List.of(), 0.05f)
              .constant("z", zero(DataType.UINT8))
              .node("com.microsoft::" + operator, "c,s,z,d,s,z,s,z", "y"));
    }
    add(
        "SimplifiedLayerNormalization",
        2e-6,
        x(17, 2, 3, 5)
            .input("s", DataType.FLOAT32, 5)
            .node("SimplifiedLayerNormalization", "x,s", "y", number("axis", -1)));
  }

  private static Tensor zero(DataType type) {
    return Tensor.dense(type, List.of(), Storage.of(new byte[] {3}));
  }
}
