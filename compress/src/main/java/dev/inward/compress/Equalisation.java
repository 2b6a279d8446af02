package dev.inward.compress;

import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary.Function;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Product;
import dev.inward.graph.Tensor;
import dev.inward.runtime.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Moves the outliers of an activation into the weights that read it, so that eight bits with one
/// range hold it better: `x * w = (x / s) * (s * w)` for any positive factor a channel.
///
/// ```text
/// x --- linear(w1) ...       x --- mul(1/s) --- linear(s*w1) ...
///  \--- linear(w2) ...   ->                 \-- linear(s*w2) ...
/// ```
///
/// The result computes the same but for rounding. The factor is `sqrt(max |x| / max |w|)` a
/// channel. Source: Xiao et al., ICML 2023, eq. 4 with alpha 1/2.
///
/// Only what a normalisation gives is equalised, and only where it has outliers: there the same few
/// channels are large for every token. What an activation function gives is large in other channels
/// each time, and factors that suit the largest of all samples leave the rest of them with fewer
/// steps.
public final class Equalisation {
  /* How many times as large as the mean channel the largest one is. In MiniLM those before the
   * feed-forward products are 8 to 15 times as large, all others 3 to 5, where nothing is gained. */
  private static final double OUTLIER = 6;

  private Equalisation() {}

  /// The equalised graph; the graph itself where there is nothing to equalise.
  ///
  /// @param samples what the largest activations are learnt from, one at a time
  public static Graph of(Graph graph, List<Map<String, Tensor>> samples) {
    Map<String, List<Node>> readers = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Product.Linear || node.op() instanceof Product.MatMul) {
        Tensor weight = graph.constant(node.operand(1)).orElse(null);
        if (weight != null
            && graph.producer(node.operand(0)).map(Node::op).orElse(null) instanceof Normalization
            && weight.rank() == 2
            && weight.elements() >= Weight.SMALLEST
            && weight.encoding() instanceof Encoding.Dense
            && graph.readers(node.operand(1)).size() == 1) {
          readers.computeIfAbsent(node.operand(0), _ -> new ArrayList<>()).add(node);
        }
      }
    }
    if (readers.isEmpty()) {
      return graph;
    }
    Map<String, float[]> largest = largest(graph, List.copyOf(readers.keySet()), samples);
    readers.keySet().removeIf(v -> !hasOutliers(Objects.requireNonNull(largest.get(v))));
    if (readers.isEmpty()) {
      return graph;
    }
    Map<String, Tensor> weights = new LinkedHashMap<>();
    Map<String, float[]> inverse = new HashMap<>();
    readers.forEach((value, nodes) ->
        inverse.put(
            value, scale(graph, nodes, Objects.requireNonNull(largest.get(value)), weights)));
    var builder = graph.withConstants(weights).toBuilder();
    List<Node> changed = new ArrayList<>();
    Map<String, String> equalised = new HashMap<>();
    for (Node node : graph.nodes()) {
      var same = readers.get(node.operand(0));
      if (same == null || !same.contains(node)) {
        changed.add(node);
        continue;
      }
      String value = node.operand(0);
      String name = value + ".equalised";
      if (equalised.put(value, name) == null) {
        float[] factors = Objects.requireNonNull(inverse.get(value));
        builder.constant(
            name + ".factors", Tensor.ofFloats(List.of((long) factors.length), factors));
        changed.add(
            Node.of(new Elementwise.Binary(Function.MUL), List.of(value, name + ".factors"), name));
      }
      var operands = new ArrayList<>(node.in());
      operands.set(0, name);
      changed.add(new Node(node.name(), node.op(), operands, node.out()));
    }
    return builder.nodes(_ -> changed).build();
  }

  /// The largest magnitude of each channel of the values, over all samples.
  private static Map<String, float[]> largest(
      Graph graph, List<String> values, List<Map<String, Tensor>> samples) {
    try (var session = Session.open(graph.withOutputs(values))) {
      return samples.parallelStream()
          .map(sample -> {
            Map<String, float[]> found = new HashMap<>();
            session.run(sample).forEach((name, tensor) -> found.put(name, largest(tensor)));
            return found;
          })
          .reduce(
              new HashMap<>(),
              (a, b) -> {
                Map<String, float[]> both = new HashMap<>(a);
                b.forEach((name, most) -> both.merge(name, most, Equalisation::larger));
                return both;
              });
    }
  }

  private static boolean hasOutliers(float[] largest) {
    double sum = 0;
    double most = 0;
    for (float channel : largest) {
      sum += channel;
      most = Math.max(most, channel);
    }
    return most * largest.length >= OUTLIER * sum;
  }

  private static float[] largest(Tensor tensor) {
    int channels = Math.toIntExact(tensor.dims().getLast());
    float[] most = new float[channels];
    float[] x = tensor.floats();
    for (int i = 0; i < x.length; i++) {
      most[i % channels] = Math.max(most[i % channels], Math.abs(x[i]));
    }
    return most;
  }

  private static float[] larger(float[] a, float[] b) {
    float[] most = a.clone();
    for (int i = 0; i < most.length; i++) {
      most[i] = Math.max(most[i], b[i]);
    }
    return most;
  }

  /// Puts the scaled weights of the nodes into `weights`; the factors that undo it.
  private static float[] scale(
      Graph graph, List<Node> nodes, float[] activation, Map<String, Tensor> weights) {
    int rows = activation.length;
    float[] most = new float[rows];
    for (Node node : nodes) {
      Tensor weight = graph.constant(node.operand(1)).orElseThrow();
      float[] w = weight.floats();
      int columns = w.length / rows;
      for (int i = 0; i < w.length; i++) {
        most[i / columns] = Math.max(most[i / columns], Math.abs(w[i]));
      }
    }
    float[] factors = new float[rows];
    float[] inverse = new float[rows];
    for (int k = 0; k < rows; k++) {
      double factor = Math.sqrt((double) activation[k] / most[k]);
      boolean usable = factor > 1e-6 && factor < 1e6;
      factors[k] = usable ? (float) factor : 1;
      inverse[k] = 1 / factors[k];
    }
    for (Node node : nodes) {
      Tensor weight = graph.constant(node.operand(1)).orElseThrow();
      float[] w = weight.floats();
      int columns = w.length / rows;
      for (int i = 0; i < w.length; i++) {
        w[i] *= factors[i / columns];
      }
      weights.put(node.operand(1), Tensor.ofFloats(weight.dims(), w));
    }
    return inverse;
  }
}
