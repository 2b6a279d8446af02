package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.graph.Movement.Pad;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// What slices and pads compute.
final class SliceRule {
  private SliceRule() {}

  static Array slice(Operands in) {
    Array x = in.get(0);
    long[] starts = in.get(1).wholes();
    long[] ends = in.get(2).wholes();
    long[] axes =
        in.find(3).map(Array::wholes).orElse(LongStream.range(0, starts.length).toArray());
    long[] steps =
        in.find(4)
            .map(Array::wholes)
            .orElse(LongStream.generate(() -> 1).limit(starts.length).toArray());
    if (ends.length != starts.length
        || axes.length != starts.length
        || steps.length != starts.length) {
      throw InputException.of(
          "%d starts, %d ends, %d axes and %d steps",
          starts.length, ends.length, axes.length, steps.length);
    }
    Array out = x;
    for (int i = 0; i < axes.length; i++) {
      int axis = x.axis(axes[i]);
      long length = x.extent(axis);
      long step = steps[i];
      if (step == 0) {
        throw InputException.of("a step is not 0");
      }
      long start = starts[i] < 0 ? starts[i] + length : starts[i];
      long end = ends[i] < 0 ? ends[i] + length : ends[i];
      start = Math.clamp(start, 0, step > 0 ? length : length - 1);
      end = step > 0 ? Math.clamp(end, 0, length) : Math.clamp(end, -1, Math.max(-1, length - 1));
      long room = step > 0 ? end - start : start - end;
      // A step near the ends of the number line takes one element at most.
      long by = Math.abs(Math.clamp(step, -length - 1, length + 1));
      long count = length == 0 ? 0 : Math.max(0, Math.ceilDiv(room, by));
      out =
          along(
              out,
              axis,
              Math.toIntExact(start),
              (int) (step > 0 ? by : -by),
              Math.toIntExact(count));
    }
    return out;
  }

  /// `count` elements along an axis, from one on, by a step.
  static Array along(Array x, int axis, int start, int step, int count) {
    int[] dims = x.dims();
    dims[axis] = count;
    int[] strides = Places.strides(x.dims());
    int[] from =
        Places.map(
            dims,
            at -> {
              int place = at[axis];
              at[axis] = start + place * step;
              int index = Places.dot(at, strides);
              at[axis] = place;
              return index;
            });
    return x.pick(dims, from);
  }

  /// Negative pads cut off; they are cut before anything is added.
  static Array pad(Array x, Pad.Mode mode, Operands in) {
    long[] pads = in.get(1).wholes();
    int[] axes =
        in.find(3)
            .map(a -> Arrays.stream(a.wholes()).mapToInt(x::axis).toArray())
            .orElse(IntStream.range(0, x.rank()).toArray());
    if (pads.length != 2 * axes.length) {
      throw InputException.of("%d pads for %d axes", pads.length, axes.length);
    }
    Array cut = x;
    long[] begin = new long[x.rank()];
    long[] end = new long[x.rank()];
    for (int i = 0; i < axes.length; i++) {
      begin[axes[i]] = pads[i];
      end[axes[i]] = pads[i + axes.length];
    }
    long[] sizes = new long[x.rank()];
    for (int a = 0; a < sizes.length; a++) {
      int first = Math.toIntExact(Math.max(0, -begin[a]));
      long left = x.extent(a) - first - Math.max(0, -end[a]);
      if (left < 0) {
        throw InputException.of("pads %s cut more than there is", Arrays.toString(pads));
      }
      cut = along(cut, a, first, 1, (int) left);
      sizes[a] = left + Math.max(0, begin[a]) + Math.max(0, end[a]);
      if (left == 0 && sizes[a] > 0 && mode != Pad.Mode.CONSTANT) {
        throw InputException.of("nothing is left along axis %d to pad from", a);
      }
    }
    int[] dims = Array.dims(sizes);
    int[] own = cut.dims();
    int[] strides = Places.strides(own);
    int outside = cut.size();
    int[] from =
        Places.map(
            dims,
            at -> {
              int index = 0;
              for (int a = 0; a < own.length; a++) {
                int place = source(mode, at[a] - (int) Math.max(0, begin[a]), own[a]);
                if (place < 0) {
                  return outside;
                }
                index += place * strides[a];
              }
              return index;
            });
    Array value =
        in.find(2)
            .map(v -> v.scalar("the value").withDims(1))
            .orElse(
                x.isFloat()
                    ? Array.of(x.dtype(), new int[] {1}, new double[1])
                    : Array.of(x.dtype(), new int[] {1}, new long[1]));
    return Array.joined(List.of(cut, value)).pick(dims, from);
  }

  private static int source(Pad.Mode mode, int place, int length) {
    if (place >= 0 && place < length) {
      return place;
    }
    return switch (mode) {
      case CONSTANT -> -1;
      case EDGE -> place < 0 ? 0 : length - 1;
      case WRAP -> Math.floorMod(place, length);
      case REFLECT -> {
        if (length == 1) {
          yield 0;
        }
        int turn = Math.floorMod(place, 2 * (length - 1));
        yield turn < length ? turn : 2 * (length - 1) - turn;
      }
    };
  }
}
