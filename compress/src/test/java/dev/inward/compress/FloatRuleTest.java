package dev.inward.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Tensor;
import dev.inward.graph.evaluation.Evaluation;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class FloatRuleTest {
  /// A block of a transformer, whose feed-forward branch adds a channel that is large.
  private static final Graph BLOCK = block();

  private static Graph block() {
    Graph block =
        GraphText.parse(
            """
            graph block
            input x: float32[1x6x32]
            const q: float32[32x32] = random 1
            const qb: float32[32] = random 2
            const scale: float32[32] = random 3
            const shift: float32[32] = random 4
            const u: float32[32x64] = random 5
            const ub: float32[64] = random 6
            const d: float32[64x32] = random 7
            const db: float32[32] = random 8
            const c: float32[32x4] = random 9
            const cb: float32[4] = random 10
            a = Linear(x, q, qb)
            t = Attention(a, a, a)
            n = LayerNorm{axis=-1, epsilon=1.0e-5}(t, scale, shift)
            h = Linear(n, u, ub)
            g = Gelu(h)
            f = Linear(g, d, db)
            s = Add(f, n)
            m = LayerNorm{axis=-1, epsilon=1.0e-5}(s, scale, shift)
            y = Linear(m, c, cb)
            output y
            """);
    float[] bias = block.constant("db").orElseThrow().floats();
    bias[5] = 900;
    return block.withConstants(Map.of("db", Tensor.ofFloats(List.of(32L), bias)));
  }

  private static final Graph GATED =
      GraphText.parse(
          """
          graph gated
          input x: float32[1x16x6x6]
          const a: float32[16x16x1x1] = random 1
          const s: float32[8x16x1x1] = random 2
          const e: float32[16x8x1x1] = random 3
          h = Conv{groups=1}(x, a)
          p = GlobalAveragePool{p=0}(h)
          r = Conv{groups=1}(p, s)
          z = Relu(r)
          k = Conv{groups=1}(z, e)
          g = Sigmoid(k)
          m = Mul(h, g)
          w = Sigmoid(m)
          y = Mul(m, w)
          output y
          """);

  private static double decibels(Graph graph, Graph changed) {
    double sum = 0;
    for (var sample : Trial.samples(graph, 3)) {
      sum +=
          Trial.decibels(
              Objects.requireNonNull(Evaluation.run(graph, sample).get("y")),
              Objects.requireNonNull(Evaluation.run(changed, sample).get("y")));
    }
    return sum / 3;
  }

  @Test
  void rules_findTheirNodes() {
    assertThat(FloatRule.of(BLOCK))
        .isEqualTo(
            Map.of(
                FloatRule.SOFTMAX, List.of("t"),
                FloatRule.NORMALISATION, List.of("n", "m"),
                FloatRule.RESIDUAL_SUM, List.of("s")));
    assertThat(FloatRule.of(GATED))
        .as("a swish is no gate")
        .isEqualTo(Map.of(FloatRule.GATE, List.of("m")));
    assertThat(FloatRule.text(BLOCK)).isEqualTo("1 softmax, 2 norms, 1 residual sum");
    assertThat(FloatRule.of(Trial.TEXT)).isEmpty();
    assertThat(FloatRule.text(Trial.TEXT)).isEmpty();
  }

  @Test
  void brokenResidualSum_costsMoreThanAllProductsInEightBits() {
    var samples = Trial.samples(BLOCK, 4);
    var calibration =
        Calibration.of(BLOCK, Recipes.quantizable(BLOCK), samples, dev.inward.base.Progress.SILENT);
    Recipe products =
        new Recipe(
            "products",
            new java.util.LinkedHashMap<>(),
            new java.util.LinkedHashMap<>(
                Ranges.best(BLOCK, calibration, samples, dev.inward.base.Progress.SILENT)));
    double kept = decibels(BLOCK, Compression.apply(BLOCK, products));
    double broken = decibels(BLOCK, FloatRule.RESIDUAL_SUM.broken(BLOCK, samples));

    assertThat(broken).isLessThan(kept - 6);
  }

  @Test
  void everyRule_canBeBroken_andNamesItsSource() {
    for (FloatRule rule : FloatRule.values()) {
      Graph net = rule == FloatRule.GATE ? GATED : BLOCK;
      Graph broken = rule.broken(net, Trial.samples(net, 3));
      assertThat(decibels(net, broken)).as(rule.title()).isBetween(-5.0, 90.0);
      assertThat(rule.source()).containsPattern("20[0-9]{2}|issue [0-9]+");
    }
    assertThat(FloatRule.GATE.broken(BLOCK, Trial.samples(BLOCK, 1))).isSameAs(BLOCK);
  }
}
