package dev.inward.graph.rewrite;

import dev.inward.graph.Graph;

/// A pure step from a graph to an equal one: same inputs and outputs by name, same results.
@FunctionalInterface
public interface Pass {
  Graph apply(Graph graph);
}
