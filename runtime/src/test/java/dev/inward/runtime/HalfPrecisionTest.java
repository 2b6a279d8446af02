package dev.inward.runtime;

import static dev.inward.testkit.TensorAssert.assertTensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Node;
import dev.inward.graph.Opaque;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.evaluation.Evaluation;
import dev.inward.testkit.Chance;
import dev.inward.testkit.RandomGraphs;
import dev.inward.testkit.Trials;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

final class HalfPrecisionTest {
  /// Every half that is not NaN.
  private static float[] halves() {
    float[] all = new float[2 * 0x7C01];
    for (int i = 0; i <= 0x7C00; i++) {
      all[i] = Float.float16ToFloat((short) i);
      all[0x7C01 + i] = Float.float16ToFloat((short) (i | 0x8000));
    }
    return all;
  }

  private static float half(float value) {
    return Float.float16ToFloat(Float.floatToFloat16(value));
  }

  private static float[] run(Graph graph, Map<String, Tensor> inputs) {
    try (var session = Session.open(HalfPrecision.simulated(graph))) {
      return session.run(inputs).firstEntry().getValue().floats();
    }
  }

  private static Tensor toHalf(Tensor tensor) {
    var dense = (Encoding.Dense) Tensor.half(tensor.dims(), tensor.floats()).encoding();
    return Tensor.dense(DataType.FLOAT16, tensor.dims(), dense.data());
  }

  @Test
  void everyProduct_isTheNearestHalf() {
    float[] x = halves();
    Graph graph =
        GraphText.parse(
            """
            graph product
            input x: float16[%d]
            input y: float16[]
            a = Mul(x, y)
            z = Add(a, y)
            output z
            """
                .formatted(x.length));
    var chance = new Chance(3);
    for (int trial = 0; trial < 12; trial++) {
      float y = half((float) Math.exp(chance.real(-9, 9)));
      float[] z =
          run(
              graph,
              Map.of(
                  "x", toHalf(Tensor.ofFloats(List.of((long) x.length), x)),
                  "y", toHalf(Tensor.scalar(y))));
      for (int i = 0; i < x.length; i++) {
        // The product and the sum of two halves are exact in float32 or rounded in a place that
        // does not change the half.
        float expected = half((float) ((double) half((float) ((double) x[i] * y)) + y));
        assertThat(z[i]).as("%s * %s + %s", x[i], y, y).isEqualTo(expected);
      }
    }
  }

  @Test
  void rounding_overflowsToInfinityAndKeepsDenormals() {
    Graph graph =
        GraphText.parse(
            """
            graph edges
            input x: float16[6]
            z = Mul(x, x)
            output z
            """);
    float[] z =
        run(
            graph,
            Map.of(
                "x",
                toHalf(
                    Tensor.ofFloats(
                        List.of(6L), 255.875f, 256f, -256f, 0x1p-12f, 0x1p-13f, 3e-4f))));
    assertThat(z)
        .containsExactly(
            half(255.875f * 255.875f),
            Float.POSITIVE_INFINITY,
            Float.POSITIVE_INFINITY,
            0x1p-24f,
            0f,
            half(half(3e-4f) * half(3e-4f)));
    assertThat(z[5]).isNotZero().isLessThan(0x1p-14f);
  }

  @Test
  void sums_areWideInside() {
    // One 2048 and 4096 ones: a running sum of halves would stay at 2048.
    float[] row = new float[4097];
    java.util.Arrays.fill(row, 1);
    row[0] = 2048;
    Graph graph =
        GraphText.parse(
            """
            graph sum
            input x: float16[1x4097]
            input w: float16[4097x1]
            z = MatMul(x, w)
            output z
            """);
    float[] ones = new float[4097];
    java.util.Arrays.fill(ones, 1);
    assertThat(
            run(
                graph,
                Map.of(
                    "x", toHalf(Tensor.ofFloats(List.of(1L, 4097L), row)),
                    "w", toHalf(Tensor.ofFloats(List.of(4097L, 1L), ones)))))
        .containsExactly(6144f);
  }

  @Test
  void narrowSums_areRunningTotalsOfHalves() {
    var narrow = new HalfPrecision.Rules(HalfPrecision.Denormals.KEPT, HalfPrecision.Sums.NARROW);
    Graph graph =
        GraphText.parse(
            """
            graph sums
            input x: float16[1x1000]
            input w: float16[1000x3]
            z = MatMul(x, w)
            m = ReduceMean{axes=[-1], keepDims}(x)
            output z, m
            """);
    var chance = new Chance(9);
    Tensor x = toHalf(chance.floats(List.of(1L, 1000L)));
    Tensor w = toHalf(chance.floats(List.of(1000L, 3L)));
    float[] xs = x.floats();
    float[] ws = w.floats();
    float[] expected = new float[3];
    float mean = 0;
    for (int from = 0; from < 1000; from += 16) {
      double[] part = new double[3];
      double sum = 0;
      for (int k = from; k < Math.min(1000, from + 16); k++) {
        sum += xs[k];
        for (int j = 0; j < 3; j++) {
          part[j] += (double) xs[k] * ws[3 * k + j];
        }
      }
      mean = half((float) (mean + sum));
      for (int j = 0; j < 3; j++) {
        expected[j] = half((float) (expected[j] + part[j]));
      }
    }
    try (var session = Session.open(HalfPrecision.simulated(graph, narrow))) {
      var out = session.run(Map.of("x", x, "w", w));
      // Parts are summed in float32 here and in float64 there: a total may fall on another half.
      assertTensor(Objects.requireNonNull(out.get("z")))
          .isClose(Tensor.ofFloats(List.of(1L, 3L), expected), 0.04, 1e-3);
      assertTensor(Objects.requireNonNull(out.get("m")))
          .isClose(Tensor.ofFloats(List.of(1L, 1L), half(mean / 1000)), 1e-4, 1e-3);
    }
  }

  @Test
  void flushedDenormals_areLostInProductsOnly() {
    Graph graph =
        GraphText.parse(
            """
            graph denormals
            input x: float16[1x2]
            input w: float16[2x1]
            s = Add(x, x)
            z = MatMul(s, w)
            output z, s
            """);
    var inputs =
        Map.of(
            "x", toHalf(Tensor.ofFloats(List.of(1L, 2L), 0x1p-20f, 0x1p-14f)),
            "w", toHalf(Tensor.ofFloats(List.of(2L, 1L), 4f, 4f)));
    Graph flushed =
        HalfPrecision.simulated(
            graph,
            new HalfPrecision.Rules(
                HalfPrecision.Denormals.FLUSHED_IN_PRODUCTS, HalfPrecision.Sums.WIDE));
    try (var session = Session.open(flushed);
        var kept = Session.open(HalfPrecision.simulated(graph))) {
      var out = session.run(inputs);
      assertThat(Objects.requireNonNull(out.get("s")).floats()).containsExactly(0x1p-19f, 0x1p-13f);
      assertThat(Objects.requireNonNull(out.get("z")).floats()).containsExactly(0x1p-11f);
      assertThat(Objects.requireNonNull(kept.run(inputs).get("z")).floats())
          .containsExactly(0x1p-11f + 0x1p-17f);
    }
  }

  @Test
  void randomGraphs_agreeWithTheEvaluator() {
    Trials.run(
        60,
        chance -> {
          Graph graph = half(RandomGraphs.of(chance, 12));
          Map<String, Tensor> inputs = new LinkedHashMap<>();
          graph
              .inputs()
              .forEach(i ->
                  inputs.put(
                      i.name(),
                      toHalf(chance.tensor(new TensorType(DataType.FLOAT32, i.type().shape())))));
          var expected = Evaluation.run(graph, inputs);
          try (var session = Session.open(HalfPrecision.simulated(graph))) {
            var found = session.run(inputs);
            graph.outputs().stream()
                .filter(output -> HalfPrecision.isHalf(graph, output))
                .forEach(output -> {
                  Tensor wanted = Objects.requireNonNull(expected.get(output));
                  Tensor got = Objects.requireNonNull(found.get(output));
                  // A sum in float32 can fall to the other side of a half; later ops carry that on.
                  assertTensor(got)
                      .isClose(Tensor.ofFloats(wanted.dims(), wanted.floats()), 4e-3, 4e-3);
                });
          }
        });
  }

  @Test
  void float32Nodes_areLeftAlone() {
    Graph graph =
        GraphText.parse(
            """
            graph island
            input x: float16[4]
            s = Cast{to=float32}(x)
            q = Mul(s, s)
            output q
            """);
    float[] q =
        run(graph, Map.of("x", toHalf(Tensor.ofFloats(List.of(4L), 1000, 60000, 3, 0.001f))));
    assertThat(q)
        .containsExactly(
            1e6f, (float) ((double) half(60000) * half(60000)), 9, half(0.001f) * half(0.001f));
    Graph single = RandomGraphs.of(new Chance(1), 5);
    assertThat(HalfPrecision.simulated(single)).isSameAs(single);
  }

  /// The ONNX writer gives the parts of an op that it takes apart such names.
  @Test
  void constantNamedAfterAValue_staysItself() {
    Graph graph =
        GraphText.parse(
            """
            graph names
            input x: float16[2]
            const y.half: float16[] = 0.5
            const y.wide: float16[] = 2
            z = Mul(x, y.half)
            y = Mul(z, y.wide)
            output y
            """);
    assertThat(run(graph, Map.of("x", toHalf(Tensor.ofFloats(List.of(2L), 3, -0.25f)))))
        .containsExactly(3, -0.25f);
  }

  @Test
  void widened_roundsNothingButConstants() {
    Graph graph =
        GraphText.parse(
            """
            graph wide
            input x: float16[2]
            const c: float16[2] = 0.1, 3
            y = Mul(x, c)
            z = Mul(y, y)
            output z
            """);
    try (var session = Session.open(HalfPrecision.widened(graph))) {
      float[] z =
          session
              .run(Map.of("x", toHalf(Tensor.ofFloats(List.of(2L), 1, 500))))
              .firstEntry()
              .getValue()
              .floats();
      assertThat(z).containsExactly(half(0.1f) * half(0.1f), 1500f * 1500f);
    }
  }

  @Test
  void unknownOp_isRefused() {
    Graph graph =
        Graph.builder("g")
            .input("x", TensorType.of(DataType.FLOAT16, 2))
            .node(
                new Node(
                    "n",
                    new Opaque("", "Fancy", Storage.of(new byte[0]), List.of()),
                    List.of("x"),
                    List.of("y")))
            .output("y")
            .build();
    assertThatThrownBy(() -> HalfPrecision.simulated(graph))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage(
            "node 'n': float16 is not simulated for [Fancy], which this version does not know");
  }

  private static Graph half(Graph graph) {
    var builder = Graph.builder(graph.name());
    graph
        .inputs()
        .forEach(i -> builder.input(i.name(), new TensorType(DataType.FLOAT16, i.type().shape())));
    graph
        .constants()
        .forEach((name, tensor) ->
            builder.constant(name, tensor.dtype() == DataType.FLOAT32 ? toHalf(tensor) : tensor));
    graph
        .nodes()
        .forEach(node ->
            builder.node(
                new Node(
                    node.name(),
                    node.op() instanceof Elementwise.Cast(var to) && to == DataType.FLOAT32
                        ? new Elementwise.Cast(DataType.FLOAT16)
                        : node.op(),
                    node.in(),
                    node.out())));
    graph.outputs().forEach(builder::output);
    return builder.opset("", 21).build();
  }
}
