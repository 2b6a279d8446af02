package dev.inward.planning;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import dev.inward.data.Metric;
import dev.inward.device.Device;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;

/// Random budgets and candidates, with few distinct values so that ties, figures at the limit and
/// missing figures all happen.
final class Instances {
  private Instances() {}

  static Budget budget(List<Constraint> lines, Budget.Preference prefer) {
    return new Budget(
        new Budget.Model.Bundled("m"),
        List.of(Device.named("iPhone 13")),
        Optional.empty(),
        Optional.empty(),
        new LinkedHashMap<>(),
        List.of(),
        Optional.empty(),
        OptionalInt.empty(),
        lines,
        prefer);
  }

  static Constraint.Line line(int number) {
    return new Constraint.Line("budget.yaml:%d:1".formatted(number), Optional.empty());
  }

  static Constraint.Quality quality(double drop) {
    return new Constraint.Quality(
        Metric.ACCURACY, drop, 0.95, Constraint.Quality.Sides.ONE, line(5));
  }

  static Constraint.Latency latency(double ms) {
    return new Constraint.Latency(
        ms, Constraint.Latency.At.P95, Constraint.Latency.Heat.COOL, line(2));
  }

  static Constraint.Size size(double bytes) {
    return new Constraint.Size(bytes, line(1));
  }

  static Budget budget(Random random) {
    var lines = new ArrayList<Constraint>();
    if (random.nextInt(4) > 0) {
      lines.add(size(2 + random.nextInt(3)));
    }
    if (random.nextInt(4) > 0) {
      lines.add(latency(2 + random.nextInt(3)));
    }
    if (random.nextInt(3) == 0) {
      lines.add(new Constraint.Energy(2, Unit.MILLIJOULES, 1, line(3)));
    }
    if (random.nextInt(4) == 0) {
      lines.add(new Constraint.OnDevice(line(4)));
    }
    if (lines.isEmpty() || random.nextBoolean()) {
      lines.add(
          random.nextInt(4) == 0
              ? new Constraint.Quality(
                  Metric.SIGNAL_TO_NOISE, 3, 0.95, Constraint.Quality.Sides.ONE, line(5))
              : quality(random.nextInt(4)));
    }
    return budget(
        lines, Budget.Preference.values()[random.nextInt(Budget.Preference.values().length)]);
  }

  static List<Candidate> candidates(Random random, Budget budget) {
    var candidates = new ArrayList<Candidate>();
    int count = 1 + random.nextInt(6);
    for (int i = 0; i < count; i++) {
      Map<Constraint.Kind, Figure> figures = new EnumMap<>(Constraint.Kind.class);
      for (Constraint.Kind kind : Constraint.Kind.values()) {
        if (random.nextInt(6) > 0) {
          figures.put(kind, figure(random, unit(kind, budget)));
        }
      }
      if (random.nextInt(3) > 0) {
        figures.put(Constraint.Kind.PRIVACY, Figure.counted(0, Unit.BYTES, "no byte leaves"));
      }
      candidates.add(new Candidate("c" + i, "random", figures));
    }
    return candidates;
  }

  private static Unit unit(Constraint.Kind kind, Budget budget) {
    return budget
        .line(kind)
        .map(line -> line.limit().unit())
        .orElse(
            switch (kind) {
              case SIZE, MEMORY, PRIVACY, UPDATE -> Unit.BYTES;
              case LATENCY -> Unit.MILLISECONDS;
              case ENERGY -> Unit.MILLIJOULES;
              case QUALITY -> Unit.SHARE_POINTS;
            });
  }

  private static Figure figure(Random random, Unit unit) {
    double value = random.nextInt(6);
    return random.nextBoolean()
        ? Figure.counted(value, unit, "x")
        : new Figure(
            value,
            Math.max(0, value - random.nextInt(3)),
            value + random.nextInt(3),
            unit,
            new Source.Measured("here", 10, "random"));
  }
}
