package dev.inward.graph;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// Elements of a tensor out of its encoding.
final class Decode {
  private Decode() {}

  static float[] floats(Tensor tensor) {
    int count = count(tensor);
    return switch (tensor.encoding()) {
      case Encoding.Dense(var stored, var data) -> dense(stored, data.bytes(), count);
      case Encoding.Affine affine -> affine(tensor.dims(), affine, count);
      case Encoding.Palette palette -> palette(tensor.dims(), palette, count);
      case Encoding.Sparse(var mask, var values) -> {
        float[] out = new float[count];
        float[] nonzero = floats(values);
        int next = 0;
        for (int i = 0; i < count; i++) {
          if (bits(mask.bytes(), i, 1) == 1) {
            out[i] = nonzero[next++];
          }
        }
        yield out;
      }
    };
  }

  static long[] longs(Tensor tensor) {
    if (tensor.encoding() instanceof Encoding.Dense(var stored, var data)
        && (stored.isInteger() || stored == DataType.BOOL)) {
      return codes(stored, data.bytes(), count(tensor));
    }
    throw new IllegalStateException("not whole numbers: " + tensor);
  }

  private static int count(Tensor tensor) {
    long count = tensor.elements();
    if (count > Integer.MAX_VALUE - 8 || tensor.dtype() == DataType.STRING) {
      throw new IllegalStateException("cannot be decoded into one array: " + tensor.type());
    }
    return (int) count;
  }

  private static float[] dense(DataType stored, MemorySegment data, int count) {
    float[] out = new float[count];
    switch (stored) {
      case FLOAT32 -> MemorySegment.copy(data, Storage.FLOAT, 0, out, 0, count);
      case FLOAT16 -> {
        for (int i = 0; i < count; i++) {
          out[i] = Float.float16ToFloat(data.get(Storage.SHORT, 2L * i));
        }
      }
      case BFLOAT16 -> {
        for (int i = 0; i < count; i++) {
          out[i] = Float.intBitsToFloat(data.get(Storage.SHORT, 2L * i) << 16);
        }
      }
      case FLOAT64 -> {
        for (int i = 0; i < count; i++) {
          out[i] = (float) data.get(Storage.DOUBLE, 8L * i);
        }
      }
      default -> {
        long[] whole = codes(stored, data, count);
        for (int i = 0; i < count; i++) {
          out[i] = whole[i];
        }
      }
    }
    return out;
  }

  static long[] codes(DataType type, MemorySegment data, int count) {
    long[] out = new long[count];
    for (int i = 0; i < count; i++) {
      out[i] =
          switch (type) {
            case INT4 -> (bits(data, i, 4) ^ 8) - 8;
            case UINT4 -> bits(data, i, 4);
            case INT8 -> data.get(ValueLayout.JAVA_BYTE, i);
            case UINT8, BOOL -> data.get(ValueLayout.JAVA_BYTE, i) & 0xff;
            case INT16 -> data.get(Storage.SHORT, 2L * i);
            case UINT16 -> data.get(Storage.SHORT, 2L * i) & 0xffff;
            case INT32 -> data.get(Storage.INT, 4L * i);
            case UINT32 -> data.get(Storage.INT, 4L * i) & 0xffffffffL;
            case INT64, UINT64 -> data.get(Storage.LONG, 8L * i);
            case FLOAT32, FLOAT16, BFLOAT16, FLOAT64, STRING ->
                throw new IllegalStateException("not whole numbers: " + type.text());
          };
    }
    return out;
  }

  /// Element `index` of a little-endian bit stream of `width`-bit elements, `width` at most 8.
  static int bits(MemorySegment data, long index, int width) {
    long bit = index * width;
    long at = bit >>> 3;
    int low = data.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    int high = (bit & 7) + width > 8 ? data.get(ValueLayout.JAVA_BYTE, at + 1) & 0xff : 0;
    return ((low | high << 8) >>> (bit & 7)) & ((1 << width) - 1);
  }

  private static float[] affine(List<Long> dims, Encoding.Affine affine, int count) {
    long[] codes = codes(affine.codes(), affine.data().bytes(), count);
    float[] scale = affine.scale().floats();
    long[] zero = affine.zeroPoint().longs();
    var groups = new Groups(dims, affine.scale().dims());
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      int group = groups.of(i);
      out[i] = scale[group] * (codes[i] - zero[group]);
    }
    return out;
  }

  private static float[] palette(List<Long> dims, Encoding.Palette palette, int count) {
    float[] table = palette.table().floats();
    var groups = new Groups(dims, palette.table().dims().subList(0, dims.size()));
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      out[i] =
          table[
              (groups.of(i) << palette.bits())
                  + bits(palette.indices().bytes(), i, palette.bits())];
    }
    return out;
  }

  /// Which block of a coarser grid an element falls into: extents of the grid divide those of the
  /// tensor.
  record Groups(List<Long> dims, List<Long> grid) {
    Groups {
      for (int axis = 0; axis < dims.size(); axis++) {
        if (grid.size() != dims.size() || dims.get(axis) % Math.max(1, grid.get(axis)) != 0) {
          throw new IllegalArgumentException(
              "a grid of %s does not divide %s".formatted(grid, dims));
        }
      }
    }

    int of(long element) {
      long rest = element;
      long group = 0;
      long stride = 1;
      for (int axis = dims.size() - 1; axis >= 0; axis--) {
        long size = dims.get(axis);
        long block = size / grid.get(axis);
        group += rest % size / block * stride;
        stride *= grid.get(axis);
        rest /= size;
      }
      return (int) group;
    }
  }
}
