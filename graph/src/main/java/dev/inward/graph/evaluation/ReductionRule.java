package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Reduction;
import dev.inward.graph.Reduction.Reduce.Function;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// What reductions compute.
final class ReductionRule {
  private ReductionRule() {}

  static List<Array> of(Reduction op, Operands in) {
    Array x = in.get(0);
    return switch (op) {
      case Reduction.Reduce(var function, var axes, var keepDims) ->
          List.of(reduce(x, function, axes, keepDims));
      case Reduction.ArgReduce arg -> List.of(argReduce(x, arg));
      case Reduction.TopK top -> topK(x, in.get(1).scalar("k").whole(0), top);
      case Reduction.CumSum(var exclusive, var reverse) ->
          List.of(cumSum(x, in.get(1).scalar("the axis").whole(0), exclusive, reverse));
    };
  }

  private static Array reduce(Array x, Function function, List<Long> axes, boolean keepDims) {
    boolean[] gone = new boolean[x.rank()];
    if (axes.isEmpty()) {
      Arrays.fill(gone, true);
    }
    axes.forEach(axis -> gone[x.axis(axis)] = true);
    int[] kept = x.dims();
    for (int axis = 0; axis < kept.length; axis++) {
      kept[axis] = gone[axis] ? 1 : kept[axis];
    }
    int[] group = x.size() == 0 ? new int[0] : Places.broadcast(kept, x.dims());
    int count = Array.count(kept);
    int members = count == 0 ? 0 : x.size() / count;
    int[] dims =
        keepDims
            ? kept
            : IntStream.range(0, x.rank()).filter(a -> !gone[a]).map(x::extent).toArray();
    if (x.isFloat() || function == Function.L2 || function.name().startsWith("LOG")) {
      return Array.of(x.dtype(), dims, reals(x, function, group, count, members));
    }
    boolean unsigned = x.dtype() == DataType.UINT64;
    long[] out = new long[count];
    Arrays.fill(
        out,
        switch (function) {
          case PROD -> 1;
          case MAX -> least(x.dtype());
          case MIN -> most(x.dtype());
          default -> 0;
        });
    boolean[] seen = new boolean[count];
    for (int i = 0; i < group.length; i++) {
      long v = x.whole(i);
      int at = group[i];
      long old = out[at];
      out[at] =
          switch (function) {
            case SUM, MEAN -> old + v;
            case L1 -> old + Math.abs(v);
            case SUM_SQUARE -> old + v * v;
            case PROD -> old * v;
            case MAX -> seen[at] && BinaryRule.compare(unsigned, old, v) >= 0 ? old : v;
            case MIN -> seen[at] && BinaryRule.compare(unsigned, old, v) <= 0 ? old : v;
            case L2, LOG_SUM, LOG_SUM_EXP -> throw new IllegalStateException(function.name());
          };
      seen[at] = true;
    }
    if (function == Function.MEAN) {
      for (int i = 0; i < count; i++) {
        out[i] /= members;
      }
    }
    return Array.of(x.dtype(), dims, out);
  }

  private static long least(DataType type) {
    return type == DataType.BOOL ? 0 : type.isSigned() ? -1L << (type.bits() - 1) : 0;
  }

  private static long most(DataType type) {
    return type == DataType.BOOL ? 1 : ~least(type) & -1L >>> (64 - type.bits());
  }

  private static double[] reals(Array x, Function function, int[] group, int count, int members) {
    double[] out = new double[count];
    double[] most = new double[count];
    Arrays.fill(most, Double.NEGATIVE_INFINITY);
    if (function == Function.LOG_SUM_EXP) {
      for (int i = 0; i < group.length; i++) {
        most[group[i]] = Math.max(most[group[i]], x.real(i));
      }
    }
    Arrays.fill(
        out,
        switch (function) {
          case PROD -> 1;
          case MAX -> Double.NEGATIVE_INFINITY;
          case MIN -> Double.POSITIVE_INFINITY;
          default -> 0;
        });
    for (int i = 0; i < group.length; i++) {
      double v = x.real(i);
      int at = group[i];
      out[at] =
          switch (function) {
            case SUM, MEAN, LOG_SUM -> out[at] + v;
            case MAX -> Math.max(out[at], v);
            case MIN -> Math.min(out[at], v);
            case PROD -> out[at] * v;
            case L1 -> out[at] + Math.abs(v);
            case L2, SUM_SQUARE -> out[at] + v * v;
            case LOG_SUM_EXP ->
                out[at] + (Double.isInfinite(most[at]) ? Math.exp(v) : Math.exp(v - most[at]));
          };
    }
    for (int i = 0; i < count; i++) {
      out[i] =
          switch (function) {
            case MEAN -> out[i] / members;
            case L2 -> Math.sqrt(out[i]);
            case LOG_SUM -> Math.log(out[i]);
            case LOG_SUM_EXP -> Math.log(out[i]) + (Double.isInfinite(most[i]) ? 0 : most[i]);
            case SUM, MAX, MIN, PROD, L1, SUM_SQUARE -> out[i];
          };
    }
    return out;
  }

  private static Array argReduce(Array x, Reduction.ArgReduce op) {
    int axis = x.axis(op.axis());
    int length = x.extent(axis);
    int stride = x.between(axis + 1, x.rank());
    int[] kept = x.dims();
    kept[axis] = 1;
    long[] out = new long[Array.count(kept)];
    if (length == 0) {
      throw InputException.of("no elements along axis %d", axis);
    }
    for (int i = 0; i < out.length; i++) {
      int start = i / stride * stride * length + i % stride;
      int best = 0;
      for (int j = 1; j < length; j++) {
        int order = compare(x, start + j * stride, start + best * stride);
        if ((op.largest() ? order > 0 : order < 0) || order == 0 && op.selectLast()) {
          best = j;
        }
      }
      out[i] = best;
    }
    int[] dims =
        op.keepDims()
            ? kept
            : IntStream.range(0, x.rank()).filter(a -> a != axis).map(x::extent).toArray();
    return Array.of(DataType.INT64, dims, out);
  }

  /// Zeros of either sign are equal.
  private static int compare(Array x, int a, int b) {
    if (!x.isFloat()) {
      return BinaryRule.compare(x.dtype() == DataType.UINT64, x.whole(a), x.whole(b));
    }
    return Double.compare(x.real(a) + 0.0, x.real(b) + 0.0);
  }

  /// Equal elements by place, the first one first; sorted also where that is not asked for.
  private static List<Array> topK(Array x, long wanted, Reduction.TopK op) {
    int axis = x.axis(op.axis());
    int length = x.extent(axis);
    int stride = x.between(axis + 1, x.rank());
    if (wanted < 0 || wanted > length) {
      throw InputException.of("k is %d, the axis has %d elements", wanted, length);
    }
    int k = (int) wanted;
    int[] dims = x.dims();
    dims[axis] = k;
    int[] from = new int[Array.count(dims)];
    long[] indices = new long[from.length];
    int lines = length == 0 ? 0 : x.size() / length;
    for (int line = 0; line < lines; line++) {
      int start = line / stride * stride * length + line % stride;
      Comparator<Integer> order = (a, b) -> compare(x, start + a * stride, start + b * stride);
      List<Integer> sorted =
          IntStream.range(0, length)
              .boxed()
              .sorted(op.largest() ? order.reversed() : order)
              .limit(k)
              .toList();
      for (int j = 0; j < k; j++) {
        int to = line / stride * stride * k + line % stride + j * stride;
        from[to] = start + sorted.get(j) * stride;
        indices[to] = sorted.get(j);
      }
    }
    return List.of(x.pick(dims, from), Array.of(DataType.INT64, dims, indices));
  }

  private static Array cumSum(Array x, long named, boolean exclusive, boolean reverse) {
    int axis = x.axis(named);
    int length = x.extent(axis);
    int stride = x.between(axis + 1, x.rank());
    double[] reals = new double[x.isFloat() ? x.size() : 0];
    long[] wholes = new long[x.isFloat() ? 0 : x.size()];
    int lines = length == 0 ? 0 : x.size() / length;
    for (int line = 0; line < lines; line++) {
      int start = line / stride * stride * length + line % stride;
      double sum = 0;
      long whole = 0;
      for (int j = 0; j < length; j++) {
        int at = start + (reverse ? length - 1 - j : j) * stride;
        double before = sum;
        long wholeBefore = whole;
        if (x.isFloat()) {
          sum += x.real(at);
          reals[at] = exclusive ? before : sum;
        } else {
          whole += x.whole(at);
          wholes[at] = exclusive ? wholeBefore : whole;
        }
      }
    }
    return x.isFloat()
        ? Array.of(x.dtype(), x.dims(), reals)
        : Array.of(x.dtype(), x.dims(), wholes);
  }
}
