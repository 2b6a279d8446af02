package dev.inward.graph.rewrite;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary.Function;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Op;
import dev.inward.graph.Product;
import dev.inward.graph.Reduction;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Windowed;
import dev.inward.graph.evaluation.Evaluation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each fusion: where it fires, where it must not, and that the outputs stay what they were.
final class FusionsTest {
  private static final Random RANDOM = new Random(20260101);

  private static Op binary(Function function) {
    return new Elementwise.Binary(function);
  }

  private static Op unary(Elementwise.Unary.Function function) {
    return new Elementwise.Unary(function);
  }

  private static Tensor random(long... dims) {
    int count = 1;
    for (long dim : dims) {
      count *= (int) dim;
    }
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) RANDOM.nextGaussian();
    }
    return Tensor.ofFloats(java.util.Arrays.stream(dims).boxed().toList(), values);
  }

  private static Graph.Builder graph(long... dims) {
    return Graph.builder("g").input("x", TensorType.of(DataType.FLOAT32, dims));
  }

  private static List<String> ops(Graph graph) {
    return graph.nodes().stream().map(n -> n.op().name()).toList();
  }

  private static Graph rewritten(Graph graph) {
    return Simplification.of(graph).graph();
  }

  private static void assertSameOutputs(Graph before, Graph after, double tolerance) {
    for (int round = 0; round < 5; round++) {
      Map<String, Tensor> inputs = new HashMap<>();
      before.inputs().forEach(i -> inputs.put(i.name(), random(i.type().shape().sizes())));
      var expected = Evaluation.run(before, inputs);
      var actual = Evaluation.run(after, inputs);
      assertThat(actual.keySet()).isEqualTo(expected.keySet());
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

  private static Graph gelu(boolean halfFirst, double rootOfTwo, boolean innerIsOutput) {
    var builder =
        graph(2, 3)
            .constant("root", Tensor.scalar((float) rootOfTwo))
            .constant("one", Tensor.scalar(1f))
            .constant("half", Tensor.scalar(0.5f))
            .node(binary(Function.DIV), List.of("x", "root"), "scaled")
            .node(unary(Elementwise.Unary.Function.ERF), List.of("scaled"), "erf")
            .node(binary(Function.ADD), List.of("erf", "one"), "sum");
    if (halfFirst) {
      builder
          .node(binary(Function.MUL), List.of("half", "x"), "halved")
          .node(binary(Function.MUL), List.of("sum", "halved"), "y");
    } else {
      builder
          .node(binary(Function.MUL), List.of("x", "sum"), "product")
          .node(binary(Function.MUL), List.of("product", "half"), "y");
    }
    if (innerIsOutput) {
      builder.output("sum");
    }
    return builder.output("y").build();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void gaussianErrorUnit_becomesGelu(boolean halfFirst) {
    Graph before = gelu(halfFirst, Math.sqrt(2), false);
    Graph after = rewritten(before);

    assertThat(ops(after)).containsExactly("Gelu");
    assertThat(after.constants()).isEmpty();
    assertSameOutputs(before, after, 1e-6);
  }

  @Test
  void gaussianErrorUnitWithAnotherConstant_isLeftAlone() {
    Graph before = gelu(true, 1.5, false);
    assertThat(ops(rewritten(before))).doesNotContain("Gelu");
  }

  @Test
  void gaussianErrorUnitWhoseInsideIsAnOutput_isLeftAlone() {
    Graph before = gelu(false, Math.sqrt(2), true);
    assertThat(ops(rewritten(before))).doesNotContain("Gelu");
  }

  @Test
  void approximationByTanh_becomesGelu() {
    Graph before =
        graph(4)
            .constant("three", Tensor.scalar(3f))
            .constant("cubic", Tensor.scalar(0.044715f))
            .constant("slope", Tensor.scalar((float) Math.sqrt(2 / Math.PI)))
            .constant("one", Tensor.scalar(1f))
            .constant("half", Tensor.scalar(0.5f))
            .node(binary(Function.POW), List.of("x", "three"), "cube")
            .node(binary(Function.MUL), List.of("cube", "cubic"), "term")
            .node(binary(Function.ADD), List.of("x", "term"), "inner")
            .node(binary(Function.MUL), List.of("slope", "inner"), "scaled")
            .node(unary(Elementwise.Unary.Function.TANH), List.of("scaled"), "tanh")
            .node(binary(Function.ADD), List.of("one", "tanh"), "sum")
            .node(binary(Function.MUL), List.of("half", "x"), "halved")
            .node(binary(Function.MUL), List.of("halved", "sum"), "y")
            .output("y")
            .build();
    Graph after = rewritten(before);

    assertThat(after.nodes())
        .containsExactly(Node.of(new Elementwise.Gelu(true), List.of("x"), "y"));
    assertSameOutputs(before, after, 1e-5);
  }

  private static Graph hardSwish(float shift, boolean quotient) {
    return graph(1, 3, 2, 2)
        .constant("shift", Tensor.scalar(shift))
        .constant("zero", Tensor.scalar(0f))
        .constant("six", Tensor.scalar(6f))
        .constant("sixth", Tensor.scalar(1f / 6))
        .node(binary(Function.ADD), List.of("x", "shift"), "a")
        .node(new Elementwise.Clip(), List.of("a", "zero", "six"), "b")
        .node(binary(Function.MUL), List.of("x", "b"), "c")
        .node(
            binary(quotient ? Function.DIV : Function.MUL),
            List.of("c", quotient ? "six" : "sixth"),
            "y")
        .output("y")
        .build();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void clippedGate_becomesHardSwish(boolean quotient) {
    Graph before = hardSwish(3, quotient);
    Graph after = rewritten(before);

    assertThat(ops(after)).containsExactly("HardSwish");
    assertSameOutputs(before, after, 1e-6);
  }

  @Test
  void clippedGateWithAnotherShift_isLeftAlone() {
    assertThat(ops(rewritten(hardSwish(2, true)))).doesNotContain("HardSwish");
  }

  @Test
  void gateBySigmoid_becomesSwish() {
    Graph before =
        graph(5)
            .node(unary(Elementwise.Unary.Function.SIGMOID), List.of("x"), "s")
            .node(binary(Function.MUL), List.of("s", "x"), "y")
            .output("y")
            .build();
    Graph after = rewritten(before);

    assertThat(ops(after)).containsExactly("Swish");
    assertSameOutputs(before, after, 1e-6);
  }

  private static Graph layerNorm(List<Long> axes, boolean bias) {
    var mean = new Reduction.Reduce(Reduction.Reduce.Function.MEAN, axes, true);
    var builder =
        graph(2, 3, 4)
            .constant("two", Tensor.scalar(2f))
            .constant("epsilon", Tensor.scalar(1e-5f))
            .constant("g", random(4))
            .constant("b", random(4))
            .node(mean, List.of("x"), "mean")
            .node(binary(Function.SUB), List.of("x", "mean"), "d")
            .node(binary(Function.POW), List.of("d", "two"), "square")
            .node(mean, List.of("square"), "variance")
            .node(binary(Function.ADD), List.of("variance", "epsilon"), "v")
            .node(unary(Elementwise.Unary.Function.SQRT), List.of("v"), "s")
            .node(binary(Function.DIV), List.of("d", "s"), "n")
            .node(binary(Function.MUL), List.of("n", "g"), bias ? "m" : "y");
    if (bias) {
      builder.node(binary(Function.ADD), List.of("m", "b"), "y");
    }
    return builder.output("y").build();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void normalisedLastAxis_becomesLayerNorm(boolean bias) {
    Graph before = layerNorm(List.of(-1L), bias);
    Graph after = rewritten(before);

    assertThat(after.nodes())
        .containsExactly(
            Node.of(
                new Normalization.LayerNorm(-1, 1e-5f),
                bias ? List.of("x", "g", "b") : List.of("x", "g"),
                "y"));
    assertSameOutputs(before, after, 1e-5);
  }

  @Test
  void normalisedFirstAxis_isLeftAlone() {
    assertThat(ops(rewritten(layerNorm(List.of(0L), true)))).doesNotContain("LayerNorm");
  }

  @Test
  void productAndSum_becomeLinear() {
    Graph before =
        graph(2, 3, 4)
            .constant("w", random(4, 5))
            .constant("b", random(5))
            .node(new Product.MatMul(), List.of("x", "w"), "p")
            .node(binary(Function.ADD), List.of("b", "p"), "y")
            .output("y")
            .build();
    Graph after = rewritten(before);

    assertThat(after.nodes())
        .containsExactly(Node.of(new Product.Linear(), List.of("x", "w", "b"), "y"));
    assertSameOutputs(before, after, 1e-6);
  }

  @Test
  void productThatIsAnOutputToo_isLeftAlone() {
    Graph before =
        graph(2, 4)
            .constant("w", random(4, 5))
            .constant("b", random(5))
            .node(new Product.MatMul(), List.of("x", "w"), "p")
            .node(binary(Function.ADD), List.of("p", "b"), "y")
            .output("p")
            .output("y")
            .build();

    assertThat(rewritten(before)).isEqualTo(before);
  }

  private static final Windowed.Window WINDOW =
      new Windowed.Window(
          List.of(), List.of(), List.of(), List.of(1L, 1L, 1L, 1L), Windowed.AutoPad.EXPLICIT);

  @ParameterizedTest
  @ValueSource(longs = {1, 3})
  void batchNormAndChannelSums_foldIntoTheConvolution(long groups) {
    Graph before =
        graph(1, 3, 5, 5)
            .constant("w", random(6, 3 / groups, 3, 3))
            .constant("scale", random(6))
            .constant("shift", random(6))
            .constant("mean", random(6))
            .constant("variance", Tensor.ofFloats(List.of(6L), .1f, .5f, 1, 2, 3, 4))
            .constant("h", random(1, 6, 1, 1))
            .node(new Windowed.Conv(WINDOW, groups), List.of("x", "w"), "c")
            .node(
                new Normalization.BatchNorm(1e-5f),
                List.of("c", "scale", "shift", "mean", "variance"),
                "n")
            .node(binary(Function.ADD), List.of("n", "h"), "y")
            .output("y")
            .build();
    Graph after = rewritten(before);

    assertThat(ops(after)).containsExactly("Conv");
    assertSameOutputs(before, after, 1e-5);
  }

  @Test
  void transposedConvolution_takesItsBatchNorm() {
    Graph before =
        graph(1, 3, 4, 4)
            .constant("w", random(3, 2, 3, 3))
            .constant("scale", random(2))
            .constant("shift", random(2))
            .constant("mean", random(2))
            .constant("variance", Tensor.ofFloats(List.of(2L), .1f, .5f))
            .node(
                new Windowed.ConvTranspose(WINDOW, 1, List.of(), List.of()), List.of("x", "w"), "c")
            .node(
                new Normalization.BatchNorm(1e-5f),
                List.of("c", "scale", "shift", "mean", "variance"),
                "y")
            .output("y")
            .build();
    Graph after = rewritten(before);

    assertThat(ops(after)).containsExactly("ConvTranspose");
    assertSameOutputs(before, after, 1e-5);
  }

  @Test
  void sumOverTheWidth_doesNotFoldIntoTheConvolution() {
    Graph before =
        graph(1, 3, 3, 6)
            .constant("w", random(6, 3, 3, 3))
            .constant("h", random(6))
            .node(new Windowed.Conv(WINDOW, 1), List.of("x", "w"), "c")
            .node(binary(Function.ADD), List.of("c", "h"), "y")
            .output("y")
            .build();

    assertThat(rewritten(before)).isEqualTo(before);
  }

  @Test
  void twoTranspositions_becomeOne() {
    Graph before =
        graph(2, 3, 4)
            .node(new Movement.Transpose(List.of(1L, 2L, 0L)), List.of("x"), "a")
            .node(new Movement.Transpose(List.of(0L, 2L, 1L)), List.of("a"), "y")
            .output("y")
            .build();
    Graph after = rewritten(before);

    assertThat(after.nodes())
        .containsExactly(Node.of(new Movement.Transpose(List.of(1L, 0L, 2L)), List.of("x"), "y"));
    assertSameOutputs(before, after, 0);
  }

  private static Graph attention(long axis) {
    return graph(2, 3, 4)
        .input("k", TensorType.of(DataType.FLOAT32, 2, 5, 4))
        .input("v", TensorType.of(DataType.FLOAT32, 2, 5, 6))
        .input("mask", TensorType.of(DataType.FLOAT32, 2, 1, 5))
        .constant("two", Tensor.scalar(2f))
        .node(new Movement.Transpose(List.of(0L, 2L, 1L)), List.of("k"), "kt")
        .node(new Product.MatMul(), List.of("x", "kt"), "scores")
        .node(binary(Function.DIV), List.of("scores", "two"), "scaled")
        .node(binary(Function.ADD), List.of("scaled", "mask"), "masked")
        .node(new Normalization.Softmax(axis), List.of("masked"), "p")
        .node(new Product.MatMul(), List.of("p", "v"), "y")
        .output("y")
        .build();
  }

  @Test
  void softmaxBetweenProducts_becomesAttention() {
    Graph before = attention(-1);
    Graph after = new Rewriting(List.of(new FuseAttention(), new MergeTransposes())).apply(before);

    // A scale of 1/2 is the usual one for four channels. The two transpositions of the key cancel.
    assertThat(ops(after)).containsExactly("Transpose", "Attention");
    assertThat(after.nodes().getLast().op())
        .isEqualTo(new Product.Attention(java.util.OptionalDouble.empty(), false));
    assertSameOutputs(before, after, 1e-5);
  }

  @Test
  void softmaxOverAnotherAxis_isNoAttention() {
    Graph before = attention(1);
    assertThat(new Rewriting(List.of(new FuseAttention())).apply(before)).isEqualTo(before);
  }
}
