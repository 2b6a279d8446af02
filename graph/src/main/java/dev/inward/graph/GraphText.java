package dev.inward.graph;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// A graph as text that a person can read, one line for each thing; deterministic.
///
/// ```text
/// graph encoder
/// opset ai.onnx 17
/// meta producer = "pytorch"
/// input x: float32[batch x seq x 4]
/// const w: float32[4x2] = 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0
/// y: float32[batch x seq x 2] = MatMul(x, w)  @product
/// z: float32[batch x seq x 2] = Softmax{axis=-1}(y)
/// output z
/// ```
///
/// A node is its results with their types, the op with its attributes, and the operands; `_` is one
/// that is left out, `@` stands before the node's name where that is not the name of its first
/// result. Large and encoded constants are shown by how they are stored. A text without such
/// constants and without ops that are not known reads back as an equal graph; there, types of
/// results may be left out, and a constant may be `= random 7`: uniform between -1 and 1 from that
/// seed.
public final class GraphText {
  private static final Set<String> KEYWORDS =
      Set.of("graph", "opset", "meta", "input", "const", "output", "_");

  private GraphText() {}

  public static String print(Graph graph) {
    var out = new StringBuilder();
    line(out, "graph " + name(graph.name()));
    graph
        .opsets()
        .forEach((domain, version) ->
            line(
                out,
                "opset %s %d".formatted(name(domain.isEmpty() ? "ai.onnx" : domain), version)));
    graph
        .metadata()
        .forEach((key, text) -> line(out, "meta %s = %s".formatted(name(key), quoted(text))));
    graph.inputs().forEach(i -> line(out, "input %s: %s".formatted(name(i.name()), i.type())));
    graph
        .constants()
        .forEach((name, tensor) ->
            line(out, "const %s: %s".formatted(name(name), ConstantText.print(tensor))));
    graph.nodes().forEach(node -> line(out, print(graph, node)));
    if (!graph.outputs().isEmpty()) {
      line(out, "output " + names(graph.outputs()));
    }
    return out.toString();
  }

  /// The line of one node.
  public static String print(Graph graph, Node node) {
    String results =
        node.out().stream()
            .map(o -> name(o) + graph.type(o).map(t -> ": " + t).orElse(""))
            .collect(Collectors.joining(", "));
    boolean named = !node.out().isEmpty() && node.name().equals(node.result());
    return results
        + " = "
        + OpText.print(node.op())
        + "("
        + names(node.in())
        + ")"
        + (named ? "" : "  @" + name(node.name()));
  }

  /// The graph of a text in the form that [#print] gives.
  ///
  /// @throws dev.inward.base.InputException where it does not read, with the line
  public static Graph parse(String text) {
    return GraphReader.read(text);
  }

  private static void line(StringBuilder out, String line) {
    out.append(line).append('\n');
  }

  private static String names(List<String> names) {
    return names.stream().map(GraphText::name).collect(Collectors.joining(", "));
  }

  private static String name(String name) {
    if (name.isEmpty()) {
      return "_";
    }
    boolean plain = !KEYWORDS.contains(name) && !name.endsWith(":");
    for (int i = 0; plain && i < name.length(); i++) {
      plain = isPlain(name.charAt(i));
    }
    return plain ? name : quoted(name);
  }

  /// Whether a character stands in a name without quotes.
  static boolean isPlain(int c) {
    return c > ' ' && c < 0x7f && "\"(){}[],=@;".indexOf(c) < 0;
  }

  static String quoted(String text) {
    var out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        default -> {
          if (c < ' ' || c == 0x7f || c == 0x85 || c == 0x2028 || c == 0x2029) {
            out.append("\\u%04x".formatted((int) c));
          } else {
            out.append(c);
          }
        }
      }
    }
    return out.append('"').toString();
  }

  /// @throws IllegalArgumentException where it is no quoted text
  static String unquoted(String text) {
    if (text.length() < 2 || !text.startsWith("\"") || !text.endsWith("\"")) {
      return text;
    }
    var out = new StringBuilder();
    for (int i = 1; i < text.length() - 1; i++) {
      char c = text.charAt(i);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char next = text.charAt(++i);
      if (next == 'u' && i + 4 < text.length()) {
        out.append((char) Integer.parseInt(text.substring(i + 1, i + 5), 16));
        i += 4;
      } else {
        out.append(next == 'n' ? '\n' : next);
      }
    }
    return out.toString();
  }
}
