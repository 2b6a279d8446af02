package dev.inward.compress;

import static dev.inward.testkit.TensorAssert.assertTensor;
import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Tensor;
import dev.inward.graph.evaluation.Evaluation;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class EqualisationTest {
  /// A normalised value with one channel that its scale makes large, which two products and a sum
  /// read; and one without.
  private static Graph net(float outlier) {
    float[] scale = new float[32];
    java.util.Arrays.fill(scale, 1);
    scale[7] = outlier;
    return GraphText.parse(
            """
            graph net
            input x: float32[2x5x32]
            const scale: float32[32] = random 1
            const shift: float32[32] = random 2
            const w: float32[32x48] = random 3
            const b: float32[48] = random 4
            const v: float32[32x48] = random 5
            const u: float32[48x32] = random 6
            n = LayerNorm{axis=-1, epsilon=1.0e-5}(x, scale, shift)
            h = Linear(n, w, b)
            k = MatMul(n, v)
            s = Add(h, k)
            g = Gelu(s)
            m = MatMul(g, u)
            y = Add(m, n)
            output y
            """)
        .withConstants(Map.of("scale", Tensor.ofFloats(List.of(32L), scale)));
  }

  private static Tensor y(Graph graph, Map<String, Tensor> sample) {
    return Objects.requireNonNull(Evaluation.run(graph, sample).get("y"));
  }

  @Test
  void outlier_movesIntoAllWeightsThatReadIt_andTheResultStays() {
    Graph net = net(60);
    var samples = Trial.samples(net, 4);
    Graph equalised = Equalisation.of(net, samples);

    assertThat(equalised.readers("n").stream().map(n -> n.op().getClass().getSimpleName()))
        .as("the residual reads the value itself")
        .containsExactlyInAnyOrder("Binary", "Binary");
    assertThat(equalised.readers("n.equalised")).hasSize(2);
    for (var sample : Trial.samples(net, 6)) {
      assertTensor(y(equalised, sample)).isNear(y(net, sample), 1e-4);
    }
  }

  @Test
  void eightBitActivations_loseLess() {
    Graph net = net(60);
    var samples = Trial.samples(net, 4);
    Graph equalised = Equalisation.of(net, samples);
    double[] decibels = new double[2];
    for (Graph graph : List.of(net, equalised)) {
      var recipe = Recipes.dynamic(graph, "dynamic");
      Graph form = RuntimeForm.of(Compression.apply(graph, recipe), recipe);
      try (var session = dev.inward.runtime.Session.open(form)) {
        Tensor found = Objects.requireNonNull(session.run(samples.getFirst()).get("y"));
        decibels[graph == net ? 0 : 1] = Trial.decibels(y(net, samples.getFirst()), found);
      }
    }
    assertThat(decibels[1]).isGreaterThan(decibels[0] + 3);
  }

  @Test
  void withoutOutliers_theGraphStaysAsItIs() {
    Graph net = net(1);
    assertThat(Equalisation.of(net, Trial.samples(net, 4))).isSameAs(net);
  }

  @Test
  void oneLargeChannelOfAnActivationFunction_isEqualisedToo() {
    Graph net = net(1);
    float[] bias = net.constant("b").orElseThrow().floats();
    bias[3] = 90;
    net = net.withConstants(Map.of("b", Tensor.ofFloats(List.of(48L), bias)));
    var samples = Trial.samples(net, 4);
    Graph equalised = Equalisation.of(net, samples);

    assertThat(equalised.readers("g.equalised")).hasSize(1);
    assertTensor(y(equalised, samples.getFirst())).isNear(y(net, samples.getFirst()), 1e-3);
  }

  @Test
  void activationsWithoutLargeChannels_stayAsTheyAre() {
    assertThat(Equalisation.of(Trial.NET, Trial.samples(Trial.NET, 2))).isSameAs(Trial.NET);
  }

  @Test
  void chosenFactors_leaveTheLeastNoise_asMeasured() {
    // The model of the noise against roundings that are carried out.
    var reach = new ChannelReach(24);
    float[] x = new dev.inward.testkit.Chance(3).floats(List.of(4000L, 24L)).floats();
    for (int i = 0; i < x.length; i++) {
      x[i] *= i % 24 == 5 ? 40 : 1 + i % 3;
    }
    reach.add(x);
    Tensor w = new dev.inward.testkit.Chance(4).floats(List.of(24L, 16L));
    var noise = new ChannelNoise(reach, List.of(w));
    for (float[] factors : List.of(noise.best(), ones(24))) {
      assertThat(noise.of(factors) / measured(x, w.floats(), factors)).isBetween(0.7, 1.4);
    }
    assertThat(measured(x, w.floats(), noise.best()))
        .isLessThan(0.1 * measured(x, w.floats(), ones(24)));
  }

  private static float[] ones(int count) {
    float[] ones = new float[count];
    java.util.Arrays.fill(ones, 1);
    return ones;
  }

  /// The mean over rows of the squared error of `round(x / s) round(s w)`.
  private static double measured(float[] x, float[] w, float[] s) {
    int rows = s.length;
    int columns = w.length / rows;
    double low = 0;
    double high = 0;
    for (int i = 0; i < x.length; i++) {
      low = Math.min(low, x[i] / s[i % rows]);
      high = Math.max(high, x[i] / s[i % rows]);
    }
    double step = (high - low) / 255;
    double[] scale = new double[columns];
    for (int i = 0; i < w.length; i++) {
      scale[i % columns] = Math.max(scale[i % columns], 2 * Math.abs(w[i] * s[i / columns]) / 255);
    }
    double sum = 0;
    for (int r = 0; r < x.length / rows; r++) {
      for (int j = 0; j < columns; j++) {
        double error = 0;
        for (int k = 0; k < rows; k++) {
          double a = x[r * rows + k];
          double b = w[k * columns + j];
          error +=
              Math.rint(a / s[k] / step) * step * Math.rint(b * s[k] / scale[j]) * scale[j] - a * b;
        }
        sum += error * error;
      }
    }
    return sum / (x.length / rows);
  }
}
