package dev.inward.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.graph.GraphText;
import dev.inward.graph.evaluation.Evaluation;
import dev.inward.testkit.Chance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class CalibrationTest {
  @Test
  void ranges_areThoseOfTheActivations() {
    var samples = Trial.samples(Trial.NET, 3);
    var nodes = Recipes.quantizable(Trial.NET);
    List<Long> steps = new ArrayList<>();
    var calibration = Calibration.of(Trial.NET, nodes, samples, (_, done, _) -> steps.add(done));

    assertThat(nodes).containsExactly("a", "m", "o", "p", "y");
    assertThat(calibration.byNode()).containsOnlyKeys(nodes);
    assertThat(steps).isSorted().endsWith(3L);
    for (var node : Trial.NET.nodes()) {
      if (!nodes.contains(node.name())) {
        continue;
      }
      float low = 0;
      float high = 0;
      long count = 0;
      for (var sample : samples) {
        var values = Evaluation.all(Trial.NET, sample);
        values.putAll(sample);
        for (float x : Objects.requireNonNull(values.get(node.operand(0))).floats()) {
          low = Math.min(low, x);
          high = Math.max(high, x);
          count++;
        }
      }
      var range = calibration.range(node.name(), Calibration.Method.MIN_MAX);
      assertThat(range.low()).isCloseTo(low, within(1e-4f * (high - low)));
      assertThat(range.high()).isCloseTo(high, within(1e-4f * (high - low)));
      assertThat(Objects.requireNonNull(calibration.byNode().get(node.name())).total())
          .isEqualTo(count);
      var percentile = calibration.range(node.name(), Calibration.Method.PERCENTILE);
      assertThat(percentile.high()).isLessThanOrEqualTo(range.high());
      assertThat(percentile.low()).isGreaterThanOrEqualTo(range.low());
    }
  }

  @Test
  void brokenActivation_isRefusedByItsNode() {
    var graph =
        GraphText.parse(
            """
            graph roots
            input x: float32[2x32]
            const u: float32[32x32] = random 1
            const w: float32[32x32] = random 2
            a = MatMul(x, u)
            r = Sqrt(a)
            y = MatMul(r, w)
            output y
            """);
    var samples = List.of(Map.of("x", new Chance(1).floats(List.of(2L, 32L))));
    var values = Objects.requireNonNull(Evaluation.all(graph, samples.getFirst()).get("r"));
    int broken = 0;
    for (float value : values.floats()) {
      broken += Float.isNaN(value) ? 1 : 0;
    }

    assertThatThrownBy(() -> Calibration.of(graph, List.of("a", "y"), samples, Progress.SILENT))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "node 'y': its activation 'r' holds "
                + broken
                + " numbers that are NaN or infinite on the calibration data");
    assertThat(Calibration.of(graph, List.of("a"), samples, Progress.SILENT).byNode())
        .containsOnlyKeys("a");
  }

  @Test
  void rangeWithoutZero_isRefused() {
    assertThatThrownBy(() -> new ActivationFormat.Static(1, 2))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a range is finite and holds 0, got [1.0, 2.0]");
    for (float bad : new float[] {0, Float.NaN, Float.POSITIVE_INFINITY}) {
      assertThatThrownBy(() -> new ActivationFormat.Static(0, bad))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void graphWithoutProducts_isNotEqualised() {
    var graph = GraphText.parse("graph g\ninput x: float32[4]\ny = Relu(x)\noutput y");

    assertThat(Equalisation.of(graph, List.of())).isSameAs(graph);
  }
}
