package dev.inward.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.Progress;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Tensor;
import dev.inward.graph.evaluation.Evaluation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ForkJoinPool;
import org.junit.jupiter.api.Test;

final class SensitivityTest {
  private static List<Sensitivity> of(Graph graph, Recipe recipe) {
    return Sensitivity.of(graph, recipe, Trial.samples(graph, 3), Progress.SILENT);
  }

  private static Recipe calibrated(Graph graph) {
    var calibration =
        Calibration.of(graph, Recipes.quantizable(graph), Trial.samples(graph, 3), Progress.SILENT);
    return Recipes.calibrated(graph, "s", calibration, Calibration.Method.MIN_MAX);
  }

  @Test
  void figures_areThoseOfOneChangeAlone() {
    for (Recipe recipe :
        List.of(
            calibrated(Trial.NET),
            calibrated(Trial.NET)
                .with(
                    "four",
                    "w",
                    new WeightFormat.Affine(4, WeightFormat.Granularity.TENSOR, false)))) {
      var found = of(Trial.NET, recipe);

      assertThat(found).hasSize(recipe.weights().size() + recipe.activations().size());
      assertThat(found).extracting(Sensitivity::decibels).isSorted();
      for (var one : found) {
        var alone = Recipe.original();
        if (one.activation()) {
          var activations = new LinkedHashMap<String, ActivationFormat>();
          activations.put(one.part(), Objects.requireNonNull(recipe.activations().get(one.part())));
          alone = new Recipe("one", new LinkedHashMap<>(), activations);
        } else {
          alone =
              alone.with(
                  "one", one.part(), Objects.requireNonNull(recipe.weights().get(one.part())));
        }
        assertThat(one.decibels())
            .as(one.toString())
            .isCloseTo(decibels(Trial.NET, Compression.apply(Trial.NET, alone)), within(0.5));
      }
      if (recipe.name().equals("four")) {
        assertThat(found.getFirst().part()).isEqualTo("w");
      }
    }
  }

  private static double decibels(Graph graph, Graph changed) {
    double signal = 0;
    double error = 0;
    for (var sample : Trial.samples(graph, 3)) {
      float[] x = Objects.requireNonNull(Evaluation.run(graph, sample).get("y")).floats();
      float[] y = Objects.requireNonNull(Evaluation.run(changed, sample).get("y")).floats();
      for (int i = 0; i < x.length; i++) {
        signal += (double) x[i] * x[i];
        error += Math.pow((double) x[i] - y[i], 2);
      }
    }
    return 10 * Math.log10(signal / error);
  }

  @Test
  void unchangedPart_isHarmless() {
    var graph =
        GraphText.parse(
            """
            graph exact
            input x: float32[2x32]
            const w: float32[32x32] = all 0.5
            const v: float32[32x32] = random 1
            a = MatMul(x, w)
            y = MatMul(a, v)
            output y
            """);
    var found = of(graph, Recipes.weights(graph, "h", WeightFormat.FLOAT16));

    assertThat(found).extracting(Sensitivity::part).containsExactly("v", "w");
    assertThat(found.getFirst().decibels()).isBetween(50.0, 90.0);
    assertThat(found.getLast().decibels()).isEqualTo(Double.POSITIVE_INFINITY);
  }

  @Test
  void figures_areTheSameOnAnyNumberOfThreads() throws Exception {
    for (Recipe recipe : List.of(calibrated(Trial.NET), Recipes.dynamic(Trial.NET, "d"))) {
      try (var one = new ForkJoinPool(1);
          var two = new ForkJoinPool(2)) {
        assertThat(two.submit(() -> of(Trial.NET, recipe)).get())
            .isEqualTo(one.submit(() -> of(Trial.NET, recipe)).get());
      }
    }
  }

  @Test
  void dynamicActivation_isMeasuredToo() {
    var found = of(Trial.TEXT, Recipes.dynamic(Trial.TEXT, "d"));

    assertThat(found).filteredOn(Sensitivity::activation).hasSize(2);
    assertThat(found).allMatch(s -> s.decibels() > 30 && s.decibels() < 80);
    Tensor table = Trial.TEXT.constant("table").orElseThrow();
    assertThat(table.elements()).isEqualTo(80 * 32);
  }
}
