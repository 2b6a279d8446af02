package dev.inward.graph.evaluation;

import dev.inward.graph.DataType;
import dev.inward.graph.Windowed.Pool;
import dev.inward.graph.Windowed.PoolKind;
import java.util.Arrays;
import java.util.List;

/// What poolings compute. Padding takes no part in a maximum; in an average only where it counts.
final class PoolRule {
  private PoolRule() {}

  static List<Array> of(Pool pool, Array x) {
    int[] spatial = Arrays.copyOfRange(x.dims(), 2, x.rank());
    Taps taps = Taps.over(pool.window(), new int[0], spatial, pool.ceil());
    int[] table = taps.table();
    int inner = taps.kernelSize();
    int places = taps.outSize();
    int[] dims = x.dims();
    System.arraycopy(taps.out(), 0, dims, 2, spatial.length);
    double[] out = new double[Array.count(dims)];
    long[] indices = new long[out.length];
    int[] column = pool.columnMajor() ? columnMajor(spatial) : new int[0];
    for (int i = 0; i < out.length; i++) {
      int plane = i / places * taps.inSize();
      int first = i % places * inner;
      int[] window = Arrays.copyOfRange(table, first, first + inner);
      switch (pool.kind()) {
        case MAX -> {
          int best = -1;
          for (int tap : window) {
            if (tap >= 0 && (best < 0 || x.real(plane + tap) > x.real(plane + best))) {
              best = tap;
            }
          }
          out[i] = best < 0 ? least(x.dtype()) : x.real(plane + best);
          indices[i] = plane + (best < 0 || column.length == 0 ? best : column[best]);
        }
        case AVERAGE -> {
          double sum = 0;
          int count = 0;
          for (int tap : window) {
            sum += tap >= 0 ? x.real(plane + tap) : 0;
            count += tap >= 0 || tap == -1 && pool.countPadding() ? 1 : 0;
          }
          out[i] = sum / count;
        }
        case LP -> {
          double sum = 0;
          for (int tap : window) {
            sum += tap >= 0 ? Math.pow(Math.abs(x.real(plane + tap)), pool.p()) : 0;
          }
          out[i] = Math.pow(sum, 1.0 / pool.p());
        }
      }
    }
    Array pooled = Array.of(x.dtype(), dims, out);
    return pool.kind() == PoolKind.MAX
        ? List.of(pooled, Array.of(DataType.INT64, dims, indices))
        : List.of(pooled);
  }

  static Array global(PoolKind kind, long p, Array x) {
    int inner = x.between(2, x.rank());
    int[] dims = x.dims();
    Arrays.fill(dims, 2, dims.length, 1);
    double[] out = new double[Array.count(dims)];
    for (int i = 0; i < out.length; i++) {
      double sum = kind == PoolKind.MAX ? Double.NEGATIVE_INFINITY : 0;
      for (int j = i * inner; j < (i + 1) * inner; j++) {
        double value = x.real(j);
        sum =
            switch (kind) {
              case MAX -> Math.max(sum, value);
              case AVERAGE -> sum + value;
              case LP -> sum + Math.pow(Math.abs(value), p);
            };
      }
      out[i] =
          switch (kind) {
            case MAX -> sum;
            case AVERAGE -> sum / inner;
            case LP -> Math.pow(sum, 1.0 / p);
          };
    }
    return Array.of(x.dtype(), dims, out);
  }

  private static double least(DataType type) {
    return type.isFloat() ? Double.NEGATIVE_INFINITY : Rounding.least(type);
  }

  /// The column-major number of each place.
  private static int[] columnMajor(int[] dims) {
    return Places.map(
        dims,
        at -> {
          int index = 0;
          for (int axis = dims.length - 1; axis >= 0; axis--) {
            index = index * dims[axis] + at[axis];
          }
          return index;
        });
  }
}
