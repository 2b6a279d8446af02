package dev.inward.training;

import ai.djl.ndarray.NDArray;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Quantization;
import java.util.Arrays;

/// Rounding to codes on PyTorch, with a straight-through gradient: rounding itself passes it on,
/// clamping stops it. Codes are held as reals.
///
/// Through `scale * (clip(round(x / scale) + zero) - zero)` the gradient of the scale is `round(x /
/// scale) - x / scale` within the range and the code at its ends. Source: Esser et al., "Learned
/// step size quantization", ICLR 2020, eq. 3.
final class QuantizationForward {
  private QuantizationForward() {}

  static NDArray of(Quantization op, Operands in) {
    return switch (op) {
      case Quantization.Quantize(var to, long axis, long block) -> {
        NDArray x = in.live(0);
        NDArray steps = x.div(spread(x, in.live(1), axis, block));
        NDArray codes = straight(steps);
        codes = in.has(2) ? codes.add(spread(x, in.live(2), axis, block)) : codes;
        yield codes.clip(least(to), most(to));
      }
      case Quantization.Dequantize(long axis, long block) -> {
        NDArray codes = in.live(0);
        NDArray centred = in.has(2) ? codes.sub(spread(codes, in.live(2), axis, block)) : codes;
        yield centred.mul(spread(codes, in.live(1), axis, block));
      }
      case Quantization.DynamicQuantize _,
          Quantization.MatMulInteger _,
          Quantization.ConvInteger _,
          Quantization.QLinearConv _,
          Quantization.QLinearMatMul _ ->
          throw UnsupportedException.of("%s is not trained", op.name())
              .hint("train the model before it is brought to the form that a runtime wants");
    };
  }

  /// Rounded to whole numbers, ties to even; the gradient passes as if it were not.
  static NDArray straight(NDArray x) {
    NDArray fixed = x.stopGradient();
    return x.sub(fixed).add(fixed.round());
  }

  static int least(DataType type) {
    return type.isSigned() ? -(1 << type.bits() - 1) : 0;
  }

  static int most(DataType type) {
    return least(type) + (1 << type.bits()) - 1;
  }

  /// A scale or zero point for each element of `x`.
  private static NDArray spread(NDArray x, NDArray of, long named, long block) {
    int rank = x.getShape().dimension();
    if (of.size() == 1) {
      return of.reshape(new long[0]);
    }
    int axis = NormalizationForward.axis(named, rank);
    if (block == 0) {
      long[] dims = new long[rank];
      Arrays.fill(dims, 1);
      dims[axis] = of.size();
      return of.reshape(dims);
    }
    return of.repeat(axis, block);
  }
}
