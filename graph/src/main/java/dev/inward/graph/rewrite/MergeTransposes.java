package dev.inward.graph.rewrite;

import dev.inward.graph.Graph;
import dev.inward.graph.Movement.Transpose;
import dev.inward.graph.Node;
import java.util.List;
import java.util.Optional;

/// Turns two transpositions in a row into one.
///
/// ```text
/// transpose(transpose(x, p), q)  ->  transpose(x, p[q])
/// ```
public final class MergeTransposes implements Rewrite {
  @Override
  public Optional<Change> apply(Graph graph, Node root) {
    if (!(root.op() instanceof Transpose(var outer))) {
      return Optional.empty();
    }
    Node first = graph.producer(root.operand(0)).orElse(null);
    if (first == null
        || !(first.op() instanceof Transpose(var inner))
        || inner.size() != outer.size()) {
      return Optional.empty();
    }
    List<Long> both = outer.stream().map(axis -> inner.get(axis.intValue())).toList();
    return Change.to(
        new Node(root.name(), new Transpose(both), List.of(first.operand(0)), root.out()), first);
  }
}
