package dev.inward.graph.rewrite;

import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Opaque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Values under other names.
final class Renaming {
  private Renaming() {}

  /// Values whose names must stay: the outputs, and what the body of an opaque op reads by name.
  static Set<String> pinned(Graph graph) {
    Set<String> pinned = new HashSet<>(graph.outputs());
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Opaque opaque) {
        pinned.addAll(opaque.captures());
      }
    }
    return pinned;
  }

  /// The node with the operands and results renamed that the maps name.
  static Node of(Node node, Map<String, String> operands, Map<String, String> results) {
    List<String> in = node.in().stream().map(v -> operands.getOrDefault(v, v)).toList();
    List<String> out = node.out().stream().map(v -> results.getOrDefault(v, v)).toList();
    return in.equals(node.in()) && out.equals(node.out())
        ? node
        : new Node(node.name(), node.op(), in, out);
  }
}
