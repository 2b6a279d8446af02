package dev.inward.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;

/// What ops that work element by element make of known elements.
final class ElementwiseContents {
  private ElementwiseContents() {}

  static Optional<List<Optional<Expression>>> of(Elementwise op, Site site, int count) {
    return switch (op) {
      case Elementwise.Unary(var function) ->
          each(count, i -> at(site, 0, i).flatMap(e -> unary(function, e)));
      case Elementwise.Binary(var function) ->
          each(
              count,
              i ->
                  Contents.both(
                      at(site, 0, i),
                      at(site, 1, i),
                      (a, b) -> binary(function, site.dtype(0), a, b)));
      case Elementwise.Variadic(var function) -> each(count, i -> variadic(function, site, i));
      case Elementwise.Where _ -> each(count, i -> chosen(site, i));
      case Elementwise.Cast(var to) -> each(count, i -> at(site, 0, i).flatMap(e -> cast(to, e)));
      case Elementwise.Clip _ -> each(count, i -> clipped(site, i));
      case Elementwise.LeakyRelu _,
          Elementwise.Elu _,
          Elementwise.Selu _,
          Elementwise.Celu _,
          Elementwise.ThresholdedRelu _,
          Elementwise.HardSigmoid _,
          Elementwise.Shrink _,
          Elementwise.Swish _,
          Elementwise.Gelu _ ->
          Optional.empty();
    };
  }

  private static Optional<List<Optional<Expression>>> each(
      int count, IntFunction<Optional<Expression>> element) {
    List<Optional<Expression>> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      all.add(element.apply(i));
    }
    return Optional.of(all);
  }

  /// An element of an operand, which may broadcast.
  private static Optional<Expression> at(Site site, int operand, int index) {
    return site.contents(operand)
        .flatMap(all ->
            all.size() == 1
                ? all.getFirst()
                : index < all.size() ? all.get(index) : Optional.empty());
  }

  private static Optional<Expression> unary(Elementwise.Unary.Function function, Expression e) {
    return switch (function) {
      case IDENTITY, FLOOR, CEIL, ROUND -> Optional.of(e);
      case ABS, RELU -> e.isAtLeast(0) ? Optional.of(e) : Optional.empty();
      case NEG -> Contents.both(Optional.of(e), Optional.of(e), (a, _) -> Optional.of(a.times(-1)));
      case NOT -> e.is(0) ? truth(true) : e.is(1) ? truth(false) : Optional.empty();
      case SIGN -> e.is(0) ? Optional.of(e) : e.isAtLeast(1) ? truth(true) : Optional.empty();
      case SQRT -> root(e);
      case EXP,
          LOG,
          RECIPROCAL,
          ERF,
          SIN,
          COS,
          TAN,
          ASIN,
          ACOS,
          ATAN,
          SINH,
          COSH,
          ASINH,
          ACOSH,
          ATANH,
          SIGMOID,
          TANH,
          SOFTPLUS,
          SOFTSIGN,
          HARD_SWISH,
          MISH,
          BITWISE_NOT,
          IS_NAN ->
          Optional.empty();
    };
  }

  private static Optional<Expression> root(Expression square) {
    long number = square.constant().orElse(-1);
    long root = number < 0 || number > 1 << 24 ? -1 : Math.round(Math.sqrt((double) number));
    return root >= 0 && root * root == number ? Optional.of(Expression.of(root)) : Optional.empty();
  }

  private static Optional<Expression> cast(DataType to, Expression e) {
    if (to != DataType.BOOL) {
      return to == DataType.STRING ? Optional.empty() : Optional.of(e);
    }
    if (e.constant().isPresent()) {
      return truth(!e.is(0));
    }
    return e.isAtLeast(1) ? truth(true) : Optional.empty();
  }

  private static Optional<Expression> truth(boolean holds) {
    return Optional.of(holds ? Expression.ONE : Expression.ZERO);
  }

  private static Optional<Expression> binary(
      Elementwise.Binary.Function function, Optional<DataType> dtype, Expression a, Expression b) {
    return switch (function) {
      case ADD -> Optional.of(a.plus(b));
      case SUB -> Optional.of(a.minus(b));
      case MUL -> Optional.of(a.times(b));
      case DIV -> dtype.flatMap(t -> t.isFloat() ? a.dividedBy(b) : quotient(a, b));
      case MOD -> remainder(a, b);
      case FMOD -> a.isAtLeast(0) && b.isAtLeast(1) ? remainder(a, b) : Optional.empty();
      case EQUAL -> equal(a, b);
      case LESS -> less(a, b);
      case GREATER -> less(b, a);
      case LESS_OR_EQUAL -> less(b, a).map(ElementwiseContents::opposite);
      case GREATER_OR_EQUAL -> less(a, b).map(ElementwiseContents::opposite);
      case AND -> a.is(0) || b.is(0) ? truth(false) : a.is(1) ? Optional.of(b) : Optional.empty();
      case OR -> a.is(1) || b.is(1) ? truth(true) : a.is(0) ? Optional.of(b) : Optional.empty();
      case XOR -> equal(a, b).map(ElementwiseContents::opposite);
      case POW -> power(a, b);
      case BITWISE_AND, BITWISE_OR, BITWISE_XOR, SHIFT_LEFT, SHIFT_RIGHT, PRELU -> Optional.empty();
    };
  }

  private static Expression opposite(Expression truth) {
    return Expression.ONE.minus(truth);
  }

  /// Whole-number division cuts towards zero, which is down where nothing is negative.
  private static Optional<Expression> quotient(Expression a, Expression b) {
    if (a.constant().isPresent() && b.constant().isPresent()) {
      long divisor = b.constant().getAsLong();
      return divisor == 0
          ? Optional.empty()
          : Optional.of(Expression.of(Math.divideExact(a.constant().getAsLong(), divisor)));
    }
    if (a.isAtLeast(0) && b.isAtLeast(1)) {
      return Optional.of(a.floorDividedBy(b));
    }
    return a.dividedBy(b);
  }

  private static Optional<Expression> remainder(Expression a, Expression b) {
    long divisor = b.constant().orElse(0);
    return divisor >= 1
        ? Optional.of(a.minus(a.floorDividedBy(divisor).times(divisor)))
        : Optional.empty();
  }

  private static Optional<Expression> equal(Expression a, Expression b) {
    var gap = a.minus(b);
    if (gap.constant().isPresent()) {
      return truth(gap.is(0));
    }
    return gap.isAtLeast(1) || gap.times(-1).isAtLeast(1) ? truth(false) : Optional.empty();
  }

  private static Optional<Expression> less(Expression a, Expression b) {
    var gap = b.minus(a);
    if (gap.isAtLeast(1)) {
      return truth(true);
    }
    return gap.times(-1).isAtLeast(0) ? truth(false) : Optional.empty();
  }

  private static Optional<Expression> power(Expression a, Expression b) {
    long times = b.constant().orElse(-1);
    if (times < 0 || times > 16) {
      return Optional.empty();
    }
    var product = Expression.ONE;
    for (int i = 0; i < times; i++) {
      product = product.times(a);
    }
    return Optional.of(product);
  }

  private static Optional<Expression> variadic(
      Elementwise.Variadic.Function function, Site site, int index) {
    var result = at(site, 0, index);
    for (int operand = 1; operand < site.operands(); operand++) {
      result =
          Contents.both(
              result,
              at(site, operand, index),
              (a, b) ->
                  switch (function) {
                    case MAX -> Optional.of(Expression.max(a, b));
                    case MIN -> Optional.of(Expression.min(a, b));
                    case SUM -> Optional.of(a.plus(b));
                    case MEAN -> Optional.empty();
                  });
    }
    return result;
  }

  private static Optional<Expression> chosen(Site site, int index) {
    var yes = at(site, 1, index);
    var no = at(site, 2, index);
    var condition = at(site, 0, index).filter(c -> c.constant().isPresent());
    if (condition.isEmpty()) {
      return yes.equals(no) ? yes : Optional.empty();
    }
    return condition.get().is(0) ? no : yes;
  }

  private static Optional<Expression> clipped(Site site, int index) {
    var result = at(site, 0, index);
    if (site.has(1)) {
      result =
          Contents.both(result, at(site, 1, 0), (x, low) -> Optional.of(Expression.max(x, low)));
    }
    return site.has(2)
        ? Contents.both(result, at(site, 2, 0), (x, high) -> Optional.of(Expression.min(x, high)))
        : result;
  }
}
