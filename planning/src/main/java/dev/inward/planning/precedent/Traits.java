package dev.inward.planning.precedent;

import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Product;
import dev.inward.graph.Totals;
import dev.inward.graph.Windowed;

/// What is read off a model to find results published of its like.
///
/// @param parameters elements of its weights
public record Traits(Kind kind, double parameters) {
  /// Convolutions that cut an image into patches or mix positions; a net with more has convolutions
  /// as such.
  private static final long PATCHING = 4;

  private static final double FEW = 1000;

  /// Of a model.
  public static Traits of(Graph graph) {
    long convolutions = count(graph, node -> node.op() instanceof Windowed.Conv);
    boolean attention = graph.nodes().stream().anyMatch(node -> attends(graph, node));
    boolean depthwise = graph.nodes().stream().anyMatch(node -> depthwise(graph, node));
    boolean grouped =
        graph.nodes().stream()
            .anyMatch(node -> node.op() instanceof Windowed.Conv(_, var groups) && groups > 1);
    boolean gated = graph.nodes().stream().anyMatch(node -> gates(graph, node));
    Kind kind;
    if (attention) {
      kind =
          convolutions > PATCHING
              ? Kind.HYBRID
              : graph.nodes().stream().anyMatch(node -> looksUp(graph, node))
                  ? Kind.TEXT
                  : Kind.TRANSFORMER;
    } else if (depthwise) {
      kind = gated ? Kind.GATED : Kind.DEPTHWISE;
    } else {
      kind = grouped ? Kind.GROUPED : Kind.CONVOLUTION;
    }
    return new Traits(kind, Totals.parameters(graph));
  }

  private static long count(Graph graph, java.util.function.Predicate<Node> of) {
    return graph.nodes().stream().filter(of).count();
  }

  private static boolean depthwise(Graph graph, Node node) {
    if (!(node.op() instanceof Windowed.Conv(_, var groups)) || groups == 1) {
      return false;
    }
    var weight = graph.shape(node.operand(1));
    return weight.ranked() && weight.rank() > 1 && weight.dim(1).equals(dev.inward.graph.Dim.of(1));
  }

  /// A softmax whose result is multiplied with something computed.
  private static boolean attends(Graph graph, Node node) {
    return node.op() instanceof Product.Attention
        || node.op() instanceof Normalization.Softmax
            && graph.readers(node.out().getFirst()).stream()
                .anyMatch(reader ->
                    (reader.op() instanceof Product.MatMul || reader.op() instanceof Product.Einsum)
                        && reader.reads().noneMatch(in -> graph.constant(in).isPresent()));
  }

  /// A swish, its hard form, or a sigmoid of a global mean, such as squeeze-and-excite ends in.
  private static boolean gates(Graph graph, Node node) {
    return switch (node.op()) {
      case Elementwise.Swish _ -> true;
      case Elementwise.Unary(var function) ->
          function == Elementwise.Unary.Function.HARD_SWISH
              || function == Elementwise.Unary.Function.SIGMOID && scales(graph, node);
      case Elementwise.HardSigmoid _ -> scales(graph, node);
      default -> false;
    };
  }

  private static boolean scales(Graph graph, Node node) {
    return graph.readers(node.out().getFirst()).stream()
        .anyMatch(
            reader -> reader.op().equals(new Elementwise.Binary(Elementwise.Binary.Function.MUL)));
  }

  private static boolean looksUp(Graph graph, Node node) {
    return node.op() instanceof Movement.Gather
        && graph
            .constant(node.operand(0))
            .filter(t -> t.rank() == 2 && t.elements() >= FEW)
            .isPresent();
  }
}
