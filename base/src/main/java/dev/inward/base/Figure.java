package dev.inward.base;

/// A number with its unit, its interval and its source.
///
/// @param value the best single value, in `unit`
/// @param low the lower end of the interval, `low <= value`; equal to `value` where exact
/// @param high the upper end, `value <= high`
public record Figure(double value, double low, double high, Unit unit, Source source) {
  public Figure {
    if (!(low <= value && value <= high)) {
      throw new IllegalArgumentException(
          "an interval holds its value, got %s in [%s, %s]".formatted(value, low, high));
    }
  }

  /// An exact number.
  public static Figure counted(double value, Unit unit, String of) {
    return new Figure(value, value, value, unit, new Source.Counted(of));
  }

  /// Whether the interval is a single point.
  public boolean exact() {
    return low == high;
  }

  /// `47.2 MB`, or with the interval: `5.1 ms (3.2 ms to 9.4 ms)`.
  public String text() {
    return exact()
        ? unit.text(value)
        : "%s (%s to %s)".formatted(unit.text(value), unit.text(low), unit.text(high));
  }
}
