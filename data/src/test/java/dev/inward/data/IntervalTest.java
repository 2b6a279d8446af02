package dev.inward.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class IntervalTest {
  private static final Offset<Double> FOUR_DIGITS = within(0.00005);

  @ParameterizedTest
  @CsvSource({"0.95, 1.959964", "0.99, 2.575829", "0.90, 1.644854", "0.5, 0.674490"})
  void deviate_isThatOfTheTables(double confidence, double z) {
    assertThat(Interval.deviate(confidence)).isCloseTo(z, within(5e-7));
  }

  /// Newcombe 1998 (method 3), table I, last rows of Wilson's score interval.
  @ParameterizedTest
  @CsvSource({
    "81, 263, 0.2553, 0.3662",
    "15, 148, 0.0624, 0.1605",
    "0, 20, 0.0000, 0.1611",
    "1, 29, 0.0061, 0.1718"
  })
  void wilson_isThatOfThePaper(int hits, int count, double low, double high) {
    Interval interval = Interval.wilson(hits, count, 0.95);
    assertThat(interval.low()).isCloseTo(low, FOUR_DIGITS);
    assertThat(interval.high()).isCloseTo(high, FOUR_DIGITS);
  }

  @Test
  void bootstrapOfAMean_isNearTheNormalInterval() {
    var random = new Random(11);
    double[] values = random.doubles(2000).toArray();
    Interval interval =
        Interval.bootstrap(
            2000,
            0.95,
            drawn -> Arrays.stream(drawn).mapToDouble(i -> values[i]).average().orElse(0));
    double half = 1.96 * Math.sqrt(1 / 12.0 / 2000);
    double mean = Arrays.stream(values).average().orElse(0);
    assertThat(interval.low()).isCloseTo(mean - half, within(half / 10));
    assertThat(interval.high()).isCloseTo(mean + half, within(half / 10));
  }

  /// In 2,000 trials with a true difference the interval covers it about as often as it says.
  @Test
  void pairedInterval_coversWhatItSays() {
    var random = new Random(5);
    int covered = 0;
    for (int trial = 0; trial < 2000; trial++) {
      int both = 0;
      int first = 0;
      int second = 0;
      for (int i = 0; i < 400; i++) {
        double u = random.nextDouble();
        if (u < 0.95) {
          both++;
        } else if (u < 0.965) {
          first++;
        } else if (u < 0.97) {
          second++;
        }
      }
      Interval interval = Interval.paired(both, first, second, 400, 0.95);
      covered += interval.low() <= 0.01 && 0.01 <= interval.high() ? 1 : 0;
    }
    assertThat(covered / 2000.0).isBetween(0.93, 0.99);
  }
}
