package dev.inward.onnx;

import dev.inward.graph.Dim;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement.Flatten;
import dev.inward.graph.Movement.Reshape;
import dev.inward.graph.Movement.ShapeOf;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Normalization.Hardmax;
import dev.inward.graph.Normalization.LogSoftmax;
import dev.inward.graph.Normalization.Softmax;
import dev.inward.graph.Op;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// Takes away the flattening that a softmax from before opset 13 was given, once the types show
/// that it ran over one axis.
///
/// ```text
/// x -- flatten -- softmax -- reshape -- y        x -- softmax -- y
///  \-- shape -------------/
/// ```
///
/// Stays where more than one axis from the flattened one on has an extent other than 1.
final class FlattenedSoftmax {
  private FlattenedSoftmax() {}

  static Graph unflatten(Graph graph) {
    Map<Node, Node> replaced = new HashMap<>();
    Set<String> gone = new HashSet<>();
    for (Node node : graph.nodes()) {
      match(graph, node, replaced, gone);
    }
    if (replaced.isEmpty()) {
      return graph;
    }
    return graph.toBuilder()
        .nodes(nodes ->
            nodes.stream()
                .filter(n -> !gone.contains(n.result()))
                .map(n -> replaced.getOrDefault(n, n))
                .toList())
        .build();
  }

  private static void match(Graph graph, Node reshape, Map<Node, Node> replaced, Set<String> gone) {
    if (!(reshape.op() instanceof Reshape)) {
      return;
    }
    var done = producer(graph, reshape.operand(0));
    var flat = done.flatMap(n -> producer(graph, n.operand(0)));
    var extents = producer(graph, reshape.operand(1));
    if (done.isPresent()
        && flat.isPresent()
        && extents.isPresent()
        && flat.get().op() instanceof Flatten(long axis)
        && extents.get().op() instanceof ShapeOf(long start, OptionalLong end)
        && start == 0
        && end.isEmpty()
        && extents.get().operand(0).equals(flat.get().operand(0))) {
      String x = flat.get().operand(0);
      onlyAxis(graph, x, axis)
          .flatMap(only -> along(done.get().op(), only))
          .ifPresent(op -> {
            replaced.put(reshape, new Node(reshape.name(), op, List.of(x), reshape.out()));
            gone.addAll(List.of(done.get().result(), flat.get().result(), extents.get().result()));
          });
    }
  }

  private static Optional<Node> producer(Graph graph, String value) {
    return graph.hasOneUse(value) ? graph.producer(value) : Optional.empty();
  }

  /// The one axis from `axis` on that is not of extent 1; the last one where all are.
  private static OptionalLong only(List<Dim> dims, int axis) {
    long only = -1;
    for (int i = axis; i < dims.size(); i++) {
      if (!dims.get(i).is(1)) {
        if (only >= 0) {
          return OptionalLong.empty();
        }
        only = i;
      }
    }
    return OptionalLong.of(only >= 0 ? only : dims.size() - 1);
  }

  private static Optional<Long> onlyAxis(Graph graph, String value, long axis) {
    var shape = graph.shape(value);
    if (!shape.ranked() || shape.rank() == 0) {
      return Optional.empty();
    }
    int from = (int) (axis < 0 ? axis + shape.rank() : axis);
    var only = from < 0 || from >= shape.rank() ? OptionalLong.empty() : only(shape.dims(), from);
    return only.isPresent() ? Optional.of(only.getAsLong()) : Optional.empty();
  }

  /// The softmax of the last of two axes, along another.
  private static Optional<Op> along(Op op, long axis) {
    if (!(op instanceof Normalization normalization)) {
      return Optional.empty();
    }
    return switch (normalization) {
      case Softmax(long last) when last == -1 -> Optional.of(new Softmax(axis));
      case LogSoftmax(long last) when last == -1 -> Optional.of(new LogSoftmax(axis));
      case Hardmax(long last) when last == -1 -> Optional.of(new Hardmax(axis));
      default -> Optional.empty();
    };
  }
}
