package dev.inward.planning;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The making of a [Trace]. Every figure that a step looks at is cited by a decision, and a
/// decision cites nothing that it would be the same without.
record Deciding(Budget budget, Map<String, Judgement> judgements, Ranking ranking) {
  static Deciding of(Budget budget, Map<String, Judgement> judgements) {
    return new Deciding(budget, judgements, Ranking.of(budget));
  }

  Trace trace() {
    List<Candidate> fits = ranking.order(with(Outcome.KEPT));
    List<Candidate> open = ranking.order(with(Outcome.UNDECIDED));
    List<Candidate> out = with(Outcome.BROKEN);
    var decisions = new ArrayList<Decision>();
    out.forEach(candidate -> decisions.add(eliminated(judgement(candidate))));
    if (!fits.isEmpty()) {
      with(Outcome.UNDECIDED).forEach(candidate -> decisions.add(undecided(judgement(candidate))));
    }
    List<Candidate> ranked = fits.isEmpty() ? open : fits;
    for (int i = ranked.size() - 1; i > 0; i--) {
      decisions.add(outranked(ranked.get(i), ranked.get(i - 1)));
    }
    if (!fits.isEmpty()) {
      decisions.add(chosen(fits, open, out));
    } else if (!open.isEmpty()) {
      decisions.add(favoured(open, out));
    }
    return new Trace(
        budget,
        List.copyOf(judgements.values()),
        !fits.isEmpty() ? Outcome.KEPT : !open.isEmpty() ? Outcome.UNDECIDED : Outcome.BROKEN,
        ranked.stream().findFirst(),
        decisions,
        fits.isEmpty()
            ? Relaxation.nearest(
                budget, judgements.values().stream().map(Judgement::candidate).toList())
            : Optional.empty());
  }

  /// By name, so that the order stands on no figure.
  private List<Candidate> with(Outcome outcome) {
    return judgements.values().stream()
        .filter(judgement -> judgement.outcome() == outcome)
        .map(Judgement::candidate)
        .sorted(Comparator.comparing(Candidate::name))
        .toList();
  }

  private Judgement judgement(Candidate candidate) {
    return Objects.requireNonNull(judgements.get(candidate.name()));
  }

  private static List<Decision.Force> forces(Judgement judgement, Outcome outcome) {
    return judgement.lines(outcome).stream()
        .map(line -> new Decision.Force(line, List.of(judgement.candidate().name())))
        .toList();
  }

  private static Decision eliminated(Judgement judgement) {
    return new Decision(
        judgement.candidate().name(),
        Decision.Step.ELIMINATED,
        Optional.empty(),
        forces(judgement, Outcome.BROKEN),
        judgement.grounds(Outcome.BROKEN),
        judgement.grounds(Outcome.BROKEN).stream()
            .map(ground -> ground.kind().key() + " " + ground.figure().text())
            .collect(Collectors.joining(", ")));
  }

  private static Decision undecided(Judgement judgement) {
    return new Decision(
        judgement.candidate().name(),
        Decision.Step.UNDECIDED,
        Optional.empty(),
        forces(judgement, Outcome.UNDECIDED),
        judgement.grounds(),
        measures(judgement));
  }

  private Decision outranked(Candidate candidate, Candidate above) {
    Judgement judgement = judgement(candidate);
    Set<Ground> on = new LinkedHashSet<>(judgement.grounds());
    ranking.compare(candidate, above, on);
    String cost =
        joined(
            ranking.decides(above, candidate),
            ranking.difference(above, candidate, budget, on),
            measures(judgement));
    return new Decision(
        candidate.name(),
        Decision.Step.OUTRANKED,
        Optional.of(above.name()),
        forces(judgement, Outcome.UNDECIDED),
        List.copyOf(on),
        cost);
  }

  /// What keeps every line and ranks first. The lines that force the choice are those that take out
  /// what ranks before it.
  private Decision chosen(List<Candidate> fits, List<Candidate> open, List<Candidate> out) {
    Candidate best = fits.getFirst();
    Set<Ground> on = new LinkedHashSet<>(judgement(best).grounds());
    Map<Constraint, List<String>> forces = new LinkedHashMap<>();
    for (Candidate other : out) {
      Set<Ground> looked = new LinkedHashSet<>();
      boolean before = ranking.compare(other, best, looked) < 0;
      looked.removeIf(ground -> before == ground.subject().equals(best.name()));
      on.addAll(looked);
      if (before) {
        on.addAll(judgement(other).grounds(Outcome.BROKEN));
        judgement(other)
            .lines(Outcome.BROKEN)
            .forEach(
                line -> forces.computeIfAbsent(line, _ -> new ArrayList<>()).add(other.name()));
      }
    }
    Optional<Candidate> against;
    if (fits.size() > 1) {
      against = Optional.of(fits.get(1));
    } else if (!open.isEmpty()) {
      against = Optional.of(open.getFirst());
      open.stream().skip(1).findFirst().ifPresent(next -> on.addAll(lead(open.getFirst(), next)));
    } else {
      against = nearestMiss(out);
    }
    String cost = against.map(other -> cost(best, other, on)).orElse("");
    return new Decision(
        best.name(),
        Decision.Step.CHOSEN,
        against.map(Candidate::name),
        forces.entrySet().stream()
            .map(force -> new Decision.Force(force.getKey(), force.getValue()))
            .toList(),
        List.copyOf(on),
        cost);
  }

  /// What may keep every line and ranks first.
  private Decision favoured(List<Candidate> open, List<Candidate> out) {
    Candidate best = open.getFirst();
    Judgement judgement = judgement(best);
    Set<Ground> on = new LinkedHashSet<>(judgement.grounds());
    Optional<Candidate> against = open.size() > 1 ? Optional.of(open.get(1)) : nearestMiss(out);
    String cost = against.map(other -> cost(best, other, on)).orElse("");
    return new Decision(
        best.name(),
        Decision.Step.FAVOURED,
        against.map(Candidate::name),
        forces(judgement, Outcome.UNDECIDED),
        List.copyOf(on),
        joined(measures(judgement), cost));
  }

  /// The figures of the first by which it ranks before the next.
  private Set<Ground> lead(Candidate first, Candidate next) {
    Set<Ground> looked = new LinkedHashSet<>();
    ranking.compare(first, next, looked);
    looked.removeIf(ground -> !ground.subject().equals(first.name()));
    return looked;
  }

  private Optional<Candidate> nearestMiss(List<Candidate> out) {
    return Relaxation.nearest(budget, out)
        .map(Relaxation::candidate)
        .or(() -> out.stream().findFirst());
  }

  /// What `other` would have cost instead of `best`, in words, and the figures that say so.
  private String cost(Candidate best, Candidate other, Set<Ground> on) {
    Judgement judgement = judgement(other);
    String decides = "";
    if (judgement.outcome() == judgement(best).outcome()) {
      ranking.compare(best, other, on);
      decides = ranking.decides(best, other);
    }
    String difference = ranking.difference(best, other, budget, on);
    if (judgement.outcome() != Outcome.BROKEN) {
      on.addAll(judgement.grounds());
      return joined(decides, difference, measures(judgement));
    }
    Optional<Relaxation> needs = Relaxation.of(budget, other);
    on.addAll(needs.isPresent() ? judgement.grounds() : judgement.grounds(Outcome.BROKEN));
    return joined(
        difference,
        needs
            .map(relaxation -> "it would need " + relaxation.text(budget))
            .orElseGet(() ->
                "it breaks "
                    + judgement.lines(Outcome.BROKEN).stream()
                        .map(line -> line.kind().key())
                        .collect(Collectors.joining(", "))));
  }

  private static String measures(Judgement judgement) {
    return judgement.verdicts().stream()
        .flatMap(verdict ->
            verdict instanceof Verdict.Undecided undecided
                ? Stream.of(undecided.measure())
                : Stream.of())
        .collect(Collectors.joining(", "));
  }

  private static String joined(String... parts) {
    return Stream.of(parts).filter(part -> !part.isEmpty()).collect(Collectors.joining("; "));
  }
}
