package dev.inward.compress;

import java.util.stream.IntStream;

/// Scales of symmetric codes with the least squared error.
///
/// For given codes `q` the best scale is `sum(x q) / sum(q q)`, and what it leaves of the squared
/// error is `sum(x x) - sum(x q)^2 / sum(q q)`. So a number of starting scales is tried, each gives
/// codes, the codes give their best scale, and the one that leaves least is refined and rounded to
/// half precision. Codes are then the nearest for the stored scale.
final class ScaleSearch {
  /// Added and taken away again, it leaves a float rounded to a whole number, ties to even.
  private static final float MAGIC = 0x1.8p23f;

  /// Groups that a task works on, at least.
  private static final int TASK = 1 << 15;

  /// From this number of elements on the error has no more than one dip to speak of.
  private static final int SMOOTH = 128;

  /// What the scale that reaches the largest element with the highest code is multiplied by:
  /// clipped up to four tenths, and a little wider where the range has one more code below zero.
  private static final float[] STARTS = {
    0.56f, 0.62f, 0.68f, 0.73f, 0.78f, 0.83f, 0.88f, 0.92f, 0.96f, 1.0f, 1.06f
  };

  private static final float[] FEW_STARTS = {0.52f, 0.62f, 0.74f, 0.88f};

  private final float[] values;
  private final int[] base;
  private final int[] offset;
  private final float low;
  private final float high;
  final float[] scale;
  final byte[] codes;

  /// @param base the first element of each group
  /// @param offset where the elements of a group are, from its first
  private ScaleSearch(float[] values, int[] base, int[] offset, int bits) {
    this.values = values;
    this.base = base;
    this.offset = offset;
    this.low = -(1 << bits - 1);
    this.high = (1 << bits - 1) - 1;
    this.scale = new float[base.length];
    this.codes = new byte[values.length];
  }

  static ScaleSearch run(float[] values, int[] base, int[] offset, int bits) {
    var search = new ScaleSearch(values, base, offset, bits);
    int tasks = Math.clamp(values.length / TASK, 1, Math.max(1, base.length));
    IntStream.range(0, tasks)
        .parallel()
        .forEach(task -> {
          float[] group = new float[offset.length];
          int from = (int) ((long) base.length * task / tasks);
          int to = (int) ((long) base.length * (task + 1) / tasks);
          for (int g = from; g < to; g++) {
            search.group(g, group);
          }
        });
    return search;
  }

  private void group(int g, float[] x) {
    int at = base[g];
    float largest = 0;
    for (int e = 0; e < x.length; e++) {
      float value = values[at + offset[e]];
      x[e] = value;
      float size = value < 0 ? -value : value;
      largest = size > largest ? size : largest;
    }
    // A power of two brings the elements near 1, so that no square overflows.
    float norm = largest > 0 ? Math.scalb(1f, -Math.getExponent(largest)) : 1;
    for (int e = 0; e < x.length; e++) {
      x[e] *= norm;
    }
    var best = new Best();
    if (largest > 0) {
      float reach = largest * norm / high;
      for (float start : x.length < SMOOTH ? STARTS : FEW_STARTS) {
        consider(x, start * reach, best);
      }
      // Once more from the best, whose codes have changed with the scale.
      for (int again = 0; again < 3; again++) {
        consider(x, best.scale, best);
      }
    }
    float chosen = WeightEncoder.nearestHalf(WeightEncoder.nonZero(best.scale / norm));
    scale[g] = chosen;
    double inverse = 1 / ((double) chosen * norm);
    for (int e = 0; e < x.length; e++) {
      codes[at + offset[e]] = (byte) WeightEncoder.code(x[e] * inverse, (int) low, (int) high);
    }
  }

  private static final class Best {
    private float gain = -1;
    private float scale = 1;
  }

  /// Takes the best scale of the codes that `step` gives where it leaves less error. Two sums run
  /// beside each other, in a fixed order.
  private void consider(float[] x, float step, Best best) {
    float inverse = 1 / step;
    float least = low;
    float most = high;
    float products = 0;
    float squares = 0;
    float products2 = 0;
    float squares2 = 0;
    int e = 0;
    for (; e < x.length - 1; e += 2) {
      float a = x[e];
      float b = x[e + 1];
      float p = a * inverse;
      float q = b * inverse;
      p = p < least ? least : p > most ? most : p + MAGIC - MAGIC;
      q = q < least ? least : q > most ? most : q + MAGIC - MAGIC;
      products += a * p;
      squares += p * p;
      products2 += b * q;
      squares2 += q * q;
    }
    if (e < x.length) {
      float p = x[e] * inverse;
      p = p < least ? least : p > most ? most : p + MAGIC - MAGIC;
      products += x[e] * p;
      squares += p * p;
    }
    products += products2;
    squares += squares2;
    float gain = products * (products / squares);
    if (products > 0 && gain > best.gain) {
      best.gain = gain;
      best.scale = products / squares;
    }
  }
}
