package dev.inward.planning;

import dev.inward.base.InputException;
import dev.inward.base.Spelling;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads a number with a unit, such as `50 MB` or `50MB`, into the unit that the program counts in.
///
/// @param what what it is, for a message
/// @param example how to write one
/// @param units what each unit is worth
/// @param least the smallest value taken, or beyond which it must lie
/// @param least0 whether `least` itself is taken
/// @param most the largest value taken
/// @param mostText the same, as a person would write it
record Quantity(
    String what,
    String example,
    SequencedMap<String, BigDecimal> units,
    BigDecimal least,
    boolean least0,
    BigDecimal most,
    String mostText) {
  private static final Pattern NUMBER =
      Pattern.compile(
          "([+-]?(?:\\d{1,30}(?:\\.\\d{0,30})?|\\.\\d{1,30})(?:[eE][+-]?\\d{1,3})?)\\s*([^\\s\\d.,+-].*)?");

  /// Fewer than a third of a unit is known to, so that 60/min is 1/s; far more than a double holds.
  private static final MathContext DIGITS = new MathContext(30);

  static final Quantity SIZE =
      positive(
          "a size",
          "50 MB",
          "1e12",
          "1 TB",
          units(
              "B",
              "1",
              "kB",
              "1e3",
              "MB",
              "1e6",
              "GB",
              "1e9",
              "KiB",
              "1024",
              "MiB",
              "1048576",
              "GiB",
              "1073741824"));

  static final Quantity TIME =
      positive("a time", "100 ms", "3.6e6", "1 hour", units("ms", "1", "s", "1e3", "us", "1e-3"));

  static final Quantity ENERGY_EACH =
      positive("an energy", "5 mJ", "1e9", "1 MJ", units("mJ", "1", "J", "1e3"));

  static final Quantity BATTERY =
      positive("a battery use", "2 %/h", "100", "100 %/h", units("%/h", "1"));

  static final Quantity RATE =
      positive("a rate", "1/s", "1e4", "10000/s", units("/s", "1", "/min", "1/60", "/h", "1/3600"));

  static final Quantity POINTS =
      new Quantity(
          "a drop", "0.5 pp", units("pp", "1e-2"), BigDecimal.ZERO, true, BigDecimal.ONE, "100 pp");

  static final Quantity CONFIDENCE =
      new Quantity(
          "a confidence",
          "95 %",
          units("%", "1e-2"),
          new BigDecimal("0.5"),
          true,
          new BigDecimal("0.9999"),
          "99.99 %");

  static final Quantity DECIBELS =
      positive("a signal-to-noise ratio", "40 dB", "300", "300 dB", units("dB", "1"));

  private static final List<Quantity> ALL =
      List.of(SIZE, TIME, ENERGY_EACH, BATTERY, RATE, POINTS, CONFIDENCE, DECIBELS);

  private static Quantity positive(
      String what,
      String example,
      String most,
      String mostText,
      SequencedMap<String, BigDecimal> units) {
    return new Quantity(
        what, example, units, BigDecimal.ZERO, false, new BigDecimal(most), mostText);
  }

  private static SequencedMap<String, BigDecimal> units(String... namesAndWorths) {
    var units = new LinkedHashMap<String, BigDecimal>();
    for (int i = 0; i < namesAndWorths.length; i += 2) {
      String[] worth = namesAndWorths[i + 1].split("/");
      units.put(
          namesAndWorths[i],
          worth.length == 1
              ? new BigDecimal(worth[0])
              : new BigDecimal(worth[0]).divide(new BigDecimal(worth[1]), MathContext.DECIMAL128));
    }
    return Collections.unmodifiableSequencedMap(units);
  }

  /// The value in the program's unit.
  double parse(String text, String where) {
    String shown = Yaml.shortened(text.strip());
    Matcher matcher = NUMBER.matcher(text.strip());
    if (!matcher.matches()) {
      throw InputException.at(
              where,
              "'%s' is not %s, expected a number and a unit such as %s",
              shown,
              what,
              example)
          .hint(
              "%s",
              text.matches("\\s*\\d+,\\d.*")
                  ? "the decimal sign is a point"
                  : "write it as " + example);
    }
    String unit =
        Optional.ofNullable(matcher.group(2)).orElse("").strip().replaceAll("\\s*/\\s*", "/");
    BigDecimal worth = units.get(unit);
    if (worth == null) {
      throw unknownUnit(shown, unit, where);
    }
    BigDecimal value = new BigDecimal(matcher.group(1)).multiply(worth, DIGITS);
    if (value.signum() < 0) {
      throw InputException.at(where, "'%s' is below zero", shown);
    }
    int low = value.compareTo(least);
    if (low < 0 || (low == 0 && !least0)) {
      throw value.signum() == 0
          ? InputException.at(where, "'%s' can be kept by no model", shown)
              .hint(
                  "expected more than zero, such as %s; leave the line out to set no limit",
                  example)
          : InputException.at(where, "'%s' is too small, expected at least %s", shown, text(least));
    }
    if (value.compareTo(most) > 0) {
      throw InputException.at(where, "'%s' is too large, expected at most %s", shown, mostText);
    }
    return value.doubleValue();
  }

  private String text(BigDecimal value) {
    var first = units.firstEntry();
    return value
            .divide(first.getValue(), MathContext.DECIMAL32)
            .stripTrailingZeros()
            .toPlainString()
        + " "
        + first.getKey();
  }

  private InputException unknownUnit(String shown, String unit, String where) {
    if (unit.isEmpty()) {
      return InputException.at(
              where, "'%s' has no unit, expected %s such as %s", shown, what, example)
          .hint("units: %s", String.join(", ", units.keySet()));
    }
    if (units.containsKey("pp") && unit.equals("%")) {
      return InputException.at(
              where, "'%s' is a share, expected %s in percentage points", shown, what)
          .hint("write it as %s pp", shown.replace("%", "").strip());
    }
    List<String> known = List.copyOf(units.keySet());
    boolean another = ALL.stream().anyMatch(quantity -> quantity.units.containsKey(unit));
    return InputException.at(
            where,
            another
                ? "'%s' is the wrong unit, expected %s such as %s"
                : "'%s' is not a unit, expected %s such as %s",
            Yaml.shortened(unit),
            what,
            example)
        .hint(
            "%s",
            (another ? Optional.<String>empty() : Spelling.nearest(unit, known))
                .map(near -> "did you mean '" + near + "'?")
                .orElse("units: " + String.join(", ", known)));
  }

  /// Whether the text ends in one of this quantity's units.
  boolean takes(String text) {
    Matcher matcher = NUMBER.matcher(text.strip());
    return matcher.matches()
        && matcher.group(2) != null
        && units.containsKey(matcher.group(2).strip().replaceAll("\\s*/\\s*", "/"));
  }
}
