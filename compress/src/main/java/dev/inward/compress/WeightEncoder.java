package dev.inward.compress;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Encodes a float32 weight as a format says. Codes are the nearest for the stored scale, ties to
/// even; zeros come back exact, a group of equal elements but for the rounding of the scale. Scales
/// are the next larger that half precision holds, so that every format can store them in two bytes
/// and means the same weight; below its normal range they stay as they are. Source: Jacob et al.,
/// CVPR 2018, eq. 1; Krishnamoorthi, arXiv:1806.08342, section 2.
public final class WeightEncoder {
  private static final float SMALLEST_NORMAL_HALF = 0x1p-14f;
  private static final float LARGEST_HALF = 65504;
  private static final double MAGIC = 0x1.8p52;

  private WeightEncoder() {}

  /// The weight in its new encoding.
  ///
  /// @param name what to call the weight in an error
  /// @param channelAxis where a format per channel has one scale each; without one the format falls
  ///   back to one scale in all
  /// @throws InputException where the weight holds NaN or an infinity, or a number that half
  ///   precision cannot hold
  public static Tensor encode(
      String name, Tensor weight, WeightFormat format, OptionalInt channelAxis) {
    return encode(name, weight, format, Axes.channel(channelAxis));
  }

  /// The weight in its new encoding.
  ///
  /// @param name what to call the weight in an error
  /// @throws InputException where the weight holds NaN or an infinity, or a number that half
  ///   precision cannot hold
  public static Tensor encode(String name, Tensor weight, WeightFormat format, Axes axes) {
    float[] values = weight.floats();
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw InputException.at("weight '" + name + "'", "holds %s and cannot be encoded", value);
      }
    }
    return switch (format) {
      case WeightFormat.Half() -> half(name, weight, values);
      case WeightFormat.Affine affine -> affine(weight, values, affine, axes.channel());
      case WeightFormat.Searched searched -> searched(weight, values, searched, axes);
      case WeightFormat.Palette palette -> PaletteEncoder.encode(weight, values, palette, axes);
      case WeightFormat.Sparse sparse -> sparse(name, weight, values, sparse, axes);
    };
  }

  private static Tensor searched(
      Tensor weight, float[] values, WeightFormat.Searched format, Axes axes) {
    var groups = groups(weight, format.block(), axes);
    var found = ScaleSearch.run(values, groups.base, groups.offset, format.bits());
    var type = format.bits() > 4 ? DataType.INT8 : DataType.INT4;
    int[] zeros = new int[groups.base.length];
    return new Tensor(
        weight.dtype(),
        weight.dims(),
        new Encoding.Affine(
            type,
            Codes.packed(found.codes, format.bits()),
            Tensor.ofFloats(groups.grid, found.scale),
            Tensor.dense(type, groups.grid, Storage.packed(format.bits(), zeros))));
  }

  /// Which elements share a scale.
  ///
  /// @param base the first element of each group, in the order of the grid
  /// @param offset where the elements of a group are, from its first
  private record Groups(List<Long> grid, int[] base, int[] offset) {}

  private static Groups groups(Tensor weight, int block, Axes axes) {
    var dims = weight.dims();
    List<Long> grid = new ArrayList<>(Axes.grid(dims.size(), -1, 1));
    if (axes.channel().isPresent()) {
      int axis = axes.channel().getAsInt();
      grid.set(axis, dims.get(axis));
    }
    if (axes.input().isPresent() && block > 0) {
      int axis = axes.input().getAsInt();
      int size = Axes.divisor(dims.get(axis), block);
      grid.set(axis, size > 0 ? dims.get(axis) / size : 1);
    }
    List<Long> box = new ArrayList<>();
    for (int axis = 0; axis < dims.size(); axis++) {
      box.add(grid.get(axis) == 0 ? 0 : dims.get(axis) / grid.get(axis));
    }
    return new Groups(
        grid, places(dims, grid, box), places(dims, box, Axes.grid(dims.size(), -1, 1)));
  }

  /// Where the elements are that are `step` apart along each axis, `count` of them.
  private static int[] places(List<Long> dims, List<Long> count, List<Long> step) {
    int[] places = {0};
    int stride = 1;
    int[] strides = new int[dims.size()];
    for (int axis = dims.size() - 1; axis >= 0; axis--) {
      strides[axis] = stride;
      stride = Math.toIntExact(stride * dims.get(axis));
    }
    for (int axis = 0; axis < dims.size(); axis++) {
      int n = Math.toIntExact(count.get(axis));
      int by = Math.toIntExact(step.get(axis)) * strides[axis];
      int[] more = new int[Math.multiplyExact(places.length, n)];
      for (int i = 0; i < more.length; i++) {
        more[i] = places[i / n] + i % n * by;
      }
      places = more;
    }
    return places;
  }

  private static Tensor sparse(
      String name, Tensor weight, float[] values, WeightFormat.Sparse format, Axes axes) {
    boolean[] kept = Pruning.kept(weight, values, format.zeros(), axes);
    byte[] mask = new byte[Math.ceilDiv(values.length, 8)];
    float[] pruned = new float[values.length];
    int count = 0;
    for (int i = 0; i < values.length; i++) {
      if (kept[i]) {
        mask[i >> 3] |= (byte) (1 << (i & 7));
        pruned[i] = values[i];
        count++;
      }
    }
    Encoding inner =
        switch (format.values()) {
          case WeightFormat.Half() -> {
            float[] left = new float[count];
            for (int i = 0, at = 0; i < values.length; i++) {
              if (kept[i]) {
                left[at++] = values[i];
              }
            }
            Tensor dense = Tensor.ofFloats(List.of((long) count), left);
            yield half(name, dense, left).encoding();
          }
          case WeightFormat.Affine affine ->
              between(affine(weight, pruned, affine, axes.channel()), kept, count);
          case WeightFormat.Searched searched ->
              between(searched(weight, pruned, searched, axes), kept, count);
          case WeightFormat.Palette palette ->
              PaletteEncoder.between(weight, values, kept, count, palette, axes);
          case WeightFormat.Sparse _ -> throw new IllegalStateException();
        };
    return new Tensor(
        weight.dtype(), weight.dims(), new Encoding.Sparse(Storage.of(mask), count, inner));
  }

  /// The codes of the elements that are kept, with the scales of the whole.
  private static Encoding between(Tensor whole, boolean[] kept, int count) {
    var affine = (Encoding.Affine) whole.encoding();
    int bits = affine.codes().bits();
    byte[] packed = affine.data().toArray();
    byte[] codes = new byte[count];
    int at = 0;
    for (int i = 0; i < kept.length; i++) {
      if (kept[i]) {
        codes[at++] = (byte) (bits == 8 ? packed[i] : packed[i / 2] >> i % 2 * 4 & 15);
      }
    }
    return new Encoding.Affine(
        affine.codes(), Codes.packed(codes, bits), affine.scale(), affine.zeroPoint());
  }

  private static Tensor half(String name, Tensor weight, float[] values) {
    byte[] bytes = new byte[Math.multiplyExact(values.length, 2)];
    for (int i = 0; i < values.length; i++) {
      short half = Float.floatToFloat16(values[i]);
      if (!Float.isFinite(Float.float16ToFloat(half))) {
        throw InputException.at(
            "weight '" + name + "'", "holds %s, more than half precision can", values[i]);
      }
      bytes[2 * i] = (byte) half;
      bytes[2 * i + 1] = (byte) (half >> 8);
    }
    return new Tensor(
        weight.dtype(), weight.dims(), new Encoding.Dense(DataType.FLOAT16, Storage.of(bytes)));
  }

  private static Tensor affine(
      Tensor weight, float[] values, WeightFormat.Affine format, OptionalInt channelAxis) {
    boolean channels =
        format.granularity() == WeightFormat.Granularity.CHANNEL && channelAxis.isPresent();
    List<Long> grid = new ArrayList<>();
    int groups = 1;
    int inner = values.length;
    for (int axis = 0; axis < weight.rank(); axis++) {
      boolean split = channels && axis == channelAxis.getAsInt();
      grid.add(split ? weight.dims().get(axis) : 1L);
      if (split) {
        groups = Math.toIntExact(weight.dims().get(axis));
      }
    }
    if (channels) {
      inner = 1;
      for (int axis = channelAxis.getAsInt() + 1; axis < weight.rank(); axis++) {
        inner *= Math.toIntExact(weight.dims().get(axis));
      }
    }
    float[] low = new float[groups];
    float[] high = new float[groups];
    for (int run = 0; run < values.length / inner; run++) {
      int group = run % groups;
      float least = low[group];
      float most = high[group];
      for (int i = run * inner; i < (run + 1) * inner; i++) {
        float value = values[i];
        least = value < least ? value : least;
        most = value > most ? value : most;
      }
      low[group] = least;
      high[group] = most;
    }
    int top = (1 << (format.bits() - 1)) - 1;
    float[] scale = new float[groups];
    byte[] zero = new byte[groups];
    for (int g = 0; g < groups; g++) {
      if (format.asymmetric()) {
        scale[g] = half(nonZero((float) (((double) high[g] - low[g]) / (2 * top + 1))));
        zero[g] = (byte) clamp(Math.rint(-low[g] / scale[g]) - top - 1, -top - 1, top);
      } else {
        scale[g] = half(nonZero(Math.max(-low[g], high[g]) / top));
      }
    }
    int bottom = format.asymmetric() ? -top - 1 : -top;
    byte[] codes = new byte[values.length];
    for (int run = 0; run < values.length / inner; run++) {
      double inverse = 1 / (double) scale[run % groups];
      int shift = zero[run % groups];
      for (int i = run * inner; i < (run + 1) * inner; i++) {
        codes[i] = (byte) code(values[i] * inverse, bottom - shift, top - shift, shift);
      }
    }
    var type = format.bits() > 4 ? DataType.INT8 : DataType.INT4;
    return new Tensor(
        weight.dtype(),
        weight.dims(),
        new Encoding.Affine(
            type,
            Codes.packed(codes, format.bits() > 4 ? 8 : 4),
            Tensor.ofFloats(grid, scale),
            Tensor.dense(type, grid, Codes.packed(zero, format.bits() > 4 ? 8 : 4))));
  }

  /// A group of zeros has any scale; 1 keeps every format happy.
  static float nonZero(float scale) {
    return scale > 0 && Float.isFinite(1 / scale) ? scale : 1;
  }

  static float half(float scale) {
    if (scale < SMALLEST_NORMAL_HALF || scale > LARGEST_HALF) {
      return scale;
    }
    short half = Float.floatToFloat16(scale);
    return Float.float16ToFloat(Float.float16ToFloat(half) < scale ? (short) (half + 1) : half);
  }

  /// The nearest number that half precision holds; outside its normal range the number itself.
  static float nearestHalf(float value) {
    float size = Math.abs(value);
    return size < SMALLEST_NORMAL_HALF || size > LARGEST_HALF
        ? value
        : Float.float16ToFloat(Float.floatToFloat16(value));
  }

  /// The whole number nearest to a real, ties to even, between bounds: its bits are the lowest of
  /// what the addition of 1.5 * 2^52 leaves.
  static int code(double real, int low, int high) {
    return real <= low ? low : real >= high ? high : (int) Double.doubleToRawLongBits(real + MAGIC);
  }

  private static int code(double real, int low, int high, int shift) {
    return code(real, low, high) + shift;
  }

  private static int clamp(double value, int low, int high) {
    return (int) Math.max(low, Math.min(high, value));
  }
}
