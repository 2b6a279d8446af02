package dev.inward.graph;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/// A constant: the type and extents that its readers see, and how its elements are stored.
public record Tensor(DataType dtype, List<Long> dims, Encoding encoding) {
  public Tensor {
    dims = List.copyOf(dims);
    long count = 1;
    for (long size : dims) {
      if (size < 0) {
        throw new IllegalArgumentException("an extent is at least 0, got " + dims);
      }
      count = Math.multiplyExact(count, size);
    }
    if (encoding instanceof Encoding.Dense(var stored, var data)
        && stored != DataType.STRING
        && data.size() != stored.bytes(count)) {
      throw new IllegalArgumentException(
          "%s%s takes %d bytes, got %d"
              .formatted(stored.text(), dims, stored.bytes(count), data.size()));
    }
  }

  /// A tensor whose elements are stored as what they are.
  public static Tensor dense(DataType dtype, List<Long> dims, Storage data) {
    return new Tensor(dtype, dims, new Encoding.Dense(dtype, data));
  }

  public static Tensor ofFloats(List<Long> dims, float... values) {
    return dense(DataType.FLOAT32, dims, Storage.of(values));
  }

  public static Tensor ofLongs(List<Long> dims, long... values) {
    return dense(DataType.INT64, dims, Storage.of(values));
  }

  /// A vector of int64, as shapes and axes are given.
  public static Tensor vector(long... values) {
    return ofLongs(List.of((long) values.length), values);
  }

  public static Tensor scalar(float value) {
    return ofFloats(List.of(), value);
  }

  public static Tensor scalar(long value) {
    return ofLongs(List.of(), value);
  }

  public long elements() {
    return dims.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
  }

  public int rank() {
    return dims.size();
  }

  public Shape shape() {
    return Shape.ofKnown(dims);
  }

  public TensorType type() {
    return new TensorType(dtype, shape());
  }

  /// Bytes of all that is stored, tables and scales included.
  public long storedBytes() {
    return encoding.bytes();
  }

  /// The same elements under other extents of the same number.
  public Tensor withDims(List<Long> other) {
    return new Tensor(dtype, other, encoding);
  }

  /// The elements as the readers see them, decoded, in row-major order. Float64 loses precision;
  /// booleans are 0 and 1.
  ///
  /// @throws IllegalStateException for strings, and for more than 2^31 - 9 elements
  public float[] floats() {
    return Decode.floats(this);
  }

  /// The elements of a whole-number or boolean tensor, in row-major order; uint64 as its bits.
  ///
  /// @throws IllegalStateException for other types
  public long[] longs() {
    return Decode.longs(this);
  }

  /// `float32[384x384] int8 per channel`, in short.
  @Override
  public String toString() {
    return type() + " " + how();
  }

  /// How it is stored, in words: `dense`, `as float16`, `int8 per channel (axis 0)`.
  public String how() {
    return switch (encoding) {
      case Encoding.Dense(var stored, _) -> stored == dtype ? "dense" : "as " + stored.text();
      case Encoding.Affine(var codes, _, var scale, _) -> codes.text() + " " + granularity(scale);
      case Encoding.Palette(var bits, _, var table) ->
          "palette of %d bits, %d tables".formatted(bits, table.elements() >> bits);
      case Encoding.Sparse(_, var values) ->
          "%.0f %% zeros, %s"
              .formatted(100.0 - 100.0 * values.elements() / elements(), values.how());
    };
  }

  private String granularity(Tensor scale) {
    int[] split =
        java.util.stream.IntStream.range(0, scale.rank())
            .filter(i -> scale.dims().get(i) > 1)
            .toArray();
    if (split.length == 0) {
      return "per tensor";
    }
    if (split.length == 1 && scale.dims().get(split[0]).equals(dims.get(split[0]))) {
      return "per channel (axis " + split[0] + ")";
    }
    return "in blocks of "
        + LongStream.range(0, scale.rank())
            .mapToObj(i -> Long.toString(dims.get((int) i) / scale.dims().get((int) i)))
            .collect(Collectors.joining("x"));
  }
}
