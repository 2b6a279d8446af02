package dev.inward.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Tensor;
import dev.inward.graph.evaluation.Evaluation;
import dev.inward.testkit.Chance;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class DriftTest {
  private static final String TEXT =
      """
      graph chain
      input x: float32[3x16]
      const w: float32[16x16] = random 1
      const v: float32[16x16] = random 2
      const u: float32[16x4] = random 3
      a = MatMul(x, w)
      b = Relu(a)
      c = MatMul(b, v)
      n = ShapeOf(c)
      d = Tanh(c)
      y = MatMul(d, u)
      output y
      """;
  private static final Graph GRAPH = GraphText.parse(TEXT);

  private static final List<Map<String, Tensor>> SAMPLES =
      IntStream.range(0, 3).mapToObj(i -> new Chance(i).inputs(GRAPH)).toList();

  private static List<Drift> drifts(Graph reference, Graph changed) {
    return Drift.between(reference, changed, SAMPLES, SAMPLES);
  }

  private static Graph disturbed(String weight) {
    Tensor before = GRAPH.constant(weight).orElseThrow();
    float[] values = before.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= 1.01f;
    }
    return GRAPH.withConstants(Map.of(weight, Tensor.ofFloats(before.dims(), values)));
  }

  @Test
  void equalGraphs_differNowhere() {
    var drifts = drifts(GRAPH, GRAPH);

    assertThat(drifts).extracting(Drift::value).containsExactly("a", "b", "c", "d", "y");
    assertThat(drifts)
        .extracting(Drift::op)
        .containsExactly("MatMul", "Relu", "MatMul", "Tanh", "MatMul");
    assertThat(drifts)
        .allMatch(d -> d.decibels() == Double.POSITIVE_INFINITY && d.worst() == 0 && d.finite());
  }

  @Test
  void disturbedWeight_showsFirstAtItsNode() {
    var drifts = drifts(GRAPH, disturbed("v"));

    assertThat(drifts.subList(0, 2))
        .allMatch(d -> d.decibels() == Double.POSITIVE_INFINITY && d.worst() == 0);
    assertThat(drifts.get(2).value()).isEqualTo("c");
    assertThat(drifts.get(2).decibels())
        .as("one percent of the amplitude is 40 dB")
        .isCloseTo(40, within(0.01));
    assertThat(drifts.subList(2, 5)).allMatch(d -> d.decibels() < 100 && d.worst() > 0);
  }

  @Test
  void figures_areThoseOfTheValues() {
    var changed = disturbed("w");
    double signal = 0;
    double error = 0;
    double worst = 0;
    double largest = 0;
    for (var sample : SAMPLES) {
      float[] x = Objects.requireNonNull(Evaluation.run(GRAPH, sample).get("y")).floats();
      float[] y = Objects.requireNonNull(Evaluation.run(changed, sample).get("y")).floats();
      for (int i = 0; i < x.length; i++) {
        signal += (double) x[i] * x[i];
        error += Math.pow((double) x[i] - y[i], 2);
        worst = Math.max(worst, Math.abs((double) x[i] - y[i]));
        largest = Math.max(largest, Math.abs(x[i]));
      }
    }

    var drift = drifts(GRAPH, changed).getLast();

    assertThat(drift.decibels()).isCloseTo(10 * Math.log10(signal / error), within(0.01));
    assertThat(drift.worst()).isCloseTo(worst, within(1e-4));
    assertThat(drift.largest()).isCloseTo(largest, within(1e-4));
    assertThat(drift.finite()).isTrue();
  }

  @Test
  void outputsOfOtherNames_areMatchedByPosition() {
    Graph renamed =
        GraphText.parse(
            TEXT.replace("y", "other").replace("\nd =", "\ny =").replace("(d, u)", "(y, u)"));

    var drifts = drifts(GRAPH, renamed);

    assertThat(drifts).extracting(Drift::value).containsExactly("a", "b", "c", "y");
    assertThat(drifts).allMatch(d -> d.decibels() == Double.POSITIVE_INFINITY);
  }

  @Test
  void otherGraph_mayTakeItsInputsByOtherNames() {
    Graph renamed = GraphText.parse(TEXT.replace("x:", "pixels:").replace("(x,", "(pixels,"));
    var other =
        SAMPLES.stream().map(s -> Map.of("pixels", Objects.requireNonNull(s.get("x")))).toList();

    assertThat(Drift.between(GRAPH, renamed, SAMPLES, other))
        .hasSize(5)
        .allMatch(d -> d.decibels() == Double.POSITIVE_INFINITY);
  }

  @Test
  void numbersThatBreak_areNotTakenForEqualOnes() {
    Tensor u = GRAPH.constant("u").orElseThrow();
    float[] values = u.floats();
    values[0] = Float.NaN;
    Graph broken = GRAPH.withConstants(Map.of("u", Tensor.ofFloats(u.dims(), values)));

    var y = drifts(GRAPH, broken).getLast();

    assertThat(y.finite()).isFalse();
    assertThat(y.decibels()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(y.worst()).isEqualTo(Double.POSITIVE_INFINITY);
    var same = drifts(broken, broken).getLast();
    assertThat(same.finite()).isFalse();
    assertThat(same.decibels()).isEqualTo(Double.POSITIVE_INFINITY);
  }
}
