package dev.inward.compress;

import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Palettes of numbers: the elements that share a table are counted by their value in half
/// precision (weights are stored so, or near enough: each count keeps the sum of what it counts),
/// the counts are clustered ([Means]), and an element gets the index of the entry nearest to it.
final class PaletteEncoder {
  private static final int KEYS = 1 << 16;

  private final float[] values;

  /// The elements as half precision where that is how they are stored, all of them count and none
  /// is scaled; else empty.
  private final short[] halves;

  private final boolean[] kept;
  private final WeightFormat.Palette format;
  private final int channels;
  private final int inner;
  private final int outer;
  private final int group;
  private final float[] channelScale;
  private final byte[] codes;
  private final float[] table;
  private final byte[] tableCodes;
  private final float[] tableScale;

  /// @param kept which elements count, empty for all
  private PaletteEncoder(
      Tensor weight, float[] values, boolean[] kept, WeightFormat.Palette format, Axes axes) {
    this.values = values;
    this.kept = kept;
    this.halves =
        weight.encoding() instanceof Encoding.Dense(var stored, var data)
                && stored == DataType.FLOAT16
                && kept.length == 0
                && !format.scaled()
            ? data.bytes().toArray(Storage.SHORT)
            : new short[0];
    this.format = format;
    boolean split = axes.channel().isPresent();
    int axis = split ? axes.channel().getAsInt() : 0;
    int all = split ? Math.toIntExact(weight.dims().get(axis)) : 1;
    int size = split && format.group() > 0 ? Axes.divisor(all, format.group()) : 0;
    this.channels = all;
    this.group = size == 0 ? all : size;
    this.outer = split ? Axes.product(weight.dims(), 0, axis) : 1;
    this.inner = split ? Axes.product(weight.dims(), axis + 1, weight.rank()) : values.length;
    this.channelScale = new float[format.scaled() ? channels : 0];
    this.codes = new byte[values.length];
    int tables = channels / group;
    this.table = new float[tables << format.bits()];
    this.tableCodes = new byte[format.int8Table() ? table.length : 0];
    this.tableScale = new float[format.int8Table() ? tables : 0];
  }

  static Tensor encode(Tensor weight, float[] values, WeightFormat.Palette format, Axes axes) {
    if (format.vector() > 1
        && axes.channel().isPresent()
        && weight.dims().get(axes.channel().getAsInt()) % format.vector() == 0) {
      return VectorEncoder.encode(weight, values, format, axes.channel().getAsInt());
    }
    var encoder = new PaletteEncoder(weight, values, new boolean[0], format, axes);
    encoder.run();
    int channelAxis = axes.channel().orElse(-1);
    var palette =
        new Encoding.Palette(
            format.bits(),
            Codes.packed(encoder.codes, format.bits()),
            encoder.table(weight.rank(), channelAxis));
    if (!format.scaled()) {
      return new Tensor(weight.dtype(), weight.dims(), palette);
    }
    var grid = Axes.grid(weight.rank(), channelAxis, encoder.channels);
    return new Tensor(
        weight.dtype(),
        weight.dims(),
        new Encoding.Scaled(
            new Tensor(weight.dtype(), weight.dims(), palette),
            Tensor.ofFloats(grid, encoder.channelScale)));
  }

  /// The palette of the elements that are kept, one after the other.
  static Encoding between(
      Tensor weight,
      float[] values,
      boolean[] kept,
      int count,
      WeightFormat.Palette format,
      Axes axes) {
    var encoder = new PaletteEncoder(weight, values, kept, format, axes);
    encoder.run();
    return new Encoding.Palette(
        format.bits(),
        Codes.packed(Codes.kept(encoder.codes, kept, count), format.bits()),
        encoder.table(weight.rank(), axes.channel().orElse(-1)));
  }

  private void run() {
    if (format.scaled()) {
      scale();
    }
    IntStream.range(0, channels / group).parallel().forEach(this::cluster);
  }

  private Tensor table(int rank, int axis) {
    int tables = channels / group;
    List<Long> dims = new ArrayList<>(Axes.grid(rank, tables == 1 ? -1 : axis, tables));
    dims.add(1L << format.bits());
    if (!format.int8Table()) {
      return Tensor.ofFloats(dims, table);
    }
    List<Long> grid = new ArrayList<>(dims);
    grid.set(rank, 1L);
    int[] zeros = new int[tableScale.length];
    return new Tensor(
        DataType.FLOAT32,
        dims,
        new Encoding.Affine(
            DataType.INT8,
            Codes.packed(tableCodes, 8),
            Tensor.ofFloats(grid, tableScale),
            Tensor.dense(DataType.INT8, grid, Storage.packed(8, zeros))));
  }

  /// Channels are brought to a largest element of 1; one of zeros has scale 1.
  private void scale() {
    for (int o = 0; o < outer; o++) {
      for (int c = 0; c < channels; c++) {
        int start = (o * channels + c) * inner;
        for (int i = start; i < start + inner; i++) {
          channelScale[c] = Math.max(channelScale[c], Math.abs(values[i]));
        }
      }
    }
    for (int c = 0; c < channels; c++) {
      channelScale[c] = WeightEncoder.nearestHalf(WeightEncoder.nonZero(channelScale[c]));
    }
  }

  private float at(int i, int channel) {
    return format.scaled() ? values[i] / channelScale[channel] : values[i];
  }

  private boolean counts(int i) {
    return kept.length == 0 || kept[i];
  }

  /// One table for the channels `[g * group, (g + 1) * group)`.
  private void cluster(int g) {
    int entries = 1 << format.bits();
    boolean exact = halves.length > 0;
    float unit = exact ? 1 : unit(g);
    double[] weights = new double[KEYS];
    double[] sums = new double[KEYS];
    if (exact) {
      count(g, weights, sums);
    } else {
      sum(g, unit, weights, sums);
    }
    int distinct = 0;
    for (double weight : weights) {
      distinct += weight > 0 ? 1 : 0;
    }
    double[] mass = new double[distinct];
    double[] total = new double[distinct];
    int n = 0;
    for (int key = 0; key < KEYS; key++) {
      if (weights[key] > 0) {
        mass[n] = weights[key];
        total[n++] = sums[key];
      }
    }
    var means = Means.of(total, mass);
    double[] found = means.means(means.cuts(entries));
    float[] own = new float[entries];
    for (int e = 0; e < entries; e++) {
      // Entries that nothing needs repeat the last.
      double mean = found.length == 0 ? 0 : found[Math.min(e, found.length - 1)];
      own[e] = WeightEncoder.nearestHalf((float) mean);
    }
    if (format.int8Table()) {
      inInt8(own, g);
    }
    System.arraycopy(own, 0, table, g * entries, entries);
    float[] middle = new float[own.length - 1];
    for (int e = 0; e < middle.length; e++) {
      middle[e] = (own[e] + own[e + 1]) / 2;
    }
    byte[] first = first(middle, unit);
    if (exact) {
      lookUp(g, first);
    } else {
      search(g, unit, middle, first);
    }
  }

  private void count(int g, double[] weights, double[] sums) {
    int[] counts = new int[KEYS];
    for (int o = 0; o < outer; o++) {
      int start = (o * channels + g * group) * inner;
      int end = start + group * inner;
      for (int i = start; i < end; i++) {
        counts[halves[i] & 0xffff]++;
      }
    }
    for (int half = 0; half < KEYS; half++) {
      if (counts[half] > 0) {
        // Both zeros are one number.
        int key = half == 0x8000 ? key((short) 0) : key((short) half);
        weights[key] += counts[half];
        sums[key] = weights[key] * Float.float16ToFloat((short) half);
      }
    }
  }

  private void sum(int g, float unit, double[] weights, double[] sums) {
    for (int o = 0; o < outer; o++) {
      for (int c = g * group; c < (g + 1) * group; c++) {
        int start = (o * channels + c) * inner;
        // An error in a channel counts by its scale.
        double weight = format.scaled() ? (double) channelScale[c] * channelScale[c] : 1;
        for (int i = start; i < start + inner; i++) {
          if (counts(i)) {
            float value = at(i, c);
            int key = key(Float.floatToFloat16(value * unit));
            weights[key] += weight;
            sums[key] += weight * value;
          }
        }
      }
    }
  }

  /// Elements of one key are equal, and so are their entries.
  private void lookUp(int g, byte[] first) {
    byte[] entry = new byte[KEYS];
    for (int half = 0; half < KEYS; half++) {
      entry[half] = first[half == 0x8000 ? key((short) 0) : key((short) half)];
    }
    for (int o = 0; o < outer; o++) {
      int start = (o * channels + g * group) * inner;
      int end = start + group * inner;
      for (int i = start; i < end; i++) {
        codes[i] = entry[halves[i] & 0xffff];
      }
    }
  }

  private void inInt8(float[] own, int g) {
    float most = 0;
    for (float entry : own) {
      most = Math.max(most, Math.abs(entry));
    }
    tableScale[g] = WeightEncoder.half(WeightEncoder.nonZero(most / 127));
    for (int e = 0; e < own.length; e++) {
      int code = (int) Math.clamp(Math.rint(own[e] / (double) tableScale[g]), -127, 127);
      tableCodes[g * own.length + e] = (byte) code;
      own[e] = tableScale[g] * code;
    }
  }

  /// The power of two that brings the largest element of a group to half precision's normal range.
  private float unit(int g) {
    float most = 0;
    for (int o = 0; o < outer; o++) {
      for (int c = g * group; c < (g + 1) * group; c++) {
        int start = (o * channels + c) * inner;
        for (int i = start; i < start + inner; i++) {
          most = Math.max(most, Math.abs(at(i, c)));
        }
      }
    }
    int exponent = Math.clamp(14 - Math.getExponent(most), -126, 127);
    return most > 0 ? Math.scalb(1f, exponent) : 1;
  }

  /// A number for each half, in the order of the numbers that they stand for.
  private static int key(short half) {
    int bits = half & 0xffff;
    return bits < 0x8000 ? bits + 0x8000 : 0xffff - bits;
  }

  private static float ofKey(int key) {
    return Float.float16ToFloat((short) (key >= 0x8000 ? key - 0x8000 : 0xffff - key));
  }

  /// The entry of each key, where all of its elements are the number that it stands for.
  private static byte[] first(float[] middle, float unit) {
    byte[] first = new byte[KEYS];
    int entry = 0;
    for (int key = 0; key < KEYS; key++) {
      float value = ofKey(key) / unit;
      while (entry < middle.length && value > middle[entry]) {
        entry++;
      }
      first[key] = (byte) entry;
    }
    return first;
  }

  private void search(int g, float unit, float[] middle, byte[] first) {
    for (int o = 0; o < outer; o++) {
      for (int c = g * group; c < (g + 1) * group; c++) {
        int start = (o * channels + c) * inner;
        for (int i = start; i < start + inner; i++) {
          if (counts(i)) {
            float value = at(i, c);
            int e = first[key(Float.floatToFloat16(value * unit))] & 0xff;
            while (e < middle.length && value > middle[e]) {
              e++;
            }
            while (e > 0 && value <= middle[e - 1]) {
              e--;
            }
            codes[i] = (byte) e;
          }
        }
      }
    }
  }
}
