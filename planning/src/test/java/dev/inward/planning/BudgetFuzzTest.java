package dev.inward.planning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.base.InputException;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damaged budget files end in a budget or in an [InputException], and in nothing else.
final class BudgetFuzzTest {
  private static final String[] PIECES = {
    ": ",
    "{",
    "}",
    "[",
    "]",
    "- ",
    "\n",
    "\n  ",
    "'",
    "\"",
    "#",
    "&a ",
    "*a",
    "!!",
    "|\n",
    ">\n",
    "? ",
    "---\n",
    "...\n",
    "%",
    "\t",
    "\\u0000",
    "\uD83D\uDE00",
    "1e999",
    "-1",
    "0",
    "NaN",
    "null",
    "~",
    "<<",
    "most",
    "size",
    "50 MB",
    "\r",
    "\uFEFF",
    "\u2028",
    "@",
    "`",
    "9".repeat(50),
    "{".repeat(30)
  };

  private static final String SEED =
      """
      model: encoder
      device: [iPhone 13, iPhone 12]
      preprocessing: { image: { size: 8x8, mean: [0.1, 0.2, 0.3] } }
      shapes: { x: 1x3x8x8 }
      output: [last_hidden_state, "pooled:0"]
      pooling: mean
      target: iOS 17
      size: { most: 50 MB, because: "one # feature" }
      latency: { most: 100 ms, at: p95, heat: sustained }
      energy: { most: 2 %/h, rate: 1/s }
      memory: 150 MB
      quality: { metric: signal-to-noise, least: 30 dB, confidence: 95 % }
      privacy: { epsilon: 2, delta: 1e-6, unit: user, cohort: 100 }
      update: { most: 5 MB, over: wifi }
      prefer: size
      """;

  @TempDir Path folder;

  @Test
  void damagedFile_isRefusedOrRead() {
    BudgetFile.parse(SEED, "budget.yaml", folder, Set.of("encoder"));
    var random = new Random(11);
    int read = 0;
    int refused = 0;
    for (int round = 0; round < 3_000; round++) {
      var text = new StringBuilder(SEED);
      for (int i = random.nextInt(5); i >= 0; i--) {
        int at = random.nextInt(text.length() + 1);
        switch (random.nextInt(4)) {
          case 0 -> text.insert(at, PIECES[random.nextInt(PIECES.length)]);
          case 1 -> text.delete(at, Math.min(text.length(), at + 1 + random.nextInt(8)));
          case 2 -> text.insert(at, (char) random.nextInt(0x3000));
          default -> {
            int from = random.nextInt(text.length() + 1);
            text.insert(
                at, text.substring(from, Math.min(text.length(), from + random.nextInt(40))));
          }
        }
      }
      try {
        BudgetFile.parse(text.toString(), "budget.yaml", folder, Set.of("encoder"));
        read++;
      } catch (InputException e) {
        assertThat(e.getMessage()).startsWith("budget.yaml").hasSizeLessThan(400);
        assertThat(e.exitCode()).isEqualTo(2);
        refused++;
      }
    }
    assertThat(read).isGreaterThan(20);
    assertThat(refused).isGreaterThan(2000);
  }
}
