package dev.inward.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import dev.inward.data.Metric;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class TraceTest {
  private static final int ROUNDS = 1500;

  private static Candidate candidate(String name, double megabytes, double drop, double ms) {
    return new Candidate(
        name,
        name,
        Map.of(
            Constraint.Kind.SIZE,
            Figure.counted(megabytes * 1e6, Unit.BYTES, "the file"),
            Constraint.Kind.QUALITY,
            new Figure(
                drop,
                drop - 0.001,
                drop + 0.001,
                Unit.SHARE_POINTS,
                new Source.Measured("2,000 sentences", 2000, "paired")),
            Constraint.Kind.LATENCY,
            new Figure(
                ms, ms * 0.5, ms * 3, Unit.MILLISECONDS, new Source.Modelled("roofline", "wide"))));
  }

  private static final Budget ENCODER =
      Instances.budget(
          List.of(Instances.size(50e6), Instances.latency(100), Instances.quality(0.005)),
          Budget.Preference.QUALITY);

  @Test
  void bestThatFits_isChosenBecauseOfTheLineThatRemovedTheBetterOnes() {
    Trace trace =
        Trace.decide(
            ENCODER,
            List.of(
                candidate("fp32", 90.9, 0.0, 8),
                candidate("fp16", 45.5, 0.0001, 4),
                candidate("int8-channel", 23.1, 0.001, 3),
                candidate("int4", 12, 0.2, 3)));
    assertThat(trace.outcome()).isEqualTo(Outcome.KEPT);
    assertThat(trace.outcome().exitCode()).isZero();
    assertThat(trace.chosen().map(Candidate::name)).contains("fp16");
    assertThat(trace.decisions().stream().map(Decision::text))
        .containsExactly(
            "fp32 eliminated, because size at most 50 MB (budget.yaml:1:1): size 90.9 MB",
            "int4 eliminated, because accuracy drop at most 0.50 pp at 95 % confidence, one-sided"
                + " (budget.yaml:5:1): quality 20.00 pp (19.90 pp to 20.10 pp)",
            "int8-channel outranked by fp16: quality decides; int8-channel would mean size 23.1 MB instead of 45.5"
                + " MB, latency 3 ms (1.5 ms to 9 ms) instead of 4 ms (2 ms to 12 ms), quality 0.10"
                + " pp (0.00 pp to 0.20 pp) instead of 0.01 pp (-0.09 pp to 0.11 pp)",
            "fp16 chosen instead of int8-channel, because size at most 50 MB (budget.yaml:1:1)"
                + " takes out fp32: quality decides; int8-channel would mean size 23.1 MB instead of 45.5 MB, latency 3 ms (1.5 ms to"
                + " 9 ms) instead of 4 ms (2 ms to 12 ms), quality 0.10 pp (0.00 pp to 0.20 pp)"
                + " instead of 0.01 pp (-0.09 pp to 0.11 pp)");
    assertThat(trace.nearest()).isEmpty();
  }

  @Test
  void nothingFits_namesTheLineToRelax() {
    Trace trace =
        Trace.decide(
            ENCODER, List.of(candidate("fp32", 90.9, 0.0, 8), candidate("int8", 52.123, 0.2, 3)));
    assertThat(trace.outcome()).isEqualTo(Outcome.BROKEN);
    assertThat(trace.outcome().exitCode()).isEqualTo(1);
    assertThat(trace.chosen()).isEmpty();
    Relaxation nearest = trace.nearest().orElseThrow();
    assertThat(nearest.text(ENCODER)).isEqualTo("size at most 90.9 MB instead of at most 50 MB");
    assertThat(Trace.decide(nearest.budget(), trace.candidates()).chosen().map(Candidate::name))
        .contains("fp32");
  }

  @Test
  void intervalAcrossTheLimit_isUndecidedAndSaysWhatToMeasure() {
    Trace trace = Trace.decide(ENCODER, List.of(candidate("slow", 20, 0.001, 50)));
    assertThat(trace.outcome()).isEqualTo(Outcome.UNDECIDED);
    assertThat(trace.outcome().exitCode()).isEqualTo(4);
    assertThat(trace.worthMeasuring().getFirst().verdicts().get(1).text())
        .isEqualTo(
            "latency at most 100 ms at p95, cool: 50 ms (25 ms to 150 ms), undecided: measure its"
                + " latency on the device");
    assertThat(trace.decision("slow").step()).isEqualTo(Decision.Step.FAVOURED);
  }

  @Test
  void measuredInterval_saysHowManySamplesWouldDo() {
    Verdict verdict =
        Verdict.of(
            Instances.quality(0.005),
            java.util.Optional.of(
                new Figure(
                    0.004, 0.002, 0.006, Unit.SHARE_POINTS, new Source.Measured("d", 500, "m"))));
    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Undecided.class,
            undecided ->
                assertThat(undecided.measure())
                    .isEqualTo("measure its quality on about 2000 samples, not 500"));
  }

  @Test
  void limitItself_isInside() {
    Figure at = Figure.counted(50e6, Unit.BYTES, "the file");
    assertThat(Verdict.of(Instances.size(50e6), java.util.Optional.of(at)).outcome())
        .isEqualTo(Outcome.KEPT);
    Figure above = Figure.counted(50e6 + 1, Unit.BYTES, "the file");
    assertThat(Verdict.of(Instances.size(50e6), java.util.Optional.of(above)).outcome())
        .isEqualTo(Outcome.BROKEN);
  }

  @Test
  void figureInAnotherUnit_isOurMistake() {
    Figure wrong = Figure.counted(5, Unit.MILLISECONDS, "x");
    assertThatThrownBy(() -> Verdict.of(Instances.size(50e6), java.util.Optional.of(wrong)))
        .hasMessage("a figure in MILLISECONDS for a limit in BYTES");
  }

  @Test
  void choice_isTheBruteForceOne() {
    var random = new Random(1);
    for (int round = 0; round < ROUNDS; round++) {
      Budget budget = Instances.budget(random);
      List<Candidate> candidates = Instances.candidates(random, budget);
      Trace trace = Trace.decide(budget, candidates);
      Candidate best = null;
      for (Candidate candidate : candidates) {
        if (keeps(budget, candidate) && (best == null || better(budget, candidate, best))) {
          best = candidate;
        }
      }
      if (best != null) {
        assertThat(trace.chosen()).contains(best);
      }
      assertThat(trace.outcome() == Outcome.KEPT).isEqualTo(best != null);
      assertThat(trace.decisions()).hasSameSizeAs(candidates);
    }
  }

  private static boolean keeps(Budget budget, Candidate candidate) {
    for (Constraint line : budget.constraints()) {
      Figure figure = candidate.figures().get(line.kind());
      double limit = line.limit().value();
      if (figure == null
          || (line.limit().direction() == Limit.Direction.MOST
              ? figure.high() > limit
              : figure.low() < limit)) {
        return false;
      }
    }
    return true;
  }

  private static boolean better(Budget budget, Candidate a, Candidate b) {
    double sign =
        budget.prefer() == Budget.Preference.QUALITY
                && budget.line(Constraint.Quality.class).isPresent()
                && budget.line(Constraint.Quality.class).get().metric() == Metric.SIGNAL_TO_NOISE
            ? -1
            : 1;
    for (Constraint.Kind kind : List.of(budget.prefer().kind(), Constraint.Kind.SIZE)) {
      Figure x = a.figures().get(kind);
      Figure y = b.figures().get(kind);
      double s = kind == Constraint.Kind.SIZE ? 1 : sign;
      double p = x == null ? 1e99 : s * x.value();
      double q = y == null ? 1e99 : s * y.value();
      if (p != q) {
        return p < q;
      }
    }
    return a.name().compareTo(b.name()) < 0;
  }

  /// Each decision stands on what it cites: take one cited figure away, and the choice, its forces,
  /// or its cost is another, or other evidence must take the figure's place, or, rarely, the choice
  /// stands on less.
  @Test
  void citedFigureRemoved_changesOrWeakensTheDecision() {
    var random = new Random(2);
    int changed = 0;
    int replaced = 0;
    int weakened = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Budget budget = Instances.budget(random);
      Trace trace = Trace.decide(budget, Instances.candidates(random, budget));
      for (Decision decision : trace.decisions()) {
        for (Ground ground : decision.on()) {
          Decision after = trace.without(ground).decision(decision.subject());
          if (!same(after, decision)) {
            changed++;
          } else if (!decision.on().containsAll(after.on())) {
            replaced++;
          } else {
            // all that is lost: how the chosen ranks against something that breaks a line
            assertThat(decision.step()).isEqualTo(Decision.Step.CHOSEN);
            assertThat(after.on()).hasSizeLessThan(decision.on().size());
            weakened++;
          }
        }
      }
    }
    assertThat(changed)
        .isGreaterThan(20 * replaced)
        .isGreaterThan(100 * weakened)
        .isGreaterThan(5 * ROUNDS);
  }

  private static boolean same(Decision a, Decision b) {
    return a.step() == b.step()
        && a.insteadOf().equals(b.insteadOf())
        && a.because().equals(b.because())
        && a.cost().equals(b.cost());
  }

  /// And on nothing else: a figure that no decision cites may go, and every decision stays.
  @Test
  void uncitedFigureRemoved_changesNothing() {
    var random = new Random(3);
    int removed = 0;
    for (int round = 0; round < ROUNDS / 4; round++) {
      Budget budget = Instances.budget(random);
      Trace trace = Trace.decide(budget, Instances.candidates(random, budget));
      Set<Ground> cited = new HashSet<>();
      trace.decisions().forEach(decision -> cited.addAll(decision.on()));
      for (Candidate candidate : trace.candidates()) {
        for (var entry : candidate.figures().entrySet()) {
          var ground = new Ground(candidate.name(), entry.getKey(), entry.getValue());
          if (!cited.contains(ground)) {
            Trace after = trace.without(ground);
            for (Decision decision : trace.decisions()) {
              assertThat(same(after.decision(decision.subject()), decision))
                  .as(() -> decision + " without " + ground)
                  .isTrue();
            }
            removed++;
          }
        }
      }
    }
    assertThat(removed).isGreaterThan(ROUNDS / 4);
  }

  /// Against every budget whose limits are those of the file or the ends of some figure.
  @Test
  void nearestBudget_isTheBruteForceOne() {
    var random = new Random(4);
    int found = 0;
    for (int round = 0; round < ROUNDS; round++) {
      Budget budget = Instances.budget(random);
      List<Candidate> candidates = Instances.candidates(random, budget);
      Trace trace = Trace.decide(budget, candidates);
      if (trace.outcome() == Outcome.KEPT) {
        assertThat(trace.nearest()).isEmpty();
        continue;
      }
      double least = cheapest(budget, candidates, 0, budget.constraints(), 0);
      assertThat(trace.nearest().map(Relaxation::distance).orElse(Double.POSITIVE_INFINITY))
          .isEqualTo(least);
      trace
          .nearest()
          .ifPresent(nearest ->
              assertThat(Trace.decide(nearest.budget(), candidates).outcome())
                  .isEqualTo(Outcome.KEPT));
      found += trace.nearest().isPresent() ? 1 : 0;
    }
    assertThat(found).isGreaterThan(ROUNDS / 4);
  }

  private static double cheapest(
      Budget budget, List<Candidate> candidates, int at, List<Constraint> lines, double spent) {
    if (at == lines.size()) {
      return candidates.stream().anyMatch(c -> keeps(budget.with(lines), c))
          ? spent
          : Double.POSITIVE_INFINITY;
    }
    double least = cheapest(budget, candidates, at + 1, lines, spent);
    Constraint line = lines.get(at);
    if (line.kind() == Constraint.Kind.PRIVACY) {
      return least;
    }
    for (Candidate candidate : candidates) {
      Figure figure = candidate.figures().get(line.kind());
      if (figure != null) {
        boolean most = line.limit().direction() == Limit.Direction.MOST;
        double end = most ? figure.high() : figure.low();
        double limit = line.limit().value();
        if (most ? end > limit : end < limit) {
          var relaxed = new java.util.ArrayList<>(lines);
          relaxed.set(at, line.relaxed(end));
          double share = Math.abs(end - limit) / (limit == 0 ? 0.01 : limit);
          least = Math.min(least, cheapest(budget, candidates, at + 1, relaxed, spent + share));
        }
      }
    }
    return least;
  }

  @Test
  void orderOfCandidates_doesNotMatter() {
    var random = new Random(5);
    for (int round = 0; round < 500; round++) {
      Budget budget = Instances.budget(random);
      List<Candidate> candidates = Instances.candidates(random, budget);
      assertThat(Trace.decide(budget, candidates.reversed()).decisions())
          .isEqualTo(Trace.decide(budget, candidates).decisions());
    }
  }

  @Test
  void fleet_isHeldToItsHighestFigure() {
    var a = new Figure(3, 2, 9, Unit.MILLISECONDS, new Source.Modelled("a", "e"));
    var b = new Figure(5, 1, 7, Unit.MILLISECONDS, new Source.Modelled("b", "e"));
    assertThat(Candidate.highest(List.of(b, a)))
        .isEqualTo(new Figure(5, 2, 9, Unit.MILLISECONDS, new Source.Modelled("a", "e")));
  }
}
