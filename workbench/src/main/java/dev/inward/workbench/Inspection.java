package dev.inward.workbench;

import dev.inward.base.Refusal;
import dev.inward.graph.Counting;
import dev.inward.graph.Graph;
import dev.inward.graph.Liveness;
import dev.inward.graph.Node;
import dev.inward.graph.Opaque;
import dev.inward.graph.Tensor;
import dev.inward.graph.Totals;
import dev.inward.graph.Work;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;

/// What a model is and costs, read off the file: nothing is run, and no page of weights is touched.
///
/// @param parameters elements of the weights, each once
/// @param weightBytes of all constants that something reads, as they are stored
/// @param ops how many nodes there are of each op, the most frequent first
/// @param encodings how the constants are stored, the most bytes first
/// @param opaque operators that this version does not know, with their domain, each once
/// @param totals empty where a shape is not known or an op is opaque
/// @param uncounted why there are no totals
public record Inspection(
    Graph graph,
    long parameters,
    long weightBytes,
    SequencedMap<String, Integer> ops,
    List<Stored> encodings,
    List<String> opaque,
    Optional<Totals> totals,
    Optional<Refusal> uncounted) {

  /// Constants that are stored alike.
  ///
  /// @param how the type and the encoding: `float32 dense`, `float32 int8 per channel (axis 0)`
  public record Stored(String how, int tensors, long elements, long bytes) {}

  /// What one node costs.
  ///
  /// @param work empty where a shape is not known or the op is opaque
  /// @param liveBytes of activations while it runs
  public record Row(Node node, Optional<Work> work, Optional<Long> liveBytes) {}

  public Inspection {
    encodings = List.copyOf(encodings);
    opaque = List.copyOf(opaque);
  }

  /// Looks at a graph as it is.
  public static Inspection of(Graph graph) {
    Optional<Totals> totals = Optional.empty();
    Optional<Refusal> uncounted = Optional.empty();
    try {
      totals = Optional.of(Totals.of(graph));
    } catch (Refusal e) {
      uncounted = Optional.of(e);
    }
    return new Inspection(
        graph,
        Totals.parameters(graph),
        Totals.weightBytes(graph),
        ops(graph),
        encodings(graph),
        graph.nodes().stream()
            .filter(node -> node.op() instanceof Opaque)
            .map(node -> domain((Opaque) node.op()))
            .distinct()
            .sorted()
            .toList(),
        totals,
        uncounted);
  }

  private static String domain(Opaque op) {
    return op.domain().isEmpty() ? op.operator() : op.domain() + "." + op.operator();
  }

  private static SequencedMap<String, Integer> ops(Graph graph) {
    Map<String, Integer> count = new TreeMap<>();
    graph.nodes().forEach(node -> count.merge(node.op().name(), 1, Integer::sum));
    SequencedMap<String, Integer> ordered = new java.util.LinkedHashMap<>();
    count.entrySet().stream()
        .sorted(Map.Entry.comparingByValue(Collections.reverseOrder()))
        .forEach(entry -> ordered.put(entry.getKey(), entry.getValue()));
    return Collections.unmodifiableSequencedMap(ordered);
  }

  private static List<Stored> encodings(Graph graph) {
    Set<String> read = new HashSet<>(graph.outputs());
    graph.nodes().forEach(node -> node.reads().forEach(read::add));
    Map<String, Stored> all = new TreeMap<>();
    graph
        .constants()
        .forEach((name, tensor) -> {
          if (read.contains(name)) {
            var one = new Stored(how(tensor), 1, tensor.elements(), tensor.storedBytes());
            all.merge(
                one.how(),
                one,
                (a, b) ->
                    new Stored(
                        a.how(),
                        a.tensors() + 1,
                        a.elements() + b.elements(),
                        a.bytes() + b.bytes()));
          }
        });
    return all.values().stream().sorted((a, b) -> Long.compare(b.bytes(), a.bytes())).toList();
  }

  private static String how(Tensor tensor) {
    return tensor.dtype().text() + " " + tensor.how();
  }

  /// Every node with its costs, in order.
  public List<Row> rows() {
    List<Long> live = totals.isPresent() ? Liveness.bytes(graph) : List.of();
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < graph.nodes().size(); i++) {
      Node node = graph.nodes().get(i);
      Optional<Work> work = Optional.empty();
      try {
        work = Optional.of(Counting.of(graph, node));
      } catch (Refusal e) {
        // The row says that it is not known.
      }
      rows.add(new Row(node, work, live.isEmpty() ? Optional.empty() : Optional.of(live.get(i))));
    }
    return List.copyOf(rows);
  }
}
