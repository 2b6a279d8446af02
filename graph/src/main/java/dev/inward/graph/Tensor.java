package dev.inward.graph;

import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/// A constant: the type and extents that its readers see, and how its elements are stored.
public record Tensor(DataType dtype, List<Long> dims, Encoding encoding) {
  private static final float MOST_HALF = 65504;

  public Tensor {
    dims = List.copyOf(dims);
    long count = 1;
    for (long size : dims) {
      if (size < 0) {
        throw new IllegalArgumentException("an extent is at least 0, got " + dims);
      }
      count = Math.multiplyExact(count, size);
    }
    switch (encoding) {
      case Encoding.Dense(var stored, var data) -> {
        if (stored != DataType.STRING) {
          checkSize(stored.text(), dims, data, stored.bytes(count));
        }
      }
      case Encoding.Affine affine ->
          checkSize(affine.codes().text(), dims, affine.data(), affine.codes().bytes(count));
      case Encoding.Palette(var bits, var indices, _) ->
          checkSize(bits + " bits ", dims, indices, packedBytes(bits, count));
      case Encoding.Vectors vectors ->
          checkSize(
              vectors.bits() + " bits ",
              dims,
              vectors.indices(),
              packedBytes(
                  vectors.bits(),
                  vectors.indexDims(dims).stream().reduce(1L, Math::multiplyExact)));
      case Encoding.Scaled(var values, var scale) -> {
        if (!values.dims().equals(dims)) {
          throw new IllegalArgumentException(
              "values of %s make no tensor of %s".formatted(values.dims(), dims));
        }
        Grid.check(dims, scale.dims());
      }
      case Encoding.Sparse(var mask, _, _) -> checkSize("mask ", dims, mask, packedBytes(1, count));
    }
  }

  private static long packedBytes(int bits, long count) {
    return Math.ceilDiv(Math.multiplyExact(count, bits), 8);
  }

  private static void checkSize(String what, List<Long> dims, Storage data, long bytes) {
    if (data.size() != bytes) {
      throw new IllegalArgumentException(
          "%s%s takes %d bytes, got %d".formatted(what, dims, bytes, data.size()));
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

  /// A float32 tensor stored as float16: to nearest, ties to even. What is beyond the largest half,
  /// 65504, becomes the largest half, so that finite weights stay finite; infinities stay.
  public static Tensor half(List<Long> dims, float... values) {
    short[] halves = new short[values.length];
    for (int i = 0; i < values.length; i++) {
      float v = values[i];
      halves[i] =
          Float.floatToFloat16(Float.isInfinite(v) ? v : Math.clamp(v, -MOST_HALF, MOST_HALF));
    }
    var bytes = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, 2)]);
    MemorySegment.copy(halves, 0, bytes, Storage.SHORT, 0, halves.length);
    return new Tensor(
        DataType.FLOAT32, dims, new Encoding.Dense(DataType.FLOAT16, Storage.of(bytes)));
  }

  /// A float32 tensor of affine codes, one an element in row-major order.
  ///
  /// @param scale float, of the rank of the tensor, its extents dividing the tensor's
  /// @param zeroPoint of the type of the codes, with the shape of the scale
  /// @throws IllegalArgumentException where the shapes do not fit, a code is outside its type, or a
  ///   scale is not a finite number
  public static Tensor affine(
      List<Long> dims, DataType codes, int[] values, Tensor scale, Tensor zeroPoint) {
    Grid.check(dims, scale.dims());
    if (zeroPoint.dtype() != codes || !codes.isInteger() || codes.bits() > 32) {
      throw new IllegalArgumentException(
          "codes of %s with zero points of %s".formatted(codes.text(), zeroPoint.dtype().text()));
    }
    long least = codes.isSigned() ? -1L << codes.bits() - 1 : 0;
    long most = least + (1L << codes.bits()) - 1;
    for (int code : values) {
      if (code < least || code > most) {
        throw new IllegalArgumentException("code %d is no %s".formatted(code, codes.text()));
      }
    }
    for (float step : scale.floats()) {
      if (!Float.isFinite(step)) {
        throw new IllegalArgumentException("a scale is a finite number, got " + step);
      }
    }
    var data = Storage.packed(codes.bits(), values);
    return new Tensor(DataType.FLOAT32, dims, new Encoding.Affine(codes, data, scale, zeroPoint));
  }

  /// The same with zero points of 0.
  public static Tensor affine(List<Long> dims, DataType codes, int[] values, Tensor scale) {
    byte[] zeros = new byte[Math.toIntExact(codes.bytes(scale.elements()))];
    return affine(dims, codes, values, scale, dense(codes, scale.dims(), Storage.of(zeros)));
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

  /// The same elements under other extents of the same number, still encoded.
  ///
  /// @throws IllegalArgumentException where the number differs, or blocks that share a scale or a
  ///   table would be no boxes any more; [#reshaped] asks first
  public Tensor withDims(List<Long> other) {
    return reshaped(other)
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s does not reshape to %s while encoded".formatted(this, other)));
  }

  /// The same elements under other extents, still encoded; empty where the number of elements
  /// differs, or where blocks that share a scale or a table would be no boxes any more.
  public Optional<Tensor> reshaped(List<Long> other) {
    return Rearrangement.reshaped(this, other);
  }

  /// The axes in another order, still encoded: codes, scales, zero points, tables and masks move.
  ///
  /// @param permutation for each axis of the result the axis that it was
  /// @throws IllegalArgumentException where it is no permutation of the axes
  public Tensor transposed(List<Integer> permutation) {
    return Rearrangement.transposed(this, permutation);
  }

  /// Slabs along an axis in another order, some perhaps left out or repeated, still encoded; empty
  /// where slabs that share a scale or a table would be torn apart.
  ///
  /// @param order for each slab of the result the one that it was
  public Optional<Tensor> picked(int axis, int... order) {
    return Slabs.picked(this, axis, order);
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
    return how(encoding);
  }

  private String how(Encoding encoding) {
    return switch (encoding) {
      case Encoding.Dense(var stored, _) -> stored == dtype ? "dense" : "as " + stored.text();
      case Encoding.Affine(var codes, _, var scale, _) -> codes.text() + " " + granularity(scale);
      case Encoding.Palette(var bits, _, var table) ->
          "palette of %d bits, %d tables".formatted(bits, table.elements() >> bits);
      case Encoding.Vectors vectors ->
          "palette of %d bits, %d tables of vectors of %d"
              .formatted(
                  vectors.bits(),
                  vectors.table().elements() / vectors.width() >> vectors.bits(),
                  vectors.width());
      case Encoding.Scaled(var values, var scale) ->
          values.how() + ", scaled " + granularity(scale);
      case Encoding.Sparse(_, var count, var values) ->
          "%.0f %% zeros, %s".formatted(100.0 - 100.0 * count / elements(), how(values));
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
