package dev.inward.graph.rewrite;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Node;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.evaluation.Evaluation;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ChannelsFirstTest {
  private static Tensor random(Random random, long... dims) {
    float[] values = new float[(int) Arrays.stream(dims).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.ofFloats(Arrays.stream(dims).boxed().toList(), values);
  }

  private static void assertSame(Graph before, Graph after, double tolerance) {
    assertThat(after.inputs()).isEqualTo(before.inputs());
    assertThat(after.outputs()).isEqualTo(before.outputs());
    for (int seed = 1; seed <= 3; seed++) {
      var random = new Random(seed);
      Map<String, Tensor> inputs = new HashMap<>();
      before.inputs().forEach(i -> inputs.put(i.name(), random(random, i.type().shape().sizes())));
      var expected = Evaluation.run(before, inputs);
      var actual = Evaluation.run(after, inputs);
      expected.forEach((name, tensor) -> {
        Tensor found = requireNonNull(actual.get(name));
        assertThat(found.type()).isEqualTo(tensor.type());
        float[] a = tensor.floats();
        float[] b = found.floats();
        for (int i = 0; i < a.length; i++) {
          assertThat((double) b[i]).isCloseTo(a[i], within(tolerance * (1 + Math.abs(a[i]))));
        }
      });
    }
  }

  private static long count(Graph graph, String op) {
    return graph.nodes().stream().filter(node -> node.op().name().equals(op)).count();
  }

  private static Graph parse(String text) {
    return GraphText.parse(text);
  }

  @ParameterizedTest
  @CsvSource({"1, 5, 2, 4", "2, 7, 3, 4", "3, 4, 1, 8"})
  void encoder_keepsItsOutputsAndTransposesAtTheBorderOnly(
      int layers, int positions, int heads, int width) {
    Graph graph = Transformers.encoder(layers, positions, heads, width);
    var result = ChannelsFirst.of(Simplification.of(graph).graph());
    Graph after = result.graph();
    assertSame(graph, after, 2e-5);
    assertThat(result.linear()).isEqualTo(6 * layers + 1);
    assertThat(result.attention()).isEqualTo(layers);
    assertThat(result.normalisations()).isEqualTo(2 * layers);
    assertThat(result.left()).isEmpty();
    assertThat(count(after, "Conv")).isEqualTo(6 * layers + 1);
    assertThat(count(after, "Linear") + count(after, "MatMul") + count(after, "LayerNorm"))
        .isZero();
    assertThat(count(after, "Reshape")).isZero();
    // The input, the mask, the output, and the key of each layer.
    assertThat(count(after, "Transpose")).isEqualTo(3 + layers);
    assertThat(result.transposesAfter()).isEqualTo(3 + layers);
    assertThat(result.transposesBefore()).isEqualTo(4 * layers);
    assertThat(count(after, "Softmax")).isEqualTo((long) layers * heads);
    assertThat(after.nodes())
        .allSatisfy(node ->
            assertThat(after.shape(node.result()).rank()).as(node.toString()).isLessThan(5));
  }

  @Test
  void result_readsAsTextAndBack() {
    Graph after =
        ChannelsFirst.of(Simplification.of(Transformers.encoder(1, 3, 1, 2)).graph()).graph();
    assertThat(GraphText.parse(GraphText.print(after))).isEqualTo(after);
  }

  @Test
  void sameGraph_givesTheSameResult() {
    Graph graph = Simplification.of(Transformers.encoder(2, 5, 2, 4)).graph();
    assertThat(GraphText.print(ChannelsFirst.of(graph).graph()))
        .isEqualTo(GraphText.print(ChannelsFirst.of(graph).graph()));
  }

  @Test
  void rewrittenGraph_isLeftAsItIs() {
    Graph once =
        ChannelsFirst.of(Simplification.of(Transformers.encoder(1, 5, 2, 4)).graph()).graph();
    var twice = ChannelsFirst.of(Simplification.of(once).graph());
    assertThat(twice.linear()).isZero();
    assertSame(once, twice.graph(), 1e-6);
  }

  @Test
  void linearOfTwoAxes_needsNoTransposition() {
    Graph graph =
        parse(
            """
            graph head
            input x: float32[1x6]
            const w: float32[4x6] = random 1
            const b: float32[4] = random 2
            l: float32[1x4] = Gemm{alpha=1.0, beta=1.0, transB}(x, w, b)
            y = Relu(l)
            output y
            """);
    var result = ChannelsFirst.of(graph);
    assertThat(result.linear()).isEqualTo(1);
    assertThat(result.graph().nodes().stream().map(node -> node.op().name()))
        .containsExactly("Unsqueeze", "Conv", "Relu", "Squeeze");
    assertSame(graph, result.graph(), 1e-6);
  }

  @Test
  void whatLiesBetweenLayers_isTakenAlong() {
    Graph graph =
        parse(
            """
            graph mlp
            input x: float32[2x5x6]
            const w: float32[6x8] = random 1
            const v: float32[8x6] = random 2
            const row: float32[6] = random 3
            const place: float32[1x5x6] = random 4
            const low: float32[] = -1.0
            const high: float32[] = 1.0
            p = Add(x, place)
            a = MatMul(p, w)
            g = Sigmoid(a)
            h = Mul(a, g)
            c = Clip(h, low, high)
            d = MatMul(c, v)
            e = Mul(d, row)
            y = Sub(e, x)
            output y
            """);
    var result = ChannelsFirst.of(graph);
    assertThat(count(result.graph(), "Transpose")).isEqualTo(2);
    assertSame(graph, result.graph(), 1e-5);
  }

  @Test
  void quantisedActivations_areTakenAlong() {
    Graph graph =
        parse(
            """
            graph int8
            input x: float32[1x5x6]
            const w: float32[6x8] = random 1
            const v: float32[8x6] = random 2
            const scale: float32[] = 0.05
            const zero: int8[] = 3
            a = MatMul(x, w)
            q = Quantize{to=INT8, axis=0, block=0}(a, scale, zero)
            d = Dequantize{axis=0, block=0}(q, scale, zero)
            y = MatMul(d, v)
            output y
            """);
    var result = ChannelsFirst.of(graph);
    assertThat(count(result.graph(), "Transpose")).isEqualTo(2);
    assertSame(graph, result.graph(), 1e-5);
  }

  @Test
  void linearOfFourAxes_staysAndIsSaid() {
    Graph graph =
        parse(
            """
            graph image
            input x: float32[1x2x3x4]
            const w: float32[4x4] = random 1
            y = MatMul(x, w)
            output y
            """);
    var result = ChannelsFirst.of(graph);
    assertThat(result.graph()).isEqualTo(graph);
    assertThat(result.left()).containsExactly("y");
    assertThat(result.notes())
        .containsExactly(
            "nothing to rewrite for the Neural Engine: no linear layer has values of 2 or 3 axes and"
                + " fixed shapes");
  }

  @Test
  void graphWithoutLinearLayers_isLeftAsItIs() {
    Graph graph =
        parse(
            """
            graph other
            input x: float32[1x5x6]
            s = Softmax{axis=-1}(x)
            y = Relu(s)
            output y
            """);
    assertThat(ChannelsFirst.of(graph).graph()).isEqualTo(graph);
  }

  @Test
  void openShape_isLeftAsItIs() {
    Graph graph =
        parse(
            """
            graph open
            input x: float32[1 x n x 6]
            const w: float32[6x8] = random 1
            y = MatMul(x, w)
            output y
            """);
    assertThat(ChannelsFirst.of(graph).graph()).isEqualTo(graph);
  }

  @Test
  void scaledGemm_staysWhatItIs() {
    Graph graph =
        parse(
            """
            graph gemm
            input x: float32[1x6]
            const w: float32[6x4] = random 1
            y = Gemm{alpha=2.0, beta=1.0}(x, w)
            output y
            """);
    assertThat(ChannelsFirst.of(graph).graph()).isEqualTo(graph);
  }

  /// As vision models are exported: one layer for query, key and value, scaled by roots.
  private static final String SIDE_BY_SIDE =
      """
      graph vision
      input x: float32[2x5x8]
      const w: float32[8x24] = random 1
      const wide: int64[5] = 2, 5, 3, 2, 4
      const whole: int64[3] = 2, 5, 8
      const zero: int64[] = 0
      const one: int64[] = 1
      const two: int64[] = 2
      const root: float32[] = 0.7
      const wo: float32[8x8] = random 2
      all = MatMul(x, w)
      r = Reshape(all, wide)
      t = Transpose{permutation=[2, 0, 3, 1, 4]}(r)
      q = Gather{axis=0}(t, zero)
      k = Gather{axis=0}(t, one)
      v = Gather{axis=0}(t, two)
      qs = Mul(q, root)
      kt = Transpose{permutation=[0, 1, 3, 2]}(k)
      ks = Mul(kt, root)
      s = MatMul(qs, ks)
      p = Softmax{axis=-1}(s)
      a = MatMul(p, v)
      at = Transpose{permutation=[0, 2, 1, 3]}(a)
      ar = Reshape(at, whole)
      y = MatMul(ar, wo)
      output y
      """;

  @Test
  void queryKeyAndValueSideBySide_areTakenApartByChannels() {
    Graph graph = parse(SIDE_BY_SIDE);
    var result = ChannelsFirst.of(Simplification.of(graph).graph());
    assertThat(result.attention()).isEqualTo(1);
    assertThat(count(result.graph(), "Transpose")).isEqualTo(3);
    assertThat(result.graph().nodes())
        .allSatisfy(node -> assertThat(result.graph().shape(node.result()).rank()).isLessThan(5));
    assertSame(graph, result.graph(), 2e-5);
  }

  @Test
  void queryKeyAndValueThatAreSlices_areTakenApartByChannels() {
    Graph graph =
        parse(
            SIDE_BY_SIDE
                .replace("const zero: int64[] = 0", "const zero: int64[1] = 0")
                .replace("const one: int64[] = 1", "const one: int64[1] = 1")
                .replace(
                    "const two: int64[] = 2", "const two: int64[1] = 2\nconst three: int64[1] = 3")
                .replace(
                    "q = Gather{axis=0}(t, zero)",
                    "q1 = Slice(t, zero, one, zero, one)\nq = Squeeze{axes=[0]}(q1)")
                .replace(
                    "k = Gather{axis=0}(t, one)",
                    "k1 = Slice(t, one, two, zero, one)\nk = Squeeze{axes=[0]}(k1)")
                .replace(
                    "v = Gather{axis=0}(t, two)",
                    "v1 = Slice(t, two, three, zero, one)\nv = Squeeze{axes=[0]}(v1)"));
    var result = ChannelsFirst.of(Simplification.of(graph).graph());
    assertThat(result.attention()).isEqualTo(1);
    assertThat(count(result.graph(), "Transpose")).isEqualTo(3);
    assertSame(graph, result.graph(), 2e-5);
  }

  @Test
  void halfPrecision_staysHalfPrecision() {
    Graph graph =
        parse(
            """
            graph half
            input x: float16[1x5x6]
            const w: float16[6x6] = random 1
            a = MatMul(x, w)
            n = LayerNorm{axis=-1, epsilon=1e-12}(a)
            y = MatMul(n, w)
            output y
            """);
    var result = ChannelsFirst.of(graph);
    assertThat(result.linear()).isEqualTo(2);
    assertThat(result.normalisations()).isEqualTo(1);
    assertThat(result.graph().type("y")).isEqualTo(graph.type("y"));
    assertThat(result.graph().constants().values())
        .allSatisfy(tensor -> assertThat(tensor.dtype()).isEqualTo(DataType.FLOAT16));
  }

  @Test
  void headsThatAreReadElsewhere_keepThatAttentionWhole() {
    Graph graph = parse(SIDE_BY_SIDE + "output t\n");
    var result = ChannelsFirst.of(Simplification.of(graph).graph());
    assertThat(result.attention()).isZero();
    assertThat(result.linear()).isEqualTo(2);
    assertSame(graph, result.graph(), 2e-5);
  }

  @Test
  void maskOfEachHead_keepsThatAttentionWhole() {
    Graph graph =
        parse(Transformers.text(1, 4, 2, 4).replace("mask: float32[1x1x", "mask: float32[1x2x"));
    var result = ChannelsFirst.of(Simplification.of(graph).graph());
    assertThat(result.attention()).isZero();
    assertThat(result.linear()).isEqualTo(7);
    assertThat(count(result.graph(), "Attention")).isEqualTo(1);
    assertSame(graph, result.graph(), 2e-5);
  }

  @Test
  void compressedWeights_keepTheirEncodings() {
    var random = new Random(5);
    int[] codes = random.ints(6 * 8, -127, 128).toArray();
    Tensor scale = Tensor.ofFloats(List.of(1L, 8L), 1, 2, 3, 4, 5, 6, 7, 8);
    Tensor affine =
        Tensor.affine(
            List.of(6L, 8L),
            DataType.INT8,
            codes,
            scale,
            Tensor.dense(DataType.INT8, List.of(1L, 8L), Storage.of(new byte[8])));
    int[] indices = random.ints(8 * 4, 0, 16).toArray();
    Tensor table = random(random, 1, 1, 16);
    Tensor palette =
        new Tensor(
            DataType.FLOAT32,
            List.of(8L, 4L),
            new Encoding.Palette(4, Storage.packed(4, indices), table));
    Graph graph =
        Graph.builder("g")
            .input("x", dev.inward.graph.TensorType.of(DataType.FLOAT32, 1, 5, 6))
            .constant("w", affine)
            .constant("v", palette)
            .node(new dev.inward.graph.Product.MatMul(), List.of("x", "w"), "a")
            .node(new dev.inward.graph.Product.MatMul(), List.of("a", "v"), "y")
            .output("y")
            .build();
    Graph after = ChannelsFirst.of(graph).graph();
    List<Tensor> kernels =
        after.nodes().stream()
            .filter(node -> node.op().name().equals("Conv"))
            .map((Node node) -> after.constant(node.operand(1)).orElseThrow())
            .toList();
    assertThat(kernels.get(0).dims()).containsExactly(8L, 6L, 1L, 1L);
    assertThat(kernels.get(0).how()).isEqualTo("int8 per channel (axis 0)");
    assertThat(kernels.get(1).dims()).containsExactly(4L, 8L, 1L, 1L);
    assertThat(kernels.get(1).how()).isEqualTo(palette.how());
    assertThat(kernels.get(0).storedBytes()).isEqualTo(affine.storedBytes());
    assertSame(graph, after, 1e-5);
  }

  @Test
  void notes_sayWhatAndWhy() {
    var result = ChannelsFirst.of(Simplification.of(Transformers.encoder(1, 5, 2, 4)).graph());
    assertThat(result.notes())
        .hasSize(4)
        .allSatisfy(note -> assertThat(note).startsWith("for the Neural Engine: "))
        .first()
        .asString()
        .startsWith("for the Neural Engine: 7 linear layers became convolutions of 1x1");
  }
}
