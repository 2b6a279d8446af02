package dev.inward.device;

import dev.inward.base.Refusal;
import dev.inward.graph.Counting;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Expression;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Reduction;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which unit each node is expected on, and the rule that decides it. What the system really does
/// shows on a device only.
///
/// @param nodes one for each node of the graph, in its order
public record Placement(Chip chip, List<Placed> nodes) {
  public Placement {
    nodes = List.copyOf(nodes);
  }

  /// A node and where it is expected.
  ///
  /// @param reason the rule that keeps it off the Neural Engine, or that may; empty where none does
  /// @param macs multiply-accumulates of the node; 0 where they cannot be counted
  public record Placed(
      Node node, ComputeUnit unit, Certainty certainty, Optional<Reason> reason, double macs) {
    /// Whether the results of the node are known before the model runs.
    public boolean ahead() {
      return is(Rule.KNOWN_AHEAD);
    }

    /// Whether this is the rule that decides.
    public boolean is(Rule rule) {
      return reason.isPresent() && reason.get().rule() == rule;
    }

    /// The rule in words, applied to this node; empty where no rule speaks against the engine.
    public String why() {
      return reason.map(Reason::text).orElse("");
    }

    Placed on(ComputeUnit other, Certainty sure, Reason because) {
      return new Placed(node, other, sure, Optional.of(because), macs);
    }
  }

  /// Places a model that is yet to be written as a program in half precision: its float32 values
  /// are taken for float16.
  public static Placement of(Graph graph, Chip chip) {
    return of(graph, chip, false);
  }

  /// Places a program as it stands, with the types that its package states.
  public static Placement ofProgram(Graph program, Chip chip) {
    return of(program, chip, true);
  }

  static Placement of(Graph graph, Chip chip, boolean typed) {
    var placing = new Placing(graph, chip, typed);
    List<Placed> placed = graph.nodes().stream().map(placing::place).toList();
    return new Placement(chip, new Worth(graph, chip, typed).weighed(placed));
  }

  /// How many of the nodes that really run are expected on each unit; units without one are left
  /// out.
  public Map<ComputeUnit, Integer> count() {
    var count = new EnumMap<ComputeUnit, Integer>(ComputeUnit.class);
    running().forEach(placed -> count.merge(placed.unit(), 1, Integer::sum));
    return count;
  }

  /// The nodes that really run.
  public List<Placed> running() {
    return nodes.stream().filter(placed -> !placed.ahead()).toList();
  }

  /// How often an answer goes from one unit to another, in an order that does so little.
  public int crossings() {
    return Math.max(0, Schedule.runs(running()).size() - 1);
  }

  /// The share of the multiply-accumulates that is expected on a unit; 0 where there are none.
  public double share(ComputeUnit unit) {
    double all = running().stream().mapToDouble(Placed::macs).sum();
    double there =
        running().stream().filter(placed -> placed.unit() == unit).mapToDouble(Placed::macs).sum();
    return all == 0 ? 0 : there / all;
  }

  /// What keeps the model from running on the Neural Engine alone, a rule after the other, the one
  /// with the most work first.
  public List<Departure> departures() {
    return Departure.of(this);
  }

  /// Applies the rules to one node by itself.
  private record Placing(Graph graph, Chip chip, boolean typed) {
    Placed place(Node node) {
      double macs = macs(node);
      if (isKnown(node)) {
        return new Placed(
            node,
            ComputeUnit.CPU,
            Certainty.LIKELY,
            Optional.of(Reason.of(Rule.KNOWN_AHEAD, "its results are known before the model runs")),
            macs);
      }
      var types = new TypeRules(graph, typed);
      Optional<Reason> reason =
          OpSupport.against(node.op(), chip)
              .or(() -> types.against(node))
              .or(() ->
                  chip.neuralEngine()
                      ? Optional.empty()
                      : Optional.of(
                          Reason.of(
                              Rule.NO_ENGINE,
                              "no Core ML program reaches a Neural Engine on %s",
                              chip.name())))
              .or(() -> new ShapeRules(graph, chip, typed).against(node));
      if (reason.isEmpty() && node.op() instanceof Reduction.ArgReduce) {
        reason =
            Optional.of(
                Reason.of(
                    Rule.LARGEST_INDEX,
                    "Core ML computes the index of a largest element on the CPU"));
        return new Placed(node, ComputeUnit.CPU, Certainty.ELIGIBLE, reason, macs);
      }
      return new Placed(
          node,
          reason.map(because -> unit(node, because.rule())).orElse(ComputeUnit.NEURAL_ENGINE),
          reason.filter(because -> couldLookUp(node, because)).isPresent()
              ? Certainty.ELIGIBLE
              : Certainty.LIKELY,
          reason,
          macs);
    }

    /// The embedding of a text model: the engine could, Core ML does not.
    private boolean couldLookUp(Node node, Reason because) {
      return because.rule() == Rule.LOOKUP
          && chip.neuralEngine()
          && node.op() instanceof Movement.Gather
          && chip.generation() >= Rule.LOOKUP.limit(chip).orElseThrow();
    }

    private double macs(Node node) {
      try {
        return Counting.of(graph, node).macs();
      } catch (Refusal _) {
        return 0;
      }
    }

    private boolean isKnown(Node node) {
      return node.out().stream()
              .allMatch(
                  out -> out.isEmpty() || graph.contents(out).filter(Placing::numbers).isPresent())
          || !node.in().isEmpty()
              && node.reads().allMatch(value -> graph.constant(value).isPresent());
    }

    private static boolean numbers(List<Expression> elements) {
      return elements.stream().allMatch(element -> element.constant().isPresent());
    }

    /// Where a node goes that a rule keeps off the engine: what no unit but the CPU does goes
    /// there, what is too large or too precise to the GPU.
    private static ComputeUnit unit(Node node, Rule rule) {
      if (rule == Rule.FLOAT32 && node.op() instanceof Elementwise.Cast) {
        return ComputeUnit.CPU;
      }
      return switch (rule) {
        case KNOWN_AHEAD,
            UNKNOWN_OP,
            NO_SUCH_OP,
            RECURRENCE,
            SCATTER,
            SHAPE_ARITHMETIC,
            LOOKUP,
            LARGEST_INDEX,
            REDUCTION,
            TEXTURE,
            REFLECTION,
            RANKING,
            SMALLEST_INDEX,
            TRIGONOMETRY,
            INTERFACE,
            WHOLE_NUMBERS,
            NO_SUCH_TYPE,
            PAD_MODE,
            PAD_AXES,
            CONCAT_AXIS,
            BLOCK_FACTOR,
            TILE_FACTOR,
            INDEX_AXIS,
            ISLAND ->
            ComputeUnit.CPU;
        case NO_ENGINE,
            FLOAT32,
            FLEXIBLE,
            RANK,
            PRODUCT_RANK,
            CONVOLUTION_RANK,
            RUNTIME_KERNEL,
            EXTENT,
            CHANNELS,
            BATCH,
            KERNEL_WIDTH,
            KERNEL_HEIGHT,
            POOL_WINDOW,
            FUSED_ATTENTION ->
            ComputeUnit.GPU;
        case SMALL_MODEL, LONE_PRODUCT, SATURATING_SLICE -> ComputeUnit.NEURAL_ENGINE;
      };
    }
  }
}
