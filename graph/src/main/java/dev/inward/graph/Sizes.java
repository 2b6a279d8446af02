package dev.inward.graph;

import dev.inward.base.InputException;
import java.util.stream.Collectors;

/// The extents around a node as numbers.
record Sizes(Graph graph, Node node) {
  /// @throws InputException where they are no numbers, with what to bind
  long[] of(String value) {
    var shape = graph.shape(value);
    if (!shape.isStatic()) {
      throw open(graph, node, value);
    }
    return shape.sizes();
  }

  static InputException open(Graph graph, Node node, String value) {
    String found =
        graph.type(value).map(type -> "is " + type).orElse("is of a type that is not known");
    String bindings =
        graph.inputs().stream()
            .filter(i -> !i.type().shape().isStatic())
            .map(i -> "--shape " + i.name() + "=" + example(i.type().shape()))
            .collect(Collectors.joining(" "));
    var fault =
        InputException.at(
            "node '" + node.name() + "'",
            "[%s] cannot be counted: '%s' %s",
            node.op().name(),
            value,
            found);
    return bindings.isEmpty() ? fault : fault.hint("bind the inputs to numbers: %s", bindings);
  }

  private static String example(Shape shape) {
    return shape.ranked()
        ? shape.dims().stream().map(Dim::toString).collect(Collectors.joining("x"))
        : "...";
  }

  long[] operand(int index) {
    return of(node.operand(index));
  }

  long[] result() {
    return of(shown());
  }

  /// The first result that has a name.
  private String shown() {
    return node.out().stream().filter(o -> !o.isEmpty()).findFirst().orElse("");
  }

  long elements(String value) {
    return product(of(value));
  }

  long operandElements(int index) {
    return product(operand(index));
  }

  /// Elements of the first result; of `x` where nobody reads a result.
  long resultElements() {
    return shown().isEmpty() ? operandElements(0) : product(result());
  }

  long bytes(String value) {
    return graph.typeOf(value).dtype().bytes(elements(value));
  }

  static long product(long... factors) {
    long product = 1;
    for (long factor : factors) {
      product = Math.multiplyExact(product, factor);
    }
    return product;
  }
}
