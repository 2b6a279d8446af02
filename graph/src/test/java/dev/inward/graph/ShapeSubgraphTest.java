package dev.inward.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// Shapes that a model computes at run time, as exporters write them.
final class ShapeSubgraphTest {
  private static final Op SHAPE = new Movement.ShapeOf(0, OptionalLong.empty());
  private static final Op GATHER = new Movement.Gather(0);
  private static final Op UNSQUEEZE = new Movement.Unsqueeze(List.of(0L));
  private static final Op CONCAT = new Movement.Concat(0);

  private static Graph.Builder builder(String... types) {
    var builder = Graph.builder("net");
    for (int i = 0; i < types.length; i++) {
      builder.input(Character.toString('a' + i), ConstantText.type(types[i]));
    }
    return builder;
  }

  private static Op binary(Elementwise.Binary.Function function) {
    return new Elementwise.Binary(function);
  }

  /// `x.view(x.size(0), x.size(1), 12, 32)`.
  private static Graph.Builder splitHeads() {
    return builder("float32[batch x seq x 384]")
        .constant("zero", Tensor.scalar(0L))
        .constant("one", Tensor.scalar(1L))
        .constant("twelve", Tensor.vector(12))
        .constant("width", Tensor.vector(32))
        .node(SHAPE, List.of("a"), "shape")
        .node(GATHER, List.of("shape", "zero"), "batch")
        .node(GATHER, List.of("shape", "one"), "length")
        .node(UNSQUEEZE, List.of("batch"), "batch1")
        .node(UNSQUEEZE, List.of("length"), "length1")
        .node(CONCAT, List.of("batch1", "length1", "twelve", "width"), "target")
        .node(new Movement.Reshape(false), List.of("a", "target"), "y")
        .output("y");
  }

  @Test
  void viewOfSizes_isTypedWithSymbols() {
    var graph = splitHeads().build();

    assertThat(graph.typeOf("y")).hasToString("float32[batch x seq x 12 x 32]");
    assertThat(graph.contents("target")).hasToString("Optional[[batch, seq, 12, 32]]");
    assertThat(graph.contents("length").orElseThrow())
        .containsExactly(Expression.of(Dim.of("seq")));
    assertThat(graph.contents("a")).isEmpty();
  }

  @Test
  void boundInput_makesTheContentsNumbers() {
    var graph = splitHeads().build().bind(Map.of("batch", 1L, "seq", 128L));

    assertThat(graph.typeOf("y")).isEqualTo(TensorType.of(DataType.FLOAT32, 1, 128, 12, 32));
    assertThat(graph.contents("target").orElseThrow())
        .extracting(e -> e.constant().orElseThrow())
        .containsExactly(1L, 128L, 12L, 32L);
  }

  /// `expand` with -1 for "leave it": `where(shape == -1, ones, shape)`.
  @Test
  void expandThatGuardsAgainstMinusOne_isTyped() {
    var graph =
        builder("float32[batch x seq]", "int64[1 x seq]")
            .constant("minus", Tensor.scalar(-1L))
            .node(SHAPE, List.of("a"), "shape")
            .node(SHAPE, List.of("shape"), "rank")
            .node(new Movement.ConstantOfShape(Tensor.vector(1)), List.of("rank"), "ones")
            .node(binary(Elementwise.Binary.Function.MUL), List.of("ones", "minus"), "minuses")
            .node(binary(Elementwise.Binary.Function.EQUAL), List.of("shape", "minuses"), "open")
            .node(new Elementwise.Where(), List.of("open", "ones", "shape"), "target")
            .node(new Movement.Expand(), List.of("b", "target"), "y")
            .output("y")
            .build();

    assertThat(graph.typeOf("y")).hasToString("int64[batch x seq]");
  }

  /// A table of positions cut to the length and looked up, then added to the words.
  @Test
  void positionsCutToTheLength_addToTheWords() {
    var graph =
        builder("float32[batch x seq x 384]")
            .constant("positions", Tensor.ofLongs(List.of(1L, 512L), new long[512]))
            .constant("table", Tensor.ofFloats(List.of(512L, 384L), new float[512 * 384]))
            .constant("one", Tensor.vector(1))
            .constant("zero", Tensor.vector(0))
            .node(SHAPE, List.of("a"), "shape")
            .node(GATHER, List.of("shape", "one"), "length")
            .node(new Movement.Slice(), List.of("positions", "zero", "length", "one"), "cut")
            .node(GATHER, List.of("table", "cut"), "looked")
            .node(binary(Elementwise.Binary.Function.ADD), List.of("a", "looked"), "y")
            .output("y")
            .build();

    assertThat(graph.typeOf("cut")).hasToString("int64[1 x min(512, seq)]");
    assertThat(graph.typeOf("y")).hasToString("float32[batch x seq x 384]");
  }

  @Test
  void halfOfTheChannels_isComputedThroughCastAndDivision() {
    var graph =
        builder("float32[1 x 64 x h x w]")
            .constant("one", Tensor.vector(1))
            .constant("two", Tensor.vector(2))
            .constant("zero", Tensor.vector(0))
            .node(SHAPE, List.of("a"), "shape")
            .node(GATHER, List.of("shape", "one"), "channels")
            .node(binary(Elementwise.Binary.Function.DIV), List.of("channels", "two"), "half")
            .node(new Elementwise.Cast(DataType.INT64), List.of("half"), "cast")
            .node(new Movement.Slice(), List.of("a", "zero", "cast", "one"), "y")
            .output("y")
            .build();

    assertThat(graph.typeOf("y")).hasToString("float32[1 x 32 x h x w]");
  }

  @Test
  void upsampledToTheSizeOfAnother_isTyped() {
    var graph =
        builder("float32[1 x 8 x h x w]", "float32[1 x 4 x 2*h x k]")
            .constant("two", Tensor.vector(2))
            .constant("end", Tensor.vector(Integer.MAX_VALUE))
            .constant("zero", Tensor.vector(0))
            .node(SHAPE, List.of("a"), "small")
            .node(SHAPE, List.of("b"), "large")
            .node(new Movement.Slice(), List.of("small", "zero", "two", "zero"), "front")
            .node(new Movement.Slice(), List.of("large", "two", "end"), "back")
            .node(CONCAT, List.of("front", "back"), "sizes")
            .node(
                new Movement.Resize(
                    Movement.Resize.Interpolation.LINEAR,
                    Movement.Resize.Coordinates.HALF_PIXEL,
                    Movement.Resize.NearestRounding.FLOOR,
                    -0.75f,
                    false,
                    0,
                    false,
                    List.of(),
                    Movement.Resize.AspectPolicy.STRETCH),
                List.of("a", "", "", "sizes"),
                "y")
            .output("y")
            .build();

    assertThat(graph.typeOf("y")).hasToString("float32[1 x 8 x 2*h x k]");
  }

  @Test
  void shapeFromTheData_staysUnknownButForItsRank() {
    var graph =
        builder("float32[2 x 6]", "int64[3]")
            .node(new Movement.Reshape(false), List.of("a", "b"), "y")
            .output("y")
            .build();

    assertThat(graph.typeOf("y")).hasToString("float32[y#0 x y#1 x y#2]");
    assertThat(graph.contents("b")).isEmpty();
  }

  @Test
  void rangeOverTheLength_hasItsExtent() {
    var graph =
        builder("float32[batch x seq]")
            .constant("one", Tensor.scalar(1L))
            .constant("zero", Tensor.scalar(0L))
            .node(SHAPE, List.of("a"), "shape")
            .node(GATHER, List.of("shape", "one"), "length")
            .node(new Movement.Range(), List.of("zero", "length", "one"), "y")
            .output("y")
            .build();

    assertThat(graph.typeOf("y")).hasToString("int64[seq]");
  }
}
