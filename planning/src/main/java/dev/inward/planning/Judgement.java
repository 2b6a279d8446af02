package dev.inward.planning;

import dev.inward.base.Figure;
import java.util.ArrayList;
import java.util.List;

/// A candidate held against every line of a budget.
///
/// @param verdicts one for each line, in the budget's order
public record Judgement(Candidate candidate, List<Verdict> verdicts) {
  public Judgement {
    verdicts = List.copyOf(verdicts);
  }

  /// Holds the candidate against every line.
  public static Judgement of(Budget budget, Candidate candidate) {
    var verdicts = new ArrayList<Verdict>();
    for (Constraint line : budget.constraints()) {
      verdicts.add(Verdict.of(line, candidate.figure(line.kind())));
    }
    return new Judgement(candidate, verdicts);
  }

  /// Broken where one line is, else undecided where one line is.
  public Outcome outcome() {
    return Outcome.all(verdicts.stream().map(Verdict::outcome).toList());
  }

  /// The lines with that outcome.
  public List<Constraint> lines(Outcome outcome) {
    return verdicts.stream()
        .filter(verdict -> verdict.outcome() == outcome)
        .map(Verdict::constraint)
        .toList();
  }

  /// The figures that were held against lines with that outcome.
  List<Ground> grounds(Outcome outcome) {
    return grounds(verdicts.stream().filter(verdict -> verdict.outcome() == outcome).toList());
  }

  /// The figures that were held against the lines.
  List<Ground> grounds() {
    return grounds(verdicts);
  }

  private List<Ground> grounds(List<Verdict> verdicts) {
    var grounds = new ArrayList<Ground>();
    for (Verdict verdict : verdicts) {
      for (Figure figure : verdict.known().stream().toList()) {
        grounds.add(new Ground(candidate.name(), verdict.constraint().kind(), figure));
      }
    }
    return grounds;
  }
}
