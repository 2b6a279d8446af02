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
  void laterFitThatDeliversNothing_takesTheEarlierFilesAway() throws IOException {
    assertThat(fit("1MB").code()).isZero();
    assertThat(out.resolve("small.onnx")).exists();
    Files.writeString(out.resolve("notes.txt"), "mine");

    assertThat(fit("1B").code()).isEqualTo(1);

    try (var files = Files.list(out)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .containsExactlyInAnyOrder("dossier.html", "fit.json", "notes.txt");
    }
  }

  @Test
  void folderOfTheModel_isRefused() {
    out = folder;
    var started = fit("1MB");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .isEqualTo(
            folder
                + ": is where the model lies, which the result would replace\n"
                + "  hint: give another folder with --out\n");
  }

  @Test
  void fleet_isHeldAgainstTheSlowest() {
    List<String> args = new ArrayList<>(List.of("fit", model, "--budget", "1MB,100ms"));
    args.addAll(List.of("--device", "iPhone 15 Pro", "--device", "iPhone 11"));
    args.addAll(List.of("--shape", "x=1x8", "--out", out.toString()));
    var started =
        Started.inward(Map.of("INWARD_CACHE", folder.toString()), args.toArray(String[]::new));
    assertThat(started.code()).as(started.err()).isZero();
    assertThat(started.out())
        .startsWith("small on iPhone 15 Pro, iPhone 11: the budget is kept by ");
  }

  @Test
  void outputAndPooling_areTheBudgets() throws IOException {
    Map<String, String> cache = Map.of(); // a model in a file needs none
    String budget =
        """
        model: small.onnx
        device: iPhone 13
        shapes: { x: 1x8 }
        output: %s
        pooling: %s
        size: 1 MB
        """;
    Path file = folder.resolve("budget.yaml");
    Files.writeString(file, budget.formatted("z", "none"));
    var started = Started.inward(cache, "fit", file.toString(), "--out", out.toString());
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err()).isEqualTo("the model has no output 'z'\n  hint: outputs: y\n");

    Files.writeString(file, budget.formatted("y", "mean"));
    started = Started.inward(cache, "fit", file.toString(), "--out", out.toString());
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .isEqualTo(
            "pooling: mean is over the tokens of an input 'attention_mask'\n"
                + "  hint: the model's inputs are x; write pooling: first or pooling: none\n");

    Files.writeString(file, budget.formatted("y", "none"));
    started = Started.inward(cache, "fit", file.toString(), "--out", out.toString());
    assertThat(started.code()).as(started.err()).isZero();
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
