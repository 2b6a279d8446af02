package dev.inward.device;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.Figure;
import dev.inward.base.Unit;
import java.util.List;
import org.junit.jupiter.api.Test;

final class EnergyModelTest {
  private static final Chip A15 = Chip.named("A15 Bionic");

  private static Figure distilBert(ComputeUnit unit) {
    double linear = 6 * (4.0 * 768 * 768 + 2.0 * 768 * 3072);
    double macs = 128 * linear + 6 * 2 * 128.0 * 128 * 768;
    var segments = List.of(new Segment(unit, macs, 0, 2 * linear, false));
    return EnergyModel.perAnswer(A15, segments, LatencyModel.median(A15, segments));
  }

  @Test
  void interval_holdsBothPublishedPoints() {
    Figure figure = distilBert(ComputeUnit.NEURAL_ENGINE);
    assertThat(figure.unit()).isEqualTo(Unit.MILLIJOULES);
    assertThat(figure.low()).isLessThan(0.072 * 9.44);
    assertThat(figure.high()).isGreaterThan(0.454 * 3.47);
    assertThat(figure.value()).isBetween(0.072 * 9.44, 2 * 0.454 * 3.47);
  }

  @Test
  void otherUnits_takeMore() {
    assertThat(distilBert(ComputeUnit.GPU).low())
        .isGreaterThan(distilBert(ComputeUnit.NEURAL_ENGINE).low());
    assertThat(distilBert(ComputeUnit.CPU).value())
        .isGreaterThan(distilBert(ComputeUnit.GPU).value());
  }

  @Test
  void hour_isAShareOfTheBattery() {
    var phone = (DeviceProfile) Device.named("iPhone 13");
    Figure each = Figure.counted(12.41, Unit.MILLIJOULES, "test");
    Figure hour = EnergyModel.perHour(phone, each, 10);
    assertThat(hour.unit()).isEqualTo(Unit.PERCENT_PER_HOUR);
    double joules = 0.01241 * 10 * 3600;
    assertThat(hour.value()).isCloseTo(100 * joules / (12.41 * 3600), within(1e-12));
    assertThat(hour.value()).isCloseTo(1.0, within(1e-12));
  }

  @Test
  void memory_holdsTheWeightsAtLeastOnce() {
    Figure peak = MemoryModel.peak(23e6, 45e6, 2e6);
    assertThat(peak.low()).isEqualTo(23e6 + 2e6 + 5e6);
    assertThat(peak.high()).isEqualTo(23e6 + 45e6 + 4e6 + 60e6);
    assertThat(peak.value()).isBetween(peak.low(), peak.high());
  }
}
