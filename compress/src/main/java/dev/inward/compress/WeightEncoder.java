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
    float[] values = weight.floats();
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw InputException.at("weight '" + name + "'", "holds %s and cannot be encoded", value);
      }
    }
    return switch (format) {
      case WeightFormat.Half() -> half(name, weight, values);
      case WeightFormat.Affine affine -> affine(weight, values, affine, channelAxis);
    };
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
      for (int i = run * inner; i < (run + 1) * inner; i++) {
        low[group] = Math.min(low[group], values[i]);
        high[group] = Math.max(high[group], values[i]);
      }
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
      double step = scale[run % groups];
      double shift = zero[run % groups];
      for (int i = run * inner; i < (run + 1) * inner; i++) {
        codes[i] = (byte) clamp(Math.rint(values[i] / step) + shift, bottom, top);
      }
    }
    var type = format.bits() > 4 ? DataType.INT8 : DataType.INT4;
    return new Tensor(
        weight.dtype(),
        weight.dims(),
        new Encoding.Affine(
            type,
            Storage.of(packed(codes, format.bits())),
            Tensor.ofFloats(grid, scale),
            Tensor.dense(type, grid, Storage.of(packed(zero, format.bits())))));
  }

  /// A group of zeros has any scale; 1 keeps every format happy.
  private static float nonZero(float scale) {
    return scale > 0 && Float.isFinite(1 / scale) ? scale : 1;
  }

  private static float half(float scale) {
    if (scale < SMALLEST_NORMAL_HALF || scale > LARGEST_HALF) {
      return scale;
    }
    short half = Float.floatToFloat16(scale);
    return Float.float16ToFloat(Float.float16ToFloat(half) < scale ? (short) (half + 1) : half);
  }

  private static int clamp(double value, int low, int high) {
    return (int) Math.max(low, Math.min(high, value));
  }

  private static byte[] packed(byte[] codes, int bits) {
    if (bits > 4) {
      return codes;
    }
    byte[] out = new byte[Math.ceilDiv(codes.length, 2)];
    for (int i = 0; i < codes.length; i++) {
      out[i / 2] |= (byte) ((codes[i] & 15) << (i % 2 * 4));
    }
    return out;
  }
}
