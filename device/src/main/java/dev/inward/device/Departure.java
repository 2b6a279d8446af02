package dev.inward.device;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Nodes that one rule takes off the Neural Engine, or may take, and what to change about it.
///
/// @param unit where they are expected
/// @param nodes at least one, in the order of the graph
/// @param share of the multiply-accumulates of the model
/// @param change what to do to the model or its conversion
public record Departure(
    Rule rule,
    ComputeUnit unit,
    Certainty certainty,
    List<Placement.Placed> nodes,
    double share,
    String change) {
  public Departure {
    nodes = List.copyOf(nodes);
  }

  private record Key(Rule rule, ComputeUnit unit, Certainty certainty, String change) {}

  static List<Departure> of(Placement placement) {
    Map<Key, List<Placement.Placed>> groups = new LinkedHashMap<>();
    double all = 0;
    for (Placement.Placed placed : placement.running()) {
      all += placed.macs();
      if (placed.reason().isPresent()) {
        Rule rule = placed.reason().get().rule();
        var key =
            new Key(
                rule,
                placed.unit(),
                placed.certainty(),
                Change.of(rule, placed.node(), placement.chip()));
        groups.computeIfAbsent(key, _ -> new ArrayList<>()).add(placed);
      }
    }
    double total = all;
    return groups.entrySet().stream()
        .map(group ->
            new Departure(
                group.getKey().rule(),
                group.getKey().unit(),
                group.getKey().certainty(),
                group.getValue(),
                total == 0
                    ? 0
                    : group.getValue().stream().mapToDouble(Placement.Placed::macs).sum() / total,
                group.getKey().change()))
        .sorted(
            Comparator.comparing((Departure one) -> one.unit() == ComputeUnit.NEURAL_ENGINE)
                .thenComparing(Comparator.comparingDouble(Departure::share).reversed())
                .thenComparing(
                    Comparator.comparingInt((Departure one) -> one.nodes().size()).reversed()))
        .toList();
  }
}
