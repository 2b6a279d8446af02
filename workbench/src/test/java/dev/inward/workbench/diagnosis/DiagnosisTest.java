package dev.inward.workbench.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inward.compress.WeightEncoder;
import dev.inward.compress.WeightFormat;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Tensor;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class DiagnosisTest {
  private static final String CHAIN =
      """
      graph chain
      input x: float32[4x64]
      const w: float32[64x64] = random 1
      const v: float32[64x64] = random 2
      const u: float32[64x16] = random 3
      a = MatMul(x, w)
      b = Relu(a)
      c = MatMul(b, v)
      n = ShapeOf(c)
      d = Tanh(c)
      y = MatMul(d, u)
      output y
      """;

  /// Root mean square over the last axis, by hand; inputs of about 1 times `gain`.
  private static String rms(double gain) {
    return """
    graph rms
    input x: float32[4x64]
    const gain: float32[] = %s
    const eps: float32[] = 0.0001
    const two: float32[] = 2
    const w: float32[64x16] = random 3
    h = Mul(x, gain)
    s = Pow(h, two)
    m = ReduceMean{axes=[-1], keepDims}(s)
    e = Add(m, eps)
    r = Sqrt(e)
    n = Div(h, r)
    y = MatMul(n, w)
    output y
    """
        .formatted(gain);
  }

  private static Cause first(Pair pair) {
    return pair.diagnosis().first().orElseThrow().cause();
  }

  private static Tensor encoded(Graph graph, String weight, WeightFormat format) {
    return WeightEncoder.encode(
        weight, graph.constant(weight).orElseThrow(), format, OptionalInt.of(1));
  }

  private static Tensor scaled(Tensor tensor, int column, float by) {
    float[] values = tensor.floats();
    int columns = tensor.dims().get(1).intValue();
    for (int i = column; i < values.length; i += columns) {
      values[i] *= by;
    }
    return Tensor.ofFloats(tensor.dims(), values);
  }

  @Test
  void equalGraphs_differNowhere() {
    var diagnosis = Pair.same(CHAIN).diagnosis();
    assertThat(diagnosis.steps()).extracting(Step::value).containsExactly("a", "b", "c", "d", "y");
    assertThat(diagnosis.steps())
        .allMatch(step ->
            step.accumulated().decibels() == Double.POSITIVE_INFINITY
                && step.local().decibels() == Double.POSITIVE_INFINITY);
    assertThat(diagnosis.first()).isEmpty();
    assertThat(diagnosis.findings()).isEmpty();
    assertThat(diagnosis.simulated()).isFalse();
  }

  @Test
  void disturbedWeight_showsAtItsNodeOnly() {
    Graph graph = GraphText.parse(CHAIN);
    float[] values = graph.constant("v").orElseThrow().floats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= 1.01f;
    }
    var changed =
        graph.withConstants(Map.of("v", Tensor.ofFloats(java.util.List.of(64L, 64L), values)));
    var diagnosis = new Pair(graph, changed).diagnosis();
    var found = diagnosis.first().orElseThrow();
    assertThat(found.step().value()).isEqualTo("c");
    assertThat(found.step().accumulated().decibels())
        .as("one percent of the amplitude is 40 dB")
        .isCloseTo(40, within(0.01));
    assertThat(found.step().local().decibels()).isCloseTo(40, within(0.01));
    assertThat(found.step().share()).hasValueCloseTo(1.0, within(0.001));
    assertThat(diagnosis.findings()).hasSize(1);
    // What comes after it has its error, and none of its own.
    var y = diagnosis.steps().getLast();
    assertThat(y.accumulated().decibels()).isLessThan(60);
    assertThat(y.local().decibels()).isGreaterThan(120);
  }

  @Test
  void plainHalves_haveNoSingleCause() {
    var diagnosis = Pair.halved(CHAIN).diagnosis();
    assertThat(diagnosis.simulated()).isTrue();
    assertThat(diagnosis.first()).isEmpty();
    assertThat(diagnosis.findings()).isEmpty();
    assertThat(diagnosis.outputs().getFirst().signalToNoise().value()).isBetween(50.0, 75.0);
    assertThat(diagnosis.steps()).allMatch(step -> step.half() && step.sound());
    assertThat(diagnosis.steps()).extracting(Step::value).containsExactly("a", "b", "c", "d", "y");
  }

  @Test
  void overflow_isFoundWhereItHappens() {
    var diagnosis = Pair.halved(rms(400)).diagnosis();
    var found = diagnosis.first().orElseThrow();
    assertThat(found.step().value()).isEqualTo("s");
    assertThat(found.cause())
        .isInstanceOfSatisfying(
            Cause.Overflow.class,
            overflow -> {
              assertThat(overflow.value()).isEqualTo("s");
              // The largest of 256 numbers from a normal distribution is near 3.
              assertThat(overflow.largest()).isBetween(65504.0, 400 * 400 * 25.0);
              assertThat(overflow.elements()).isPositive();
            });
    assertThat(found.cause().text()).startsWith("float16 overflow: 's' reaches ");
    assertThat(diagnosis.findings()).hasSize(1);
  }

  @Test
  void numbersInsideTheRange_doNotOverflow() {
    var diagnosis = Pair.halved(rms(20)).diagnosis();
    assertThat(diagnosis.first()).isEmpty();
    assertThat(diagnosis.outputs().getFirst().signalToNoise().value()).isGreaterThan(55);
  }

  @Test
  void maskThatSaturates_isNoFinding() {
    // Exp of both is 0.
    String text =
        """
        graph mask
        input x: float32[4x64]
        const mask: float32[64] = random 5
        const low: float32[] = -3.4e38
        const one: float32[] = 0.5
        const zero: float32[] = 0
        const w: float32[64x16] = random 3
        big = Greater(mask, one)
        m = Where(big, low, zero)
        a = Add(x, m)
        p = Softmax{axis=-1}(a)
        y = MatMul(p, w)
        output y
        """;
    var diagnosis = Pair.halved(text).diagnosis();
    assertThat(diagnosis.first()).isEmpty();
    assertThat(diagnosis.outputs().getFirst().signalToNoise().value()).isGreaterThan(55);
  }

  @Test
  void probabilityThatUnderflows_isTheCauseOfItsLogarithm() {
    String text =
        """
        graph log
        input x: float32[4x64]
        const gain: float32[] = %s
        h = Mul(x, gain)
        p = Softmax{axis=-1}(h)
        y = Log(p)
        output y
        """;
    var found = Pair.halved(text.formatted("12")).diagnosis().first().orElseThrow();
    assertThat(found.step().value()).isEqualTo("y");
    assertThat(found.cause())
        .isInstanceOfSatisfying(
            Cause.Underflow.class,
            underflow -> {
              assertThat(underflow.value()).isEqualTo("p");
              assertThat(underflow.reader()).isEqualTo("y");
              assertThat(underflow.least()).isLessThan(0x1p-24);
              assertThat(underflow.lost()).isPositive();
            });
    assertThat(Pair.halved(text.formatted("1")).diagnosis().first()).isEmpty();
  }

  @Test
  void tinyValues_loseDigits() {
    String text =
        """
        graph tiny
        input x: float32[4x64]
        const small: float32[] = %s
        const large: float32[] = 1000
        g = Mul(x, small)
        h = Mul(g, small)
        y = Mul(h, large)
        output y
        """;
    var found = Pair.halved(text.formatted("0.001")).diagnosis().first().orElseThrow();
    assertThat(found.step().value()).isEqualTo("h");
    assertThat(found.cause())
        .isInstanceOfSatisfying(
            Cause.Underflow.class,
            underflow -> {
              assertThat(underflow.value()).isEqualTo("h");
              assertThat(underflow.reader()).isEmpty();
              assertThat(underflow.denormal()).isGreaterThan(0.9);
            });
    assertThat(Pair.halved(text.formatted("0.1")).diagnosis().first()).isEmpty();
  }

  @Test
  void outlierChannel_isToldFromPlainRounding() {
    Graph graph = GraphText.parse(CHAIN);
    Tensor plain = graph.constant("v").orElseThrow();
    Graph outlier = graph.withConstants(Map.of("v", scaled(plain, 7, 100)));
    var cause =
        first(
            new Pair(
                outlier,
                outlier.withConstants(
                    Map.of("v", encoded(outlier, "v", WeightFormat.INT8_PER_TENSOR)))));
    assertThat(cause)
        .isInstanceOfSatisfying(
            Cause.OutlierChannel.class,
            found -> {
              assertThat(found.weight()).isEqualTo("v");
              assertThat(found.axis()).isEqualTo(1);
              assertThat(found.channel()).isEqualTo(7);
              assertThat(found.ratio()).isBetween(50.0, 200.0);
              assertThat(found.bits()).isEqualTo(8);
              assertThat(found.perChannel() - found.decibels()).isGreaterThan(6);
            });
    var rounded =
        first(
            new Pair(
                graph,
                graph.withConstants(
                    Map.of("v", encoded(graph, "v", WeightFormat.INT8_PER_TENSOR)))));
    assertThat(rounded)
        .isInstanceOfSatisfying(
            Cause.WeightRounding.class,
            found -> {
              assertThat(found.weight()).isEqualTo("v");
              assertThat(found.bits()).isEqualTo(8);
              assertThat(found.measured()).isCloseTo(found.expected(), within(0.5));
            });
  }

  @Test
  void smallWeights_areSeenToVanish() {
    Graph graph = GraphText.parse(CHAIN);
    float[] values = graph.constant("v").orElseThrow().floats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= 1e-8f;
    }
    var tiny =
        graph.withConstants(Map.of("v", Tensor.ofFloats(java.util.List.of(64L, 64L), values)));
    var half = tiny.withConstants(Map.of("v", Tensor.half(java.util.List.of(64L, 64L), values)));
    assertThat(first(new Pair(tiny, half)))
        .isInstanceOfSatisfying(
            Cause.SmallWeights.class,
            found -> {
              assertThat(found.weight()).isEqualTo("v");
              assertThat(found.share()).isGreaterThan(0.5);
              assertThat(found.largest()).isLessThan(3.1e-8);
            });
    // Halves of ordinary weights lose digits, not numbers.
    var ordinary =
        graph.withConstants(
            Map.of(
                "v",
                Tensor.half(
                    java.util.List.of(64L, 64L), graph.constant("v").orElseThrow().floats())));
    assertThat(first(new Pair(graph, ordinary)))
        .isInstanceOfSatisfying(
            Cause.WeightRounding.class,
            found -> {
              assertThat(found.bits()).isEqualTo(16);
              assertThat(found.measured()).isCloseTo(found.expected(), within(1.5));
            });
  }

  @Test
  void clippedRange_isToldFromAWideOne() {
    String text =
        """
        graph codes
        input x: float32[4x64]
        const s: float32[] = %s
        const z: int8[] = 0
        const w: float32[64x16] = random 3
        q = Quantize{to=int8, axis=0, block=0}(x, s, z)
        d = Dequantize{axis=0, block=0}(q, s, z)
        y = MatMul(d, w)
        output y
        """;
    String plain =
        """
        graph plain
        input x: float32[4x64]
        const w: float32[64x16] = random 3
        y = MatMul(x, w)
        output y
        """;
    assertThat(first(Pair.of(plain, text.formatted("0.01"))))
        .isInstanceOfSatisfying(
            Cause.ClippedRange.class,
            found -> {
              assertThat(found.value()).isEqualTo("x");
              assertThat(found.low()).isCloseTo(-1.28, within(1e-6));
              assertThat(found.high()).isCloseTo(1.27, within(1e-6));
              assertThat(found.most()).isGreaterThan(2);
              // Of a normal distribution a fifth lies outside.
              assertThat(found.share()).isBetween(0.1, 0.3);
            });
    assertThat(first(Pair.of(plain, text.formatted("0.03"))))
        .isInstanceOfSatisfying(
            Cause.ActivationRounding.class,
            found -> assertThat(found.decibels()).isBetween(38.0, 44.0));
  }

  @Test
  void otherDefinition_staysWithoutRounding() {
    String text =
        """
        graph pool
        input x: float32[1x4x16x16]
        p = AveragePool{kernel=[3, 3], pads=[1, 1, 1, 1]%s}(x)
        y = Sigmoid(p)
        output y
        """;
    var found =
        Pair.of(text.formatted(", countPadding"), text.formatted(""))
            .diagnosis()
            .first()
            .orElseThrow();
    assertThat(found.step().value()).isEqualTo("p");
    assertThat(found.cause())
        .isInstanceOfSatisfying(
            Cause.Definition.class,
            definition -> {
              assertThat(definition.original()).isEqualTo("AveragePool{countPadding}");
              assertThat(definition.changed()).isEqualTo("AveragePool");
            });
    assertThat(Pair.same(text.formatted(", countPadding")).diagnosis().first()).isEmpty();
  }

  @Test
  void otherEpsilon_isNamed() {
    String text =
        """
        graph norm
        input x: float32[4x64]
        const small: float32[] = 0.003
        h = Mul(x, small)
        y = LayerNorm{axis=-1, epsilon=%s}(h)
        output y
        """;
    var pair =
        new Pair(
            GraphText.parse(text.formatted("1.0E-12")),
            Pair.halved(GraphText.parse(text.formatted("1.0E-5"))));
    var found = pair.diagnosis().first().orElseThrow();
    assertThat(found.step().value()).isEqualTo("y");
    assertThat(found.cause().text())
        .startsWith(
            "other definition: LayerNorm{epsilon=1.0E-12} became LayerNorm{epsilon=1.0E-5}, ");
  }

  @Test
  void otherCorners_areNamed() {
    String text =
        """
        graph corners
        input x: float32[1x2x8x8]
        const s: float32[4] = 1, 1, 2, 2
        y = Resize{mode=linear, coordinates=%s, nearest=floor, cubicA=-0.75, aspect=stretch}(x, _, s)
        output y
        """;
    var found =
        Pair.of(text.formatted("align_corners"), text.formatted("half_pixel"))
            .diagnosis()
            .first()
            .orElseThrow();
    assertThat(found.cause().text())
        .startsWith(
            "other definition: Resize{coordinates=align_corners} became"
                + " Resize{coordinates=half_pixel}, ");
  }

  @Test
  void cancellation_isNotBlamedOnTheNodeThatShowsIt() {
    String text =
        """
        graph near
        input x: float32[4x64]
        const big: float32[] = %s
        a = Add(x, big)
        y = Sub(a, big)
        output y
        """;
    var found = Pair.halved(text.formatted("1000")).diagnosis().first().orElseThrow();
    assertThat(found.step().value()).isEqualTo("y");
    assertThat(found.cause())
        .isInstanceOfSatisfying(
            Cause.Amplified.class,
            amplified -> assertThat(amplified.before() - amplified.after()).isGreaterThan(40));
    assertThat(Pair.halved(text.formatted("1")).diagnosis().first()).isEmpty();
  }

  @Test
  void valuesOfOtherNames_areJoinedByForm() {
    var renamed =
        GraphText.parse(
            CHAIN
                .replace("a = ", "p = ")
                .replace("(a)", "(p)")
                .replace("b = ", "q = ")
                .replace("(b,", "(q,")
                .replace("c = ", "r = ")
                .replace("(c)", "(r)"));
    var values =
        Correspondence.of(
            GraphText.parse(CHAIN), renamed, new java.util.LinkedHashMap<>(Map.of("x", "x")));
    assertThat(values.values())
        .containsEntry("p", "a")
        .containsEntry("q", "b")
        .containsEntry("r", "c")
        .containsEntry("d", "d")
        .containsEntry("y", "y");
    assertThat(values.unmatched()).isEmpty();
  }

  @Test
  void wholeNumbers_areComparedAtTheOutputsOnly() {
    String text =
        """
        graph whole
        input x: int64[4]
        const one: int64[] = %s
        y = Add(x, one)
        output y
        """;
    var equal = Pair.same(text.formatted("1")).diagnosis();
    assertThat(equal.steps()).isEmpty();
    assertThat(equal.outputs().getFirst().worst()).isZero();
    var other = Pair.of(text.formatted("1"), text.formatted("3")).diagnosis();
    assertThat(other.outputs().getFirst().worst()).isEqualTo(2);
  }

  @Test
  void layoutThatDiffers_isNotTakenForAnError() {
    String text =
        """
        graph layout
        input x: float32[1x8x16]
        const w: float32[16x8] = random 3
        %s
        output y
        """;
    var diagnosis =
        Pair.of(
                text.formatted("a = Relu(x)\ny = MatMul(a, w)"),
                text.formatted(
                    "t = Transpose{permutation=[0, 2, 1]}(x)\n"
                        + "a = Relu(t)\n"
                        + "b = Transpose{permutation=[0, 2, 1]}(a)\n"
                        + "y = MatMul(b, w)"))
            .diagnosis();
    assertThat(diagnosis.first()).isEmpty();
    assertThat(diagnosis.steps())
        .allMatch(step -> step.accumulated().decibels() == Double.POSITIVE_INFINITY);
  }

  @Test
  void report_tellsWhatWasFound() {
    var pair = Pair.halved(rms(400));
    String page =
        new DriftReport(
                "a/model.onnx",
                "model.mlpackage",
                3,
                "generated inputs",
                pair.diagnosis(),
                java.util.Optional.empty())
            .document()
            .html();
    assertThat(page)
        .contains(
            "model.mlpackage against model.onnx",
            "Drift begins here",
            "s (Pow): float16 overflow: &#39;s&#39; reaches",
            "scale what is squared in &#39;s&#39;",
            "float16 simulated");
  }
}
