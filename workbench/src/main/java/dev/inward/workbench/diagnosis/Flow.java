package dev.inward.workbench.diagnosis;

import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Tensor;
import dev.inward.runtime.HalfPrecision;
import dev.inward.runtime.Session;
import dev.inward.workbench.Comparison;
import dev.inward.workbench.Feed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/// The values of two models side by side, in the order of the reference. Working memory holds the
/// values of one sample.
///
/// @param values which value stands for which
/// @param outputs how far the outputs are apart, by their places
/// @param steps one for each value that both compute
/// @param sample the one whose outputs are furthest apart; shares are measured on it
record Flow(Correspondence values, List<Gap> outputs, List<Step> steps, int sample) {
  private static final int MOST_SHARES = 64;

  Flow {
    outputs = List.copyOf(outputs);
    steps = List.copyOf(steps);
  }

  /// Runs both models and each piece of the changed one by itself.
  static Flow measured(
      Comparison comparison, Feed feed, int samples, HalfPrecision.Rules rules, Progress progress) {
    Graph reference = HalfPrecision.simulated(comparison.reference(), rules);
    Graph changed = HalfPrecision.simulated(comparison.changed(), rules);
    progress.at("joining values", 0, 0);
    try (var a = Session.open(tapped(reference, Correspondence.reals(comparison.reference())));
        var b = Session.open(tapped(changed, Correspondence.reals(comparison.changed())))) {
      var first = feed.inputs(comparison.reference().inputs(), 0);
      var values =
          Numbers.joined(
              Correspondence.of(comparison.reference(), comparison.changed(), comparison.inputs()),
              a.run(first),
              b.run(comparison.other(first)));
      try (var alone = Isolation.of(values, changed, List.copyOf(values.values().keySet()))) {
        return new Measuring(comparison, feed, reference, changed, values, a, b, alone)
            .flow(samples, progress);
      }
    }
  }

  private static Graph tapped(Graph graph, List<String> reals) {
    Set<String> taps = new LinkedHashSet<>(graph.outputs());
    taps.addAll(reals);
    return graph.withOutputs(List.copyOf(taps));
  }

  private static float[] floats(Map<String, Tensor> values, String name) {
    return Optional.ofNullable(values.get(name)).orElseThrow().floats();
  }

  private record Measuring(
      Comparison comparison,
      Feed feed,
      Graph reference,
      Graph changed,
      Correspondence values,
      Session a,
      Session b,
      Isolation alone) {

    Flow flow(int samples, Progress progress) {
      Map<String, Gap.Sums> accumulated = new HashMap<>();
      Map<String, Gap.Sums> local = new HashMap<>();
      List<Gap.Sums> outputs = reference.outputs().stream().map(_ -> new Gap.Sums()).toList();
      int furthest = 0;
      double far = -1;
      for (int i = 0; i < samples; i++) {
        progress.at("comparing every value", i, samples);
        var sample = feed.inputs(comparison.reference().inputs(), i);
        var other = comparison.other(sample);
        var x = a.run(sample);
        var y = b.run(other);
        var z = alone.run(other, x);
        for (var entry : values.values().entrySet()) {
          String value = entry.getKey();
          float[] wanted = floats(x, entry.getValue());
          accumulated.computeIfAbsent(value, _ -> new Gap.Sums()).add(wanted, floats(y, value));
          local.computeIfAbsent(value, _ -> new Gap.Sums()).add(wanted, floats(z, value));
        }
        double distance = 0;
        for (int k = 0; k < outputs.size(); k++) {
          Tensor wanted = Objects.requireNonNull(x.get(reference.outputs().get(k)));
          Tensor found = Objects.requireNonNull(y.get(changed.outputs().get(k)));
          if (wanted.elements() != found.elements()) {
            throw InputException.at(
                "output '" + reference.outputs().get(k) + "'",
                "is %s in one model, %s in the other",
                wanted.type(),
                found.type());
          }
          outputs.get(k).add(wanted.floats(), found.floats());
          var alone = new Gap.Sums();
          alone.add(wanted.floats(), found.floats());
          distance += alone.relative();
        }
        if (distance > far) {
          far = distance;
          furthest = i;
        }
      }
      List<Step> steps = new ArrayList<>();
      for (var entry : values.values().entrySet()) {
        steps.add(
            step(
                entry.getKey(),
                entry.getValue(),
                Objects.requireNonNull(accumulated.get(entry.getKey())).gap(),
                Objects.requireNonNull(local.get(entry.getKey())).gap()));
      }
      Map<String, Integer> order = new HashMap<>();
      for (Node node : comparison.reference().nodes()) {
        node.out().forEach(out -> order.putIfAbsent(out, order.size()));
      }
      steps.sort(Comparator.comparingInt(step -> order.getOrDefault(step.value(), 0)));
      return new Flow(
          values,
          outputs.stream().map(Gap.Sums::gap).toList(),
          withShares(steps, furthest, progress),
          furthest);
    }

    private Step step(String value, String name, Gap accumulated, Gap local) {
      List<Node> region = values.region(value);
      return new Step(
          name,
          comparison.reference().producer(name).orElseThrow().op().name(),
          value,
          region,
          values.operands(region),
          region.stream()
              .flatMap(node -> node.out().stream())
              .anyMatch(out -> HalfPrecision.isHalf(comparison.changed(), out)),
          accumulated,
          local,
          OptionalDouble.empty());
    }

    /// Measures on one sample what the own errors of the worst steps do to the outputs: each value,
    /// alone, is put in the place of the reference's.
    private List<Step> withShares(List<Step> steps, int index, Progress progress) {
      List<Step> asked =
          steps.stream()
              .filter(step -> step.local().decibels() < Double.POSITIVE_INFINITY)
              .filter(step -> reference.type(step.value()).isPresent())
              .sorted(Comparator.comparingDouble(step -> step.local().decibels()))
              .limit(MOST_SHARES)
              .toList();
      if (asked.isEmpty()) {
        return steps;
      }
      var sample = feed.inputs(comparison.reference().inputs(), index);
      Map<String, Tensor> own = new LinkedHashMap<>();
      var x = a.run(sample);
      var z = alone.run(comparison.other(sample), x);
      for (Step step : asked) {
        own.put(
            step.value(),
            Objects.requireNonNull(z.get(step.counterpart()))
                .withDims(Objects.requireNonNull(x.get(step.value())).dims()));
      }
      Map<String, Double> energy = new HashMap<>();
      try (var session = Session.open(Injection.into(reference, List.copyOf(own.keySet())));
          var held = Session.hold(Injection.off(own))) {
        for (String name : own.keySet()) {
          progress.at("weighing errors", energy.size(), own.size());
          Map<String, Tensor> operands = new LinkedHashMap<>(sample);
          operands.putAll(Injection.on(name));
          var moved = session.run(operands, List.of(held));
          double sum = 0;
          for (String output : reference.outputs()) {
            if (Correspondence.isReal(reference, output)) {
              var sums = new Gap.Sums();
              sums.add(floats(x, output), floats(moved, output));
              sum += sums.relative();
            }
          }
          energy.put(name, sum);
        }
      }
      double all = energy.values().stream().filter(e -> !e.isInfinite()).mapToDouble(e -> e).sum();
      boolean breaks = energy.values().stream().anyMatch(e -> e.isInfinite());
      return steps.stream()
          .map(step -> {
            Double mine = energy.get(step.value());
            if (mine == null) {
              return step;
            }
            return step.share(mine.isInfinite() ? 1 : breaks || all == 0 ? 0 : mine / all);
          })
          .toList();
    }
  }

  /// The step of a value of the changed graph.
  Optional<Step> at(String counterpart) {
    return steps.stream().filter(step -> step.counterpart().equals(counterpart)).findFirst();
  }

  /// The steps that a step reads.
  List<Step> before(Step step) {
    Set<String> read = new LinkedHashSet<>(step.operands());
    return steps.stream().filter(other -> read.contains(other.counterpart())).toList();
  }
}
