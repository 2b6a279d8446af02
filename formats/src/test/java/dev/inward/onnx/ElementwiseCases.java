package dev.inward.onnx;

import static dev.inward.onnx.HandMade.number;
import static dev.inward.onnx.HandMade.real;
import static dev.inward.onnx.HandMade.text;

import dev.inward.graph.DataType;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.List;

/// Elementwise operators.
final class ElementwiseCases extends OperatorCases {
  ElementwiseCases() {
    elementwise();
  }

  private void elementwise() {
    for (String operator :
        List.of(
            "Identity",
            "Abs",
            "Neg",
            "Exp",
            "Log",
            "Sqrt",
            "Reciprocal",
            "Floor",
            "Ceil",
            "Round",
            "Sign",
            "Erf",
            "Sin",
            "Cos",
            "Tan",
            "Asin",
            "Acos",
            "Atan",
            "Sinh",
            "Cosh",
            "Asinh",
            "Acosh",
            "Atanh",
            "Relu",
            "Sigmoid",
            "Tanh",
            "Softplus",
            "Softsign",
            "HardSwish",
            "LeakyRelu",
            "Elu",
            "Selu",
            "Celu",
            "ThresholdedRelu",
            "HardSigmoid",
            "Shrink")) {
      on4(15, operator);
    }
    on4(18, "Mish");
    on4(22, "Elu", real("alpha", 0.5f));
    on4(7, "LeakyRelu", real("alpha", 0.3f));
    on4(9, "Selu", real("alpha", 1.5f), real("gamma", 2));
    on4(15, "Shrink", real("lambd", 0.3f), real("bias", 0.2f));
    on4(7, "HardSigmoid", real("alpha", 0.3f), real("beta", 0.4f));
    add("Gelu", 2e-6, x(20, 2, 3, 4).node("Gelu", "x", "y"));
    add("Gelu tanh", 2e-6, x(20, 2, 3, 4).node("Gelu", "x", "y", text("approximate", "tanh")));
    add("Swish", 2e-6, x(24, 2, 3).node("Swish", "x", "y", real("alpha", 1.5f)));
    for (String operator :
        List.of("Add", "Sub", "Mul", "Div", "Pow", "PRelu", "Less", "Greater", "Equal")) {
      add(operator, pair(13).node(operator, "x,b", "y"));
    }
    add("LessOrEqual", pair(16).node("LessOrEqual", "x,b", "y"));
    add("GreaterOrEqual", pair(16).node("GreaterOrEqual", "x,b", "y"));
    add("Add 7", pair(7).node("Add", "x,b", "y"));
    add("Mod fmod", pair(13).node("Mod", "x,b", "y", number("fmod", 1)));
    for (String operator : List.of("Max", "Min", "Sum", "Mean")) {
      add(operator + " 8", pair(8).node(operator, "x,b,x", "y"));
      add(operator + " 13", pair(13).node(operator, "x", "y"));
    }
    for (String operator : List.of("And", "Or", "Xor")) {
      add(
          operator,
          x(13, 2, 3)
              .input("b", DataType.BOOL, 3)
              .node("Not", "b", "n")
              .node(operator, "b,n", "y"));
    }
    for (String operator : List.of("BitwiseAnd", "BitwiseOr", "BitwiseXor")) {
      add(operator, longs(18).numbers("c", 6, 5, 3).node(operator, "l,c", "y"));
    }
    add("BitwiseNot", longs(18).node("BitwiseNot", "l", "y"));
    add("Mod", longs(13).numbers("c", 6, -5, 3).node("Mod", "l,c", "y"));
    for (String direction : List.of("LEFT", "RIGHT")) {
      add(
          "BitShift " + direction,
          HandMade.opset(11)
              .input("c", DataType.UINT8, 3)
              .constant(
                  "s", Tensor.dense(DataType.UINT8, List.of(3L), Storage.of(new byte[] {1, 2, 3})))
              .node("BitShift", "c,s", "y", text("direction", direction)));
    }
    add("IsNaN", x(13, 2, 3).node("Log", "x", "l").node("IsNaN", "l", "y"));
    add("Where", pair(16).input("c", DataType.BOOL, 3, 1).node("Where", "c,x,b", "y"));
    add("Clip 7", x(7, 2, 3).node("Clip", "x", "y", real("min", -1), real("max", 1)));
    add("Clip 7 low", x(7, 2, 3).node("Clip", "x", "y", real("min", -1)));
    add("Clip 11", x(11, 2, 3).floats("h", List.of(), 1).node("Clip", "x,,h", "y"));
    add("Cast", x(13, 2, 3).node("Cast", "x", "y", number("to", 7)));
    add("Cast half", x(13, 2, 3).node("Cast", "x", "y", number("to", 10)));
    add("CastLike", longs(15).input("x", DataType.FLOAT32, 2).node("CastLike", "l,x", "y"));
    add("Dropout 7", x(7, 2, 3).node("Dropout", "x", "y", real("ratio", 0.5f)));
    add("Dropout 13", x(13, 2, 3).node("Dropout", "x", "y,m"));
  }

  private static HandMade pair(int opset) {
    return x(opset, 2, 3, 4).input("b", DataType.FLOAT32, 3, 1);
  }

  private static HandMade longs(int opset) {
    return HandMade.opset(opset).input("l", DataType.INT64, 2, 3);
  }
}
