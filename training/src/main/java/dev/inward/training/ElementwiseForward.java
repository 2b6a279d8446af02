package dev.inward.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Elementwise.Variadic;
import java.util.List;
import java.util.Optional;

/// Elementwise ops on PyTorch; empty for those that give no reals.
final class ElementwiseForward {
  private ElementwiseForward() {}

  static Optional<NDArray> of(Elementwise op, Operands in) {
    return switch (op) {
      case Unary(var function) -> unary(function, in);
      case Binary(var function) -> binary(function, in);
      case Variadic(var function) -> Optional.of(variadic(function, in.all()));
      case Elementwise.Where() -> Optional.of(in.where(in.host(0), in.live(1), in.live(2)));
      case Elementwise.Clip() ->
          Optional.of(
              clipped(
                  in.live(0),
                  in.scalar(1, Float.NEGATIVE_INFINITY),
                  in.scalar(2, Float.POSITIVE_INFINITY)));
      case Elementwise.Cast _ -> Optional.of(in.live(0));
      case Elementwise.LeakyRelu(float alpha) ->
          Optional.of(positive(in.live(0)).add(negative(in.live(0)).mul(alpha)));
      case Elementwise.Elu(float alpha) ->
          Optional.of(positive(in.live(0)).add(negative(in.live(0)).exp().sub(1).mul(alpha)));
      case Elementwise.Selu(float alpha, float gamma) ->
          Optional.of(
              positive(in.live(0)).add(negative(in.live(0)).exp().sub(1).mul(alpha)).mul(gamma));
      case Elementwise.Celu(float alpha) ->
          Optional.of(
              positive(in.live(0)).add(negative(in.live(0)).div(alpha).exp().sub(1).mul(alpha)));
      case Elementwise.ThresholdedRelu(float alpha) -> {
        NDArray x = in.live(0);
        yield Optional.of(x.mul(reals(x.gt(alpha))));
      }
      case Elementwise.HardSigmoid(float alpha, float beta) ->
          Optional.of(in.live(0).mul(alpha).add(beta).clip(0, 1));
      case Elementwise.Shrink(float lambda, float bias) -> {
        NDArray x = in.live(0);
        NDArray above = x.sub(bias).mul(reals(x.gt(lambda)));
        yield Optional.of(above.add(x.add(bias).mul(reals(x.lt(-lambda)))));
      }
      case Elementwise.Swish(float alpha) ->
          Optional.of(in.live(0).mul(sigmoid(in.live(0).mul(alpha))));
      case Elementwise.Gelu(boolean tanh) -> Optional.of(gelu(in.live(0), tanh));
    };
  }

  private static Optional<NDArray> unary(Unary.Function function, Operands in) {
    NDArray x = in.live(0);
    return switch (function) {
      case IDENTITY -> Optional.of(x);
      case ABS -> Optional.of(x.abs());
      case NEG -> Optional.of(x.neg());
      case EXP -> Optional.of(x.exp());
      case LOG -> Optional.of(x.log());
      case SQRT -> Optional.of(x.sqrt());
      case RECIPROCAL -> Optional.of(x.pow(-1));
      case FLOOR -> Optional.of(x.floor());
      case CEIL -> Optional.of(x.ceil());
      case ROUND -> Optional.of(x.round());
      case SIGN -> Optional.of(x.sign());
      case ERF -> Optional.of(x.erf());
      case SIN -> Optional.of(x.sin());
      case COS -> Optional.of(x.cos());
      case TAN -> Optional.of(x.tan());
      case ASIN -> Optional.of(x.asin());
      case ACOS -> Optional.of(x.acos());
      case ATAN -> Optional.of(x.atan());
      case SINH -> Optional.of(x.sinh());
      case COSH -> Optional.of(x.cosh());
      case ASINH -> Optional.of(x.abs().add(x.square().add(1).sqrt()).log().mul(x.sign()));
      case ACOSH -> Optional.of(x.add(x.square().sub(1).sqrt()).log());
      case ATANH -> Optional.of(x.add(1).div(x.neg().add(1)).log().mul(0.5f));
      case RELU -> Optional.of(x.getNDArrayInternal().relu());
      case SIGMOID -> Optional.of(sigmoid(x));
      case TANH -> Optional.of(x.tanh());
      case SOFTPLUS -> Optional.of(softplus(x));
      case SOFTSIGN -> Optional.of(x.div(x.abs().add(1)));
      case HARD_SWISH -> Optional.of(x.mul(x.div(6).add(0.5f).clip(0, 1)));
      case MISH -> Optional.of(x.mul(softplus(x).tanh()));
      case NOT, BITWISE_NOT, IS_NAN -> Optional.empty();
    };
  }

  private static Optional<NDArray> binary(Binary.Function function, Operands in) {
    NDArray x = in.live(0);
    NDArray y = in.live(1);
    return switch (function) {
      case ADD -> Optional.of(x.add(y));
      case SUB -> Optional.of(x.sub(y));
      case MUL -> Optional.of(x.mul(y));
      case DIV -> Optional.of(x.div(y));
      case POW -> Optional.of(x.pow(y));
      case MOD -> Optional.of(x.sub(x.div(y).floor().mul(y)));
      case FMOD -> Optional.of(x.sub(x.div(y).trunc().mul(y)));
      case PRELU -> Optional.of(positive(x).add(negative(x).mul(y)));
      case AND,
          OR,
          XOR,
          EQUAL,
          LESS,
          LESS_OR_EQUAL,
          GREATER,
          GREATER_OR_EQUAL,
          BITWISE_AND,
          BITWISE_OR,
          BITWISE_XOR,
          SHIFT_LEFT,
          SHIFT_RIGHT ->
          Optional.empty();
    };
  }

  private static NDArray variadic(Variadic.Function function, List<NDArray> all) {
    NDArray made = all.getFirst();
    for (NDArray next : all.subList(1, all.size())) {
      made =
          switch (function) {
            case MAX -> made.maximum(next);
            case MIN -> made.minimum(next);
            case SUM, MEAN -> made.add(next);
          };
    }
    return function == Variadic.Function.MEAN ? made.div(all.size()) : made;
  }

  /// With a gradient inside the bounds; twice as fast as the library's own in both directions.
  private static NDArray clipped(NDArray x, float low, float high) {
    NDArray fixed = x.stopGradient();
    NDArray within = fixed.clip(low, high);
    return x.sub(fixed).mul(reals(within.eq(fixed))).add(within);
  }

  private static NDArray gelu(NDArray x, boolean tanh) {
    NDArray curve =
        tanh
            ? x.pow(3).mul(0.044715f).add(x).mul((float) Math.sqrt(2 / Math.PI)).tanh()
            : x.mul((float) Math.sqrt(0.5)).erf();
    return curve.add(1).mul(x).mul(0.5f);
  }

  static NDArray sigmoid(NDArray x) {
    return x.getNDArrayInternal().sigmoid();
  }

  /// `log(1 + exp(x))`, without overflow.
  private static NDArray softplus(NDArray x) {
    return positive(x).add(x.abs().neg().exp().add(1).log());
  }

  private static NDArray positive(NDArray x) {
    return x.getNDArrayInternal().relu();
  }

  private static NDArray negative(NDArray x) {
    return x.neg().getNDArrayInternal().relu().neg();
  }

  /// 1 where true; carries no gradient.
  private static NDArray reals(NDArray flags) {
    return flags.toType(DataType.FLOAT32, false);
  }
}
