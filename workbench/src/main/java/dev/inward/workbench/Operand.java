package dev.inward.workbench;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.data.NamedArray;
import dev.inward.data.Npy;
import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Shape;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.Value;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/// Arrays of a person as operands of a model, and results of a model as arrays.
public final class Operand {
  private Operand() {}

  /// Reads a `.npy` file for an input: its numbers in the input's type, and its shape checked.
  ///
  /// @throws InputException where the file is damaged or of another shape, or holds fractions for
  ///   an input of whole numbers
  public static Tensor read(Path file, Value input) {
    Npy npy = Npy.open(file);
    List<Integer> shape = npy.shape();
    Shape wanted = input.type().shape();
    List<Long> dims = shape.stream().map(Integer::longValue).toList();
    if (!takes(wanted, dims)) {
      throw InputException.at(
          file.toString(),
          "has the shape %s, input '%s' is %s",
          Shape.ofKnown(dims),
          input.name(),
          input.type());
    }
    if (shape.isEmpty() || shape.getFirst() == 0) {
      throw InputException.at(file.toString(), "holds no array with a first axis")
          .hint("save a single number as an array of the shape (1,)");
    }
    NamedArray array = npy.rows(input.name(), 0, shape.getFirst());
    if (array instanceof NamedArray.Floats && !input.type().dtype().isFloat()) {
      throw InputException.at(
          file.toString(),
          "holds reals, input '%s' takes %s",
          input.name(),
          input.type().dtype().text());
    }
    Tensor tensor =
        switch (array) {
          case NamedArray.Floats(_, _, var values) -> Tensor.ofFloats(dims, values);
          case NamedArray.Longs(_, _, var values) -> Tensor.ofLongs(dims, values);
        };
    return as(
        wanted.ranked() && wanted.rank() == 0 ? tensor.withDims(List.of()) : tensor,
        input.type().dtype());
  }

  /// Whether an input takes an array: an extent that is a symbol takes any, a scalar one number.
  private static boolean takes(Shape wanted, List<Long> dims) {
    if (!wanted.ranked() || wanted.rank() == 0 && dims.equals(List.of(1L))) {
      return true;
    }
    return wanted.rank() == dims.size()
        && IntStream.range(0, dims.size())
            .allMatch(axis ->
                switch (wanted.dim(axis)) {
                  case Dim.Known(var size) -> size == dims.get(axis);
                  case Dim.Symbol _ -> true;
                });
  }

  /// The same numbers in another type, as an input of that type takes them.
  ///
  /// @throws InputException where a whole number does not fit the type
  public static Tensor as(Tensor tensor, DataType type) {
    if (tensor.dtype() == type) {
      return tensor;
    }
    if (type.isFloat()) {
      float[] values = tensor.dtype().isFloat() ? tensor.floats() : reals(tensor.longs());
      return switch (type) {
        case FLOAT32 -> Tensor.ofFloats(tensor.dims(), values);
        case FLOAT16 ->
            bytes(
                tensor,
                type,
                values.length,
                (to, i) -> to.set(Storage.SHORT, 2L * i, Float.floatToFloat16(values[i])));
        case FLOAT64 ->
            bytes(
                tensor, type, values.length, (to, i) -> to.set(Storage.DOUBLE, 8L * i, values[i]));
        default -> throw unsupported(type);
      };
    }
    if (type == DataType.STRING || type.bits() < 8) {
      throw unsupported(type);
    }
    long[] values = tensor.dtype().isFloat() ? wholes(tensor.floats()) : tensor.longs();
    long least = type == DataType.BOOL || !type.isSigned() ? 0 : -1L << (type.bits() - 1);
    long most =
        type == DataType.BOOL
            ? 1
            : type.bits() == 64 ? Long.MAX_VALUE : least + (1L << type.bits()) - 1;
    for (long value : values) {
      if (value < least || value > most) {
        throw InputException.of("%d is no %s", value, type.text());
      }
    }
    int width = type.bits() / 8;
    return bytes(
        tensor,
        type,
        values.length,
        (to, i) -> {
          for (int b = 0; b < width; b++) {
            to.set(
                java.lang.foreign.ValueLayout.JAVA_BYTE,
                (long) width * i + b,
                (byte) (values[i] >> (8 * b)));
          }
        });
  }

  /// A result under its name, as a `.npy` file takes it.
  public static NamedArray array(String name, Tensor tensor) {
    List<Integer> dims = tensor.dims().stream().map(Math::toIntExact).toList();
    return tensor.dtype().isFloat()
        ? new NamedArray.Floats(name, dims, tensor.floats())
        : new NamedArray.Longs(name, dims, tensor.longs());
  }

  private interface Element {
    void put(MemorySegment to, int index);
  }

  private static Tensor bytes(Tensor of, DataType type, int count, Element element) {
    var bytes = MemorySegment.ofArray(new byte[Math.toIntExact(type.bytes(count))]);
    for (int i = 0; i < count; i++) {
      element.put(bytes, i);
    }
    return Tensor.dense(type, of.dims(), Storage.of(bytes));
  }

  private static float[] reals(long[] values) {
    float[] reals = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      reals[i] = values[i];
    }
    return reals;
  }

  private static long[] wholes(float[] values) {
    long[] wholes = new long[values.length];
    for (int i = 0; i < values.length; i++) {
      wholes[i] = (long) values[i];
    }
    return wholes;
  }

  private static UnsupportedException unsupported(DataType type) {
    return UnsupportedException.of("no arrays of type %s go into a model here", type.text());
  }
}
