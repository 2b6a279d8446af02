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

/// Turns the written-out Gaussian error linear unit into one node.
///
/// ```text
/// x * 1/2 * (1 + erf(x / sqrt 2))                        ->  gelu(x)
/// x * 1/2 * (1 + tanh(sqrt(2/pi) * (x + 0.044715 x^3)))  ->  gelu(x), by tanh
/// ```
///
/// The factors may come in any order. Does not fire where a part has another reader, where the
/// constants differ, or where the two `x` are not the same value. Source: Hendrycks and Gimpel,
/// arXiv:1606.08415.
public final class FuseGelu implements Rewrite {
  @Override
  public Optional<Change> apply(Graph graph, Node root) {
    if (!Patterns.is(root, Function.MUL) && !Patterns.is(root, Function.DIV)) {
      return Optional.empty();
    }
    var factors = Patterns.Factors.of(graph, root);
    if (factors.values().size() != 2 || !near(factors.constant(), 0.5)) {
      return Optional.empty();
    }
    for (int i = 0; i < 2; i++) {
      String x = factors.values().get(1 - i);
      Node sum = Patterns.sole(graph, factors.values().get(i)).orElse(null);
      if (sum == null || !Patterns.is(sum, Function.ADD)) {
        continue;
      }
      for (int one = 0; one < 2; one++) {
        if (!Patterns.near(graph, sum.operand(one), 1)) {
          continue;
        }
        var absorbed = new ArrayList<>(factors.absorbed());
        absorbed.add(sum);
        var curve = Patterns.sole(graph, sum.operand(1 - one)).orElse(null);
        if (curve == null) {
          continue;
        }
        absorbed.add(curve);
        boolean tanh = Patterns.is(curve, Elementwise.Unary.Function.TANH);
        if (tanh
            ? cubic(graph, curve.operand(0), x, absorbed)
            : Patterns.is(curve, Elementwise.Unary.Function.ERF)
                && scaled(graph, curve.operand(0), x, Math.sqrt(0.5), absorbed)) {
          var gelu = new Node(root.name(), new Elementwise.Gelu(tanh), List.of(x), root.out());
          return Optional.of(new Change(List.of(gelu), Map.of(), absorbed));
        }
      }
    }
    return Optional.empty();
  }

  /// Whether `value` is `factor * x`.
  private static boolean scaled(
      Graph graph, String value, String x, double factor, List<Node> absorbed) {
    Node node = Patterns.sole(graph, value).orElse(null);
    if (node == null) {
      return false;
    }
    var factors = Patterns.Factors.of(graph, node);
    absorbed.add(node);
    absorbed.addAll(factors.absorbed());
    return factors.values().equals(List.of(x)) && near(factors.constant(), factor);
  }

  /// Whether `value` is `sqrt(2/pi) * (x + 0.044715 x^3)`.
  private static boolean cubic(Graph graph, String value, String x, List<Node> absorbed) {
    Node node = Patterns.sole(graph, value).orElse(null);
    if (node == null) {
      return false;
    }
    var outer = Patterns.Factors.of(graph, node);
    if (outer.values().size() != 1 || !near(outer.constant(), Math.sqrt(2 / Math.PI))) {
      return false;
    }
    Node sum = Patterns.sole(graph, outer.values().getFirst()).orElse(null);
    if (sum == null || !Patterns.is(sum, Function.ADD)) {
      return false;
    }
    int at = sum.in().indexOf(x);
    Node term = at < 0 ? null : Patterns.sole(graph, sum.operand(1 - at)).orElse(null);
    if (term == null) {
      return false;
    }
    var inner = Patterns.Factors.of(graph, term);
    absorbed.addAll(List.of(node, sum, term));
    absorbed.addAll(outer.absorbed());
    absorbed.addAll(inner.absorbed());
    return near(inner.constant(), 0.044715) && isCube(graph, inner.values(), x, absorbed);
  }

  private static boolean isCube(Graph graph, List<String> factors, String x, List<Node> absorbed) {
    if (factors.equals(List.of(x, x, x))) {
      return true;
    }
    if (factors.size() != 1) {
      return false;
    }
    Node power = Patterns.sole(graph, factors.getFirst()).orElse(null);
    if (power == null || !Patterns.is(power, Function.POW)) {
      return false;
    }
    absorbed.add(power);
    return power.operand(0).equals(x) && Patterns.near(graph, power.operand(1), 3);
  }

  private static boolean near(double value, double number) {
    return Patterns.near(OptionalDouble.of(value), number);
  }
}
