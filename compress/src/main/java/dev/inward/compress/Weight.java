package dev.inward.compress;

import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Product;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Tensor;
import dev.inward.graph.Windowed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Predicate;

/// A constant that nodes multiply by or look up in, large enough to be worth compressing.
///
/// @param name the constant's
/// @param elements how many it has
/// @param channelAxis the axis of output channels (of rows in a table), where one scale each makes
///   sense; empty where its readers disagree
/// @param inputAxis the axis that products sum over (of columns in a table); empty where its
///   readers disagree
/// @param nodes the names of the nodes that read it, in order
/// @param table whether it is looked up in, not multiplied by
public record Weight(
    String name,
    long elements,
    OptionalInt channelAxis,
    OptionalInt inputAxis,
    List<String> nodes,
    boolean table) {
  /// Constants of fewer elements stay as they are: the scales would eat the gain.
  public static final long SMALLEST = 512;

  /// Tables of fewer rows stay as they are: every sample looks them up, and they are small.
  private static final long FEWEST_ROWS = 64;

  public Weight {
    nodes = List.copyOf(nodes);
  }

  public Axes axes() {
    return new Axes(channelAxis, inputAxis);
  }

  /// The weights of a graph, in the order in which they are first read. A weight that several nodes
  /// share is one weight.
  public static List<Weight> of(Graph graph) {
    return of(graph, tensor -> tensor.dtype() == DataType.FLOAT32 && tensor.elements() >= SMALLEST);
  }

  /// The same of the constants that are wanted.
  public static List<Weight> of(Graph graph, Predicate<Tensor> wanted) {
    Map<String, Weight> found = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      for (int position = 0; position < node.in().size(); position++) {
        String name = node.operand(position);
        var tensor = graph.constant(name);
        var axis = tensor.isPresent() ? axis(node, position, tensor.get()) : OptionalInt.empty();
        if (tensor.isEmpty() || axis.isEmpty() || !wanted.test(tensor.get())) {
          continue;
        }
        boolean table = node.op() instanceof Movement.Gather;
        found.merge(
            name,
            new Weight(
                name,
                tensor.get().elements(),
                axis,
                OptionalInt.of(input(node, axis.getAsInt(), tensor.get().rank())),
                List.of(node.name()),
                table),
            Weight::shared);
      }
    }
    // A constant that something else reads too, in a place where it is no weight, is left alone,
    // and so is one that is a result.
    found
        .values()
        .removeIf(w ->
            graph.outputs().contains(w.name)
                || graph.readers(w.name).size() != w.nodes.stream().distinct().count());
    return List.copyOf(found.values());
  }

  private static Weight shared(Weight a, Weight b) {
    var nodes = new ArrayList<>(a.nodes);
    nodes.addAll(b.nodes);
    var axis = a.channelAxis.equals(b.channelAxis) ? a.channelAxis : OptionalInt.empty();
    var input = a.inputAxis.equals(b.inputAxis) ? a.inputAxis : OptionalInt.empty();
    return new Weight(a.name, a.elements, axis, input, nodes, a.table && b.table);
  }

  /// The channel axis of a constant at a position of a node, empty where it is no weight there.
  private static OptionalInt axis(Node node, int position, Tensor tensor) {
    int axis =
        switch (node.op()) {
          case Product.MatMul() -> position == 1 && tensor.rank() >= 2 ? tensor.rank() - 1 : -1;
          case Product.Linear() -> position == 1 ? 1 : -1;
          case Product.Gemm gemm -> position == 1 ? (gemm.transB() ? 0 : 1) : -1;
          case Windowed.Conv _ -> position == 1 ? 0 : -1;
          case Windowed.ConvTranspose _ -> position == 1 ? 1 : -1;
          case Recurrent _ -> position == 1 || position == 2 ? 1 : -1;
          case Movement.Gather(var gathered) ->
              position == 0
                      && gathered == 0
                      && tensor.rank() == 2
                      && tensor.dims().getFirst() >= FEWEST_ROWS
                  ? 0
                  : -1;
          default -> -1;
        };
    return axis < 0 ? OptionalInt.empty() : OptionalInt.of(axis);
  }

  /// The axis that a node sums over, beside that of its channels.
  private static int input(Node node, int channel, int rank) {
    return switch (node.op()) {
      case Windowed.Conv _ -> 1;
      case Windowed.ConvTranspose _ -> 0;
      case Recurrent _ -> 2;
      default -> channel == rank - 1 ? rank - 2 : rank - 1;
    };
  }
}
