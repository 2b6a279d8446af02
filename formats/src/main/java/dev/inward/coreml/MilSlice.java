package dev.inward.coreml;

import dev.inward.base.InputException;
import java.util.ArrayList;
import java.util.List;

/// Bounds of `slice_by_index` and `slice_update`, with their masks worked in.
///
/// @param end [Long#MIN_VALUE] where a backward slice runs past the first element
/// @param gone axes that disappear, of which one element is taken
record MilSlice(List<Long> begin, List<Long> end, List<Long> stride, List<Long> gone) {
  MilSlice {
    begin = List.copyOf(begin);
    end = List.copyOf(end);
    stride = List.copyOf(stride);
    gone = List.copyOf(gone);
  }

  static MilSlice of(Source source, List<Long> dims) {
    int rank = dims.size();
    List<Long> begin = new ArrayList<>(source.longs("begin"));
    List<Long> end = new ArrayList<>(source.longs("end"));
    List<Long> stride =
        new ArrayList<>(source.longs("stride", dims.stream().map(_ -> 1L).toList()));
    List<Boolean> beginMask = source.flags("begin_mask", rank);
    List<Boolean> endMask = source.flags("end_mask", rank);
    List<Boolean> squeeze = source.flags("squeeze_mask", rank);
    for (var numbers : List.of(begin, end, stride, beginMask, endMask, squeeze)) {
      if (numbers.size() != rank) {
        throw InputException.at(source.where(), "%d bounds for %d axes", numbers.size(), rank);
      }
    }
    List<Long> gone = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      if (stride.get(i) == 0) {
        throw InputException.at(source.where(), "a stride of 0");
      }
      boolean forward = stride.get(i) > 0;
      if (beginMask.get(i)) {
        begin.set(i, forward ? 0L : -1L);
      }
      if (endMask.get(i)) {
        end.set(i, forward ? dims.get(i) : Long.MIN_VALUE);
      }
      if (squeeze.get(i)) {
        gone.add((long) i);
        end.set(i, begin.get(i) == -1 ? Long.MAX_VALUE : begin.get(i) + 1);
        stride.set(i, 1L);
      }
    }
    return new MilSlice(begin, end, stride, gone);
  }

  /// The first index taken along an axis, counted from the front.
  long first(int axis, long size) {
    long from = begin.get(axis) < 0 ? begin.get(axis) + size : begin.get(axis);
    return stride.get(axis) > 0 ? Math.clamp(from, 0, size) : Math.clamp(from, -1, size - 1);
  }

  /// How many elements are taken along each axis, those that disappear included.
  List<Long> extents(List<Long> dims) {
    List<Long> out = new ArrayList<>();
    for (int axis = 0; axis < dims.size(); axis++) {
      long size = dims.get(axis);
      long step = stride.get(axis);
      long last = end.get(axis);
      if (last < 0) {
        last = last < -size ? -1 : last + size;
      }
      last = step > 0 ? Math.min(last, size) : last;
      out.add(Math.max(0, Math.ceilDiv(last - first(axis, size), step)));
    }
    return List.copyOf(out);
  }
}
