package dev.inward.runtime;

import dev.inward.graph.Dim;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Product;
import dev.inward.graph.Reduction;
import dev.inward.graph.Reduction.Reduce.Function;
import dev.inward.graph.Shape;
import dev.inward.graph.Windowed;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// A node that adds up many terms, taken apart: the terms in runs, a sum of each.
///
/// @param nodes that make the sums
/// @param sums their names, in the order of the terms; together they are the result
/// @param divisor what the total is then divided by: the number of terms of a mean, else 1
public record PartialSums(List<Node> nodes, List<String> sums, long divisor) {
  public PartialSums {
    nodes = List.copyOf(nodes);
    sums = List.copyOf(sums);
  }

  /// Where the terms of a node lie.
  ///
  /// @param axis of the first operand
  /// @param other of the second, -1 where there is none
  /// @param each how many terms one position along the axis stands for
  private record Terms(int axis, int other, long positions, long each) {}

  /// How many terms each result of a node adds up; empty where it is no sum that is known to be
  /// taken apart: a product of matrices, a convolution of one group, a sum or mean along an axis.
  public static OptionalLong length(Graph graph, Node node) {
    return terms(graph, node)
        .map(terms -> OptionalLong.of(terms.positions() * terms.each()))
        .orElse(OptionalLong.empty());
  }

  /// @param in the operands under the names that they have where the nodes go
  /// @param name starts the names of all that is made
  /// @param run about how many terms one sum is to hold
  public static Optional<PartialSums> of(
      Graph graph, Node node, List<String> in, String name, long run) {
    Terms terms = terms(graph, node).orElse(null);
    if (terms == null) {
      return Optional.empty();
    }
    long step = Math.max(1, run / terms.each());
    List<Long> sizes = new ArrayList<>();
    for (long left = terms.positions(); left > 0; left -= step) {
      sizes.add(Math.min(left, step));
    }
    if (sizes.size() < 2) {
      return Optional.empty();
    }
    List<Node> nodes = new ArrayList<>();
    List<String> first = split(nodes, in.get(0), terms.axis(), sizes, name + "~x");
    List<String> second =
        terms.other() < 0 ? List.of() : split(nodes, in.get(1), terms.other(), sizes, name + "~w");
    List<String> sums = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      List<String> operands = new ArrayList<>(List.of(first.get(i)));
      if (!second.isEmpty()) {
        operands.add(second.get(i));
      }
      if (i == 0) {
        operands.addAll(in.subList(operands.size(), in.size()));
      }
      String sum = name + "~sum" + i;
      nodes.add(Node.of(part(node.op(), i), operands, sum));
      sums.add(sum);
    }
    long divisor =
        node.op() instanceof Reduction.Reduce(var function, _, _) && function == Function.MEAN
            ? terms.positions()
            : 1;
    return Optional.of(new PartialSums(nodes, sums, divisor));
  }

  private static List<String> split(
      List<Node> nodes, String value, int axis, List<Long> sizes, String name) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      parts.add(name + i);
    }
    nodes.add(new Node(name, new Movement.Split(axis, sizes), List.of(value), parts));
    return parts;
  }

  /// The op of one part; a bias belongs to the first.
  private static Op part(Op op, int index) {
    return switch (op) {
      case Product.Linear _ when index > 0 -> new Product.MatMul();
      case Reduction.Reduce(_, var axes, var keep) ->
          new Reduction.Reduce(Function.SUM, axes, keep);
      default -> op;
    };
  }

  private static Optional<Terms> terms(Graph graph, Node node) {
    Shape x = graph.shape(node.operand(0));
    if (!x.ranked() || x.rank() == 0) {
      return Optional.empty();
    }
    return switch (node.op()) {
      case Product.MatMul _, Product.Linear _ -> {
        Shape w = graph.shape(node.operand(1));
        yield w.ranked() && w.rank() >= 2 && x.rank() >= 2
            ? terms(x, x.rank() - 1, w.rank() - 2, 1)
            : Optional.empty();
      }
      case Windowed.Conv(_, var groups) -> {
        Shape w = graph.shape(node.operand(1));
        yield groups == 1 && w.isStatic()
            ? terms(x, 1, 1, w.elements().orElse(0) / Math.max(1, w.sizes()[0] * w.sizes()[1]))
            : Optional.empty();
      }
      case Reduction.Reduce(var function, var axes, _)
          when axes.size() == 1 && (function == Function.SUM || function == Function.MEAN) ->
          terms(
              x, (int) (axes.getFirst() < 0 ? axes.getFirst() + x.rank() : axes.getFirst()), -1, 1);
      default -> Optional.empty();
    };
  }

  private static Optional<Terms> terms(Shape x, int axis, int other, long each) {
    return x.dim(axis) instanceof Dim.Known(var positions) && positions > 0 && each > 0
        ? Optional.of(new Terms(axis, other, positions, each))
        : Optional.empty();
  }
}
