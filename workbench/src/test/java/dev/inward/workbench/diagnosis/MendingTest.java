package dev.inward.workbench.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.base.Progress;
import dev.inward.compress.WeightEncoder;
import dev.inward.compress.WeightFormat;
import dev.inward.coreml.CoreMl;
import dev.inward.coreml.Options;
import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Tensor;
import dev.inward.runtime.HalfPrecision;
import dev.inward.runtime.HalfPrecision.Rules;
import dev.inward.workbench.Comparison;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MendingTest {
  @TempDir Path folder;

  private static final String RMS =
      """
      graph rms
      input x: float32[4x64]
      const gain: float32[] = 400
      const eps: float32[] = 0.0001
      const two: float32[] = 2
      const w: float32[64x16] = random 3
      h = Mul(x, gain)
      s = %s
      m = ReduceMean{axes=[-1], keepDims}(s)
      e = Add(m, eps)
      r = Sqrt(e)
      n = Div(h, r)
      y = MatMul(n, w)
      output y
      """;
  private static final String CHAIN =
      """
      graph chain
      input x: float32[4x64]
      const w: float32[64x64] = random 1
      const v: float32[64x64] = random 2
      a = MatMul(x, w)
      b = Relu(a)
      c = MatMul(b, v)
      y = Tanh(c)
      output y
      """;

  private static Mending mended(Pair pair, double target) {
    return Mending.of(pair.comparison(), pair.feed(), 3, target, Rules.USUAL, Progress.SILENT);
  }

  @Test
  void overflowOfASquare_isRescaledForNothing() {
    var mending = mended(Pair.halved(RMS.formatted("Mul(h, h)")), 40);
    assertThat(mending.before()).isLessThan(10);
    assertThat(mending.after()).isGreaterThan(55);
    assertThat(mending.trials()).hasSize(1);
    var trial = mending.trials().getFirst();
    assertThat(trial.mend()).isInstanceOf(Mend.Rescale.class);
    assertThat(trial.mend().key()).isEqualTo("rescale");
    assertThat(trial.float32()).isZero();
    assertThat(trial.kept()).isTrue();
  }

  @Test
  void overflowThatIsNoNorm_isKeptInFloat32UntilItFits() {
    String text =
        """
        graph large
        input x: float32[4x64]
        const gain: float32[] = 400
        const w: float32[64x64] = random 3
        const back: float32[] = 0.00001
        h = Mul(x, gain)
        s = Mul(h, h)
        t = Relu(s)
        u = Mul(t, back)
        y = MatMul(u, w)
        output y
        """;
    var mending = mended(Pair.halved(text), 40);
    assertThat(mending.before()).isLessThan(0);
    assertThat(mending.after()).isGreaterThan(40);
    var kept = mending.trials().stream().filter(Mending.Trial::kept).toList();
    assertThat(kept.getFirst().mend())
        .isInstanceOfSatisfying(
            Mend.KeepFloat32.class,
            mend -> assertThat(mend.nodes()).containsExactly("s", "t", "u"));
    assertThat(mending.graph().typeOf("h").dtype()).isEqualTo(DataType.FLOAT16);
    assertThat(mending.graph().typeOf("u").dtype()).isEqualTo(DataType.FLOAT16);
  }

  @Test
  void mendedModel_isWrittenAndReadBack() {
    var pair = Pair.halved(RMS.formatted("Pow(h, two)"));
    var mending = mended(pair, 40);
    Path made = folder.resolve("mended.mlpackage");
    CoreMl.write(mending.graph(), made, Options.DEFAULT.precision(Options.Precision.FLOAT32));
    var comparison = Comparison.of(pair.reference(), CoreMl.read(made));
    var again = Diagnosis.of(comparison, pair.feed(), 3, Rules.USUAL, Progress.SILENT);
    assertThat(again.first()).isEmpty();
    assertThat(again.outputs().getFirst().signalToNoise().value())
        .isCloseTo(mending.after(), org.assertj.core.api.Assertions.within(1.0));
  }

  @Test
  void outlierChannel_getsAScaleOfItsOwn() {
    Graph graph = GraphText.parse(CHAIN.replace("y = Tanh(c)", "y = Relu(c)"));
    float[] values = graph.constant("v").orElseThrow().floats();
    for (int i = 7; i < values.length; i += 64) {
      values[i] *= 100;
    }
    Graph outlier = graph.withConstants(Map.of("v", Tensor.ofFloats(List.of(64L, 64L), values)));
    Tensor coarse =
        WeightEncoder.encode(
            "v",
            outlier.constant("v").orElseThrow(),
            WeightFormat.INT8_PER_TENSOR,
            OptionalInt.of(1));
    var pair = new Pair(outlier, outlier.withConstants(Map.of("v", coarse)));
    var mending = mended(pair, 80);
    var first = mending.trials().getFirst();
    assertThat(first.mend()).isEqualTo(new Mend.PerChannel("v", 1, 8));
    assertThat(first.after()).isGreaterThan(first.before());
    assertThat(first.bytes()).isEqualTo(63 * 5);
    // The plain rounding that is left needs more bits.
    assertThat(mending.trials())
        .extracting(Mending.Trial::mend)
        .contains(new Mend.MoreBits("v", 1, 16));
  }

  @Test
  void clippedRange_isWidened() {
    String text =
        """
        graph codes
        input x: float32[4x64]
        const s: float32[] = 0.01
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
    var mending = mended(Pair.of(plain, text), 35);
    assertThat(mending.before()).isLessThan(20);
    assertThat(mending.after()).isGreaterThan(35);
    assertThat(mending.trials()).hasSize(1);
    assertThat(mending.trials().getFirst().mend()).isInstanceOf(Mend.WiderRange.class);
    assertThat(mended(Pair.of(plain, text), 60).after()).isGreaterThan(100);
  }

  @Test
  void otherDefinition_isReplacedByTheReferences() {
    String text =
        """
        graph pool
        input x: float32[1x4x16x16]
        const w: float32[16x8] = random 3
        p = AveragePool{kernel=[3, 3], pads=[1, 1, 1, 1]%s}(x)
        y = MatMul(p, w)
        output y
        """;
    Graph reference = GraphText.parse(text.formatted(", countPadding"));
    Graph changed = Pair.halved(GraphText.parse(text.formatted("")));
    var mending = mended(new Pair(reference, changed), 50);
    assertThat(mending.before()).isLessThan(30);
    assertThat(mending.after()).isGreaterThan(60);
    assertThat(mending.trials().getFirst().mend()).isEqualTo(new Mend.ExactForm("p", "p"));
    assertThat(mending.trials().getFirst().float32()).isZero();
  }

  @Test
  void underflow_isMendedByFloat32() {
    String text =
        """
        graph log
        input x: float32[4x64]
        const gain: float32[] = 12
        h = Mul(x, gain)
        p = Softmax{axis=-1}(h)
        y = Log(p)
        output y
        """;
    var mending = mended(Pair.halved(text), 40);
    assertThat(mending.before()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(mending.after()).isGreaterThan(40);
  }

  private static final String LONG =
      """
      graph long
      input x: float32[2x%1$d]
      const w: float32[%1$dx8] = random 3
      a = Sigmoid(x)
      s = Abs(w)
      y = MatMul(a, s)
      output y
      """;

  @Test
  void longSums_loseInNarrowTotalsAndAreSplit() {
    var rules = new Rules(Rules.USUAL.denormals(), HalfPrecision.Sums.NARROW);
    var pair = Pair.halved(LONG.formatted(8192));
    var diagnosis = Diagnosis.of(pair.comparison(), pair.feed(), 2, rules, Progress.SILENT);
    var found = diagnosis.first().orElseThrow();
    assertThat(found.step().value()).isEqualTo("y");
    assertThat(found.cause())
        .isInstanceOfSatisfying(
            Cause.Accumulation.class,
            cause -> {
              assertThat(cause.length()).isEqualTo(8192);
              assertThat(cause.wide() - cause.decibels()).isGreaterThan(10);
            });
    var mending = Mending.of(pair.comparison(), pair.feed(), 2, 60, rules, Progress.SILENT);
    var trial = mending.trials().getFirst();
    assertThat(trial.mend()).isInstanceOf(Mend.SplitSum.class);
    assertThat(trial.after()).isGreaterThan(trial.before() + 3);
    // Wide sums have no such cause, and short ones neither.
    assertThat(pair.diagnosis().first()).isEmpty();
    var brief = Pair.halved(LONG.formatted(32));
    assertThat(Diagnosis.of(brief.comparison(), brief.feed(), 2, rules, Progress.SILENT).first())
        .isEmpty();
  }

  @Test
  void wholeModelThatRounds_reachesAHighTargetWithAFewNodes() {
    var pair = Pair.halved(CHAIN);
    assertThat(mended(pair, 30).trials()).isEmpty();
    double before = mended(pair, 30).after();
    var mending = mended(pair, before + 3);
    assertThat(mending.after()).isGreaterThanOrEqualTo(before + 3);
    assertThat(mending.trials()).anyMatch(Mending.Trial::kept);
  }
}
