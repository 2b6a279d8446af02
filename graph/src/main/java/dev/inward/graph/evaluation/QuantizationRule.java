package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Quantization;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What ops on codes compute. Quotients by a scale are rounded to float32 before they are rounded
/// to codes, as in the ONNX definition: a tie is then a tie for everybody.
final class QuantizationRule {
  private QuantizationRule() {}

  static List<Array> of(Quantization op, Operands in) {
    Array x = in.get(0);
    return switch (op) {
      case Quantization.Quantize(var to, long axis, long block) -> {
        int[] group = groups(x, in.get(1), axis, block);
        yield List.of(quantize(x, in.get(1), in.find(2), group, to));
      }
      case Quantization.Dequantize(long axis, long block) -> {
        int[] group = groups(x, in.get(1), axis, block);
        yield List.of(dequantize(x, in.get(1), in.find(2), group));
      }
      case Quantization.DynamicQuantize _ -> dynamic(x);
      case Quantization.MatMulInteger _ ->
          List.of(product(x, in.find(2), in.get(1), in.find(3)).cast(DataType.INT32));
      case Quantization.ConvInteger(var window, long groups) ->
          List.of(
              WindowedRule.conv(
                      centred(x, in.find(2), 1),
                      centred(in.get(1), in.find(3), 0),
                      Optional.empty(),
                      window,
                      groups,
                      DataType.INT64)
                  .cast(DataType.INT32));
      case Quantization.QLinearMatMul _ -> {
        Array sums = product(x, in.find(2), in.get(3), in.find(5));
        // The scale of b is one number or one a column, that of a one or one a row.
        yield List.of(
            requantize(sums, line(in.get(1), -2, sums), line(in.get(4), -1, sums), in, 6));
      }
      case Quantization.QLinearConv(var window, long groups) -> {
        Array sums =
            WindowedRule.conv(
                centred(x, in.find(2), 1),
                centred(in.get(3), in.find(5), 0),
                in.find(8),
                window,
                groups,
                DataType.INT64);
        Array scale = in.get(4);
        int[] channels = new int[sums.rank()];
        Arrays.fill(channels, 1);
        channels[1] = scale.size();
        yield List.of(
            requantize(
                sums,
                in.get(1).scalar("the scale of x"),
                scale.size() == 1 ? scale.scalar("the scale") : scale.withDims(channels),
                in,
                6));
      }
    };
  }

  /// Which scale each element takes.
  private static int[] groups(Array x, Array scale, long axis, long block) {
    if (block > 0) {
      int at = x.axis(axis);
      int[] expected = x.dims();
      expected[at] = Math.ceilDiv(expected[at], Math.toIntExact(block));
      if (!Arrays.equals(expected, scale.dims())) {
        throw InputException.of(
            "blocks of %d along axis %d need scales of %s, got %s",
            block, at, Arrays.toString(expected), Arrays.toString(scale.dims()));
      }
      int[] strides = Places.strides(expected);
      return Places.map(
          x.dims(),
          place -> {
            int own = place[at];
            place[at] = own / (int) block;
            int index = Places.dot(place, strides);
            place[at] = own;
            return index;
          });
    }
    if (scale.size() == 1) {
      return new int[x.size()];
    }
    int at = x.axis(axis);
    if (scale.rank() != 1 || scale.extent(0) != x.extent(at)) {
      throw InputException.of(
          "scales of %s do not fit %d channels", Arrays.toString(scale.dims()), x.extent(at));
    }
    int inner = x.between(at + 1, x.rank());
    int[] out = new int[x.size()];
    for (int i = 0; i < out.length; i++) {
      out[i] = i / inner % scale.size();
    }
    return out;
  }

  private static Array quantize(
      Array x, Array scale, Optional<Array> zero, int[] group, DataType to) {
    DataType codes = zero.map(Array::dtype).orElse(to);
    long[] out = new long[x.size()];
    for (int i = 0; i < out.length; i++) {
      double code = Math.rint((float) (x.real(i) / scale.real(group[i])));
      long offset = zero.isPresent() ? zero.get().whole(group[i]) : 0;
      out[i] = Rounding.saturated(codes, code + offset);
    }
    return Array.of(codes, x.dims(), out);
  }

  private static Array dequantize(Array x, Array scale, Optional<Array> zero, int[] group) {
    double[] out = new double[x.size()];
    for (int i = 0; i < out.length; i++) {
      long offset = zero.isPresent() ? zero.get().whole(group[i]) : 0;
      out[i] = (double) (x.whole(i) - offset) * scale.real(group[i]);
    }
    return Array.of(scale.dtype(), x.dims(), out);
  }

  /// All zeros get the scale 1.
  private static List<Array> dynamic(Array x) {
    float low = 0;
    float high = 0;
    for (int i = 0; i < x.size(); i++) {
      low = Math.min(low, (float) x.real(i));
      high = Math.max(high, (float) x.real(i));
    }
    float step = low == high ? 1 : (high - low) / 255;
    double zero = Math.rint(Math.clamp(-low / step, 0f, 255f));
    Array scale = Array.of(DataType.FLOAT32, new int[0], new double[] {step});
    Array offset = Array.of(DataType.UINT8, new int[0], new double[] {zero});
    return List.of(
        quantize(x, scale, Optional.of(offset), new int[x.size()], DataType.UINT8), scale, offset);
  }

  private static Array product(Array a, Optional<Array> aZero, Array b, Optional<Array> bZero) {
    Array left = centred(a, aZero.map(z -> line(z, -2, a)));
    Array right = centred(b, bZero.map(z -> line(z, -1, b)));
    return ProductRule.product(left, right, DataType.INT64);
  }

  /// A vector laid along an axis counted from the end; a scalar, or more than a vector, as it is.
  private static Array line(Array vector, int axis, Array beside) {
    if (vector.size() == 1) {
      return vector.withDims();
    }
    if (vector.rank() != 1 || axis == -1 || beside.rank() < 2) {
      return vector;
    }
    return vector.withDims(vector.size(), 1);
  }

  private static Array centred(Array codes, Optional<Array> zero, int channelAxis) {
    return centred(
        codes,
        zero.map(z -> {
          if (z.size() == 1) {
            return z.withDims();
          }
          int[] dims = new int[codes.rank()];
          Arrays.fill(dims, 1);
          dims[channelAxis] = z.size();
          return z.withDims(dims);
        }));
  }

  /// Codes less their zero points, as int64.
  private static Array centred(Array codes, Optional<Array> zero) {
    long[] out = codes.wholes();
    zero.ifPresent(z -> {
      Array spread = Places.broadcast(z, codes.dims());
      for (int i = 0; i < out.length; i++) {
        out[i] -= spread.whole(i);
      }
    });
    return Array.of(DataType.INT64, codes.dims(), out);
  }

  /// Sums times one float32 factor, `x scale * w scale / y scale`, rounded to codes of y.
  private static Array requantize(
      Array sums, Array xScale, Array wScale, Operands in, int yScaleAt) {
    float yScale = (float) in.get(yScaleAt).scalar("the scale of y").real(0);
    Array yZero = in.get(yScaleAt + 1).scalar("the zero point of y");
    Array left = Places.broadcast(xScale, sums.dims());
    Array right = Places.broadcast(wScale, sums.dims());
    long[] out = new long[sums.size()];
    for (int i = 0; i < out.length; i++) {
      float factor = (float) left.real(i) * (float) right.real(i) / yScale;
      double code = Math.rint((float) sums.real(i) * factor);
      out[i] = Rounding.saturated(yZero.dtype(), code + yZero.whole(0));
    }
    return Array.of(yZero.dtype(), sums.dims(), out);
  }
}
