package dev.inward.graph.rewrite;

import dev.inward.graph.Elementwise.Binary.Function;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization.BatchNorm;
import dev.inward.graph.Tensor;
import dev.inward.graph.Windowed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Takes a batch normalisation, or a constant factor or summand per channel, into the convolution
/// before it.
///
/// ```text
/// batchNorm(conv(x, w, b); g, h, m, v)   ->  conv(x, w*s, (b - m)*s + h)   with s = g / sqrt(v + e)
/// conv(x, w, b) * s                      ->  conv(x, w*s, b*s)
/// conv(x, w, b) + h                      ->  conv(x, w, b + h)
/// ```
///
/// New weights are computed in double precision and rounded once. Does not fire where the
/// convolution has another reader, where its weight is no float32 constant, or where a factor or
/// summand is not constant per channel. Source: Jacob et al., CVPR 2018, section 3.2.
public final class FoldIntoConv implements Rewrite {
  private record PerChannel(double[] factor, double[] summand) {}

  @Override
  public Optional<Change> apply(Graph graph, Node root) {
    boolean norm = root.op() instanceof BatchNorm;
    if (!norm && !Patterns.is(root, Function.MUL) && !Patterns.is(root, Function.ADD)) {
      return Optional.empty();
    }
    for (int i = 0; i < (norm ? 1 : 2); i++) {
      Node conv = Patterns.sole(graph, root.operand(i)).orElse(null);
      if (conv == null) {
        continue;
      }
      int axis =
          switch (conv.op()) {
            case Windowed.Conv _ -> 0;
            case Windowed.ConvTranspose transpose when transpose.groups() == 1 -> 1;
            default -> -1;
          };
      var weight = Patterns.plain(graph, conv.operand(1));
      if (axis < 0
          || weight.isEmpty()
          || conv.has(2) && Patterns.plain(graph, conv.operand(2)).isEmpty()) {
        continue;
      }
      int channels = Math.toIntExact(weight.get().dims().get(axis));
      var change =
          root.op() instanceof BatchNorm(var epsilon)
              ? normalisation(graph, root, epsilon)
              : constant(graph, root, root.operand(1 - i), channels, weight.get().rank());
      if (change.isPresent() && change.get().factor().length == channels) {
        return Optional.of(folded(graph, root, conv, axis, weight.get(), change.get()));
      }
    }
    return Optional.empty();
  }

  private static Optional<PerChannel> normalisation(Graph graph, Node root, float epsilon) {
    float[][] statistics = new float[4][];
    for (int i = 0; i < 4; i++) {
      var tensor = Patterns.plain(graph, root.operand(i + 1));
      if (tensor.isEmpty()) {
        return Optional.empty();
      }
      statistics[i] = tensor.get().floats();
    }
    double[] factor = new double[statistics[0].length];
    double[] summand = new double[factor.length];
    for (int c = 0; c < factor.length; c++) {
      factor[c] = statistics[0][c] / Math.sqrt((double) statistics[3][c] + epsilon);
      summand[c] = statistics[1][c] - statistics[2][c] * factor[c];
    }
    return Optional.of(new PerChannel(factor, summand));
  }

  private static Optional<PerChannel> constant(
      Graph graph, Node root, String value, int channels, int rank) {
    Tensor tensor = Patterns.plain(graph, value).orElse(null);
    if (tensor == null || tensor.rank() > rank) {
      return Optional.empty();
    }
    for (int axis = 0; axis < tensor.rank(); axis++) {
      // Aligned from the end as broadcasting does; only the channel axis may have extent.
      boolean channel = axis + rank - tensor.rank() == 1;
      long size = tensor.dims().get(axis);
      if (size != 1 && !(channel && size == channels)) {
        return Optional.empty();
      }
    }
    float[] values = tensor.floats();
    boolean sum = Patterns.is(root, Function.ADD);
    double[] factor = new double[channels];
    double[] summand = new double[channels];
    for (int c = 0; c < channels; c++) {
      float number = values[values.length == 1 ? 0 : c];
      factor[c] = sum ? 1 : number;
      summand[c] = sum ? number : 0;
    }
    return Optional.of(new PerChannel(factor, summand));
  }

  private static Change folded(
      Graph graph, Node root, Node conv, int axis, Tensor weight, PerChannel change) {
    float[] w = weight.floats();
    int channels = change.factor().length;
    int inner = 1;
    for (int a = axis + 1; a < weight.rank(); a++) {
      inner *= Math.toIntExact(weight.dims().get(a));
    }
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) (w[i] * change.factor()[i / inner % channels]);
    }
    float[] b = conv.has(2) ? graph.constant(conv.operand(2)).orElseThrow().floats() : null;
    float[] bias = new float[channels];
    for (int c = 0; c < channels; c++) {
      bias[c] = (float) ((b == null ? 0 : b[c]) * change.factor()[c] + change.summand()[c]);
    }
    String weightName = conv.operand(1) + "@" + root.name();
    String biasName = root.name() + ".bias";
    Map<String, Tensor> constants = new LinkedHashMap<>();
    constants.put(weightName, Tensor.ofFloats(weight.dims(), w));
    constants.put(biasName, Tensor.ofFloats(List.of((long) channels), bias));
    var node =
        new Node(
            root.name(), conv.op(), List.of(conv.operand(0), weightName, biasName), root.out());
    return new Change(List.of(node), constants, List.of(conv));
  }
}
