package dev.inward.graph.evaluation;

import static dev.inward.graph.evaluation.Run.counting;
import static dev.inward.graph.evaluation.Run.dims;
import static dev.inward.graph.evaluation.Run.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.inward.graph.Normalization;
import dev.inward.graph.Op;
import dev.inward.graph.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NormalizationRuleTest {
  private static void expect(Op op, double[] y, Tensor... operands) {
    float[] got = Run.of(op, operands).floats();
    assertThat(got).hasSize(y.length);
    for (int i = 0; i < y.length; i++) {
      assertThat((double) got[i]).as("element %d", i).isCloseTo(y[i], offset(1e-6));
    }
  }

  @Test
  void batchNorm_usesTheStatisticsOfItsChannel() {
    expect(
        new Normalization.BatchNorm(0),
        new double[] {5, 7, 1, 1.5},
        counting(1, 2, 2),
        vector(2, 1),
        vector(3, 0),
        vector(-1, 0),
        vector(1, 4));
  }

  @Test
  void layerNorm_standardisesTheLastAxes() {
    // Deviations of 0, 1, 2, 3 from 1.5; their variance is 1.25.
    double unit = 1 / Math.sqrt(1.25 + 0.5);
    Tensor x = counting(1, 2, 2);
    expect(
        new Normalization.LayerNorm(1, 0.5f),
        new double[] {-1.5 * unit + 1, -0.5 * unit, unit, 3 * unit},
        x,
        Tensor.ofFloats(dims(2, 2), 1, 1, 2, 2),
        Tensor.ofFloats(dims(2, 2), 1, 0, 0, 0));
    double pair = 0.5 / Math.sqrt(0.25);
    expect(new Normalization.LayerNorm(-1, 0), new double[] {-pair, pair, -pair, pair}, x);
  }

  @Test
  void rmsNorm_keepsTheMean() {
    double rms = Math.sqrt((9 + 16) / 2.0);
    expect(
        new Normalization.RmsNorm(-1, 0),
        new double[] {3 / rms, 8 / rms},
        vector(3, 4),
        vector(1, 2));
  }

  @Test
  void instanceAndGroupNorm_standardiseTheirChannels() {
    Tensor x = counting(1, 4, 1, 2);
    Tensor scale = vector(1, 2, 1, 1);
    Tensor bias = vector(0, 0, 10, 0);
    expect(
        new Normalization.InstanceNorm(0),
        new double[] {-1, 1, -2, 2, 9, 11, -1, 1},
        x,
        scale,
        bias);
    double u = 1 / Math.sqrt(1.25);
    expect(
        new Normalization.GroupNorm(2, 0),
        new double[] {-1.5 * u, -0.5 * u, u, 3 * u, 10 - 1.5 * u, 10 - 0.5 * u, 0.5 * u, 1.5 * u},
        x,
        scale,
        bias);
    assertThatThrownBy(() -> Run.of(new Normalization.GroupNorm(3, 0), x, scale, bias))
        .hasMessage("node 'n': 4 channels do not split into 3 groups");
  }

  @Test
  void lpNorm_leavesZerosAlone() {
    Tensor x = Tensor.ofFloats(dims(2, 2), 3, 0, -4, 0);
    expect(new Normalization.LpNorm(0, 2), new double[] {0.6, 0, -0.8, 0}, x);
    expect(new Normalization.LpNorm(0, 1), new double[] {3 / 7.0, 0, -4 / 7.0, 0}, x);
  }

  @Test
  void localResponse_looksAtNeighbouringChannels() {
    // Size 2 looks one channel ahead: 1 + 2/2 * (1 + 4), 1 + (4 + 9), 1 + 9.
    expect(
        new Normalization.LocalResponseNorm(2, 2, 1, 1),
        new double[] {1 / 6.0, 2 / 14.0, 3 / 10.0},
        Tensor.ofFloats(dims(1, 3, 1), 1, 2, 3));
  }

  @Test
  void meanVarianceNorm_reducesItsAxes() {
    expect(
        new Normalization.MeanVarianceNorm(List.of(0L, 2L)),
        new double[] {-1, -1, -1, -1, 1, 1, 1, 1},
        Tensor.ofFloats(dims(2, 2, 2), 0, 0, 5, 5, 2, 2, 9, 9));
  }

  @Test
  void softmax_survivesLargeLogits() {
    double e = Math.exp(-1);
    Tensor x = Tensor.ofFloats(dims(2, 2), 1000, -1e30f, 999, 7);
    expect(new Normalization.Softmax(0), new double[] {1 / (1 + e), 0, e / (1 + e), 1}, x);
    expect(
        new Normalization.LogSoftmax(-1),
        new double[] {-Math.log(1 + e), -1 - Math.log(1 + e)},
        vector(1000, 999));
    expect(new Normalization.Hardmax(-1), new double[] {0, 1, 0}, vector(1, 2, 2));
  }
}
