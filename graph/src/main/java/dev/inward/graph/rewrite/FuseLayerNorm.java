package dev.inward.graph.rewrite;

import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary.Function;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization.LayerNorm;
import dev.inward.graph.Reduction;
import dev.inward.graph.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Turns the written-out layer normalisation into one node, step by step.
///
/// ```text
/// d = x - mean(x);  d / sqrt(mean(d^2) + e)   ->  layerNorm(x)
/// layerNorm(x) * g                            ->  layerNorm(x, g)
/// layerNorm(x, g) + b                         ->  layerNorm(x, g, b)
/// ```
///
/// The means run over the last axes and keep them. Does not fire where the axes differ or are not
/// the last, where an inner value has a reader outside the pattern, or where `g` or `b` are no
/// constants with the shape of those axes. Source: Ba et al., arXiv:1607.06450, eq. 4.
public final class FuseLayerNorm implements Rewrite {
  @Override
  public Optional<Change> apply(Graph graph, Node root) {
    if (Patterns.is(root, Function.DIV)) {
      return normalise(graph, root);
    }
    if (Patterns.is(root, Function.MUL)) {
      return absorb(graph, root, 1);
    }
    return Patterns.is(root, Function.ADD) ? absorb(graph, root, 2) : Optional.empty();
  }

  private static Optional<Change> normalise(Graph graph, Node root) {
    Node centred = graph.producer(root.operand(0)).orElse(null);
    Node deviation = Patterns.sole(graph, root.operand(1)).orElse(null);
    if (centred == null
        || deviation == null
        || !Patterns.is(centred, Function.SUB)
        || !Patterns.is(deviation, Elementwise.Unary.Function.SQRT)) {
      return Optional.empty();
    }
    String x = centred.operand(0);
    Node mean = Patterns.sole(graph, centred.operand(1)).orElse(null);
    Node sum = Patterns.sole(graph, deviation.operand(0)).orElse(null);
    if (mean == null || sum == null || !Patterns.is(sum, Function.ADD)) {
      return Optional.empty();
    }
    int at = Patterns.scalar(graph, sum.operand(1)).isPresent() ? 1 : 0;
    var epsilon = Patterns.scalar(graph, sum.operand(at));
    Node variance = Patterns.sole(graph, sum.operand(1 - at)).orElse(null);
    if (epsilon.isEmpty() || variance == null || !mean.operand(0).equals(x)) {
      return Optional.empty();
    }
    Node square = Patterns.sole(graph, variance.operand(0)).orElse(null);
    var axis = lastAxes(graph, mean, x);
    if (square == null
        || !isSquare(graph, square, centred.result())
        || graph.readers(centred.result()).size() != 2
        || graph.outputs().contains(centred.result())
        || axis.isEmpty()
        || !axis.equals(lastAxes(graph, variance, square.result()))) {
      return Optional.empty();
    }
    var op = new LayerNorm(axis.get(), (float) epsilon.getAsDouble());
    return Change.to(
        new Node(root.name(), op, List.of(x), root.out()),
        centred,
        deviation,
        mean,
        sum,
        variance,
        square);
  }

  /// The first of the axes that a mean reduces, negative, where they are the last ones and stay.
  private static Optional<Long> lastAxes(Graph graph, Node node, String operand) {
    if (!(node.op() instanceof Reduction.Reduce(var function, var axes, var keep))
        || function != Reduction.Reduce.Function.MEAN
        || !keep
        || axes.isEmpty()
        || !graph.shape(operand).ranked()) {
      return Optional.empty();
    }
    int rank = graph.shape(operand).rank();
    var sorted = axes.stream().map(a -> a < 0 ? a : a - rank).sorted().toList();
    for (int i = 0; i < sorted.size(); i++) {
      if (sorted.get(i) != i - sorted.size()) {
        return Optional.empty();
      }
    }
    return Optional.of(sorted.getFirst());
  }

  private static boolean isSquare(Graph graph, Node node, String value) {
    return Patterns.is(node, Function.POW)
            && node.operand(0).equals(value)
            && Patterns.near(graph, node.operand(1), 2)
        || Patterns.is(node, Function.MUL) && node.in().equals(List.of(value, value));
  }

  /// Takes a constant factor (position 1) or summand (position 2) into the normalisation before it.
  private static Optional<Change> absorb(Graph graph, Node root, int position) {
    for (int i = 0; i < 2; i++) {
      Node norm = Patterns.sole(graph, root.operand(i)).orElse(null);
      String value = root.operand(1 - i);
      Tensor tensor = graph.constant(value).orElse(null);
      if (norm == null
          || tensor == null
          || !(norm.op() instanceof LayerNorm(var axis, var epsilon))) {
        continue;
      }
      var shape = graph.shape(norm.operand(0));
      if (!shape.ranked() || norm.in().size() > position) {
        continue;
      }
      int first = (int) (axis < 0 ? axis + shape.rank() : axis);
      var normalised = shape.dims().subList(first, shape.rank());
      if (!tensor.shape().dims().equals(normalised)) {
        continue;
      }
      if (norm.in().size() < position) {
        // A summand without a factor before it: a factor of ones makes room for it.
        String ones = root.name() + ".ones";
        float[] one = new float[Math.toIntExact(tensor.elements())];
        java.util.Arrays.fill(one, 1);
        return Optional.of(
            new Change(
                List.of(
                    new Node(
                        root.name(),
                        new LayerNorm(axis, epsilon),
                        List.of(norm.operand(0), ones, value),
                        root.out())),
                Map.of(ones, Tensor.ofFloats(tensor.dims(), one)),
                List.of(norm)));
      }
      var operands = new java.util.ArrayList<>(norm.in());
      operands.add(value);
      return Change.to(
          new Node(root.name(), new LayerNorm(axis, epsilon), operands, root.out()), norm);
    }
    return Optional.empty();
  }
}
