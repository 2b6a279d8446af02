package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Movement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Where ops that move elements take each one from.
final class MovementRule {
  private MovementRule() {}

  static List<Array> of(Movement op, Operands in) {
    Array x = in.get(0);
    return switch (op) {
      case Movement.Split(long axis, var sizes) ->
          split(x, x.axis(axis), sizes, in.node().out().size());
      case Movement.ShapeOf(long start, var end) ->
          List.of(shapeOf(x, start, end.orElse(Long.MAX_VALUE)));
      case Movement.Size _ -> List.of(Array.of(DataType.INT64, new int[0], new long[] {x.size()}));
      case Movement.Reshape(boolean allowZero) -> List.of(reshape(x, in.get(1), allowZero));
      case Movement.Flatten(long axis) -> {
        int split = axis == x.rank() ? x.rank() : x.axis(axis);
        yield List.of(x.withDims(x.between(0, split), x.between(split, x.rank())));
      }
      case Movement.Squeeze(var axes) -> List.of(squeeze(x, axes));
      case Movement.Unsqueeze(var axes) -> List.of(unsqueeze(x, axes));
      case Movement.Transpose(var permutation) -> List.of(transpose(x, permutation));
      case Movement.Concat(long axis) -> List.of(concat(in.all(), x.axis(axis)));
      case Movement.Slice _ -> List.of(SliceRule.slice(in));
      case Movement.Gather(long axis) -> List.of(GatherRule.gather(x, in.get(1), x.axis(axis)));
      case Movement.GatherElements(long axis) ->
          List.of(GatherRule.elements(x, in.get(1), x.axis(axis)));
      case Movement.GatherNd(long batch) ->
          List.of(GatherRule.nd(x, in.get(1), Math.toIntExact(batch)));
      case Movement.ScatterElements(long axis, var combine) ->
          List.of(GatherRule.scatterElements(x, in.get(1), in.get(2), x.axis(axis), combine));
      case Movement.ScatterNd(var combine) ->
          List.of(GatherRule.scatterNd(x, in.get(1), in.get(2), combine));
      case Movement.Expand _ -> {
        int[] to = Places.common(x.dims(), Array.dims(in.get(1).wholes()));
        yield List.of(Places.broadcast(x, to));
      }
      case Movement.Tile _ -> List.of(tile(x, in.get(1).wholes()));
      case Movement.Pad(var mode) -> List.of(SliceRule.pad(x, mode, in));
      case Movement.Resize resize -> List.of(ResizeRule.of(resize, in));
      case Movement.DepthToSpace(long block, boolean columnFirst) ->
          List.of(depthToSpace(x, Math.toIntExact(block), columnFirst));
      case Movement.SpaceToDepth(long block) -> List.of(spaceToDepth(x, Math.toIntExact(block)));
      case Movement.ConstantOfShape(var value) -> {
        int[] dims = Array.dims(x.wholes());
        yield List.of(Array.of(value).scalar("the value").pick(dims, new int[Array.count(dims)]));
      }
      case Movement.Range _ -> List.of(range(x, in.get(1), in.get(2)));
      case Movement.OneHot(long axis) -> List.of(oneHot(x, in.get(1), in.get(2), axis));
      case Movement.NonZero _ -> List.of(nonZero(x));
      case Movement.Trilu(boolean upper) -> {
        long k = in.find(1).map(d -> d.scalar("the diagonal").whole(0)).orElse(0L);
        int columns = x.extent(-1);
        int rows = x.extent(-2);
        int[] from =
            IntStream.range(0, x.size())
                .map(i -> {
                  long right = (long) i % columns - i / columns % rows;
                  return (upper ? right >= k : right <= k) ? i : -1;
                })
                .toArray();
        yield List.of(x.pick(x.dims(), from));
      }
      case Movement.ReverseSequence(long batchAxis, long timeAxis) ->
          List.of(reverse(x, in.get(1), x.axis(batchAxis), x.axis(timeAxis)));
      case Movement.GridSample sample -> List.of(GridRule.of(sample, x, in.get(1)));
    };
  }

  private static Array shapeOf(Array x, long start, long end) {
    int rank = x.rank();
    long first = Math.clamp(start < 0 ? start + rank : start, 0, rank);
    long last = Math.clamp(end < 0 ? end + rank : end, 0, rank);
    return Array.vector(
        LongStream.range(first, Math.max(first, last)).map(a -> x.extent((int) a)).toArray());
  }

  private static Array reshape(Array x, Array shape, boolean allowZero) {
    long[] dims = shape.wholes();
    int open = -1;
    long known = 1;
    for (int i = 0; i < dims.length; i++) {
      if (dims[i] == 0 && !allowZero) {
        dims[i] = x.extent(i);
      }
      if (dims[i] == -1 && open < 0) {
        open = i;
      } else {
        known *= dims[i];
      }
    }
    if (open >= 0) {
      if (known == 0 || x.size() % known != 0) {
        throw InputException.of(
            "%s does not reshape to %s",
            Arrays.toString(x.dims()), Arrays.toString(shape.wholes()));
      }
      dims[open] = x.size() / known;
    }
    return x.withDims(Array.dims(dims));
  }

  private static Array squeeze(Array x, List<Long> axes) {
    List<Integer> gone = axes.stream().map(x::axis).toList();
    gone.forEach(axis -> {
      if (x.extent(axis) != 1) {
        throw InputException.of("axis %d has extent %d, not 1", axis, x.extent(axis));
      }
    });
    return x.withDims(
        IntStream.range(0, x.rank())
            .filter(a -> axes.isEmpty() ? x.extent(a) != 1 : !gone.contains(a))
            .map(x::extent)
            .toArray());
  }

  private static Array unsqueeze(Array x, List<Long> axes) {
    int rank = x.rank() + axes.size();
    List<Integer> made = axes.stream().map(a -> Array.axis(a, rank)).distinct().toList();
    if (made.size() != axes.size()) {
      throw InputException.of("an axis is inserted twice: %s", axes);
    }
    int[] dims = new int[rank];
    int next = 0;
    for (int axis = 0; axis < rank; axis++) {
      dims[axis] = made.contains(axis) ? 1 : x.extent(next++);
    }
    return x.withDims(dims);
  }

  /// An empty permutation reverses the axes.
  static Array transpose(Array x, List<Long> permutation) {
    int rank = x.rank();
    int[] from =
        permutation.isEmpty()
            ? IntStream.range(0, rank).map(i -> rank - 1 - i).toArray()
            : permutation.stream().mapToInt(x::axis).toArray();
    if (from.length != rank || Arrays.stream(from).distinct().count() != rank) {
      throw InputException.of("%s does not permute %d axes", permutation, rank);
    }
    int[] own = Places.strides(x.dims());
    int[] dims = Arrays.stream(from).map(x::extent).toArray();
    int[] strides = Arrays.stream(from).map(a -> own[a]).toArray();
    return x.pick(dims, Places.map(dims, at -> Places.dot(at, strides)));
  }

  private static Array concat(List<Array> parts, int axis) {
    Array first = parts.getFirst();
    int[] dims = first.dims();
    dims[axis] = parts.stream().mapToInt(p -> p.extent(axis)).sum();
    int[] starts = new int[parts.size()];
    int[] owner = new int[dims[axis]];
    int[] offset = new int[dims[axis]];
    int elements = 0;
    int at = 0;
    for (int p = 0; p < parts.size(); p++) {
      Array part = parts.get(p);
      int[] same = part.dims();
      same[axis] = dims[axis];
      if (!Arrays.equals(same, dims)) {
        throw InputException.of(
            "%s does not continue %s along axis %d",
            Arrays.toString(part.dims()), Arrays.toString(first.dims()), axis);
      }
      starts[p] = elements;
      elements += part.size();
      for (int i = 0; i < part.extent(axis); i++) {
        owner[at] = p;
        offset[at++] = i;
      }
    }
    int[][] strides = parts.stream().map(p -> Places.strides(p.dims())).toArray(int[][]::new);
    return Array.joined(parts)
        .pick(
            dims,
            Places.map(
                dims,
                place -> {
                  int p = owner[place[axis]];
                  int index = Places.dot(place, strides[p]);
                  return starts[p] + index + (offset[place[axis]] - place[axis]) * strides[p][axis];
                }));
  }

  private static List<Array> split(Array x, int axis, List<Long> stated, int results) {
    int length = x.extent(axis);
    List<Long> sizes = new ArrayList<>(stated);
    if (stated.isEmpty()) {
      long chunk = Math.ceilDiv(length, results);
      for (int i = 0; i < results; i++) {
        sizes.add(Math.clamp(length - i * chunk, 0, chunk));
      }
    }
    if (sizes.stream().mapToLong(Long::longValue).sum() != length) {
      throw InputException.of("sizes %s do not add up to %d", sizes, length);
    }
    List<Array> out = new ArrayList<>();
    int start = 0;
    for (long size : sizes) {
      out.add(SliceRule.along(x, axis, start, 1, Math.toIntExact(size)));
      start += Math.toIntExact(size);
    }
    return out;
  }

  private static Array tile(Array x, long[] repeats) {
    if (repeats.length != x.rank()) {
      throw InputException.of("%d repeats for %d axes", repeats.length, x.rank());
    }
    int[] strides = Places.strides(x.dims());
    int[] own = x.dims();
    int[] dims =
        Array.dims(
            IntStream.range(0, own.length)
                .mapToLong(a -> Math.multiplyExact(own[a], repeats[a]))
                .toArray());
    return x.pick(
        dims,
        Places.map(
            dims,
            at -> {
              int index = 0;
              for (int a = 0; a < own.length; a++) {
                index += at[a] % own[a] * strides[a];
              }
              return index;
            }));
  }

  private static Array depthToSpace(Array x, int b, boolean columnFirst) {
    int n = x.extent(0);
    int c = x.extent(1) / (b * b);
    int h = x.extent(2);
    int w = x.extent(3);
    Array blocks =
        columnFirst
            ? transpose(x.withDims(n, c, b, b, h, w), List.of(0L, 1L, 4L, 2L, 5L, 3L))
            : transpose(x.withDims(n, b, b, c, h, w), List.of(0L, 3L, 4L, 1L, 5L, 2L));
    return blocks.withDims(n, c, h * b, w * b);
  }

  private static Array spaceToDepth(Array x, int b) {
    int n = x.extent(0);
    int c = x.extent(1);
    int h = x.extent(2) / b;
    int w = x.extent(3) / b;
    return transpose(x.withDims(n, c, h, b, w, b), List.of(0L, 3L, 5L, 1L, 2L, 4L))
        .withDims(n, c * b * b, h, w);
  }

  private static Array range(Array start, Array limit, Array step) {
    BinaryRule.sameType(start, limit);
    BinaryRule.sameType(start, step);
    double first = start.scalar("the start").real(0);
    double by = step.scalar("the step").real(0);
    double count = Math.ceil((limit.scalar("the limit").real(0) - first) / by);
    if (by == 0 || Double.isNaN(count)) {
      throw InputException.of("a range from %s by %s does not end", first, by);
    }
    int[] dims = Array.dims((long) Math.max(0, count));
    if (start.isFloat()) {
      return Array.of(
          start.dtype(),
          dims,
          IntStream.range(0, dims[0]).mapToDouble(i -> first + i * by).toArray());
    }
    long from = start.whole(0);
    return Array.of(
        start.dtype(),
        dims,
        IntStream.range(0, dims[0]).mapToLong(i -> from + i * step.whole(0)).toArray());
  }

  /// An index outside `[-depth, depth)` gives a line without the `on` value.
  private static Array oneHot(Array indices, Array depths, Array values, long named) {
    long depth = depths.scalar("the depth").whole(0);
    int axis = Array.axis(named, indices.rank() + 1);
    long[] sizes = new long[indices.rank() + 1];
    for (int a = 0; a < sizes.length; a++) {
      sizes[a] = a == axis ? depth : indices.extent(a < axis ? a : a - 1);
    }
    int[] dims = Array.dims(sizes);
    int inner = 1;
    for (int a = axis + 1; a < dims.length; a++) {
      inner *= dims[a];
    }
    int[] from = new int[Array.count(dims)];
    for (int i = 0; i < from.length; i++) {
      long place = i / inner % depth;
      long index = indices.whole((int) (i / (inner * depth)) * inner + i % inner);
      from[i] = index == place || index + depth == place ? 1 : 0;
    }
    return values.pick(dims, from);
  }

  private static Array nonZero(Array x) {
    int[] found = IntStream.range(0, x.size()).filter(i -> x.real(i) != 0).toArray();
    int[] strides = Places.strides(x.dims());
    long[] out = new long[x.rank() * found.length];
    for (int axis = 0; axis < x.rank(); axis++) {
      for (int i = 0; i < found.length; i++) {
        out[axis * found.length + i] = found[i] / strides[axis] % x.extent(axis);
      }
    }
    return Array.of(DataType.INT64, new int[] {x.rank(), found.length}, out);
  }

  private static Array reverse(Array x, Array lengths, int batch, int time) {
    int[] strides = Places.strides(x.dims());
    return x.pick(
        x.dims(),
        Places.map(
            x.dims(),
            at -> {
              int length = Math.toIntExact(lengths.whole(at[batch]));
              int to = at[time] < length ? length - 1 - at[time] : at[time];
              return Places.dot(at, strides) + (to - at[time]) * strides[time];
            }));
  }
}
