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
   * All pairs are wanted: n^2 * width multiply-adds, 3.5 G for 2,400 x 384 and its double. Rows are
   * normalised, laid out column by column in blocks of BLOCK rows, and a query's products with a
   * block are summed a few columns at a time: the inner loop runs over neighbours, so the compiler
   * turns it into vector code without changing the order of any sum. Each sum is over the columns in
   * order, whatever the number of threads: a query is one task, and its result depends on nothing
   * else.
   */
  private static final int BLOCK = 512;

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
    float[] columns = columns(unit, count, rows.width());
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

  private static float[] columns(float[] unit, int count, int width) {
    int blocks = (count + BLOCK - 1) / BLOCK;
    float[] columns = new float[blocks * BLOCK * width];
    for (int row = 0; row < count; row++) {
      int base = row / BLOCK * BLOCK * width + row % BLOCK;
      for (int k = 0; k < width; k++) {
        columns[base + k * BLOCK] = unit[row * width + k];
      }
    }
    return columns;
  }

  private static void search(
      float[] unit, float[] columns, int count, int width, int from, int to, int[] nearest) {
    float[] best = new float[TEN * (to - from)];
    Arrays.fill(best, Float.NEGATIVE_INFINITY);
    Arrays.fill(nearest, TEN * from, TEN * to, -1);
    float[] scores = new float[BLOCK];
    for (int start = 0; start < count; start += BLOCK) {
      int size = Math.min(BLOCK, count - start);
      for (int query = from; query < to; query++) {
        Arrays.fill(scores, 0);
        multiply(unit, query * width, width, columns, start * width, scores);
        for (int j = 0; j < size; j++) {
          if (start + j != query && scores[j] > best[TEN * (query - from) + TEN - 1]) {
            insert(best, TEN * (query - from), nearest, TEN * query, scores[j], start + j);
          }
        }
      }
    }
  }

  private static void multiply(
      float[] unit, int query, int width, float[] columns, int block, float[] scores) {
    int k = 0;
    for (; k + 4 <= width; k += 4) {
      float q0 = unit[query + k];
      float q1 = unit[query + k + 1];
      float q2 = unit[query + k + 2];
      float q3 = unit[query + k + 3];
      int c0 = block + k * BLOCK;
      for (int j = 0; j < BLOCK; j++) {
        scores[j] =
            scores[j]
                + q0 * columns[c0 + j]
                + q1 * columns[c0 + BLOCK + j]
                + q2 * columns[c0 + 2 * BLOCK + j]
                + q3 * columns[c0 + 3 * BLOCK + j];
      }
    }
    for (; k < width; k++) {
      float q = unit[query + k];
      int c = block + k * BLOCK;
      for (int j = 0; j < BLOCK; j++) {
        scores[j] += q * columns[c + j];
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
