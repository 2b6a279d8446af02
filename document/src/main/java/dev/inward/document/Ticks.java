package dev.inward.document;

import java.util.ArrayList;
import java.util.List;

/// Round values at which an axis is marked; the first is at most the least value shown, the last at
/// least the greatest.
///
/// Linear: the loose labels of Heckbert, "Nice Numbers for Graph Labels", Graphics Gems, 1990, but
/// for his first rounding of the range, which makes axes up to twice as long as their values.
/// Logarithmic: 1, 2 and 5 of every power of ten, or every so many powers where that is too many.
record Ticks(List<Double> at, double step) {
  Ticks {
    at = List.copyOf(at);
  }

  double low() {
    return at.getFirst();
  }

  double high() {
    return at.getLast();
  }

  /// About `wanted` ticks, at least two.
  static Ticks linear(double low, double high, int wanted) {
    double magnitude = Math.max(Math.abs(low), Math.abs(high));
    if (high - low <= Math.max(magnitude * 1e-9, 1e-200)) {
      double room = magnitude < 1e-190 ? 1 : magnitude * 0.1;
      return linear(
          low >= 0 ? Math.max(0, low - room) : low - room,
          high <= 0 && low < 0 ? Math.min(0, high + room) : high + room,
          wanted);
    }
    double step = nice((high - low) / Math.max(1, wanted - 1));
    double first = Math.floor(low / step + 1e-9);
    double last = Math.ceil(high / step - 1e-9);
    var at = new ArrayList<Double>();
    for (double i = first; i <= last; i++) {
      at.add(round(i, step));
    }
    // Rounding may leave an end just inside the values; a tick covers them.
    if (at.getFirst() > low) {
      at.addFirst(round(first - 1, step));
    }
    if (at.getLast() < high) {
      at.addLast(round(last + 1, step));
    }
    return new Ticks(at, step);
  }

  /// About `wanted` ticks for positive values.
  static Ticks log(double low, double high, int wanted) {
    if (high / low < 1.5) {
      Ticks fine = linear(low, high, wanted);
      if (fine.low() > 0 && fine.low() >= low / 4) {
        return fine;
      }
      return log(low / 1.5, high * 1.5, wanted);
    }
    int[][] choices = {{1, 2, 5}, {1, 3}, {1}};
    if (powers(low, high, choices[0], 1).size() < 4) {
      choices = new int[][] {{1, 2, 3, 4, 5, 6, 8}, {1, 2, 5}, {1, 3}, {1}};
    }
    for (int[] digits : choices) {
      List<Double> at = powers(low, high, digits, 1);
      if (at.size() <= Math.max(2, wanted)) {
        return new Ticks(at, 0);
      }
    }
    int decades = powers(low, high, new int[] {1}, 1).size() - 1;
    int every = Math.ceilDiv(decades, Math.max(1, wanted - 1));
    return new Ticks(powers(low, high, new int[] {1}, every), 0);
  }

  /// The given digits of every so many powers of ten, from the last that is not above `low` to the
  /// first that is not below `high`.
  private static List<Double> powers(double low, double high, int[] digits, int every) {
    int power = (int) Math.floor(Math.log10(low));
    if (Double.parseDouble("1e" + power) > low) {
      power--;
    }
    var at = new ArrayList<Double>();
    for (; ; power += every) {
      for (int digit : digits) {
        double value = Double.parseDouble(digit + "e" + power);
        if (value <= low) {
          at.clear();
        }
        at.add(value);
        if (value >= high) {
          return at;
        }
      }
    }
  }

  /// The nearest of 1, 2, 5 and 10 times a power of ten.
  private static double nice(double value) {
    double power = Math.pow(10, Math.floor(Math.log10(value)));
    double digit = value / power;
    return (digit < 1.5 ? 1 : digit < 3 ? 2 : digit < 7 ? 5 : 10) * power;
  }

  /// `i * step` as a person writes it: 0.3, not 0.30000000000000004.
  private static double round(double i, double step) {
    int power = (int) Math.floor(Math.log10(step) + 1e-9);
    double digit = Math.rint(step / Math.pow(10, power));
    return i == 0 ? 0 : Double.parseDouble((long) (i * digit) + "e" + power);
  }
}
