package dev.inward.data;

import java.util.Arrays;
import java.util.stream.IntStream;

/// The ten rows nearest to each row by cosine, nearest first, itself left out. Of equals the first
/// row is nearer. A row that is zero or not finite has no neighbours and is nobody's: -1 stands in
/// their places.
///
/// Shapes: `nearest[10 * row + rank]`.
final class Neighbours {
  static final int TEN = 10;

  /*
   * All pairs are wanted: n^2 * width multiply-adds, 1.6 G for 2,048 x 384. Rows are normalised and
   * cut into blocks of BLOCK, and each column of a block is an array of its own, so that the inner
   * loop of `multiply` runs over neighbours with one index for all its arrays. The compiler makes
   * vector code of that without changing the order of any sum; where the columns lay in one array it
   * could not rule out that they overlap with the sums, and was five times slower. Each sum is over
   * the columns in order, whatever the number of threads: a query's result depends on nothing else.
   */
  private static final int BLOCK = 256;

  private static final int QUERIES = 32;

  private final int[] nearest;

  private Neighbours(int[] nearest) {
    this.nearest = nearest;
  }

  int at(int row, int rank) {
    return nearest[TEN * row + rank];
  }

  /// Whether `other` is among the ten nearest of `row`.
  boolean holds(int row, int other) {
    for (int rank = 0; rank < TEN; rank++) {
      if (at(row, rank) == other) {
        return other >= 0;
      }
    }
    return false;
  }

  static Neighbours of(Rows rows) {
    int count = rows.count();
    float[] unit = normalised(rows);
    float[][] columns = columns(unit, count, rows.width());
    int[] nearest = new int[TEN * count];
    IntStream.range(0, (count + QUERIES - 1) / QUERIES)
        .parallel()
        .forEach(group -> {
          int from = group * QUERIES;
          int to = Math.min(count, from + QUERIES);
          search(unit, columns, count, rows.width(), from, to, nearest);
        });
    return new Neighbours(nearest);
  }

  /// Each row divided by its length; a row that has none becomes NaN throughout.
  private static float[] normalised(Rows rows) {
    int width = rows.width();
    float[] unit = new float[rows.values().length];
    for (int row = 0; row < rows.count(); row++) {
      double squares = 0;
      for (int k = 0; k < width; k++) {
        squares += (double) rows.at(row, k) * rows.at(row, k);
      }
      double scale = squares > 0 && Double.isFinite(squares) ? 1 / Math.sqrt(squares) : Double.NaN;
      for (int k = 0; k < width; k++) {
        unit[row * width + k] = (float) (rows.at(row, k) * scale);
      }
    }
    return unit;
  }

  /// Shapes: `columns[block * width + k][row - block * BLOCK]`.
  private static float[][] columns(float[] unit, int count, int width) {
    int blocks = (count + BLOCK - 1) / BLOCK;
    float[][] columns = new float[Math.multiplyExact(blocks, width)][BLOCK];
    for (int row = 0; row < count; row++) {
      int first = row / BLOCK * width;
      for (int k = 0; k < width; k++) {
        columns[first + k][row % BLOCK] = unit[row * width + k];
      }
    }
    return columns;
  }

  private static void search(
      float[] unit, float[][] columns, int count, int width, int from, int to, int[] nearest) {
    float[] best = new float[TEN * (to - from)];
    Arrays.fill(best, Float.NEGATIVE_INFINITY);
    Arrays.fill(nearest, TEN * from, TEN * to, -1);
    float[] scores = new float[BLOCK];
    for (int start = 0; start < count; start += BLOCK) {
      int size = Math.min(BLOCK, count - start);
      for (int query = from; query < to; query++) {
        Arrays.fill(scores, 0);
        multiply(unit, query * width, width, columns, start / BLOCK * width, scores);
        for (int j = 0; j < size; j++) {
          if (start + j != query && scores[j] > best[TEN * (query - from) + TEN - 1]) {
            insert(best, TEN * (query - from), nearest, TEN * query, scores[j], start + j);
          }
        }
      }
    }
  }

  private static void multiply(
      float[] unit, int query, int width, float[][] columns, int first, float[] scores) {
    int k = 0;
    for (; k + 4 <= width; k += 4) {
      float q0 = unit[query + k];
      float q1 = unit[query + k + 1];
      float q2 = unit[query + k + 2];
      float q3 = unit[query + k + 3];
      float[] c0 = columns[first + k];
      float[] c1 = columns[first + k + 1];
      float[] c2 = columns[first + k + 2];
      float[] c3 = columns[first + k + 3];
      for (int j = 0; j < scores.length; j++) {
        scores[j] = scores[j] + q0 * c0[j] + q1 * c1[j] + q2 * c2[j] + q3 * c3[j];
      }
    }
    for (; k < width; k++) {
      float q = unit[query + k];
      float[] column = columns[first + k];
      for (int j = 0; j < scores.length; j++) {
        scores[j] += q * column[j];
      }
    }
  }

  /// Rows come in order, so a newcomer goes behind those with the same score.
  private static void insert(
      float[] best, int bestAt, int[] nearest, int nearestAt, float score, int row) {
    int rank = TEN - 1;
    while (rank > 0 && score > best[bestAt + rank - 1]) {
      best[bestAt + rank] = best[bestAt + rank - 1];
      nearest[nearestAt + rank] = nearest[nearestAt + rank - 1];
      rank--;
    }
    best[bestAt + rank] = score;
    nearest[nearestAt + rank] = row;
  }
}
