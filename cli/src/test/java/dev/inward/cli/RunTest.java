package dev.inward.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.Json;
import dev.inward.data.NamedArray;
import dev.inward.data.Npy;
import dev.inward.graph.Graph;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RunTest {
  @TempDir Path folder;
  private String model = "";

  @BeforeEach
  void write() {
    model = SmallModel.write(folder).toString();
  }

  @Test
  void givenArray_comesOutAsTheDefinitionSays() {
    float[] x = {1, -1, 0.5f, 2, 0, -2, 1, 1};
    Path input = folder.resolve("in.npy");
    Npy.write(input, new NamedArray.Floats("x", List.of(1, 8), x));
    var started =
        Started.inward(
            Map.of(), "run", model, "--input", "x=" + input, "--output-dir", folder + "/o");
    assertThat(started.code()).as(started.err()).isZero();
    assertThat(started.out()).contains("input   x: float32[1x8]\n", "output  y: float32[1x4]\n");

    double[] expected = expected(x);
    float[] y = ((NamedArray.Floats) Npy.open(folder.resolve("o/y.npy")).rows("y", 0, 1)).values();
    assertThat(y).hasSize(4);
    for (int i = 0; i < 4; i++) {
      assertThat((double) y[i]).isCloseTo(expected[i], within(1e-5));
    }
  }

  @Test
  void generatedInputs_areTheSameEveryTimeAndTimed() {
    var first = run(model, "--generated", "--time", "--json");
    var second = run(model, "--generated", "--json");
    assertThat(first.code()).as(first.err()).isZero();
    var one = Json.parse(first.out(), "run");
    var two = Json.parse(second.out(), "run");
    assertThat(one.get("outputs")).isEqualTo(two.get("outputs"));
    var latency = one.get("latency").orElseThrow();
    assertThat(number(latency, "p95")).isGreaterThanOrEqualTo(number(latency, "p50"));
    assertThat(number(latency, "runs")).isEqualTo(40);
    assertThat(two.get("latency")).isEmpty();
  }

  @Test
  void missingInput_isRefusedWithWhatToGive() {
    var started = run(model);
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .isEqualTo(
            "input 'x': no array is given; the model wants float32[rows x 8]\n"
                + "  hint: give --input x=file.npy, or --generated for any numbers\n");
  }

  @Test
  void wrongShape_isRefusedWithBoth() {
    Path input = folder.resolve("in.npy");
    Npy.write(input, new NamedArray.Floats("x", List.of(2, 4), new float[8]));
    var started = run(model, "--input", "x=" + input);
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .isEqualTo(input + ": has the shape [2x4], input 'x' is float32[rows x 8]\n");
  }

  @Test
  void unknownInput_isRefusedWithTheNearest() {
    var started = run(model, "--input", "z=in.npy");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .startsWith("--input z=in.npy: the model has no input 'z'\n  hint: did you mean 'x'?");
  }

  private static double number(Json json, String key) {
    return json.get(key).flatMap(Json::number).orElseThrow().doubleValue();
  }

  /// `relu(x W1 + b1) W2` in double precision.
  private static double[] expected(float[] x) {
    Graph graph = SmallModel.graph();
    float[] w1 = graph.constant("w1").orElseThrow().floats();
    float[] b1 = graph.constant("b1").orElseThrow().floats();
    float[] w2 = graph.constant("w2").orElseThrow().floats();
    double[] y = new double[4];
    for (int h = 0; h < 16; h++) {
      double sum = b1[h];
      for (int i = 0; i < 8; i++) {
        sum += (double) x[i] * w1[i * 16 + h];
      }
      for (int k = 0; k < 4; k++) {
        y[k] += Math.max(0, sum) * w2[h * 4 + k];
      }
    }
    return y;
  }

  private static Started run(String... args) {
    var all = new String[args.length + 1];
    all[0] = "run";
    System.arraycopy(args, 0, all, 1, args.length);
    return Started.inward(Map.of(), all);
  }
}
