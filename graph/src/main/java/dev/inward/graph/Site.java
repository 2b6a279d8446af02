package dev.inward.graph;

import dev.inward.base.InputException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// A node under inference: what is known of its operands, and the words for what is wrong.
///
/// @param known what inference has found so far
record Site(Node node, Typing known) {
  Op op() {
    return node.op();
  }

  /// Operands, those that are left out counted.
  int operands() {
    return node.in().size();
  }

  boolean has(int operand) {
    return node.has(operand);
  }

  /// [Shape#UNRANKED] where the operand is left out or its type is not known.
  Shape shape(int operand) {
    return known.type(node.operand(operand)).map(TensorType::shape).orElse(Shape.UNRANKED);
  }

  boolean ranked(int operand) {
    return shape(operand).ranked();
  }

  Optional<DataType> dtype(int operand) {
    return known.type(node.operand(operand)).map(TensorType::dtype);
  }

  /// The elements of a small whole-number operand, each where it is known.
  Optional<List<Optional<Expression>>> contents(int operand) {
    return known.elements(node.operand(operand));
  }

  /// The elements of a small whole-number operand where all are numbers.
  Optional<List<Long>> numbers(int operand) {
    return contents(operand)
        .filter(all -> all.stream().allMatch(e -> e.isPresent() && e.get().constant().isPresent()))
        .map(all -> all.stream().map(e -> e.orElseThrow().constant().orElseThrow()).toList());
  }

  Optional<Tensor> constant(int operand) {
    return known.constant(node.operand(operand));
  }

  /// The extent of a result's axis that depends on what the data are.
  Dim fresh(int result, int axis) {
    return Dim.of(node.out().get(result) + "#" + axis);
  }

  /// A shape of which only the rank is known.
  Shape freshShape(int result, int rank) {
    return Shape.of(IntStream.range(0, rank).mapToObj(axis -> fresh(result, axis)).toList());
  }

  /// An extent, or a fresh symbol where the number is not known or would be negative.
  Dim dim(Optional<Expression> extent, int result, int axis) {
    return extent
        .filter(e -> e.constant().isEmpty() || e.isAtLeast(0))
        .map(Expression::dim)
        .orElseGet(() -> fresh(result, axis));
  }

  /// The axis counted from the front.
  int axis(long axis, int rank, int operand) {
    if (axis < -rank || axis >= rank) {
      throw fault("axis %d is out of range for %s", axis, shape(operand));
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /// Checks the rank of an operand where it is known.
  void rank(int operand, int rank, String what) {
    if (ranked(operand) && shape(operand).rank() != rank) {
      throw fault("%s has %d axes, got %s", what, rank, shape(operand));
    }
  }

  /// Checks that operands have one element type, where they are known.
  void sameType(int... operands) {
    Optional<DataType> first = Optional.empty();
    for (int operand : operands) {
      var dtype = dtype(operand);
      if (first.isPresent() && dtype.isPresent() && !first.equals(dtype)) {
        throw fault(
                "operands are %s and %s, and must be of one type",
                first.get().text(), dtype.get().text())
            .hint("a Cast is missing, or an earlier node has another type than the model assumes");
      }
      first = first.or(() -> dtype);
    }
  }

  /// Checks that an operand, where it is there and known, is a vector of that extent.
  void vector(int operand, Dim extent, String what) {
    if (ranked(operand) && (shape(operand).rank() != 1 || differ(shape(operand).dim(0), extent))) {
      throw fault("%s is a vector of %s, got %s", what, extent, shape(operand));
    }
  }

  /// `[4x8] x [7x3]`.
  String shapes(int... operands) {
    return IntStream.of(operands)
        .mapToObj(i -> shape(i).toString())
        .collect(Collectors.joining(" x "));
  }

  /// `node 'p': [MatMul] ..`.
  InputException fault(String format, Object... args) {
    return InputException.at(
        "node '" + node.name() + "'", "[%s] %s", op().name(), format.formatted(args));
  }

  /// Whether two extents are numbers and not the same.
  static boolean differ(Dim a, Dim b) {
    return a instanceof Dim.Known(var m) && b instanceof Dim.Known(var n) && m != n;
  }

  /// Of two extents that are equal when the model runs, the one that says more.
  static Dim merge(Dim a, Dim b) {
    return b instanceof Dim.Known ? b : a;
  }
}
