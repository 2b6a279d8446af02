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
        .contains(
            "output y: equal in every element",
            "4 values are computed by both",
            "none of them differs\n",
            "dynamic shape (product, sum, hidden, y)");
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
    // Everything before the second product is equal, so it alone is a finding.
    assertThat(json.get("first").flatMap(d -> d.get("value")).flatMap(Json::text)).contains("y");
    assertThat(json.get("first").flatMap(d -> d.get("cause")).flatMap(Json::text))
        .contains("weight-rounding");
    assertThat(json.get("findings").orElseThrow().items()).hasSize(1);
    assertThat(json.get("compared").flatMap(Json::number)).contains(4);
    assertThat(json.get("steps").orElseThrow().items()).hasSize(4);
  }

  @Test
  void packageInFloat16_isSimulatedAndSaid() {
    Path made = folder.resolve("small.mlpackage");
    var converted =
        Started.inward(Map.of(), "convert", model, "-o", made.toString(), "--shape", "x=2x8");
    assertThat(converted.code()).as(converted.err()).isZero();
    var started = Started.inward(Map.of(), "compare", model, made.toString());
    assertThat(started.code()).as(started.err()).isZero();
    assertThat(started.out())
        .contains(
            "float16 is simulated: halves everywhere, wide sums",
            "no single cause: each node only rounds, and the errors add up",
            "generated inputs");
  }

  @Test
  void otherInterface_isRefused() {
    Path other = folder.resolve("other.onnx");
    Onnx.write(SmallModel.graph().withOutputs(java.util.List.of("y", "hidden")), other);
    var started = Started.inward(Map.of(), "compare", model, other.toString());
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err()).startsWith("the models do not face their callers alike: ");
  }

  @Test
  void overflow_isMendedAndWritten() {
    Graph graph =
        dev.inward.graph.GraphText.parse(
            """
            graph rms
            input x: float32[4x64]
            const gain: float32[] = 400
            const eps: float32[] = 0.0001
            const w: float32[64x16] = random 3
            h = Mul(x, gain)
            s = Mul(h, h)
            m = ReduceMean{axes=[-1], keepDims}(s)
            e = Add(m, eps)
            r = Sqrt(e)
            n = Div(h, r)
            y = MatMul(n, w)
            output y
            """);
    Path rms = folder.resolve("rms.onnx");
    Onnx.write(graph, rms);
    String made = folder.resolve("rms.mlpackage").toString();
    String mended = folder.resolve("mended.mlpackage").toString();
    // The conversion itself says that its result is not the original.
    Started.inward(Map.of(), "convert", rms.toString(), "-o", made);
    var broken = Started.inward(Map.of(), "compare", rms.toString(), made, "--snr", "40");
    assertThat(broken.code()).as("the target is missed").isEqualTo(1);
    assertThat(broken.out()).contains("drift begins at 's' (Mul): float16 overflow: 's' reaches ");
    var started =
        Started.inward(
            Map.of(),
            "compare",
            rms.toString(),
            made,
            "--mend",
            "--snr",
            "40",
            "-o",
            mended,
            "--html",
            folder.resolve("r.html").toString());
    assertThat(started.code()).as(started.err()).isZero();
    assertThat(started.out()).contains("kept  scale what is squared in 's'");
    assertThat(folder.resolve("r.html")).content().contains("Signal over error along the flow");
    var again =
        Started.inward(Map.of(), "compare", rms.toString(), mended, "--snr", "55", "--json");
    assertThat(again.code()).as(again.out()).isZero();
    assertThat(Json.parse(again.out(), "compare").get("first")).isEmpty();
  }

  @Test
  void placeWithoutMends_isRefused() {
    var started =
        Started.inward(
            Map.of(), "compare", model, model, "-o", folder.resolve("x.onnx").toString());
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err()).contains("is where a mended model is written");
  }

  @Test
  void unknownRuleOfDenormals_isRefused() {
    var started = Started.inward(Map.of(), "compare", model, model, "--denormals", "some");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err()).startsWith("--denormals some: is neither kept nor flushed");
  }
}
