package dev.inward.device;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Quantization;
import dev.inward.graph.Reduction;
import dev.inward.graph.TensorType;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What the types of a node say about where it runs: the engine computes in half precision.
///
/// @param typed whether float32 means float32; else it stands for what a half-precision program
///   makes of it
record TypeRules(Graph graph, boolean typed) {
  /// Why a node is not on the engine; empty where its types allow that.
  Optional<Reason> against(Node node) {
    List<DataType> types =
        Stream.concat(activations(graph, node), results(graph, node))
            .map(TensorType::dtype)
            .toList();
    for (DataType type : types) {
      if (isStrange(type)) {
        return Optional.of(
            Reason.of(Rule.NO_SUCH_TYPE, "the Neural Engine has no %s", type.text()));
      }
    }
    for (DataType type : types) {
      if (type.isInteger() && (type.bits() > 16 || computes(node.op()))) {
        return Optional.of(
            Reason.of(
                Rule.WHOLE_NUMBERS,
                type.bits() > 16
                    ? "the Neural Engine has no %s"
                    : "the Neural Engine computes in half precision, not in %s",
                type.text()));
      }
    }
    if (!typed || !types.contains(DataType.FLOAT32)) {
      return Optional.empty();
    }
    if (isBorder(node)) {
      return Optional.of(
          Reason.of(
              Rule.INTERFACE,
              "the Neural Engine takes and gives no float32, so this cast is outside"));
    }
    return Optional.of(
        Reason.of(Rule.FLOAT32, "what is typed float32 never runs on the Neural Engine"));
  }

  private static boolean isStrange(DataType type) {
    return switch (type) {
      case FLOAT64, BFLOAT16, STRING -> true;
      case FLOAT32,
          FLOAT16,
          INT4,
          INT8,
          INT16,
          INT32,
          INT64,
          UINT4,
          UINT8,
          UINT16,
          UINT32,
          UINT64,
          BOOL ->
          false;
    };
  }

  /// Whether an op does arithmetic, rather than bring codes to and from reals or move them.
  private static boolean computes(Op op) {
    return !(op instanceof Movement
        || op instanceof Elementwise.Cast
        || op instanceof Quantization.Quantize
        || op instanceof Quantization.Dequantize);
  }

  /// Whether a node casts an input, or an output, of the model.
  private boolean isBorder(Node node) {
    return node.op() instanceof Elementwise.Cast
        && (graph.isInput(node.operand(0)) || graph.outputs().contains(node.result()));
  }

  /// The operands that data flows through: no constants, no empty ones, none that only steers.
  static Stream<TensorType> activations(Graph graph, Node node) {
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

  /// The results that data flows out of: an index among elements is none.
  static Stream<TensorType> results(Graph graph, Node node) {
    long data =
        switch (node.op()) {
          case Reduction.ArgReduce _ -> 0;
          case Reduction.TopK _ -> 1;
          default -> node.out().size();
        };
    return node.out().stream()
        .limit(data)
        .filter(name -> !name.isEmpty())
        .flatMap(name -> graph.type(name).stream());
  }
}
