package dev.inward.training;

import static dev.inward.testkit.TensorAssert.assertTensor;
import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.ndarray.NDManager;
import dev.inward.graph.Dim;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.graph.rewrite.Simplification;
import dev.inward.onnx.Onnx;
import dev.inward.runtime.Session;
import dev.inward.testkit.Chance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Models that people use, on PyTorch against ONNX Runtime.
final class RealModelsForwardTest {
  @TempDir Path folder;

  private Graph read(String resource) throws IOException {
    Path file = folder.resolve("model.onnx");
    try (var in = getClass().getResourceAsStream(resource)) {
      Files.copy(Objects.requireNonNull(in, resource), file);
    }
    Graph graph = Onnx.read(file);
    Map<String, Long> sizes = new HashMap<>();
    for (var input : graph.inputs()) {
      var dims = input.type().shape().dims();
      for (int axis = 0; axis < dims.size(); axis++) {
        if (dims.get(axis) instanceof Dim.Symbol(var symbol)) {
          sizes.put(symbol, axis == 0 ? 2L : axis == 2 ? 48L : dims.size() > 2 ? 64L : 16L);
        }
      }
    }
    return Simplification.of(graph.bind(sizes)).graph();
  }

  private static void agree(Graph graph, Map<String, Tensor> inputs) {
    try (NDManager manager = Torch.open(1);
        var forward = Forward.of(graph, manager);
        var session = Session.open(graph)) {
      var values = forward.run(manager, inputs, Map.of());
      session
          .run(inputs)
          .forEach((name, tensor) -> assertTensor(values.host(name)).isNear(tensor, 1e-4));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/models/ch_ppocr_mobile_v2.0_cls_infer.onnx",
        "/models/ch_PP-OCRv4_rec_infer.onnx"
      })
  void imageModel_computesTheSame(String resource) throws IOException {
    Graph graph = read(resource);
    agree(graph, new Chance(1).inputs(graph));
  }

  @Test
  void sentenceEncoder_computesTheSame() throws IOException {
    Graph graph = read("/all-minilm-l6-v2.onnx");
    List<Long> dims = List.of(2L, 16L);
    long[] mask = new long[32];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i < 16 || i < 25 ? 1 : 0;
    }
    Map<String, Tensor> inputs =
        Map.of(
            "input_ids", new Chance(2).wholes(dev.inward.graph.DataType.INT64, dims, 1, 30_000),
            "attention_mask", Tensor.ofLongs(dims, mask),
            "token_type_ids", Tensor.ofLongs(dims, new long[32]));
    assertThat(graph.inputs()).hasSize(3);
    agree(graph, inputs);
  }
}
