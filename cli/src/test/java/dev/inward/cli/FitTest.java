package dev.inward.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.onnx.Onnx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FitTest {
  @TempDir Path folder;
  private String model = "";
  private Path out = Path.of("");

  @BeforeEach
  void write() {
    model = SmallModel.write(folder).toString();
    out = folder.resolve("out");
  }

  @Test
  void keptBudget_deliversBothFilesAndEndsWithTheDossier() {
    var started = fit("1MB,100ms");
    assertThat(started.code()).as(started.err()).isZero();
    assertThat(started.out())
        .startsWith("small on iPhone 13: the budget is kept by ")
        .contains("delivered: " + out.resolve("small.mlpackage"))
        .contains("delivered: " + out.resolve("small.onnx"))
        .endsWith("dossier: " + out.resolve("dossier.html") + "\n");
    assertThat(Onnx.read(out.resolve("small.onnx")).outputs()).containsExactly("y");
    assertThat(out.resolve("dossier.html")).isNotEmptyFile();
  }

  @Test
  void brokenBudget_namesTheNearestAndDeliversNothing() {
    var started = fit("1B,100ms");
    assertThat(started.code()).isEqualTo(1);
    assertThat(started.out())
        .startsWith("small on iPhone 13: nothing fits the budget\n")
        .contains("The nearest budget that ", "size at most ", "instead of at most 1 B")
        .contains("breaks size");
    assertThat(out.resolve("small.onnx")).doesNotExist();
    assertThat(out.resolve("dossier.html")).isNotEmptyFile();
  }

  @Test
  void budgetFile_isReadAndItsLinesNamed() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("budget.yaml"),
            """
            model: small.onnx
            device: iPhone 13
            shapes: { x: 1x8 }
            size: { most: 1 B }
            """);
    var started =
        Started.inward(
            Map.of("INWARD_CACHE", folder.toString()), "fit", file.toString(), "--out", out + "");
    assertThat(started.code()).as(started.err()).isEqualTo(1);
    assertThat(started.out()).contains("nothing fits the budget");
  }

  @Test
  void shortFormWithoutDevice_isRefused() {
    var started = Started.inward(Map.of(), "fit", model, "--budget", "1MB");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .isEqualTo(
            "--budget: a short form names no device\n"
                + "  hint: say where the model must run: --device \"iPhone 13\"\n");
  }

  @Test
  void unwritablePlace_isRefusedBeforeTheWork() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    out = file.resolve("out");
    var started = fit("1MB");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .startsWith(out + ": cannot be written: ")
        .endsWith("hint: give another folder with --out\n");
  }

  @Test
  void missingBudget_isRefused() {
    var started =
        Started.inward(
            Map.of("INWARD_CACHE", folder.toString()),
            "fit",
            folder.resolve("none.yaml").toString());
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err()).isEqualTo(folder.resolve("none.yaml") + ": there is no such file\n");
  }

  private Started fit(String budget) {
    List<String> args =
        new ArrayList<>(List.of("fit", model, "--budget", budget, "--device", "iPhone 13"));
    args.addAll(List.of("--shape", "x=1x8", "--out", out.toString()));
    return Started.inward(Map.of("INWARD_CACHE", folder.toString()), args.toArray(String[]::new));
  }
}
