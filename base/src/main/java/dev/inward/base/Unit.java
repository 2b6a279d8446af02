package dev.inward.base;

/// What a [Figure] is counted in. Sizes are decimal: 1 MB is 1,000,000 bytes.
public enum Unit {
  BYTES,
  MILLISECONDS,
  MILLIJOULES,
  /// Share of the battery used in an hour, in percent.
  PERCENT_PER_HOUR,
  /// A share of one, printed as percent.
  SHARE,
  /// A difference of two shares, of one, printed as percentage points.
  SHARE_POINTS,
  DECIBELS,
  COUNT,
  MULTIPLY_ACCUMULATES;

  /// One of the steps in which a unit is printed, such as `MB`.
  ///
  /// @param size how many of the unit one step holds: 1,000,000 bytes
  /// @param symbol what is printed behind the number; empty for a plain count
  public record Step(double size, String symbol) {}

  /// The step in which a value of this magnitude is printed.
  public Step step(double magnitude) {
    return switch (this) {
      case BYTES -> step(magnitude, "B", "kB", "MB", "GB", "TB");
      case MILLISECONDS -> step(magnitude, "ms", "s");
      case MILLIJOULES -> step(magnitude, "mJ", "J");
      case PERCENT_PER_HOUR -> new Step(1, "%/h");
      case SHARE -> new Step(0.01, "%");
      case SHARE_POINTS -> new Step(0.01, "pp");
      case DECIBELS -> new Step(1, "dB");
      case COUNT -> step(magnitude, "", "k", "M", "G", "T");
      case MULTIPLY_ACCUMULATES -> step(magnitude, "MAC", "kMAC", "MMAC", "GMAC", "TMAC");
    };
  }

  private static Step step(double magnitude, String... symbols) {
    double size = 1;
    int i = 0;
    while (Math.abs(magnitude) / size >= 999.5 && i < symbols.length - 1) {
      size *= 1000;
      i++;
    }
    return new Step(size, symbols[i]);
  }

  /// The value with its unit, to three significant digits where they carry: `47.2 MB`, `3.1 ms`.
  public String text(double value) {
    Step step = step(value);
    String number =
        switch (this) {
          case SHARE, SHARE_POINTS -> percent(value);
          case BYTES, COUNT, MULTIPLY_ACCUMULATES ->
              step.size() == 1 && value == Math.rint(value) && Math.abs(value) < 1000
                  ? Long.toString((long) value)
                  : digits(value / step.size());
          case MILLISECONDS, MILLIJOULES, PERCENT_PER_HOUR, DECIBELS -> digits(value / step.size());
        };
    return step.symbol().isEmpty() ? number : number + " " + step.symbol();
  }

  private static String percent(double share) {
    return String.format(java.util.Locale.ROOT, "%.2f", share * 100);
  }

  private static String digits(double value) {
    if (Double.isInfinite(value) || Double.isNaN(value)) {
      return Double.toString(value);
    }
    double magnitude = Math.abs(value);
    int decimals = magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : magnitude >= 1 ? 2 : 3;
    String text = String.format(java.util.Locale.ROOT, "%." + decimals + "f", value);
    return text.contains(".") ? text.replaceAll("0+$", "").replaceAll("\\.$", "") : text;
  }
}
