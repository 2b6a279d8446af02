package dev.inward.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.base.Json;
import dev.inward.coreml.CoreMl;
import dev.inward.coreml.Options;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.onnx.Onnx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CompressTest {
  @TempDir Path folder;
  private Path model = Path.of("");
  private Path onnx = Path.of("");

  @BeforeEach
  void write() {
    Graph graph =
        GraphText.parse(
            """
            graph net
            input x: float32[1x16x6x6]
            const w: float32[32x16x3x3] = random 1
            const b: float32[32] = random 2
            const v: float32[32x32x1x1] = random 3
            c = Conv{groups=1, pads=[1, 1, 1, 1]}(x, w, b)
            y = Conv{groups=1}(c, v)
            output y
            """);
    model = folder.resolve("model.mlpackage");
    onnx = folder.resolve("model.onnx");
    CoreMl.write(graph, model, Options.DEFAULT);
    Onnx.write(graph, onnx);
  }

  private static Started compress(Object... arguments) {
    String[] line = new String[arguments.length + 1];
    line[0] = "compress";
    for (int i = 0; i < arguments.length; i++) {
      line[i + 1] = arguments[i].toString();
    }
    return Started.inward(Map.of(), line);
  }

  @Test
  void int8Package_isSmallerAndNearlyTheSame() {
    Path out = folder.resolve("out.mlpackage");
    var started = compress(model, "-o", out, "--json");
    assertThat(started.code()).as(started.err()).isZero();
    var json = Json.parse(started.out(), "compress");

    assertThat(json.get("form").flatMap(Json::text))
        .contains("Core ML package for iOS 16 and newer");
    assertThat(json.get("weights").orElseThrow().items()).hasSize(1);
    assertThat(json.get("small").flatMap(Json::number).map(Number::intValue)).contains(1);
    var check = json.get("checks").orElseThrow().items().getFirst();
    assertThat(
            check
                .get("signal_to_noise")
                .flatMap(s -> s.get("value"))
                .flatMap(Json::number)
                .orElseThrow()
                .doubleValue())
        .isBetween(35.0, 60.0);
    assertThat(CoreMl.read(out).constant("w").orElseThrow().encoding())
        .isInstanceOf(Encoding.Affine.class);
  }

  @Test
  void namedNodes_haveTheirOwnFormatOrStay() {
    Path out = folder.resolve("out.mlpackage");
    var started =
        compress(
            model,
            "-o",
            out,
            "--weights",
            "int4-block32",
            "--least",
            "1",
            "--node",
            "v=palette4",
            "--keep",
            "w",
            "--no-check");
    assertThat(started.code()).as(started.err()).isZero();
    Graph read = CoreMl.read(out);

    assertThat(read.constant("v").orElseThrow().encoding()).isInstanceOf(Encoding.Palette.class);
    assertThat(read.constant("w").orElseThrow().encoding()).isInstanceOf(Encoding.Dense.class);
    assertThat(started.out())
        .contains("left as it is: w was asked to stay")
        .contains("not checked: not asked for");
  }

  @Test
  void onnx_writesWhatItCanAndSaysWhatItCannot() {
    Path eight = folder.resolve("eight.onnx");
    assertThat(compress(onnx, "-o", eight, "--weights", "int8").code()).isZero();
    assertThat(Onnx.read(eight).nodes()).isNotEmpty();

    Path palette = folder.resolve("palette.onnx");
    var started = compress(onnx, "-o", palette, "--weights", "palette4");
    assertThat(started.code()).as(started.err()).isZero();
    assertThat(started.out())
        .contains(
            "note: constant 'w' (palette of 4 bits, 1 tables) is written as float32: ONNX runtimes"
                + " do not run it as it is encoded");
  }

  @Test
  void onnxToPackage_isEncodedOnTheWay() {
    Path out = folder.resolve("out.mlpackage");
    var started = compress(onnx, "-o", out, "--weights", "sparse50+palette4");
    assertThat(started.code()).as(started.err()).isZero();

    assertThat(started.out()).contains("Core ML package for iOS 18 and newer");
    assertThat(CoreMl.read(out).constant("w").orElseThrow().encoding())
        .isInstanceOf(Encoding.Sparse.class);
  }

  @Test
  void nameThatIsNoWeight_isRefusedAndNothingWritten() {
    Path out = folder.resolve("out.mlpackage");
    var started = compress(model, "-o", out, "--keep", "cc");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err()).contains("'cc': names no weight, and no node that reads one");
    assertThat(Files.exists(out)).isFalse();

    var unknown = compress(model, "-o", out, "--weights", "int5");
    assertThat(unknown.code()).isEqualTo(2);
    assertThat(unknown.err()).contains("format 'int5': is not known");
  }

  @Test
  void targetThatIsTooOld_isRefused() {
    var started =
        compress(
            model, "-o", folder.resolve("o.mlpackage"), "-w", "int4-block32", "--target", "ios17");
    assertThat(started.code()).isEqualTo(3);
    assertThat(started.err())
        .contains("weight 'w': 4-bit codes exist from iOS 18 on, the target is iOS 17");
  }
}
