package dev.inward.planning;

import dev.inward.base.Figure;
import dev.inward.base.Unit;
import dev.inward.data.Metric;
import dev.inward.device.DeviceProfile;
import dev.inward.device.EnergyModel;
import dev.inward.device.LatencyModel;
import java.util.Locale;
import java.util.Optional;

/// One line of a budget: a limit that a model keeps or breaks, and why it was set.
public sealed interface Constraint {
  /// What a line limits. A candidate has at most one figure of each kind.
  enum Kind {
    /// Of the file that is delivered.
    SIZE,
    LATENCY,
    ENERGY,
    /// Peak of the process' memory while the model answers.
    MEMORY,
    /// What is lost against the original, or what is left, by the line's metric.
    QUALITY,
    /// How much of a person's data leaves the device, or the privacy loss.
    PRIVACY,
    /// Of what is sent to a device that has an older version.
    UPDATE;

    /// The line's key in a budget file.
    public String key() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /// Where a line stands and what reason it gives.
  ///
  /// @param where `file:line:column`
  record Line(String where, Optional<String> because) {}

  Line line();

  Kind kind();

  Limit limit();

  /// The same line with another limit, in the same unit.
  Constraint relaxed(double limit);

  /// Whether a looser limit may be proposed. Where a person's data may go is not up for trade.
  default boolean negotiable() {
    return kind() != Kind.PRIVACY;
  }

  /// The line in words: `size at most 50 MB`.
  default String text() {
    return switch (this) {
      case Size _, Memory _ -> kind().key() + " " + limit().text();
      case Latency(_, var at, var heat, _) ->
          "latency %s at %s, %s".formatted(limit().text(), at.key(), heat.key());
      case Energy(_, var unit, var rate, _) ->
          "energy "
              + limit().text()
              + (unit == Unit.PERCENT_PER_HOUR ? " at " + BudgetText.rate(rate) : " an answer");
      case Quality(var metric, _, var confidence, var sides, _) ->
          "%s %s at %s confidence, %s"
              .formatted(
                  metric.limited(), limit().text(), BudgetText.percent(confidence), sides.key());
      case OnDevice _ -> "data stays on the device";
      case Differential d ->
          "privacy loss epsilon at most %s, delta %s, for each %s, in cohorts of at least %d"
              .formatted(
                  BudgetText.number(d.epsilon()),
                  BudgetText.number(d.delta()),
                  d.unit().key(),
                  d.cohort());
      case Update(_, var over, _) -> "update " + limit().text() + " over " + over.key();
    };
  }

  /// The delivered file may have at most so many bytes.
  record Size(double bytes, Line line) implements Constraint {
    @Override
    public Kind kind() {
      return Kind.SIZE;
    }

    @Override
    public Limit limit() {
      return Limit.most(bytes, Unit.BYTES);
    }

    @Override
    public Size relaxed(double limit) {
      return new Size(limit, line);
    }
  }

  /// One answer may take at most so long.
  ///
  /// @param ms milliseconds
  /// @param at which of many answers is meant
  record Latency(double ms, At at, Heat heat, Line line) implements Constraint {
    /// Half, 95 or 99 of a hundred answers are at most so late.
    public enum At {
      P50,
      P95,
      P99;

      /// As a budget file says it.
      public String key() {
        return name().toLowerCase(Locale.ROOT);
      }
    }

    /// The state of the device: fresh, or after minutes of the same work.
    public enum Heat {
      COOL,
      SUSTAINED;

      /// As a budget file says it.
      public String key() {
        return name().toLowerCase(Locale.ROOT);
      }
    }

    @Override
    public Kind kind() {
      return Kind.LATENCY;
    }

    @Override
    public Limit limit() {
      return Limit.most(ms, Unit.MILLISECONDS);
    }

    /// The figure that is held against this line, out of the median of a cool device.
    public Figure figure(Figure coolMedian) {
      Figure late = at == At.P50 ? coolMedian : LatencyModel.tail(coolMedian);
      return heat == Heat.COOL ? late : LatencyModel.sustained(late);
    }

    @Override
    public Latency relaxed(double limit) {
      return new Latency(limit, at, heat, line);
    }
  }

  /// So much of the battery an hour at a rate of use, or so much energy an answer.
  ///
  /// @param most in `unit`
  /// @param unit [Unit#PERCENT_PER_HOUR] or [Unit#MILLIJOULES]
  /// @param rate answers a second; 1 and without meaning where the unit is millijoules
  record Energy(double most, Unit unit, double rate, Line line) implements Constraint {
    @Override
    public Kind kind() {
      return Kind.ENERGY;
    }

    @Override
    public Limit limit() {
      return Limit.most(most, unit);
    }

    /// The figure that is held against this line, out of the energy of one answer.
    public Figure figure(DeviceProfile phone, Figure perAnswer) {
      return unit == Unit.MILLIJOULES ? perAnswer : EnergyModel.perHour(phone, perAnswer, rate);
    }

    @Override
    public Energy relaxed(double limit) {
      return new Energy(limit, unit, rate, line);
    }
  }

  /// At most so many bytes of memory at the peak.
  record Memory(double bytes, Line line) implements Constraint {
    @Override
    public Kind kind() {
      return Kind.MEMORY;
    }

    @Override
    public Limit limit() {
      return Limit.most(bytes, Unit.BYTES);
    }

    @Override
    public Memory relaxed(double limit) {
      return new Memory(limit, line);
    }
  }

  /// What the compressed model may lose, and how sure that must be. The figure that is held against
  /// this line brings an interval of this confidence: see [#tail].
  ///
  /// @param metric each can be limited
  /// @param bound in [Metric#unit]: the largest drop, the largest error, or the least decibels
  /// @param confidence of one
  record Quality(Metric metric, double bound, double confidence, Sides sides, Line line)
      implements Constraint {
    /// Whether the confidence is that of each end of the interval by itself, or of both together.
    public enum Sides {
      ONE,
      TWO;

      /// As a budget file says it.
      public String key() {
        return name().toLowerCase(Locale.ROOT) + "-sided";
      }
    }

    /// The chance that the truth lies beyond one given end of the figure's interval: 0.05 for 95 %
    /// one-sided, 0.025 for 95 % two-sided.
    public double tail() {
      return sides == Sides.ONE ? 1 - confidence : (1 - confidence) / 2;
    }

    @Override
    public Kind kind() {
      return Kind.QUALITY;
    }

    @Override
    public Limit limit() {
      return metric.unit() == Unit.DECIBELS
          ? Limit.least(bound, metric.unit())
          : Limit.most(bound, metric.unit());
    }

    @Override
    public Quality relaxed(double limit) {
      return new Quality(metric, limit, confidence, sides, line);
    }
  }

  /// Nothing that a person gives the model leaves the device: its figure is the bytes that do.
  record OnDevice(Line line) implements Constraint {
    @Override
    public Kind kind() {
      return Kind.PRIVACY;
    }

    @Override
    public Limit limit() {
      return Limit.most(0, Unit.BYTES);
    }

    @Override
    public OnDevice relaxed(double limit) {
      return this;
    }
  }

  /// Data may shape the model under differential privacy: its figure is the epsilon that is spent.
  ///
  /// @param unit whose presence is hidden
  /// @param cohort the least number of devices in a round
  record Differential(double epsilon, double delta, Protected unit, long cohort, Line line)
      implements Constraint {
    /// What the guarantee hides: all that one user gives, or one example.
    public enum Protected {
      USER,
      EXAMPLE;

      /// As a budget file says it.
      public String key() {
        return name().toLowerCase(Locale.ROOT);
      }
    }

    @Override
    public Kind kind() {
      return Kind.PRIVACY;
    }

    @Override
    public Limit limit() {
      return Limit.most(epsilon, Unit.COUNT);
    }

    @Override
    public Differential relaxed(double limit) {
      return new Differential(limit, delta, unit, cohort, line);
    }
  }

  /// At most so many bytes are sent to a device that holds an older version.
  record Update(double bytes, Network over, Line line) implements Constraint {
    /// What carries an update.
    public enum Network {
      WIFI,
      CELLULAR,
      ANY;

      /// As a budget file says it.
      public String key() {
        return name().toLowerCase(Locale.ROOT);
      }
    }

    @Override
    public Kind kind() {
      return Kind.UPDATE;
    }

    @Override
    public Limit limit() {
      return Limit.most(bytes, Unit.BYTES);
    }

    @Override
    public Update relaxed(double limit) {
      return new Update(limit, over, line);
    }
  }
}
