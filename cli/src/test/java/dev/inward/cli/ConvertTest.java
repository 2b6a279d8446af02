package dev.inward.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.base.Json;
import dev.inward.onnx.Onnx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ConvertTest {
  @TempDir Path folder;
  private String model = "";

  @BeforeEach
  void write() {
    model = SmallModel.write(folder).toString();
  }

  @Test
  void model_goesToCoreMlAndBackWithItsOutputs() {
    String coreMl = folder.resolve("small.mlpackage").toString();
    var there = convert(model, "-o", coreMl, "--shape", "x=1x8", "--json");
    assertThat(there.code()).as(there.err()).isZero();
    var json = Json.parse(there.out(), "convert");
    assertThat(json.get("form").flatMap(Json::text))
        .contains("Core ML package for iOS 15 and newer");
    // float16 rounds to 2^-11: about 66 dB, less what three layers add.
    assertThat(decibels(json)).isBetween(45.0, 90.0);

    String back = folder.resolve("back.onnx").toString();
    var again = convert(coreMl, "-o", back, "--json");
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(Onnx.read(Path.of(back)).outputs()).containsExactly("y");
  }

  @Test
  void float32Package_differsByRoundingOnly() {
    String coreMl = folder.resolve("small.mlpackage").toString();
    var started =
        convert(model, "-o", coreMl, "--shape", "x=1x8", "--fp32", "--target", "iOS 17", "--json");
    assertThat(started.code()).as(started.err()).isZero();
    var json = Json.parse(started.out(), "convert");
    assertThat(json.get("form").flatMap(Json::text))
        .contains("Core ML package for iOS 17 and newer");
    var check = json.get("checks").orElseThrow().items().getFirst();
    assertThat(check.get("worst").flatMap(Json::number).orElseThrow().doubleValue())
        .isLessThan(1e-5);
  }

  @Test
  void neuralEngineForm_keepsTheOutputsAndSaysWhatWasChanged() {
    String coreMl = folder.resolve("form.mlpackage").toString();
    var started =
        convert(model, "-o", coreMl, "--shape", "x=1x8", "--fp32", "--neural-engine", "--json");
    assertThat(started.code()).as(started.err()).isZero();
    var json = Json.parse(started.out(), "convert");
    assertThat(json.get("notes").orElseThrow().items().getFirst().text())
        .contains(
            "for the Neural Engine: 2 linear layers became convolutions of 1x1 on [batch, channels,"
                + " 1, positions], the layout that the engine computes in");
    var check = json.get("checks").orElseThrow().items().getFirst();
    assertThat(check.get("worst").flatMap(Json::number).orElseThrow().doubleValue())
        .isLessThan(1e-5);
    assertThat(dev.inward.coreml.CoreMl.read(Path.of(coreMl)).nodes())
        .filteredOn(node -> node.op().name().equals("Conv"))
        .hasSize(2);
  }

  @Test
  void rangeOfShapes_isCheckedAtSeveral() {
    String coreMl = folder.resolve("small.mlpackage").toString();
    var started = convert(model, "-o", coreMl, "--shape", "x=2..16x8", "--fp32");
    assertThat(started.code()).as(started.err()).isZero();
    assertThat(started.out()).contains("  y at x=2x8  ").contains("  y at x=7x8  ");

    String back = folder.resolve("back.onnx").toString();
    var again = convert(coreMl, "-o", back);
    assertThat(again.code()).as(again.err()).isZero();
    assertThat(Onnx.read(Path.of(back)).inputs().getFirst().type().shape())
        .hasToString("[x_0 x 8]");
    assertThat(Started.inward(Map.of(), "inspect", coreMl).out()).contains("shapes   x: 2..16x8");
  }

  @Test
  void faceThatIsAskedFor_isShownByInspect() throws IOException {
    Path labels = folder.resolve("labels.txt");
    Files.writeString(labels, "one\ntwo\nthree\nfour\n\n");
    String coreMl = folder.resolve("small.mlpackage").toString();
    var started =
        convert(
            model,
            "-o",
            coreMl,
            "--shape",
            "x=1x8",
            "--labels",
            labels.toString(),
            "--author",
            "A. Person",
            "--metadata",
            "k=a=b",
            "--describe",
            "x=eight numbers",
            "--input-type",
            "x=fp16",
            "--keep-fp32",
            "matmul");
    assertThat(started.code()).as(started.err()).isZero();

    var seen = Started.inward(Map.of(), "inspect", coreMl);
    assertThat(seen.out())
        .contains("format   Core ML specification 7, iOS 16 and newer")
        .contains("labels   4 of 'y': one, two, three, four")
        .contains("author   A. Person")
        .contains("k        a=b")
        .contains("about    x: eight numbers")
        .contains("input    x: float16[1x8]");
    var face =
        Json.parse(Started.inward(Map.of(), "inspect", coreMl, "--json").out(), "inspect")
            .get("face")
            .orElseThrow();
    assertThat(face.get("types").flatMap(t -> t.get("x")).flatMap(Json::text)).contains("fp16");
  }

  /// `(x * 2 - 1) / 4` before the model is what a caller would have computed.
  @Test
  void normalisation_isComputedFirst() {
    String out = folder.resolve("normal.onnx").toString();
    var started =
        convert(
            model, "-o", out, "--shape", "x=1x8", "--scale", "x=2", "--mean", "x=1", "--std",
            "x=4");
    assertThat(started.code()).as(started.err()).isZero();
    float[] given = {1, -2, 3, 0.5f, 0, 8, -1, 4};
    float[] normal = new float[8];
    for (int i = 0; i < 8; i++) {
      normal[i] = (given[i] * 2 - 1) / 4;
    }
    float[] expected =
        output(SmallModel.graph().bindShapes(Map.of("x", java.util.List.of(1L, 8L))), normal);
    assertThat(output(Onnx.read(Path.of(out)), given))
        .containsExactly(expected, org.assertj.core.api.Assertions.within(1e-5f));
  }

  private static float[] output(dev.inward.graph.Graph graph, float[] x) {
    var inputs = Map.of("x", dev.inward.graph.Tensor.ofFloats(java.util.List.of(1L, 8L), x));
    return dev.inward.graph.evaluation.Evaluation.run(graph, inputs)
        .values()
        .iterator()
        .next()
        .floats();
  }

  @Test
  void nodeThatIsNotThere_isRefusedWithTheNearest() {
    var started =
        convert(
            model,
            "-o",
            folder.resolve("small.mlpackage").toString(),
            "--shape",
            "x=1x8",
            "--keep-fp32",
            "MatMull");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .isEqualTo(
            "'MatMull': is neither a node of the simplified model nor an op of it\n"
                + "  hint: did you mean 'MatMul'?\n");
  }

  @Test
  void optionThatDoesNotRead_isRefused() {
    String out = folder.resolve("small.mlpackage").toString();
    assertThat(convert(model, "-o", out, "--image", "x=rainbow").err())
        .isEqualTo(
            "--image x=rainbow: 'rainbow' is not known\n"
                + "  hint: there are gray, rgb, bgr, gray-fp16\n");
    assertThat(convert(model, "-o", out, "--shape", "x=4..2x8").err())
        .startsWith("--shape x=4..2x8: '4..2' ends before it begins\n");
    assertThat(convert(model, "-o", out, "--scale", "x=1/0").err())
        .isEqualTo("--scale x=1/0: '1/0' is no number\n");
  }

  @Test
  void onnx_isSimplified() {
    String out = folder.resolve("simple.onnx").toString();
    var started = convert(model, "-o", out, "--shape", "x=1x8");
    assertThat(started.code()).as(started.err()).isZero();
    assertThat(started.out())
        .startsWith(out + ": ONNX file, ")
        .contains("read back and run on generated inputs, against the original:\n  y  ");
    assertThat(started.out()).doesNotContain("not checked");
  }

  @Test
  void unboundPackage_isRefusedAndNothingWritten() {
    Path out = folder.resolve("small.mlpackage");
    var started = convert(model, "-o", out.toString());
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .isEqualTo(
            "input 'x': is float32[rows x 8]; a Core ML package is written for fixed shapes\n"
                + "  hint: bind it to numbers: --shape x=<rows>x8, or give a range such as 1..128"
                + " for an extent\n");
    assertThat(out).doesNotExist();
  }

  @Test
  void wrongTarget_isRefusedWithThoseThereAre() {
    var started = convert(model, "-o", "x.mlpackage", "--target", "ios14");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .isEqualTo(
            "--target ios14: is no system that packages are written for\n"
                + "  hint: there are ios15, ios16, ios17, ios18, ios26\n");
  }

  @Test
  void wrongPlace_isRefusedAndLeftAsItWas() throws IOException {
    var ending = convert(model, "-o", folder.resolve("small.tflite").toString());
    assertThat(ending.code()).isEqualTo(2);
    assertThat(ending.err()).contains("ends in neither .onnx nor .mlpackage");

    Path mine = Files.createDirectory(folder.resolve("mine.mlpackage"));
    Path kept = Files.writeString(mine.resolve("notes.txt"), "mine");
    var other = convert(model, "-o", mine.toString(), "--shape", "x=1x8");
    assertThat(other.code()).isEqualTo(2);
    assertThat(other.err()).isEqualTo(mine + ": is there already, and is no Core ML package\n");
    assertThat(kept).hasContent("mine");

    var self = convert(model, "-o", model);
    assertThat(self.code()).isEqualTo(2);
    assertThat(self.err()).isEqualTo(model + ": is the model that is read\n");
  }

  @Test
  void unwritablePlace_isRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    var started = convert(model, "-o", file.resolve("out.onnx").toString());
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err()).startsWith(file.resolve("out.onnx") + ": cannot be written: ");
  }

  private static double decibels(Json convert) {
    return convert
        .get("checks")
        .orElseThrow()
        .items()
        .getFirst()
        .get("signal_to_noise")
        .flatMap(figure -> figure.get("value"))
        .flatMap(Json::number)
        .orElseThrow()
        .doubleValue();
  }

  private static Started convert(String... args) {
    var all = new String[args.length + 1];
    all[0] = "convert";
    System.arraycopy(args, 0, all, 1, args.length);
    return Started.inward(Map.of(), all);
  }
}
