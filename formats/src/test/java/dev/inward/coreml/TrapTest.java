package dev.inward.coreml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Movement;
import dev.inward.graph.Normalization;
import dev.inward.graph.Product;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Value;
import dev.inward.graph.Windowed;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a writer of this format gets wrong first.
final class TrapTest {
  private static Mil.Program program(Graph graph, Options options) {
    return Lowering.run(graph, options, options.target().orElse(Target.IOS15)).model().program();
  }

  private static List<String> types(Mil.Program program) {
    return program.operations().stream()
        .map(Mil.Operation::type)
        .filter(t -> !t.equals("const"))
        .toList();
  }

  private static Mil.Operation only(Mil.Program program, String type) {
    return program.operations().stream()
        .filter(o -> o.type().equals(type))
        .reduce((_, _) -> {
          throw new AssertionError("several " + type);
        })
        .orElseThrow();
  }

  private static Mil.Value parameter(Mil.Program program, Mil.Operation operation, String name) {
    var bound = (Mil.Binding.Name) operation.inputs().getOrDefault(name, List.of()).getFirst();
    return program.operations().stream()
        .filter(o -> o.outputs().getFirst().name().equals(bound.name()))
        .findFirst()
        .map(o -> o.attributes().getOrDefault("val", Mil.Value.text("none")))
        .orElseThrow();
  }

  private static List<Long> ints(Mil.Value value) {
    var tensor =
        Tensor.dense(
            value.type().graphType().orElseThrow(), value.dims(), Constants.bytes(value.content()));
    return LongStream.of(tensor.longs()).boxed().toList();
  }

  private static float number(Mil.Value value) {
    return Tensor.dense(
            value.type().graphType().orElseThrow(), value.dims(), Constants.bytes(value.content()))
        .floats()[0];
  }

  private static Graph unary(Unary.Function function, DataType type, long... dims) {
    return Graph.builder("unary")
        .input("x", TensorType.of(type, dims))
        .node(new Unary(function), List.of("x"), "y")
        .output("y")
        .build();
  }

  private static Options fp32(Target target) {
    return Options.DEFAULT.precision(Options.Precision.FLOAT32).target(target);
  }

  @Test
  void padsOfAConvolution_areInterleaved() {
    var window =
        new Windowed.Window(
            List.of(), List.of(), List.of(), List.of(1L, 2L, 3L, 4L), Windowed.AutoPad.EXPLICIT);
    var graph =
        Graph.builder("conv")
            .input("x", TensorType.of(DataType.FLOAT32, 1, 1, 5, 5))
            .constant("w", Tensor.ofFloats(List.of(1L, 1L, 1L, 1L), 2))
            .node(new Windowed.Conv(window, 1), List.of("x", "w"), "y")
            .output("y")
            .build();
    var program = program(graph, fp32(Target.IOS15));
    var conv = only(program, "conv");

    // Begins 1 and 2, ends 3 and 4: height 1 and 3, width 2 and 4.
    assertThat(ints(parameter(program, conv, "pad"))).containsExactly(1L, 3L, 2L, 4L);
    assertThat(conv.outputs().getFirst().dims()).containsExactly(1L, 1L, 9L, 11L);
  }

  @Test
  void padsOfPad_areInterleavedForTheLastAxes() {
    var graph =
        Graph.builder("pad")
            .input("x", TensorType.of(DataType.FLOAT32, 1, 2, 3, 4))
            .constant("pads", Tensor.vector(0, 0, 1, 2, 0, 0, 3, 4))
            .node(new Movement.Pad(Movement.Pad.Mode.CONSTANT), List.of("x", "pads"), "y")
            .output("y")
            .build();
    var program = program(graph, fp32(Target.IOS15));

    assertThat(ints(parameter(program, only(program, "pad"), "pad")))
        .containsExactly(1L, 3L, 2L, 4L);
  }

  @Test
  void everyOptionalParameterWithADefault_isWritten() {
    var window =
        new Windowed.Window(List.of(), List.of(), List.of(), List.of(), Windowed.AutoPad.EXPLICIT);
    var graph =
        Graph.builder("conv")
            .input("x", TensorType.of(DataType.FLOAT32, 1, 2, 5, 5))
            .constant("w", Tensor.ofFloats(List.of(1L, 2L, 1L, 1L), 2, 3))
            .node(new Windowed.Conv(window, 1), List.of("x", "w"), "y")
            .output("y")
            .build();
    var conv = only(program(graph, fp32(Target.IOS15)), "conv");

    assertThat(conv.inputs().keySet())
        .containsExactly(
            "x", "weight", "bias", "strides", "pad_type", "pad", "dilations", "groups");
  }

  @Test
  void reciprocal_isAQuotientNotInverse() {
    var program =
        program(unary(Unary.Function.RECIPROCAL, DataType.FLOAT32, 3), fp32(Target.IOS15));

    assertThat(types(program)).containsExactly("real_div");
  }

  @Test
  void epsilonOfLog_isZero() {
    var program = program(unary(Unary.Function.LOG, DataType.FLOAT32, 3), fp32(Target.IOS15));

    assertThat(number(parameter(program, only(program, "log"), "epsilon"))).isEqualTo(0);
  }

  private static Graph gather(Tensor indices) {
    return Graph.builder("gather")
        .input("x", TensorType.of(DataType.FLOAT32, 4, 2))
        .constant("i", indices)
        .node(new Movement.Gather(0), List.of("x", "i"), "y")
        .output("y")
        .build();
  }

  @ParameterizedTest
  @EnumSource(Target.class)
  void constantNegativeIndices_areCountedFromTheFront(Target target) {
    var program = program(gather(Tensor.vector(-1, 0, -4)), fp32(target));

    assertThat(ints(parameter(program, only(program, "gather"), "indices")))
        .containsExactly(3L, 0L, 0L);
  }

  @ParameterizedTest
  @EnumSource(Target.class)
  void computedIndices_areWrappedFromIos17On(Target target) {
    var graph =
        Graph.builder("gather")
            .input("i", TensorType.of(DataType.INT64, 3))
            .constant("x", Tensor.ofFloats(List.of(4L, 1L), 1, 2, 3, 4))
            .node(new Movement.Gather(0), List.of("x", "i"), "y")
            .output("y")
            .build();
    var program = program(graph, fp32(target));

    if (target.atLeast(Target.IOS17)) {
      assertThat(types(program)).containsExactly("less", "add", "select", "gather");
    } else {
      assertThat(types(program)).containsExactly("gather");
    }
  }

  @ParameterizedTest
  @EnumSource(Target.class)
  void noValue_isInt64(Target target) {
    var graph =
        Graph.builder("ids")
            .input("ids", TensorType.of(DataType.INT64, 2, 3))
            .constant("one", Tensor.ofLongs(List.of(3L), 1, 2, 3))
            .node(new Binary(Binary.Function.ADD), List.of("ids", "one"), "y")
            .output("y")
            .build();
    var model = Lowering.run(graph, fp32(target), target).model();

    assertThat(model.inputs().getFirst().shown())
        .isInstanceOfSatisfying(
            Model.Shown.Array.class,
            array -> assertThat(array.element()).isEqualTo(Face.Element.INT32));
    assertThat(model.outputs().getFirst().shown())
        .isInstanceOfSatisfying(
            Model.Shown.Array.class,
            array -> assertThat(array.element()).isEqualTo(Face.Element.INT32));
    assertThat(model.program().operations())
        .flatExtracting(Mil.Operation::outputs)
        .extracting(Mil.Var::type)
        .doesNotContain(MilType.INT64);
  }

  @Test
  void int64ConstantBeyondInt32_isRefused() {
    var graph =
        Graph.builder("ids")
            .input("ids", TensorType.of(DataType.INT64, 1))
            .constant("big", Tensor.vector(1L << 31))
            .node(new Binary(Binary.Function.ADD), List.of("ids", "big"), "y")
            .output("y")
            .build();

    assertThatThrownBy(() -> CoreMl.write(graph, Packages.path("big"), Options.DEFAULT))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("constant 'big': the constant holds 2147483648, which int32 cannot hold");
  }

  @Test
  void sentinelsOfSlice_doNotReachTheFile() {
    var graph =
        Graph.builder("slice")
            .input("x", TensorType.of(DataType.FLOAT32, 5))
            .constant("start", Tensor.vector(-1))
            .constant("end", Tensor.vector(Long.MIN_VALUE + 1))
            .constant("axis", Tensor.vector(0))
            .constant("step", Tensor.vector(-2))
            .node(new Movement.Slice(), List.of("x", "start", "end", "axis", "step"), "y")
            .output("y")
            .build();
    var program = program(graph, fp32(Target.IOS15));
    var slice = only(program, "slice_by_index");

    assertThat(ints(parameter(program, slice, "begin"))).containsExactly(4L);
    assertThat(ints(parameter(program, slice, "end"))).containsExactly(0L);
    assertThat(ints(parameter(program, slice, "stride"))).containsExactly(-2L);
    assertThat(ints(parameter(program, slice, "end_mask"))).containsExactly(1L);
  }

  @Test
  void maskOfTheLowestFloat32_staysFiniteInFloat16() {
    var graph =
        Graph.builder("mask")
            .input("x", TensorType.of(DataType.FLOAT32, 2))
            .constant("lowest", Tensor.scalar(-Float.MAX_VALUE))
            .node(new Binary(Binary.Function.MUL), List.of("x", "lowest"), "y")
            .output("y")
            .build();
    var path = Packages.path("mask");
    var written = CoreMl.write(graph, path, Options.DEFAULT);
    Graph read = CoreMl.read(path);

    assertThat(read.constant("lowest").orElseThrow().floats()).containsExactly(-65504f);
    assertThat(written.notes()).isEmpty();
  }

  @Test
  void finiteConstantBeyondFloat16_keepsItsNodeInFloat32() {
    var graph =
        Graph.builder("large")
            .input("x", TensorType.of(DataType.FLOAT32, 2))
            .constant("large", Tensor.scalar(1e6f))
            .node(new Binary(Binary.Function.MUL), List.of("x", "large"), "y")
            .output("y")
            .build();
    var lowered = Lowering.run(graph, Options.DEFAULT, Target.IOS15);

    assertThat(lowered.notes())
        .containsExactly("node 'y' computes in float32: its constant 'large' is beyond float16");
    assertThat(only(lowered.model().program(), "mul").outputs().getFirst().type())
        .isEqualTo(MilType.FLOAT32);
  }

  @Test
  void epsilonBelowFloat16_becomesItsSmallestNumber() {
    assertThat(Float.float16ToFloat(Constants.half(1e-12f))).isEqualTo(0x1p-24f);
    assertThat(Float.float16ToFloat(Constants.half(-1e-12f))).isEqualTo(-0x1p-24f);
    assertThat(Float.float16ToFloat(Constants.half(0f))).isEqualTo(0f);
    assertThat(Float.float16ToFloat(Constants.half(1e9f))).isEqualTo(65504f);
    assertThat(Float.float16ToFloat(Constants.half(Float.NEGATIVE_INFINITY)))
        .isEqualTo(Float.NEGATIVE_INFINITY);
    assertThat(Float.float16ToFloat(Constants.half(Float.NaN))).isNaN();
  }

  @Test
  void nodesThatStayFloat32_areBetweenCasts() {
    var graph =
        Graph.builder("mixed")
            .input("x", TensorType.of(DataType.FLOAT32, 2))
            .node(new Unary(Unary.Function.RELU), List.of("x"), "a")
            .node(new Unary(Unary.Function.EXP), List.of("a"), "b")
            .node(new Unary(Unary.Function.SQRT), List.of("b"), "y")
            .output("y")
            .build();
    var program = program(graph, Options.DEFAULT.keepFloat32(Set.of("b")));

    assertThat(types(program))
        .containsExactly("cast", "relu", "cast", "exp", "cast", "sqrt", "cast");
  }

  @Test
  void float16Interface_needsIos16AndNoCasts() {
    var graph = unary(Unary.Function.RELU, DataType.FLOAT32, 2);
    var options = Options.DEFAULT.interfaceType(Options.Precision.FLOAT16);

    assertThat(CoreMl.write(graph, Packages.path("half-interface"), options).target())
        .isEqualTo(Target.IOS16);
    assertThat(types(program(graph, options.target(Target.IOS16)))).containsExactly("relu");
    assertThatThrownBy(
            () -> CoreMl.write(graph, Packages.path("refused"), options.target(Target.IOS15)))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("float16 inputs and outputs exist from iOS 16 on");
  }

  @Test
  void scalarsAtTheInterface_getOneAxis() {
    var graph =
        Graph.builder("scalar")
            .input("x", TensorType.of(DataType.FLOAT32))
            .node(new Unary(Unary.Function.EXP), List.of("x"), "y")
            .output("y")
            .build();
    var lowered = Lowering.run(graph, fp32(Target.IOS15), Target.IOS15);

    assertThat(lowered.model().inputs().getFirst().shown())
        .isEqualTo(new Model.Shown.Array(Face.Element.FLOAT32, List.of(1L), List.of()));
    assertThat(lowered.model().outputs().getFirst().shown())
        .isEqualTo(new Model.Shown.Array(Face.Element.FLOAT32, List.of(1L), List.of()));
    assertThat(lowered.notes()).hasSize(2);
  }

  @Test
  void sixAxes_areRefusedByName() {
    var graph = unary(Unary.Function.RELU, DataType.FLOAT32, 1, 1, 2, 1, 1, 3);

    assertThatThrownBy(() -> CoreMl.write(graph, Packages.path("refused"), Options.DEFAULT))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("input 'x': its shape [1x1x2x1x1x3] has more than the 5 axes that Core ML has");
  }

  @Test
  void names_becomeIdentifiersThatArePeopleRecognise() {
    var names = new Names();

    assertThat(List.of("a/b:0", "a.b.0", "882", "fp16", "größe", "a/b:0", "_x"))
        .extracting(names::fresh)
        .containsExactly("a_b_0", "a_b_0_1", "var_882", "fp16_1", "gr__e", "a_b_0_2", "_x");
  }

  @Test
  void attention_isOneOpFromIos18OnAndWrittenOutBefore() {
    var attention =
        OpCases.all().stream().filter(c -> c.name().equals("attention")).findFirst().orElseThrow();

    assertThat(types(program(attention.graph(), fp32(Target.IOS18))))
        .containsExactly("scaled_dot_product_attention");
    assertThat(types(program(attention.graph(), fp32(Target.IOS17))))
        .containsExactly("mul", "matmul", "softmax", "matmul");
  }

  @Test
  void openShapes_areRefusedWithTheHintToBind() {
    var graph =
        Graph.builder("open")
            .input(
                "ids",
                new TensorType(
                    DataType.FLOAT32,
                    dev.inward.graph.Shape.of(
                        List.of(dev.inward.graph.Dim.of("batch"), dev.inward.graph.Dim.of(8)))))
            .node(new Unary(Unary.Function.RELU), List.of("ids"), "y")
            .output("y")
            .build();

    assertThatThrownBy(() -> CoreMl.write(graph, Packages.path("refused"), Options.DEFAULT))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("input 'ids': its shape [batch x 8] is not fixed, and no range is given for it")
        .extracting(e -> ((UnsupportedException) e).hint().orElse(""))
        .isEqualTo("bind it with --shape, such as --shape ids=1x8");
  }

  @Test
  void quantisedActivation_needsIos17() {
    var quantized =
        OpCases.all().stream()
            .filter(c -> c.name().equals("quantize_int8"))
            .findFirst()
            .orElseThrow();

    assertThatThrownBy(() ->
            CoreMl.write(
                quantized.graph(), Packages.path("refused"), Options.DEFAULT.target(Target.IOS16)))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage(
            "node 'q': [Quantize] cannot be written for iOS 16: a quantised activation exists from"
                + " iOS 17 on");
  }

  @Test
  void zeroPointOfZero_isLeftOut() {
    var symmetric =
        OpCases.all().stream()
            .filter(c -> c.name().equals("quantize_symmetric"))
            .findFirst()
            .orElseThrow();

    assertThat(only(program(symmetric.graph(), fp32(Target.IOS17)), "quantize").inputs().keySet())
        .containsExactly("input", "scale", "output_dtype");
  }

  @Test
  void opaqueOp_isRefused() {
    var graph =
        Graph.builder("opaque")
            .input("x", TensorType.of(DataType.FLOAT32, 2))
            .node(
                new dev.inward.graph.Opaque(
                    "acme", "Magic", dev.inward.graph.Storage.of(new byte[0]), List.of()),
                List.of("x"),
                "y")
            .declare("y", TensorType.of(DataType.FLOAT32, 2))
            .output("y")
            .build();

    assertThatThrownBy(() -> CoreMl.write(graph, Packages.path("refused"), Options.DEFAULT))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage(
            "node 'y': [Magic] cannot be written for iOS 15: it is an operator of domain 'acme'"
                + " that is not known");
  }

  @Test
  void deadShapeComputation_isLeftOut() {
    var graph =
        Graph.builder("dead")
            .input("x", TensorType.of(DataType.FLOAT32, 2, 6))
            .node(new Movement.ShapeOf(0, java.util.OptionalLong.of(1)), List.of("x"), "rows")
            .constant("rest", Tensor.vector(-1, 3))
            .node(new Movement.Concat(0), List.of("rows", "rest"), "shape")
            .node(new Movement.Reshape(false), List.of("x", "shape"), "y")
            .output("y")
            .build();

    assertThat(types(program(graph, fp32(Target.IOS15)))).containsExactly("reshape");
  }

  @Test
  void sameGraphAndOptions_giveTheSameBytes() throws Exception {
    var matmul =
        OpCases.all().stream().filter(c -> c.name().equals("linear")).findFirst().orElseThrow();
    CoreMl.write(matmul.graph(), Packages.path("twin-a"), Options.DEFAULT);
    CoreMl.write(matmul.graph(), Packages.path("twin-b"), Options.DEFAULT);

    for (var file :
        List.of(
            "Manifest.json",
            "Data/com.apple.CoreML/model.mlmodel",
            "Data/com.apple.CoreML/weights/weight.bin")) {
      assertThat(Packages.path("twin-a").resolve(file))
          .hasSameBinaryContentAs(Packages.path("twin-b").resolve(file));
    }
  }

  @Test
  void metadataAndDescriptions_comeBack() {
    var metadata = new Options.Metadata("Ada", "MIT", "counts", "1.2", Map.of("key", "value"));
    var path = Packages.path("metadata");
    CoreMl.write(
        unary(Unary.Function.RELU, DataType.FLOAT32, 2),
        path,
        Options.DEFAULT.metadata(metadata).descriptions(Map.of("x", "what goes in")));

    assertThat(CoreMl.read(path).metadata())
        .containsEntry("author", "Ada")
        .containsEntry("licence", "MIT")
        .containsEntry("description", "counts")
        .containsEntry("version", "1.2")
        .containsEntry("key", "value");
  }

  @Test
  void inverseOfAnotherTool_addsItsEpsilon() {
    var x = new Mil.Var("x", MilType.FLOAT32, List.of(2L));
    var y = new Mil.Var("y", MilType.FLOAT32, List.of(2L));
    var inputs = new java.util.LinkedHashMap<String, List<Mil.Binding>>();
    inputs.put("x", List.of(new Mil.Binding.Name("x")));
    var inverse =
        new Mil.Operation("inverse", "y", inputs, new java.util.LinkedHashMap<>(), List.of(y));
    var model =
        new Model(
            7,
            new Mil.Program(
                "CoreML6", List.of(x), List.of(inverse), List.of("y"), java.util.Optional.empty()),
            List.of(),
            List.of(),
            Options.Metadata.NONE);
    Graph graph = Raising.graph(model, "inverse");

    assertThat(graph.nodes().stream().map(n -> n.op().name())).containsExactly("Add", "Reciprocal");
    assertThat(graph.constants().values().iterator().next().floats()).containsExactly(1e-4f);
  }

  @Test
  void castsOfACastGraph_areNotDoubled() {
    var graph =
        Graph.builder("cast")
            .input("x", TensorType.of(DataType.FLOAT32, 2))
            .node(new Elementwise.Cast(DataType.FLOAT16), List.of("x"), "h")
            .node(new Unary(Unary.Function.RELU), List.of("h"), "r")
            .node(new Elementwise.Cast(DataType.FLOAT32), List.of("r"), "y")
            .output("y")
            .build();

    assertThat(types(program(graph, Options.DEFAULT))).containsExactly("cast", "relu", "cast");
    assertThat(types(program(graph, fp32(Target.IOS15)))).containsExactly("cast", "relu", "cast");
  }

  private static Recurrent cell(Recurrent.Kind kind, Recurrent.Direction direction) {
    return new Recurrent(
        kind,
        direction,
        1,
        List.of(),
        List.of(),
        List.of(),
        OptionalDouble.empty(),
        kind == Recurrent.Kind.GRU,
        false,
        false);
  }

  private static Graph recurrent(Recurrent cell, float[] input, float[] biases) {
    long gates = cell.kind().gates();
    return Graph.builder("cell")
        .input("x", TensorType.of(DataType.FLOAT32, 3, 1, 1))
        .constant("w", Tensor.ofFloats(List.of(1L, gates, 1L), input))
        .constant("r", Tensor.ofFloats(List.of(1L, gates, 1L), input))
        .constant("b", Tensor.ofFloats(List.of(1L, 2 * gates), biases))
        .node(cell, List.of("x", "w", "r", "b"), "y")
        .output("y")
        .build();
  }

  private static float[] floats(Mil.Value value) {
    return Tensor.dense(
            value.type().graphType().orElseThrow(), value.dims(), Constants.bytes(value.content()))
        .floats();
  }

  @Test
  void gatesOfAnLstm_arePutIntoCoreMlsOrderAndBiasesSummed() {
    // ONNX: input, output, forget, cell.
    var lstm = cell(Recurrent.Kind.LSTM, Recurrent.Direction.FORWARD);
    var graph = recurrent(lstm, new float[] {1, 2, 3, 4}, new float[] {1, 2, 3, 4, 10, 20, 30, 40});
    var program = program(graph, fp32(Target.IOS15));
    var op = only(program, "lstm");

    assertThat(floats(parameter(program, op, "weight_ih"))).containsExactly(1, 3, 2, 4);
    assertThat(floats(parameter(program, op, "weight_hh"))).containsExactly(1, 3, 2, 4);
    assertThat(floats(parameter(program, op, "bias"))).containsExactly(11, 33, 22, 44);
  }

  @Test
  void gatesOfAGru_areResetNewUpdate_withTwoBiasesWhereTheResetComesAfter() {
    // ONNX: update, reset, new.
    var gru = cell(Recurrent.Kind.GRU, Recurrent.Direction.FORWARD);
    var graph = recurrent(gru, new float[] {1, 2, 3}, new float[] {1, 2, 3, 10, 20, 30});
    var program = program(graph, fp32(Target.IOS18));
    var op = only(program, "gru");

    assertThat(floats(parameter(program, op, "weight_ih"))).containsExactly(2, 3, 1);
    assertThat(floats(parameter(program, op, "input_bias"))).containsExactly(2, 3, 1);
    assertThat(floats(parameter(program, op, "bias"))).containsExactly(20, 30, 10);
    assertThat(ints(parameter(program, op, "reset_after"))).containsExactly(1L);
    // Before iOS 18 the op has the reset gate before the product: the cell is written out.
    assertThat(types(program(graph, fp32(Target.IOS17)))).doesNotContain("gru").contains("linear");
  }

  @Test
  void cellThatRunsBackwards_runsForwardsOverTheReversedSequence() {
    var rnn = cell(Recurrent.Kind.RNN, Recurrent.Direction.REVERSE);
    var graph = recurrent(rnn, new float[] {1}, new float[] {1, 2});
    var program = program(graph, fp32(Target.IOS17));

    assertThat(types(program)).containsExactly("reverse", "rnn", "reverse", "expand_dims");
    assertThat(parameter(program, only(program, "rnn"), "direction").content())
        .isEqualTo(new Mil.Content.Text(List.of("forward")));
  }

  @Test
  void recurrentOps_areFloat32BeforeIos17() {
    var lstm = cell(Recurrent.Kind.LSTM, Recurrent.Direction.FORWARD);
    var graph = recurrent(lstm, new float[4], new float[8]);

    for (Target target : List.of(Target.IOS16, Target.IOS17)) {
      var op = only(program(graph, Options.DEFAULT.target(target)), "lstm");
      assertThat(op.outputs().getFirst().type())
          .isEqualTo(target == Target.IOS16 ? MilType.FLOAT32 : MilType.FLOAT16);
    }
  }

  @Test
  void causalAttention_isOneOpWithAMaskFromIos18On() {
    var attention =
        OpCases.all().stream()
            .filter(c -> c.name().equals("attention_causal"))
            .findFirst()
            .orElseThrow();
    var program = program(attention.graph(), fp32(Target.IOS18));

    assertThat(types(program)).containsExactly("scaled_dot_product_attention");
    assertThat(ints(parameter(program, only(program, "scaled_dot_product_attention"), "attn_mask")))
        .containsExactly(1L, 0L, 0L, 0L, 1L, 1L, 0L, 0L, 1L, 1L, 1L, 0L, 1L, 1L, 1L, 1L);
  }

  @ParameterizedTest
  @EnumSource(Target.class)
  void tuplesOfIndices_areCountedFromTheFront(Target target) {
    var graph =
        Graph.builder("scatter")
            .input("x", TensorType.of(DataType.FLOAT32, 4, 3))
            .constant("i", Tensor.ofLongs(List.of(2L, 2L), -1, 0, 1, -3))
            .constant("u", Tensor.ofFloats(List.of(2L), 5, 6))
            .node(new Movement.ScatterNd(Movement.Combine.ADD), List.of("x", "i", "u"), "y")
            .output("y")
            .build();
    var program = program(graph, fp32(target));

    assertThat(ints(parameter(program, only(program, "scatter_nd"), "indices")))
        .containsExactly(3L, 0L, 1L, 0L);
  }

  @ParameterizedTest
  @EnumSource(Target.class)
  void resizing_isTheOneOpFromIos17On(Target target) {
    var graph =
        OpCases.all().stream()
            .filter(c -> c.name().equals("resize_linear_half_pixel"))
            .findFirst()
            .orElseThrow()
            .graph();

    assertThat(types(program(graph, fp32(target))))
        .containsExactly(target.atLeast(Target.IOS17) ? "resize" : "resize_bilinear");
  }

  private static final Graph WRITTEN_OUT =
      GraphText.parse(
          """
          graph attention
          input q: float32[1 x 2 x 5 x 8]
          input k: float32[1 x 2 x 8 x 6]
          input v: float32[1 x 2 x 6 x 8]
          input m: float32[1 x 1 x 1 x 6]
          const root: float32[] = 2.828427
          p = MatMul(q, k)
          s = Div(p, root)
          a = Add(s, m)
          w = Softmax{axis=-1}(a)
          y = MatMul(w, v)
          output y
          """);

  @Test
  void attentionThatIsWrittenOut_isOneOpWhereTheTargetHasIt() {
    for (Target target : List.of(Target.IOS17, Target.IOS18, Target.IOS26)) {
      Path path = Packages.path("attention-" + target);
      var written =
          CoreMl.write(
              WRITTEN_OUT,
              path,
              Options.DEFAULT.precision(Options.Precision.FLOAT32).target(target));
      Graph read = CoreMl.read(path);
      assertThat(read.nodes().stream().anyMatch(n -> n.op() instanceof Product.Attention))
          .as("%s", target)
          .isEqualTo(target.atLeast(Target.IOS18));
      Packages.sameOutputs(WRITTEN_OUT, read, written.names(), inputs(WRITTEN_OUT), 2e-6);
    }
  }

  @Test
  void attentionOfWhichAPartStaysFloat32_staysWrittenOut() {
    for (String kept : List.of("Softmax", "w")) {
      Path path = Packages.path("attention-kept-" + kept);
      CoreMl.write(
          WRITTEN_OUT, path, Options.DEFAULT.target(Target.IOS18).keepFloat32(Set.of(kept)));
      Graph read = CoreMl.read(path);
      assertThat(read.nodes().stream().noneMatch(n -> n.op() instanceof Product.Attention))
          .isTrue();
      assertThat(
              read.nodes().stream()
                  .filter(n -> n.op() instanceof Normalization.Softmax)
                  .map(n -> read.typeOf(n.result()).dtype()))
          .containsExactly(DataType.FLOAT32);
    }
  }

  private static Map<String, Tensor> inputs(Graph graph) {
    var random = new Random(5);
    var inputs = new LinkedHashMap<String, Tensor>();
    for (Value input : graph.inputs()) {
      var dims = Arrays.stream(input.type().shape().sizes()).boxed().toList();
      float[] values = new float[(int) Mil.elements(dims)];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian();
      }
      inputs.put(input.name(), Tensor.ofFloats(dims, values));
    }
    return inputs;
  }
}
