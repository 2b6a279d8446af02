package dev.inward.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class SampleTest {
  @Test
  void sample_isWrittenToLookAt() throws Exception {
    Path file = Path.of("target", "sample.html");
    Sample.document().write(file);
    assertThat(Files.readString(file)).isEqualTo(Sample.document().html());
    Files.writeString(Path.of("target", "sample.svg"), Sample.curveChart().svg());
  }
}
