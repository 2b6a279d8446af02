package dev.inward.graph;

import dev.inward.base.UnsupportedException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Tensors under other extents, or with their axes in another order, without decoding them.
final class Rearrangement {
  private Rearrangement() {}

  static Optional<Tensor> reshaped(Tensor tensor, List<Long> dims) {
    if (dims.equals(tensor.dims())) {
      return Optional.of(tensor);
    }
    long count = 1;
    for (long size : dims) {
      count = Math.multiplyExact(count, size);
    }
    if (count != tensor.elements()) {
      return Optional.empty();
    }
    return switch (tensor.encoding()) {
      case Encoding.Dense _, Encoding.Sparse _ ->
          Optional.of(new Tensor(tensor.dtype(), dims, tensor.encoding()));
      case Encoding.Affine(var codes, var data, var scale, var zero) ->
          Grid.of(tensor.dims(), scale.dims())
              .under(dims)
              .map(grid ->
                  new Tensor(
                      tensor.dtype(),
                      dims,
                      new Encoding.Affine(codes, data, scale.withDims(grid), zero.withDims(grid))));
      case Encoding.Palette(var bits, var indices, var table) ->
          Grid.of(tensor.dims(), table.dims().subList(0, tensor.rank()))
              .under(dims)
              .map(grid -> {
                List<Long> tableDims = new ArrayList<>(grid);
                tableDims.add(table.dims().getLast());
                return new Tensor(
                    tensor.dtype(),
                    dims,
                    new Encoding.Palette(bits, indices, table.withDims(tableDims)));
              });
    };
  }

  static Tensor transposed(Tensor tensor, List<Integer> permutation) {
    int rank = tensor.rank();
    if (permutation.size() != rank
        || permutation.stream().distinct().count() != rank
        || permutation.stream().anyMatch(axis -> axis < 0 || axis >= rank)) {
      throw new IllegalArgumentException(
          "%s does not permute %d axes".formatted(permutation, rank));
    }
    List<Long> dims = permutation.stream().map(tensor.dims()::get).toList();
    int[] from = sources(tensor, permutation);
    Encoding encoding =
        switch (tensor.encoding()) {
          case Encoding.Dense(var stored, var data) ->
              new Encoding.Dense(stored, picked(stored.bits(), data, from));
          case Encoding.Affine(var codes, var data, var scale, var zero) -> {
            Grid.check(tensor.dims(), scale.dims());
            yield new Encoding.Affine(
                codes,
                picked(codes.bits(), data, from),
                transposed(scale, permutation),
                transposed(zero, permutation));
          }
          case Encoding.Palette(var bits, var indices, var table) -> {
            Grid.check(tensor.dims(), table.dims().subList(0, rank));
            List<Integer> withEntries = new ArrayList<>(permutation);
            withEntries.add(rank);
            yield new Encoding.Palette(
                bits, picked(bits, indices, from), transposed(table, withEntries));
          }
          case Encoding.Sparse(var mask, var values) ->
              new Encoding.Sparse(picked(1, mask, from), reordered(mask, values, from));
        };
    return new Tensor(tensor.dtype(), dims, encoding);
  }

  /// For each element of the result, in order, the one that it was.
  private static int[] sources(Tensor tensor, List<Integer> permutation) {
    int count = Decode.count(tensor);
    int rank = tensor.rank();
    if (rank == 2 && permutation.getFirst() == 1) {
      return columnByColumn(
          Math.toIntExact(tensor.dims().getFirst()), Math.toIntExact(tensor.dims().getLast()));
    }
    long[] strides = new long[rank];
    long stride = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= tensor.dims().get(axis);
    }
    int[] from = new int[count];
    long[] at = new long[rank];
    long index = 0;
    for (int i = 0; i < count; i++) {
      from[i] = (int) index;
      for (int axis = rank - 1; axis >= 0; axis--) {
        int was = permutation.get(axis);
        index += strides[was];
        if (++at[axis] < tensor.dims().get(was)) {
          break;
        }
        index -= at[axis] * strides[was];
        at[axis] = 0;
      }
    }
    return from;
  }

  /// The same for a matrix, which most weights are.
  private static int[] columnByColumn(int rows, int columns) {
    int[] from = new int[rows * columns];
    for (int column = 0; column < columns; column++) {
      for (int row = 0; row < rows; row++) {
        from[column * rows + row] = row * columns + column;
      }
    }
    return from;
  }

  /// The elements of so many bits at these places, one after the other.
  private static Storage picked(int bits, Storage data, int[] from) {
    MemorySegment in = data.bytes();
    return switch (bits) {
      case 8 -> {
        byte[] old = in.toArray(ValueLayout.JAVA_BYTE);
        byte[] out = new byte[from.length];
        for (int i = 0; i < out.length; i++) {
          out[i] = old[from[i]];
        }
        yield Storage.of(out);
      }
      case 16 -> {
        short[] old = in.toArray(Storage.SHORT);
        short[] out = new short[from.length];
        for (int i = 0; i < out.length; i++) {
          out[i] = old[from[i]];
        }
        yield little(
            2,
            out.length,
            bytes -> MemorySegment.copy(out, 0, bytes, Storage.SHORT, 0, out.length));
      }
      case 32 -> {
        int[] old = in.toArray(Storage.INT);
        int[] out = new int[from.length];
        for (int i = 0; i < out.length; i++) {
          out[i] = old[from[i]];
        }
        yield little(
            4, out.length, bytes -> MemorySegment.copy(out, 0, bytes, Storage.INT, 0, out.length));
      }
      case 64 -> {
        long[] old = in.toArray(Storage.LONG);
        yield Storage.of(Arrays.stream(from).mapToLong(i -> old[i]).toArray());
      }
      default -> {
        int[] old = new int[from.length];
        int[] chunk = new int[Decode.CHUNK];
        var codes = new Decode.Codes(bits, /* signed= */ false, in);
        for (int start = 0; start < old.length; start += Decode.CHUNK) {
          int length = Math.min(Decode.CHUNK, old.length - start);
          codes.read(start, chunk, length);
          System.arraycopy(chunk, 0, old, start, length);
        }
        int[] out = new int[from.length];
        for (int i = 0; i < out.length; i++) {
          out[i] = old[from[i]];
        }
        yield Storage.packed(bits, out);
      }
    };
  }

  private static Storage little(
      int width, int count, java.util.function.Consumer<MemorySegment> fill) {
    var bytes = MemorySegment.ofArray(new byte[Math.multiplyExact(width, count)]);
    fill.accept(bytes);
    return Storage.of(bytes);
  }

  /// The stored values of a sparse tensor in the order of its elements after the move.
  private static Tensor reordered(Storage mask, Tensor values, int[] from) {
    byte[] bits = mask.toArray();
    int[] number = new int[from.length];
    int next = 0;
    for (int i = 0; i < number.length; i++) {
      number[i] = (bits[i >> 3] >> (i & 7) & 1) == 1 ? next++ : -1;
    }
    int[] order = Arrays.stream(from).map(i -> number[i]).filter(i -> i >= 0).toArray();
    Encoding moved =
        switch (values.encoding()) {
          case Encoding.Dense(var stored, var data) ->
              new Encoding.Dense(stored, picked(stored.bits(), data, order));
          case Encoding.Affine(var codes, var data, var scale, var zero)
              when scale.elements() == 1 ->
              new Encoding.Affine(codes, picked(codes.bits(), data, order), scale, zero);
          case Encoding.Palette(var width, var indices, var table)
              when table.dims().getFirst() == 1 ->
              new Encoding.Palette(width, picked(width, indices, order), table);
          case Encoding.Affine _, Encoding.Palette _, Encoding.Sparse _ ->
              throw UnsupportedException.of(
                  "a sparse tensor whose values are %s cannot be transposed while encoded",
                  values.how());
        };
    return new Tensor(values.dtype(), values.dims(), moved);
  }
}
