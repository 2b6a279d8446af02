package dev.inward.graph.rewrite;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Opaque;
import dev.inward.graph.Product;
import dev.inward.graph.Quantization;
import dev.inward.graph.Shape;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.evaluation.Evaluation;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class ConstantFoldingTest {
  private static final Op ADD = new Elementwise.Binary(Elementwise.Binary.Function.ADD);
  private static final Op RELU = new Elementwise.Unary(Elementwise.Unary.Function.RELU);
  private static final Op IDENTITY = new Elementwise.Unary(Elementwise.Unary.Function.IDENTITY);
  private static final Op SHAPE = new Movement.ShapeOf(0, OptionalLong.empty());
  private static final Op RESHAPE = new Movement.Reshape(false);
  private static final Tensor X = Tensor.ofFloats(List.of(2L, 3L), 1, -2, 3, -4, 5, -6);

  private static Graph.Builder graph() {
    return Graph.builder("g").input("x", TensorType.of(DataType.FLOAT32, 2, 3));
  }

  /// The folded graph, after the properties that always hold were checked.
  private static Graph folded(Graph graph) {
    Graph folded = new ConstantFolding().apply(graph);
    assertThat(folded.inputs()).isEqualTo(graph.inputs());
    assertThat(folded.outputs()).isEqualTo(graph.outputs());
    assertThat(new ConstantFolding().apply(folded)).as("folding again").isSameAs(folded);
    if (graph.isStatic() && graph.nodes().stream().noneMatch(n -> n.op() instanceof Opaque)) {
      assertThat(Evaluation.run(folded, Map.of("x", X)))
          .isEqualTo(Evaluation.run(graph, Map.of("x", X)));
    }
    return folded;
  }

  private static List<String> nodes(Graph graph) {
    return graph.nodes().stream().map(Node::toString).toList();
  }

  private static Tensor zeros(long... dims) {
    int count = (int) LongStream.of(dims).reduce(1, (a, b) -> a * b);
    return Tensor.ofFloats(LongStream.of(dims).boxed().toList(), new float[count]);
  }

  @Test
  void nodeOnConstants_becomesAConstant() {
    var graph =
        graph()
            .constant("a", Tensor.scalar(1f))
            .constant("b", Tensor.scalar(2f))
            .node(ADD, List.of("a", "b"), "c")
            .node(ADD, List.of("x", "c"), "y")
            .output("y")
            .build();

    Graph folded = folded(graph);

    assertThat(nodes(folded)).containsExactly("y = Add(x, c)");
    assertThat(folded.constants()).containsExactly(Map.entry("c", Tensor.scalar(3f)));
  }

  @Test
  void nodeThatIsRefused_stays() {
    var divide = new Elementwise.Binary(Elementwise.Binary.Function.DIV);
    var graph =
        graph()
            .constant("a", Tensor.scalar(1L))
            .constant("b", Tensor.scalar(0L))
            .node(divide, List.of("a", "b"), "y")
            .output("y")
            .build();

    assertThat(new ConstantFolding().apply(graph)).isSameAs(graph);
  }

  @Test
  void shapeSubgraph_disappearsWhereTheShapeIsKnown() {
    var builder =
        Graph.builder("g")
            .input("x", new TensorType(DataType.FLOAT32, Shape.of(List.of(Dim.of("n"), Dim.of(3)))))
            .constant("zero", Tensor.scalar(0L))
            .constant("rest", Tensor.vector(-1))
            .node(SHAPE, List.of("x"), "s")
            .node(new Movement.Gather(0), List.of("s", "zero"), "n")
            .node(new Movement.Unsqueeze(List.of(0L)), List.of("n"), "m")
            .node(new Movement.Concat(0), List.of("rest", "m"), "to")
            .node(RESHAPE, List.of("x", "to"), "y")
            .output("y");
    var free = builder.build();

    assertThat(nodes(new ConstantFolding().apply(free)))
        .as("the number of rows is not known")
        .contains("y = Reshape(x, to)")
        .hasSize(5);
    Graph folded = folded(free.bindShapes(Map.of("x", List.of(2L, 3L))));
    assertThat(nodes(folded)).containsExactly("y = Reshape(x, to)");
    assertThat(folded.constants()).containsExactly(Map.entry("to", Tensor.vector(-1, 2)));
  }

  @Test
  void largeResult_isNotMade() {
    var graph =
        graph()
            .constant("size", Tensor.vector(200, 200))
            .node(new Movement.ConstantOfShape(Tensor.scalar(1f)), List.of("size"), "ones")
            .node(
                new dev.inward.graph.Reduction.Reduce(
                    dev.inward.graph.Reduction.Reduce.Function.SUM, List.of(), false),
                List.of("ones"),
                "sum")
            .node(ADD, List.of("x", "sum"), "y")
            .output("y")
            .build();

    assertThat(folded(graph).nodes()).hasSize(3);
  }

  @Test
  void largeResult_isMadeWhereItsOperandDisappears() {
    var neg = new Elementwise.Unary(Elementwise.Unary.Function.NEG);
    var builder =
        graph()
            .constant("w", zeros(200, 200))
            .node(neg, List.of("w"), "v")
            .node(new Movement.Slice(), List.of("v", "from", "to"), "part")
            .constant("from", Tensor.vector(0, 0))
            .constant("to", Tensor.vector(2, 3))
            .node(ADD, List.of("x", "part"), "y")
            .output("y");

    assertThat(nodes(folded(builder.build()))).containsExactly("y = Add(x, part)");
    var twice = graph().constant("w", zeros(200, 200)).node(neg, List.of("w"), "v");
    assertThat(folded(twice.output("v").output("w").build()).nodes())
        .as("it would be stored twice")
        .hasSize(1);
  }

  @Test
  void encodedWeight_staysEncoded() {
    Tensor weight =
        Tensor.affine(
            List.of(3L, 2L),
            DataType.INT8,
            new int[] {1, 2, 3, 4, 5, 6},
            Tensor.ofFloats(List.of(3L, 1L), 1, 2, 3));
    var graph =
        graph()
            .constant("w", weight)
            .node(new Movement.Transpose(List.of(1L, 0L)), List.of("w"), "t")
            .node(RELU, List.of("t"), "r")
            .node(ADD, List.of("x", "r"), "y")
            .output("y")
            .build();

    Graph folded = folded(graph);

    assertThat(nodes(folded)).containsExactly("r = Relu(t)", "y = Add(x, r)");
    assertThat(folded.constants())
        .containsExactly(Map.entry("t", weight.transposed(List.of(1, 0))));
  }

  @Test
  void castOfHalves_sharesTheirBytes() {
    Tensor half = Tensor.half(List.of(2L, 3L), 1, 2, 3, 4, 5, 6);
    Tensor narrow = new Tensor(DataType.FLOAT16, half.dims(), half.encoding());
    var graph =
        graph()
            .constant("w", narrow)
            .node(new Elementwise.Cast(DataType.FLOAT32), List.of("w"), "v")
            .node(ADD, List.of("x", "v"), "y")
            .output("y")
            .build();

    Graph folded = folded(graph);

    assertThat(folded.constants()).containsExactly(Map.entry("v", half));
    assertThat(nodes(folded)).containsExactly("y = Add(x, v)");
  }

  @Test
  void dequantizedConstant_becomesAnEncoding() {
    var codes = Tensor.dense(DataType.INT8, List.of(2L, 3L), Storage.packed(8, 1, 2, 3, 4, 5, 6));
    var graph =
        graph()
            .constant("q", codes)
            .constant("s", Tensor.ofFloats(List.of(2L), 0.1f, 10))
            .constant("z", Tensor.dense(DataType.INT8, List.of(2L), Storage.packed(8, 1, -1)))
            .node(new Quantization.Dequantize(0, 0), List.of("q", "s", "z"), "w")
            .node(ADD, List.of("x", "w"), "y")
            .output("y")
            .build();

    Graph folded = folded(graph);

    assertThat(nodes(folded)).containsExactly("y = Add(x, w)");
    assertThat(folded.constant("w").orElseThrow().how()).isEqualTo("int8 per channel (axis 0)");
  }

  @Test
  void heavyProduct_isLeftToTheRuntime() {
    var graph =
        graph()
            .constant("a", zeros(100, 200))
            .constant("b", zeros(200, 3))
            .node(new Product.MatMul(), List.of("a", "b"), "c")
            .output("c")
            .output("x")
            .build();

    assertThat(folded(graph).nodes()).hasSize(1);
  }

  @Test
  void nodesThatPassOn_disappear() {
    var graph =
        graph()
            .constant("same", Tensor.vector(2, -1))
            .constant("once", Tensor.vector(1, 1))
            .constant("none", Tensor.vector(0, 0, 0, 0))
            .constant("start", Tensor.vector(0))
            .constant("end", Tensor.vector(Long.MAX_VALUE))
            .node(RELU, List.of("x"), "a")
            .node(IDENTITY, List.of("a"), "b")
            .node(new Elementwise.Cast(DataType.FLOAT32), List.of("b"), "c")
            .node(RESHAPE, List.of("c", "same"), "d")
            .node(new Movement.Transpose(List.of(0L, 1L)), List.of("d"), "e")
            .node(new Movement.Concat(0), List.of("e"), "f")
            .node(new Elementwise.Clip(), List.of("f"), "g")
            .node(new Movement.Tile(), List.of("g", "once"), "h")
            .node(new Movement.Pad(Movement.Pad.Mode.EDGE), List.of("h", "none"), "i")
            .node(new Movement.Slice(), List.of("i", "start", "end"), "j")
            .node(new Movement.Expand(), List.of("j", "once"), "k")
            .node(ADD, List.of("k", "b"), "y")
            .output("y")
            .build();

    Graph folded = folded(graph);

    assertThat(nodes(folded)).containsExactly("a = Relu(x)", "y = Add(a, a)");
    assertThat(folded.constants()).isEmpty();
  }

  @Test
  void nodesThatOnlyLookAlike_stay() {
    var graph =
        graph()
            .constant("swap", Tensor.vector(3, 2))
            .constant("shift", Tensor.vector(1, 0, -1, 0))
            .constant("start", Tensor.vector(-1))
            .constant("end", Tensor.vector(Long.MIN_VALUE))
            .constant("axis", Tensor.vector(0))
            .constant("back", Tensor.vector(-1))
            .node(RESHAPE, List.of("x", "swap"), "a")
            .node(new Movement.Transpose(List.of()), List.of("a"), "b")
            .node(new Movement.Pad(Movement.Pad.Mode.CONSTANT), List.of("b", "shift"), "c")
            .node(new Movement.Slice(), List.of("c", "start", "end", "axis", "back"), "d")
            .output("d")
            .build();

    assertThat(folded(graph).nodes()).hasSize(4);
  }

  @Test
  void output_keepsItsName() {
    var made =
        graph().node(RELU, List.of("x"), "a").node(IDENTITY, List.of("a"), "y").output("y").build();
    assertThat(nodes(folded(made))).containsExactly("y = Relu(x)");

    var passed = graph().node(IDENTITY, List.of("x"), "y").output("y").build();
    assertThat(new ConstantFolding().apply(passed)).isSameAs(passed);

    var both =
        graph()
            .node(RELU, List.of("x"), "a")
            .node(new Elementwise.Cast(DataType.FLOAT32), List.of("a"), "y")
            .output("a")
            .output("y")
            .build();
    assertThat(nodes(folded(both))).containsExactly("a = Relu(x)", "y = Identity(a)");

    var constant =
        graph()
            .constant("a", Tensor.scalar(1f))
            .node(IDENTITY, List.of("a"), "y")
            .output("y")
            .build();
    assertThat(folded(constant).constants()).containsExactly(Map.entry("y", Tensor.scalar(1f)));
  }

  @Test
  void equalNodes_becomeOne() {
    var graph =
        graph()
            .node(RELU, List.of("x"), "a")
            .node(RELU, List.of("x"), "b")
            .node(ADD, List.of("a", "b"), "y")
            .output("y")
            .build();

    assertThat(nodes(folded(graph))).containsExactly("a = Relu(x)", "y = Add(a, a)");
  }

  @Test
  void equalNodesThatAreBothOutputs_stay() {
    var graph =
        graph()
            .node(RELU, List.of("x"), "a")
            .node(RELU, List.of("x"), "b")
            .output("a")
            .output("b")
            .build();

    assertThat(folded(graph).nodes()).hasSize(2);
  }

  @Test
  void equalConstants_becomeOneWhereTheyAreSmall() {
    var graph =
        graph()
            .constant("a", Tensor.scalar(1f))
            .constant("b", Tensor.scalar(1f))
            .constant("c", Tensor.scalar(1L))
            .node(ADD, List.of("x", "a"), "l")
            .node(ADD, List.of("x", "b"), "r")
            .node(ADD, List.of("l", "r"), "y")
            .output("y")
            .build();

    Graph folded = folded(graph);

    assertThat(nodes(folded)).containsExactly("l = Add(x, a)", "y = Add(l, l)");
    assertThat(folded.constants()).containsOnlyKeys("a");
  }

  @Test
  void opaqueOps_areNeitherMergedNorRenamedUnder() {
    var op = new Opaque("", "RandomUniformLike", Storage.of(new byte[0]), List.of("seen"));
    var graph =
        graph()
            .node(RELU, List.of("x"), "a")
            .node(IDENTITY, List.of("a"), "seen")
            .node(op, List.of("a"), "r")
            .node(op, List.of("a"), "s")
            .output("r")
            .output("s")
            .build();

    assertThat(nodes(folded(graph)))
        .containsExactly(
            "seen = Relu(x)", "r = RandomUniformLike(seen)", "s = RandomUniformLike(seen)");
  }
}
