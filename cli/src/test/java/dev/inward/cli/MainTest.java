package dev.inward.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.base.Json;
import dev.inward.workbench.BundledModel;
import dev.inward.workbench.ModelCache;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MainTest {
  @TempDir Path folder;

  @Test
  void noVerb_isRefusedWithTheVerbsThereAre() {
    var started = Started.inward(Map.of());
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.out()).isEmpty();
    assertThat(started.err()).startsWith("Missing verb\n").contains("Usage: inward", "doctor");
  }

  @Test
  void help_goesToTheOutput() {
    var started = Started.inward(Map.of(), "doctor", "--help");
    assertThat(started.code()).isZero();
    assertThat(started.err()).isEmpty();
    assertThat(started.out()).contains("Usage: inward doctor", "Example: inward doctor");
  }

  @Test
  void misspeltOption_isRefusedWithTheNearestOne() {
    var started = Started.inward(Map.of(), "doctor", "--jsn");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .isEqualTo(
            """
            Unknown option: '--jsn'
            Possible solutions: --json
              hint: inward doctor --help shows what it takes
            """);
  }

  @Test
  void misspeltVerb_isRefusedWithTheNearestOne() {
    var started = Started.inward(Map.of(), "docter");
    assertThat(started.code()).isEqualTo(2);
    assertThat(started.err())
        .startsWith("Unmatched argument at index 0: 'docter'\nDid you mean: inward doctor");
  }

  @Test
  void faultOfOurs_bringsItsStackTraceAndWhereToReport() {
    var started = Started.inward(Map.of("INWARD_CACHE", "\0"), "doctor");
    assertThat(started.code()).isEqualTo(70);
    assertThat(started.err())
        .startsWith("This is a fault of inward, not of what you gave it. Please report it")
        .contains("InvalidPathException", "at dev.inward.cli.Doctor.call");
  }

  @Test
  void doctor_saysWhichModelsAreThere() throws IOException {
    var model = BundledModel.TEXT_DIRECTION;
    Path here = new ModelCache(folder).folder(model).resolve(model.model().file());
    Files.createDirectories(here.getParent());
    Files.write(here, new byte[(int) model.model().bytes()]);

    var environment = Map.of("INWARD_CACHE", folder.toString(), "PATH", System.getenv("PATH"));
    var started = Started.inward(environment, "doctor", "--json");

    assertThat(started.code()).isZero();
    var json = Json.parse(started.out(), "doctor");
    assertThat(json.get("works")).contains(new Json.Bool(true));
    assertThat(state(json, "onnxruntime")).isEqualTo("ok");
    assertThat(state(json, "text-direction")).isEqualTo("ok");
    assertThat(state(json, "all-minilm-l6-v2")).isEqualTo("absent");
  }

  @Test
  void doctorWithoutMavenAndCache_namesBoth() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    var started =
        Started.inward(Map.of("PATH", folder.toString(), "INWARD_CACHE", file + "/x"), "doctor");
    assertThat(started.code()).isEqualTo(1);
    assertThat(started.out())
        .contains("BROKEN  maven ", "BROKEN  cache ", "set INWARD_CACHE to a folder that can");
  }

  private static String state(Json doctor, String name) {
    return doctor.get("findings").orElseThrow().items().stream()
        .filter(finding -> finding.get("name").equals(Optional.of(new Json.Text(name))))
        .findFirst()
        .flatMap(finding -> finding.get("state"))
        .flatMap(Json::text)
        .orElse("not named");
  }
}
