package dev.inward.graph;

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
      case Encoding.Dense _ -> Optional.of(new Tensor(tensor.dtype(), dims, tensor.encoding()));
      case Encoding.Sparse(var mask, var ones, var values) ->
          regrouped(tensor.dims(), values, dims)
              .map(moved ->
                  new Tensor(tensor.dtype(), dims, new Encoding.Sparse(mask, ones, moved)));
      case Encoding.Scaled(var values, var scale) ->
          Grid.of(tensor.dims(), scale.dims())
              .under(dims)
              .flatMap(grid ->
                  reshaped(values, dims)
                      .map(moved ->
                          new Tensor(
                              tensor.dtype(),
                              dims,
                              new Encoding.Scaled(moved, scale.withDims(grid)))));
      case Encoding.Vectors vectors -> reshaped(tensor, vectors, dims);
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

  /// Scales or tables of values between zeros under other extents of the whole.
  private static Optional<Encoding> regrouped(List<Long> from, Encoding values, List<Long> dims) {
    return switch (values) {
      case Encoding.Dense _ -> Optional.of(values);
      case Encoding.Affine(var codes, var data, var scale, var zero) ->
          scale.elements() == 1
              ? Optional.of(values)
              : Grid.of(from, scale.dims())
                  .under(dims)
                  .map(grid ->
                      new Encoding.Affine(codes, data, scale.withDims(grid), zero.withDims(grid)));
      case Encoding.Palette(var bits, var indices, var table) ->
          table.elements() == 1L << bits
              ? Optional.of(values)
              : Grid.of(from, table.dims().subList(0, from.size()))
                  .under(dims)
                  .map(grid -> {
                    List<Long> tableDims = new ArrayList<>(grid);
                    tableDims.add(table.dims().getLast());
                    return new Encoding.Palette(bits, indices, table.withDims(tableDims));
                  });
      case Encoding.Vectors _, Encoding.Scaled _, Encoding.Sparse _ -> Optional.empty();
    };
  }

  /// Vectors stay where an axis of the new extents has its neighbours as far apart as theirs.
  private static Optional<Tensor> reshaped(
      Tensor tensor, Encoding.Vectors vectors, List<Long> dims) {
    long stride = product(tensor.dims(), vectors.axis() + 1);
    for (int axis = 0; axis < dims.size(); axis++) {
      if (product(dims, axis + 1) != stride || dims.get(axis) % vectors.width() != 0) {
        continue;
      }
      List<Long> shorter = new ArrayList<>(dims);
      shorter.set(axis, dims.get(axis) / vectors.width());
      int along = axis;
      return Grid.of(
              vectors.indexDims(tensor.dims()), vectors.table().dims().subList(0, tensor.rank()))
          .under(shorter)
          .map(grid -> {
            List<Long> tableDims = new ArrayList<>(grid);
            tableDims.addAll(vectors.table().dims().subList(tensor.rank(), tensor.rank() + 2));
            return new Tensor(
                tensor.dtype(),
                dims,
                new Encoding.Vectors(
                    vectors.bits(), vectors.indices(), vectors.table().withDims(tableDims), along));
          });
    }
    return Optional.empty();
  }

  private static long product(List<Long> dims, int from) {
    return dims.subList(from, dims.size()).stream().reduce(1L, Math::multiplyExact);
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
    if (tensor.encoding() instanceof Encoding.Vectors vectors) {
      return transposed(tensor, vectors, dims, permutation);
    }
    if (tensor.encoding() instanceof Encoding.Scaled(var values, var scale)) {
      return new Tensor(
          tensor.dtype(),
          dims,
          new Encoding.Scaled(transposed(values, permutation), transposed(scale, permutation)));
    }
    int[] from = sources(tensor.dims(), permutation);
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
          case Encoding.Sparse(var mask, var ones, var values) ->
              new Encoding.Sparse(
                  picked(1, mask, from), ones, reordered(mask, values, from, permutation));
          case Encoding.Vectors _, Encoding.Scaled _ -> throw new IllegalStateException();
        };
    return new Tensor(tensor.dtype(), dims, encoding);
  }

  private static Tensor transposed(
      Tensor tensor, Encoding.Vectors vectors, List<Long> dims, List<Integer> permutation) {
    int[] from = sources(vectors.indexDims(tensor.dims()), permutation);
    List<Integer> tableOrder = new ArrayList<>(permutation);
    tableOrder.add(tensor.rank());
    tableOrder.add(tensor.rank() + 1);
    return new Tensor(
        tensor.dtype(),
        dims,
        new Encoding.Vectors(
            vectors.bits(),
            picked(vectors.bits(), vectors.indices(), from),
            transposed(vectors.table(), tableOrder),
            permutation.indexOf(vectors.axis())));
  }

  /// For each element of the result, in order, the one that it was.
  private static int[] sources(List<Long> dims, List<Integer> permutation) {
    int count = Math.toIntExact(product(dims, 0));
    int rank = dims.size();
    if (rank == 2 && permutation.getFirst() == 1) {
      return columnByColumn(Math.toIntExact(dims.getFirst()), Math.toIntExact(dims.getLast()));
    }
    long[] strides = new long[rank];
    long stride = 1;
    for (int axis = rank - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride *= dims.get(axis);
    }
    int[] from = new int[count];
    long[] at = new long[rank];
    long index = 0;
    for (int i = 0; i < count; i++) {
      from[i] = (int) index;
      for (int axis = rank - 1; axis >= 0; axis--) {
        int was = permutation.get(axis);
        index += strides[was];
        if (++at[axis] < dims.get(was)) {
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
  static Storage picked(int bits, Storage data, int[] from) {
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
        int[] old = new int[Arrays.stream(from).max().orElse(-1) + 1];
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
  private static Encoding reordered(
      Storage mask, Encoding values, int[] from, List<Integer> permutation) {
    byte[] bits = mask.toArray();
    int[] number = new int[from.length];
    int next = 0;
    for (int i = 0; i < number.length; i++) {
      number[i] = (bits[i >> 3] >> (i & 7) & 1) == 1 ? next++ : -1;
    }
    int[] order = Arrays.stream(from).map(i -> number[i]).filter(i -> i >= 0).toArray();
    return switch (values) {
      case Encoding.Dense(var stored, var data) ->
          new Encoding.Dense(stored, picked(stored.bits(), data, order));
      case Encoding.Affine(var codes, var data, var scale, var zero) -> {
        boolean single = scale.elements() == 1;
        yield new Encoding.Affine(
            codes,
            picked(codes.bits(), data, order),
            single ? scale : transposed(scale, permutation),
            single ? zero : transposed(zero, permutation));
      }
      case Encoding.Palette(var width, var indices, var table) -> {
        List<Integer> withEntries = new ArrayList<>(permutation);
        withEntries.add(permutation.size());
        yield new Encoding.Palette(
            width,
            picked(width, indices, order),
            table.elements() == 1L << width ? table : transposed(table, withEntries));
      }
      case Encoding.Vectors _, Encoding.Scaled _, Encoding.Sparse _ ->
          throw new IllegalStateException("values between zeros");
    };
  }
}
