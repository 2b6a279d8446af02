package dev.inward.graph;

/// Ops that compute each element from the elements at the same place; operands broadcast as in
/// numpy.
public sealed interface Elementwise extends Op {
  /// One operand, no attribute: `[..] -> [..]`.
  record Unary(Function function) implements Elementwise {
    public enum Function {
      IDENTITY,
      ABS,
      NEG,
      EXP,
      LOG,
      SQRT,
      RECIPROCAL,
      FLOOR,
      CEIL,
      /// To the nearest whole number, ties to even.
      ROUND,
      SIGN,
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
      RELU,
      SIGMOID,
      TANH,
      SOFTPLUS,
      SOFTSIGN,
      /// `x * clip(x/6 + 1/2, 0, 1)`.
      HARD_SWISH,
      MISH,
      NOT,
      BITWISE_NOT,
      IS_NAN;

      String title() {
        return Elementwise.title(name());
      }
    }
  }

  /// Two operands: `[..] x [..] -> [..]`. Comparisons give booleans.
  record Binary(Function function) implements Elementwise {
    public enum Function {
      ADD,
      SUB,
      MUL,
      DIV,
      POW,
      /// Remainder with the sign of the divisor.
      MOD,
      /// Remainder with the sign of the dividend, as C's fmod.
      FMOD,
      AND,
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
      SHIFT_RIGHT,
      /// `x` where positive, else `slope * x`; the slope broadcasts to `x`.
      PRELU;

      public boolean compares() {
        return switch (this) {
          case EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> true;
          default -> false;
        };
      }

      String title() {
        return Elementwise.title(name());
      }
    }
  }

  /// One operand or more.
  record Variadic(Function function) implements Elementwise {
    public enum Function {
      MAX,
      MIN,
      SUM,
      MEAN;

      String title() {
        return Elementwise.title(name());
      }
    }
  }

  /// `condition ? x : y`. Operands: condition (bool), x, y.
  record Where() implements Elementwise {}

  /// Operands: x, low?, high? (scalars).
  record Clip() implements Elementwise {}

  record Cast(DataType to) implements Elementwise {}

  record LeakyRelu(float alpha) implements Elementwise {}

  record Elu(float alpha) implements Elementwise {}

  record Selu(float alpha, float gamma) implements Elementwise {}

  record Celu(float alpha) implements Elementwise {}

  record ThresholdedRelu(float alpha) implements Elementwise {}

  /// `clip(alpha * x + beta, 0, 1)`.
  record HardSigmoid(float alpha, float beta) implements Elementwise {}

  record Shrink(float lambda, float bias) implements Elementwise {}

  /// `x * sigmoid(alpha * x)`.
  record Swish(float alpha) implements Elementwise {}

  /// `x * (1 + erf(x / sqrt 2)) / 2`, or with `tanh` the approximation by tanh. Source: Hendrycks
  /// and Gimpel, arXiv:1606.08415.
  record Gelu(boolean tanh) implements Elementwise {}

  private static String title(String constant) {
    var out = new StringBuilder();
    for (String word : constant.split("_")) {
      out.append(word.charAt(0)).append(word.substring(1).toLowerCase(java.util.Locale.ROOT));
    }
    return out.toString();
  }
}
