package dev.inward.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.base.Json;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.onnx.Onnx;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CompareTest {
  @TempDir Path folder;
  private String model = "";

  @BeforeEach
  void write() {
    model = SmallModel.write(folder).toString();
  }

  @Test
  void model_equalsItself() {
    var started = Started.inward(Map.of(), "compare", model, model);
    assertThat(started.code()).as(started.err()).isZero();
    assertThat(started.out())
        .contains("output y: equal in every element", "4 values are computed by both")
        .endsWith("none of them differs\n");
  }

  @Test
  void changedWeight_isFoundWhereItIsRead() {
    Graph graph = SmallModel.graph();
    Tensor w2 = graph.constant("w2").orElseThrow();
    float[] changed = w2.floats();
    changed[5] += 1;
    Path other = folder.resolve("other.onnx");
    Onnx.write(graph.withConstants(Map.of("w2", Tensor.ofFloats(w2.dims(), changed))), other);
    var started = Started.inward(Map.of(), "compare", model, other.toString(), "--json");
    assertThat(started.code()).as(started.err()).isZero();
    var json = Json.parse(started.out(), "compare");
    // Everything before the second product is equal, so it alone is listed.
    assertThat(json.get("first").flatMap(d -> d.get("value")).flatMap(Json::text)).contains("y");
    assertThat(json.get("worst").orElseThrow().items()).hasSize(1);
    assertThat(json.get("compared").flatMap(Json::number)).contains(4);
  }

  @Test
  void otherInterface_isRefused() {
    Path other = folder.resolve("other.onnx");
    Onnx.write(SmallModel.graph().withOutputs(java.util.List.of("y", "hidden")), other);
    var started = Started.inward(Map.of(), "compare", model, other.toString());
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err()).startsWith("the models do not face their callers alike: ");
  }
}
