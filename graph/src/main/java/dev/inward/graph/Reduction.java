package dev.inward.graph;

import java.util.List;

/// Ops that bring axes down to one value, or rank along one.
public sealed interface Reduction extends Op {
  /// @param axes what to reduce; empty means all
  record Reduce(Function function, List<Long> axes, boolean keepDims) implements Reduction {
    public enum Function {
      SUM,
      MEAN,
      MAX,
      MIN,
      PROD,
      L1,
      L2,
      LOG_SUM,
      LOG_SUM_EXP,
      SUM_SQUARE;

      String title() {
        var out = new StringBuilder("Reduce");
        for (String word : name().split("_")) {
          out.append(word.charAt(0)).append(word.substring(1).toLowerCase(java.util.Locale.ROOT));
        }
        return out.toString();
      }
    }

    public Reduce {
      axes = List.copyOf(axes);
    }
  }

  /// The index (int64) of the largest or smallest element along an axis.
  record ArgReduce(boolean largest, long axis, boolean keepDims, boolean selectLast)
      implements Reduction {}

  /// Operands: x, k. Results: values, indices (int64).
  record TopK(long axis, boolean largest, boolean sorted) implements Reduction {}

  /// Operands: x, axis (scalar).
  record CumSum(boolean exclusive, boolean reverse) implements Reduction {}
}
