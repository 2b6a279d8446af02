package dev.inward.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A tensor cut into equal blocks: which block each element lies in.
///
/// Neighbouring axes that are not cut at all, or cut between all elements, are seen as one axis, so
/// that rows are as long as can be.
///
/// @param dims extents of the merged axes
/// @param groups how many blocks along each
record Grid(List<Long> dims, List<Long> groups) {
  interface Row {
    /// Elements `start` to `start + length`, the one at `i` in the block `group + step[i]`.
    void visit(int start, int length, int group, int[] step);
  }

  /// @throws IllegalArgumentException where the blocks do not divide the extents
  static Grid of(List<Long> dims, List<Long> groups) {
    check(dims, groups);
    var mergedDims = new ArrayList<Long>();
    var mergedGroups = new ArrayList<Long>();
    for (int axis = 0; axis < dims.size(); axis++) {
      long size = dims.get(axis);
      long cuts = groups.get(axis);
      if (size == 1) {
        continue;
      }
      if (!mergedDims.isEmpty()) {
        long before = mergedDims.getLast();
        long cutsBefore = mergedGroups.getLast();
        if (cuts == 1 && cutsBefore == 1 || cuts == size && cutsBefore == before) {
          mergedDims.set(mergedDims.size() - 1, before * size);
          mergedGroups.set(mergedGroups.size() - 1, cutsBefore * cuts);
          continue;
        }
      }
      mergedDims.add(size);
      mergedGroups.add(cuts);
    }
    if (mergedDims.isEmpty()) {
      return new Grid(List.of(1L), List.of(1L));
    }
    return new Grid(List.copyOf(mergedDims), List.copyOf(mergedGroups));
  }

  static void check(List<Long> dims, List<Long> groups) {
    boolean fits = dims.size() == groups.size();
    for (int axis = 0; fits && axis < dims.size(); axis++) {
      long cuts = groups.get(axis);
      fits = cuts == 0 ? dims.get(axis) == 0 : dims.get(axis) % cuts == 0;
    }
    if (!fits) {
      throw new IllegalArgumentException("a grid of %s does not divide %s".formatted(groups, dims));
    }
  }

  /// Whether all elements of a row lie in one block.
  boolean uniformRows() {
    return groups.getLast() == 1;
  }

  /// Visits all elements in order, in runs of at most [Decode#CHUNK].
  void rows(Row row) {
    if (dims.contains(0L)) {
      return;
    }
    int last = dims.size() - 1;
    int length = Math.toIntExact(dims.get(last));
    long block = length / groups.get(last);
    int[] step = new int[Math.min(length, Decode.CHUNK)];
    int[] at = new int[dims.size()];
    int count = Math.toIntExact(dims.stream().reduce(1L, Math::multiplyExact));
    for (int start = 0; start < count; start += length) {
      long group = 0;
      for (int axis = 0; axis < last; axis++) {
        group = group * groups.get(axis) + at[axis] / (dims.get(axis) / groups.get(axis));
      }
      int first = Math.toIntExact(group * groups.get(last));
      for (int from = 0; from < length; from += Decode.CHUNK) {
        int run = Math.min(Decode.CHUNK, length - from);
        if (block < length && (start == 0 || length > Decode.CHUNK)) {
          long group0 = from / block;
          long left = block - from % block;
          for (int i = 0; i < run; i++) {
            step[i] = (int) group0;
            if (--left == 0) {
              group0++;
              left = block;
            }
          }
        }
        row.visit(start + from, run, first, step);
      }
      for (int axis = last - 1; axis >= 0 && ++at[axis] == dims.get(axis); axis--) {
        at[axis] = 0;
      }
    }
  }

  /// How the same blocks, in the same order, cut a tensor of other extents; empty where they would
  /// not be boxes there.
  Optional<List<Long>> under(List<Long> other) {
    // Every axis is a factor that tells blocks apart, then one inside a block.
    if (dims.contains(0L) || other.contains(0L)) {
      return Optional.empty();
    }
    long[] factors = new long[2 * dims.size()];
    for (int axis = 0; axis < dims.size(); axis++) {
      factors[2 * axis] = groups.get(axis);
      factors[2 * axis + 1] = dims.get(axis) / groups.get(axis);
    }
    Long[] cuts = new Long[other.size()];
    int at = factors.length - 1;
    for (int axis = other.size() - 1; axis >= 0; axis--) {
      long rest = other.get(axis);
      long cut = 1;
      boolean apart = false;
      while (rest > 1) {
        while (at >= 0 && factors[at] == 1) {
          at--;
        }
        if (at < 0) {
          return Optional.empty();
        }
        boolean tells = at % 2 == 0;
        // Going backwards: what lies inside a block comes before what tells blocks apart.
        if (apart && !tells) {
          return Optional.empty();
        }
        long part = rest % factors[at] == 0 ? factors[at] : factors[at] % rest == 0 ? rest : 0;
        if (part == 0) {
          return Optional.empty();
        }
        apart = tells;
        cut *= tells ? part : 1;
        factors[at] /= part;
        rest /= part;
      }
      cuts[axis] = cut;
    }
    return Optional.of(Arrays.asList(cuts));
  }
}
