package dev.inward.coreml.neural;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/// The weights of a layer as a tensor, encoded as they are in the file: float32, float16, linear
/// codes, or codes into a table of up to 256 numbers.
final class LayerWeights {
  private static final int FLOAT16 = 2;

  private LayerWeights() {}

  /// @param dims that the layer says; linear scales are one for all or one for each of the first
  static Tensor read(Fields weights, List<Long> dims) {
    long count = 1;
    for (long size : dims) {
      count = Math.multiplyExact(count, Fields.extent(size, "an extent of the weights"));
    }
    if (weights.has(31)) {
      throw UnsupportedException.of("its weights are for int8 arithmetic at run time");
    }
    var half = weights.bytes(FLOAT16);
    if (half.isPresent()) {
      check(half.get().byteSize(), 2 * count, dims);
      return new Tensor(
          DataType.FLOAT32, dims, new Encoding.Dense(DataType.FLOAT16, Storage.of(half.get())));
    }
    var codes = weights.bytes(30);
    if (codes.isPresent()) {
      return coded(codes.get(), weights.message(40), dims, count);
    }
    Storage reals = weights.reals(1);
    check(reals.size(), 4 * count, dims);
    return Tensor.dense(DataType.FLOAT32, dims, reals);
  }

  private static void check(long found, long wanted, List<Long> dims) {
    if (found != wanted) {
      throw InputException.of("its weights %s take %d bytes, the file has %d", dims, wanted, found);
    }
  }

  private static Tensor coded(MemorySegment raw, Fields quantization, List<Long> dims, long count) {
    long bits = quantization.number(1);
    if (bits < 1 || bits > 8) {
      throw InputException.of("its weights are codes of %d bits", bits);
    }
    check(raw.byteSize(), Math.ceilDiv(count * bits, 8), dims);
    int width = bits == 5 ? 6 : bits == 7 ? 8 : (int) bits;
    Storage codes =
        bits == 8
            ? Storage.of(raw)
            : Storage.packed(width, unpacked(raw, (int) bits, Math.toIntExact(count)));
    if (quantization.has(102)) {
      float[] table = floats(quantization.message(102).reals(1));
      return palette(codes, (int) bits, width, dims, List.of(table));
    }
    float[] scale = floats(quantization.message(101).reals(1));
    float[] bias = floats(quantization.message(101).reals(2));
    return linear(codes, (int) bits, width, dims, scale, bias);
  }

  /// The file has the highest bit of a code first.
  private static int[] unpacked(MemorySegment raw, int bits, int count) {
    int[] out = new int[count];
    long at = 0;
    for (int i = 0; i < count; i++) {
      for (int b = 0; b < bits; b++, at++) {
        int bit = raw.get(ValueLayout.JAVA_BYTE, at >> 3) >> (7 - (at & 7)) & 1;
        out[i] = out[i] << 1 | bit;
      }
    }
    return out;
  }

  private static float[] floats(Storage reals) {
    return Tensor.dense(DataType.FLOAT32, List.of(reals.size() / 4), reals).floats();
  }

  /// `scale * code + bias`: affine where the bias is a whole number of steps, else a table of what
  /// the codes stand for.
  private static Tensor linear(
      Storage codes, int bits, int width, List<Long> dims, float[] scale, float[] bias) {
    int groups = scale.length;
    if (groups != 1 && groups != dims.getFirst() || bias.length > 0 && bias.length != groups) {
      throw InputException.of(
          "its weights %s have %d scales and %d biases", dims, groups, bias.length);
    }
    List<float[]> tables = new ArrayList<>();
    int[] zeros = new int[groups];
    boolean whole = bits == 8 || bits == 4;
    for (int g = 0; g < groups; g++) {
      float offset = bias.length == 0 ? 0 : bias[g];
      float[] table = new float[1 << bits];
      zeros[g] = scale[g] == 0 ? -1 : Math.round(-offset / scale[g]);
      whole &= zeros[g] >= 0 && zeros[g] < table.length && Float.isFinite(scale[g]);
      for (int code = 0; code < table.length; code++) {
        table[code] = scale[g] * code + offset;
        whole &= table[code] == scale[g] * (code - zeros[g]);
      }
      tables.add(table);
    }
    if (!whole) {
      return palette(codes, bits, width, dims, tables);
    }
    DataType type = bits == 8 ? DataType.UINT8 : DataType.UINT4;
    List<Long> grid = new ArrayList<>(dims.stream().map(_ -> 1L).toList());
    grid.set(0, (long) groups);
    return new Tensor(
        DataType.FLOAT32,
        dims,
        new Encoding.Affine(
            type,
            codes,
            Tensor.ofFloats(grid, scale),
            Tensor.dense(type, grid, Storage.packed(bits, zeros))));
  }

  private static Tensor palette(
      Storage codes, int bits, int width, List<Long> dims, List<float[]> tables) {
    int entries = 1 << width;
    float[] all = new float[entries * tables.size()];
    for (int g = 0; g < tables.size(); g++) {
      float[] table = tables.get(g);
      if (table.length != 1 << bits) {
        throw InputException.of("its table has %d numbers for %d bits", table.length, bits);
      }
      System.arraycopy(table, 0, all, g * entries, table.length);
    }
    List<Long> grid = new ArrayList<>(dims.stream().map(_ -> 1L).toList());
    grid.set(0, (long) tables.size());
    grid.add((long) entries);
    return new Tensor(
        DataType.FLOAT32, dims, new Encoding.Palette(width, codes, Tensor.ofFloats(grid, all)));
  }
}
