package dev.inward.planning;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What was decided among candidates, one decision for each of them: first what is eliminated, then
/// what is undecided, each by name; then what is outranked, the last first; last what is chosen.
///
/// @param judgements one for each candidate, in the order given
/// @param outcome kept where a candidate keeps every line; else undecided where one may; else
///   broken
/// @param chosen the best that keeps every line; where there is none, the best that may; empty
///   where every candidate breaks a line
/// @param nearest where no candidate is known to keep every line: the nearest budget that one does
public record Trace(
    Budget budget,
    List<Judgement> judgements,
    Outcome outcome,
    Optional<Candidate> chosen,
    List<Decision> decisions,
    Optional<Relaxation> nearest) {
  public Trace {
    judgements = List.copyOf(judgements);
    decisions = List.copyOf(decisions);
  }

  /// Decides among candidates.
  ///
  /// @throws IllegalArgumentException where there is none, or two of one name
  public static Trace decide(Budget budget, List<Candidate> candidates) {
    Map<String, Judgement> judgements = new LinkedHashMap<>();
    for (Candidate candidate : candidates) {
      if (judgements.put(candidate.name(), Judgement.of(budget, candidate)) != null) {
        throw new IllegalArgumentException("two candidates are named " + candidate.name());
      }
    }
    if (judgements.isEmpty()) {
      throw new IllegalArgumentException("there is no candidate");
    }
    return Deciding.of(budget, judgements).trace();
  }

  /// The candidates, in the order given.
  public List<Candidate> candidates() {
    return judgements.stream().map(Judgement::candidate).toList();
  }

  /// The decision about a candidate.
  public Decision decision(String candidate) {
    return decisions.stream()
        .filter(decision -> decision.subject().equals(candidate))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no candidate is named " + candidate));
  }

  /// What would be decided if that figure were not known.
  public Trace without(Ground ground) {
    return decide(
        budget,
        candidates().stream()
            .map(candidate ->
                candidate.name().equals(ground.subject())
                    ? candidate.without(ground.kind())
                    : candidate)
            .toList());
  }

  /// What a measurement could still improve: the undecided candidates that rank before what is
  /// chosen, the best first.
  public List<Judgement> worthMeasuring() {
    Ranking ranking = Ranking.of(budget);
    return judgements.stream()
        .filter(judgement -> judgement.outcome() == Outcome.UNDECIDED)
        .filter(judgement ->
            outcome == Outcome.UNDECIDED
                || chosen
                    .filter(best -> ranking.compare(judgement.candidate(), best) < 0)
                    .isPresent())
        .sorted((a, b) -> ranking.compare(a.candidate(), b.candidate()))
        .toList();
  }
}
