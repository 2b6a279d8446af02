package dev.inward.workbench.diagnosis;

import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Tensor;
import dev.inward.graph.rewrite.Simplification;
import dev.inward.runtime.HalfPrecision;
import dev.inward.runtime.Session;
import dev.inward.workbench.Comparison;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What one sample does inside some steps, in several forms of the changed model.
///
/// @param reference values of the reference, its inputs too
/// @param accumulated values of the changed model as it runs
/// @param alone values of each piece by itself: inner ones, and before they are rounded
/// @param summed what the pieces make with wide sums
/// @param widened the same with float32 arithmetic, the constants as the changed model has them
/// @param exact the same with the constants of the reference where these are known
/// @param weights those constants, by their names in the changed model and in its layout
record Probe(
    Map<String, Tensor> reference,
    Map<String, Tensor> accumulated,
    Map<String, Tensor> alone,
    Map<String, Tensor> summed,
    Map<String, Tensor> widened,
    Map<String, Tensor> exact,
    Map<String, float[]> weights) {

  static Probe of(
      Comparison comparison,
      Flow flow,
      List<Step> steps,
      Map<String, Tensor> sample,
      HalfPrecision.Rules rules) {
    Correspondence values = flow.values();
    Graph changed = comparison.changed();
    Graph simulated = HalfPrecision.simulated(changed, rules);
    Graph wide = HalfPrecision.widened(changed);
    Map<String, float[]> weights = weights(comparison, steps, values);
    Map<String, Tensor> replaced = new LinkedHashMap<>();
    weights.forEach((name, floats) ->
        replaced.put(name, Tensor.ofFloats(wide.constant(name).orElseThrow().dims(), floats)));
    var other = comparison.other(sample);
    List<String> ends = steps.stream().map(Step::counterpart).toList();
    List<String> inner = inner(simulated, steps);
    List<String> mine = List.copyOf(new LinkedHashSet<>(values.values().values()));
    List<String> theirs = List.copyOf(values.values().keySet());
    try (var a = Session.open(HalfPrecision.simulated(comparison.reference()).withOutputs(mine));
        var b = Session.open(simulated.withOutputs(theirs));
        var alone = Isolation.of(values, simulated, inner);
        var summed = Isolation.of(values, HalfPrecision.simulated(changed, rules.wide()), ends);
        var widened = Isolation.of(values, wide, ends);
        var exact = Isolation.of(values, wide.withConstants(replaced), ends)) {
      var x = a.run(sample);
      Map<String, Tensor> all = new LinkedHashMap<>(sample);
      all.putAll(x);
      return new Probe(
          all,
          b.run(other),
          alone.run(other, x),
          summed.run(other, x),
          widened.run(other, x),
          exact.run(other, x),
          weights);
    }
  }

  private static List<String> inner(Graph simulated, List<Step> steps) {
    Set<String> inner = new LinkedHashSet<>();
    for (Step step : steps) {
      inner.add(step.counterpart());
      for (Node node : step.region()) {
        for (String out : node.out()) {
          if (!out.isEmpty() && Correspondence.isReal(simulated, out)) {
            inner.add(out);
            if (simulated.producer(out + HalfPrecision.WIDE).isPresent()) {
              inner.add(out + HalfPrecision.WIDE);
            }
          }
        }
      }
    }
    return List.copyOf(inner);
  }

  static float[] floats(Map<String, Tensor> values, String name) {
    return Objects.requireNonNull(values.get(name), name).floats();
  }

  /// The constants of the reference that the constants of some steps were made of.
  static Map<String, float[]> weights(
      Comparison comparison, List<Step> steps, Correspondence values) {
    Graph simplified = Simplification.of(comparison.reference()).graph();
    Map<String, float[]> found = new HashMap<>();
    for (Step step : steps) {
      Map<String, Tensor> candidates = new LinkedHashMap<>();
      List<Node> origin = new ArrayList<>(values.origin(step.value()));
      simplified.producer(step.value()).ifPresent(origin::add);
      for (Node node : origin) {
        for (String operand : node.in()) {
          comparison
              .reference()
              .constant(operand)
              .or(() -> simplified.constant(operand))
              .filter(t -> t.dtype().isFloat())
              .ifPresent(t -> candidates.put(operand, t));
        }
      }
      for (Node node : step.region()) {
        for (String operand : node.in()) {
          comparison
              .changed()
              .constant(operand)
              .filter(t -> t.dtype().isFloat() && !found.containsKey(operand))
              .flatMap(t -> nearest(t, candidates))
              .ifPresent(floats -> found.put(operand, floats));
        }
      }
    }
    return found;
  }

  /// The one of the constants that a constant was made of, in its layout: the nearest of its number
  /// of elements, as it is or transposed.
  private static Optional<float[]> nearest(Tensor made, Map<String, Tensor> candidates) {
    float[] floats = made.floats();
    double best = made.elements() > 1 ? 3 : 20;
    Optional<float[]> found = Optional.empty();
    for (Tensor candidate : candidates.values()) {
      if (candidate.elements() != made.elements()) {
        continue;
      }
      List<float[]> layouts = new ArrayList<>(List.of(candidate.floats()));
      if (candidate.rank() == 2) {
        layouts.add(dense(candidate).transposed(List.of(1, 0)).floats());
      }
      for (float[] layout : layouts) {
        double decibels = Gap.between(layout, floats).decibels();
        if (decibels > best) {
          best = decibels;
          found = Optional.of(layout);
        }
      }
    }
    if (found.isEmpty()) {
      List<Tensor> alike =
          candidates.values().stream().filter(t -> t.dims().equals(made.dims())).toList();
      if (alike.size() == 1) {
        return Optional.of(alike.getFirst().floats());
      }
    }
    return found;
  }

  private static Tensor dense(Tensor tensor) {
    return tensor.encoding() instanceof Encoding.Dense
        ? tensor
        : Tensor.ofFloats(tensor.dims(), tensor.floats());
  }
}
