package dev.inward.runtime;

import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.testkit.OpDraws;
import java.util.List;

/// Graphs of one node.
final class Nets {
  private Nets() {}

  /// With operands as [OpDraws.Draw] takes them.
  static Graph node(String results, String op, List<String> operands) {
    return new OpDraws.Draw(results, op, operands, 0).graph();
  }

  static Tensor floats(float... values) {
    return Tensor.ofFloats(List.of((long) values.length), values);
  }
}
