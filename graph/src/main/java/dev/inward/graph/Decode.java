package dev.inward.graph;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;

/// Elements of a tensor out of its encoding.
final class Decode {
  /* Bytes are copied out in bulk, a few thousand elements at a time, and decoded from arrays that
   * stay in the first cache: that is fast under both compilers of the JVM, where reading a segment
   * element by element is not. Scales are looked up once a row (see Grid), so nothing is divided
   * per element. */
  static final int CHUNK = 4096;

  private Decode() {}

  static float[] floats(Tensor tensor) {
    int count = count(tensor);
    return switch (tensor.encoding()) {
      case Encoding.Dense(var stored, var data) -> dense(stored, data.bytes(), count);
      case Encoding.Affine affine -> affine(tensor, affine, count);
      case Encoding.Palette palette -> palette(tensor, palette, count);
      case Encoding.Vectors vectors -> vectors(tensor, vectors, count);
      case Encoding.Scaled(var values, var scale) -> {
        float[] out = floats(values);
        float[] by = scale.floats();
        Grid.of(tensor.dims(), scale.dims())
            .rows((start, length, group, step) -> {
              for (int i = 0; i < length; i++) {
                out[start + i] *= by[group + step[i]];
              }
            });
        yield out;
      }
      case Encoding.Sparse sparse -> sparse(tensor, sparse, count);
    };
  }

  static long[] longs(Tensor tensor) {
    if (tensor.encoding() instanceof Encoding.Dense(var stored, var data)
        && (stored.isInteger() || stored == DataType.BOOL)) {
      return longs(stored, data.bytes(), count(tensor));
    }
    throw new IllegalStateException("not whole numbers: " + tensor);
  }

  static int count(Tensor tensor) {
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
      case FLOAT16, BFLOAT16 -> {
        short[] chunk = new short[CHUNK];
        for (int start = 0; start < count; start += CHUNK) {
          int length = Math.min(CHUNK, count - start);
          MemorySegment.copy(data, Storage.SHORT, 2L * start, chunk, 0, length);
          for (int i = 0; i < length; i++) {
            out[start + i] =
                stored == DataType.FLOAT16
                    ? Float.float16ToFloat(chunk[i])
                    : Float.intBitsToFloat(chunk[i] << 16);
          }
        }
      }
      case FLOAT64 -> {
        double[] chunk = new double[CHUNK];
        for (int start = 0; start < count; start += CHUNK) {
          int length = Math.min(CHUNK, count - start);
          MemorySegment.copy(data, Storage.DOUBLE, 8L * start, chunk, 0, length);
          for (int i = 0; i < length; i++) {
            out[start + i] = (float) chunk[i];
          }
        }
      }
      default -> {
        long[] whole = longs(stored, data, count);
        for (int i = 0; i < count; i++) {
          out[i] = whole[i];
        }
      }
    }
    return out;
  }

  static long[] longs(DataType type, MemorySegment data, int count) {
    long[] out = new long[count];
    if (type == DataType.INT64 || type == DataType.UINT64) {
      MemorySegment.copy(data, Storage.LONG, 0, out, 0, count);
      return out;
    }
    int[] chunk = new int[CHUNK];
    var codes = new Codes(type, data);
    for (int start = 0; start < count; start += CHUNK) {
      int length = Math.min(CHUNK, count - start);
      codes.read(start, chunk, length);
      for (int i = 0; i < length; i++) {
        out[start + i] = type == DataType.UINT32 ? chunk[i] & 0xffffffffL : chunk[i];
      }
    }
    return out;
  }

  private static float[] affine(Tensor tensor, Encoding.Affine affine, int count) {
    float[] scale = affine.scale().floats();
    long[] zero = affine.zeroPoint().longs();
    float[] out = new float[count];
    var grid = Grid.of(tensor.dims(), affine.scale().dims());
    if (affine.codes().bits() > 16) {
      long[] codes = longs(affine.codes(), affine.data().bytes(), count);
      grid.rows((start, length, group, step) -> {
        for (int i = 0; i < length; i++) {
          int at = group + step[i];
          out[start + i] = scale[at] * (codes[start + i] - zero[at]);
        }
      });
      return out;
    }
    int[] zeros = Arrays.stream(zero).mapToInt(Math::toIntExact).toArray();
    var codes = new Codes(affine.codes(), affine.data().bytes());
    int[] chunk = new int[CHUNK];
    grid.rows((start, length, group, step) -> {
      codes.read(start, chunk, length);
      if (grid.uniformRows()) {
        float by = scale[group];
        int from = zeros[group];
        for (int i = 0; i < length; i++) {
          out[start + i] = by * (chunk[i] - from);
        }
      } else {
        for (int i = 0; i < length; i++) {
          int at = group + step[i];
          out[start + i] = scale[at] * (chunk[i] - zeros[at]);
        }
      }
    });
    return out;
  }

  private static float[] palette(Tensor tensor, Encoding.Palette palette, int count) {
    float[] table = palette.table().floats();
    int bits = palette.bits();
    var grid = Grid.of(tensor.dims(), palette.table().dims().subList(0, tensor.rank()));
    var indices = new Codes(bits, /* signed= */ false, palette.indices().bytes());
    int[] chunk = new int[CHUNK];
    float[] out = new float[count];
    grid.rows((start, length, group, step) -> {
      indices.read(start, chunk, length);
      for (int i = 0; i < length; i++) {
        out[start + i] = table[(group + step[i] << bits) + chunk[i]];
      }
    });
    return out;
  }

  private static float[] vectors(Tensor tensor, Encoding.Vectors vectors, int count) {
    var dims = vectors.indexDims(tensor.dims());
    int rank = dims.size();
    int width = vectors.width();
    int bits = vectors.bits();
    float[] table = vectors.table().floats();
    var indices = new Codes(bits, /* signed= */ false, vectors.indices().bytes());
    int inner = 1;
    for (int axis = vectors.axis() + 1; axis < rank; axis++) {
      inner *= Math.toIntExact(dims.get(axis));
    }
    int stride = inner;
    int[] chunk = new int[CHUNK];
    float[] out = new float[count];
    Grid.of(dims, vectors.table().dims().subList(0, rank))
        .rows((start, length, group, step) -> {
          indices.read(start, chunk, length);
          for (int i = 0; i < length; i++) {
            int from = ((group + step[i] << bits) + chunk[i]) * width;
            int at = start + i;
            int to = at / stride * stride * width + at % stride;
            for (int k = 0; k < width; k++) {
              out[to + k * stride] = table[from + k];
            }
          }
        });
    return out;
  }

  private static float[] sparse(Tensor tensor, Encoding.Sparse sparse, int count) {
    byte[] mask = sparse.mask().toArray();
    int values = Math.toIntExact(sparse.count());
    float[] out = new float[count];
    return switch (sparse.values()) {
      case Encoding.Dense(var stored, var data) ->
          spread(mask, dense(stored, data.bytes(), values), out);
      case Encoding.Affine affine -> {
        float[] scale = affine.scale().floats();
        long[] zero = affine.zeroPoint().longs();
        long[] codes = longs(affine.codes(), affine.data().bytes(), values);
        places(
            tensor,
            affine.scale().dims(),
            mask,
            (at, next, group) -> out[at] = scale[group] * (codes[next] - zero[group]));
        yield out;
      }
      case Encoding.Palette palette -> {
        float[] table = palette.table().floats();
        var grid = palette.table().dims().subList(0, palette.table().rank() - 1);
        int[] indices = new int[values];
        int[] chunk = new int[CHUNK];
        var codes = new Codes(palette.bits(), /* signed= */ false, palette.indices().bytes());
        for (int start = 0; start < values; start += CHUNK) {
          int length = Math.min(CHUNK, values - start);
          codes.read(start, chunk, length);
          System.arraycopy(chunk, 0, indices, start, length);
        }
        places(
            tensor,
            grid,
            mask,
            (at, next, group) -> out[at] = table[(group << palette.bits()) + indices[next]]);
        yield out;
      }
      case Encoding.Vectors _, Encoding.Scaled _, Encoding.Sparse _ ->
          throw new IllegalStateException("values between zeros: " + tensor);
    };
  }

  private static float[] spread(byte[] mask, float[] values, float[] out) {
    int next = 0;
    for (int i = 0; i < out.length; i++) {
      if ((mask[i >> 3] >> (i & 7) & 1) == 1) {
        out[i] = values[next++];
      }
    }
    return out;
  }

  private interface Place {
    /// Element `at` of the tensor is value `next` and lies in the given group.
    void visit(int at, int next, int group);
  }

  private static void places(Tensor tensor, List<Long> groups, byte[] mask, Place place) {
    boolean single = groups.stream().allMatch(g -> g == 1);
    var grid =
        Grid.of(tensor.dims(), single ? tensor.dims().stream().map(_ -> 1L).toList() : groups);
    int[] next = {0};
    grid.rows((start, length, group, step) -> {
      for (int i = start; i < start + length; i++) {
        if ((mask[i >> 3] >> (i & 7) & 1) == 1) {
          place.visit(i, next[0]++, group + step[i - start]);
        }
      }
    });
  }

  /// Whole numbers of at most 32 bits in a segment; those of 32 bits without a sign as their bits.
  static final class Codes {
    private final int bits;
    private final boolean signed;
    private final MemorySegment data;
    private final byte[] bytes = new byte[4 * CHUNK + 1];

    Codes(DataType type, MemorySegment data) {
      this(type.bits(), type.isSigned(), data);
      if (type != DataType.BOOL && !type.isInteger() || type.bits() > 32) {
        throw new IllegalStateException("not whole numbers of 32 bits: " + type.text());
      }
    }

    Codes(int bits, boolean signed, MemorySegment data) {
      this.bits = bits;
      this.signed = signed;
      this.data = data;
    }

    /// Elements from `start` on, at most [#CHUNK].
    void read(int start, int[] into, int length) {
      long firstBit = (long) start * bits;
      long endBit = firstBit + (long) length * bits;
      long first = firstBit >>> 3;
      int size = (int) (((endBit + 7) >>> 3) - first);
      MemorySegment.copy(data, ValueLayout.JAVA_BYTE, first, bytes, 0, size);
      bytes[size] = 0;
      switch (bits) {
        case 8 -> {
          for (int i = 0; i < length; i++) {
            into[i] = signed ? bytes[i] : bytes[i] & 0xff;
          }
        }
        case 16 -> {
          for (int i = 0; i < length; i++) {
            int high = signed ? bytes[2 * i + 1] : bytes[2 * i + 1] & 0xff;
            into[i] = high << 8 | bytes[2 * i] & 0xff;
          }
        }
        case 32 -> MemorySegment.copy(data, Storage.INT, 4L * start, into, 0, length);
        default -> {
          int bit = (int) (firstBit & 7);
          int mask = (1 << bits) - 1;
          int sign = signed ? 1 << bits - 1 : 0;
          for (int i = 0; i < length; i++, bit += bits) {
            int at = bit >>> 3;
            int pair = bytes[at] & 0xff | (bytes[at + 1] & 0xff) << 8;
            into[i] = (pair >>> (bit & 7) & mask ^ sign) - sign;
          }
        }
      }
    }
  }
}
