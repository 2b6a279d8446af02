package dev.inward.document;

import dev.inward.base.Unit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;

/// An axis laid out on a range of pixels.
///
/// @param from the pixel of the least tick
/// @param to the pixel of the greatest; less than `from` where the axis points up
/// @param label the axis' label, with the unit where the ticks do not carry it
record Scale(
    Axis axis, double low, double high, double from, double to, List<Tick> ticks, String label) {

  record Tick(double value, String text) {}

  /// The scale on which `values` have room.
  ///
  /// @param values those to cover; what the axis does not hold is passed over
  /// @param zero whether a linear axis reaches to zero
  /// @param wanted about how many ticks
  static Scale of(
      Axis axis, List<Double> values, boolean zero, double from, double to, int wanted) {
    double low = Double.POSITIVE_INFINITY;
    double high = Double.NEGATIVE_INFINITY;
    for (double value : values) {
      if (axis.holds(value)) {
        low = Math.min(low, value);
        high = Math.max(high, value);
      }
    }
    boolean log = axis.scale() == Axis.Scale.LOG;
    if (low > high) {
      low = log ? 1 : 0;
      high = log ? 10 : 1;
    }
    if (!log && (zero || (low > 0 && low <= (high - low) / 3))) {
      low = Math.min(low, 0);
      high = Math.max(high, 0);
    }
    for (int count = Math.max(2, wanted); ; count--) {
      Ticks ticks = log ? Ticks.log(low, high, count) : Ticks.linear(low, high, count);
      Scale scale = named(axis, ticks, from, to);
      if (count == 2 || scale.isReadable()) {
        return scale;
      }
    }
  }

  /// The pixel at which a value stands; beyond the ends, the end.
  double at(double value) {
    double inside = Math.min(high, Math.max(low, value));
    double share =
        axis.scale() == Axis.Scale.LOG
            ? Math.log(inside / low) / Math.log(high / low)
            : (inside - low) / (high - low);
    return from + share * (to - from);
  }

  /// The width of the widest tick text.
  double textWidth(double size) {
    return ticks.stream().mapToDouble(tick -> TextWidth.of(tick.text(), size)).max().orElse(0);
  }

  private static Scale named(Axis axis, Ticks ticks, double from, double to) {
    Unit unit = axis.unit();
    var named = new ArrayList<Tick>();
    String label = axis.label();
    if (ticks.step() == 0) {
      for (double at : ticks.at()) {
        named.add(new Tick(at, unit.text(at)));
      }
    } else {
      Unit.Step step = unit.step(Math.max(Math.abs(ticks.low()), Math.abs(ticks.high())));
      int decimals = decimals(ticks.step() / step.size());
      for (double at : ticks.at()) {
        named.add(
            new Tick(
                at, String.format(Locale.ROOT, "%." + decimals + "f", at / step.size() + 0.0)));
      }
      label = step.symbol().isEmpty() ? label : label + " (" + step.symbol() + ")";
    }
    return new Scale(axis, ticks.low(), ticks.high(), from, to, named, label);
  }

  private static int decimals(double step) {
    return (int) Math.min(9, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)));
  }

  /// Whether the tick texts differ and do not run into each other.
  private boolean isReadable() {
    var texts = new HashSet<String>();
    double before = Double.NEGATIVE_INFINITY;
    boolean upright = to < from;
    for (Tick tick : ticks) {
      double middle = Math.abs(at(tick.value()) - from);
      double half = upright ? 8 : TextWidth.of(tick.text(), 12) / 2 + 4;
      if (!texts.add(tick.text()) || middle - half < before) {
        return false;
      }
      before = middle + half;
    }
    return true;
  }
}
