package dev.inward.base;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ScratchTest {
  @Test
  void isGoneWithAllThatIsInIt() throws IOException {
    Path kept;
    try (var scratch = Scratch.open()) {
      kept = scratch.folder();
      Files.createDirectories(kept.resolve("a/b"));
      Files.writeString(kept.resolve("a/b/c"), "x");
      assertThat(kept).isDirectory();
    }
    assertThat(kept).doesNotExist();
  }
}
