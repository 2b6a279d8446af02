package dev.inward.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// The elements of a tensor by the group that shares a scale or a table, as a matrix: a row a
/// group, in the order of the grid.
///
/// @param dims of the tensor
/// @param grid how many groups along each axis, each dividing its extent
record Groups(List<Long> dims, List<Long> grid) {
  Groups {
    dims = List.copyOf(dims);
    grid = List.copyOf(grid);
  }

  int count() {
    return Math.toIntExact(grid.stream().reduce(1L, Math::multiplyExact));
  }

  /// `[groups, elements of one]`.
  NDArray rows(NDArray tensor) {
    return rank() == 0
        ? tensor.reshape(1, 1)
        : tensor.reshape(split()).transpose(order()).reshape(count(), -1);
  }

  /// Back to the tensor's own extents.
  NDArray tensor(NDArray rows) {
    if (rank() == 0) {
      return rows.reshape(new long[0]);
    }
    int[] order = order();
    long[] moved = new long[order.length];
    int[] back = new int[order.length];
    long[] split = split().getShape();
    for (int i = 0; i < order.length; i++) {
      moved[i] = split[order[i]];
      back[order[i]] = i;
    }
    return rows.reshape(moved).transpose(back).reshape(Torch.shape(dims));
  }

  private int rank() {
    return dims.size();
  }

  private Shape split() {
    List<Long> split = new ArrayList<>();
    for (int axis = 0; axis < rank(); axis++) {
      split.add(grid.get(axis));
      split.add(dims.get(axis) / grid.get(axis));
    }
    return Torch.shape(split);
  }

  private int[] order() {
    return IntStream.range(0, 2 * rank())
        .map(i -> i < rank() ? 2 * i : 2 * (i - rank()) + 1)
        .toArray();
  }
}
