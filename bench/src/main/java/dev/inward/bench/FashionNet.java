package dev.inward.bench;

import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Normalization;
import dev.inward.graph.Op;
import dev.inward.graph.Product;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Windowed;
import java.util.List;
import java.util.Random;

/// Two small classifiers of grey images of 28 by 28, as graphs before their training. Weights are
/// drawn from a normal distribution with the variance `2 / inputs`. Source: He et al., ICCV 2015,
/// eq. 10.
final class FashionNet {
  private static final float EPSILON = 1e-5f;

  private final Graph.Builder builder;
  private final Random random;
  private int layers;

  private FashionNet(String name, long seed) {
    random = new Random(seed);
    builder =
        Graph.builder(name)
            .input(
                "image",
                new TensorType(
                    DataType.FLOAT32,
                    Shape.of(
                        List.of(
                            new Dim.Symbol("batch"),
                            new Dim.Known(1),
                            new Dim.Known(28),
                            new Dim.Known(28)))));
  }

  /// Twenty layers: a convolution, three times three blocks of two with a shortcut, a product.
  /// Source: He et al., CVPR 2016, section 4.2; with the first convolution at half the extents.
  static Graph resnet20(long seed) {
    var net = new FashionNet("fashion-resnet20", seed);
    int channels = 16;
    String x = net.relu(net.normalised(net.conv("image", 1, channels, 3, 2, 1), channels));
    for (int stage = 0; stage < 3; stage++) {
      int out = 16 << stage;
      for (int block = 0; block < 3; block++) {
        int stride = stage > 0 && block == 0 ? 2 : 1;
        String y = net.relu(net.normalised(net.conv(x, channels, out, 3, stride, 1), out));
        y = net.normalised(net.conv(y, out, out, 3, 1, 1), out);
        String past =
            channels == out ? x : net.normalised(net.conv(x, channels, out, 1, stride, 1), out);
        x = net.relu(net.node(new Binary(Binary.Function.ADD), "sum", y, past));
        channels = out;
      }
    }
    return net.scores(x, channels);
  }

  /// Inverted residuals with ReLU6. Source: Sandler et al., CVPR 2018, table 2, with fewer and
  /// narrower stages for small images.
  static Graph mobilenetv2(long seed) {
    var net = new FashionNet("fashion-mobilenetv2", seed);
    int channels = 16;
    String x = net.relu6(net.normalised(net.conv("image", 1, channels, 3, 2, 1), channels));
    // Expansion, channels, blocks, stride of the first.
    int[][] stages = {{1, 16, 1, 1}, {4, 24, 2, 2}, {4, 32, 2, 1}, {4, 64, 2, 2}, {4, 96, 1, 1}};
    for (int[] stage : stages) {
      for (int block = 0; block < stage[2]; block++) {
        int out = stage[1];
        int inner = channels * stage[0];
        int stride = block == 0 ? stage[3] : 1;
        String y = x;
        if (inner != channels) {
          y = net.relu6(net.normalised(net.conv(y, channels, inner, 1, 1, 1), inner));
        }
        y = net.relu6(net.normalised(net.conv(y, inner, inner, 3, stride, inner), inner));
        y = net.normalised(net.conv(y, inner, out, 1, 1, 1), out);
        x =
            stride == 1 && channels == out
                ? net.node(new Binary(Binary.Function.ADD), "sum", y, x)
                : y;
        channels = out;
      }
    }
    int last = 256;
    x = net.relu6(net.normalised(net.conv(x, channels, last, 1, 1, 1), last));
    return net.scores(x, last);
  }

  private String conv(String x, int in, int out, int kernel, int stride, int groups) {
    long perGroup = in / groups;
    long pad = kernel / 2;
    String weight = "conv" + ++layers + ".weight";
    builder.constant(
        weight, normal(List.of((long) out, perGroup, (long) kernel, (long) kernel), 1));
    var window =
        new Windowed.Window(
            List.of((long) kernel, (long) kernel),
            List.of((long) stride, (long) stride),
            List.of(),
            List.of(pad, pad, pad, pad),
            Windowed.AutoPad.EXPLICIT);
    return node(new Windowed.Conv(window, groups), "conv", x, weight);
  }

  private String normalised(String x, int channels) {
    String name = "norm" + layers;
    constant(name + ".scale", channels, 1);
    constant(name + ".bias", channels, 0);
    constant(name + ".mean", channels, 0);
    constant(name + ".variance", channels, 1);
    return node(
        new Normalization.BatchNorm(EPSILON),
        "norm",
        x,
        name + ".scale",
        name + ".bias",
        name + ".mean",
        name + ".variance");
  }

  private String relu(String x) {
    return node(new Unary(Unary.Function.RELU), "relu", x);
  }

  private String relu6(String x) {
    builder.constant("zero", Tensor.scalar(0f));
    builder.constant("six", Tensor.scalar(6f));
    return node(new Elementwise.Clip(), "relu6", x, "zero", "six");
  }

  private Graph scores(String x, int channels) {
    String pooled = node(new Windowed.GlobalPool(Windowed.PoolKind.AVERAGE, 1), "pool", x);
    String rows = node(new Movement.Flatten(1), "rows", pooled);
    builder.constant("scores.weight", normal(List.of(10L, (long) channels), 0.5));
    constant("scores.bias", 10, 0);
    builder.node(
        new Product.Gemm(1, 1, false, true),
        List.of(rows, "scores.weight", "scores.bias"),
        "scores");
    return builder.output("scores").opset("", 17).build();
  }

  private String node(Op op, String kind, String... in) {
    String name = kind + ++layers;
    builder.node(op, List.of(in), name);
    return name;
  }

  private void constant(String name, int count, float value) {
    float[] values = new float[count];
    java.util.Arrays.fill(values, value);
    builder.constant(name, Tensor.ofFloats(List.of((long) count), values));
  }

  private Tensor normal(List<Long> dims, double gain) {
    int fan = 1;
    for (long size : dims.subList(1, dims.size())) {
      fan *= (int) size;
    }
    float[] values = new float[Math.toIntExact(dims.getFirst() * fan)];
    double deviation = Math.sqrt(2.0 * gain / fan);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    return Tensor.ofFloats(dims, values);
  }
}
