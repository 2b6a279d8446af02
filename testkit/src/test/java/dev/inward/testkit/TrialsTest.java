package dev.inward.testkit;

import static dev.inward.testkit.TensorAssert.assertTensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.graph.DataType;
import dev.inward.graph.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TrialsTest {
  @Test
  void failure_namesItsSeed() {
    int[] runs = new int[1];

    assertThatThrownBy(() ->
            Trials.run(
                10,
                _ -> {
                  if (runs[0]++ == 3) {
                    throw new IllegalStateException("odd");
                  }
                }))
        .isInstanceOf(AssertionError.class)
        .hasMessage("seed 3 (repeat with -Dinward.seed=3): odd");
  }

  @Test
  void sameSeed_givesTheSameGraph() {
    assertThat(RandomGraphs.of(new Chance(5), 12)).isEqualTo(RandomGraphs.of(new Chance(5), 12));
    assertThat(RandomGraphs.of(new Chance(5), 12)).isNotEqualTo(RandomGraphs.of(new Chance(6), 12));
  }

  @Test
  void wholes_stayInTheirRange() {
    Tensor tensor = new Chance(1).wholes(DataType.INT4, List.of(100L), -3, 2);

    assertThat(java.util.Arrays.stream(tensor.longs()).boxed())
        .contains(-3L, 2L)
        .allMatch(v -> v >= -3 && v <= 2);
  }

  @Test
  void tolerance_isAbsolutePlusRelative() {
    Tensor expected = Tensor.ofFloats(List.of(2L), 100, 0);

    assertTensor(Tensor.ofFloats(List.of(2L), 101, 0.1f)).isClose(expected, 0.125, 0.01);
    assertTensor(Tensor.ofFloats(List.of(2L), 103, 4)).isNear(expected, 0.05);
    assertThatThrownBy(() ->
            assertTensor(Tensor.ofFloats(List.of(2L), 100, 0.25f)).isClose(expected, 0.125, 1))
        .isInstanceOf(AssertionError.class)
        .hasMessage("element 1 of float32[2] is 0.25, expected 0.0 within 0.125");
    assertThatThrownBy(() -> assertTensor(Tensor.scalar(1f)).isClose(expected, 1, 1))
        .hasMessage("expected float32[2], got float32[]");
    assertThatThrownBy(() ->
            assertTensor(Tensor.ofFloats(List.of(2L), Float.NaN, 0)).isClose(expected, 1e9, 1))
        .isInstanceOf(AssertionError.class);
    assertThatThrownBy(
            () -> assertTensor(Tensor.ofFloats(List.of(2L), 103, 4)).isNear(expected, 0.04))
        .hasMessage("relative distance 0.05, expected at most 0.04");
  }
}
