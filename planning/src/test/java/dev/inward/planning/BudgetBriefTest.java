package dev.inward.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import dev.inward.device.Device;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class BudgetBriefTest {
  private static Budget parse(String text) {
    return BudgetBrief.parse(
        text, new Budget.Model.Bundled("m"), List.of(Device.named("iPhone 13")));
  }

  @Test
  void units_sayWhatIsLimited() {
    assertThat(parse("200MB,100ms, 2%/h").constraints().stream().map(Constraint::text))
        .containsExactly(
            "size at most 200 MB",
            "latency at most 100 ms at p95, cool",
            "energy at most 2 %/h at 1/s");
    assertThat(parse("3 mJ").constraints().stream().map(Constraint::text))
        .containsExactly("energy at most 3 mJ an answer");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "200MX,100ms | --budget, item 1: '200MX' is no size, time, battery use or energy",
        "200MB, | --budget, item 2: '' is no size, time, battery use or energy",
        "200MB,3MB | --budget, item 2: '3MB' is a second size",
        "0MB | --budget: '0MB' can be kept by no model",
        "-3ms | --budget: '-3ms' is below zero",
      })
  void fault_isNamedWithItsItem(String text, String message) {
    assertThatThrownBy(() -> parse(text)).isInstanceOf(InputException.class).hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"200MB,100ms", "2%/h", "200MB,2%/h", "50 MX", "-3ms"})
  void limits_lookLikeABrief(String text) {
    assertThat(BudgetBrief.looksLike(text)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"budget.yaml", "./budget.yaml", "2024/budget", "9.yml", "/a/b"})
  void files_doNot(String text) {
    assertThat(BudgetBrief.looksLike(text)).isFalse();
  }
}
