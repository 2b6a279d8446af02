package dev.inward.base;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FigureTest {
  @ParameterizedTest
  @CsvSource({
    "BYTES, 0, 0 B",
    "BYTES, 999, 999 B",
    "BYTES, 90984153, 91 MB",
    "BYTES, 22700000, 22.7 MB",
    "MILLISECONDS, 3.14159, 3.14 ms",
    "MILLISECONDS, 12345, 12.3 s",
    "SHARE, 0.9671, 96.71 %",
    "SHARE_POINTS, -0.005, -0.50 pp",
    "COUNT, 22713216, 22.7 M",
    "MULTIPLY_ACCUMULATES, 1450000000, 1.45 GMAC",
  })
  void unit_printsThreeDigits(Unit unit, double value, String text) {
    assertThat(unit.text(value)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "BYTES, 47200000, 1000000, MB",
    "BYTES, 999, 1, B",
    "MILLISECONDS, -2500, 1000, s",
    "SHARE, 0.97, 0.01, %",
    "COUNT, 12, 1, ''",
  })
  void step_isTheOneThatIsPrinted(Unit unit, double magnitude, double size, String symbol) {
    assertThat(unit.step(magnitude)).isEqualTo(new Unit.Step(size, symbol));
  }

  @Test
  void interval_isPrintedWithItsEnds() {
    var figure = new Figure(5, 3, 9, Unit.MILLISECONDS, new Source.Modelled("m", "e"));
    assertThat(figure.text()).isEqualTo("5 ms (3 ms to 9 ms)");
    assertThat(figure.source().text()).isEqualTo("modelled: m; e");
  }

  @Test
  void intervalWithoutItsValue_isRefused() {
    assertThatThrownBy(() -> new Figure(1, 2, 3, Unit.COUNT, new Source.Counted("x")))
        .hasMessage("an interval holds its value, got 1.0 in [2.0, 3.0]");
  }
}
