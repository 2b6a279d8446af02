package dev.inward.graph.rewrite;

import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Takes away nodes and constants that no output needs.
public final class DeadNodes implements Pass {
  @Override
  public Graph apply(Graph graph) {
    return removed(graph);
  }

  /// The same graph without them; the very same object where there are none.
  static Graph removed(Graph graph) {
    Set<String> needed = new HashSet<>(graph.outputs());
    List<Node> kept = new ArrayList<>();
    for (Node node : graph.nodes().reversed()) {
      if (node.out().stream().anyMatch(needed::contains)) {
        kept.add(node);
        node.reads().forEach(needed::add);
      }
    }
    if (kept.size() == graph.nodes().size() && needed.containsAll(graph.constants().keySet())) {
      return graph;
    }
    return graph.toBuilder().nodes(_ -> kept.reversed()).retainConstants(needed).build();
  }
}
