package dev.inward.planning.precedent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Normalization;
import dev.inward.graph.Op;
import dev.inward.graph.Product;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Windowed;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TraitsTest {
  private static Tensor zeros(long... dims) {
    var all = java.util.Arrays.stream(dims).boxed().toList();
    int count = Math.toIntExact(all.stream().reduce(1L, Math::multiplyExact));
    return Tensor.ofFloats(all, new float[count]);
  }

  private static Windowed.Conv convolution(long groups) {
    return new Windowed.Conv(
        new Windowed.Window(List.of(), List.of(), List.of(), List.of(), Windowed.AutoPad.EXPLICIT),
        groups);
  }

  private static Graph image(long groups, Op after) {
    return Graph.builder("net")
        .input("x", new TensorType(DataType.FLOAT32, Shape.of(1, 8, 6, 6)))
        .constant("w", zeros(8, 8 / groups, 3, 3))
        .node(convolution(groups), List.of("x", "w"), "y")
        .node(after, List.of("y"), "z")
        .output("z")
        .build();
  }

  private static Op unary(Elementwise.Unary.Function function) {
    return new Elementwise.Unary(function);
  }

  @Test
  void convolutions_areTold_byTheirGroups() {
    Op relu = unary(Elementwise.Unary.Function.RELU);
    assertThat(Traits.of(image(1, relu))).isEqualTo(new Traits(Kind.CONVOLUTION, 576));
    assertThat(Traits.of(image(2, relu)).kind()).isEqualTo(Kind.GROUPED);
    assertThat(Traits.of(image(8, relu)).kind()).isEqualTo(Kind.DEPTHWISE);
  }

  @Test
  void swishAfterDepthwise_isAGate() {
    Op swish = unary(Elementwise.Unary.Function.HARD_SWISH);
    assertThat(Traits.of(image(8, swish)).kind()).isEqualTo(Kind.GATED);
    assertThat(Traits.of(image(1, swish)).kind()).isEqualTo(Kind.CONVOLUTION);
  }

  private static Graph attention(boolean text) {
    var builder = Graph.builder("net");
    if (text) {
      builder
          .input("ids", new TensorType(DataType.INT64, Shape.of(4)))
          .constant("words", zeros(100, 16))
          .node(new Movement.Gather(0), List.of("words", "ids"), "x");
    } else {
      builder.input("x", new TensorType(DataType.FLOAT32, Shape.of(4, 16)));
    }
    return builder
        .constant("w", zeros(16, 4))
        .node(new Product.MatMul(), List.of("x", "w"), "scores")
        .node(new Normalization.Softmax(1), List.of("scores"), "shares")
        .node(new Product.MatMul(), List.of("shares", "x"), "y")
        .output("y")
        .build();
  }

  @Test
  void softmaxThatWeighsSomethingComputed_isAttention() {
    assertThat(Traits.of(attention(false)).kind()).isEqualTo(Kind.TRANSFORMER);
    assertThat(Traits.of(attention(true)).kind()).isEqualTo(Kind.TEXT);
  }

  @Test
  void softmaxAtTheEnd_isNone() {
    Graph graph =
        Graph.builder("net")
            .input("x", new TensorType(DataType.FLOAT32, Shape.of(1, 8)))
            .node(new Normalization.Softmax(1), List.of("x"), "y")
            .output("y")
            .build();
    assertThat(Traits.of(graph).kind()).isEqualTo(Kind.CONVOLUTION);
  }
}
