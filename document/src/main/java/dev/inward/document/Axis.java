package dev.inward.document;

import dev.inward.base.Figure;
import dev.inward.base.Unit;

/// What is measured along one side of a chart.
public record Axis(String label, Unit unit, Scale scale) {
  /// How values are spread over the length of the axis.
  public enum Scale {
    LINEAR,
    LOG
  }

  public static Axis linear(String label, Unit unit) {
    return new Axis(label, unit, Scale.LINEAR);
  }

  /// An axis on which equal factors are equal lengths.
  public static Axis log(String label, Unit unit) {
    return new Axis(label, unit, Scale.LOG);
  }

  void check(Figure figure) {
    if (figure.unit() != unit) {
      throw new IllegalArgumentException(
          "axis '%s' is in %s, got a figure in %s".formatted(label, unit, figure.unit()));
    }
  }

  /// Whether a value has a place on this axis.
  boolean holds(double value) {
    double most = 1e150;
    double least = scale == Scale.LOG ? 1e-150 : -most;
    return value >= least && value <= most;
  }
}
