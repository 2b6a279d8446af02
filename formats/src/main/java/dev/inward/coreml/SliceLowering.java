package dev.inward.coreml;

import dev.inward.graph.Expression;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/// Writes slices. Bounds are brought inside the extents here, so that no sentinel such as the
/// largest int64 reaches the file; where a negative step runs past the first element, the end is
/// masked.
final class SliceLowering {
  private SliceLowering() {}

  static void lower(Site site) {
    Mil.Var x = site.x(0);
    if (!Mil.isKnown(x.dims()) || !Mil.isKnown(site.resultDims())) {
      computed(site, x);
      return;
    }
    List<Long> starts = site.longs(1, "start");
    List<Long> ends = site.longs(2, "end");
    List<Long> axes =
        site.has(3)
            ? site.longs(3, "list of axes")
            : LongStream.range(0, starts.size()).boxed().toList();
    List<Long> steps = site.has(4) ? site.longs(4, "step") : starts.stream().map(_ -> 1L).toList();
    List<Long> begin = new ArrayList<>(x.dims().stream().map(_ -> 0L).toList());
    List<Long> end = new ArrayList<>(x.dims());
    List<Long> stride = new ArrayList<>(x.dims().stream().map(_ -> 1L).toList());
    List<Boolean> endMask = new ArrayList<>(x.dims().stream().map(_ -> false).toList());
    for (int i = 0; i < axes.size(); i++) {
      int axis = site.axis(axes.get(i), 0);
      long size = x.dim(axis);
      long step = steps.get(i);
      begin.set(axis, inside(starts.get(i), size, step));
      long last = inside(ends.get(i), size, step);
      endMask.set(axis, step < 0 && last < 0);
      end.set(axis, Math.max(last, 0));
      stride.set(axis, step);
    }
    site.done(call(site.op("slice_by_index"), x, begin, end, stride, endMask, List.of()));
  }

  /// Bounds of extents that are known only when the program runs: an end follows from the start and
  /// the extent of the result.
  private static void computed(Site site, Mil.Var x) {
    List<Expression> starts = site.expressions(1, "start");
    List<Long> axes =
        site.has(3)
            ? site.longs(3, "list of axes")
            : LongStream.range(0, starts.size()).boxed().toList();
    List<Long> steps = site.has(4) ? site.longs(4, "step") : starts.stream().map(_ -> 1L).toList();
    var from = site.lowering.graph.shape(site.node.operand(0));
    var result = site.lowering.graph.shape(site.node.result());
    List<Expression> begin = new ArrayList<>(x.dims().stream().map(_ -> Expression.ZERO).toList());
    List<Expression> end = new ArrayList<>(begin);
    List<Long> stride = new ArrayList<>(x.dims().stream().map(_ -> 1L).toList());
    List<Boolean> whole = new ArrayList<>(x.dims().stream().map(_ -> true).toList());
    for (int i = 0; i < axes.size(); i++) {
      int axis = site.axis(axes.get(i), 0);
      Expression start = starts.get(i);
      if (steps.get(i) < 1) {
        throw site.refused("it runs backwards over an extent that is known only when it runs");
      }
      if (start.constant().isPresent() && start.constant().getAsLong() < 0) {
        start = start.plus(Expression.of(from.dim(axis)));
      }
      begin.set(axis, start);
      Expression extent = Expression.of(result.dim(axis));
      whole.set(axis, start.is(0) && from.dim(axis).equals(result.dim(axis)));
      if (!whole.get(axis)) {
        end.set(axis, start.plus(extent.plus(-1).times(steps.get(i))).plus(1));
      }
      stride.set(axis, steps.get(i));
    }
    var unknowns = site.lowering.unknowns;
    List<Boolean> none = x.dims().stream().map(_ -> false).toList();
    site.done(
        site.op("slice_by_index")
            .in("x", x)
            .in("begin", unknowns.vector(site.node.name() + "_begin", begin))
            .in("end", unknowns.vector(site.node.name() + "_end", end))
            .ints("stride", stride)
            .in("begin_mask", Constants.bools(none))
            .in("end_mask", Constants.bools(whole))
            .in("squeeze_mask", Constants.bools(none)));
  }

  /// A bound between 0 and the extent; with a negative step between -1 and the last index.
  private static long inside(long bound, long size, long step) {
    long from = bound < 0 ? Math.addExact(bound, size) : bound;
    return step > 0 ? Math.clamp(from, 0, size) : Math.clamp(from, -1, size - 1);
  }

  /// @param squeezed axes that disappear, of which one element is taken
  static Body.Call call(
      Body.Call call,
      Mil.Var x,
      List<Long> begin,
      List<Long> end,
      List<Long> stride,
      List<Boolean> endMask,
      List<Integer> squeezed) {
    List<Boolean> none = x.dims().stream().map(_ -> false).toList();
    List<Boolean> squeeze = new ArrayList<>(none);
    squeezed.forEach(axis -> squeeze.set(axis, true));
    return call.in("x", x)
        .ints("begin", begin)
        .ints("end", end)
        .ints("stride", stride)
        .in("begin_mask", Constants.bools(none))
        .in("end_mask", Constants.bools(endMask))
        .in("squeeze_mask", Constants.bools(squeeze));
  }
}
