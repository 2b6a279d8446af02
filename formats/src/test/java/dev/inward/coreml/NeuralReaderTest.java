package dev.inward.coreml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.InputException;
import dev.inward.base.Refusal;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.graph.evaluation.Evaluation;
import dev.inward.protobuf.WireWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Networks of layers, written field by field, against what their layers are defined to compute.
final class NeuralReaderTest {
  private static final int EXACT = 1;
  private static final int BLOBS = 0;

  @TempDir private Path folder;

  private static WireWriter weights(float... values) {
    return new WireWriter().packed(1, values);
  }

  private static float[] random(int seed, int count) {
    var random = new Random(seed);
    float[] out = new float[count];
    for (int i = 0; i < count; i++) {
      out[i] = random.nextInt(-64, 65) / 64f;
    }
    return out;
  }

  private static WireWriter layer(
      String name, int kind, WireWriter params, List<String> in, List<String> out) {
    var layer = new WireWriter().string(1, name);
    in.forEach(one -> layer.string(2, one));
    out.forEach(one -> layer.string(3, one));
    return layer.message(kind, params);
  }

  private static WireWriter layer(String name, int kind, WireWriter params, String in, String out) {
    return layer(name, kind, params, List.of(in), List.of(out));
  }

  private static WireWriter array(String name, long... dims) {
    var type = new WireWriter().message(5, new WireWriter().packed(1, dims).varint(2, 65568));
    return new WireWriter().string(1, name).message(3, type);
  }

  private Path file(
      int mapping, List<WireWriter> inputs, List<WireWriter> outputs, List<WireWriter> layers)
      throws IOException {
    var network = new WireWriter();
    layers.forEach(layer -> network.message(1, layer));
    network.varint(5, mapping);
    return file(500, network, inputs, outputs);
  }

  private Path file(int kind, WireWriter network, List<WireWriter> inputs, List<WireWriter> outputs)
      throws IOException {
    var description = new WireWriter();
    inputs.forEach(in -> description.message(1, in));
    outputs.forEach(out -> description.message(10, out));
    if (kind == 403) {
      description.string(11, "label").string(12, "likely");
    }
    Path path = folder.resolve("net.mlmodel");
    Files.write(
        path,
        new WireWriter().varint(1, 4).message(2, description).message(kind, network).toArray());
    return path;
  }

  private static float[] run(Graph graph, Map<String, Tensor> inputs, String output) {
    return Optional.ofNullable(Evaluation.run(graph, inputs).get(output)).orElseThrow().floats();
  }

  private static void assertNear(float[] found, double... expected) {
    assertThat(found).hasSize(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) found[i]).as("[%d]", i).isCloseTo(expected[i], within(1e-5));
    }
  }

  /// A 2x2 kernel over 2x3x3, stride 1, with a border on top only; one group.
  @Test
  void convolutionOfABlob_isTheSumOfItsWindows() throws IOException {
    float[] w = random(1, 3 * 2 * 2 * 2);
    float[] bias = random(2, 3);
    float[] x = random(3, 2 * 3 * 3);
    var top = new WireWriter().varint(1, 1).varint(2, 0);
    var sides = new WireWriter().varint(1, 0).varint(2, 0);
    var border = new WireWriter().message(10, top).message(10, sides);
    var params =
        new WireWriter()
            .varint(1, 3)
            .varint(2, 2)
            .varint(10, 1)
            .packed(20, 2, 2)
            .packed(30, 1, 1)
            .message(50, new WireWriter().message(1, border))
            .varint(70, 1)
            .message(90, weights(w))
            .message(91, weights(bias));
    Graph graph =
        CoreMl.read(
            file(
                BLOBS,
                List.of(array("x", 2, 3, 3)),
                List.of(array("y")),
                List.of(layer("c", 100, params, "x", "y"))));

    assertThat(graph.typeOf("y").shape()).hasToString("[3x3x2]");
    float[] y = run(graph, Map.of("x", Tensor.ofFloats(List.of(2L, 3L, 3L), x)), "y");
    double[] expected = new double[3 * 3 * 2];
    for (int o = 0; o < 3; o++) {
      for (int r = 0; r < 3; r++) {
        for (int c = 0; c < 2; c++) {
          double sum = bias[o];
          for (int i = 0; i < 2; i++) {
            for (int kr = 0; kr < 2; kr++) {
              for (int kc = 0; kc < 2; kc++) {
                int row = r + kr - 1;
                if (row >= 0) {
                  sum += w[((o * 2 + i) * 2 + kr) * 2 + kc] * x[(i * 3 + row) * 3 + c + kc];
                }
              }
            }
          }
          expected[(o * 3 + r) * 2 + c] = sum;
        }
      }
    }
    assertNear(y, expected);
  }

  /// `[C]` is a blob `[1, 1, C, 1, 1]`: a product takes its channels, a softmax runs over them.
  @Test
  void arrayAsABlob_hasItsElementsAsChannels() throws IOException {
    float[] w = random(4, 3 * 4);
    float[] x = random(5, 4);
    var product = new WireWriter().varint(1, 4).varint(2, 3).message(20, weights(w));
    Graph graph =
        CoreMl.read(
            file(
                BLOBS,
                List.of(array("x", 4)),
                List.of(array("y")),
                List.of(
                    layer("p", 140, product, "x", "p"),
                    layer("s", 175, new WireWriter(), "p", "y"))));

    double[] e = new double[3];
    double sum = 0;
    for (int o = 0; o < 3; o++) {
      double dot = 0;
      for (int i = 0; i < 4; i++) {
        dot += w[o * 4 + i] * x[i];
      }
      e[o] = Math.exp(dot);
      sum += e[o];
    }
    assertNear(
        run(graph, Map.of("x", Tensor.ofFloats(List.of(4L), x)), "y"),
        e[0] / sum,
        e[1] / sum,
        e[2] / sum);
  }

  @Test
  void exactMapping_keepsTheRank() throws IOException {
    var product = new WireWriter().varint(5, 2).varint(6, 3).message(8, weights(1, 2, 3, 4, 5, 6));
    Graph graph =
        CoreMl.read(
            file(
                EXACT,
                List.of(array("x", 2, 2)),
                List.of(array("y", 2, 3)),
                List.of(layer("m", 1045, product, "x", "y"))));

    // The weights are stored column by column: the columns are (1, 2), (3, 4), (5, 6).
    assertNear(
        run(graph, Map.of("x", Tensor.ofFloats(List.of(2L, 2L), 1, 0, 10, 1)), "y"),
        1,
        3,
        5,
        12,
        34,
        56);
  }

  /// Codes of 4 bits, the highest bit first: 0x1f is 1 and 15.
  @Test
  void quantisedWeights_keepTheirCodes() throws IOException {
    var table = new WireWriter();
    float[] entries = random(6, 16);
    var quantization = new WireWriter().varint(1, 4).message(102, table.packed(1, entries));
    var coded =
        new WireWriter()
            .bytes(30, java.lang.foreign.MemorySegment.ofArray(new byte[] {0x1f, 0x20}))
            .message(40, quantization);
    var product = new WireWriter().varint(1, 2).varint(2, 2).message(20, coded);
    Graph graph =
        CoreMl.read(
            file(
                BLOBS,
                List.of(array("x", 2)),
                List.of(array("y")),
                List.of(layer("p", 140, product, "x", "y"))));

    Tensor weight =
        graph.constants().values().stream().filter(t -> t.rank() == 2).findFirst().orElseThrow();
    assertThat(weight.encoding()).isInstanceOf(Encoding.Palette.class);
    assertThat(weight.floats()).containsExactly(entries[1], entries[2], entries[15], entries[0]);
  }

  /// A scale and a bias of a whole number of steps are an affine encoding; another bias is a table.
  @Test
  void linearWeights_areExact() throws IOException {
    for (float bias : List.of(-3f, -0.3f)) {
      var linear = new WireWriter().packed(1, 0.5f).packed(2, bias);
      var coded =
          new WireWriter()
              .bytes(30, java.lang.foreign.MemorySegment.ofArray(new byte[] {0, 1, -1, 6}))
              .message(40, new WireWriter().varint(1, 8).message(101, linear));
      var product = new WireWriter().varint(1, 2).varint(2, 2).message(20, coded);
      Graph graph =
          CoreMl.read(
              file(
                  BLOBS,
                  List.of(array("x", 2)),
                  List.of(array("y")),
                  List.of(layer("p", 140, product, "x", "y"))));
      Tensor weight =
          graph.constants().values().stream().filter(t -> t.rank() == 2).findFirst().orElseThrow();

      assertThat(weight.encoding())
          .isInstanceOf(bias == -3f ? Encoding.Affine.class : Encoding.Palette.class);
      assertThat(weight.floats()).containsExactly(bias, 255 * 0.5f + bias, 0.5f + bias, 3f + bias);
    }
  }

  /// The gates in the order of the file: input, forget, block input, output.
  @Test
  void lstm_followsItsEquations() throws IOException {
    float[][] w = new float[4][];
    float[][] r = new float[4][];
    float[][] b = new float[4][];
    var gates = new WireWriter();
    for (int g = 0; g < 4; g++) {
      w[g] = random(10 + g, 2);
      r[g] = random(20 + g, 1);
      b[g] = random(30 + g, 1);
      gates
          .message(1 + g, weights(w[g]))
          .message(20 + g, weights(r[g]))
          .message(40 + g, weights(b[g]));
    }
    var params =
        new WireWriter()
            .varint(1, 2)
            .varint(2, 1)
            .message(10, new WireWriter().message(40, new WireWriter()))
            .message(10, new WireWriter().message(30, new WireWriter()))
            .message(10, new WireWriter().message(30, new WireWriter()))
            .message(15, new WireWriter().varint(10, 1).varint(20, 1).varint(30, 1))
            .message(20, gates);
    Graph graph =
        CoreMl.read(
            file(
                BLOBS,
                List.of(array("x", 2), array("h", 1), array("c", 1)),
                List.of(array("y"), array("h2"), array("c2")),
                List.of(
                    layer("l", 420, params, List.of("x", "h", "c"), List.of("y", "h2", "c2")))));

    double h = 0.25;
    double c = -0.5;
    double[] in = {0.75, -1.25};
    double[] sum = new double[4];
    for (int g = 0; g < 4; g++) {
      sum[g] = w[g][0] * in[0] + w[g][1] * in[1] + r[g][0] * h + b[g][0];
    }
    double next = sigmoid(sum[1] + 1) * c + sigmoid(sum[0]) * Math.tanh(sum[2]);
    double out = sigmoid(sum[3]) * Math.tanh(next);
    var inputs =
        Map.of(
            "x", Tensor.ofFloats(List.of(2L), 0.75f, -1.25f),
            "h", Tensor.ofFloats(List.of(1L), 0.25f),
            "c", Tensor.ofFloats(List.of(1L), -0.5f));
    assertNear(run(graph, inputs, "y"), out);
    assertNear(run(graph, inputs, "h2"), out);
    assertNear(run(graph, inputs, "c2"), next);
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  @Test
  void classifierOfAnImage_isPreprocessedAndKeepsItsLabels() throws IOException {
    var image = new WireWriter().varint(1, 2).varint(2, 1).varint(3, 30);
    var scaler = new WireWriter().float32(10, 0.5f).float32(20, 1).float32(21, 2).float32(22, 3);
    var network =
        new WireWriter()
            .message(
                1, layer("sum", 280, new WireWriter().varint(1, 0).varint(3, 1), "photo", "likely"))
            .message(2, new WireWriter().string(1, "photo").message(10, scaler))
            .message(100, new WireWriter().string(1, "a").string(1, "b").string(1, "c"))
            .string(200, "likely");
    Path path =
        file(
            403,
            network,
            List.of(
                new WireWriter().string(1, "photo").message(3, new WireWriter().message(4, image))),
            List.of(
                new WireWriter()
                    .string(1, "likely")
                    .message(
                        3,
                        new WireWriter().message(6, new WireWriter().message(2, new WireWriter()))),
                new WireWriter()
                    .string(1, "label")
                    .message(3, new WireWriter().message(3, new WireWriter()))));
    var read = CoreMl.open(path, Optional.empty());

    assertThat(read.face().images()).containsExactly(Map.entry("photo", Face.Colour.BGR));
    assertThat(read.face().classes())
        .contains(new Face.Classes("likely", List.of("a", "b", "c"), false, "label", "likely"));
    assertNear(
        run(
            read.graph(),
            Map.of("photo", Tensor.ofFloats(List.of(1L, 3L, 1L, 2L), 10, 20, 30, 40, 50, 60)),
            "likely"),
        15 + 2,
        35 + 4,
        55 + 6);
  }

  @Test
  void layerThatIsNotRead_isRefusedByNameAndType() throws IOException {
    Path path =
        file(
            EXACT,
            List.of(array("x", 4)),
            List.of(array("y")),
            List.of(layer("mine", 500, new WireWriter(), "x", "y")));

    assertThatThrownBy(() -> CoreMl.read(path))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage(path + ": layer 'mine' (custom): this type of layer is not read");
  }

  @Test
  void weightsOfAnotherSize_areRefused() throws IOException {
    var product = new WireWriter().varint(1, 4).varint(2, 3).message(20, weights(1, 2));
    Path path =
        file(
            BLOBS,
            List.of(array("x", 4)),
            List.of(array("y")),
            List.of(layer("p", 140, product, "x", "y")));

    assertThatThrownBy(() -> CoreMl.read(path))
        .isInstanceOf(InputException.class)
        .hasMessage(
            path + ": layer 'p' (innerProduct): its weights [3, 4] take 48 bytes, the file has 8");
  }

  @Test
  void changedBytes_giveAGraphOrARefusalNothingElse() throws IOException {
    lstm_followsItsEquations();
    Path path = folder.resolve("net.mlmodel");
    byte[] all = Files.readAllBytes(path);
    var random = new Random(8);
    List<Integer> refused = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      byte[] changed =
          random.nextInt(4) == 0 ? Arrays.copyOf(all, random.nextInt(all.length)) : all.clone();
      for (int j = random.nextInt(3); j >= 0 && changed.length > 0; j--) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      }
      Files.write(path, changed);
      try {
        CoreMl.read(path);
      } catch (Refusal refusal) {
        assertThat(refusal.getMessage()).startsWith(path + ": ");
        refused.add(i);
      }
    }
    assertThat(refused).hasSizeBetween(200, 999);
  }

  @Test
  void networkWrittenAsAPackage_computesTheSame() throws IOException {
    arrayAsABlob_hasItsElementsAsChannels();
    var read = CoreMl.open(folder.resolve("net.mlmodel"), Optional.empty());
    Path path = folder.resolve("net.mlpackage");
    var options = Options.DEFAULT.precision(Options.Precision.FLOAT32).face(read.face());
    CoreMl.write(read.graph(), path, options);

    var x =
        Map.of(
            "x",
            Tensor.dense(DataType.FLOAT32, List.of(4L), dev.inward.graph.Storage.of(random(9, 4))));
    float[] expected = run(read.graph(), x, "y");
    assertThat(run(CoreMl.read(path), x, "y")).containsExactly(expected, within(1e-6f));
  }
}
