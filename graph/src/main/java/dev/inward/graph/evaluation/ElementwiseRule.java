package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Elementwise.Variadic;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/// What elementwise ops compute.
final class ElementwiseRule {
  private ElementwiseRule() {}

  static Array of(Elementwise op, Operands in) {
    Array x = in.get(0);
    return switch (op) {
      case Unary(var function) -> unary(function, x);
      case Binary(var function) -> BinaryRule.of(function, x, in.get(1));
      case Variadic(var function) -> variadic(function, in.all());
      case Elementwise.Where _ -> where(x, in.get(1), in.get(2));
      case Elementwise.Clip _ -> clip(x, in);
      case Elementwise.Cast(var to) -> x.cast(to);
      case Elementwise.LeakyRelu(float alpha) -> map(x, v -> v < 0 ? alpha * v : v);
      case Elementwise.Elu(float alpha) -> map(x, v -> v < 0 ? alpha * Math.expm1(v) : v);
      case Elementwise.Selu(float alpha, float gamma) ->
          map(x, v -> gamma * (v <= 0 ? alpha * Math.expm1(v) : v));
      case Elementwise.Celu(float alpha) ->
          map(x, v -> Math.max(0, v) + Math.min(0, alpha * Math.expm1(v / alpha)));
      case Elementwise.ThresholdedRelu(float alpha) -> map(x, v -> v > alpha ? v : 0);
      case Elementwise.HardSigmoid(float alpha, float beta) ->
          map(x, v -> Math.max(0, Math.min(1, (double) alpha * v + beta)));
      case Elementwise.Shrink(float lambda, float bias) ->
          map(x, v -> v < -lambda ? v + bias : v > lambda ? v - bias : 0);
      case Elementwise.Swish(float alpha) -> map(x, v -> v * Curves.sigmoid(alpha * v));
      case Elementwise.Gelu(boolean tanh) -> map(x, tanh ? Curves::tanhGelu : Curves::gelu);
    };
  }

  private static Array unary(Unary.Function function, Array x) {
    return switch (function) {
      case IDENTITY -> x;
      case ABS -> map(x, Math::abs, Math::abs);
      case NEG -> map(x, v -> -v, v -> -v);
      case EXP -> map(x, Math::exp);
      case LOG -> map(x, Math::log);
      case SQRT -> map(x, Math::sqrt);
      case RECIPROCAL -> map(x, v -> 1 / v);
      case FLOOR -> map(x, Math::floor);
      case CEIL -> map(x, Math::ceil);
      case ROUND -> map(x, Math::rint);
      case SIGN ->
          map(x, Math::signum, v -> x.dtype() == DataType.UINT64 && v < 0 ? 1 : Long.signum(v));
      case ERF -> map(x, Curves::erf);
      case SIN -> map(x, Math::sin);
      case COS -> map(x, Math::cos);
      case TAN -> map(x, Math::tan);
      case ASIN -> map(x, Math::asin);
      case ACOS -> map(x, Math::acos);
      case ATAN -> map(x, Math::atan);
      case SINH -> map(x, Math::sinh);
      case COSH -> map(x, Math::cosh);
      case ASINH -> map(x, Curves::asinh);
      case ACOSH -> map(x, v -> Math.log(v + Math.sqrt(v * v - 1)));
      case ATANH -> map(x, v -> Math.log1p(2 * v / (1 - v)) / 2);
      case RELU -> map(x, v -> v < 0 ? 0 : v, v -> Math.max(0, v));
      case SIGMOID -> map(x, Curves::sigmoid);
      case TANH -> map(x, Math::tanh);
      case SOFTPLUS -> map(x, Curves::softplus);
      case SOFTSIGN -> map(x, v -> v / (1 + Math.abs(v)));
      case HARD_SWISH -> map(x, v -> v * Math.max(0, Math.min(1, v / 6 + 0.5)));
      case MISH -> map(x, v -> v * Math.tanh(Curves.softplus(v)));
      case NOT -> wholes(x, v -> 1 - v);
      case BITWISE_NOT -> wholes(x, v -> ~v);
      case IS_NAN -> {
        long[] out = new long[x.size()];
        for (int i = 0; i < out.length; i++) {
          out[i] = Double.isNaN(x.real(i)) ? 1 : 0;
        }
        yield Array.of(DataType.BOOL, x.dims(), out);
      }
    };
  }

  static Array map(Array x, DoubleUnaryOperator function) {
    if (!x.isFloat()) {
      throw InputException.of("expected floats, got %s", x.dtype().text());
    }
    double[] out = x.reals();
    for (int i = 0; i < out.length; i++) {
      out[i] = function.applyAsDouble(out[i]);
    }
    return Array.of(x.dtype(), x.dims(), out);
  }

  private static Array map(Array x, DoubleUnaryOperator real, LongUnaryOperator whole) {
    return x.isFloat() ? map(x, real) : wholes(x, whole);
  }

  private static Array wholes(Array x, LongUnaryOperator function) {
    if (x.isFloat()) {
      throw InputException.of("expected whole numbers or booleans, got %s", x.dtype().text());
    }
    long[] out = x.wholes();
    for (int i = 0; i < out.length; i++) {
      out[i] = function.applyAsLong(out[i]);
    }
    return Array.of(x.dtype(), x.dims(), out);
  }

  private static Array variadic(Variadic.Function function, List<Array> operands) {
    int[] dims = Places.common(operands.stream().map(Array::dims).toArray(int[][]::new));
    Array first = operands.getFirst();
    boolean unsigned = first.dtype() == DataType.UINT64;
    DoubleBinaryOperator real =
        switch (function) {
          case MAX -> Math::max;
          case MIN -> Math::min;
          case SUM, MEAN -> Double::sum;
        };
    LongBinaryOperator whole =
        switch (function) {
          case MAX -> (a, b) -> BinaryRule.compare(unsigned, a, b) >= 0 ? a : b;
          case MIN -> (a, b) -> BinaryRule.compare(unsigned, a, b) <= 0 ? a : b;
          case SUM, MEAN -> Long::sum;
        };
    double[] reals = first.isFloat() ? Places.broadcast(first, dims).reals() : new double[0];
    long[] wholes = first.isFloat() ? new long[0] : Places.broadcast(first, dims).wholes();
    for (Array next : operands.subList(1, operands.size())) {
      BinaryRule.sameType(first, next);
      Array y = Places.broadcast(next, dims);
      for (int i = 0; i < y.size(); i++) {
        if (first.isFloat()) {
          reals[i] = real.applyAsDouble(reals[i], y.real(i));
        } else {
          wholes[i] = whole.applyAsLong(wholes[i], y.whole(i));
        }
      }
    }
    if (function == Variadic.Function.MEAN) {
      for (int i = 0; i < reals.length; i++) {
        reals[i] /= operands.size();
      }
    }
    return first.isFloat()
        ? Array.of(first.dtype(), dims, reals)
        : Array.of(first.dtype(), dims, wholes);
  }

  private static Array where(Array condition, Array x, Array y) {
    int[] dims = Places.common(condition.dims(), x.dims(), y.dims());
    int[] asked = Places.broadcast(condition.dims(), dims);
    int[] left = Places.broadcast(x.dims(), dims);
    int[] right = Places.broadcast(y.dims(), dims);
    int[] from = new int[asked.length];
    for (int i = 0; i < from.length; i++) {
      from[i] = condition.whole(asked[i]) != 0 ? left[i] : x.size() + right[i];
    }
    return Array.joined(List.of(x, y)).pick(dims, from);
  }

  /// A lower bound above the upper one gives the upper one.
  private static Array clip(Array x, Operands in) {
    Array clipped = x;
    if (in.has(1)) {
      Array low = in.get(1).scalar("the lower bound");
      clipped = variadic(Variadic.Function.MAX, List.of(clipped, low));
    }
    if (in.has(2)) {
      Array high = in.get(2).scalar("the upper bound");
      clipped = variadic(Variadic.Function.MIN, List.of(clipped, high));
    }
    return clipped;
  }
}
