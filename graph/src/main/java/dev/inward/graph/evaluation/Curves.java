package dev.inward.graph.evaluation;

/// Functions of one real that the JDK does not have, in double precision.
final class Curves {
  private static final double SQRT_HALF = Math.sqrt(0.5);

  private Curves() {}

  /// By the series of positive terms `2/sqrt(pi) * exp(-x^2) * sum of 2^n x^(2n+1) / (2n+1)!!`.
  ///
  /// Error: a few units in the last place. Source: Abramowitz and Stegun, 7.1.6.
  static double erf(double x) {
    double square = x * x;
    if (square > 36) {
      return Math.signum(x);
    }
    double term = x;
    double sum = x;
    for (int n = 1; Math.abs(term) > 1e-18 * Math.abs(sum); n++) {
      term *= 2 * square / (2 * n + 1);
      sum += term;
    }
    return 2 / Math.sqrt(Math.PI) * Math.exp(-square) * sum;
  }

  static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  static double softplus(double x) {
    return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
  }

  static double asinh(double x) {
    double size = Math.abs(x);
    return Math.copySign(Math.log1p(size + size * size / (1 + Math.sqrt(1 + size * size))), x);
  }

  static double gelu(double x) {
    return x * 0.5 * (1 + erf(x * SQRT_HALF));
  }

  static double tanhGelu(double x) {
    return x * 0.5 * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
  }
}
