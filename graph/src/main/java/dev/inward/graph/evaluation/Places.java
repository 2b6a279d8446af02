package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import java.util.Arrays;
import java.util.function.ToIntFunction;

/// Which element stands where: index arithmetic on row-major arrays.
final class Places {
  private Places() {}

  static int[] strides(int[] dims) {
    int[] strides = new int[dims.length];
    int stride = 1;
    for (int axis = dims.length - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= dims[axis];
    }
    return strides;
  }

  /// The flat index that a function gives to each place of a shape, places in row-major order. The
  /// function must not keep the array of coordinates.
  static int[] map(int[] dims, ToIntFunction<int[]> from) {
    int[] out = new int[Array.count(dims)];
    int[] at = new int[dims.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = from.applyAsInt(at);
      for (int axis = dims.length - 1; axis >= 0 && ++at[axis] == dims[axis]; axis--) {
        at[axis] = 0;
      }
    }
    return out;
  }

  /// The shape to which all of them broadcast.
  static int[] common(int[]... shapes) {
    int rank = Arrays.stream(shapes).mapToInt(s -> s.length).max().orElse(0);
    int[] out = new int[rank];
    Arrays.fill(out, 1);
    for (int[] shape : shapes) {
      for (int i = 0; i < shape.length; i++) {
        int axis = rank - shape.length + i;
        if (shape[i] != 1 && out[axis] != 1 && shape[i] != out[axis]) {
          throw InputException.of("shapes do not broadcast: %s", Arrays.deepToString(shapes));
        }
        out[axis] = shape[i] == 1 ? out[axis] : shape[i];
      }
    }
    return out;
  }

  /// For each place of the shape `to`, the index of the element of `from` that is repeated there.
  static int[] broadcast(int[] from, int[] to) {
    if (!Arrays.equals(common(from, to), to)) {
      throw InputException.of(
          "%s does not broadcast to %s", Arrays.toString(from), Arrays.toString(to));
    }
    int[] strides = strides(from);
    int offset = to.length - from.length;
    for (int i = 0; i < from.length; i++) {
      strides[i] = from[i] == 1 ? 0 : strides[i];
    }
    return map(
        to,
        at -> {
          int index = 0;
          for (int i = 0; i < strides.length; i++) {
            index += at[offset + i] * strides[i];
          }
          return index;
        });
  }

  static Array broadcast(Array array, int[] to) {
    return Arrays.equals(array.dims(), to) ? array : array.pick(to, broadcast(array.dims(), to));
  }

  static int dot(int[] at, int[] strides) {
    int index = 0;
    for (int i = 0; i < strides.length; i++) {
      index += at[i] * strides[i];
    }
    return index;
  }
}
