package dev.inward.graph;

import java.util.List;
import java.util.stream.IntStream;

/// Small graphs for tests of typing and counting: inputs `a`, `b`, .. of types that are written
/// out, `float32[2 x seq]`.
final class Nets {
  private Nets() {}

  static TensorType type(String text) {
    int open = text.indexOf('[');
    var dtype = DataType.valueOf(text.substring(0, open).toUpperCase(java.util.Locale.ROOT));
    String dims = text.substring(open + 1, text.length() - 1);
    if (dims.equals("?")) {
      return new TensorType(dtype, Shape.UNRANKED);
    }
    return new TensorType(
        dtype,
        Shape.of(
            dims.isEmpty()
                ? List.<Dim>of()
                : java.util.Arrays.stream(dims.split(" x "))
                    .map(d -> d.matches("\\d+") ? Dim.of(Long.parseLong(d)) : Dim.of(d))
                    .toList()));
  }

  /// A graph of one node `y`, whose operands are inputs of these types; an empty text leaves the
  /// operand out.
  static Graph of(Op op, String... types) {
    return builder(types).node(op, names(types), "y").output("y").build();
  }

  static Graph.Builder builder(String... types) {
    var builder = Graph.builder("net");
    for (int i = 0; i < types.length; i++) {
      if (!types[i].isEmpty()) {
        builder.input(name(i), type(types[i]));
      }
    }
    return builder;
  }

  static List<String> names(String... types) {
    return IntStream.range(0, types.length)
        .mapToObj(i -> types[i].isEmpty() ? "" : name(i))
        .toList();
  }

  private static String name(int i) {
    return Character.toString('a' + i);
  }

  /// The type of the result `y`, as text.
  static String typeOf(Op op, String... types) {
    return of(op, types).type("y").map(TensorType::toString).orElse("unknown");
  }
}
