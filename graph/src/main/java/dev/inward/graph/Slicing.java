package dev.inward.graph;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Extents of slices and ranges.
final class Slicing {
  /// From here on an end means "to the end": exporters write the largest int32 or int64.
  private static final long NO_END = Integer.MAX_VALUE;

  private Slicing() {}

  static Shape sliced(Site site) {
    for (int i = 1; i < site.operands(); i++) {
      site.rank(i, 1, List.of("starts", "ends", "axes", "steps").get(i - 1));
    }
    var x = site.shape(0);
    if (!x.ranked()) {
      return Shape.UNRANKED;
    }
    var axes = axes(site, x.rank());
    if (axes.isEmpty()) {
      return site.freshShape(0, x.rank());
    }
    List<Dim> dims = new ArrayList<>(x.dims());
    Set<Integer> seen = new HashSet<>();
    for (int i = 0; i < axes.get().size(); i++) {
      int axis = site.axis(axes.get().get(i), x.rank(), 0);
      if (!seen.add(axis)) {
        throw site.fault("axes %s name one axis twice for %s", axes.get(), x);
      }
      var step = site.has(4) ? element(site, 4, i) : Optional.of(Expression.ONE);
      if (step.isPresent() && step.get().is(0)) {
        throw site.fault("a step is not 0");
      }
      var length =
          length(Expression.of(x.dim(axis)), element(site, 1, i), element(site, 2, i), step);
      dims.set(axis, site.dim(length, 0, axis));
    }
    return Shape.of(dims);
  }

  /// The axes that are sliced, empty where they are not known.
  static Optional<List<Long>> axes(Site site, int rank) {
    if (site.has(3)) {
      return site.numbers(3).map(axes -> counted(site, axes));
    }
    if (!site.ranked(1) || !(site.shape(1).dim(0) instanceof Dim.Known(var count))) {
      return Optional.empty();
    }
    if (count > rank) {
      throw site.fault("%d starts for %s", count, site.shape(0));
    }
    return Optional.of(LongStream.range(0, count).boxed().toList());
  }

  private static List<Long> counted(Site site, List<Long> axes) {
    site.vector(1, Dim.of(axes.size()), "starts");
    site.vector(2, Dim.of(axes.size()), "ends");
    site.vector(4, Dim.of(axes.size()), "steps");
    return axes;
  }

  static Optional<Expression> element(Site site, int operand, int index) {
    return site.contents(operand).filter(c -> index < c.size()).flatMap(c -> c.get(index));
  }

  /// The number of elements of a slice of an axis.
  static Optional<Expression> length(
      Expression extent,
      Optional<Expression> start,
      Optional<Expression> end,
      Optional<Expression> step) {
    if (start.isEmpty() || end.isEmpty() || step.isEmpty() || step.get().constant().isEmpty()) {
      return Optional.empty();
    }
    long by = step.get().constant().getAsLong();
    if (extent.constant().isPresent()
        && start.get().constant().isPresent()
        && end.get().constant().isPresent()) {
      return Optional.of(
          Expression.of(
              length(
                  extent.constant().getAsLong(),
                  start.get().constant().getAsLong(),
                  end.get().constant().getAsLong(),
                  by)));
    }
    if (by < 0) {
      boolean whole = by == -1 && start.get().is(-1) && isFarBelow(end.get());
      return whole ? Optional.of(extent) : Optional.empty();
    }
    var from = position(extent, start.get());
    var to = position(extent, end.get());
    if (from.isEmpty() || to.isEmpty()) {
      return Optional.empty();
    }
    var length = Expression.max(to.get().minus(from.get()), Expression.ZERO);
    return Optional.of(length.ceilDividedBy(by));
  }

  /// The same for numbers: positions are counted from the end where negative, then brought inside.
  static long length(long extent, long start, long end, long step) {
    long from = start < 0 ? start + extent : start;
    long to = end < 0 ? end + extent : end;
    if (step > 0) {
      long span = Math.clamp(to, 0, extent) - Math.clamp(from, 0, extent);
      return span <= 0 ? 0 : (span - 1) / step + 1;
    }
    // ONNX brings a start below 0 to 0, where numpy would find nothing.
    long span = extent == 0 ? 0 : Math.clamp(from, 0, extent - 1) - Math.clamp(to, -1, extent - 1);
    // -(step + 1) is step's distance less 1, which no step overflows.
    return span <= 0 ? 0 : step == Long.MIN_VALUE ? 1 : (span - 1) / -step + 1;
  }

  private static boolean isFarBelow(Expression end) {
    return end.constant().isPresent() && end.constant().getAsLong() <= -NO_END;
  }

  /// A position on an axis, brought inside it.
  private static Optional<Expression> position(Expression extent, Expression position) {
    if (position.constant().isPresent()) {
      long at = position.constant().getAsLong();
      if (at >= NO_END) {
        return Optional.of(extent);
      }
      if (at < 0) {
        return at <= -NO_END
            ? Optional.of(Expression.ZERO)
            : Optional.of(Expression.max(extent.plus(at), Expression.ZERO));
      }
    } else if (!position.isAtLeast(0)) {
      return fromEnd(extent, position);
    }
    return Optional.of(Expression.min(position, extent));
  }

  /// A position with symbols that may be negative is known only where it is `extent - n`.
  private static Optional<Expression> fromEnd(Expression extent, Expression position) {
    var before = extent.minus(position);
    return before.constant().isPresent()
            && before.constant().getAsLong() >= 0
            && position.isAtLeast(-1)
        ? Optional.of(Expression.max(position, Expression.ZERO))
        : Optional.empty();
  }

  /// The extent of `start, start + step, ..` below `limit`.
  static Dim range(Site site) {
    for (int i = 0; i < 3; i++) {
      site.rank(i, 0, List.of("start", "limit", "step").get(i));
    }
    var start = element(site, 0, 0);
    var limit = element(site, 1, 0);
    var step = element(site, 2, 0);
    if (start.isPresent() && limit.isPresent() && step.isPresent()) {
      return site.dim(count(site, start.get(), limit.get(), step.get()), 0, 0);
    }
    var reals = IntStream.range(0, 3).mapToObj(i -> scalar(site, i)).toList();
    if (reals.stream().anyMatch(Optional::isEmpty)) {
      return site.fresh(0, 0);
    }
    double count =
        Math.ceil(
            (reals.get(1).orElseThrow() - reals.get(0).orElseThrow()) / reals.get(2).orElseThrow());
    if (Double.isNaN(count) || count > 1L << 53) {
      throw site.fault("the range has no end");
    }
    return Dim.of((long) Math.max(0, count));
  }

  private static Optional<Expression> count(
      Site site, Expression start, Expression limit, Expression step) {
    if (step.is(0)) {
      throw site.fault("a step is not 0");
    }
    if (step.constant().isEmpty()) {
      return Optional.empty();
    }
    long by = step.constant().getAsLong();
    var span = by > 0 ? limit.minus(start) : start.minus(limit);
    return Optional.of(Expression.max(span, Expression.ZERO).ceilDividedBy(Math.absExact(by)));
  }

  private static Optional<Double> scalar(Site site, int operand) {
    return site.constant(operand)
        .filter(t -> t.elements() == 1 && t.dtype().isFloat())
        .map(t -> (double) t.floats()[0]);
  }
}
