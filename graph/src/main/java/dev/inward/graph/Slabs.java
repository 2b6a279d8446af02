package dev.inward.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Slabs of a tensor along an axis in another order, some perhaps left out or repeated, without
/// decoding them; empty where slabs that share a scale or a table would be torn apart.
final class Slabs {
  private Slabs() {}

  static Optional<Tensor> picked(Tensor tensor, int axis, int[] order) {
    int[] from = sources(tensor.dims(), axis, order);
    List<Long> dims = with(tensor.dims(), axis, order.length);
    return encoding(tensor, axis, order, from).map(e -> new Tensor(tensor.dtype(), dims, e));
  }

  private static List<Long> with(List<Long> dims, int axis, long size) {
    List<Long> out = new ArrayList<>(dims);
    out.set(axis, size);
    return List.copyOf(out);
  }

  private static int[] sources(List<Long> dims, int axis, int[] order) {
    int inner = 1;
    for (long size : dims.subList(axis + 1, dims.size())) {
      inner = Math.multiplyExact(inner, Math.toIntExact(size));
    }
    int outer = 1;
    for (long size : dims.subList(0, axis)) {
      outer = Math.multiplyExact(outer, Math.toIntExact(size));
    }
    int size = Math.toIntExact(dims.get(axis));
    int[] from = new int[Math.multiplyExact(Math.multiplyExact(outer, order.length), inner)];
    for (int i = 0; i < from.length; i++) {
      int slab = i / inner % order.length;
      from[i] = (i / inner / order.length * size + order[slab]) * inner + i % inner;
    }
    return from;
  }

  private static Optional<Encoding> encoding(Tensor tensor, int axis, int[] order, int[] from) {
    return switch (tensor.encoding()) {
      case Encoding.Dense(var stored, var data) ->
          Optional.of(new Encoding.Dense(stored, Rearrangement.picked(stored.bits(), data, from)));
      case Encoding.Affine affine ->
          affine(
              affine,
              axis,
              order,
              Math.toIntExact(tensor.dims().get(axis)),
              Rearrangement.picked(affine.codes().bits(), affine.data(), from));
      case Encoding.Palette palette ->
          palette(
              palette,
              axis,
              order,
              Math.toIntExact(tensor.dims().get(axis)),
              Rearrangement.picked(palette.bits(), palette.indices(), from));
      case Encoding.Vectors vectors -> vectors(tensor, vectors, axis, order);
      case Encoding.Scaled(var values, var scale) ->
          picked(values, axis, order)
              .flatMap(moved ->
                  groups(order, tensor.dims().get(axis), scale.dims().get(axis))
                      .flatMap(groups -> picked(scale, axis, groups))
                      .map(scales -> new Encoding.Scaled(moved, scales)));
      case Encoding.Sparse sparse -> sparse(tensor, sparse, axis, order, from);
    };
  }

  private static Optional<Encoding> affine(
      Encoding.Affine affine, int axis, int[] order, long size, Storage data) {
    if (affine.scale().elements() == 1) {
      return Optional.of(
          new Encoding.Affine(affine.codes(), data, affine.scale(), affine.zeroPoint()));
    }
    return groups(order, size, affine.scale().dims().get(axis))
        .map(groups ->
            new Encoding.Affine(
                affine.codes(),
                data,
                picked(affine.scale(), axis, groups).orElseThrow(),
                picked(affine.zeroPoint(), axis, groups).orElseThrow()));
  }

  private static Optional<Encoding> palette(
      Encoding.Palette palette, int axis, int[] order, long size, Storage indices) {
    if (palette.table().elements() == 1L << palette.bits()) {
      return Optional.of(new Encoding.Palette(palette.bits(), indices, palette.table()));
    }
    return groups(order, size, palette.table().dims().get(axis))
        .flatMap(groups -> picked(palette.table(), axis, groups))
        .map(table -> new Encoding.Palette(palette.bits(), indices, table));
  }

  /// Vectors that lie across the axis; along it they would have to be picked whole.
  private static Optional<Encoding> vectors(
      Tensor tensor, Encoding.Vectors vectors, int axis, int[] order) {
    if (vectors.axis() == axis) {
      return Optional.empty();
    }
    int[] from = sources(vectors.indexDims(tensor.dims()), axis, order);
    return groups(order, tensor.dims().get(axis), vectors.table().dims().get(axis))
        .flatMap(groups -> picked(vectors.table(), axis, groups))
        .map(table ->
            new Encoding.Vectors(
                vectors.bits(),
                Rearrangement.picked(vectors.bits(), vectors.indices(), from),
                table,
                vectors.axis()));
  }

  private static Optional<Encoding> sparse(
      Tensor tensor, Encoding.Sparse sparse, int axis, int[] order, int[] from) {
    byte[] bits = sparse.mask().toArray();
    int[] number = new int[Decode.count(tensor)];
    int next = 0;
    for (int i = 0; i < number.length; i++) {
      number[i] = (bits[i >> 3] >> (i & 7) & 1) == 1 ? next++ : -1;
    }
    int[] kept = Arrays.stream(from).map(i -> number[i]).filter(i -> i >= 0).toArray();
    Storage mask = Rearrangement.picked(1, sparse.mask(), from);
    long size = tensor.dims().get(axis);
    Optional<Encoding> values =
        switch (sparse.values()) {
          case Encoding.Dense(var stored, var data) ->
              Optional.of(
                  new Encoding.Dense(stored, Rearrangement.picked(stored.bits(), data, kept)));
          case Encoding.Affine affine ->
              affine(
                  affine,
                  axis,
                  order,
                  size,
                  Rearrangement.picked(affine.codes().bits(), affine.data(), kept));
          case Encoding.Palette palette ->
              palette(
                  palette,
                  axis,
                  order,
                  size,
                  Rearrangement.picked(palette.bits(), palette.indices(), kept));
          case Encoding.Vectors _, Encoding.Scaled _, Encoding.Sparse _ -> Optional.empty();
        };
    return values.map(v -> new Encoding.Sparse(mask, kept.length, v));
  }

  /// Which groups are picked where whole groups of equal size are, in order.
  private static Optional<int[]> groups(int[] order, long size, long count) {
    if (count == 1) {
      return Optional.of(new int[] {0});
    }
    int block = Math.toIntExact(size / count);
    if (order.length % block != 0) {
      return Optional.empty();
    }
    int[] groups = new int[order.length / block];
    for (int i = 0; i < order.length; i++) {
      groups[i / block] = order[i - i % block] / block;
      if (order[i] != groups[i / block] * block + i % block) {
        return Optional.empty();
      }
    }
    return Optional.of(groups);
  }
}
