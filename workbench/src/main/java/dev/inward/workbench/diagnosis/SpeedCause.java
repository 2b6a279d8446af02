package dev.inward.workbench.diagnosis;

import dev.inward.base.Unit;
import dev.inward.device.Chip;
import dev.inward.device.ComputeUnit;
import dev.inward.device.Departure;
import dev.inward.device.Placement;
import dev.inward.device.Rule;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.runtime.HalfPrecision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// What will cost a model time on a device, by the rules of placement: expected, never promised.
///
/// @param kind what it is
/// @param nodes that it concerns, in order
/// @param evidence the rule applied, with its numbers
/// @param change what to do about it
/// @param source who says so
public record SpeedCause(
    Kind kind, List<String> nodes, String evidence, String change, String source) {
  /* On-chip working set of the base engines. */
  private static final long WORKING_SET = 2_000_000;
  private static final String GUIDE =
      "sbryngelson/ane-guide, chapters 9 and 12 (M1; M5 has 4.7 MB)";
  private static final int MANY_WEIGHTS = 500;
  private static final long LARGE = 200_000_000;

  /* That of the iPhone 13 and of the iPad mini of 2021. */
  private static final String CHIP = "A15 Bionic";

  public enum Kind {
    /// An op that the Neural Engine does not run, or Core ML does not give it.
    LEAVES_ENGINE,
    /// A shape that is not fixed.
    DYNAMIC_SHAPE,
    /// Float32 among float16.
    TYPE_ISLAND,
    /// The first run has much to prepare.
    COLD_LOAD,
    /// What a node reads and makes does not fit on the chip.
    WORKING_SET;

    /// `type island`.
    public String title() {
      return name().toLowerCase(java.util.Locale.ROOT).replace('_', ' ');
    }
  }

  public SpeedCause {
    nodes = List.copyOf(nodes);
  }

  /// Those of a model on one chip that is common.
  static List<SpeedCause> of(Graph graph) {
    Chip chip =
        Chip.all().stream().filter(one -> one.name().equals(CHIP)).findFirst().orElseThrow();
    boolean typed = HalfPrecision.isIn(graph);
    Placement placement = typed ? Placement.ofProgram(graph, chip) : Placement.of(graph, chip);
    List<SpeedCause> causes = new ArrayList<>();
    for (Departure departure : placement.departures()) {
      if (departure.rule() == Rule.SMALL_MODEL || departure.rule() == Rule.LONE_PRODUCT) {
        continue;
      }
      List<Placement.Placed> nodes = departure.nodes();
      causes.add(
          new SpeedCause(
              kind(departure),
              nodes.stream().map(placed -> placed.node().name()).toList(),
              "%s: %s"
                  .formatted(
                      departure.unit() == ComputeUnit.NEURAL_ENGINE
                          ? "may not stay on the Neural Engine"
                          : "%s on %s"
                              .formatted(
                                  departure.certainty().title(),
                                  departure.unit() == ComputeUnit.CPU ? "the CPU" : "the GPU"),
                      nodes.getFirst().why()),
              departure.change(),
              "%s on %s; %s"
                  .formatted(
                      departure.rule().title(), chip.name(), departure.rule().source(chip))));
    }
    spills(graph, typed).ifPresent(causes::add);
    cold(graph).ifPresent(causes::add);
    return List.copyOf(causes);
  }

  private static Kind kind(Departure departure) {
    return switch (departure.rule()) {
      case FLEXIBLE, SHAPE_ARITHMETIC -> Kind.DYNAMIC_SHAPE;
      case FLOAT32, INTERFACE, ISLAND -> Kind.TYPE_ISLAND;
      default -> Kind.LEAVES_ENGINE;
    };
  }

  /// Nodes whose operands and results, weights apart, are larger than the working set.
  private static java.util.Optional<SpeedCause> spills(Graph graph, boolean typed) {
    Map<String, Long> large = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      long bytes =
          Stream.concat(
                  node.in().stream().filter(in -> graph.constant(in).isEmpty()),
                  node.out().stream())
              .filter(value -> !value.isEmpty())
              .distinct()
              .flatMap(value -> graph.type(value).stream())
              .mapToLong(type -> bytes(type, typed))
              .sum();
      if (bytes > WORKING_SET) {
        large.put(node.name(), bytes);
      }
    }
    if (large.isEmpty()) {
      return java.util.Optional.empty();
    }
    var worst = large.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow();
    return java.util.Optional.of(
        new SpeedCause(
            Kind.WORKING_SET,
            List.copyOf(large.keySet()),
            "'%s' reads and makes %s, the chip holds %s; the rest goes through memory"
                .formatted(
                    worst.getKey(),
                    Unit.BYTES.text(worst.getValue()),
                    Unit.BYTES.text(WORKING_SET)),
            "smaller inputs, or the sequence in parts",
            GUIDE));
  }

  private static long bytes(TensorType type, boolean typed) {
    if (!type.shape().isStatic()) {
      return 0;
    }
    long width = type.dtype().isFloat() && !typed ? 2 : Math.max(1, type.dtype().bits() / 8);
    return type.shape().elements().orElse(0) * width;
  }

  private static java.util.Optional<SpeedCause> cold(Graph graph) {
    List<Tensor> weights =
        graph.constants().values().stream().filter(t -> t.elements() > 1000).toList();
    long bytes = weights.stream().mapToLong(Tensor::storedBytes).sum();
    if (weights.size() < MANY_WEIGHTS && bytes < LARGE) {
      return java.util.Optional.empty();
    }
    return java.util.Optional.of(
        new SpeedCause(
            Kind.COLD_LOAD,
            List.of(),
            "%d weights of %s are prepared for the chip on the first load"
                .formatted(weights.size(), Unit.BYTES.text(bytes)),
            "load it ahead of its first use, or encode its weights in fewer bits",
            "Apple, Core ML: models are specialised for the device when first loaded"));
  }
}
