package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.graph.Movement.Combine;
import java.util.Arrays;

/// What gathers and scatters compute. Negative indices count from the end.
final class GatherRule {
  private GatherRule() {}

  static Array gather(Array x, Array indices, int axis) {
    int[] own = x.dims();
    int[] dims = new int[own.length - 1 + indices.rank()];
    System.arraycopy(own, 0, dims, 0, axis);
    System.arraycopy(indices.dims(), 0, dims, axis, indices.rank());
    System.arraycopy(own, axis + 1, dims, axis + indices.rank(), own.length - axis - 1);
    int inner = x.between(axis + 1, x.rank());
    int[] from = new int[Array.count(dims)];
    for (int i = 0; i < from.length; i++) {
      int place = i / inner % Math.max(1, indices.size());
      int outer = i / inner / Math.max(1, indices.size());
      from[i] = (outer * own[axis] + index(indices, place, own[axis])) * inner + i % inner;
    }
    return x.pick(dims, from);
  }

  private static int index(Array indices, int place, int length) {
    long index = indices.whole(place);
    if (index < -length || index >= length) {
      throw InputException.of("index %d is outside an axis of %d elements", index, length);
    }
    return (int) (index < 0 ? index + length : index);
  }

  static Array elements(Array x, Array indices, int axis) {
    return x.pick(indices.dims(), places(x, indices, axis));
  }

  /// The element of `x` that each index speaks of: its own place but along the axis.
  private static int[] places(Array x, Array indices, int axis) {
    if (indices.rank() != x.rank()) {
      throw InputException.of("indices have %d axes, x has %d", indices.rank(), x.rank());
    }
    int[] strides = Places.strides(x.dims());
    int[] own = Places.strides(indices.dims());
    return Places.map(
        indices.dims(),
        at -> {
          for (int a = 0; a < at.length; a++) {
            if (a != axis && at[a] >= x.extent(a)) {
              throw InputException.of(
                  "indices of %s reach outside %s",
                  Arrays.toString(indices.dims()), Arrays.toString(x.dims()));
            }
          }
          int to = index(indices, Places.dot(at, own), x.extent(axis));
          return Places.dot(at, strides) + (to - at[axis]) * strides[axis];
        });
  }

  /// The first element of the slice that each index vector speaks of, below the batch axes.
  private static int[] starts(Array x, Array indices, int batch) {
    int depth = indices.extent(-1);
    if (batch + depth > x.rank() || batch >= indices.rank()) {
      throw InputException.of(
          "indices of %s are too deep for %s",
          Arrays.toString(indices.dims()), Arrays.toString(x.dims()));
    }
    for (int a = 0; a < batch; a++) {
      if (indices.extent(a) != x.extent(a)) {
        throw InputException.of(
            "batch axis %d has %d indices for %d", a, indices.extent(a), x.extent(a));
      }
    }
    int[] strides = Places.strides(x.dims());
    int count = indices.between(0, indices.rank() - 1);
    int perBatch = indices.between(batch, indices.rank() - 1);
    int[] starts = new int[count];
    for (int i = 0; i < count; i++) {
      int start = perBatch == 0 ? 0 : i / perBatch * x.between(batch, x.rank());
      for (int d = 0; d < depth; d++) {
        start += index(indices, i * depth + d, x.extent(batch + d)) * strides[batch + d];
      }
      starts[i] = start;
    }
    return starts;
  }

  static Array nd(Array x, Array indices, int batch) {
    int[] starts = starts(x, indices, batch);
    int fixed = batch + indices.extent(-1);
    int inner = x.between(fixed, x.rank());
    int[] dims = new int[indices.rank() - 1 + x.rank() - fixed];
    System.arraycopy(indices.dims(), 0, dims, 0, indices.rank() - 1);
    System.arraycopy(x.dims(), fixed, dims, indices.rank() - 1, x.rank() - fixed);
    return x.pick(dims, spread(starts, inner));
  }

  private static int[] spread(int[] starts, int inner) {
    int[] from = new int[Array.count(starts.length, inner)];
    for (int i = 0; i < from.length; i++) {
      from[i] = starts[i / inner] + i % inner;
    }
    return from;
  }

  static Array scatterElements(Array x, Array indices, Array updates, int axis, Combine combine) {
    if (!Arrays.equals(indices.dims(), updates.dims())) {
      throw InputException.of(
          "indices of %s and updates of %s differ",
          Arrays.toString(indices.dims()), Arrays.toString(updates.dims()));
    }
    return scatter(x, places(x, indices, axis), updates, combine);
  }

  static Array scatterNd(Array x, Array indices, Array updates, Combine combine) {
    int inner = x.between(indices.extent(-1), x.rank());
    int[] to = spread(starts(x, indices, 0), inner);
    if (to.length != updates.size()) {
      throw InputException.of("%d updates for %d places", updates.size(), to.length);
    }
    return scatter(x, to, updates, combine);
  }

  /// Updates in their order; those of one place come one after the other.
  private static Array scatter(Array x, int[] to, Array updates, Combine combine) {
    BinaryRule.sameType(x, updates);
    if (!x.isFloat()) {
      long[] out = x.wholes();
      for (int i = 0; i < to.length; i++) {
        long old = out[to[i]];
        long v = updates.whole(i);
        out[to[i]] =
            switch (combine) {
              case REPLACE -> v;
              case ADD -> old + v;
              case MUL -> old * v;
              case MAX -> Math.max(old, v);
              case MIN -> Math.min(old, v);
            };
      }
      return Array.of(x.dtype(), x.dims(), out);
    }
    double[] out = x.reals();
    for (int i = 0; i < to.length; i++) {
      double old = out[to[i]];
      double v = updates.real(i);
      out[to[i]] =
          switch (combine) {
            case REPLACE -> v;
            case ADD -> old + v;
            case MUL -> old * v;
            case MAX -> Math.max(old, v);
            case MIN -> Math.min(old, v);
          };
    }
    return Array.of(x.dtype(), x.dims(), out);
  }
}
