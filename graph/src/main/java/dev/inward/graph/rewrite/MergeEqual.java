package dev.inward.graph.rewrite;

import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Opaque;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Makes one of nodes that compute the same from the same operands, and of equal constants of at
/// most 64 KiB.
///
/// ```text
/// y = f(x); z = f(x); w = g(y, z)   ->   y = f(x); w = g(y, y)
/// ```
///
/// Does not fire on opaque ops, which may be random, nor where the second result is an output.
final class MergeEqual implements Pass {
  private static final long SMALL = 64 << 10;

  private record Key(Op op, List<String> in) {}

  @Override
  public Graph apply(Graph graph) {
    Set<String> pinned = Renaming.pinned(graph);
    Map<String, String> same = new HashMap<>();
    Map<Tensor, String> constants = new HashMap<>();
    graph
        .constants()
        .forEach((name, tensor) -> {
          if (tensor.storedBytes() <= SMALL) {
            String first = constants.putIfAbsent(tensor, name);
            if (first != null && !pinned.contains(name)) {
              same.put(name, first);
            }
          }
        });
    Map<Key, Node> seen = new HashMap<>();
    List<Node> nodes = new ArrayList<>();
    for (Node old : graph.nodes()) {
      Node node = Renaming.of(old, same, Map.of());
      if (node.op() instanceof Opaque) {
        nodes.add(node);
        continue;
      }
      Node first = seen.putIfAbsent(new Key(node.op(), node.in()), node);
      if (first == null || !canReplace(first, node, pinned)) {
        nodes.add(node);
        continue;
      }
      for (int i = 0; i < node.out().size(); i++) {
        if (!node.out().get(i).isEmpty()) {
          same.put(node.out().get(i), first.out().get(i));
        }
      }
    }
    return same.isEmpty() ? graph : DeadNodes.removed(graph.toBuilder().nodes(_ -> nodes).build());
  }

  private static boolean canReplace(Node first, Node second, Set<String> pinned) {
    for (int i = 0; i < second.out().size(); i++) {
      String out = second.out().get(i);
      if (!out.isEmpty()
          && (pinned.contains(out) || i >= first.out().size() || first.out().get(i).isEmpty())) {
        return false;
      }
    }
    // An op that splits evenly reads the number of its results.
    return first.out().size() == second.out().size();
  }
}
