package dev.inward.coreml;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.IntStream;

/// Elements of constants between a graph's types and those of a program.
final class Constants {
  /// The largest finite float16.
  static final float LARGEST_HALF = 65504f;

  /// The smallest positive float16.
  static final float SMALLEST_HALF = 0x1p-24f;

  /// From here on a float32 stands for infinity: models write the lowest float32 where they mean
  /// "nothing".
  static final float AS_GOOD_AS_INFINITE = 1e38f;

  /// 2^-14, from which on float16 has all its digits, and 65504, as float32.
  private static final int LEAST_NORMAL_BITS = 0x38800000;

  private static final int LARGEST_BITS = 0x477FE000;

  /// Elements that a thread rounds at a time, about.
  private static final int PIECE = 1 << 16;

  private Constants() {}

  /// The bytes of a constant that is no text.
  static Storage bytes(Mil.Content content) {
    return switch (content) {
      case Mil.Content.Stored(var bytes) -> bytes;
      case Mil.Content.Made(var made) -> made.get();
      case Mil.Content.Text _ -> throw new IllegalStateException("texts have no bytes");
    };
  }

  /// Rounded to nearest float16, ties to even. Finite numbers stay finite (at most 65504), and
  /// numbers other than zero stay other than zero: a mask of -3.4e38 must not become an infinity
  /// that turns 0 * x into NaN, an epsilon of 1e-12 must not vanish.
  static short half(float value) {
    int bits = Float.floatToRawIntBits(value);
    int magnitude = bits & Integer.MAX_VALUE;
    if (magnitude >= LEAST_NORMAL_BITS && magnitude <= LARGEST_BITS) {
      // Most weights: thirteen digits fewer, and a smaller bias of the exponent.
      int rounded = magnitude + 0xFFF + (magnitude >>> 13 & 1);
      return (short) (bits >>> 16 & 0x8000 | (rounded >>> 13) - (127 - 15 << 10));
    }
    float size = Math.abs(value);
    if (size > LARGEST_HALF && size < Float.POSITIVE_INFINITY) {
      return Float.floatToFloat16(Math.copySign(LARGEST_HALF, value));
    }
    if (size < SMALLEST_HALF && size > 0) {
      return Float.floatToFloat16(Math.copySign(SMALLEST_HALF, value));
    }
    return Float.floatToFloat16(value);
  }

  static Storage halves(float... values) {
    short[] halves = new short[values.length];
    int tasks = values.length / PIECE + 1;
    IntStream.range(0, tasks)
        .parallel()
        .forEach(task -> {
          int from = (int) ((long) values.length * task / tasks);
          int to = (int) ((long) values.length * (task + 1) / tasks);
          for (int i = from; i < to; i++) {
            halves[i] = half(values[i]);
          }
        });
    var out = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, 2)]);
    MemorySegment.copy(halves, 0, out, Storage.SHORT, 0, halves.length);
    return Storage.of(out);
  }

  /// Whole numbers or booleans in the bytes of their type, which is at least 8 bits wide.
  static Storage whole(MilType type, long... values) {
    int width = type.bits() / 8;
    byte[] out = new byte[Math.multiplyExact(values.length, width)];
    for (int i = 0; i < values.length; i++) {
      for (int b = 0; b < width; b++) {
        out[i * width + b] = (byte) (values[i] >>> 8 * b);
      }
    }
    return Storage.of(out);
  }

  /// A scalar or vector of floats in the given float type.
  static Mil.Value floats(MilType type, List<Long> dims, float... values) {
    return Mil.Value.of(type, dims, type == MilType.FLOAT16 ? halves(values) : Storage.of(values));
  }

  /// A vector of int32.
  static Mil.Value ints(List<Long> values) {
    values.forEach(Constants::requireKnown);
    return Mil.Value.of(
        MilType.INT32,
        List.of((long) values.size()),
        whole(MilType.INT32, values.stream().mapToLong(Long::longValue).toArray()));
  }

  /// @throws ArithmeticException where it was computed from an extent that is not known
  private static void requireKnown(long value) {
    if (Mil.isUnknown(value)) {
      throw new ArithmeticException("an extent is not known");
    }
  }

  static Mil.Value bools(List<Boolean> values) {
    return Mil.Value.of(
        MilType.BOOL,
        List.of((long) values.size()),
        whole(MilType.BOOL, values.stream().mapToLong(v -> v ? 1 : 0).toArray()));
  }

  static Mil.Value scalar(long value) {
    requireKnown(value);
    return Mil.Value.of(MilType.INT32, List.of(), whole(MilType.INT32, value));
  }

  static Mil.Value scalar(boolean value) {
    return Mil.Value.of(MilType.BOOL, List.of(), whole(MilType.BOOL, value ? 1 : 0));
  }

  /// A plainly stored tensor in the wanted type.
  ///
  /// @throws UnsupportedException where a whole number does not fit, or the type has no counterpart
  static Mil.Value plain(String where, Tensor tensor, MilType wanted) {
    if (wanted.isFloat()) {
      if (tensor.encoding() instanceof Encoding.Dense(var stored, var data)
          && MilType.FLOAT16 == wanted
          && stored == DataType.FLOAT16) {
        return Mil.Value.of(wanted, tensor.dims(), data);
      }
      if (wanted == MilType.FLOAT16) {
        return new Mil.Value(
            wanted, tensor.dims(), new Mil.Content.Made(() -> halves(tensor.floats())));
      }
      if (tensor.encoding() instanceof Encoding.Dense(var stored, var data)
          && stored == DataType.FLOAT32) {
        return Mil.Value.of(wanted, tensor.dims(), data);
      }
      return new Mil.Value(
          wanted, tensor.dims(), new Mil.Content.Made(() -> Storage.of(tensor.floats())));
    }
    if (tensor.encoding() instanceof Encoding.Dense(var stored, var data)
        && wanted.graphType().filter(stored::equals).isPresent()) {
      return Mil.Value.of(wanted, tensor.dims(), data);
    }
    long[] values = tensor.longs();
    long low = wanted == MilType.BOOL ? 0 : least(wanted);
    long high = wanted == MilType.BOOL ? 1 : most(wanted);
    for (long value : values) {
      if (value < low || value > high) {
        throw UnsupportedException.at(
                where, "the constant holds %d, which %s cannot hold", value, wanted.text())
            .hint("Core ML computes whole numbers in 32 bits; fold or clip the constant first");
      }
    }
    return Mil.Value.of(wanted, tensor.dims(), whole(wanted, values));
  }

  private static long least(MilType type) {
    return isSigned(type) ? -1L << (type.bits() - 1) : 0;
  }

  private static long most(MilType type) {
    return (1L << (isSigned(type) ? type.bits() - 1 : type.bits())) - 1;
  }

  private static boolean isSigned(MilType type) {
    return type.name().startsWith("INT");
  }
}
