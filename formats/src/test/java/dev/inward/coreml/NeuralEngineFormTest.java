package dev.inward.coreml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Product;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.rewrite.ChannelsFirst;
import dev.inward.graph.rewrite.Simplification;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A graph that was rewritten for the Neural Engine, written and read back.
final class NeuralEngineFormTest {
  private static final Graph LAYER =
      GraphText.parse(
          """
          graph layer
          input x: float32[1x6x8]
          input mask: float32[1x1x1x6]
          const heads: int64[4] = 1, 6, 2, 4
          const whole: int64[3] = 1, 6, 8
          const half: float32[] = 0.5
          const wq: float32[8x8] = random 1
          const wk: float32[8x8] = random 2
          const wv: float32[8x8] = random 3
          const wo: float32[8x8] = random 4
          const b: float32[8] = random 5
          const gain: float32[8] = random 6
          q = Linear(x, wq, b)
          k = Linear(x, wk, b)
          v = Linear(x, wv, b)
          qr = Reshape(q, heads)
          kr = Reshape(k, heads)
          vr = Reshape(v, heads)
          qt = Transpose{permutation=[0, 2, 1, 3]}(qr)
          kt = Transpose{permutation=[0, 2, 3, 1]}(kr)
          vt = Transpose{permutation=[0, 2, 1, 3]}(vr)
          s = MatMul(qt, kt)
          ss = Mul(s, half)
          sm = Add(ss, mask)
          p = Softmax{axis=-1}(sm)
          a = MatMul(p, vt)
          at = Transpose{permutation=[0, 2, 1, 3]}(a)
          ar = Reshape(at, whole)
          o = Linear(ar, wo, b)
          r = Add(o, x)
          y = LayerNorm{axis=-1, epsilon=1e-5}(r, gain, b)
          output y
          """);

  private static Map<String, Tensor> inputs(Graph graph) {
    var random = new Random(11);
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    graph
        .inputs()
        .forEach(input -> {
          float[] values =
              new float[Math.toIntExact(input.type().shape().elements().orElseThrow())];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
          }
          inputs.put(
              input.name(),
              Tensor.ofFloats(
                  java.util.Arrays.stream(input.type().shape().sizes()).boxed().toList(), values));
        });
    return inputs;
  }

  @ParameterizedTest
  @EnumSource(Options.Precision.class)
  void attention_keepsItsOutputsThroughAPackage(Options.Precision precision) {
    var rewritten = ChannelsFirst.of(Simplification.of(LAYER).graph());
    assertThat(rewritten.attention()).isEqualTo(1);
    var path = Packages.path("neural-engine-" + precision);
    var written = CoreMl.write(rewritten.graph(), path, Options.DEFAULT.precision(precision));
    assertThat(written.target()).isEqualTo(Target.IOS15);
    Graph read = CoreMl.read(path);
    assertThat(read.nodes().stream().filter(n -> n.op() instanceof Product.Einsum)).hasSize(4);
    boolean single = precision == Options.Precision.FLOAT32;
    Packages.sameOutputs(LAYER, read, written.names(), inputs(LAYER), single ? 1e-5 : 0.02);
  }

  @Test
  void compressedWeights_areReadBackInTheirEncodings() {
    int[] codes = new Random(3).ints(64, -127, 128).toArray();
    Tensor affine =
        Tensor.affine(
            List.of(8L, 8L),
            DataType.INT8,
            codes,
            Tensor.ofFloats(List.of(1L, 8L), 1, 2, 3, 4, 5, 6, 7, 8),
            Tensor.dense(DataType.INT8, List.of(1L, 8L), Storage.of(new byte[8])));
    Graph encoded = Simplification.of(LAYER).graph().withConstants(Map.of("wq", affine));
    var path = Packages.path("neural-engine-encoded");
    CoreMl.write(ChannelsFirst.of(encoded).graph(), path, Options.DEFAULT);
    Graph read = CoreMl.read(path);
    assertThat(
            read.constants().values().stream()
                .filter(tensor -> tensor.dims().equals(List.of(8L, 8L, 1L, 1L)))
                .map(Tensor::how))
        .contains("int8 per channel (axis 0)");
  }

  private static Graph einsum(String equation) {
    return GraphText.parse(
        """
        graph product
        input a: float32[1x3x2x4]
        input b: float32[1x4x2x5]
        y = Einsum{equation="@"}(a, b)
        output y
        """
            .replace("@", equation));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nchw,nwhu->nchu", "bkhc,bchq->bkhq", "abcd , adce -> abce"})
  void productOverChannels_isOneOp(String equation) {
    Graph graph = einsum(equation);
    var path = Packages.path("einsum-channels");
    var written = CoreMl.write(graph, path, Options.DEFAULT.precision(Options.Precision.FLOAT32));
    Graph read = CoreMl.read(path);
    assertThat(read.nodes())
        .singleElement()
        .satisfies(node -> assertThat(node.op()).isEqualTo(new Product.Einsum("nchw,nwhu->nchu")));
    Packages.sameOutputs(graph, read, written.names(), inputs(graph), 1e-6);
  }

  static List<OpCase> cases() {
    return OpCases.all();
  }

  @ParameterizedTest
  @org.junit.jupiter.params.provider.MethodSource("cases")
  void program_isWhatReadingThePackageGives(OpCase op) {
    var path = Packages.path(op.name() + "-program");
    CoreMl.write(op.graph(), path, Options.DEFAULT);
    Graph read = CoreMl.read(path);
    Graph program = CoreMl.program(op.graph(), Options.DEFAULT);
    assertThat(program.nodes()).isEqualTo(read.nodes());
    assertThat(program.inputs()).isEqualTo(read.inputs());
    assertThat(program.outputs()).isEqualTo(read.outputs());
    read.constants()
        .forEach((name, tensor) ->
            assertThat(program.constant(name).map(Tensor::type)).contains(tensor.type()));
  }

  @Test
  void programOfWhatCannotBeWritten_isRefusedAsAPackageIs() {
    Graph graph =
        GraphText.parse(
            """
            graph open
            input x: float32[n x 4]
            y = Relu(x)
            output y
            """);
    assertThatThrownBy(() -> CoreMl.program(graph, Options.DEFAULT))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageContaining("is not fixed");
  }
}
