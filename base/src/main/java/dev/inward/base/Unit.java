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

  /// The value with its unit, to three significant digits where they carry: `47.2 MB`, `3.1 ms`.
  public String text(double value) {
    return switch (this) {
      case BYTES -> scaled(value, "B", "kB", "MB", "GB", "TB");
      case MILLISECONDS ->
          Math.abs(value) >= 1000 ? digits(value / 1000) + " s" : digits(value) + " ms";
      case MILLIJOULES ->
          Math.abs(value) >= 1000 ? digits(value / 1000) + " J" : digits(value) + " mJ";
      case PERCENT_PER_HOUR -> digits(value) + " %/h";
      case SHARE -> percent(value) + " %";
      case SHARE_POINTS -> percent(value) + " pp";
      case DECIBELS -> digits(value) + " dB";
      case COUNT -> scaled(value, "", " k", " M", " G", " T").strip();
      case MULTIPLY_ACCUMULATES -> scaled(value, "MAC", "kMAC", "MMAC", "GMAC", "TMAC");
    };
  }

  private static String scaled(double value, String... steps) {
    int step = 0;
    double rest = value;
    while (Math.abs(rest) >= 999.5 && step < steps.length - 1) {
      rest /= 1000;
      step++;
    }
    String number =
        step == 0 && rest == Math.rint(rest) ? Long.toString((long) rest) : digits(rest);
    return steps[step].isEmpty() ? number : number + " " + steps[step].strip();
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
