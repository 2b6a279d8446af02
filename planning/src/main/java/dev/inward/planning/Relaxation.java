package dev.inward.planning;

import dev.inward.base.Figure;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// The nearest budget that a candidate is known to keep.
///
/// How far a budget is from another is the sum, over its lines, of the change of the limit as a
/// share of the limit: 55 MB instead of 50 MB is 0.1. A limit of no drop at all is counted in
/// percentage points instead. A privacy line is never relaxed. Among equally near budgets, the one
/// with fewer changes; then the one whose candidate comes first by name.
///
/// @param candidate what needs it
/// @param lines the lines to relax, each with its new limit, rounded up to three digits
/// @param distance before rounding
/// @param budget with the new limits
public record Relaxation(
    Candidate candidate, List<Constraint> lines, double distance, Budget budget) {
  private static final double NO_DROP = 0.01;

  public Relaxation {
    lines = List.copyOf(lines);
  }

  /// The nearest one for any of the candidates; empty where each breaks a line that is not up for
  /// trade or lacks a figure.
  static Optional<Relaxation> nearest(Budget budget, List<Candidate> candidates) {
    return candidates.stream()
        .flatMap(candidate -> of(budget, candidate).stream())
        .min(
            Comparator.comparingDouble(Relaxation::distance)
                .thenComparingInt(relaxation -> relaxation.lines().size())
                .thenComparing(relaxation -> relaxation.candidate().name()));
  }

  /// The nearest budget that this candidate is known to keep.
  static Optional<Relaxation> of(Budget budget, Candidate candidate) {
    double distance = 0;
    var changed = new ArrayList<Constraint>();
    var all = new ArrayList<Constraint>();
    for (Verdict verdict : Judgement.of(budget, candidate).verdicts()) {
      Constraint line = verdict.constraint();
      if (verdict.outcome() != Outcome.KEPT) {
        if (verdict.known().isEmpty() || !line.negotiable()) {
          return Optional.empty();
        }
        double needed = end(line.limit(), verdict.known().get());
        distance += change(line.limit(), needed);
        line = line.relaxed(rounded(line.limit(), needed));
        changed.add(line);
      }
      all.add(line);
    }
    return Optional.of(new Relaxation(candidate, changed, distance, budget.with(all)));
  }

  /// The end of the figure that lies farthest outside.
  private static double end(Limit limit, Figure figure) {
    return limit.direction() == Limit.Direction.MOST ? figure.high() : figure.low();
  }

  static double change(Limit limit, double needed) {
    double scale = limit.value() == 0 ? NO_DROP : limit.value();
    return Math.abs(needed - limit.value()) / scale;
  }

  private static double rounded(Limit limit, double needed) {
    var away =
        limit.direction() == Limit.Direction.MOST ? RoundingMode.CEILING : RoundingMode.FLOOR;
    return new BigDecimal(Double.toString(needed)).round(new MathContext(3, away)).doubleValue();
  }

  /// `size at most 61.2 MB instead of at most 50 MB`, for each line that must give.
  public String text(Budget from) {
    var parts = new ArrayList<String>();
    for (Constraint line : lines) {
      Constraint before = from.line(line.kind()).orElseThrow();
      parts.add("%s instead of %s".formatted(line.text(), before.limit().text()));
    }
    return String.join("; ", parts);
  }
}
