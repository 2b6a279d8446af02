package dev.inward.bench;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Product;
import dev.inward.graph.Reduction;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Windowed;
import java.util.List;
import java.util.Random;

/// A plain convolution net of 11.5 million parameters, 23.02 MB in float16: sixteen convolutions
/// 3×3 and a linear layer, with Gaussian weights from a fixed seed.
final class ConvolutionNet {
  private static final int[] CHANNELS = {
    3, 64, 64, 64, 128, 128, 128, 128, 256, 256, 256, 256, 256, 512, 512, 512, 512
  };
  private static final int CLASSES = 10;
  private static final int SIDE = 64;

  private ConvolutionNet() {}

  static Graph graph() {
    var random = new Random(2026);
    var graph =
        Graph.builder("convolution-net")
            .input("image", TensorType.of(DataType.FLOAT32, 1, 3, SIDE, SIDE));
    String value = "image";
    for (int i = 1; i < CHANNELS.length; i++) {
      int in = CHANNELS[i - 1];
      int out = CHANNELS[i];
      // Halved where the channels double.
      long stride = in == out || i == 1 ? 1 : 2;
      var window =
          new Windowed.Window(
              List.of(3L, 3L),
              List.of(stride, stride),
              List.of(1L, 1L),
              List.of(1L, 1L, 1L, 1L),
              Windowed.AutoPad.EXPLICIT);
      graph
          .constant("w" + i, gaussian(random, Math.sqrt(2.0 / (9 * in)), out, in, 3, 3))
          .constant("b" + i, gaussian(random, 0.01, out))
          .node(new Windowed.Conv(window, 1), List.of(value, "w" + i, "b" + i), "conv" + i)
          .node(
              new Elementwise.Unary(Elementwise.Unary.Function.RELU),
              List.of("conv" + i),
              "relu" + i);
      value = "relu" + i;
    }
    int last = CHANNELS[CHANNELS.length - 1];
    return graph
        .node(
            new Reduction.Reduce(Reduction.Reduce.Function.MEAN, List.of(2L, 3L), false),
            List.of(value),
            "pooled")
        .constant("w", gaussian(random, Math.sqrt(1.0 / last), last, CLASSES))
        .constant("b", gaussian(random, 0.01, CLASSES))
        .node(new Product.Linear(), List.of("pooled", "w", "b"), "scores")
        .output("scores")
        .build();
  }

  private static Tensor gaussian(Random random, double size, int... dims) {
    int count = 1;
    Long[] extents = new Long[dims.length];
    for (int i = 0; i < dims.length; i++) {
      count *= dims[i];
      extents[i] = (long) dims[i];
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (size * random.nextGaussian());
    }
    return Tensor.ofFloats(List.of(extents), values);
  }
}
