package dev.inward.workbench.diagnosis;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Reduction;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.UnaryOperator;

/// A root mean square written out, whose squares do not fit into halves:
///
/// ```text
/// s = x * x;  m = mean or sum of s;  e = m + eps;  r = sqrt(e);  y = x / r   (or x * (1 / r))
/// ```
///
/// The scaled values get names of their own. With `c * x` in place of `x` and `c * c * eps` in
/// place of `eps`, `y` is the same, and the squares are smaller. For a power of two `c` nothing is
/// rounded that was not before.
final class Rescaling {
  private static final double ROOM = 256;
  private static final float LEAST_HALF = 0x1p-24f;

  private Rescaling() {}

  /// The power of two that brings squares of this size to 256; empty where the value is no square
  /// of such a norm.
  static OptionalDouble factor(Graph graph, String value, double largest) {
    double by = Math.scalb(1.0, -(int) Math.ceil(Math.log(largest / ROOM) / Math.log(2) / 2));
    return apply(graph, value, by).isPresent() ? OptionalDouble.of(by) : OptionalDouble.empty();
  }

  /// The graph with the norm around a square rescaled.
  static Optional<Graph> apply(Graph graph, String square, double by) {
    Node first = graph.producer(square).orElse(null);
    if (first == null || !isSquare(graph, first) || !graph.hasOneUse(square)) {
      return Optional.empty();
    }
    String x = first.operand(0);
    Node reduced = graph.readers(square).getFirst();
    if (!(reduced.op() instanceof Reduction.Reduce(var function, _, _))
        || function != Reduction.Reduce.Function.MEAN && function != Reduction.Reduce.Function.SUM
        || !graph.hasOneUse(reduced.result())) {
      return Optional.empty();
    }
    Node added = graph.readers(reduced.result()).getFirst();
    Optional<String> epsilon =
        added.op() instanceof Binary(var op) && op == Binary.Function.ADD
            ? added.in().stream().filter(in -> graph.constant(in).isPresent()).findFirst()
            : Optional.empty();
    Node root =
        epsilon.isPresent() && graph.hasOneUse(added.result())
            ? graph.readers(added.result()).getFirst()
            : added;
    if (!(root.op() instanceof Unary(var sqrt)) || sqrt != Unary.Function.SQRT) {
      return Optional.empty();
    }
    List<Node> ends = ends(graph, root.result(), x);
    if (ends.isEmpty()) {
      return Optional.empty();
    }
    List<String> scaled = new ArrayList<>();
    List.of(first, reduced, added, root).forEach(node -> scaled.add(node.result()));
    graph.readers(root.result()).stream()
        .filter(reader -> !ends.contains(reader))
        .forEach(reader -> scaled.add(reader.result()));
    return Optional.of(rescaled(graph, first, x, epsilon, added, ends, scaled, by));
  }

  private static boolean isSquare(Graph graph, Node node) {
    return node.op() instanceof Binary(var function)
        && (function == Binary.Function.MUL && node.operand(0).equals(node.operand(1))
            || function == Binary.Function.POW
                && graph
                    .constant(node.operand(1))
                    .filter(t -> t.elements() == 1 && t.floats()[0] == 2)
                    .isPresent());
  }

  /// The nodes that divide `x` by the root, or multiply it by the root's reciprocal; none where
  /// something else reads the root.
  private static List<Node> ends(Graph graph, String root, String x) {
    List<Node> ends = new ArrayList<>();
    if (graph.outputs().contains(root)) {
      return List.of();
    }
    for (Node reader : graph.readers(root)) {
      if (reader.op() instanceof Binary(var function)
          && function == Binary.Function.DIV
          && reader.in().equals(List.of(x, root))) {
        ends.add(reader);
      } else if (reader.op() instanceof Unary(var function)
          && function == Unary.Function.RECIPROCAL
          && !graph.outputs().contains(reader.result())) {
        for (Node product : graph.readers(reader.result())) {
          if (!(product.op() instanceof Binary(var times))
              || times != Binary.Function.MUL
              || !product.in().contains(x)) {
            return List.of();
          }
          ends.add(product);
        }
      } else {
        return List.of();
      }
    }
    return ends;
  }

  private static Graph rescaled(
      Graph graph,
      Node first,
      String x,
      Optional<String> epsilon,
      Node added,
      List<Node> ends,
      List<String> scaled,
      double by) {
    DataType type = graph.typeOf(x).dtype();
    String small = x + "_scaled";
    String factor = small + "_by";
    String eps = small + "_eps";
    var builder = graph.toBuilder();
    builder.constant(factor, scalar(type, (float) by));
    epsilon.ifPresent(name -> {
      float value = graph.constant(name).orElseThrow().floats()[0];
      builder.constant(eps, scalar(type, Math.max((float) (value * by * by), LEAST_HALF)));
    });
    return builder
        .nodes(nodes -> {
          List<Node> all = new ArrayList<>();
          for (Node node : nodes) {
            UnaryOperator<String> names = name -> scaled.contains(name) ? name + "_scaled" : name;
            if (node.equals(first)) {
              all.add(Node.of(new Binary(Binary.Function.MUL), List.of(x, factor), small));
            }
            if (node.equals(first) || ends.contains(node)) {
              all.add(renamed(node, name -> name.equals(x) ? small : names.apply(name)));
            } else if (epsilon.isPresent() && node.equals(added)) {
              all.add(renamed(node, name -> name.equals(epsilon.get()) ? eps : names.apply(name)));
            } else {
              all.add(renamed(node, names));
            }
          }
          return all;
        })
        .build();
  }

  private static Node renamed(Node node, UnaryOperator<String> names) {
    return new Node(
        node.name(),
        node.op(),
        node.in().stream().map(names).toList(),
        node.out().stream().map(names).toList());
  }

  static Tensor scalar(DataType type, float value) {
    return Halves.as(type, Tensor.scalar(value));
  }
}
