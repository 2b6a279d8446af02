package dev.inward.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import dev.inward.data.Metric;
import dev.inward.device.Device;
import dev.inward.device.DeviceProfile;
import org.junit.jupiter.api.Test;

final class ConstraintTest {
  private static final Figure MEDIAN =
      new Figure(10, 8, 20, Unit.MILLISECONDS, new Source.Modelled("m", "e"));

  @Test
  void latencyLine_asksForItsPercentileAndHeat() {
    var cool =
        new Constraint.Latency(
            100, Constraint.Latency.At.P50, Constraint.Latency.Heat.COOL, Instances.line(1));
    assertThat(cool.figure(MEDIAN)).isEqualTo(MEDIAN);
    var hot =
        new Constraint.Latency(
            100, Constraint.Latency.At.P95, Constraint.Latency.Heat.SUSTAINED, Instances.line(1));
    assertThat(hot.figure(MEDIAN).high()).isCloseTo(20 * 1.36 * 2, within(1e-9));
    assertThat(hot.figure(MEDIAN).low()).isEqualTo(8);
  }

  @Test
  void energyLine_asksForItsUnit() {
    var phone = (DeviceProfile) Device.named("iPhone 13");
    var each = new Figure(12.41, 10, 20, Unit.MILLIJOULES, new Source.Modelled("m", "e"));
    var line = new Constraint.Energy(2, Unit.PERCENT_PER_HOUR, 10, Instances.line(1));
    assertThat(line.figure(phone, each).unit()).isEqualTo(Unit.PERCENT_PER_HOUR);
    assertThat(line.figure(phone, each).value()).isCloseTo(1, within(1e-12));
    assertThat(new Constraint.Energy(5, Unit.MILLIJOULES, 1, Instances.line(1)).figure(phone, each))
        .isEqualTo(each);
  }

  @Test
  void confidence_saysTheTail() {
    var one =
        new Constraint.Quality(
            Metric.ACCURACY, 0.005, 0.95, Constraint.Quality.Sides.ONE, Instances.line(1));
    assertThat(one.tail()).isCloseTo(0.05, within(1e-12));
    var two =
        new Constraint.Quality(
            one.metric(), 0.005, 0.95, Constraint.Quality.Sides.TWO, Instances.line(1));
    assertThat(two.tail()).isCloseTo(0.025, within(1e-12));
  }

  @Test
  void privacy_isNotUpForTrade() {
    assertThat(new Constraint.OnDevice(Instances.line(1)).negotiable()).isFalse();
    assertThat(Instances.size(5).negotiable()).isTrue();
  }
}
