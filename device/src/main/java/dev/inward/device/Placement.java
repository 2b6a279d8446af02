package dev.inward.device;

import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Expression;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Shape;
import dev.inward.graph.TensorType;
import dev.inward.graph.Windowed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Which unit each node is expected on when the model runs as a half-precision program, and why not
/// on the Neural Engine where not. What the system really does shows on a device only.
///
/// @param nodes one for each node of the graph, in its order
public record Placement(Chip chip, List<Placed> nodes) {
  /// Sources: limits of extents and windows as measured on M1 to M5 (sbryngelson/ane-guide, August
  /// 2026); ranks, types and flexible shapes as Apple's guides and hollance/neural-engine say.
  private static final int HIGHEST_RANK = 5;

  private static final long CHANNELS = 65_536;

  public Placement {
    nodes = List.copyOf(nodes);
  }

  private static final String AHEAD = "its results are known before the model runs";

  /// A node and where it is expected.
  ///
  /// @param rule why not on the Neural Engine; empty where it is
  public record Placed(Node node, ComputeUnit unit, String rule) {
    /// Whether the node is shape arithmetic whose results are known before the model runs.
    public boolean ahead() {
      return rule.equals(AHEAD);
    }
  }

  /// Places every node.
  public static Placement of(Graph graph, Chip chip) {
    var placed = new ArrayList<Placed>();
    for (Node node : graph.nodes()) {
      placed.add(place(graph, node, chip));
    }
    return new Placement(chip, placed);
  }

  /// How many of the nodes that really run are expected on each unit; units without one are left
  /// out.
  public Map<ComputeUnit, Integer> count() {
    var count = new EnumMap<ComputeUnit, Integer>(ComputeUnit.class);
    nodes.stream()
        .filter(placed -> !placed.ahead())
        .forEach(placed -> count.merge(placed.unit(), 1, Integer::sum));
    return count;
  }

  private static Placed place(Graph graph, Node node, Chip chip) {
    if (node.out().stream()
        .allMatch(
            out -> out.isEmpty() || graph.contents(out).filter(Placement::numbers).isPresent())) {
      return new Placed(node, ComputeUnit.CPU, AHEAD);
    }
    OpSupport support = OpSupport.of(node.op());
    if (chip.generation() < support.since()) {
      return new Placed(node, ComputeUnit.CPU, support.rule());
    }
    Optional<String> data = data(graph, node);
    if (data.isPresent()) {
      return new Placed(node, ComputeUnit.CPU, data.get());
    }
    if (!chip.neuralEngine()) {
      return new Placed(
          node, ComputeUnit.GPU, "no Core ML program reaches a Neural Engine on " + chip.name());
    }
    return shapes(graph, node, chip)
        .or(() -> window(graph, node, chip))
        .map(rule -> new Placed(node, ComputeUnit.GPU, rule))
        .orElseGet(() -> new Placed(node, ComputeUnit.NEURAL_ENGINE, ""));
  }

  private static boolean numbers(List<Expression> elements) {
    return elements.stream().allMatch(element -> element.constant().isPresent());
  }

  /// Wide whole numbers stay on the CPU; what only steers an op (a shape, axes, pads) does not
  /// count.
  private static Optional<String> data(Graph graph, Node node) {
    var types = new ArrayList<DataType>();
    activations(graph, node).forEach(type -> types.add(type.dtype()));
    results(graph, node).forEach(type -> types.add(type.dtype()));
    for (DataType type : types) {
      if (type == DataType.FLOAT64 || (type.isInteger() && type.bits() > 16)) {
        return Optional.of("the Neural Engine has no " + type.text());
      }
    }
    return Optional.empty();
  }

  private static Optional<String> shapes(Graph graph, Node node, Chip chip) {
    long widest = chip.generation() >= 16 ? 65_536 : 16_384;
    for (TensorType type : Stream.concat(activations(graph, node), results(graph, node)).toList()) {
      Shape shape = type.shape();
      if (!shape.isStatic()) {
        return Optional.of("a shape that is not fixed keeps a node off the Neural Engine");
      }
      if (shape.rank() > HIGHEST_RANK) {
        return Optional.of(
            "the Neural Engine has at most %d axes, not %d".formatted(HIGHEST_RANK, shape.rank()));
      }
      for (int axis = 0; axis < shape.rank(); axis++) {
        boolean channel = shape.rank() >= 4 && axis == 1;
        long most = channel ? CHANNELS : widest;
        if (axis >= shape.rank() - 2 - (channel ? 1 : 0)
            && shape.dim(axis) instanceof Dim.Known(var size)
            && size > most) {
          return Optional.of(
              "the Neural Engine of %s has extents up to %d, not %d"
                  .formatted(chip.name(), most, size));
        }
      }
    }
    return Optional.empty();
  }

  private static Optional<String> window(Graph graph, Node node, Chip chip) {
    if (!(node.op() instanceof Windowed windowed)) {
      return Optional.empty();
    }
    boolean later = chip.generation() >= 16;
    long height = later ? 32 : 29;
    long width = windowed instanceof Windowed.Pool ? height : later ? 15 : 13;
    List<Long> kernel = windowed.windowOf().map(Windowed.Window::kernel).orElse(List.of());
    if (kernel.isEmpty() && graph.shape(node.operand(1)).isStatic()) {
      long[] weight = graph.shape(node.operand(1)).sizes();
      kernel = Arrays.stream(weight).skip(2).boxed().toList();
    }
    if (kernel.isEmpty()) {
      return Optional.empty();
    }
    boolean tall = kernel.size() > 1 && kernel.get(kernel.size() - 2) > height;
    if (kernel.getLast() > width || tall) {
      return Optional.of(
          "the Neural Engine of %s has windows up to %dx%d, not %s"
              .formatted(
                  chip.name(),
                  height,
                  width,
                  kernel.stream().map(String::valueOf).collect(Collectors.joining("x"))));
    }
    return Optional.empty();
  }

  /// The operands that data flows through: no constants, no empty ones, none that only steers.
  private static Stream<TensorType> activations(Graph graph, Node node) {
    int data = steered(node.op()) ? 1 : node.in().size();
    return node.in().stream()
        .limit(data)
        .filter(name -> !name.isEmpty() && graph.constant(name).isEmpty())
        .flatMap(name -> graph.type(name).stream());
  }

  /// Whether only the first operand is data.
  private static boolean steered(Op op) {
    return op instanceof Movement.Reshape
        || op instanceof Movement.Slice
        || op instanceof Movement.Expand
        || op instanceof Movement.Tile
        || op instanceof Movement.Pad
        || op instanceof Movement.Resize
        || op instanceof Elementwise.Clip;
  }

  private static Stream<TensorType> results(Graph graph, Node node) {
    return node.out().stream()
        .filter(name -> !name.isEmpty())
        .flatMap(name -> graph.type(name).stream());
  }
}
