package dev.inward.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import java.util.List;
import org.junit.jupiter.api.Test;

final class GraphTextTest {
  private static final String TEXT =
      """
      graph "a net"
      opset ai.onnx 17
      meta producer = "py\\"torch\\" 2"
      input x: float32[batch x 3 x h x w]
      input "with space": int64[2]
      const w: float32[8x3x1x1] = all 0.5
      const pads: int64[8] = 0, 0, 1, 1, 0, 0, 1, 1
      const six: float32[] = 6.0
      const half: float16[2] = 1.5, -0.25
      const nothing: int64[0] =\s
      p: float32[batch x 3 x h + 2 x w + 2] = Pad{mode=reflect}(x, pads)  @pad
      c: float32[batch x 8 x floor((h + 1)/2) + 1 x w + 2] = Conv{strides=[2, 1], groups=1}(p, w)
      onnx::Clip_7: float32[batch x 8 x floor((h + 1)/2) + 1 x w + 2] = Clip(c, _, six)
      m: float32[batch x 8 x 1 x 1], _ = MaxPool{kernel=[1, 1], p=2}(g)
      g: float32[batch x 8 x 1 x 1] = GlobalAveragePool{p=0}(onnx::Clip_7)
      z: float16[batch x 3] = ConstantOfShape{value=float16[1] 2.0}(s)
      s: int64[2] = ShapeOf{start=0, end=2}(x)
      r: bool[2] = Equal(s, "with space")
      output r, z, m
      """;

  @Test
  void text_readsBackAsTheSameGraph() {
    var graph = GraphText.parse(TEXT);
    String printed = GraphText.print(graph);

    assertThat(GraphText.parse(printed)).isEqualTo(graph);
    assertThat(GraphText.print(GraphText.parse(printed))).isEqualTo(printed);
    assertThat(printed.lines().sorted().toList())
        .as("the same lines; nodes come in their order of execution")
        .isEqualTo(TEXT.lines().sorted().toList());
  }

  @Test
  void everyOp_readsBackFromItsText() {
    List<Op> ops =
        List.of(
            new Elementwise.Cast(DataType.FLOAT32),
            new Elementwise.Gelu(true),
            new Elementwise.Swish(1.702f),
            new Product.Einsum("b i j, b j k -> b i k"),
            new Product.Attention(java.util.OptionalDouble.of(0.125), true),
            new Windowed.Pool(
                Windowed.PoolKind.AVERAGE,
                new Windowed.Window(
                    List.of(3L), List.of(2L), List.of(), List.of(), Windowed.AutoPad.SAME_LOWER),
                true,
                true,
                2,
                false),
            new Windowed.GlobalPool(Windowed.PoolKind.LP, 2),
            new Reduction.Reduce(Reduction.Reduce.Function.LOG_SUM_EXP, List.of(-1L), true),
            new Reduction.ArgReduce(false, 1, true, true),
            new Movement.ConstantOfShape(Tensor.ofLongs(List.of(1L), -7)),
            new Movement.Resize(
                Movement.Resize.Interpolation.CUBIC,
                Movement.Resize.Coordinates.PYTORCH_HALF_PIXEL,
                Movement.Resize.NearestRounding.ROUND_PREFER_CEIL,
                -0.75f,
                true,
                0.5f,
                false,
                List.of(2L, 3L),
                Movement.Resize.AspectPolicy.NOT_SMALLER),
            new Quantization.Quantize(DataType.UINT4, 1, 32),
            new Recurrent(
                Recurrent.Kind.GRU,
                Recurrent.Direction.BIDIRECTIONAL,
                5,
                List.of("Sigmoid", "Tanh"),
                List.of(0.5f),
                List.of(),
                java.util.OptionalDouble.of(3),
                true,
                false,
                false));
    for (Op op : ops) {
      String line = "y = " + OpText.print(op) + "(x)";
      var reader = GraphReader.node(line);
      assertThat(reader.op()).as(line).isEqualTo(op);
    }
    assertThat(OpText.print(ops.get(1))).isEqualTo("Gelu{tanh}");
    assertThat(OpText.print(ops.get(7))).isEqualTo("ReduceLogSumExp{axes=[-1], keepDims}");
  }

  @Test
  void largeAndEncodedConstants_areShownByHowTheyAreStored() {
    var graph =
        Graph.builder("g")
            .constant("w", Tensor.ofFloats(List.of(7L, 7L), new float[49]))
            .constant(
                "h",
                new Tensor(
                    DataType.FLOAT32,
                    List.of(1L),
                    new Encoding.Dense(DataType.FLOAT16, Storage.of(new byte[2]))))
            .node(
                new Opaque("com.example", "Fancy", Storage.of(new byte[3]), List.of("h")),
                List.of("w", ""),
                "y")
            .output("y")
            .build();

    assertThat(GraphText.print(graph))
        .isEqualTo(
            """
            graph g
            const w: float32[7x7], dense, 196 bytes
            const h: float32[1], as float16, 2 bytes
            y = opaque "com.example" "Fancy"{3 bytes, captures=["h"]}(w, _)
            output y
            """);
    assertThatThrownBy(() -> GraphText.parse(GraphText.print(graph)))
        .isInstanceOf(InputException.class)
        .hasMessage("line 2: 'w' has no values in the text: float32[7x7], dense, 196 bytes");
  }

  @Test
  void randomConstant_isTheSameEveryTime() {
    String text = "graph g\nconst w: float32[50] = random 7\noutput w\n";

    assertThat(GraphText.parse(text)).isEqualTo(GraphText.parse(text));
    assertThat(GraphText.parse(text).constant("w").orElseThrow().floats()).doesNotContain(0f);
  }

  @Test
  void faults_nameTheLine() {
    refused("line 1: there is no op 'Rellu'", "y = Rellu(x)");
    refused("line 1: Relu has no attribute 'axis'", "y = Relu{axis=1}(x)");
    refused("line 2: expected '(' after 'y = Relu '", "input x: float32[2]\ny = Relu x");
    refused(
        "line 1: 'float99' is none of float32, float16, bfloat16, float64, int4, int8, int16,"
            + " int32, int64, uint4, uint8, uint16, uint32, uint64, bool, string",
        "input x: float99[2]");
    refused("line 1: float32[3] has 3 elements, got 2", "const w: float32[3] = 1, 2");
    refused("line 1: ')' is one thing too many", "y = Relu(x))");
    refused("line 1: a name is missing after 'y = Relu('", "y = Relu(");
    refused(
        "value 'y': is stated as float32[3], and is float32[2]",
        "input x: float32[2]\ny: float32[3] = Relu(x)\nz = Relu(y)\noutput z");
  }

  private static void refused(String message, String text) {
    assertThatThrownBy(() -> GraphText.parse(text))
        .isInstanceOf(InputException.class)
        .hasMessage(message);
  }
}
