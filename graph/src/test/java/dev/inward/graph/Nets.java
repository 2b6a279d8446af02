package dev.inward.graph;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Graphs of one node for tests: operands `a`, `b`, .. are inputs of a type, `float32[2 x seq]`, or
/// constants, `int64[2] = 0, 1`; an empty text leaves the operand out.
final class Nets {
  private Nets() {}

  static Graph of(String op, String... operands) {
    return several("y", op, operands);
  }

  /// A node with the results that are named.
  static Graph several(String results, String op, String... operands) {
    var out = new StringBuilder("graph net\n");
    for (int i = 0; i < operands.length; i++) {
      if (!operands[i].isEmpty()) {
        String kind = operands[i].contains(" = ") ? "const " : "input ";
        out.append(kind).append(name(i)).append(": ").append(operands[i]).append('\n');
      }
    }
    String in =
        IntStream.range(0, operands.length)
            .mapToObj(i -> operands[i].isEmpty() ? "_" : name(i))
            .collect(Collectors.joining(", "));
    out.append("%s = %s(%s)\noutput %s\n".formatted(results, op, in, results));
    return GraphText.parse(out.toString());
  }

  private static String name(int i) {
    return Character.toString('a' + i);
  }

  /// The type of the result `y`, as text.
  static String typeOf(String op, String... operands) {
    return typeOf(of(op, operands), "y");
  }

  static String typeOf(Graph graph, String value) {
    return graph.type(value).map(TensorType::toString).orElse("unknown");
  }

  /// Checks that the node is refused with these words.
  static void refused(String message, String op, String... operands) {
    assertThatThrownBy(() -> of(op, operands))
        .isInstanceOf(InputException.class)
        .hasMessage("node 'y': " + message);
  }
}
