package dev.inward.graph.rewrite;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Op;
import dev.inward.graph.Product;
import dev.inward.graph.Quantization;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Which nodes can be said in the layout `[batch, channels, 1, positions]`, and with which
/// constants.
final class ChannelForm {
  private final Graph graph;
  private final Map<String, Optional<Tensor>> kernels = new HashMap<>();

  ChannelForm(Graph graph) {
    this.graph = graph;
  }

  /// Whether a node multiplies by a constant matrix.
  static boolean isProduct(Graph graph, Node node) {
    boolean kind =
        node.op() instanceof Product.Linear
            || node.op() instanceof Product.MatMul
            || node.op() instanceof Product.Gemm;
    return kind
        && graph.constant(node.operand(0)).isEmpty()
        && graph.constant(node.operand(1)).filter(w -> w.rank() == 2).isPresent();
  }

  static boolean isNormalisation(Node node) {
    return node.op() instanceof Normalization.LayerNorm;
  }

  /// Whether a node is a linear layer that can be a convolution.
  boolean isLinear(Node node) {
    return isProduct(graph, node)
        && isPlain(node.op())
        && fits(node.operand(0))
        && fits(node.result())
        && (!node.has(2) || bias(node).isPresent())
        && kernel(node).isPresent();
  }

  private static boolean isPlain(Op op) {
    return !(op instanceof Product.Gemm(var alpha, var beta, var transA, _))
        || alpha == 1 && beta == 1 && !transA;
  }

  /// Whether a value of reals has a place in the layout.
  private boolean fits(String value) {
    return hasPlace(value) && graph.type(value).filter(type -> type.dtype().isFloat()).isPresent();
  }

  private boolean hasPlace(String value) {
    Shape shape = graph.shape(value);
    return shape.isStatic() && (shape.rank() == 2 || shape.rank() == 3);
  }

  /// The bias of a linear layer as a vector.
  Optional<Tensor> bias(Node node) {
    return graph
        .constant(node.operand(2))
        .filter(b -> {
          Shape result = graph.shape(node.result());
          return b.elements() == result.sizes()[result.rank() - 1];
        })
        .flatMap(b -> b.reshaped(List.of(b.elements())));
  }

  /// The matrix of a linear layer as the kernel `[out, in, 1, 1]`, in its encoding; empty where its
  /// codes cannot be moved.
  Optional<Tensor> kernel(Node node) {
    boolean asIs = node.op() instanceof Product.Gemm gemm && gemm.transB();
    return kernels.computeIfAbsent(
        node.operand(1) + (asIs ? "" : "'"),
        _ -> {
          Tensor matrix = graph.constant(node.operand(1)).orElseThrow();
          try {
            Tensor rows = asIs ? matrix : matrix.transposed(List.of(1, 0));
            return rows.reshaped(List.of(rows.dims().get(0), rows.dims().get(1), 1L, 1L));
          } catch (UnsupportedException _) {
            return Optional.empty();
          }
        });
  }

  /// The values of the layout that a node reads: its operands that are no constants.
  List<String> operands(Node node) {
    return node.in().stream()
        .filter(value -> !value.isEmpty() && graph.constant(value).isEmpty())
        .toList();
  }

  /// Whether a node computes the same in the layout at no cost.
  boolean isFlexible(Node node) {
    List<String> operands = operands(node);
    if (node.out().size() != 1 || operands.isEmpty() || !hasPlace(node.result())) {
      return false;
    }
    int rank = graph.shape(node.result()).rank();
    return switch (node.op()) {
      case Elementwise.Cast _ -> false;
      case Elementwise.Clip _ -> operands.size() == 1 && fits(operands.getFirst());
      case Elementwise _ ->
          fits(node.result())
              && node.in().stream()
                  .allMatch(value ->
                      graph
                          .constant(value)
                          .map(tensor -> constant(tensor, rank).isPresent())
                          .orElseGet(() -> fits(value) && graph.shape(value).rank() == rank));
      case Quantization.Quantize _, Quantization.Dequantize _ ->
          operands.size() == 1
              && hasPlace(operands.getFirst())
              && node.in().stream()
                  .skip(1)
                  .flatMap(value -> graph.constant(value).stream())
                  .allMatch(tensor -> tensor.elements() == 1);
      case Normalization.LayerNorm(var axis, _) ->
          isLast(axis, rank)
              && fits(operands.getFirst())
              && operands.size() == 1
              && node.in().stream()
                  .skip(1)
                  .flatMap(value -> graph.constant(value).stream())
                  .allMatch(tensor -> constant(tensor, rank).isPresent());
      case Normalization.Softmax(var axis) -> isLast(axis, rank) && fits(operands.getFirst());
      case Movement.Gather(var axis) ->
          rank == 2
              && fits(node.result())
              && fits(node.operand(0))
              && graph.shape(node.operand(0)).rank() == 3
              && Math.floorMod(axis, 3) == 1
              && graph.constant(node.operand(1)).filter(i -> i.elements() == 1).isPresent();
      default -> false;
    };
  }

  private static boolean isLast(long axis, int rank) {
    return axis == -1 || axis == rank - 1;
  }

  /// A constant as the values of a rank read it in the layout; empty where its codes cannot be
  /// moved.
  static Optional<Tensor> constant(Tensor tensor, int rank) {
    if (tensor.rank() > rank) {
      return Optional.empty();
    }
    if (tensor.elements() == 1) {
      return tensor.reshaped(List.of(1L, 1L, 1L, 1L));
    }
    List<Long> dims = new ArrayList<>(Collections.nCopies(rank - tensor.rank(), 1L));
    dims.addAll(tensor.dims());
    try {
      if (rank == 2) {
        return tensor.reshaped(List.of(dims.get(0), dims.get(1), 1L, 1L));
      }
      return tensor
          .reshaped(dims)
          .map(whole -> whole.transposed(List.of(0, 2, 1)))
          .flatMap(whole -> whole.reshaped(List.of(dims.get(0), dims.get(2), 1L, dims.get(1))));
    } catch (UnsupportedException _) {
      return Optional.empty();
    }
  }
}
