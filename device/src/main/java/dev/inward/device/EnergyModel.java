package dev.inward.device;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import java.util.List;

/// How much energy one answer takes: a bracket around the arithmetic, and what the device draws
/// while it waits for the fixed cost of an answer.
///
/// The bracket on the Neural Engine is 0.06 to 0.4 pJ an operation (a multiply-accumulate is two).
/// Published: 0.15 on M4 at its peak, 0.37 on M1 at its best; DistilBERT on an iPhone 13 at 1.58 mJ
/// an answer is 0.14, and at its power-saving point of 0.68 mJ it is 0.06. A wider claim than a
/// factor of two either way cannot be had without a phone.
public final class EnergyModel {
  private static final double LEAST_PJ = 0.06;
  private static final double LIKELY_PJ = 0.14;
  private static final double MOST_PJ = 0.4;

  /// Drawn by DistilBERT on an iPhone 13, published.
  private static final double WAITING_WATT = 0.454;

  /// Twice that, as an upper bound for whatever else is awake meanwhile: assumed.
  private static final double MOST_WATT = 0.9;

  private static final String ERROR =
      "bracket of 0.06 to 0.4 pJ an operation, which holds both published points of DistilBERT on"
          + " iPhone 13, and up to 0.9 W while it takes; GPU assumed at 3 to 9 times, CPU at 3 to 20 times the Neural Engine";

  private EnergyModel() {}

  /// Millijoules of one answer.
  ///
  /// @param segments not empty
  /// @param latency of the same segments, cool
  public static Figure perAnswer(Chip chip, List<Segment> segments, Figure latency) {
    double low = 0;
    double value = 0;
    double high = 0;
    for (Segment segment : segments) {
      double picojoules = 2 * segment.allMacs();
      low += picojoules * LEAST_PJ * (segment.unit() == ComputeUnit.NEURAL_ENGINE ? 1 : 3);
      value += picojoules * LIKELY_PJ * likely(segment.unit());
      high += picojoules * MOST_PJ * most(segment.unit());
    }
    double floorMs = LatencyModel.floor(chip, segments);
    double perMillijoule = 1e9;
    return new Figure(
        value / perMillijoule + floorMs * WAITING_WATT,
        low / perMillijoule,
        high / perMillijoule + latency.high() * MOST_WATT,
        Unit.MILLIJOULES,
        new Source.Modelled("energy an operation and power while waiting", ERROR));
  }

  private static double likely(ComputeUnit unit) {
    return switch (unit) {
      case NEURAL_ENGINE -> 1;
      case GPU -> 9;
      case CPU -> 12;
    };
  }

  private static double most(ComputeUnit unit) {
    return switch (unit) {
      case NEURAL_ENGINE -> 1;
      case GPU -> 9;
      case CPU -> 20;
    };
  }

  /// The share of the battery that answering at a rate takes in an hour.
  ///
  /// @param perSecond answers a second
  public static Figure perHour(DeviceProfile phone, Figure perAnswer, double perSecond) {
    double percent = perSecond / (10 * phone.batteryWh());
    return new Figure(
        perAnswer.value() * percent,
        perAnswer.low() * percent,
        perAnswer.high() * percent,
        Unit.PERCENT_PER_HOUR,
        perAnswer.source());
  }
}
