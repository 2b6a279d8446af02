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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CrossLayerTest {
  /// An inverted residual as MobileNetV2 has it: widened, depthwise, narrowed, then a classifier.
  private static Graph net(String activation) {
    return GraphText.parse(
        """
        graph net
        input x: float32[2x8x9x9]
        const zero: float32[] = 0
        const six: float32[] = 2.5
        const slope: float32[32x1x1] = random 12
        const a: float32[32x8x1x1] = random 1
        const ab: float32[32] = random 2
        const d: float32[32x1x3x3] = random 3
        const db: float32[32] = random 4
        const n: float32[16x32x1x1] = random 5
        const nb: float32[16] = random 6
        const w: float32[16x10] = random 7
        const wb: float32[10] = random 8
        const flat: int64[2] = 0, 16
        h = Conv{groups=1}(x, a, ab)
        r = ACT
        e = Conv{pads=[1, 1, 1, 1], groups=32}(r, d, db)
        s = Relu(e)
        o = Conv{groups=1}(s, n, nb)
        g = GlobalAveragePool{p=0}(o)
        f = Reshape(g, flat)
        y = Linear(f, w, wb)
        output y
        """
            .replace("ACT", activation));
  }

  /// Divides the outputs of one layer and multiplies the inputs of the next, which computes the
  /// same.
  private static Graph unequal(Graph net) {
    float[] a = net.constant("a").orElseThrow().floats();
    float[] ab = net.constant("ab").orElseThrow().floats();
    float[] d = net.constant("d").orElseThrow().floats();
    float[] db = net.constant("db").orElseThrow().floats();
    float[] n = net.constant("n").orElseThrow().floats();
    for (int c = 0; c < 32; c++) {
      float first = (float) Math.pow(2, c % 11 - 5);
      float second = (float) Math.pow(2, c * 7 % 13 - 6);
      for (int i = 0; i < 8; i++) {
        a[c * 8 + i] *= first;
      }
      ab[c] *= first;
      for (int i = 0; i < 9; i++) {
        d[c * 9 + i] *= second / first;
      }
      db[c] *= second;
      for (int o = 0; o < 16; o++) {
        n[o * 32 + c] /= second;
      }
    }
    return net.withConstants(
        Map.of(
            "a", Tensor.ofFloats(List.of(32L, 8L, 1L, 1L), a),
            "ab", Tensor.ofFloats(List.of(32L), ab),
            "d", Tensor.ofFloats(List.of(32L, 1L, 3L, 3L), d),
            "db", Tensor.ofFloats(List.of(32L), db),
            "n", Tensor.ofFloats(List.of(16L, 32L, 1L, 1L), n)));
  }

  private static Tensor y(Graph graph, Map<String, Tensor> sample) {
    return Objects.requireNonNull(Evaluation.run(graph, sample).get("y"));
  }

  /// Every weight in int8 with one scale; small ones too, which a recipe would leave.
  private static Graph rounded(Graph graph) {
    var encoded = new java.util.LinkedHashMap<String, Tensor>();
    for (String name : List.of("a", "d", "n", "w")) {
      encoded.put(
          name,
          WeightEncoder.encode(
              name, graph.constant(name).orElseThrow(), WeightFormat.INT8_PER_TENSOR, Axes.NONE));
    }
    return graph.withConstants(encoded);
  }

  private static double decibels(Graph graph, Graph reference) {
    double sum = 0;
    var samples = Trial.samples(reference, 4);
    for (var sample : samples) {
      sum += Trial.decibels(y(reference, sample), y(graph, sample)) / samples.size();
    }
    return sum;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Relu(h)",
        "LeakyRelu{alpha=0.1}(h)",
        "Prelu(h, slope)",
        "Clip(h, zero, six)",
        "Identity(h)",
        "MaxPool{kernel=[2, 2], p=0}(h)"
      })
  void equalisedNet_computesTheSame(String activation) {
    Graph net = net(activation);
    float[] a = net.constant("a").orElseThrow().floats();
    for (int i = 0; i < 8; i++) {
      a[i] *= 40;
    }
    net = net.withConstants(Map.of("a", Tensor.ofFloats(List.of(32L, 8L, 1L, 1L), a)));
    Graph equalised = CrossLayer.of(net);

    assertThat(equalised).isNotEqualTo(net);
    for (var sample : Trial.samples(net, 3)) {
      assertTensor(y(equalised, sample)).isNear(y(net, sample), 1e-4);
    }
  }

  @Test
  void unequalChannels_recoverUnderOneScaleATensor() {
    Graph plain = net("Relu(h)");
    Graph unequal = unequal(plain);
    assertTensor(y(unequal, Trial.samples(plain, 1).getFirst()))
        .isNear(y(plain, Trial.samples(plain, 1).getFirst()), 1e-3);

    double lost = decibels(rounded(unequal), plain);
    double recovered = decibels(rounded(CrossLayer.of(unequal)), plain);
    assertThat(lost).isLessThan(20);
    assertThat(recovered)
        .isGreaterThan(lost + 15)
        .isGreaterThan(decibels(rounded(plain), plain) - 3);
  }

  @Test
  void pair_hasEqualLargestWeightsAfterwards() {
    Graph equalised = CrossLayer.of(unequal(net("Relu(h)")));
    float[] a = equalised.constant("a").orElseThrow().floats();
    float[] d = equalised.constant("d").orElseThrow().floats();
    for (int c = 0; c < 32; c++) {
      float first = 0;
      float second = 0;
      for (int i = 0; i < 8; i++) {
        first = Math.max(first, Math.abs(a[c * 8 + i]));
      }
      for (int i = 0; i < 9; i++) {
        second = Math.max(second, Math.abs(d[c * 9 + i]));
      }
      assertThat(first / second).as("channel %d", c).isBetween(0.99f, 1.01f);
    }
  }

  @Test
  void equalChannels_stayAsTheyAre() {
    Graph once = CrossLayer.of(unequal(net("Relu(h)")));
    assertThat(CrossLayer.of(once)).isSameAs(once);
  }

  @ParameterizedTest
  @ValueSource(strings = {"Sigmoid(h)", "HardSwish(h)", "Tanh(h)", "Clip(h, six, six)"})
  void activationThatDoesNotScale_endsThePair(String activation) {
    Graph net = unequal(net(activation));
    assertThat(CrossLayer.of(net).constant("a")).isEqualTo(net.constant("a"));
  }

  @Test
  void valueWithAnotherReader_andSharedWeight_stay() {
    Graph residual =
        GraphText.parse(
            """
            graph net
            input x: float32[1x8x4x4]
            const a: float32[8x8x1x1] = random 1
            const b: float32[8x8x1x1] = random 2
            h = Conv{groups=1}(x, a)
            r = Relu(h)
            o = Conv{groups=1}(r, b)
            y = Add(o, r)
            output y
            """);
    Graph shared =
        GraphText.parse(
            """
            graph net
            input x: float32[1x8x4x4]
            const a: float32[8x8x1x1] = random 1
            h = Conv{groups=1}(x, a)
            r = Relu(h)
            y = Conv{groups=1}(r, a)
            output y
            """);
    assertThat(CrossLayer.of(residual)).isSameAs(residual);
    assertThat(CrossLayer.of(shared)).isSameAs(shared);
  }
}
