package dev.inward.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What the fuzzer starts from and what it found, in seconds; the search itself is `fuzz/run`.
final class TargetTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final int DAMAGED = 100;

  @ParameterizedTest
  @EnumSource
  void seed_isTaken(Target target) throws IOException {
    var seeds = Seeds.of(target);
    assertThat(seeds).isNotEmpty();
    seeds.forEach((name, bytes) ->
        assertThatCode(() -> target.read(bytes))
            .as("%s %s", target, name)
            .doesNotThrowAnyException());
  }

  @ParameterizedTest
  @EnumSource
  void finding_isReadOrRefused(Target target) throws IOException {
    Findings.of(target).forEach((name, bytes) -> survives(target, name, bytes));
  }

  @ParameterizedTest
  @EnumSource
  void damagedSeed_isReadOrRefused(Target target) throws IOException {
    for (var seed : Seeds.of(target).entrySet()) {
      var random = new SplittableRandom(seed.getKey().hashCode());
      for (int i = 0; i < DAMAGED; i++) {
        survives(target, seed.getKey(), damaged(seed.getValue(), random));
      }
    }
  }

  private static void survives(Target target, String name, byte[] bytes) {
    assertTimeoutPreemptively(
        PATIENCE,
        () -> target.survive(bytes),
        () -> "%s %s: %s".formatted(target, name, HexFormat.of().formatHex(bytes)));
  }

  /// Cut short, or a few bytes of it replaced by others of its own or by extreme ones.
  private static byte[] damaged(byte[] whole, SplittableRandom random) {
    byte[] bytes = whole.clone();
    for (int changes = random.nextInt(1, 5); changes > 0; changes--) {
      int at = random.nextInt(bytes.length);
      bytes[at] =
          switch (random.nextInt(4)) {
            case 0 -> (byte) 0xFF;
            case 1 -> bytes[random.nextInt(bytes.length)];
            case 2 -> (byte) (bytes[at] ^ 1 << random.nextInt(8));
            default -> (byte) random.nextInt(256);
          };
    }
    return random.nextInt(4) == 0 ? Arrays.copyOf(bytes, random.nextInt(bytes.length)) : bytes;
  }
}
