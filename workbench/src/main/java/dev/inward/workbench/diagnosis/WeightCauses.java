package dev.inward.workbench.diagnosis;

import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Product;
import dev.inward.graph.Tensor;
import dev.inward.graph.Windowed;
import java.util.Arrays;
import java.util.Optional;

/// Why the weights of a step are not those of the reference.
record WeightCauses(Graph changed, Probe probe) {
  private static final float LARGEST_HALF = 65504;
  private static final double OUTLIER = 8;
  private static final double GAIN = 6;
  private static final double MANY_ZEROS = 0.05;

  /// That of the constant that is furthest from the reference's.
  Optional<Cause> of(Step step) {
    Optional<Cause> found = Optional.empty();
    double worst = Double.POSITIVE_INFINITY;
    for (Node node : step.region()) {
      for (int i = 0; i < node.in().size(); i++) {
        String name = node.operand(i);
        float[] right = probe.weights().get(name);
        Tensor tensor = changed.constant(name).orElse(null);
        if (right == null || tensor == null) {
          continue;
        }
        double decibels = Gap.between(right, tensor.floats()).decibels();
        if (decibels < worst) {
          worst = decibels;
          found = Optional.of(cause(name, tensor, right, axis(node, tensor), decibels));
        }
      }
    }
    return found;
  }

  private static Cause cause(String name, Tensor tensor, float[] right, int axis, double decibels) {
    int bits = Causes.bits(tensor.encoding());
    double beyond = 0;
    long many = 0;
    for (float value : right) {
      if (Math.abs(value) > LARGEST_HALF && bits == 16) {
        beyond = Math.max(beyond, Math.abs(value));
        many++;
      }
    }
    if (many > 0) {
      return new Cause.Overflow(name, beyond, many);
    }
    if (tensor.encoding() instanceof Encoding.Affine(var codes, _, var scale, _)
        && scale.elements() == 1
        && tensor.rank() > 1) {
      double[] channels = largest(tensor, right, axis);
      int top = 0;
      for (int c = 1; c < channels.length; c++) {
        top = channels[c] > channels[top] ? c : top;
      }
      double[] sorted = channels.clone();
      Arrays.sort(sorted);
      double median = sorted[sorted.length / 2];
      double ratio = median > 0 ? channels[top] / median : Double.POSITIVE_INFINITY;
      double alternative = perChannel(tensor, right, axis, channels, codes.bits());
      if (ratio >= OUTLIER && alternative - decibels >= GAIN) {
        return new Cause.OutlierChannel(
            name, axis, top, ratio, codes.bits(), decibels, alternative);
      }
    }
    float[] stored = tensor.floats();
    long lost = 0;
    long alive = 0;
    double gone = 0;
    double off = 0;
    double largest = 0;
    for (int i = 0; i < right.length; i++) {
      double difference = (double) right[i] - stored[i];
      off += difference * difference;
      if (right[i] != 0) {
        alive++;
        if (stored[i] == 0) {
          lost++;
          gone += difference * difference;
          largest = Math.max(largest, Math.abs(right[i]));
        }
      }
    }
    if (alive > 0 && lost > MANY_ZEROS * alive && gone > off / 2) {
      return new Cause.SmallWeights(name, (double) lost / alive, largest, tensor.how());
    }
    return new Cause.WeightRounding(name, tensor.how(), bits, expected(tensor, right), decibels);
  }

  /// What an even spread of errors over a step of the codes gives.
  private static double expected(Tensor tensor, float[] right) {
    double signal = 0;
    for (float value : right) {
      signal += (double) value * value;
    }
    return switch (tensor.encoding()) {
      case Encoding.Affine(_, _, var scale, _) -> {
        double squares = 0;
        for (float step : scale.floats()) {
          squares += (double) step * step;
        }
        double noise = right.length * squares / scale.elements() / 12;
        yield 10 * Math.log10(signal / noise);
      }
      case Encoding.Dense _ -> {
        double noise = 0;
        for (float value : right) {
          double ulp = Math.scalb(1.0, Math.max(-14, Math.getExponent(value)) - 10);
          noise += ulp * ulp / 12;
        }
        yield 10 * Math.log10(signal / noise);
      }
      case Encoding.Palette _, Encoding.Vectors _, Encoding.Scaled _, Encoding.Sparse _ ->
          Double.NaN;
    };
  }

  /// The axis of output channels of a weight.
  static int axis(Node node, Tensor tensor) {
    int axis =
        switch (node.op()) {
          case Product.MatMul _, Product.Linear _ -> tensor.rank() - 1;
          case Product.Gemm gemm -> gemm.transB() ? 0 : tensor.rank() - 1;
          case Windowed.ConvTranspose _ -> 1;
          case Movement.Gather _ -> 0;
          default -> 0;
        };
    return Math.clamp(axis, 0, Math.max(0, tensor.rank() - 1));
  }

  private static int channel(Tensor tensor, int axis, int element) {
    long inner = 1;
    for (int a = axis + 1; a < tensor.rank(); a++) {
      inner *= tensor.dims().get(a);
    }
    return (int) (element / inner % tensor.dims().get(axis));
  }

  private static double[] largest(Tensor tensor, float[] right, int axis) {
    double[] channels = new double[Math.toIntExact(tensor.dims().get(axis))];
    for (int i = 0; i < right.length; i++) {
      int c = channel(tensor, axis, i);
      channels[c] = Math.max(channels[c], Math.abs(right[i]));
    }
    return channels;
  }

  /// Decibels of the weight with one symmetric scale a channel.
  private static double perChannel(
      Tensor tensor, float[] right, int axis, double[] channels, int bits) {
    double top = (1L << (bits - 1)) - 1;
    float[] rounded = new float[right.length];
    for (int i = 0; i < right.length; i++) {
      double scale = channels[channel(tensor, axis, i)] / top;
      rounded[i] = scale == 0 ? 0 : (float) (Math.rint(right[i] / scale) * scale);
    }
    return Gap.between(right, rounded).decibels();
  }
}
