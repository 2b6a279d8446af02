package dev.inward.onnx;

import dev.inward.graph.DataType;
import dev.inward.protobuf.WireWriter;
import java.util.ArrayList;
import java.util.List;

/// Small models of one operator each, whose result is `y`.
abstract class OperatorCases {
  /// @param tolerance how far an output may move, relative to 1 or to itself; 0 is to the bit
  record Case(String name, HandMade model, double tolerance) {
    @Override
    public String toString() {
      return name;
    }
  }

  final List<Case> all = new ArrayList<>();

  static HandMade x(int opset, Object... dims) {
    return HandMade.opset(opset).input("x", DataType.FLOAT32, dims);
  }

  void add(String name, HandMade model) {
    add(name, 0, model);
  }

  void add(String name, double tolerance, HandMade model) {
    all.add(new Case(name, model.output("y"), tolerance));
  }

  /// One operator over x, 2x3x4x5.
  void on4(int opset, String operator, WireWriter... attributes) {
    add(operator + " " + opset, x(opset, 2, 3, 4, 5).node(operator, "x", "y", attributes));
  }
}
