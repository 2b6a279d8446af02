package dev.inward.planning;

import dev.inward.base.Unit;
import dev.inward.data.Metric;
import dev.inward.data.Preprocessing;
import dev.inward.device.Device;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// Writes a budget file: what [BudgetFile] reads back as the same budget, with a comment on each
/// line that a newcomer would ask about.
public final class BudgetText {
  private static final int COLUMN = 44;

  private BudgetText() {}

  /// The text of a budget file.
  ///
  /// @param folder where the file will stand; paths below it are written relative to it
  public static String of(Budget budget, Path folder) {
    Path base = folder.toAbsolutePath().normalize();
    var text = new StringBuilder();
    text.append("# What the model must keep. Each limit may say why: because: \"...\"\n");
    switch (budget.model()) {
      case Budget.Model.At(var path) -> line(text, "model: " + quoted(relative(path, base)), "");
      case Budget.Model.Bundled(var name) ->
          line(text, "model: " + quoted(name), "an example that comes with the program");
    }
    List<String> devices =
        budget.devices().stream().map(Device::name).map(BudgetText::quoted).toList();
    line(
        text,
        "device: " + (devices.size() == 1 ? devices.getFirst() : flow(devices)),
        "the oldest that must pass; a list is a fleet");
    budget
        .data()
        .ifPresent(data ->
            line(
                text,
                "data: { %stest: %s }"
                    .formatted(
                        data.calibrate()
                            .map(path -> "calibrate: " + quoted(relative(path, base)) + ", ")
                            .orElse(""),
                        quoted(relative(data.test(), base))),
                "test is held out: nothing is learnt from it"));
    budget
        .preprocessing()
        .ifPresent(how -> line(text, "preprocessing: " + preprocessing(how, base), ""));
    if (!budget.shapes().isEmpty()) {
      line(
          text,
          "shapes: "
              + budget.shapes().entrySet().stream()
                  .map(entry ->
                      quoted(entry.getKey())
                          + ": "
                          + entry.getValue().stream()
                              .map(String::valueOf)
                              .collect(Collectors.joining("x")))
                  .collect(Collectors.joining(", ", "{ ", " }")),
          "Core ML runs fixed shapes on the Neural Engine");
    }
    if (!budget.outputs().isEmpty()) {
      List<String> names = budget.outputs().stream().map(BudgetText::quoted).toList();
      line(
          text,
          "output: " + (names.size() == 1 ? names.getFirst() : flow(names)),
          "what the app reads; the first is what quality looks at");
    }
    budget
        .pooling()
        .ifPresent(pooling ->
            line(text, "pooling: " + pooling.key(), "how rows of tokens become one row"));
    budget
        .ios()
        .ifPresent(ios -> line(text, "target: iOS " + ios, "the oldest system that must run it"));
    budget.constraints().forEach(constraint -> line(text, line(constraint), comment(constraint)));
    line(
        text,
        "prefer: " + budget.prefer().key(),
        "among models that keep every line: quality, size, latency or energy");
    return text.toString();
  }

  private static void line(StringBuilder text, String line, String comment) {
    text.append(line);
    if (!comment.isEmpty()) {
      text.append(" ".repeat(Math.max(2, COLUMN - line.length()))).append("# ").append(comment);
    }
    text.append('\n');
  }

  private static String line(Constraint constraint) {
    String value =
        switch (constraint) {
          case Constraint.Size(var bytes, _) -> "most: " + bytes(bytes);
          case Constraint.Memory(var bytes, _) -> "most: " + bytes(bytes);
          case Constraint.Latency(var ms, var at, var heat, _) ->
              "most: %s ms, at: %s, heat: %s".formatted(number(ms), at.key(), heat.key());
          case Constraint.Energy(var most, var unit, var rate, _) ->
              unit == Unit.MILLIJOULES
                  ? "most: " + number(most) + " mJ"
                  : "most: %s %%/h, rate: %s".formatted(number(most), rate(rate));
          case Constraint.Quality(var metric, var bound, var confidence, var sides, _) ->
              "metric: %s, %s, confidence: %s%s"
                  .formatted(
                      metric.key(),
                      bound(metric)
                          + ": "
                          + switch (metric.unit()) {
                            case SHARE_POINTS -> shifted(bound) + " pp";
                            case DECIBELS -> number(bound) + " dB";
                            default -> number(bound);
                          },
                      percent(confidence),
                      sides == Constraint.Quality.Sides.ONE ? "" : ", interval: " + sides.key());
          case Constraint.OnDevice _ -> "data: stays on device";
          case Constraint.Differential(var epsilon, var delta, var unit, var cohort, _) ->
              "epsilon: %s, delta: %s, unit: %s, cohort: %d"
                  .formatted(number(epsilon), number(delta), unit.key(), cohort);
          case Constraint.Update(var bytes, var over, _) ->
              "most: %s, over: %s".formatted(bytes(bytes), over.key());
        };
    Optional<String> because = constraint.line().because();
    return "%s: { %s%s }"
        .formatted(
            constraint.kind().key(),
            value,
            because.map(why -> ", because: " + quotedAlways(why)).orElse(""));
  }

  /// The key under which a quality line has the limit of its metric.
  static String bound(Metric metric) {
    return switch (metric) {
      case NEAREST_IN_10, TOP_TEN_OVERLAP, ACCURACY, AGREEMENT, CHARACTER_ACCURACY -> "drop";
      case EMBEDDING_ERROR -> "most";
      case SIGNAL_TO_NOISE -> "least";
    };
  }

  private static String comment(Constraint constraint) {
    return switch (constraint) {
      case Constraint.Size _ -> "of the delivered file; MB is 1,000,000 bytes";
      case Constraint.Latency _ -> "at: p50, p95, p99; heat: cool or sustained";
      case Constraint.Energy _ -> "of the battery an hour at that rate, or mJ an answer";
      case Constraint.Memory _ -> "peak while it answers";
      case Constraint.Quality _ -> "against the original, on the test data";
      case Constraint.OnDevice _ -> "or { epsilon: 2, delta: 1e-6, unit: user, cohort: 100 }";
      case Constraint.Differential _ -> "or { data: stays on device }";
      case Constraint.Update _ -> "over: wifi, cellular or any";
    };
  }

  private static String preprocessing(Preprocessing how, Path base) {
    return switch (how) {
      case Preprocessing.None() -> throw new IllegalStateException("arrays need no preprocessing");
      case Preprocessing.Text(var tokenizer, var length, _) ->
          "{ text: { tokenizer: %s, length: %d } }"
              .formatted(quoted(relative(tokenizer, base)), length);
      case Preprocessing.Image i ->
          "{ image: { size: %dx%d, resize: %s, channels: %s, layout: %s, scale: %s, mean: %s, std: %s } }"
              .formatted(
                  i.height(),
                  i.width(),
                  i.resize().key(),
                  i.channels().key(),
                  i.layout().key(),
                  number(i.scale()),
                  flow(i.mean().stream().map(BudgetText::number).toList()),
                  flow(i.std().stream().map(BudgetText::number).toList()));
    };
  }

  private static String flow(List<String> items) {
    return "[" + String.join(", ", items) + "]";
  }

  private static String relative(Path path, Path base) {
    Path whole = path.toAbsolutePath().normalize();
    return (whole.startsWith(base) ? base.relativize(whole) : whole).toString().replace('\\', '/');
  }

  /// The text as YAML, in quotes where it would read as something else.
  private static String quoted(String text) {
    return text.matches("[A-Za-z/][A-Za-z0-9 ._/-]*[A-Za-z0-9_]|[A-Za-z]")
            && !text.matches("null|true|false")
        ? text
        : quotedAlways(text);
  }

  private static String quotedAlways(String text) {
    var quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      switch (c) {
        case '"', '\\' -> quoted.append('\\').append(c);
        case '\n' -> quoted.append("\\n");
        case '\t' -> quoted.append("\\t");
        default -> {
          if (c < ' '
              || (c >= 0x7F && c < 0xA0)
              || c == 0x2028
              || c == 0x2029
              || c == 0xFEFF
              || c >= 0xFFFE) {
            quoted.append("\\u%04x".formatted((int) c));
          } else {
            quoted.append(c);
          }
        }
      }
    }
    return quoted.append('"').toString();
  }

  private static String bytes(double bytes) {
    for (var step : List.of(List.of("1e9", "GB"), List.of("1e6", "MB"), List.of("1e3", "kB"))) {
      double worth = Double.parseDouble(step.getFirst());
      if (bytes >= worth && bytes % (worth / 10) == 0) {
        return new BigDecimal(Double.toString(bytes))
                .divide(new BigDecimal(step.getFirst()))
                .stripTrailingZeros()
                .toPlainString()
            + " "
            + step.get(1);
      }
    }
    return number(bytes) + " B";
  }

  /// The shortest decimal that reads as the number.
  static String number(double value) {
    BigDecimal exact = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    double magnitude = Math.abs(value);
    return magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e15)
        ? exact.toString()
        : exact.toPlainString();
  }

  private static String shifted(double share) {
    return new BigDecimal(Double.toString(share))
        .movePointRight(2)
        .stripTrailingZeros()
        .toPlainString();
  }

  /// `95 %`.
  static String percent(double share) {
    return shifted(share) + " %";
  }

  /// `1/s`.
  static String rate(double perSecond) {
    return number(perSecond) + "/s";
  }
}
