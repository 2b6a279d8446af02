package dev.inward.graph;

import dev.inward.base.InputException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// What a whole graph costs; [Counting] and [Liveness] say how it is counted.
///
/// @param parameters elements of the weights, one that several nodes read counted once
/// @param weightBytes of all constants that something reads, as they are stored, each once
/// @param peakBytes of the activations that are live at the same time
/// @param peakNode where that is so first; empty where the graph has no nodes
public record Totals(
    long parameters,
    long weightBytes,
    long macs,
    long operations,
    long bytesRead,
    long bytesWritten,
    long peakBytes,
    String peakNode) {

  /// @throws InputException where a shape holds a symbol or is not known, with what to bind
  /// @throws dev.inward.base.UnsupportedException where an op is not known to this version
  public static Totals of(Graph graph) {
    try {
      return count(graph);
    } catch (ArithmeticException e) {
      throw InputException.of("the graph has more work than can be counted");
    }
  }

  private static Totals count(Graph graph) {
    var sum = Work.NONE;
    Set<String> weights = new HashSet<>();
    Set<String> constants = new HashSet<>(graph.outputs());
    for (Node node : graph.nodes()) {
      sum = sum.plus(Counting.of(graph, node));
      node.reads()
          .forEach(name -> {
            constants.add(name);
            graph
                .constant(name)
                .filter(c -> Counting.isWeight(node, name, c))
                .ifPresent(_ -> weights.add(name));
          });
    }
    long parameters = 0;
    long weightBytes = 0;
    for (var constant : graph.constants().entrySet()) {
      var tensor = constant.getValue();
      if (constants.contains(constant.getKey())) {
        weightBytes = Math.addExact(weightBytes, tensor.storedBytes());
      }
      if (weights.contains(constant.getKey())) {
        parameters = Math.addExact(parameters, tensor.elements());
      }
    }
    List<Long> live = Liveness.bytes(graph);
    long peak = Liveness.inputBytes(graph);
    String where = "";
    for (int i = 0; i < live.size(); i++) {
      if (where.isEmpty() || live.get(i) > peak) {
        peak = live.get(i);
        where = graph.nodes().get(i).name();
      }
    }
    return new Totals(
        parameters,
        weightBytes,
        sum.macs(),
        sum.operations(),
        sum.bytesRead(),
        sum.bytesWritten(),
        peak,
        where);
  }
}
