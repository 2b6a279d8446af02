package dev.inward.workbench.diagnosis;

import java.util.Locale;

/// Why a value is not what the reference has, with the numbers that show it.
public sealed interface Cause {
  /// A number beyond the largest half, 65,504.
  ///
  /// @param value where: the value of the changed model before it is rounded
  /// @param largest its largest size
  /// @param elements how many are beyond
  record Overflow(String value, double largest, long elements) implements Cause {}

  /// Numbers that are too small for a half: below 2^-14 digits are lost, below 2^-25 all.
  ///
  /// @param least the smallest that is not zero
  /// @param lost the share of the elements that become zero
  /// @param denormal the share of the elements that keep some digits
  /// @param reader the value that is computed from it and breaks; empty where the value itself is
  ///   what is wrong
  record Underflow(String value, double least, double lost, double denormal, String reader)
      implements Cause {}

  /// A long sum whose running total is rounded.
  ///
  /// @param length how many products or elements are added
  /// @param decibels of its own error
  /// @param wide the same with a wide running total
  record Accumulation(long length, double decibels, double wide) implements Cause {}

  /// One scale for the whole weight, and a channel that is much larger than the others.
  ///
  /// @param ratio its largest element over that of the median channel
  /// @param decibels of the weight as it is encoded
  /// @param perChannel what one scale a channel would give at the same number of bits
  record OutlierChannel(
      String weight,
      int axis,
      int channel,
      double ratio,
      int bits,
      double decibels,
      double perChannel)
      implements Cause {}

  /// An activation with codes whose range is too narrow.
  ///
  /// @param low the least number that has a code
  /// @param high the largest
  /// @param least what the reference has at least
  /// @param most and at most
  /// @param share of the elements that lie outside
  record ClippedRange(
      String value, double low, double high, double least, double most, double share)
      implements Cause {}

  /// Weights that are not zero and were rounded to zero.
  ///
  /// @param share of the elements that are not zero
  /// @param largest the largest that is lost
  record SmallWeights(String weight, double share, double largest, String how) implements Cause {}

  /// The op does something else: the difference stays when nothing is rounded.
  ///
  /// @param original what the reference does
  /// @param changed what the changed model does
  record Definition(String original, String changed, double decibels) implements Cause {}

  /// The usual loss of a weight with few bits.
  ///
  /// @param expected decibels that the step of the codes makes expect; NaN where none is known
  record WeightRounding(String weight, String how, int bits, double expected, double measured)
      implements Cause {}

  /// The usual loss of an activation with few bits.
  record ActivationRounding(String value, String how, double decibels) implements Cause {}

  /// A small difference of large numbers, or another op that makes much of a small error: its
  /// operands are as near as their type allows.
  ///
  /// @param before decibels of its least exact operand
  /// @param after decibels of its result
  record Amplified(double before, double after) implements Cause {}

  /// Rounding to halves inside, and nothing else.
  record Rounding(double decibels) implements Cause {}

  /// A short name for machines: `overflow`.
  default String key() {
    return getClass().getSimpleName().replaceAll("(?<=.)([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /// The cause and its evidence in one line.
  default String text() {
    return switch (this) {
      case Overflow(var value, var largest, var elements) ->
          "float16 overflow: '%s' reaches %s, the largest half is 65504 (%d elements)"
              .formatted(value, number(largest), elements);
      case Underflow(var value, var least, var lost, var denormal, var reader) ->
          "float16 underflow: '%s' goes down to %s; %s of it becomes 0, %s loses digits%s"
              .formatted(
                  value,
                  number(least),
                  percent(lost),
                  percent(denormal),
                  reader.isEmpty() ? "" : "; '%s' cannot do with that".formatted(reader));
      case Accumulation(var length, var decibels, var wide) ->
          "accumulation: %d terms in a running total of float16 give %s, a wide total %s"
              .formatted(length, db(decibels), db(wide));
      case OutlierChannel(
              var weight,
              var axis,
              var channel,
              var ratio,
              var bits,
              var decibels,
              var perChannel) ->
          "outlier channel: channel %d of '%s' (axis %d) is %.0f times the median, and all share one int%d scale: %s, one scale a channel %s"
              .formatted(channel, weight, axis, ratio, bits, db(decibels), db(perChannel));
      case ClippedRange(var value, var low, var high, var least, var most, var share) ->
          "clipped range: codes of '%s' reach from %s to %s, its values from %s to %s (%s outside)"
              .formatted(
                  value, number(low), number(high), number(least), number(most), percent(share));
      case SmallWeights(var weight, var share, var largest, var how) ->
          "small weights became zero: %s of '%s' (%s), up to %s"
              .formatted(percent(share), weight, how, number(largest));
      case Definition(var original, var changed, var decibels) ->
          "other definition: %s became %s, %s without any rounding"
              .formatted(original, changed, db(decibels));
      case WeightRounding(var weight, var how, _, var expected, var measured) ->
          Double.isNaN(expected)
              ? "rounding of '%s' (%s): %s".formatted(weight, how, db(measured))
              : "rounding of '%s' (%s): %s, %s expected"
                  .formatted(weight, how, db(measured), db(expected));
      case ActivationRounding(var value, var how, var decibels) ->
          "rounding of the activation '%s' (%s): %s".formatted(value, how, db(decibels));
      case Amplified(var before, var after) ->
          "cancellation: operands of %s make a result of %s".formatted(db(before), db(after));
      case Rounding(var decibels) -> "rounding to float16: %s".formatted(db(decibels));
    };
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e7
        ? Long.toString((long) value)
        : String.format(Locale.ROOT, "%.3g", value);
  }

  private static String percent(double share) {
    return share > 0 && share < 1e-4
        ? "less than 0.01 %"
        : String.format(Locale.ROOT, share < 0.1 ? "%.2f %%" : "%.0f %%", share * 100);
  }

  private static String db(double decibels) {
    return dev.inward.base.Unit.DECIBELS.text(decibels);
  }
}
