package dev.inward.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.Source;
import dev.inward.base.Unit;
import dev.inward.graph.GraphText;
import dev.inward.testkit.Chance;
import dev.inward.testkit.Trials;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LatencyTest {
  @Test
  void percentile_isTheSmallestTimeThatEnoughRunsKeep() {
    Trials.run(
        50,
        chance -> {
          int runs = chance.between(1, 120);
          List<Double> ms = new ArrayList<>();
          for (int i = 0; i < runs; i++) {
            ms.add((double) chance.between(1, 40));
          }
          var latency = new Latency(ms, 1);
          for (int percent = 1; percent <= 100; percent++) {
            int share = percent;
            double expected =
                ms.stream()
                    .filter(
                        t -> 100L * ms.stream().filter(o -> o <= t).count() >= (long) share * runs)
                    .mapToDouble(Double::doubleValue)
                    .min()
                    .orElseThrow();
            assertThat(latency.percentile(percent))
                .as("%d %% of %d", percent, runs)
                .isEqualTo(expected);
          }
        });
  }

  @Test
  void percentile_countsRanksExactly() {
    List<Double> ms = new ArrayList<>();
    for (int i = 1; i <= 100; i++) {
      ms.add((double) i);
    }
    Collections.reverse(ms);
    var latency = new Latency(ms, 1);

    for (int percent = 1; percent <= 100; percent++) {
      assertThat(latency.percentile(percent)).isEqualTo(percent);
    }
    assertThat(latency.p50()).isEqualTo(50);
    assertThat(latency.p95()).isEqualTo(95);
  }

  @Test
  void figure_isTheMedianWithItsSpreadAndSource() {
    var latency = new Latency(List.of(3.0, 1.0, 2.0, 10.0), 2);
    var figure = latency.figure();

    assertThat(figure.value()).isEqualTo(2);
    assertThat(figure.low()).isEqualTo(1);
    assertThat(figure.high()).isEqualTo(10);
    assertThat(figure.unit()).isEqualTo(Unit.MILLISECONDS);
    assertThat(figure.source())
        .isEqualTo(
            new Source.Measured(
                "this machine (%s, ONNX Runtime %s)"
                    .formatted(System.getProperty("os.arch"), Engine.version()),
                4,
                "median of single runs, 2 threads, no spinning"));
  }

  @Test
  void sessions_areTimedInTurnAndTheRunsCounted() {
    var little = GraphText.parse("graph g\ninput x: float32[4x4]\ny = MatMul(x, x)\noutput y");
    var much = GraphText.parse("graph g\ninput x: float32[400x400]\ny = MatMul(x, x)\noutput y");
    var chance = new Chance(1);
    try (var small = Session.open(little);
        var large = Session.open(much)) {
      var times =
          Latency.interleaved(
              List.of(large, small, large),
              List.of(chance.inputs(much), chance.inputs(little), chance.inputs(much)),
              new Latency.Plan(2, 7),
              1);

      assertThat(times).hasSize(3);
      assertThat(times).allMatch(t -> t.sortedMs().size() == 7 && t.threads() == 1);
      assertThat(times).allMatch(t -> t.sortedMs().getFirst() > 0);
      assertThat(times.get(1).sortedMs().getFirst())
          .as("64 million products take longer than 64, in the order of the sessions")
          .isLessThan(times.get(0).p50())
          .isLessThan(times.get(2).p50());
      assertThat(Latency.of(small, chance.inputs(little), new Latency.Plan(0, 1), 1).sortedMs())
          .hasSize(1);
    }
  }

  @Test
  void wrongInput_isToldAndNotTimed() {
    var graph = GraphText.parse("graph g\ninput x: float32[4]\ny = Relu(x)\noutput y");
    try (var session = Session.open(graph)) {
      assertThatThrownBy(() -> Latency.of(session, Map.of(), Latency.Plan.USUAL, 1))
          .hasMessage("input 'x': is missing; the model wants float32[4]");
    }
  }

  @Test
  void planWithoutARound_isRefused() {
    assertThatThrownBy(() -> new Latency.Plan(3, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("at least one round, got 3, 0");
    assertThatThrownBy(() -> new Latency.Plan(-1, 1)).isInstanceOf(IllegalArgumentException.class);
  }
}
