package dev.inward.compress;

import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.runtime.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;

/// What the activations of a graph look like on calibration data: a [Histogram] for the first
/// operand of each node of interest. Working memory does not grow with the number of samples.
///
/// @param samples how many samples were seen
public record Calibration(SequencedMap<String, Histogram> byNode, int samples) {
  /// Fewer samples give ranges that the next sample is often outside of.
  static final int ENOUGH = 16;

  private static final int AT_ONCE = 8;

  /// How a range is taken from a histogram.
  public enum Method {
    MIN_MAX,
    /// All but one value in a hundred thousand.
    WIDE_PERCENTILE,
    /// All but one value in ten thousand.
    PERCENTILE,
    ENTROPY,
    SQUARED_ERROR
  }

  /// Runs the samples, one at a time and in order.
  ///
  /// @param nodes names of the nodes whose first operand is watched
  /// @throws InputException where an activation is NaN or infinite, by node
  public static Calibration of(
      Graph graph, List<String> nodes, List<Map<String, Tensor>> samples, Progress progress) {
    Map<String, String> watched = new LinkedHashMap<>();
    graph.nodes().stream()
        .filter(n -> nodes.contains(n.name()))
        .forEach(n -> watched.put(n.name(), n.operand(0)));
    Map<String, Histogram> byValue =
        histograms(graph, watched.values().stream().distinct().toList(), samples, progress);
    SequencedMap<String, Histogram> byNode = new LinkedHashMap<>();
    watched.forEach((node, value) -> {
      Histogram histogram = Objects.requireNonNull(byValue.get(value));
      if (histogram.broken() > 0) {
        throw InputException.at(
            "node '" + node + "'",
            "its activation '%s' holds %d numbers that are NaN or infinite on the calibration"
                + " data",
            value,
            histogram.broken());
      }
      byNode.put(node, histogram);
    });
    return new Calibration(byNode, samples.size());
  }

  /// What each of the values looks like; the samples are run a few at a time, each histogram takes
  /// them in order.
  ///
  /// @throws InputException where there are no samples, or one does not fit the graph's inputs
  static Map<String, Histogram> histograms(
      Graph graph, List<String> values, List<Map<String, Tensor>> samples, Progress progress) {
    if (samples.isEmpty()) {
      throw InputException.of("there are no samples to learn the ranges of activations from")
          .hint("a calibration file of some hundred samples, without labels, is enough");
    }
    Map<String, Histogram> byValue = new LinkedHashMap<>();
    values.forEach(v -> byValue.put(v, new Histogram()));
    List<String> inner = values.stream().filter(v -> !graph.isInput(v)).toList();
    try (var session = Session.open(graph.withOutputs(inner.isEmpty() ? graph.outputs() : inner))) {
      for (int from = 0; from < samples.size(); from += AT_ONCE) {
        var some = samples.subList(from, Math.min(samples.size(), from + AT_ONCE));
        List<Map<String, Tensor>> results =
            some.parallelStream().<Map<String, Tensor>>map(session::run).toList();
        byValue.entrySet().parallelStream()
            .forEach(entry -> {
              for (int i = 0; i < some.size(); i++) {
                Tensor value =
                    results.get(i).getOrDefault(entry.getKey(), some.get(i).get(entry.getKey()));
                entry.getValue().add(Objects.requireNonNull(value).floats());
              }
            });
        progress.at("calibrating", from + some.size(), samples.size());
      }
    }
    return byValue;
  }

  /// What speaks against trusting the ranges, a line each: too few samples, an activation that
  /// never changes, values of which none but a few are seen.
  public List<String> doubts() {
    List<String> doubts = new ArrayList<>();
    if (samples < ENOUGH) {
      doubts.add("ranges rest on %d samples, at least %d are wanted".formatted(samples, ENOUGH));
    }
    byNode.forEach((node, seen) -> {
      if (seen.isConstant()) {
        doubts.add("node '%s' reads the same number everywhere".formatted(node));
      }
    });
    return doubts;
  }

  /// The range of the first operand of a node.
  public ActivationFormat.Static range(String node, Method method) {
    Histogram histogram = Objects.requireNonNull(byNode.get(node), node);
    return switch (method) {
      case MIN_MAX -> histogram.minMax();
      case WIDE_PERCENTILE -> histogram.percentile(0.99999);
      case PERCENTILE -> histogram.percentile(0.9999);
      case ENTROPY -> histogram.entropy();
      case SQUARED_ERROR -> histogram.squaredError();
    };
  }
}
