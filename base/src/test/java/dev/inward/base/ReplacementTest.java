package dev.inward.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReplacementTest {
  @TempDir Path folder;

  @Test
  void failureHalfway_leavesTheEarlierFileAlone() throws IOException {
    Path target = Files.writeString(folder.resolve("model.onnx"), "earlier");

    assertThatThrownBy(() ->
            Replacement.of(
                target,
                beside -> {
                  Files.writeString(beside, "half");
                  throw new IOException("No space left on device");
                }))
        .isInstanceOf(InputException.class)
        .hasMessage(target + ": cannot be written: IO: No space left on device");

    assertThat(target).hasContent("earlier");
    assertThat(folder).isDirectoryContaining("glob:**model.onnx");
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void directory_isReplacedWhole() throws IOException {
    Path target = Files.createDirectory(folder.resolve("m.mlpackage"));
    Files.writeString(target.resolve("stale"), "x");

    Replacement.of(
        target,
        beside -> {
          Files.createDirectory(beside);
          Files.writeString(beside.resolve("fresh"), "y");
        });

    assertThat(target.resolve("stale")).doesNotExist();
    assertThat(target.resolve("fresh")).hasContent("y");
    try (var files = Files.list(folder)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void intoAFolder_putsAllOfItAndLeavesTheRest() throws IOException {
    Path target = Files.createDirectory(folder.resolve("out"));
    Files.writeString(target.resolve("mine"), "mine");
    Files.writeString(target.resolve("report"), "earlier");
    Files.createDirectory(target.resolve("package"));
    Files.writeString(target.resolve("package/stale"), "x");

    String made =
        Replacement.into(
            target,
            List.of(),
            beside -> {
              Files.writeString(beside.resolve("report"), "later");
              Files.createDirectory(beside.resolve("package"));
              Files.writeString(beside.resolve("package/fresh"), "y");
              assertThat(target.resolve("report")).hasContent("earlier");
              return "done";
            });

    assertThat(made).isEqualTo("done");
    assertThat(target.resolve("mine")).hasContent("mine");
    assertThat(target.resolve("report")).hasContent("later");
    assertThat(target.resolve("package/stale")).doesNotExist();
    assertThat(target.resolve("package/fresh")).hasContent("y");
    try (var files = Files.list(target)) {
      assertThat(files).hasSize(3);
    }
  }

  @Test
  void outdatedFiles_goWhereTheyAreNotMadeAnew() throws IOException {
    Path target = Files.createDirectory(folder.resolve("out"));
    Files.writeString(target.resolve("mine"), "mine");
    Files.writeString(target.resolve("report"), "earlier");
    Files.createDirectory(target.resolve("package"));
    Files.writeString(target.resolve("package/stale"), "x");

    Replacement.into(
        target,
        List.of("report", "package", "never"),
        beside -> Files.writeString(beside.resolve("report"), "later"));

    assertThat(target.resolve("report")).hasContent("later");
    try (var files = Files.list(target)) {
      assertThat(files).containsExactlyInAnyOrder(target.resolve("mine"), target.resolve("report"));
    }
  }

  @Test
  void outdatedFiles_stayWhereNothingNewIsMade() throws IOException {
    Path target = Files.createDirectory(folder.resolve("out"));
    Files.writeString(target.resolve("report"), "earlier");

    assertThatThrownBy(() ->
            Replacement.into(
                target,
                List.of("report"),
                _ -> {
                  throw new IllegalStateException("a fault");
                }))
        .hasMessage("a fault");

    assertThat(target.resolve("report")).hasContent("earlier");
  }

  @Test
  void intoAFolder_failureLeavesEverythingAsItWas() throws IOException {
    Path target = Files.createDirectory(folder.resolve("out"));
    Files.writeString(target.resolve("report"), "earlier");

    assertThatThrownBy(() ->
            Replacement.into(
                target,
                List.of(),
                beside -> {
                  Files.writeString(beside.resolve("report"), "later");
                  throw new IOException("No space left on device");
                }))
        .isInstanceOf(InputException.class)
        .hasMessage(target + ": cannot be written: IO: No space left on device");

    assertThat(target.resolve("report")).hasContent("earlier");
    try (var files = Files.list(target)) {
      assertThat(files).hasSize(1);
    }
  }

  @Test
  void intoAFolder_failureTakesBackTheFoldersThatItMade() {
    Path target = folder.resolve("new/newer");

    assertThatThrownBy(() ->
            Replacement.into(
                target,
                List.of(),
                _ -> {
                  throw new IllegalStateException("a fault");
                }))
        .hasMessage("a fault");

    assertThat(folder.resolve("new")).doesNotExist();
  }

  @Test
  void intoAFolder_faultsNameTheFolderAsItWasGiven() {
    Path target = folder.resolve("out");

    assertThatThrownBy(() ->
            Replacement.into(
                target,
                List.of(),
                beside -> {
                  throw InputException.at(beside.resolve("m.onnx").toString(), "cannot be written")
                      .hint("look at %s", beside);
                }))
        .isInstanceOfSatisfying(
            InputException.class,
            e ->
                assertThat(e.text())
                    .isEqualTo(
                        target.resolve("m.onnx")
                            + ": cannot be written\n  hint: look at "
                            + target));
  }
}
