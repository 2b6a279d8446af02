package dev.inward.planning;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import java.util.Optional;

/// What a figure says of a line of the budget.
public sealed interface Verdict {
  Constraint constraint();

  Outcome outcome();

  /// The figure that was held against the line.
  Optional<Figure> known();

  /// In one line: `size at most 50 MB: 22.7 MB fits`.
  String text();

  /// The whole interval is inside.
  record Fits(Constraint constraint, Figure figure) implements Verdict {
    @Override
    public Outcome outcome() {
      return Outcome.KEPT;
    }

    @Override
    public Optional<Figure> known() {
      return Optional.of(figure);
    }

    @Override
    public String text() {
      return "%s: %s fits".formatted(constraint.text(), figure.text());
    }
  }

  /// The whole interval is outside.
  record Eliminated(Constraint constraint, Figure figure) implements Verdict {
    @Override
    public Outcome outcome() {
      return Outcome.BROKEN;
    }

    @Override
    public Optional<Figure> known() {
      return Optional.of(figure);
    }

    @Override
    public String text() {
      return "%s: %s does not fit".formatted(constraint.text(), figure.text());
    }
  }

  /// There is no figure, or the limit lies within its interval.
  ///
  /// @param measure what to measure to know
  record Undecided(Constraint constraint, Optional<Figure> known, String measure)
      implements Verdict {
    @Override
    public Outcome outcome() {
      return Outcome.UNDECIDED;
    }

    @Override
    public String text() {
      return "%s: %s, undecided: %s"
          .formatted(constraint.text(), known.map(Figure::text).orElse("no figure"), measure);
    }
  }

  /// Holds a figure against a line. The limit itself is inside.
  static Verdict of(Constraint constraint, Optional<Figure> known) {
    if (known.isEmpty()) {
      return new Undecided(constraint, known, "measure its " + constraint.kind().key());
    }
    Figure figure = known.get();
    Limit limit = constraint.limit();
    if (figure.unit() != limit.unit()) {
      throw new IllegalArgumentException(
          "a figure in %s for a limit in %s".formatted(figure.unit(), limit.unit()));
    }
    boolean low = limit.holds(figure.low());
    boolean high = limit.holds(figure.high());
    if (low && high) {
      return new Fits(constraint, figure);
    }
    if (!low && !high) {
      return new Eliminated(constraint, figure);
    }
    return new Undecided(constraint, known, measure(constraint, figure));
  }

  private static String measure(Constraint constraint, Figure figure) {
    return switch (figure.source()) {
      case Source.Counted _ -> "count its " + constraint.kind().key() + " exactly";
      case Source.Modelled _, Source.Published _ ->
          "measure its " + constraint.kind().key() + " on the device";
      case Source.Measured(_, var samples, _) -> samples(constraint, figure, samples);
    };
  }

  /// An interval shrinks with the root of the number of samples: how many would clear the limit, if
  /// the value stays what it is.
  private static String samples(Constraint constraint, Figure figure, int samples) {
    double limit = constraint.limit().value();
    double reach =
        limit >= figure.value() ? figure.high() - figure.value() : figure.value() - figure.low();
    double distance = Math.abs(limit - figure.value());
    double needed = Math.max(samples + 1, Math.ceil(samples * Math.pow(reach / distance, 2)));
    return distance > 0 && needed < 1e9
        ? "measure its %s on about %d samples, not %d"
            .formatted(constraint.kind().key(), (long) needed, samples)
        : "measure its %s on many more samples than %d; the value is at the limit"
            .formatted(constraint.kind().key(), samples);
  }
}
