package dev.inward.document;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.base.Unit;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TicksTest {
  @Test
  void roundNumbers_areChosen() {
    assertThat(Ticks.linear(0, 97, 6).at()).containsExactly(0.0, 20.0, 40.0, 60.0, 80.0, 100.0);
    assertThat(Ticks.linear(0.11, 0.29, 5).at()).containsExactly(0.1, 0.15, 0.2, 0.25, 0.3);
    assertThat(Ticks.log(3, 40, 5).at()).containsExactly(2.0, 5.0, 10.0, 20.0, 50.0);
    assertThat(Ticks.log(2e-3, 5e6, 5).at()).containsExactly(1e-3, 1.0, 1e3, 1e6, 1e9);
  }

  @Test
  void randomRanges_areCoveredByFewTicksInOrder() {
    var random = new Random(1);
    for (int round = 0; round < 20_000; round++) {
      double low = random.nextGaussian() * Math.pow(10, random.nextInt(-100, 100));
      double high = low + Math.abs(random.nextGaussian()) * Math.pow(10, random.nextInt(-100, 100));
      int wanted = random.nextInt(2, 12);
      check(Ticks.linear(low, high, wanted), low, high, 2 * wanted + 3);
      double from = Math.abs(low) + 1e-140;
      double to = from * Math.pow(10, random.nextDouble() * random.nextInt(1, 40));
      check(Ticks.log(from, to, wanted), from, to, 2 * wanted + 3);
    }
  }

  private static void check(Ticks ticks, double low, double high, int most) {
    assertThat(ticks.at()).isSorted().doesNotHaveDuplicates().hasSizeBetween(2, most);
    assertThat(ticks.low()).isLessThanOrEqualTo(low);
    assertThat(ticks.high()).isGreaterThanOrEqualTo(high);
  }

  @Test
  void tickTexts_shareOneStepOfTheUnit() {
    var axis = Axis.linear("Size", Unit.BYTES);
    Scale scale = Scale.of(axis, List.of(2e5, 1.7e6), false, 0, 500, 5);
    assertThat(scale.label()).isEqualTo("Size (MB)");
    assertThat(scale.ticks().stream().map(Scale.Tick::text))
        .containsExactly("0.0", "0.5", "1.0", "1.5", "2.0");
  }

  @Test
  void tickTexts_differAndHaveRoom() {
    var random = new Random(4);
    for (int round = 0; round < 2000; round++) {
      double low = random.nextDouble() * Math.pow(10, random.nextInt(-3, 9));
      double high = low * (1 + random.nextDouble());
      for (Unit unit : List.of(Unit.BYTES, Unit.SHARE, Unit.COUNT)) {
        Scale scale = Scale.of(Axis.linear("a", unit), List.of(low, high), false, 0, 600, 9);
        double before = Double.NEGATIVE_INFINITY;
        if (scale.ticks().size() > 3) {
          for (Scale.Tick tick : scale.ticks()) {
            double half = TextWidth.of(tick.text(), 12) / 2;
            assertThat(scale.at(tick.value()) - half).isGreaterThan(before);
            before = scale.at(tick.value()) + half;
          }
          assertThat(scale.ticks().stream().map(Scale.Tick::text)).doesNotHaveDuplicates();
        }
      }
    }
  }
}
