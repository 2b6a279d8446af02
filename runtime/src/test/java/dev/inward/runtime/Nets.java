package dev.inward.runtime;

import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Tensor;
import java.util.List;

/// Graphs of one node.
final class Nets {
  private Nets() {}

  /// Operands `a`, `b`, .. are inputs of a type, `float32[2x3]`, or constants, `int64[2] = 0, 1`;
  /// an empty text leaves the operand out.
  static Graph node(String results, String op, List<String> operands) {
    var text = new StringBuilder("graph net\n");
    var in = new StringBuilder();
    for (int i = 0; i < operands.size(); i++) {
      String name = Character.toString('a' + i);
      String operand = operands.get(i);
      if (!operand.isEmpty()) {
        text.append(operand.contains(" = ") ? "const " : "input ");
        text.append(name).append(": ").append(operand).append('\n');
      }
      in.append(i == 0 ? "" : ", ").append(operand.isEmpty() ? "_" : name);
    }
    text.append("%s = %s(%s)\noutput %s\n".formatted(results, op, in, results));
    return GraphText.parse(text.toString());
  }

  static Tensor floats(float... values) {
    return Tensor.ofFloats(List.of((long) values.length), values);
  }
}
