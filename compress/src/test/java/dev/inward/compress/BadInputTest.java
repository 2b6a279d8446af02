package dev.inward.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Tensor;
import dev.inward.graph.evaluation.Evaluation;
import dev.inward.testkit.Chance;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BadInputTest {
  private static final Graph NET =
      GraphText.parse(
          """
          graph net
          input x: float32[4x3x8x8]
          const c: float32[40x3x3x3] = random 1
          const w: float32[40x32] = random 2
          const v: float32[32x32] = random 3
          const flat: int64[2] = 4, 40
          h = Conv{groups=1}(x, c)
          r = Relu(h)
          g = GlobalAveragePool{p=0}(r)
          f = Reshape(g, flat)
          m = MatMul(f, w)
          t = Tanh(m)
          y = MatMul(t, v)
          output y
          """);

  private static Calibration calibrated(Graph graph, List<Map<String, Tensor>> samples) {
    return Calibration.of(graph, Recipes.quantizable(graph), samples, Progress.SILENT);
  }

  private static Graph with(String constant, float[] values) {
    List<Long> dims = NET.constant(constant).orElseThrow().dims();
    return NET.withConstants(Map.of(constant, Tensor.ofFloats(dims, values)));
  }

  static List<WeightFormat> formats() {
    return List.of(
        WeightFormat.FLOAT16,
        WeightFormat.INT8_PER_TENSOR,
        WeightFormat.INT8_PER_CHANNEL,
        WeightFormat.INT8_ASYMMETRIC,
        WeightFormat.INT4_IN_BLOCKS_OF_32,
        WeightFormat.Palette.of(6),
        WeightFormat.Palette.grouped(4, 16),
        new WeightFormat.Sparse(new WeightFormat.Zeros.OfEach(2, 4), WeightFormat.INT8_PER_CHANNEL),
        new WeightFormat.Sparse(new WeightFormat.Zeros.OfEach(2, 4), WeightFormat.Palette.of(4)));
  }

  @Test
  void calibrationOfTheWrongShape_isRefusedByInput() {
    var samples = List.of(Map.of("x", new Chance(1).floats(List.of(4L, 8L, 8L, 3L))));
    assertThatThrownBy(() -> calibrated(NET, samples))
        .isInstanceOf(InputException.class)
        .hasMessage("input 'x': is float32[4x8x8x3], the model wants float32[4x3x8x8]");
  }

  @Test
  void calibrationOfTheWrongType_isRefusedByInput() {
    var samples =
        List.of(Map.of("x", new Chance(1).wholes(DataType.INT64, List.of(4L, 3L, 8L, 8L), 0, 255)));
    assertThatThrownBy(() -> calibrated(NET, samples))
        .isInstanceOf(InputException.class)
        .hasMessage("input 'x': is int64[4x3x8x8], the model wants float32[4x3x8x8]");
  }

  @Test
  void calibrationWithoutSamples_isRefused() {
    assertThatThrownBy(() -> calibrated(NET, List.of()))
        .isInstanceOf(InputException.class)
        .hasMessage("there are no samples to learn the ranges of activations from");
  }

  @Test
  void tooFewSamples_areDoubted() {
    assertThat(calibrated(NET, Trial.samples(NET, 3)).doubts())
        .containsExactly("ranges rest on 3 samples, at least 16 are wanted");
    assertThat(calibrated(NET, Trial.samples(NET, 16)).doubts()).isEmpty();
  }

  private static List<Map<String, Tensor>> pixels(float scale) {
    return IntStream.range(0, 4)
        .mapToObj(seed -> {
          float[] values = new float[4 * 3 * 64];
          var chance = new Chance(seed);
          for (int i = 0; i < values.length; i++) {
            values[i] = chance.between(0, 255) * scale;
          }
          return Map.of("x", Tensor.ofFloats(List.of(4L, 3L, 8L, 8L), values));
        })
        .toList();
  }

  @Test
  void calibrationOfAnotherScale_isDoubted() {
    assertThat(InputScale.doubts(NET, pixels(1), pixels(1 / 255f)))
        .containsExactly(
            "input 'x' reaches 255 in the calibration data and 1 in the test data: are both prepared"
                + " the same way?");
    assertThat(InputScale.doubts(NET, pixels(1), List.of()))
        .containsExactly(
            "input 'x' holds whole numbers up to 255, as pixels before they are scaled: does the"
                + " model take them so?");
    assertThat(InputScale.doubts(NET, pixels(1 / 255f), pixels(1 / 255f))).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void nanInAWeight_isRefusedByName(WeightFormat format) {
    float[] broken = NET.constant("w").orElseThrow().floats();
    broken[77] = Float.NaN;
    Graph net = with("w", broken);
    assertThatThrownBy(() -> Compression.apply(net, Recipes.weights(net, "r", format)))
        .isInstanceOf(InputException.class)
        .hasMessage("weight 'w': holds NaN and cannot be encoded");
  }

  @Test
  void nanInAnActivation_isRefusedByNode_alsoWhenEqualising() {
    float[] broken = NET.constant("w").orElseThrow().floats();
    broken[77] = Float.NaN;
    Graph net = with("w", broken);
    assertThatThrownBy(() -> calibrated(net, Trial.samples(net, 2)))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "node 'y': its activation 't' holds 8 numbers that are NaN or infinite on the calibration"
                + " data");
    assertThatThrownBy(() -> Equalisation.of(net, Trial.samples(net, 2)))
        .isInstanceOf(InputException.class)
        .hasMessageStartingWith("node 'y': its activation 't' holds 8 numbers");
  }

  @ParameterizedTest
  @MethodSource("formats")
  void layerOfZeros_comesBackAsZeros(WeightFormat format) {
    Graph net = with("w", new float[40 * 32]);
    Graph encoded = Compression.apply(net, Recipes.weights(net, "r", format));
    assertThat(encoded.constant("w").orElseThrow().floats()).containsOnly(0f);
  }

  @Test
  void layerOfZeros_hasADoubtedRange_andRuns() {
    Graph net = with("w", new float[40 * 32]);
    var samples = Trial.samples(net, 16);
    var calibration = calibrated(net, samples);
    assertThat(calibration.doubts()).containsExactly("node 'y' reads the same number everywhere");
    Graph rounded =
        Compression.apply(
            net,
            Recipes.calibrated(
                net,
                "r",
                WeightFormat.INT8_PER_CHANNEL,
                Ranges.best(net, calibration, samples.subList(0, 2), Progress.SILENT)));
    assertThat(y(rounded, samples.getFirst())).containsOnly(0f);
    assertThat(Equalisation.of(net, samples)).isSameAs(net);
    assertThat(CrossLayer.of(net)).isSameAs(net);
  }

  private static float[] y(Graph graph, Map<String, Tensor> sample) {
    return Objects.requireNonNull(Evaluation.run(graph, sample).get("y")).floats();
  }

  @ParameterizedTest
  @MethodSource("formats")
  void constantLayer_comesBackNearlyEqual(WeightFormat format) {
    float[] constant = new float[40 * 32];
    java.util.Arrays.fill(constant, -0.37f);
    Tensor weight = Tensor.ofFloats(List.of(40L, 32L), constant);
    float[] back = WeightEncoder.encode("w", weight, format, Axes.of(1, 0)).floats();
    for (float value : back) {
      boolean zero = value == 0 && format instanceof WeightFormat.Sparse;
      assertThat(zero ? -0.37f : value).isBetween(-0.372f, -0.368f);
    }
  }

  @Test
  void channelOfOneOutlier_costsOnlyItself_whereChannelsHaveTheirOwnScale() {
    float[] w = NET.constant("w").orElseThrow().floats();
    float[] plain = w.clone();
    w[32 * 7 + 3] = 1e4f;
    Tensor weight = Tensor.ofFloats(List.of(40L, 32L), w);
    float[] back =
        WeightEncoder.encode("w", weight, WeightFormat.INT8_PER_CHANNEL, Axes.of(1, 0)).floats();
    float[] before =
        WeightEncoder.encode(
                "w",
                Tensor.ofFloats(List.of(40L, 32L), plain),
                WeightFormat.INT8_PER_CHANNEL,
                Axes.of(1, 0))
            .floats();
    for (int i = 0; i < w.length; i++) {
      if (i % 32 != 3) {
        assertThat(back[i]).isEqualTo(before[i]);
      }
    }
    assertThat(back[32 * 7 + 3]).isBetween(0.99e4f, 1.01e4f);
  }

  @Test
  void weightOfTwoNodes_isEncodedOnce_andServesBoth() {
    Graph encoded =
        Compression.apply(
            Trial.NET, Recipes.weights(Trial.NET, "r", WeightFormat.INT8_PER_CHANNEL));
    assertThat(encoded.readers("w")).hasSize(2);
    assertThat(encoded.constant("w").orElseThrow().encoding()).isInstanceOf(Encoding.Affine.class);
  }

  @Test
  void groupThatDoesNotDivide_isSaid() {
    var blocks = Recipes.weights(NET, "r", WeightFormat.INT4_IN_BLOCKS_OF_32);
    assertThat(Recipes.departures(NET, blocks))
        .containsExactly(
            "weight 'c': blocks of 32 do not divide its 3 inputs, all of a channel share a scale",
            "weight 'w': blocks of 32 do not divide its 40 inputs, blocks of 20 are taken");
    var palettes = Recipes.weights(NET, "r", WeightFormat.Palette.grouped(4, 16));
    assertThat(Recipes.departures(NET, palettes))
        .containsExactly(
            "weight 'c': groups of 16 do not divide its 40 channels, groups of 10 are taken");
    assertThat(Recipes.departures(NET, Recipes.weights(NET, "r", WeightFormat.INT8_PER_CHANNEL)))
        .isEmpty();
  }

  @Test
  void layerThatIsLeftOut_staysAsItWas() {
    var weights = new LinkedHashMap<String, WeightFormat>();
    weights.put("w", WeightFormat.INT8_PER_CHANNEL);
    Graph encoded = Compression.apply(NET, new Recipe("r", weights, new LinkedHashMap<>()));
    for (String left : List.of("c", "v", "flat")) {
      var before = ((Encoding.Dense) NET.constant(left).orElseThrow().encoding()).data();
      var after = ((Encoding.Dense) encoded.constant(left).orElseThrow().encoding()).data();
      assertThat(after.toArray()).isEqualTo(before.toArray());
    }
  }
}
