package dev.inward.device;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import java.util.ArrayList;
import java.util.List;

/// How long one answer takes, from totals: each segment takes the longer of computing and of
/// reading its weights; a crossing between units costs; the whole pays one fixed cost.
///
/// ```text
/// ms = sum over segments of max(2 * macs / peak, bytes / bandwidth) + crossings + floor
/// ```
///
/// The shares of the published peak and bandwidth that are reached, and the floors, are fitted to
/// published iPhone rows, by least absolute error of the logarithm; the ends of the interval are
/// quantiles of what is left. `LatencyCalibrationTest` repeats the fit and holds every constant
/// here to it. Rows carry totals only, so the same function of totals is what is fitted and what is
/// used.
public final class LatencyModel {
  /// Constants of one unit.
  ///
  /// @param peakShare of the published peak that is reached; for the CPU, which has none, TFLOP/s
  /// @param bandwidthShare of the published memory bandwidth
  /// @param floor fixed cost of an answer: for the Neural Engine in dispatches, else milliseconds
  /// @param low the interval's lower end as a share of the value
  /// @param high its upper end
  record Constants(double peakShare, double bandwidthShare, double floor, double low, double high) {
    Constants within(double otherLow, double otherHigh) {
      return new Constants(peakShare, bandwidthShare, floor, otherLow, otherHigh);
    }
  }

  static final Constants NEURAL_ENGINE = new Constants(0.34, 0.75, 2.5, 0.71, 3.26);
  static final Constants GPU = new Constants(0.56, 0.35, 9, 0.62, 2.19);
  static final Constants CPU = new Constants(0.27, 0.85, 6.5, 0.41, 2.59);

  /// What an interval widens by, at both ends, where the model goes beyond the rows it was fitted
  /// to: another chip, weights that are not half precision, the GPU or the CPU.
  static final double BEYOND = 1.7;

  /// The validation, in words.
  static final String WITHIN =
      "interval holds 128 of 137 published rows of A14 to A17 Pro, each publication left out of the"
          + " fit in turn";

  static final String OUTSIDE =
      "interval widened 1.7 times, beyond the fitted rows; so it holds 41 of 41 published rows of A13"
          + " and 36 of 40 of compressed weights; on GPU 39 of 42 and on CPU 38 of 42 of A13, each"
          + " family of models left out in turn";

  /// From which share of the time on an estimate is called one within the fitted rows.
  private static final double MOSTLY = 0.8;

  /// Reported costs of handing over to the Neural Engine and to another unit, milliseconds; an
  /// interval of none to twice is given to them.
  private static final double TO_NEURAL_ENGINE_MS = 0.09;

  private static final double TO_OTHER_MS = 0.23;

  private LatencyModel() {}

  /// The modelled milliseconds, without interval.
  static double milliseconds(Chip chip, List<Segment> segments) {
    return parts(chip, segments).stream().mapToDouble(Part::ms).sum();
  }

  /// A part of the time: how far it may really be, and whether rows like it were fitted.
  private record Part(double ms, double low, double high, boolean fitted) {}

  private static List<Part> parts(Chip chip, List<Segment> segments) {
    var parts = new ArrayList<Part>();
    for (int i = 0; i < segments.size(); i++) {
      Segment segment = segments.get(i);
      parts.add(part(chip, segment, work(chip, segment, constants(segment.unit()))));
      if (i > 0) {
        boolean neural = segment.unit() == ComputeUnit.NEURAL_ENGINE;
        parts.add(new Part(neural ? TO_NEURAL_ENGINE_MS : TO_OTHER_MS, 0, 2, false));
      }
    }
    parts.add(part(chip, heaviest(segments), floor(chip, segments)));
    return parts;
  }

  /// The segment with the most work; the unit that does it is the one whose fixed cost is paid.
  private static Segment heaviest(List<Segment> segments) {
    Segment most = segments.getFirst();
    for (Segment segment : segments) {
      most = segment.allMacs() > most.allMacs() ? segment : most;
    }
    return most;
  }

  /// The fixed cost of an answer, milliseconds.
  static double floor(Chip chip, List<Segment> segments) {
    ComputeUnit unit = heaviest(segments).unit();
    return floor(chip, unit, constants(unit));
  }

  private static Part part(Chip chip, Segment segment, double ms) {
    Constants constants = constants(segment.unit());
    boolean fitted = fitted(chip, segment);
    double wide = fitted ? 1 : BEYOND;
    return new Part(ms, constants.low() / wide, constants.high() * wide, fitted);
  }

  static Constants constants(ComputeUnit unit) {
    return switch (unit) {
      case NEURAL_ENGINE -> NEURAL_ENGINE;
      case GPU -> GPU;
      case CPU -> CPU;
    };
  }

  /// Milliseconds of one segment, without the floor.
  static double work(Chip chip, Segment segment, Constants constants) {
    double perMs = constants.peakShare() * peakTflops(chip, segment.unit()) * 1e9;
    double compute =
        2 * segment.macs() / perMs
            + 2 * segment.int8Macs() / (perMs * int8Gain(chip, segment.unit()));
    double read = segment.bytes() / (constants.bandwidthShare() * chip.memoryGBps() * 1e6);
    return Math.max(compute, read);
  }

  /// The fixed cost of an answer, milliseconds.
  static double floor(Chip chip, ComputeUnit unit, Constants constants) {
    return unit == ComputeUnit.NEURAL_ENGINE
        ? constants.floor() * dispatchMs(chip)
        : constants.floor();
  }

  /// Measured per dispatch: 0.19 to 0.23 ms on M1, 0.095 on M4, 0.11 on M5; A16 is of M4's family.
  private static double dispatchMs(Chip chip) {
    return chip.year() >= 2022 && !chip.name().equals("M2") ? 0.11 : 0.21;
  }

  private static double peakTflops(Chip chip, ComputeUnit unit) {
    return switch (unit) {
      // not published for A19 and A19 Pro: that of A18
      case NEURAL_ENGINE -> chip.neuralFp16Tops().orElse(17.5);
      case GPU -> chip.gpuTflops().orElse(4.3);
      case CPU -> 1;
    };
  }

  /// int8 by int8 against half precision: the published ratio of peaks from A17 Pro and M4 on; on
  /// A16 the ratio of ResNet-50's rows, 1.52 ms to 0.94 ms; elsewhere none.
  private static double int8Gain(Chip chip, ComputeUnit unit) {
    if (unit != ComputeUnit.NEURAL_ENGINE) {
      return 1;
    }
    if (chip.neuralInt8Tops().isPresent() && chip.neuralFp16Tops().isPresent()) {
      return chip.neuralInt8Tops().getAsDouble() / chip.neuralFp16Tops().getAsDouble();
    }
    return chip.fastInt8() ? 2 : chip.name().equals("A16 Bionic") ? 1.6 : 1;
  }

  /// Whether rows like this segment on this chip were fitted.
  static boolean fitted(Chip chip, Segment segment) {
    return segment.unit() == ComputeUnit.NEURAL_ENGINE
        && !segment.compressed()
        && List.of("A14 Bionic", "A15 Bionic", "A16 Bionic", "A17 Pro").contains(chip.name());
  }

  /// The median latency of a cool device.
  ///
  /// @param segments not empty
  public static Figure median(Chip chip, List<Segment> segments) {
    double value = 0;
    double low = 0;
    double high = 0;
    double fitted = 0;
    for (Part part : parts(chip, segments)) {
      value += part.ms();
      low += part.ms() * part.low();
      high += part.ms() * part.high();
      fitted += part.fitted() ? part.ms() : 0;
    }
    String error = fitted >= MOSTLY * value ? WITHIN : OUTSIDE;
    return new Figure(
        value,
        low,
        high,
        Unit.MILLISECONDS,
        new Source.Modelled(
            "totals of each segment against the rates of " + chip.name(),
            segments.size() == 1 ? error : error + "; crossings between units not validated"));
  }

  /// The 95th percentile out of a median. Apple's screenshots of its own benchmark show the slowest
  /// of 20 rounds at 1.11 to 1.36 times the mean.
  public static Figure tail(Figure median) {
    return scaled(
        median,
        1.15,
        1,
        1.36,
        "p95 taken as 1 to 1.36 times the median, as the slowest of"
            + " 20 rounds in apple/ml-mobileone and apple/ml-fastvit");
  }

  /// After minutes of the same work. No published row of a hot phone is at hand: that it runs at
  /// half its speed at worst is an assumption, and is said so.
  public static Figure sustained(Figure cool) {
    return scaled(cool, 1.3, 1, 2, "a hot device assumed at 1 to 2 times the time, not validated");
  }

  private static Figure scaled(Figure figure, double value, double low, double high, String how) {
    Source source =
        switch (figure.source()) {
          case Source.Modelled(var model, var error) ->
              new Source.Modelled(model, error + "; " + how);
          case Source.Counted _, Source.Measured _, Source.Published _ ->
              new Source.Modelled("from " + figure.source().text(), how);
        };
    return new Figure(
        figure.value() * value, figure.low() * low, figure.high() * high, figure.unit(), source);
  }
}
