package dev.inward.onnx;

import dev.inward.protobuf.WireReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// What the graphs inside the attributes of a node (the bodies of If, Loop, Scan) read and apply.
final class Bodies {
  /// Values that bodies read and do not define, in order of appearance.
  final Set<String> captures = new LinkedHashSet<>();

  /// Operators of ONNX's own domain in bodies.
  final Set<String> operators = new LinkedHashSet<>();

  static Bodies of(List<WireReader> attributes) {
    var bodies = new Bodies();
    bodies.attributes(attributes, Set.of());
    return bodies;
  }

  private void attributes(List<WireReader> attributes, Set<String> outer) {
    for (WireReader attribute : attributes) {
      for (var fields = attribute.again(); fields.next(); ) {
        if (fields.number() == 6 || fields.number() == 11) {
          body(fields.message(), outer);
        }
      }
    }
  }

  private void body(WireReader graph, Set<String> outer) {
    Set<String> known = new HashSet<>(outer);
    List<NodeProto> nodes = new ArrayList<>();
    List<String> results = new ArrayList<>();
    while (graph.next()) {
      switch (graph.number()) {
        case 1 -> nodes.add(NodeProto.of(graph.message()));
        case 5 -> known.add(name(graph.message(), 8));
        case 11 -> known.add(name(graph.message(), 1));
        case 12 -> results.add(name(graph.message(), 1));
        case 15 -> known.add(sparseName(graph.message()));
        default -> {}
      }
    }
    nodes.forEach(n -> known.addAll(n.out()));
    for (NodeProto node : nodes) {
      if (node.domain().isEmpty()) {
        operators.add(node.operator());
      }
      node.in().forEach(value -> capture(value, known));
      attributes(node.attributes(), known);
    }
    results.forEach(value -> capture(value, known));
  }

  private void capture(String value, Set<String> known) {
    if (!value.isEmpty() && !known.contains(value)) {
      captures.add(value);
    }
  }

  private static String sparseName(WireReader sparse) {
    String name = "";
    while (sparse.next()) {
      if (sparse.number() == 1) {
        name = name(sparse.message(), 8);
      }
    }
    return name;
  }

  private static String name(WireReader message, int field) {
    String name = "";
    while (message.next()) {
      if (message.number() == field) {
        name = message.string();
      }
    }
    return name;
  }
}
