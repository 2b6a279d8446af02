package dev.inward.onnx;

import static org.assertj.core.api.Assertions.assertThatCode;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Damaged files by the thousand, the same in each run.
final class MutationTest {
  private static final List<OperatorCases.Case> SEEDS =
      Stream.of(
              new ElementwiseCases(),
              new ProductCases(),
              new MovementCases(),
              new QuantizationCases())
          .flatMap(family -> family.all.stream())
          .toList();

  static Stream<OperatorCases.Case> seeds() {
    return SEEDS.stream();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void damagedFile_isReadOrRefused(OperatorCases.Case seed) {
    byte[] whole = seed.model().bytes();
    var random = new SplittableRandom(seed.name().hashCode());
    for (int i = 0; i < 60; i++) {
      byte[] damaged = damage(whole, random);
      assertThatCode(() -> ReaderProbe.fuzzerTestOneInput(damaged))
          .as(() -> HexFormat.of().formatHex(damaged))
          .doesNotThrowAnyException();
    }
  }

  private static byte[] damage(byte[] whole, SplittableRandom random) {
    byte[] bytes = whole.clone();
    for (int changes = random.nextInt(1, 5); changes > 0; changes--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes[at] = (byte) (random.nextBoolean() ? 0xff : 0x7f);
        case 3 -> bytes[at]++;
        case 4 -> {
          int other = random.nextInt(bytes.length);
          int length = random.nextInt(1, 9);
          length = Math.min(length, bytes.length - Math.max(at, other));
          System.arraycopy(bytes, other, bytes, at, length);
        }
        default -> bytes = Arrays.copyOf(bytes, random.nextInt(1, bytes.length + 1));
      }
    }
    return bytes;
  }
}
