package dev.inward.compress;

import dev.inward.graph.Tensor;
import java.util.List;

/// The squared error that rounding leaves in the results of products of an activation, when channel
/// `k` is divided by `s_k` and row `k` of the weights multiplied by it. A rounding errs by a
/// twelfth of the square of its step; roundings are taken as independent.
///
/// ```text
/// activation: d^2/12 * sum_k s_k^2 |w_k|^2             d = (max_k high_k/s_k - min_k low_k/s_k) / 255
/// weights:    sum_j e_j^2/12 * sum_k mean(x_k^2)/s_k^2  e_j = 2 max_k s_k |w_kj| / 255
/// ```
///
/// The sum of both is what factors are compared by. It knows nothing of values outside the range,
/// of which there are none here.
final class ChannelNoise {
  private static final double[] POWERS = {0, 0.25, 0.4, 0.5, 0.6, 0.75, 0.9, 1};
  private static final double[] WEIGHT_POWERS = {0, 0.25, 0.5};

  /// How far below zero a channel may reach, for each step above.
  private static final double[] SIDES = {1, 0.3, 0.1};

  private static final double LEVELS = 255;
  private static final double LEAST = 1e-4;

  private final ChannelReach reach;
  private final List<Tensor> weights;
  private final int rows;
  private final double[] meanSquares;
  private final double[] energy;
  private final float[] most;

  /// @param weights `[channels, n]` each
  ChannelNoise(ChannelReach reach, List<Tensor> weights) {
    this.reach = reach;
    this.weights = weights;
    this.rows = reach.channels();
    this.meanSquares = reach.meanSquares();
    this.energy = new double[rows];
    this.most = new float[rows];
    for (Tensor weight : weights) {
      float[] w = weight.floats();
      int columns = w.length / rows;
      for (int i = 0; i < w.length; i++) {
        energy[i / columns] += (double) w[i] * w[i];
        most[i / columns] = Math.max(most[i / columns], Math.abs(w[i]));
      }
    }
  }

  /// The factors of the family with the least error; a channel that nothing reaches or nothing
  /// reads has a factor in the middle of the others.
  float[] best() {
    float[] best = ones();
    double least = of(best);
    for (double side : SIDES) {
      for (double power : POWERS) {
        for (double weightPower : WEIGHT_POWERS) {
          float[] factors = factors(power, weightPower, side);
          double noise = of(factors);
          if (noise < least) {
            least = noise;
            best = factors;
          }
        }
      }
    }
    return best;
  }

  private float[] ones() {
    float[] ones = new float[rows];
    java.util.Arrays.fill(ones, 1);
    return ones;
  }

  double ofNone() {
    return of(ones());
  }

  private float[] factors(double power, double weightPower, double side) {
    double[] factor = new double[rows];
    double largest = 0;
    for (int k = 0; k < rows; k++) {
      double a = Math.max(reach.high[k], -reach.low[k] / side);
      factor[k] = a > 0 && most[k] > 0 ? Math.pow(a, power) / Math.pow(most[k], weightPower) : 0;
      largest = Math.max(largest, factor[k]);
    }
    float[] factors = new float[rows];
    for (int k = 0; k < rows; k++) {
      // In proportion to the largest, so that weights do not grow.
      factors[k] = largest > 0 ? (float) Math.max(LEAST, factor[k] / largest) : 1;
    }
    return factors;
  }

  /// The error with these factors.
  double of(float[] factors) {
    double top = 0;
    double bottom = 0;
    double read = 0;
    double held = 0;
    for (int k = 0; k < rows; k++) {
      double s = factors[k];
      top = Math.max(top, reach.high[k] / s);
      bottom = Math.min(bottom, reach.low[k] / s);
      read += s * s * energy[k];
      held += meanSquares[k] / (s * s);
    }
    double step = (top - bottom) / LEVELS;
    double noise = step * step / 12 * read;
    for (Tensor weight : weights) {
      float[] w = weight.floats();
      int columns = w.length / rows;
      double[] largest = new double[columns];
      for (int k = 0; k < rows; k++) {
        for (int j = 0; j < columns; j++) {
          largest[j] = Math.max(largest[j], factors[k] * Math.abs(w[k * columns + j]));
        }
      }
      for (double reached : largest) {
        double each = 2 * reached / LEVELS;
        noise += each * each / 12 * held;
      }
    }
    return noise;
  }
}
