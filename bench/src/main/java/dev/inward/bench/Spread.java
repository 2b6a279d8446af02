package dev.inward.bench;

import java.util.Collection;
import java.util.List;
import java.util.Locale;

/// Several measurements of the same thing.
record Spread(List<Double> sorted) {
  static Spread of(Collection<Double> values) {
    return new Spread(values.stream().sorted().toList());
  }

  double best() {
    return sorted.getFirst();
  }

  double median() {
    return percentile(50);
  }

  /// The smallest value that is not below `percent` of them.
  double percentile(double percent) {
    int rank = (int) Math.ceil(percent / 100 * sorted.size());
    return sorted.get(Math.max(0, rank - 1));
  }

  /// `0.91 (0.88 to 0.97)`: the median, and the 5th to the 95th percentile.
  String text(int decimals) {
    return String.format(
        Locale.ROOT,
        "%%.%1$df (%%.%1$df to %%.%1$df)".formatted(decimals),
        median(),
        percentile(5),
        percentile(95));
  }
}
