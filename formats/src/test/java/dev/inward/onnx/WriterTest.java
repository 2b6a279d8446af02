package dev.inward.onnx;

import static dev.inward.onnx.HandMade.body;
import static dev.inward.onnx.HandMade.ints;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Normalization.LayerNorm;
import dev.inward.graph.Op;
import dev.inward.graph.Opaque;
import dev.inward.graph.Product.Attention;
import dev.inward.graph.Product.Linear;
import dev.inward.graph.Product.MatMul;
import dev.inward.graph.Shape;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.protobuf.WireReader;
import dev.inward.protobuf.WireWriter;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WriterTest {
  private static final List<Long> DIMS = List.of(8L, 4L);

  @TempDir Path folder;

  private static Tensor codes(DataType type, List<Long> dims, int seed) {
    long count = dims.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
    byte[] bytes = new byte[(int) type.bytes(count)];
    new SplittableRandom(seed).nextBytes(bytes);
    return Tensor.dense(type, dims, Storage.of(bytes));
  }

  private static Storage data(Tensor tensor) {
    return ((Encoding.Dense) tensor.encoding()).data();
  }

  private static Tensor affine(DataType type, List<Long> dims, List<Long> grid) {
    int count = (int) grid.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
    float[] scale = new float[count];
    for (int i = 0; i < count; i++) {
      scale[i] = 0.01f * (i + 1);
    }
    var zero =
        type == DataType.INT32 ? QuantizationDecoders.zeros(type, grid) : codes(type, grid, 5);
    return new Tensor(
        DataType.FLOAT32,
        dims,
        new Encoding.Affine(type, data(codes(type, dims, 3)), Tensor.ofFloats(grid, scale), zero));
  }

  /// `y = x * w`, x of 3 rows.
  private static Graph product(Tensor weight) {
    return Graph.builder("g")
        .input("x", TensorType.of(DataType.FLOAT32, 3, weight.dims().getFirst()))
        .constant("w", weight)
        .node(new MatMul(), List.of("x", "w"), "y")
        .output("y")
        .build();
  }

  /// The file gives what the decoded weight gives, and reads back as the same graph.
  private static void isCarried(Tensor weight) {
    Graph graph = product(weight);
    Graph plain = product(Tensor.ofFloats(weight.dims(), weight.floats()));
    var operands = Ort.operands(graph, Map.of(), 1);
    assertThat(Ort.run(Onnx.bytes(graph), operands))
        .isEqualTo(Ort.run(Onnx.bytes(plain), operands));
    assertThat(again(graph).constant("w")).contains(weight);
  }

  private static Graph again(Graph graph) {
    return Onnx.read(MemorySegment.ofArray(Onnx.bytes(graph)), "again");
  }

  @Test
  void affineWeight_isCarriedAsCodes() {
    for (DataType type : List.of(DataType.INT8, DataType.UINT8, DataType.INT32)) {
      isCarried(affine(type, DIMS, List.of(1L, 1L)));
      isCarried(affine(type, DIMS, List.of(8L, 1L)));
      isCarried(affine(type, DIMS, List.of(1L, 4L)));
    }
    for (DataType type : List.of(DataType.INT8, DataType.UINT8, DataType.INT4, DataType.UINT4)) {
      isCarried(affine(type, DIMS, List.of(2L, 4L)));
      isCarried(affine(type, DIMS, List.of(8L, 2L)));
    }
    isCarried(affine(DataType.INT4, DIMS, List.of(1L, 4L)));
    isCarried(affine(DataType.UINT4, DIMS, List.of(1L, 1L)));
  }

  @Test
  void int8Weight_takesAQuarterOfTheFile() {
    var dims = List.of(64L, 64L);
    long whole = Onnx.bytes(product(Tensor.ofFloats(dims, new float[4096]))).length;
    long coded = Onnx.bytes(product(affine(DataType.INT8, dims, List.of(1L, 64L)))).length;
    assertThat(coded).isBetween(4096L, 4096L + 1000);
    assertThat(whole).isGreaterThan(16384);
  }

  @Test
  void gridThatOnnxDoesNotHave_isRepeatedExactly() {
    for (List<Long> grid :
        List.of(List.of(2L, 2L), List.of(4L, 1L), List.of(1L, 2L), List.of(8L, 4L))) {
      Tensor weight = affine(DataType.INT8, DIMS, grid);
      Graph graph = product(weight);
      Graph plain = product(Tensor.ofFloats(DIMS, weight.floats()));
      var operands = Ort.operands(graph, Map.of(), 1);
      assertThat(Ort.run(Onnx.bytes(graph), operands))
          .as("grid %s", grid)
          .isEqualTo(Ort.run(Onnx.bytes(plain), operands));
      assertThat(again(graph).constant("w").orElseThrow().floats()).isEqualTo(weight.floats());
    }
  }

  @Test
  void halfStoredWeight_isCarriedAsHalf() {
    float[] values = {1, -2, 0.5f, 1.5f, 3, 4, 5, 6};
    var half =
        new Tensor(
            DataType.FLOAT32,
            List.of(4L, 2L),
            new Encoding.Dense(
                DataType.FLOAT16, Storage.of(TensorWriter.bytesOf(DataType.FLOAT16, values))));
    isCarried(half);
    assertThat(half.floats()).isEqualTo(values);
  }

  @Test
  void paletteAndSparse_areWrittenOutAndSaidSo() {
    var palette =
        new Tensor(
            DataType.FLOAT32,
            List.of(2L, 4L),
            new Encoding.Palette(
                2,
                Storage.of(new byte[] {0x1b, (byte) 0xe4}),
                Tensor.ofFloats(List.of(1L, 1L, 4L), -1, 0, 0.5f, 2)));
    var sparse =
        new Tensor(
            DataType.FLOAT32,
            List.of(2L, 4L),
            new Encoding.Sparse(Storage.of(new byte[] {0x24}), Tensor.ofFloats(List.of(2L), 7, 8)));
    for (Tensor tensor : List.of(palette, sparse)) {
      Path file = folder.resolve("m.onnx");
      assertThat(Onnx.write(product(tensor), file))
          .containsExactly(
              "constant 'w' ("
                  + tensor.how()
                  + ") is written as float32: ONNX runtimes do not run"
                  + " it as it is encoded");
      assertThat(Onnx.read(file).constant("w"))
          .contains(Tensor.ofFloats(List.of(2L, 4L), tensor.floats()));
    }
  }

  private static Graph.Builder heads() {
    return Graph.builder("g")
        .input("q", TensorType.of(DataType.FLOAT32, 2, 3, 4))
        .input("k", TensorType.of(DataType.FLOAT32, 2, 5, 4))
        .input("v", TensorType.of(DataType.FLOAT32, 2, 5, 6))
        .output("y");
  }

  private static float[] attention(Map<String, Tensor> in, boolean causal, boolean masked) {
    float[] q = Objects.requireNonNull(in.get("q")).floats();
    float[] k = Objects.requireNonNull(in.get("k")).floats();
    float[] v = Objects.requireNonNull(in.get("v")).floats();
    long[] m = masked ? Objects.requireNonNull(in.get("m")).longs() : new long[0];
    float[] out = new float[2 * 3 * 6];
    for (int n = 0; n < 2; n++) {
      for (int s = 0; s < 3; s++) {
        double[] weight = new double[5];
        double sum = 0;
        for (int t = 0; t < 5; t++) {
          double dot = 0;
          for (int e = 0; e < 4; e++) {
            dot += q[(n * 3 + s) * 4 + e] * k[(n * 5 + t) * 4 + e];
          }
          boolean seen = !(causal && t > s) && !(masked && m[s * 5 + t] == 0);
          weight[t] = seen ? Math.exp(dot / 2) : 0;
          sum += weight[t];
        }
        for (int t = 0; t < 5; t++) {
          for (int e = 0; e < 6; e++) {
            out[(n * 3 + s) * 6 + e] += (float) (weight[t] / sum * v[(n * 5 + t) * 6 + e]);
          }
        }
      }
    }
    return out;
  }

  private static void close(float[] actual, float[] expected) {
    assertThat(actual).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      assertThat(actual[i]).as("at %d", i).isCloseTo(expected[i], within(1e-5f));
    }
  }

  @Test
  void attention_isWrittenInSteps() {
    for (boolean causal : new boolean[] {false, true}) {
      Graph graph =
          heads()
              .node(new Attention(OptionalDouble.empty(), causal), List.of("q", "k", "v"), "y")
              .build();
      var operands = Ort.operands(graph, Map.of(), 2);
      close(
          Ort.run(Onnx.bytes(graph), operands).getFirst().floats(),
          attention(operands, causal, false));
    }
    Graph masked =
        heads()
            .input("m", TensorType.of(DataType.BOOL, 3, 5))
            .node(new Attention(OptionalDouble.of(0.5), false), List.of("q", "k", "v", "m"), "y")
            .build();
    var operands = Ort.operands(masked, Map.of(), 2);
    close(
        Ort.run(Onnx.bytes(masked), operands).getFirst().floats(),
        attention(operands, false, true));
  }

  @Test
  void attentionWithUnknownWidth_scalesByIt() {
    Op attention = new Attention(OptionalDouble.empty(), false);
    Graph graph =
        Graph.builder("g")
            .input("q", open(DataType.FLOAT32, 3, "e"))
            .input("k", open(DataType.FLOAT32, 5, "e"))
            .input("v", TensorType.of(DataType.FLOAT32, 2, 5, 6))
            .node(attention, List.of("q", "k", "v"), "y")
            .output("y")
            .build();
    var operands = Ort.operands(graph, Map.of("e", 4L), 2);
    close(
        Ort.run(Onnx.bytes(graph), operands).getFirst().floats(),
        attention(operands, false, false));
  }

  private static TensorType open(DataType type, long rows, String symbol) {
    return new TensorType(type, Shape.of(List.of(Dim.of(2), Dim.of(rows), Dim.of(symbol))));
  }

  @Test
  void linear_isWrittenAsProductAndSum() {
    Graph linear =
        Graph.builder("g")
            .input("x", TensorType.of(DataType.FLOAT32, 2, 3, 4))
            .input("w", TensorType.of(DataType.FLOAT32, 4, 5))
            .input("b", TensorType.of(DataType.FLOAT32, 5))
            .node(new Linear(), List.of("x", "w", "b"), "y")
            .output("y")
            .build();
    assertThat(again(linear).nodes())
        .extracting(n -> n.op().name())
        .containsExactly("MatMul", "Add");
    var operands = Ort.operands(linear, Map.of(), 3);
    Graph steps =
        linear.toBuilder()
            .nodes(_ -> List.of())
            .node(new MatMul(), List.of("x", "w"), "p")
            .node(new Binary(Binary.Function.ADD), List.of("p", "b"), "y")
            .build();
    assertThat(Ort.run(Onnx.bytes(linear), operands))
        .isEqualTo(Ort.run(Onnx.bytes(steps), operands));
  }

  @Test
  void layerNormWithoutScale_isGivenOne() {
    Graph graph =
        Graph.builder("g")
            .input("x", TensorType.of(DataType.FLOAT32, 2, 64))
            .node(new LayerNorm(-1, 0), List.of("x"), "y")
            .output("y")
            .build();
    var operands = Ort.operands(graph, Map.of(), 3);
    float[] y = Ort.run(Onnx.bytes(graph), operands).getFirst().floats();
    double mean = IntStream.range(0, 64).mapToDouble(i -> y[i]).average().orElseThrow();
    double square = IntStream.range(0, 64).mapToDouble(i -> y[i] * y[i]).average().orElseThrow();
    assertThat(mean).isCloseTo(0, within(1e-6));
    assertThat(square).isCloseTo(1, within(1e-5));
  }

  /// The opset that a file names.
  private static long opset(Graph graph) {
    long version = 0;
    for (var model = WireReader.of(MemorySegment.ofArray(Onnx.bytes(graph))); model.next(); ) {
      if (model.number() == 8) {
        boolean own = true;
        long found = 0;
        for (var entry = model.message(); entry.next(); ) {
          own &= entry.number() != 1 || entry.string().isEmpty();
          found = entry.number() == 2 ? entry.varint() : found;
        }
        version = own ? found : version;
      }
    }
    return version;
  }

  private static Graph one(Op op) {
    var builder = Graph.builder("g").input("x", TensorType.of(DataType.FLOAT32, 2)).output("y");
    builder.node(op, List.of("x"), "y");
    return builder.build();
  }

  @Test
  void opset_isTheLowestThatExpressesTheGraph() {
    assertThat(opset(one(new Unary(Unary.Function.RELU)))).isEqualTo(17);
    assertThat(opset(one(new Unary(Unary.Function.MISH)))).isEqualTo(18);
    assertThat(opset(product(affine(DataType.INT8, DIMS, List.of(1L, 4L))))).isEqualTo(17);
    assertThat(opset(product(affine(DataType.INT4, DIMS, List.of(1L, 4L))))).isEqualTo(21);
    assertThat(opset(product(affine(DataType.INT8, DIMS, List.of(2L, 4L))))).isEqualTo(21);
  }

  private static HandMade branch(int opset, String operator, WireWriter... attributes) {
    WireWriter then =
        new WireWriter()
            .message(1, HandMade.nodeProto(operator, List.of("r"), List.of("t"), attributes))
            .string(2, "then")
            .message(12, HandMade.valueInfo("t", DataType.FLOAT32, 2, 3));
    WireWriter otherwise =
        new WireWriter()
            .message(1, HandMade.nodeProto("Neg", List.of("x"), List.of("e")))
            .string(2, "else")
            .message(12, HandMade.valueInfo("e", DataType.FLOAT32, 2, 3));
    return HandMade.opset(opset)
        .input("x", DataType.FLOAT32, 2, 3)
        .input("c", DataType.BOOL)
        .node("Exp", "x", "r")
        .node("If", "c", "z", body("then_branch", then), body("else_branch", otherwise))
        .node("ReduceSum", "z", "y", ints("axes", 1))
        .output("y");
  }

  @Test
  void carriedBranch_computesTheSame() {
    for (HandMade model :
        List.of(branch(11, "Relu"), branch(11, "Softmax", HandMade.number("axis", 1)))) {
      Graph graph = model.read();
      assertThat(graph.producer("z").orElseThrow().op()).isInstanceOf(Opaque.class);
      for (int seed = 0; seed < 6; seed++) {
        var operands = Ort.operands(graph, Map.of(), seed);
        assertThat(Ort.run(Onnx.bytes(graph), operands))
            .isEqualTo(Ort.run(model.bytes(), operands));
      }
      assertThat(again(graph).nodes()).isEqualTo(graph.nodes());
    }
  }

  @Test
  void carriedOperator_keepsTheOpsetBelowTheOneThatChangedIt() {
    assertThat(opset(branch(11, "Relu").read())).isEqualTo(17);
    assertThat(opset(branch(11, "Softmax").read())).as("Softmax changed in 13").isEqualTo(12);

    Graph stuck =
        branch(11, "Softmax").read().toBuilder()
            .node(new Unary(Unary.Function.HARD_SWISH), List.of("x"), "h")
            .output("h")
            .build();
    assertThatThrownBy(() -> Onnx.bytes(stuck))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage(
            "cannot be written: node 'h' (HardSwish) needs opset 14 of ONNX, and Softmax, carried"
                + " unread from opset 11, changed in 13");
  }

  @Test
  void functionOfTheModel_travelsAlong() {
    var function =
        new WireWriter()
            .string(1, "Twice")
            .string(4, "a")
            .string(5, "b")
            .message(7, HandMade.nodeProto("Add", List.of("a", "a"), List.of("b")))
            .message(9, new WireWriter().string(1, "").varint(2, 17))
            .string(10, "own");
    var model =
        HandMade.opset(17)
            .opset("own", 1)
            .modelField(25, function)
            .input("x", DataType.FLOAT32, 2)
            .node("own::Twice", "x", "y")
            .output("y");
    Graph graph = model.read();
    var operands = Ort.operands(graph, Map.of(), 1);
    assertThat(Ort.run(Onnx.bytes(graph), operands)).isEqualTo(Ort.run(model.bytes(), operands));
    assertThat(again(graph)).isEqualTo(graph);
  }

  @Test
  void outputThatIsAnInputOrAConstant_isWritten() {
    Graph graph =
        Graph.builder("g")
            .input("x", TensorType.of(DataType.FLOAT32, 2))
            .constant("c", Tensor.ofFloats(List.of(2L), 1, 2))
            .node(new Binary(Binary.Function.ADD), List.of("x", "c"), "y")
            .output("y")
            .output("c")
            .build();
    var operands = Ort.operands(graph, Map.of(), 1);
    assertThat(Ort.run(Onnx.bytes(graph), operands).get(1).floats()).containsExactly(1, 2);
    assertThat(again(graph).outputs()).containsExactly("y", "c");
  }

  @Test
  void textMetadataAndNames_comeBack() {
    Graph graph =
        one(new Unary(Unary.Function.RELU)).toBuilder()
            .metadata("producer_name", "acme")
            .metadata("model_version", "12")
            .metadata("licence", "Apache-2.0")
            .opset("", 17)
            .build();
    assertThat(again(graph)).isEqualTo(graph);
  }

  @Test
  void everyWayOfWriting_givesTheSameBytes() throws IOException {
    Graph graph = product(affine(DataType.INT8, DIMS, List.of(1L, 4L)));
    byte[] bytes = Onnx.bytes(graph);
    Path file = folder.resolve("a/b.onnx");
    Onnx.write(graph, file);
    assertThat(Files.readAllBytes(file)).isEqualTo(bytes);
    try (var arena = Arena.ofConfined()) {
      assertThat(Onnx.segment(graph, arena).toArray(ValueLayout.JAVA_BYTE)).isEqualTo(bytes);
    }
  }
}
