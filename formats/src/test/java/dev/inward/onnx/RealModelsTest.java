package dev.inward.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.Dim;
import dev.inward.graph.Graph;
import dev.inward.graph.Opaque;
import dev.inward.graph.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Models that people use: a sentence encoder, its vendor's int8 form, detectors, recognisers and a
/// classifier of text lines.
final class RealModelsTest {
  private static final String ENCODER = "/all-minilm-l6-v2.onnx";

  @TempDir Path folder;

  private static byte[] resource(String name) throws IOException {
    try (var stream = RealModelsTest.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(stream, name).readAllBytes();
    }
  }

  /// Two examples of 64 words, or of 64 x 64 pixels; recognisers take a height of 48.
  private static Map<String, Long> sizes(Graph graph, String name) {
    Map<String, Long> sizes = new HashMap<>();
    for (var input : graph.inputs()) {
      var dims = input.type().shape().dims();
      for (int axis = 0; axis < dims.size(); axis++) {
        if (dims.get(axis) instanceof Dim.Symbol(var symbol)) {
          sizes.put(symbol, axis == 0 ? 2L : axis == 2 && name.contains("_rec_") ? 48L : 64L);
        }
      }
    }
    return sizes;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        ENCODER,
        "/all-minilm-l6-v2-q.onnx",
        "/models/ch_ppocr_mobile_v2.0_cls_infer.onnx",
        "/models/ch_PP-OCRv3_det_infer.onnx",
        "/models/ch_PP-OCRv3_rec_infer.onnx",
        "/models/ch_PP-OCRv4_det_infer.onnx",
        "/models/ch_PP-OCRv4_rec_infer.onnx"
      })
  void model_readAndWrittenComputesTheSameBits(String name) throws IOException {
    byte[] original = resource(name);
    Graph graph = Onnx.read(MemorySegment.ofArray(original), name);
    assertThat(graph.nodes()).noneMatch(n -> n.op() instanceof Opaque);
    Path file = folder.resolve("written.onnx");
    assertThat(Onnx.write(graph, file)).isEmpty();

    Map<String, Tensor> operands = Ort.operands(graph, sizes(graph, name), 7);
    List<Tensor> expected = Ort.run(original, operands);
    assertThat(Ort.run(file, operands)).isEqualTo(expected);

    Graph again = Onnx.read(file);
    assertThat(again.toBuilder().opset("", graph.opsets().getOrDefault("", 0)).build())
        .isEqualTo(graph);
    assertThat(Onnx.bytes(again)).isEqualTo(Onnx.bytes(graph));
  }

  @Test
  void sentenceEncoder_keepsItsSecondSizeApart() throws IOException {
    Graph graph = Onnx.read(MemorySegment.ofArray(resource(ENCODER)), ENCODER);

    assertThat(graph.inputs())
        .allMatch(i -> i.type().toString().equals("int64[batch x batch.1]"))
        .hasSize(3);
    assertThat(graph.shape("output_0")).hasToString("[batch x batch.1 x 384]");
  }

  @Test
  void weightsBesideTheModel_computeTheSameBits() throws IOException {
    byte[] original = resource("/models/ch_PP-OCRv4_det_infer.onnx");
    Graph graph = Onnx.read(MemorySegment.ofArray(original), "det");
    Path file = folder.resolve("split.onnx");
    Onnx.write(graph, file, 100_000);

    assertThat(folder.resolve("split.onnx.data")).isRegularFile();
    assertThat(file.toFile().length()).isLessThan(300_000);
    Map<String, Tensor> operands = Ort.operands(graph, sizes(graph, "det"), 7);
    assertThat(Ort.run(file, operands)).isEqualTo(Ort.run(original, operands));
    Graph again = Onnx.read(file);
    assertThat(again.constants()).isEqualTo(graph.constants());
  }
}
