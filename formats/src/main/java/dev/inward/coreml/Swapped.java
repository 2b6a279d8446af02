package dev.inward.coreml;

import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;

/// Matrices with rows and columns traded, in the encoding that they have: the codes are moved, not
/// decoded.
final class Swapped {
  private Swapped() {}

  /// The transpose of a matrix, stored as the matrix is. Holds one copy of its codes in memory.
  static Tensor of(Tensor matrix) {
    int rows = Math.toIntExact(matrix.dims().get(0));
    int columns = Math.toIntExact(matrix.dims().get(1));
    List<Long> dims = List.of((long) columns, (long) rows);
    int count = Math.multiplyExact(rows, columns);
    IntUnaryOperator from = i -> i % rows * columns + i / rows;
    Encoding encoding =
        switch (matrix.encoding()) {
          case Encoding.Dense(var stored, var data) ->
              new Encoding.Dense(stored, Packing.pick(data, stored.bits(), count, from));
          case Encoding.Affine(var codes, var data, var scale, var zero) ->
              new Encoding.Affine(
                  codes, Packing.pick(data, codes.bits(), count, from), of(scale), of(zero));
          case Encoding.Palette(var bits, var indices, var table) ->
              new Encoding.Palette(bits, Packing.pick(indices, bits, count, from), tables(table));
          case Encoding.Sparse(var mask, var values) -> sparse(mask, values, count, from);
        };
    return new Tensor(matrix.dtype(), dims, encoding);
  }

  /// `[a, b, entries]` as `[b, a, entries]`.
  private static Tensor tables(Tensor table) {
    int a = Math.toIntExact(table.dims().get(0));
    int b = Math.toIntExact(table.dims().get(1));
    long entries = table.dims().get(2);
    List<Long> dims = List.of((long) b, (long) a, entries);
    if (table.encoding() instanceof Encoding.Affine(var codes, var data, var scale, var zero)
        && (a == 1 || b == 1)) {
      return new Tensor(
          table.dtype(), dims, new Encoding.Affine(codes, data, grid(scale), grid(zero)));
    }
    if (a == 1 || b == 1) {
      return table.withDims(dims);
    }
    float[] reals = table.floats();
    float[] out = new float[reals.length];
    int width = Math.toIntExact(entries);
    for (int i = 0; i < a * b; i++) {
      System.arraycopy(reals, (i % a * b + i / a) * width, out, i * width, width);
    }
    return Tensor.ofFloats(dims, out);
  }

  private static Tensor grid(Tensor scale) {
    var dims = scale.dims();
    return scale.withDims(List.of(dims.get(1), dims.get(0), dims.get(2)));
  }

  private static Encoding sparse(Storage mask, Tensor values, int count, IntUnaryOperator from) {
    int[] rank = new int[count];
    int next = 0;
    for (int i = 0; i < count; i++) {
      rank[i] = next;
      next += Packing.get(mask.bytes(), i, 1);
    }
    int[] order =
        IntStream.range(0, count)
            .map(from)
            .filter(i -> Packing.get(mask.bytes(), i, 1) == 1)
            .map(i -> rank[i])
            .toArray();
    return new Encoding.Sparse(Packing.pick(mask, 1, count, from), picked(values, order));
  }

  private static Tensor picked(Tensor values, int[] order) {
    Encoding encoding =
        switch (values.encoding()) {
          case Encoding.Dense(var stored, var data) ->
              new Encoding.Dense(
                  stored, Packing.pick(data, stored.bits(), order.length, i -> order[i]));
          case Encoding.Affine(var codes, var data, var scale, var zero)
              when scale.elements() == 1 ->
              new Encoding.Affine(
                  codes,
                  Packing.pick(data, codes.bits(), order.length, i -> order[i]),
                  scale,
                  zero);
          case Encoding.Palette(var bits, var indices, var table)
              when table.elements() == 1L << bits ->
              new Encoding.Palette(
                  bits, Packing.pick(indices, bits, order.length, i -> order[i]), table);
          case Encoding.Affine _, Encoding.Palette _, Encoding.Sparse _ ->
              throw new IllegalArgumentException(
                  "values in groups lose them when the matrix is transposed: " + values);
        };
    return new Tensor(values.dtype(), values.dims(), encoding);
  }
}
