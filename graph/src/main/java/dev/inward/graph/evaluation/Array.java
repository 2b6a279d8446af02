package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A value while it is computed with: floats of every width as `double`, whole numbers and booleans
/// as `long`. Each result is brought to its type when its array is made: floats are rounded to
/// nearest, ties to even; whole numbers wrap around.
final class Array {
  /// What one array may hold; more is beyond what a reference evaluator is for.
  static final long MOST_ELEMENTS = 1L << 28;

  private final DataType dtype;
  private final int[] dims;
  private final double[] reals;
  private final long[] wholes;

  private Array(DataType dtype, int[] dims, double[] reals, long[] wholes) {
    this.dtype = dtype;
    this.dims = dims;
    this.reals = reals;
    this.wholes = wholes;
  }

  /// The values rounded to the type, or truncated where it is one of whole numbers. Takes the
  /// array.
  static Array of(DataType dtype, int[] dims, double[] values) {
    check(dims, values.length);
    if (!dtype.isFloat()) {
      return of(dtype, dims, Arrays.stream(values).mapToLong(v -> whole(dtype, v)).toArray());
    }
    if (dtype != DataType.FLOAT64) {
      for (int i = 0; i < values.length; i++) {
        values[i] = Rounding.to(dtype, values[i]);
      }
    }
    return new Array(dtype, dims, values, new long[0]);
  }

  /// The values wrapped around to the type. Takes the array.
  static Array of(DataType dtype, int[] dims, long[] values) {
    check(dims, values.length);
    if (dtype.isFloat()) {
      return of(dtype, dims, Arrays.stream(values).mapToDouble(v -> v).toArray());
    }
    for (int i = 0; i < values.length; i++) {
      values[i] = Rounding.wrap(dtype, values[i]);
    }
    return new Array(dtype, dims, new double[0], values);
  }

  static Array vector(long... values) {
    return of(DataType.INT64, new int[] {values.length}, values);
  }

  static Array of(Tensor tensor) {
    if (tensor.dtype() == DataType.STRING) {
      throw UnsupportedException.of("the reference evaluator does not compute with strings");
    }
    int[] dims = dims(tensor.dims().stream().mapToLong(Long::longValue).toArray());
    if (!tensor.dtype().isFloat()) {
      return new Array(tensor.dtype(), dims, new double[0], tensor.longs());
    }
    if (tensor.encoding() instanceof Encoding.Dense(var stored, var data)
        && stored == DataType.FLOAT64) {
      return new Array(DataType.FLOAT64, dims, data.bytes().toArray(Storage.DOUBLE), new long[0]);
    }
    float[] values = tensor.floats();
    double[] wide = new double[values.length];
    for (int i = 0; i < wide.length; i++) {
      wide[i] = values[i];
    }
    return new Array(tensor.dtype(), dims, wide, new long[0]);
  }

  Tensor tensor() {
    var data = MemorySegment.ofArray(new byte[Math.toIntExact(dtype.bytes(size()))]);
    for (int i = 0; i < size(); i++) {
      switch (dtype) {
        case FLOAT32 -> data.set(Storage.FLOAT, 4L * i, (float) reals[i]);
        case FLOAT64 -> data.set(Storage.DOUBLE, 8L * i, reals[i]);
        case FLOAT16 -> data.set(Storage.SHORT, 2L * i, Float.floatToFloat16((float) reals[i]));
        case BFLOAT16 ->
            data.set(
                Storage.SHORT, 2L * i, (short) (Float.floatToIntBits((float) reals[i]) >>> 16));
        case INT64, UINT64 -> data.set(Storage.LONG, 8L * i, wholes[i]);
        case INT32, UINT32 -> data.set(Storage.INT, 4L * i, (int) wholes[i]);
        case INT16, UINT16 -> data.set(Storage.SHORT, 2L * i, (short) wholes[i]);
        case INT8, UINT8, BOOL -> data.set(ValueLayout.JAVA_BYTE, i, (byte) wholes[i]);
        case INT4, UINT4 -> {
          byte old = data.get(ValueLayout.JAVA_BYTE, i / 2);
          data.set(ValueLayout.JAVA_BYTE, i / 2, (byte) (old | (wholes[i] & 15) << (i % 2 * 4)));
        }
        case STRING -> throw new IllegalStateException("strings are refused on the way in");
      }
    }
    List<Long> sizes = Arrays.stream(dims).mapToObj(d -> (long) d).toList();
    return Tensor.dense(dtype, sizes, Storage.of(data));
  }

  DataType dtype() {
    return dtype;
  }

  boolean isFloat() {
    return dtype.isFloat();
  }

  int[] dims() {
    return dims.clone();
  }

  int rank() {
    return dims.length;
  }

  int size() {
    return isFloat() ? reals.length : wholes.length;
  }

  /// The extent of an axis; negative ones count from the end.
  int extent(int axis) {
    return dims[axis < 0 ? axis + dims.length : axis];
  }

  /// The axis counted from the front.
  int axis(long axis) {
    return axis(axis, rank());
  }

  static int axis(long axis, int rank) {
    long at = axis < 0 ? axis + rank : axis;
    if (at < 0 || at >= rank) {
      throw InputException.of("axis %d is not one of %d axes", axis, rank);
    }
    return (int) at;
  }

  /// The product of the extents from one axis up to another.
  int between(int from, int to) {
    int count = 1;
    for (int i = from; i < to; i++) {
      count *= dims[i];
    }
    return count;
  }

  /// An element as a real, whatever its type.
  double real(int index) {
    if (isFloat()) {
      return reals[index];
    }
    long value = wholes[index];
    return dtype == DataType.UINT64 && value < 0
        ? Long.divideUnsigned(value, 2) * 2.0 + (value & 1)
        : value;
  }

  /// An element as a whole number, whatever its type; reals are truncated.
  long whole(int index) {
    return isFloat() ? (long) reals[index] : wholes[index];
  }

  double[] reals() {
    double[] out = new double[size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = real(i);
    }
    return out;
  }

  long[] wholes() {
    long[] out = new long[size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = whole(i);
    }
    return out;
  }

  /// The only element.
  Array scalar(String what) {
    if (size() != 1) {
      throw InputException.of("%s has one element, got %s", what, Arrays.toString(dims));
    }
    return withDims();
  }

  Array withDims(int... other) {
    check(other, size());
    return new Array(dtype, other, reals, wholes);
  }

  /// The element `from[i]` of this at each place `i`; zero where that is -1.
  Array pick(int[] other, int[] from) {
    check(other, from.length);
    double[] real = new double[isFloat() ? from.length : 0];
    long[] whole = new long[isFloat() ? 0 : from.length];
    for (int i = 0; i < from.length; i++) {
      if (from[i] < 0) {
        continue;
      }
      if (isFloat()) {
        real[i] = reals[from[i]];
      } else {
        whole[i] = wholes[from[i]];
      }
    }
    return new Array(dtype, other, real, whole);
  }

  /// All elements of several arrays of one type, one after the other, as a vector.
  static Array joined(List<Array> parts) {
    List<double[]> reals = new ArrayList<>();
    List<long[]> wholes = new ArrayList<>();
    for (Array part : parts) {
      if (part.dtype != parts.getFirst().dtype) {
        throw InputException.of(
            "operands differ in type: %s and %s", parts.getFirst().dtype.text(), part.dtype.text());
      }
      reals.add(part.reals);
      wholes.add(part.wholes);
    }
    double[] real = reals.stream().flatMapToDouble(Arrays::stream).toArray();
    long[] whole = wholes.stream().flatMapToLong(Arrays::stream).toArray();
    return new Array(
        parts.getFirst().dtype, new int[] {Math.max(real.length, whole.length)}, real, whole);
  }

  /// Reals become whole numbers by truncation, then wrap around; booleans are what is not zero.
  Array cast(DataType to) {
    if (to == DataType.STRING) {
      throw UnsupportedException.of("the reference evaluator does not compute with strings");
    }
    if (to == dtype) {
      return this;
    }
    return isFloat() || to.isFloat()
        ? of(to, dims, reals())
        : of(to, dims, to == DataType.BOOL ? truths() : wholes.clone());
  }

  private long[] truths() {
    return Arrays.stream(wholes).map(v -> v == 0 ? 0 : 1).toArray();
  }

  private static long whole(DataType to, double value) {
    if (to == DataType.BOOL) {
      return value == 0 ? 0 : 1;
    }
    return to == DataType.UINT64 && value >= 0x1p63
        ? (long) (value - 0x1p63) ^ Long.MIN_VALUE
        : (long) value;
  }

  /// Extents as array lengths.
  ///
  /// @throws UnsupportedException where that would be more than a reference evaluator takes
  static int[] dims(long... sizes) {
    long count = 1;
    for (long size : sizes) {
      if (size < 0) {
        throw InputException.of("an extent is at least 0, got %s", Arrays.toString(sizes));
      }
      count = size > MOST_ELEMENTS ? MOST_ELEMENTS + 1 : count * size;
      if (count > MOST_ELEMENTS) {
        throw UnsupportedException.of(
            "the reference evaluator holds at most %d elements in one value, got %s",
            MOST_ELEMENTS, Arrays.toString(sizes));
      }
    }
    return Arrays.stream(sizes).mapToInt(Math::toIntExact).toArray();
  }

  static int count(int... dims) {
    int[] checked = dims(Arrays.stream(dims).asLongStream().toArray());
    return Arrays.stream(checked).reduce(1, (a, b) -> a * b);
  }

  private static void check(int[] dims, int elements) {
    if (count(dims) != elements) {
      throw InputException.of(
          "%d elements do not fill the shape %s", elements, Arrays.toString(dims));
    }
  }
}
