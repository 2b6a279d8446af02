package dev.inward.runtime;

import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How far a value of one graph is from the value of the same name in another, over all samples.
///
/// @param decibels ten times the decimal logarithm of signal power over error power; infinite where
///   the values are equal, minus infinite where one is NaN or infinite and the other is not the
///   same
/// @param worst the largest absolute difference
/// @param largest the largest absolute value in the reference
/// @param finite whether every element of both is a finite number
public record Drift(
    String value, String op, double decibels, double worst, double largest, boolean finite) {

  /// The values that both graphs compute under the same name, and the outputs, each compared, in
  /// the order in which the reference computes them. Outputs are matched by position, so that they
  /// may have other names.
  ///
  /// Working memory holds the values of one sample, of both graphs.
  ///
  /// @param samples inputs of the reference, by name
  /// @param other the inputs of the other graph for the same sample
  public static List<Drift> between(
      Graph reference,
      Graph changed,
      List<Map<String, Tensor>> samples,
      List<Map<String, Tensor>> other) {
    Map<String, String> pairs = pairs(reference, changed);
    Map<String, Sums> sums = new HashMap<>();
    try (var left = Session.open(reference.withOutputs(List.copyOf(pairs.keySet())));
        var right =
            Session.open(changed.withOutputs(pairs.values().stream().distinct().toList()))) {
      for (int i = 0; i < samples.size(); i++) {
        var a = left.run(samples.get(i));
        var b = right.run(other.get(i));
        pairs.forEach((mine, theirs) -> {
          Tensor x = a.get(mine);
          Tensor y = b.get(theirs);
          if (x != null && y != null && x.elements() == y.elements()) {
            sums.computeIfAbsent(mine, _ -> new Sums()).add(x.floats(), y.floats());
          }
        });
      }
    }
    List<Drift> drifts = new ArrayList<>();
    pairs
        .keySet()
        .forEach(value ->
            Optional.ofNullable(sums.get(value))
                .ifPresent(s ->
                    drifts.add(
                        s.drift(
                            value,
                            reference.producer(value).map(n -> n.op().name()).orElse("input")))));
    return List.copyOf(drifts);
  }

  private static Map<String, String> pairs(Graph reference, Graph changed) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (Node node : reference.nodes()) {
      for (String out : node.out()) {
        if (!out.isEmpty() && isFloat(reference, out) && isFloat(changed, out)) {
          pairs.put(out, out);
        }
      }
    }
    int outputs = Math.min(reference.outputs().size(), changed.outputs().size());
    for (int i = 0; i < outputs; i++) {
      pairs.put(reference.outputs().get(i), changed.outputs().get(i));
    }
    return pairs;
  }

  private static boolean isFloat(Graph graph, String value) {
    return graph.producer(value).isPresent()
        && graph.type(value).map(t -> t.dtype().isFloat()).orElse(false);
  }

  /// Sums in double precision over all samples, in order.
  private static final class Sums {
    private double signal;
    private double error;
    private double worst;
    private double largest;
    private boolean finite = true;

    void add(float[] x, float[] y) {
      for (int i = 0; i < x.length; i++) {
        double difference = (double) x[i] - y[i];
        if (!Double.isFinite(difference)) {
          finite = false;
          if (Float.compare(x[i], y[i]) != 0) {
            error = Double.POSITIVE_INFINITY;
            worst = Double.POSITIVE_INFINITY;
          }
          continue;
        }
        signal += (double) x[i] * x[i];
        error += difference * difference;
        worst = Math.max(worst, Math.abs(difference));
        largest = Math.max(largest, Math.abs(x[i]));
      }
    }

    Drift drift(String value, String op) {
      double ratio = error == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / error);
      return new Drift(value, op, ratio, worst, largest, finite);
    }
  }
}
