package dev.inward.planning;

import dev.inward.base.Figure;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// Which candidate's quality is measured next: measuring takes far longer than all else, so it is
/// done where it can still change the decision, the preferred candidate first.
///
/// @param decibels how much each candidate's outputs keep, signal over error on a few samples, by
///   its name
/// @param every whether measuring is so cheap that all are measured
public record Measuring(Budget budget, Map<String, Double> decibels, boolean every) {
  /// In decibels, and as a ratio.
  private static final double FAR_LESS_ERROR = 10;

  private static final double HARDLY_WORSE = 1.05;

  public Measuring {
    decibels = Map.copyOf(decibels);
  }

  /// The next one; empty where what is known suffices.
  ///
  /// @param candidates those that were measured have a figure of quality
  /// @throws IllegalArgumentException where a candidate has no decibels
  public Optional<Candidate> next(List<Candidate> candidates) {
    Trace trace = Trace.decide(budget, candidates);
    List<Candidate> open =
        Stream.concat(
                every
                    ? candidates.stream()
                    : trace.worthMeasuring().stream().map(Judgement::candidate),
                nearest(candidates).stream())
            .filter(candidate -> candidate.figure(Constraint.Kind.QUALITY).isEmpty())
            .toList();
    if (every) {
      return open.stream().findFirst();
    }
    return open.stream()
        .filter(candidate -> !isHardlyWorthIt(candidate, candidates))
        .findFirst()
        .or(() -> trace.outcome() == Outcome.KEPT ? Optional.empty() : open.stream().findFirst());
  }

  /// Whether another candidate has far less error and is hardly worse in what the budget prefers.
  /// Such a one is measured only where nothing else turns out to fit.
  boolean isHardlyWorthIt(Candidate candidate, List<Candidate> candidates) {
    Constraint.Kind prefer = budget.prefer().kind();
    Optional<Figure> own = candidate.figure(prefer);
    return prefer != Constraint.Kind.QUALITY
        && own.isPresent()
        && candidates.stream()
            .filter(other -> Judgement.of(budget, other).outcome() != Outcome.BROKEN)
            .filter(other -> decibels(other) >= decibels(candidate) + FAR_LESS_ERROR)
            .flatMap(other -> other.figure(prefer).stream())
            .anyMatch(figure -> figure.value() <= own.get().value() * HARDLY_WORSE);
  }

  private double decibels(Candidate candidate) {
    Double known = decibels.get(candidate.name());
    if (known == null) {
      throw new IllegalArgumentException("no signal over error of " + candidate.name());
    }
    return known;
  }

  /// Where every candidate breaks a line: the one that would keep the nearest budget if those that
  /// were not measured lost nothing.
  private Optional<Candidate> nearest(List<Candidate> candidates) {
    Optional<Constraint.Quality> line = budget.line(Constraint.Quality.class);
    if (line.isEmpty()) {
      return Optional.empty();
    }
    Trace hopeful =
        Trace.decide(
            budget,
            candidates.stream().map(candidate -> unharmed(candidate, line.get().limit())).toList());
    return hopeful.outcome() != Outcome.BROKEN
        ? Optional.empty()
        : hopeful
            .nearest()
            .flatMap(relaxation ->
                candidates.stream()
                    .filter(one -> one.name().equals(relaxation.candidate().name()))
                    .findFirst());
  }

  private static Candidate unharmed(Candidate candidate, Limit limit) {
    if (candidate.figure(Constraint.Kind.QUALITY).isPresent()) {
      return candidate;
    }
    var figures = new EnumMap<Constraint.Kind, Figure>(Constraint.Kind.class);
    figures.putAll(candidate.figures());
    figures.put(
        Constraint.Kind.QUALITY, Figure.counted(limit.value(), limit.unit(), "not measured yet"));
    return new Candidate(candidate.name(), candidate.recipe(), figures);
  }
}
