package dev.inward.onnx;

import static dev.inward.onnx.HandMade.body;
import static dev.inward.onnx.HandMade.ints;
import static dev.inward.onnx.HandMade.number;
import static dev.inward.onnx.HandMade.real;
import static dev.inward.onnx.HandMade.tensorAttribute;
import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise.Clip;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement.Flatten;
import dev.inward.graph.Movement.Squeeze;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization.Softmax;
import dev.inward.graph.Opaque;
import dev.inward.graph.Reduction.Reduce;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.Value;
import dev.inward.protobuf.WireWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ReaderTest {
  private static HandMade withX(int opset) {
    return HandMade.opset(opset).input("x", DataType.FLOAT32, 2, 3, 4);
  }

  private static Node only(Graph graph) {
    assertThat(graph.nodes()).hasSize(1);
    return graph.nodes().getFirst();
  }

  @Test
  void weight_isASliceOfTheFile() {
    byte[] bytes =
        withX(17)
            .floats("w", List.of(4L, 100L), new float[400])
            .node("MatMul", "x,w", "y")
            .output("y")
            .bytes();
    MemorySegment file = MemorySegment.ofArray(bytes);
    var weight = Onnx.read(file, "f").constant("w").orElseThrow();
    var data = ((Encoding.Dense) weight.encoding()).data();

    assertThat(weight.dims()).containsExactly(4L, 100L);
    Arrays.fill(bytes, (byte) 9);
    assertThat(data.bytes().get(ValueLayout.JAVA_BYTE, 1599)).isEqualTo((byte) 9);
  }

  @Test
  void typedFields_giveTheElementsThatTheyHold() {
    WireWriter half =
        new WireWriter()
            .packed(1, 2)
            .varint(2, 10)
            .packed(5, Float.floatToFloat16(1.5f), Float.floatToFloat16(-2f) & 0xffff)
            .string(8, "half");
    WireWriter floats =
        new WireWriter().packed(1, 3).varint(2, 1).packed(4, 1f, 2f).float32(4, 3).string(8, "f");
    WireWriter longs =
        new WireWriter().varint(1, 2).varint(2, 7).packed(7, -1, 1L << 40).string(8, "l");
    WireWriter nibbles =
        new WireWriter().packed(1, 3).varint(2, 22).packed(5, 0xf1, 0x07).string(8, "n");
    WireWriter doubles =
        new WireWriter().packed(1, 1).varint(2, 11).float64(10, 0.25).string(8, "d");
    var graph =
        withX(21)
            .graphField(5, half)
            .graphField(5, floats)
            .graphField(5, longs)
            .graphField(5, nibbles)
            .graphField(5, doubles)
            .output("half")
            .output("f")
            .output("l")
            .output("n")
            .output("d")
            .read();

    assertThat(graph.constant("half").orElseThrow().floats()).containsExactly(1.5f, -2f);
    assertThat(graph.constant("f").orElseThrow().floats()).containsExactly(1, 2, 3);
    assertThat(graph.constant("l").orElseThrow().longs()).containsExactly(-1, 1L << 40);
    assertThat(graph.constant("n").orElseThrow().longs()).containsExactly(1, -1, 7);
    assertThat(graph.constant("d").orElseThrow().floats()).containsExactly(0.25f);
  }

  @Test
  void symbolTwiceInOneShape_isNotBelieved() {
    var graph =
        HandMade.opset(14)
            .input("ids", DataType.INT64, "batch", "batch")
            .input("mask", DataType.INT64, "batch", "batch")
            .input("free", DataType.FLOAT32, -1, "?", 3)
            .node("Add", "ids,mask", "y")
            .output("y", DataType.INT64, "batch", "batch")
            .read();

    assertThat(graph.inputs())
        .extracting(Value::toString)
        .containsExactly(
            "ids: int64[batch x batch.1]",
            "mask: int64[batch x batch.1]",
            "free: float32[free.0 x free.1 x 3]");
    assertThat(graph.shape("y")).hasToString("[batch x batch.1]");
  }

  @Test
  void initialiserAmongTheInputs_isAConstant() {
    var graph =
        withX(8)
            .input("w", DataType.FLOAT32, 4)
            .floats("w", List.of(4L), 1, 2, 3, 4)
            .node("Add", "x,w", "y")
            .output("y")
            .read();

    assertThat(graph.inputs()).extracting(Value::name).containsExactly("x");
    assertThat(graph.constants()).containsOnlyKeys("w");
  }

  @Test
  void oldAttributes_becomeOperandsOrOurAttributes() {
    var clip = withX(7).node("Clip", "x", "y", real("min", 0), real("max", 6)).output("y").read();
    assertThat(only(clip).op()).isEqualTo(new Clip());
    assertThat(clip.constant(only(clip).operand(2)).orElseThrow().floats()).containsExactly(6);

    var mean =
        withX(18)
            .numbers("axes", -1)
            .node("ReduceMean", "x,axes", "y", number("keepdims", 0))
            .output("y")
            .read();
    assertThat(only(mean).op()).isEqualTo(new Reduce(Reduce.Function.MEAN, List.of(-1L), false));
    assertThat(mean.constants()).as("what nothing reads any more is left out").isEmpty();

    var squeeze =
        HandMade.opset(11)
            .input("x", DataType.FLOAT32, 1, 3)
            .node("Squeeze", "x", "y", ints("axes", 0))
            .output("y")
            .read();
    assertThat(only(squeeze).op()).isEqualTo(new Squeeze(List.of(0L)));
  }

  @Test
  void softmaxBeforeOpset13_runsOverAllAxesThatFollow() {
    var last = withX(12).node("Softmax", "x", "y", number("axis", 2)).output("y").read();
    assertThat(only(last).op()).isEqualTo(new Softmax(2));

    var two = withX(12).node("Softmax", "x", "y").output("y").read();
    assertThat(two.nodes())
        .extracting(n -> n.op().name())
        .containsExactlyInAnyOrder("Flatten", "Softmax", "ShapeOf", "Reshape");
    assertThat(two.nodes()).extracting(Node::op).contains(new Flatten(1), new Softmax(-1));

    var one =
        withX(12)
            .node("ReduceMean", "x", "m", ints("axes", 2))
            .node("Softmax", "m", "y", number("axis", 1))
            .output("y")
            .read();
    assertThat(one.producer("y").orElseThrow().op())
        .as("the last axis has one element")
        .isEqualTo(new Softmax(1));
    assertThat(one.nodes()).hasSize(2);
  }

  @Test
  void dequantisedConstant_isAnEncodedConstant() {
    var codes = Tensor.dense(DataType.INT8, List.of(2L, 2L), Storage.of(new byte[] {1, 2, -3, 4}));
    var graph =
        HandMade.opset(13)
            .input("x", DataType.FLOAT32, 1, 2)
            .constant("codes", codes)
            .floats("scale", List.of(2L), 0.5f, 2)
            .node("DequantizeLinear", "codes,scale", "w", number("axis", 1))
            .node("MatMul", "x,w", "y")
            .output("y")
            .read();

    assertThat(only(graph).op().name()).isEqualTo("MatMul");
    var weight = graph.constant("w").orElseThrow();
    assertThat(weight.toString()).isEqualTo("float32[2x2] int8 per channel (axis 1)");
    assertThat(weight.floats()).containsExactly(0.5f, 4, -1.5f, 8);
    assertThat(graph.constants()).containsOnlyKeys("w");
  }

  @Test
  void constantNode_isAConstant() {
    var graph =
        withX(17)
            .node(
                "Constant",
                List.of(),
                List.of("c"),
                tensorAttribute("value", Tensor.ofFloats(List.of(4L), 1, 2, 3, 4)))
            .node("Add", "x,c", "y")
            .output("y")
            .read();

    assertThat(only(graph).op().name()).isEqualTo("Add");
    assertThat(graph.constant("c").orElseThrow().floats()).containsExactly(1, 2, 3, 4);
  }

  @Test
  void unknownOperator_isCarriedWithItsAttributes() {
    var attribute = number("secret", 7);
    var graph =
        withX(17).opset("acme", 3).node("acme::Fold", "x", "y", attribute).output("y").read();

    var opaque = (Opaque) only(graph).op();
    assertThat(opaque.domain()).isEqualTo("acme");
    assertThat(opaque.attributes().toArray())
        .isEqualTo(new WireWriter().message(5, attribute).toArray());
    assertThat(graph.opsets()).containsEntry("acme", 3);
  }

  @Test
  void knownOperatorWithAnUnknownAttribute_isCarried() {
    var graph = withX(17).node("Relu", "x", "y", number("new", 1)).output("y").read();
    assertThat(only(graph).op()).isInstanceOf(Opaque.class);
  }

  @Test
  void attentionWithFewerKeyHeads_isCarried() {
    for (int heads : new int[] {1, 4}) {
      var graph =
          HandMade.opset(23)
              .input("q", DataType.FLOAT32, 2, 4, 3, 8)
              .input("k", DataType.FLOAT32, 2, heads, 5, 8)
              .input("v", DataType.FLOAT32, 2, heads, 5, 8)
              .node("Attention", "q,k,v", "y")
              .output("y")
              .read();
      assertThat(only(graph).op() instanceof Opaque).isEqualTo(heads == 1);
    }
  }

  @Test
  void body_readsValuesOfTheOuterGraph() {
    WireWriter then =
        new WireWriter()
            .message(1, HandMade.nodeProto("Relu", List.of("r"), List.of("t")))
            .string(2, "then")
            .message(12, HandMade.valueInfo("t", DataType.FLOAT32, 2, 3, 4));
    WireWriter otherwise =
        new WireWriter()
            .message(1, HandMade.nodeProto("Neg", List.of("x"), List.of("e")))
            .string(2, "else")
            .message(12, HandMade.valueInfo("e", DataType.FLOAT32, 2, 3, 4));
    var graph =
        withX(17)
            .input("c", DataType.BOOL)
            .node("Exp", "x", "r")
            .node("If", "c", "y", body("then_branch", then), body("else_branch", otherwise))
            .output("y")
            .read();

    var branch = graph.producer("y").orElseThrow();
    assertThat(((Opaque) branch.op()).captures()).containsExactly("r", "x");
    assertThat(graph.producer("r").orElseThrow().op()).isEqualTo(new Unary(Unary.Function.EXP));
    assertThat(graph.readers("r")).containsExactly(branch);
  }

  @Test
  void freeText_isKept() {
    var graph =
        withX(17)
            .modelField(2, "acme")
            .modelField(6, "a model")
            .modelField(14, new WireWriter().string(1, "licence").string(2, "Apache-2.0"))
            .output("x")
            .read();
    assertThat(graph.metadata())
        .containsEntry("producer_name", "acme")
        .containsEntry("doc_string", "a model")
        .containsEntry("licence", "Apache-2.0");
  }
}
