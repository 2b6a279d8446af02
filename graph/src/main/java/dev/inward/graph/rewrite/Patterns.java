package dev.inward.graph.rewrite;

import dev.inward.graph.Elementwise;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// What rewrites ask of a graph.
final class Patterns {
  private Patterns() {}

  static boolean is(Node node, Elementwise.Binary.Function function) {
    return node.op() instanceof Elementwise.Binary(var mine) && mine == function;
  }

  static boolean is(Node node, Elementwise.Unary.Function function) {
    return node.op() instanceof Elementwise.Unary(var mine) && mine == function;
  }

  /// The node that makes an operand, where no one else reads it.
  static Optional<Node> sole(Graph graph, String value) {
    return graph.hasOneUse(value) ? graph.producer(value) : Optional.empty();
  }

  /// The number of a float constant that has one element.
  static OptionalDouble scalar(Graph graph, String value) {
    var tensor = graph.constant(value).orElse(null);
    return tensor != null && tensor.elements() == 1 && tensor.dtype().isFloat()
        ? OptionalDouble.of(tensor.floats()[0])
        : OptionalDouble.empty();
  }

  /// Whether a value is a float constant of one element near a number, to the precision with which
  /// exporters print such numbers.
  static boolean near(Graph graph, String value, double number) {
    return near(scalar(graph, value), number);
  }

  static boolean near(OptionalDouble value, double number) {
    return value.isPresent()
        && Math.abs(value.getAsDouble() - number) <= 1e-3 * Math.abs(number) + 1e-12;
  }

  /// A constant whose elements are stored as float32, so that new ones can be computed from it.
  static Optional<Tensor> plain(Graph graph, String value) {
    return graph
        .constant(value)
        .filter(t ->
            t.encoding() instanceof Encoding.Dense(var stored, _)
                && stored == dev.inward.graph.DataType.FLOAT32
                && t.dtype() == stored);
  }

  /// The factors of a product that ends in a node, through multiplications and divisions by scalar
  /// constants that nothing else reads.
  ///
  /// @param constant the product of all scalar constants
  /// @param values the other factors
  /// @param absorbed the inner nodes of the product
  record Factors(double constant, List<String> values, List<Node> absorbed) {
    static Factors of(Graph graph, Node root) {
      var factors = new Collector(graph);
      factors.expand(root);
      return new Factors(factors.constant, factors.values, factors.absorbed);
    }

    /// The one factor that is not `value`, where the product is `constant * value * other`.
    Optional<String> beside(String value) {
      if (values.size() != 2) {
        return Optional.empty();
      }
      if (values.get(0).equals(value)) {
        return Optional.of(values.get(1));
      }
      return values.get(1).equals(value) ? Optional.of(values.get(0)) : Optional.empty();
    }
  }

  private static final class Collector {
    private final Graph graph;
    private double constant = 1;
    private final List<String> values = new ArrayList<>();
    private final List<Node> absorbed = new ArrayList<>();

    Collector(Graph graph) {
      this.graph = graph;
    }

    void expand(Node node) {
      if (is(node, Elementwise.Binary.Function.MUL)) {
        node.in().forEach(this::factor);
      } else if (is(node, Elementwise.Binary.Function.DIV)
          && scalar(graph, node.operand(1)).isPresent()) {
        constant /= scalar(graph, node.operand(1)).getAsDouble();
        factor(node.operand(0));
      } else {
        values.add(node.result());
      }
    }

    private void factor(String value) {
      var number = scalar(graph, value);
      if (number.isPresent()) {
        constant *= number.getAsDouble();
        return;
      }
      var maker = sole(graph, value).orElse(null);
      if (maker != null
          && (is(maker, Elementwise.Binary.Function.MUL)
              || is(maker, Elementwise.Binary.Function.DIV)
                  && scalar(graph, maker.operand(1)).isPresent())) {
        absorbed.add(maker);
        expand(maker);
      } else {
        values.add(value);
      }
    }
  }
}
