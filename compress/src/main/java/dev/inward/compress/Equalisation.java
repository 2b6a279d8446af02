package dev.inward.compress;

import dev.inward.base.InputException;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary.Function;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Product;
import dev.inward.graph.Tensor;
import dev.inward.runtime.Session;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/// Gives each channel of an activation a scale of its own where a product reads it, and the product
/// the inverse: `x * w = (x / s) * (s * w)` for any positive factor a channel. Eight bits with one
/// range then hold every channel about as well as a range a channel would, which no integer product
/// can carry: its sum runs over the channels.
///
/// ```text
/// x --- linear(w1) ...       x --- mul(1/s) --- linear(s*w1) ...
///  \--- linear(w2) ...   ->                 \-- linear(s*w2) ...
/// ```
///
/// The result computes the same but for rounding. The factors are those of a family, `s = a^p /
/// m^q` with the reach `a` of a channel and the largest weight `m` that meets it, with the least
/// [ChannelNoise]; a value is left alone where that is not half of what it is without. Source: Xiao
/// et al., ICML 2023, eq. 4 (there `q = 1 - p`, one p for all layers).
public final class Equalisation {
  /* In MiniLM the outputs of GELU have one channel that reaches 20 where the median of all others
   * is 2: one range for all loses 20 dB on them. */
  private static final double WORTH_IT = 0.5;

  private static final int AT_ONCE = 8;

  private Equalisation() {}

  /// The equalised graph; the graph itself where there is nothing to equalise.
  ///
  /// @param samples what the reach of each channel is learnt from, a few at a time
  /// @throws InputException where an activation is NaN or infinite, by name
  public static Graph of(Graph graph, List<Map<String, Tensor>> samples) {
    SequencedMap<String, List<Node>> readers = new LinkedHashMap<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Product.Linear || node.op() instanceof Product.MatMul) {
        Tensor weight = graph.constant(node.operand(1)).orElse(null);
        if (weight != null
            && graph.constant(node.operand(0)).isEmpty()
            && weight.rank() == 2
            && weight.elements() >= Weight.SMALLEST
            && weight.encoding() instanceof Encoding.Dense
            && graph.readers(node.operand(1)).size() == 1) {
          readers.computeIfAbsent(node.operand(0), _ -> new ArrayList<>()).add(node);
        }
      }
    }
    if (readers.isEmpty() || samples.isEmpty()) {
      return graph;
    }
    Map<String, ChannelReach> reach = reach(graph, readers, samples);
    Map<String, float[]> factors = new HashMap<>();
    readers.forEach((value, nodes) -> {
      List<Tensor> weights =
          nodes.stream().map(n -> graph.constant(n.operand(1)).orElseThrow()).toList();
      var noise = new ChannelNoise(Objects.requireNonNull(reach.get(value)), weights);
      float[] best = noise.best();
      if (noise.of(best) < WORTH_IT * noise.ofNone()) {
        factors.put(value, best);
      }
    });
    readers.keySet().retainAll(factors.keySet());
    return readers.isEmpty() ? graph : changed(graph, readers, factors);
  }

  private static Graph changed(
      Graph graph, Map<String, List<Node>> readers, Map<String, float[]> factors) {
    Map<String, Tensor> weights = new LinkedHashMap<>();
    readers.forEach((value, nodes) -> {
      float[] s = Objects.requireNonNull(factors.get(value));
      for (Node node : nodes) {
        Tensor weight = graph.constant(node.operand(1)).orElseThrow();
        float[] w = weight.floats();
        int columns = w.length / s.length;
        for (int i = 0; i < w.length; i++) {
          w[i] *= s[i / columns];
        }
        weights.put(node.operand(1), Tensor.ofFloats(weight.dims(), w));
      }
    });
    var builder = graph.withConstants(weights).toBuilder();
    List<Node> changed = new ArrayList<>();
    Map<String, String> equalised = new HashMap<>();
    for (Node node : graph.nodes()) {
      var same = readers.get(node.in().isEmpty() ? "" : node.operand(0));
      if (same == null || !same.contains(node)) {
        changed.add(node);
        continue;
      }
      String value = node.operand(0);
      String name = value + ".equalised";
      if (equalised.put(value, name) == null) {
        float[] inverse = Objects.requireNonNull(factors.get(value)).clone();
        for (int k = 0; k < inverse.length; k++) {
          inverse[k] = 1 / inverse[k];
        }
        builder.constant(
            name + ".factors", Tensor.ofFloats(List.of((long) inverse.length), inverse));
        changed.add(
            Node.of(new Elementwise.Binary(Function.MUL), List.of(value, name + ".factors"), name));
      }
      var operands = new ArrayList<>(node.in());
      operands.set(0, name);
      changed.add(new Node(node.name(), node.op(), operands, node.out()));
    }
    return builder.nodes(_ -> changed).build();
  }

  /// What each channel of the values reaches, over all samples in order.
  private static Map<String, ChannelReach> reach(
      Graph graph, SequencedMap<String, List<Node>> readers, List<Map<String, Tensor>> samples) {
    Map<String, ChannelReach> found = new LinkedHashMap<>();
    readers.forEach((value, nodes) -> {
      long channels = graph.constant(nodes.getFirst().operand(1)).orElseThrow().dims().getFirst();
      found.put(value, new ChannelReach(Math.toIntExact(channels)));
    });
    List<String> inner = found.keySet().stream().filter(v -> !graph.isInput(v)).toList();
    try (var session = Session.open(graph.withOutputs(inner.isEmpty() ? graph.outputs() : inner))) {
      for (int from = 0; from < samples.size(); from += AT_ONCE) {
        var some = samples.subList(from, Math.min(samples.size(), from + AT_ONCE));
        List<Map<String, Tensor>> values =
            some.parallelStream().<Map<String, Tensor>>map(session::run).toList();
        found.entrySet().parallelStream()
            .forEach(entry -> {
              for (int i = 0; i < some.size(); i++) {
                Tensor value =
                    values.get(i).getOrDefault(entry.getKey(), some.get(i).get(entry.getKey()));
                entry.getValue().add(Objects.requireNonNull(value).floats());
              }
            });
      }
    }
    found.forEach((value, reach) -> {
      if (reach.broken() > 0) {
        throw InputException.at(
            "node '" + Objects.requireNonNull(readers.get(value)).getFirst().name() + "'",
            "its activation '%s' holds %d numbers that are NaN or infinite on the calibration"
                + " data",
            value,
            reach.broken());
      }
    });
    return found;
  }
}
