package dev.inward.graph;

import dev.inward.base.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the text form of a graph, line by line.
final class GraphReader {
  private final String line;
  private int at;

  private GraphReader(String line) {
    this.line = line;
  }

  static Graph read(String text) {
    String[] lines = text.lines().map(String::strip).toArray(String[]::new);
    String name = "graph";
    for (String line : lines) {
      if (line.startsWith("graph ")) {
        name = GraphText.unquoted(line.substring(6).strip());
      }
    }
    var builder = Graph.builder(name);
    Map<String, TensorType> stated = new LinkedHashMap<>();
    for (int i = 0; i < lines.length; i++) {
      try {
        new GraphReader(lines[i]).read(builder, stated);
      } catch (IllegalArgumentException | ArithmeticException e) {
        throw InputException.at("line " + (i + 1), "%s", String.valueOf(e.getMessage()));
      }
    }
    stated.forEach(builder::declare);
    var graph = builder.build();
    stated.forEach((value, type) -> {
      if (!graph.typeOf(value).equals(type)) {
        throw InputException.at(
            "value '" + value + "'", "is stated as %s, and is %s", type, graph.typeOf(value));
      }
    });
    return graph;
  }

  /// The node of one line.
  static Node node(String line) {
    return new GraphReader(line).node(new LinkedHashMap<>());
  }

  private void read(Graph.Builder builder, Map<String, TensorType> stated) {
    int space = line.indexOf(' ');
    switch (space < 0 ? line : line.substring(0, space)) {
      case "", "graph" -> {}
      case "opset" -> {
        at = space;
        String domain = name();
        builder.opset(
            domain.equals("ai.onnx") ? "" : domain, Integer.parseInt(line.substring(at).strip()));
      }
      case "meta" -> {
        at = space;
        String key = name();
        expect("=");
        builder.metadata(key, GraphText.unquoted(line.substring(at).strip()));
      }
      case "input" -> {
        at = space;
        String name = name();
        expect(":");
        builder.input(name, ConstantText.type(line.substring(at).strip()));
      }
      case "const" -> {
        at = space;
        String name = name();
        expect(":");
        String value = line.substring(at).strip();
        if (!value.contains("] =")) {
          throw new IllegalArgumentException("'" + name + "' has no values in the text: " + value);
        }
        builder.constant(name, ConstantText.parse(value));
      }
      case "output" -> {
        at = space;
        do {
          builder.output(name());
        } while (skip(","));
      }
      default -> builder.node(node(stated));
    }
  }

  private Node node(Map<String, TensorType> stated) {
    List<String> out = new ArrayList<>();
    do {
      String result = name();
      out.add(result);
      if (skip(":")) {
        stated.put(result, ConstantText.type(type()));
      }
    } while (skip(","));
    expect("=");
    var op = op();
    expect("(");
    List<String> in = new ArrayList<>();
    if (!skip(")")) {
      do {
        in.add(name());
      } while (skip(","));
      expect(")");
    }
    String name = skip("@") ? name() : out.getFirst();
    spaces();
    if (at < line.length()) {
      throw new IllegalArgumentException("'" + line.substring(at) + "' is one thing too many");
    }
    return new Node(name, op, in, out);
  }

  private Op op() {
    String name = name();
    if (name.equals("opaque")) {
      throw new IllegalArgumentException("ops that are not known are not read from text");
    }
    Map<String, String> attributes = new LinkedHashMap<>();
    if (skip("{")) {
      do {
        String key = name();
        attributes.put(key, skip("=") ? value() : "true");
      } while (skip(","));
      expect("}");
    }
    return OpText.parse(name, attributes);
  }

  /// Up to the comma or brace that ends an attribute.
  private String value() {
    spaces();
    int start = at;
    int open = 0;
    boolean quoted = false;
    while (at < line.length()) {
      char c = line.charAt(at);
      if (c == '"' && (at == start || line.charAt(at - 1) != '\\')) {
        quoted = !quoted;
      } else if (!quoted) {
        open += c == '[' ? 1 : c == ']' ? -1 : 0;
        if (open == 0 && (c == '}' || c == ',')) {
          break;
        }
      }
      at++;
    }
    return line.substring(start, at).strip();
  }

  /// A type, up to the bracket that closes it.
  private String type() {
    spaces();
    int start = at;
    int open = 0;
    while (at < line.length()) {
      char c = line.charAt(at++);
      open += c == '[' ? 1 : c == ']' ? -1 : 0;
      if (c == ']' && open == 0) {
        break;
      }
    }
    return line.substring(start, at);
  }

  /// A name, quoted or not; `_` is the empty one.
  private String name() {
    spaces();
    int start = at;
    if (line.startsWith("\"", at)) {
      at++;
      while (at < line.length() && line.charAt(at) != '"') {
        at += line.charAt(at) == '\\' ? 2 : 1;
      }
      at = Math.min(at + 1, line.length());
      return GraphText.unquoted(line.substring(start, at));
    }
    while (at < line.length() && GraphText.isPlain(line.charAt(at)) && !endsName()) {
      at++;
    }
    if (start == at) {
      throw new IllegalArgumentException("a name is missing after '" + line.substring(0, at) + "'");
    }
    String name = line.substring(start, at);
    return name.equals("_") ? "" : name;
  }

  /// A colon before a space ends a name; within one it belongs to it.
  private boolean endsName() {
    return line.charAt(at) == ':' && (at + 1 == line.length() || line.charAt(at + 1) == ' ');
  }

  private void expect(String token) {
    if (!skip(token)) {
      throw new IllegalArgumentException(
          "expected '%s' after '%s'".formatted(token, line.substring(0, at)));
    }
  }

  private boolean skip(String token) {
    spaces();
    boolean here = line.startsWith(token, at);
    at += here ? token.length() : 0;
    return here;
  }

  private void spaces() {
    while (at < line.length() && line.charAt(at) == ' ') {
      at++;
    }
  }
}
