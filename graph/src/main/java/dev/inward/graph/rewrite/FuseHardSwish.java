package dev.inward.graph.rewrite;

import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary.Function;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// Turns written-out gated activations into one node.
///
/// ```text
/// x * clip(x + 3, 0, 6) / 6           ->  hardSwish(x)
/// x * hardSigmoid(x; 1/6, 1/2)        ->  hardSwish(x)
/// x * sigmoid(x)                      ->  swish(x; 1)
/// ```
///
/// The factors may come in any order, the sixth may be a product or a quotient. Does not fire where
/// a part has another reader or the constants differ. Source: Howard et al., ICCV 2019, section
/// 5.2; Ramachandran et al., arXiv:1710.05941.
public final class FuseHardSwish implements Rewrite {
  @Override
  public Optional<Change> apply(Graph graph, Node root) {
    if (!Patterns.is(root, Function.MUL) && !Patterns.is(root, Function.DIV)) {
      return Optional.empty();
    }
    var factors = Patterns.Factors.of(graph, root);
    if (factors.values().size() != 2) {
      return Optional.empty();
    }
    for (int i = 0; i < 2; i++) {
      String x = factors.values().get(1 - i);
      Node gate = Patterns.sole(graph, factors.values().get(i)).orElse(null);
      if (gate == null) {
        continue;
      }
      var absorbed = new ArrayList<>(factors.absorbed());
      absorbed.add(gate);
      var fused = gate(graph, gate, x, factors.constant(), absorbed);
      if (fused.isPresent()) {
        var node = new Node(root.name(), fused.get(), List.of(x), root.out());
        return Optional.of(new Change(List.of(node), Map.of(), absorbed));
      }
    }
    return Optional.empty();
  }

  private static Optional<Elementwise> gate(
      Graph graph, Node gate, String x, double constant, List<Node> absorbed) {
    var hardSwish = new Elementwise.Unary(Elementwise.Unary.Function.HARD_SWISH);
    if (gate.op() instanceof Elementwise.HardSigmoid(var alpha, var beta)) {
      return near(alpha, 1.0 / 6) && near(beta, 0.5) && near(constant, 1) && gate.in().contains(x)
          ? Optional.of(hardSwish)
          : Optional.empty();
    }
    if (Patterns.is(gate, Elementwise.Unary.Function.SIGMOID)) {
      return near(constant, 1) && gate.in().contains(x)
          ? Optional.of(new Elementwise.Swish(1))
          : Optional.empty();
    }
    if (!(gate.op() instanceof Elementwise.Clip)
        || !near(constant, 1.0 / 6)
        || !isZero(graph, gate.operand(1))
        || !Patterns.near(graph, gate.operand(2), 6)) {
      return Optional.empty();
    }
    Node sum = Patterns.sole(graph, gate.operand(0)).orElse(null);
    if (sum == null || !Patterns.is(sum, Function.ADD)) {
      return Optional.empty();
    }
    absorbed.add(sum);
    int at = sum.in().indexOf(x);
    return at >= 0 && Patterns.near(graph, sum.operand(1 - at), 3)
        ? Optional.of(hardSwish)
        : Optional.empty();
  }

  private static boolean isZero(Graph graph, String value) {
    var number = Patterns.scalar(graph, value);
    return number.isPresent() && number.getAsDouble() == 0;
  }

  private static boolean near(double value, double number) {
    return Patterns.near(OptionalDouble.of(value), number);
  }
}
