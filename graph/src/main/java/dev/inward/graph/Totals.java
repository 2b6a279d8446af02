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

  /// Elements of the weights, one that several nodes read counted once. Needs no shapes.
  public static long parameters(Graph graph) {
    Set<String> weights = new HashSet<>();
    for (Node node : graph.nodes()) {
      node.reads()
          .forEach(name ->
              graph
                  .constant(name)
                  .filter(c -> Counting.isWeight(node, name, c))
                  .ifPresent(_ -> weights.add(name)));
    }
    return graph.constants().entrySet().stream()
        .filter(constant -> weights.contains(constant.getKey()))
        .mapToLong(constant -> constant.getValue().elements())
        .reduce(0, Math::addExact);
  }

  /// Bytes of all constants that something reads, as they are stored, each once. Needs no shapes.
  public static long weightBytes(Graph graph) {
    Set<String> read = new HashSet<>(graph.outputs());
    graph.nodes().forEach(node -> node.reads().forEach(read::add));
    return graph.constants().entrySet().stream()
        .filter(constant -> read.contains(constant.getKey()))
        .mapToLong(constant -> constant.getValue().storedBytes())
        .reduce(0, Math::addExact);
  }

  private static Totals count(Graph graph) {
    var sum = Work.NONE;
    for (Node node : graph.nodes()) {
      sum = sum.plus(Counting.of(graph, node));
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
        parameters(graph),
        weightBytes(graph),
        sum.macs(),
        sum.operations(),
        sum.bytesRead(),
        sum.bytesWritten(),
        peak,
        where);
  }
}
