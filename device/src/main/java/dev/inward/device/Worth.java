package dev.inward.device;

import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Product;
import dev.inward.graph.Totals;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Looks at nodes that the Neural Engine could run, and says where Core ML is known to decide
/// otherwise, and where a result may suffer.
///
/// @param typed whether the graph is a program as written
record Worth(Graph graph, Chip chip, boolean typed) {
  /// The same nodes, some of them elsewhere or less sure.
  List<Placement.Placed> weighed(List<Placement.Placed> placed) {
    return small(lone(islands(placed.stream().map(this::alone).toList())));
  }

  private Placement.Placed alone(Placement.Placed placed) {
    if (placed.unit() != ComputeUnit.NEURAL_ENGINE) {
      return placed;
    }
    return attention(placed.node())
        .map(reason -> placed.on(ComputeUnit.GPU, Certainty.ELIGIBLE, reason))
        .or(() ->
            slice(placed.node())
                .map(reason -> placed.on(placed.unit(), Certainty.ELIGIBLE, reason)))
        .orElse(placed);
  }

  /// Attention that is one op of the program; a graph that is yet to be written may have it written
  /// out.
  private Optional<Reason> attention(Node node) {
    if (!typed || !(node.op() instanceof Product.Attention)) {
      return Optional.empty();
    }
    long elements = graph.shape(node.operand(0)).elements().orElse(0);
    long least = Rule.FUSED_ATTENTION.limit(chip).orElseThrow();
    return elements >= least
        ? Optional.empty()
        : Optional.of(
            Reason.of(
                Rule.FUSED_ATTENTION,
                "Core ML gives fused attention to the Neural Engine from about %d elements on, not"
                    + " %d",
                least,
                elements));
  }

  private Optional<Reason> slice(Node node) {
    var most = Rule.SATURATING_SLICE.limit(chip);
    return most.isPresent() && startsInsideLastAxis(node)
        ? Optional.of(
            Reason.of(
                Rule.SATURATING_SLICE,
                "a slice that starts inside the last axis makes infinity of what is above %d on %s",
                most.getAsLong(),
                chip.name()))
        : Optional.empty();
  }

  private boolean startsInsideLastAxis(Node node) {
    int rank = graph.shape(node.operand(0)).rank();
    return switch (node.op()) {
      case Movement.Split(var axis, _) -> Math.floorMod(axis, rank) == rank - 1;
      case Movement.Slice _ -> {
        List<Long> starts = ShapeRules.numbers(graph, node.operand(1));
        List<Long> axes = ShapeRules.numbers(graph, node.operand(3));
        boolean inside = false;
        for (int i = 0; i < starts.size(); i++) {
          long axis = i < axes.size() ? Math.floorMod(axes.get(i), rank) : i;
          inside |= axis == rank - 1 && starts.get(i) != 0;
        }
        yield inside;
      }
      default -> false;
    };
  }

  /// Nodes on the engine that hang together; of these only the one with the most work, and those
  /// that multiply, are worth a crossing.
  private List<Placement.Placed> islands(List<Placement.Placed> placed) {
    int[] group = groups(placed);
    Map<Integer, Double> work = new HashMap<>();
    Map<Integer, Integer> size = new HashMap<>();
    for (int i = 0; i < placed.size(); i++) {
      if (group[i] >= 0) {
        work.merge(group[i], placed.get(i).macs(), Double::sum);
        size.merge(group[i], 1, Integer::sum);
      }
    }
    int main = -1;
    for (int candidate : work.keySet().stream().sorted().toList()) {
      if (main < 0
          || work.getOrDefault(candidate, 0.0) > work.getOrDefault(main, 0.0)
          || work.getOrDefault(candidate, 0.0).equals(work.getOrDefault(main, 0.0))
              && size.getOrDefault(candidate, 0) > size.getOrDefault(main, 0)) {
        main = candidate;
      }
    }
    boolean anyElsewhere =
        placed.stream().anyMatch(p -> !p.ahead() && p.unit() != ComputeUnit.NEURAL_ENGINE);
    var weighed = new ArrayList<Placement.Placed>();
    for (int i = 0; i < placed.size(); i++) {
      boolean island =
          anyElsewhere
              && group[i] >= 0
              && group[i] != main
              && work.getOrDefault(group[i], 0.0) == 0;
      weighed.add(
          island
              ? placed
                  .get(i)
                  .on(
                      ComputeUnit.CPU,
                      Certainty.ELIGIBLE,
                      Reason.of(
                          Rule.ISLAND,
                          "its neighbours are elsewhere, and it does too little to go to the Neural"
                              + " Engine and back"))
              : placed.get(i));
    }
    return weighed;
  }

  /// For each node the number of its group; -1 where it is not on the engine.
  private static int[] groups(List<Placement.Placed> placed) {
    int[] parent = new int[placed.size()];
    Map<String, Integer> producer = new HashMap<>();
    for (int i = 0; i < parent.length; i++) {
      boolean engine = placed.get(i).unit() == ComputeUnit.NEURAL_ENGINE;
      parent[i] = engine ? i : -1;
      if (engine) {
        for (String value : placed.get(i).node().reads().toList()) {
          Integer from = producer.get(value);
          if (from != null) {
            parent[root(parent, i)] = root(parent, from);
          }
        }
        for (String out : placed.get(i).node().out()) {
          producer.put(out, i);
        }
      }
    }
    for (int i = 0; i < parent.length; i++) {
      parent[i] = parent[i] < 0 ? -1 : root(parent, i);
    }
    return parent;
  }

  private static int root(int[] parent, int of) {
    int at = of;
    while (parent[at] != at) {
      parent[at] = parent[parent[at]];
      at = parent[at];
    }
    return at;
  }

  /// A model of one product and little else is placed by the depth of that.
  private List<Placement.Placed> lone(List<Placement.Placed> placed) {
    List<Placement.Placed> working = placed.stream().filter(p -> p.macs() > 0).toList();
    if (working.size() != 1
        || working.getFirst().unit() != ComputeUnit.NEURAL_ENGINE
        || !(working.getFirst().node().op() instanceof Product)
        || graph.shape(working.getFirst().node().operand(0)).rank() == 0) {
      return placed;
    }
    Placement.Placed only = working.getFirst();
    long[] sizes = graph.shape(only.node().operand(0)).sizes();
    long depth = sizes[sizes.length - 1];
    long least = Rule.LONE_PRODUCT.limit(chip).orElseThrow();
    if (depth >= least) {
      return placed;
    }
    Reason reason =
        Reason.of(
            Rule.LONE_PRODUCT,
            "Core ML prefers the Neural Engine for a single product from a depth of about %d on, not"
                + " %d",
            least,
            depth);
    return placed.stream()
        .map(p -> p.equals(only) ? p.on(p.unit(), Certainty.ELIGIBLE, reason) : p)
        .toList();
  }

  private List<Placement.Placed> small(List<Placement.Placed> placed) {
    long parameters = Totals.parameters(graph);
    long most = Rule.SMALL_MODEL.limit(chip).orElseThrow();
    if (parameters > most) {
      return placed;
    }
    Reason reason =
        Reason.of(
            Rule.SMALL_MODEL,
            "models of up to about %d parameters were seen wholly on the CPU; this has %d",
            most,
            parameters);
    return placed.stream()
        .map(p ->
            p.unit() == ComputeUnit.NEURAL_ENGINE && p.reason().isEmpty()
                ? p.on(p.unit(), Certainty.ELIGIBLE, reason)
                : p)
        .toList();
  }
}
