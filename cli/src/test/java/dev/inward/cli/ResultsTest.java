package dev.inward.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ResultsTest {
  @ParameterizedTest
  @CsvSource({"No space left on device, true", "Broken pipe, false"})
  void lostOutput_isRemembered(String fault, boolean refused) {
    var results =
        new Results(
            new OutputStream() {
              @Override
              public void write(int b) throws IOException {
                throw new IOException(fault);
              }
            });
    new PrintStream(results, true, StandardCharsets.UTF_8).println("x");
    assertThat(results.refused()).isEqualTo(refused);
    assertThat(results.reason()).isEqualTo(fault);
  }
}
