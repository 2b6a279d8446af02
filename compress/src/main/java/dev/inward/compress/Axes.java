package dev.inward.compress;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;

/// Which axes of a weight count what its reader makes and what it sums over.
///
/// @param channel of outputs, empty where readers disagree
/// @param input of what is summed, empty where it is not one axis
public record Axes(OptionalInt channel, OptionalInt input) {
  public static final Axes NONE = new Axes(OptionalInt.empty(), OptionalInt.empty());

  /// The axes of outputs and inputs, in this order.
  public static Axes of(int channel, int input) {
    return new Axes(OptionalInt.of(channel), OptionalInt.of(input));
  }

  /// Outputs alone.
  static Axes channel(OptionalInt channel) {
    return new Axes(channel, OptionalInt.empty());
  }

  /// The largest divisor of `count` from a quarter of `size` to `size`; 0 where there is none.
  static int divisor(long count, int size) {
    for (int d = (int) Math.min(size, count); d > 0 && 4L * d >= size; d--) {
      if (count % d == 0) {
        return d;
      }
    }
    return 0;
  }

  /// One group along each axis but those given.
  static List<Long> grid(int rank, int axis, long groups) {
    List<Long> grid = new ArrayList<>(Collections.nCopies(rank, 1L));
    if (axis >= 0) {
      grid.set(axis, groups);
    }
    return grid;
  }

  static int product(List<Long> dims, int from, int to) {
    long product = 1;
    for (long size : dims.subList(from, to)) {
      product = Math.multiplyExact(product, size);
    }
    return Math.toIntExact(product);
  }
}
