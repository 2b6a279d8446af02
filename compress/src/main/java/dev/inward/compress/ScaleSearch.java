package dev.inward.compress;

import java.util.stream.IntStream;

/// Scales of symmetric codes with the least squared error.
///
/// For given codes `q` the best scale is `sum(x q) / sum(q q)`, and what it leaves of the squared
/// error is `sum(x x) - sum(x q)^2 / sum(q q)`. So a number of starting scales is tried, each gives
/// codes, the codes give their best scale, and the one that leaves least is kept, rounded to half
/// precision, and refined once more. Codes are then the nearest for the stored scale.
final class ScaleSearch {
  /* Groups are lanes: element by element, all groups of a tile are worked on at once, so that the
   * loops over lanes have no sum across them. They vectorise, and every group is summed in the
   * order of its elements whatever the tile or the number of threads. Rounding to nearest, ties to
   * even, is the addition of 1.5 * 2^23. */
  private static final float MAGIC = 0x1.8p23f;
  private static final int TILE = 1 << 14;
  private static final int MOST_LANES = 256;

  /// Where a scale that reaches the largest element with the highest code is multiplied: clipped up
  /// to four tenths, and a little wider where the range has one more code below zero.
  private static final float[] STARTS = {
    0.56f, 0.62f, 0.68f, 0.73f, 0.78f, 0.83f, 0.88f, 0.92f, 0.96f, 1.0f, 1.06f
  };

  private final float[] values;
  private final int[] base;
  private final int[] offset;
  private final int low;
  private final int high;
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
    int lanes = Math.clamp(TILE / Math.max(1, offset.length), 8, MOST_LANES);
    int tiles = Math.ceilDiv(base.length, lanes);
    // A stretch of tiles a task, so that scratch is made once for many.
    int tasks = Math.min(tiles, 64);
    IntStream.range(0, tasks)
        .parallel()
        .forEach(task -> {
          var tile = search.new Tile(lanes);
          int from = (int) ((long) tiles * task / tasks);
          int to = (int) ((long) tiles * (task + 1) / tasks);
          for (int t = from; t < to; t++) {
            tile.search(t * lanes, Math.min(lanes, base.length - t * lanes));
          }
        });
    return search;
  }

  private final class Tile {
    private final float[][] x;
    private final float[] most;

    /// A power of two for each lane that brings its elements near 1, so that no square overflows.
    private final float[] norm;

    private final float[] step;
    private final float[] products;
    private final float[] squares;
    private final float[] best;
    private final float[] bestScale;

    Tile(int lanes) {
      x = new float[offset.length][lanes];
      most = new float[lanes];
      norm = new float[lanes];
      step = new float[lanes];
      products = new float[lanes];
      squares = new float[lanes];
      best = new float[lanes];
      bestScale = new float[lanes];
    }

    void search(int first, int lanes) {
      load(first, lanes);
      for (int l = 0; l < lanes; l++) {
        best[l] = -1;
        bestScale[l] = 1;
      }
      for (float start : STARTS) {
        for (int l = 0; l < lanes; l++) {
          step[l] = most[l] > 0 ? start * most[l] / high : 1;
        }
        consider(lanes);
      }
      // Once more from the best, whose codes have changed with the scale.
      for (int again = 0; again < 2; again++) {
        System.arraycopy(bestScale, 0, step, 0, lanes);
        consider(lanes);
      }
      store(first, lanes);
    }

    private void load(int first, int lanes) {
      for (int l = 0; l < lanes; l++) {
        int at = base[first + l];
        float largest = 0;
        for (int e = 0; e < offset.length; e++) {
          float value = values[at + offset[e]];
          x[e][l] = value;
          largest = Math.max(largest, Math.abs(value));
        }
        norm[l] = largest > 0 ? Math.scalb(1f, -Math.getExponent(largest)) : 1;
        most[l] = largest * norm[l];
      }
      for (float[] row : x) {
        for (int l = 0; l < lanes; l++) {
          row[l] *= norm[l];
        }
      }
    }

    /// Takes the best scales of the codes that `step` gives where they leave less error.
    private void consider(int lanes) {
      for (int l = 0; l < lanes; l++) {
        step[l] = 1 / step[l];
      }
      java.util.Arrays.fill(products, 0);
      java.util.Arrays.fill(squares, 0);
      for (float[] row : x) {
        accumulate(row, step, products, squares, low, high, lanes);
      }
      for (int l = 0; l < lanes; l++) {
        float gain = products[l] * (products[l] / squares[l]);
        if (gain > best[l] && products[l] > 0) {
          best[l] = gain;
          bestScale[l] = products[l] / squares[l];
        }
      }
    }

    private void store(int first, int lanes) {
      for (int l = 0; l < lanes; l++) {
        float chosen = WeightEncoder.nearestHalf(WeightEncoder.nonZero(bestScale[l] / norm[l]));
        scale[first + l] = chosen;
        double by = (double) chosen * norm[l];
        int at = base[first + l];
        for (int e = 0; e < offset.length; e++) {
          codes[at + offset[e]] =
              (byte) (int) Math.max(low, Math.min(high, Math.rint(x[e][l] / by)));
        }
      }
    }
  }

  private static void accumulate(
      float[] row, float[] inverse, float[] products, float[] squares, int low, int high, int n) {
    float least = low;
    float most = high;
    for (int l = 0; l < n; l++) {
      float value = row[l];
      float code = Math.min(most, Math.max(least, value * inverse[l]));
      code = code + MAGIC - MAGIC;
      products[l] += value * code;
      squares[l] += code * code;
    }
  }
}
