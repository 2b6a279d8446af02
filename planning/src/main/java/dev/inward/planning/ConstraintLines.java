package dev.inward.planning;

import dev.inward.base.InputException;
import dev.inward.base.Unit;
import dev.inward.data.Metric;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// Reads the lines of a budget file that limit something. A line is `key: { most: … }`; where one
/// value says it all, `key: value` will do.
///
/// @param folder what relative paths start from
record ConstraintLines(Path folder) {
  /// The constraint under a key of the file, empty where the key is not one of a constraint.
  Optional<Constraint> read(String key, Yaml value, boolean data) {
    return switch (key) {
      case "size" -> {
        Fields fields = fields(key, value);
        yield Optional.of(
            new Constraint.Size(fields.quantity("most", Quantity.SIZE), line(fields)));
      }
      case "memory" -> {
        Fields fields = fields(key, value);
        yield Optional.of(
            new Constraint.Memory(fields.quantity("most", Quantity.SIZE), line(fields)));
      }
      case "latency" -> Optional.of(latency(fields(key, value, "at", "heat")));
      case "energy" -> Optional.of(energy(fields(key, value, "rate")));
      case "quality" -> Optional.of(quality(value, data));
      case "privacy" -> Optional.of(privacy(value));
      case "update" -> Optional.of(update(fields(key, value, "over")));
      default -> Optional.empty();
    };
  }

  private static Constraint.Line line(Fields fields) {
    return new Constraint.Line(fields.where(), fields.text("because"));
  }

  /// A line with `most` and `because`, and the keys given; a single value stands for `most`.
  private Fields fields(String name, Yaml value, String... more) {
    var keys = new java.util.ArrayList<>(List.of("most"));
    keys.addAll(List.of(more));
    keys.add("because");
    return value instanceof Yaml.Scalar scalar && !scalar.text().isBlank()
        ? new Fields(name, scalar.where(), folder, java.util.Map.of("most", scalar))
        : Fields.of(value, name, folder, keys);
  }

  private static Constraint latency(Fields fields) {
    return new Constraint.Latency(
        fields.quantity("most", Quantity.TIME),
        fields
            .oneOf("at", List.of(Constraint.Latency.At.values()), Constraint.Latency.At::key)
            .orElse(Constraint.Latency.At.P95),
        fields
            .oneOf("heat", List.of(Constraint.Latency.Heat.values()), Constraint.Latency.Heat::key)
            .orElse(Constraint.Latency.Heat.COOL),
        line(fields));
  }

  private static Constraint energy(Fields fields) {
    Yaml.Scalar most = fields.text(fields.need("most", Quantity.BATTERY.example()), "most");
    if (Quantity.ENERGY_EACH.takes(most.text())) {
      fields
          .get("rate")
          .ifPresent(rate -> {
            throw InputException.at(
                    rate.where(), "'energy.rate' means nothing beside an energy for each answer")
                .hint("take the rate out, or give the limit in %/h");
          });
      return new Constraint.Energy(
          Quantity.ENERGY_EACH.parse(most.text(), most.where()), Unit.MILLIJOULES, 1, line(fields));
    }
    double limit = Quantity.BATTERY.parse(most.text(), most.where());
    if (fields.get("rate").isEmpty()) {
      throw InputException.at(fields.where(), "there is no 'energy.rate'")
          .hint("battery use depends on how often the model answers: add, for example, rate: 1/s");
    }
    return new Constraint.Energy(
        limit, Unit.PERCENT_PER_HOUR, fields.quantity("rate", Quantity.RATE), line(fields));
  }

  private Constraint quality(Yaml value, boolean data) {
    Fields fields =
        Fields.of(
            value,
            "quality",
            folder,
            List.of("metric", "drop", "most", "least", "confidence", "interval", "because"));
    fields.need("metric", "accuracy");
    Metric metric = fields.oneOf("metric", List.of(Metric.values()), Metric::key).orElseThrow();
    String bound = BudgetText.bound(metric);
    for (String other : List.of("drop", "most", "least")) {
      if (!other.equals(bound) && fields.get(other).isPresent()) {
        throw InputException.at(
                fields.need(other, "").where(),
                "'quality.%s' does not go with %s",
                other,
                metric.key())
            .hint("write %s: %s", bound, example(metric));
      }
    }
    if (metric != Metric.SIGNAL_TO_NOISE && !data) {
      throw InputException.at(
              fields.need("metric", "accuracy").where(), "the metric %s needs data", metric.key())
          .hint(
              "add data: { calibrate: FILE, test: FILE }, or use metric: signal-to-noise, least: 40"
                  + " dB");
    }
    double limit =
        switch (metric.unit()) {
          case SHARE_POINTS -> fields.quantity(bound, Quantity.POINTS);
          case DECIBELS -> fields.quantity(bound, Quantity.DECIBELS);
          default -> fields.number(fields.need(bound, example(metric)), bound, 0, 2);
        };
    double confidence =
        fields.get("confidence").isPresent()
            ? fields.quantity("confidence", Quantity.CONFIDENCE)
            : 0.95;
    var sides =
        fields
            .oneOf(
                "interval",
                List.of(Constraint.Quality.Sides.values()),
                Constraint.Quality.Sides::key)
            .orElse(Constraint.Quality.Sides.ONE);
    return new Constraint.Quality(metric, limit, confidence, sides, line(fields));
  }

  private static String example(Metric metric) {
    return switch (metric) {
      case NEAREST_IN_10, TOP_TEN_OVERLAP, ACCURACY, AGREEMENT, CHARACTER_ACCURACY ->
          Quantity.POINTS.example();
      case EMBEDDING_ERROR -> "0.01";
      case SIGNAL_TO_NOISE -> Quantity.DECIBELS.example();
    };
  }

  private Constraint privacy(Yaml value) {
    String stays = "stays on device";
    if (value instanceof Yaml.Scalar scalar && scalar.text().equals(stays)) {
      return new Constraint.OnDevice(new Constraint.Line(scalar.where(), Optional.empty()));
    }
    Fields fields =
        Fields.of(
            value,
            "privacy",
            folder,
            List.of("data", "epsilon", "delta", "unit", "cohort", "because"));
    if (fields.get("data").isPresent()) {
      for (String key : List.of("epsilon", "delta", "unit", "cohort")) {
        fields
            .get(key)
            .ifPresent(wrong -> {
              throw InputException.at(
                      wrong.where(), "'privacy.%s' does not go with data: %s", key, stays)
                  .hint("data that stays on the device spends no privacy: keep one of the two");
            });
      }
      fields.oneOf("data", List.of(stays), text -> text);
      return new Constraint.OnDevice(line(fields));
    }
    return new Constraint.Differential(
        fields.number(fields.need("epsilon", "2"), "epsilon", 0, 1000),
        fields.number(fields.need("delta", "1e-6"), "delta", 0, 0.1),
        fields
            .oneOf(
                "unit",
                List.of(Constraint.Differential.Protected.values()),
                Constraint.Differential.Protected::key)
            .orElse(Constraint.Differential.Protected.USER),
        fields.whole(fields.need("cohort", "100"), "cohort", 2, 1_000_000_000L),
        line(fields));
  }

  private static Constraint update(Fields fields) {
    return new Constraint.Update(
        fields.quantity("most", Quantity.SIZE),
        fields
            .oneOf(
                "over", List.of(Constraint.Update.Network.values()), Constraint.Update.Network::key)
            .orElse(Constraint.Update.Network.ANY),
        line(fields));
  }
}
