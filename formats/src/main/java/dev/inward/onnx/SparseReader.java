package dev.inward.onnx;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.protobuf.WireReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// One `SparseTensorProto`, written out.
final class SparseReader {
  /// Elements up to which a tensor is written out whatever it stores; beyond, it must store one in
  /// 1,024, so that a few bytes cannot ask for gigabytes.
  private static final long FREE = 1 << 20;

  private SparseReader() {}

  static TensorReader.Named read(WireReader proto, ExternalData external) {
    List<Long> dims = new ArrayList<>();
    TensorReader.Named values = null;
    TensorReader.Named indices = null;
    for (var fields = proto.again(); fields.next(); ) {
      switch (fields.number()) {
        case 1 -> values = TensorReader.read(fields.message(), external);
        case 2 -> indices = TensorReader.read(fields.message(), external);
        case 3 -> fields.longs(dims::add);
        default -> {}
      }
    }
    if (values == null || indices == null) {
      throw InputException.of("a sparse tensor lacks its values or its indices");
    }
    return new TensorReader.Named(
        values.name(), dense(values.name(), dims, values.tensor(), indices.tensor()));
  }

  private static Tensor dense(String name, List<Long> dims, Tensor values, Tensor indices) {
    String where = "sparse tensor '" + name + "'";
    long count = 1;
    for (long size : dims) {
      if (size < 0 || size > 0 && count > Long.MAX_VALUE / size) {
        throw InputException.at(where, "its extents %s are negative or do not fit", dims);
      }
      count *= size;
    }
    long stored = values.elements();
    if (count > Math.max(FREE, 1024 * stored) || count > Integer.MAX_VALUE / 8) {
      throw UnsupportedException.at(
          where, "stores %d of %d elements, too few to be written out", stored, count);
    }
    int bits = values.dtype().bits();
    if (bits < 8 || indices.dtype() != DataType.INT64) {
      throw UnsupportedException.at(
          where,
          "of %s with %s indices is not read",
          values.dtype().text(),
          indices.dtype().text());
    }
    boolean flat = indices.rank() == 1;
    if (indices.elements() != stored * (flat ? 1 : dims.size())) {
      throw InputException.at(where, "has %d values and %d indices", stored, indices.elements());
    }
    int width = bits / 8;
    var out = MemorySegment.ofArray(new byte[(int) count * width]);
    var source = ((Encoding.Dense) values.encoding()).data().bytes();
    long[] at = indices.longs();
    for (int i = 0; i < stored; i++) {
      long place = flat ? at[i] : place(dims, at, i);
      if (place < 0 || place >= count) {
        throw InputException.at(where, "an index is outside of %s", dims);
      }
      MemorySegment.copy(source, (long) i * width, out, place * width, width);
    }
    return Tensor.dense(values.dtype(), dims, Storage.of(out));
  }

  /// The flat index of the value at a position, -1 where it is outside.
  private static long place(List<Long> dims, long[] at, int value) {
    long place = 0;
    for (int axis = 0; axis < dims.size(); axis++) {
      long index = at[value * dims.size() + axis];
      if (index < 0 || index >= dims.get(axis)) {
        return -1;
      }
      place = place * dims.get(axis) + index;
    }
    return place;
  }
}
