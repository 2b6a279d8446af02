package dev.inward.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.base.Progress;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Tensor;
import dev.inward.graph.evaluation.Evaluation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;

final class RangesTest {
  private static final Graph NET =
      GraphText.parse(
          """
          graph net
          input x: float32[64x32]
          const w: float32[32x32] = random 1
          const v: float32[32x32] = random 2
          a = MatMul(x, w)
          t = Tanh(a)
          b = MatMul(x, v)
          s = Add(t, b)
          y = MatMul(s, v)
          output y
          """);

  private static List<Map<String, Tensor>> samples() {
    return Trial.samples(NET, 6);
  }

  private static Calibration calibration() {
    return Calibration.of(NET, Recipes.quantizable(NET), samples(), Progress.SILENT);
  }

  /// The squared error of the output when the activation of `nodes` has a range.
  private static double error(List<String> nodes, ActivationFormat.Static range) {
    var activations = new LinkedHashMap<String, ActivationFormat>();
    nodes.forEach(n -> activations.put(n, range));
    Graph rounded = Compression.apply(NET, new Recipe("r", new LinkedHashMap<>(), activations));
    double sum = 0;
    for (var sample : samples()) {
      float[] x = Objects.requireNonNull(Evaluation.run(NET, sample).get("y")).floats();
      float[] y = Objects.requireNonNull(Evaluation.run(rounded, sample).get("y")).floats();
      for (int i = 0; i < x.length; i++) {
        sum += Math.pow((double) x[i] - y[i], 2);
      }
    }
    return sum;
  }

  @Test
  void chosenRange_hurtsTheOutputNoMoreThanAnyOther() {
    var calibration = calibration();
    var chosen = Ranges.best(NET, calibration, samples(), Progress.SILENT);

    assertThat(chosen).containsOnlyKeys("a", "b", "y");
    assertThat(chosen.get("a")).as("one value, one range").isEqualTo(chosen.get("b"));
    for (var nodes : List.of(List.of("a", "b"), List.of("y"))) {
      double least = error(nodes, Objects.requireNonNull(chosen.get(nodes.getFirst())));
      for (var method : Calibration.Method.values()) {
        // Proposals that differ by a code or two are one.
        assertThat(least)
            .as("%s by %s", nodes, method)
            .isLessThan(1.05 * error(nodes, calibration.range(nodes.getFirst(), method)));
      }
    }
  }

  @Test
  void threads_doNotMatter() throws Exception {
    var calibration = calibration();
    try (var one = new ForkJoinPool(1);
        var two = new ForkJoinPool(2)) {
      var first = one.submit(() -> Ranges.best(NET, calibration, samples(), Progress.SILENT)).get();
      var second =
          two.submit(() -> Ranges.best(NET, calibration, samples(), Progress.SILENT)).get();
      assertThat(first).isEqualTo(second);
    }
  }

  @Test
  void nothingToQuantize_givesNoRanges() {
    var graph = GraphText.parse("graph g\ninput x: float32[4]\ny = Relu(x)\noutput y");
    var none = Calibration.of(graph, List.of(), Trial.samples(graph, 1), Progress.SILENT);

    assertThat(Ranges.best(graph, none, Trial.samples(graph, 1), Progress.SILENT)).isEmpty();
  }
}
