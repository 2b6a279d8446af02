package dev.inward.graph.rewrite;

import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A local change: where a pattern ends in a node, that node is replaced.
public interface Rewrite {
  /// What stands in the place of the root, where the pattern matches there.
  Optional<Change> apply(Graph graph, Node root);

  /// The name in the trace.
  default String name() {
    return getClass().getSimpleName();
  }

  /// What replaces the root of a match.
  ///
  /// @param nodes in order; together they define all results of the root
  /// @param constants new constants, under names that no value has, in the order in which the graph
  ///   is to have them: the same on every run
  /// @param absorbed nodes of the pattern other than the root; those that nothing reads any more
  ///   disappear
  record Change(List<Node> nodes, Map<String, Tensor> constants, List<Node> absorbed) {
    public Change {
      nodes = List.copyOf(nodes);
      constants = Collections.unmodifiableMap(new LinkedHashMap<>(constants));
      absorbed = List.copyOf(absorbed);
    }

    /// One node in the place of the root, without new constants.
    static Optional<Change> to(Node node, Node... absorbed) {
      return Optional.of(new Change(List.of(node), Map.of(), List.of(absorbed)));
    }
  }
}
