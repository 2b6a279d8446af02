package dev.inward.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.Figure;
import dev.inward.base.Unit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class MeasuringTest {
  private static final Budget SMALLEST =
      Instances.budget(
          List.of(Instances.size(50e6), Instances.quality(0.005)), Budget.Preference.SIZE);

  private static Candidate open(String name, double megabytes) {
    return new Candidate(
        name,
        name,
        Map.of(Constraint.Kind.SIZE, Figure.counted(megabytes * 1e6, Unit.BYTES, "the file")));
  }

  private static Candidate measured(Candidate candidate, double drop) {
    var figures = new EnumMap<Constraint.Kind, Figure>(Constraint.Kind.class);
    figures.putAll(candidate.figures());
    figures.put(Constraint.Kind.QUALITY, Figure.counted(drop, Unit.SHARE_POINTS, "counted"));
    return new Candidate(candidate.name(), candidate.recipe(), figures);
  }

  private static Optional<String> next(
      Budget budget, Map<String, Double> decibels, Candidate... candidates) {
    return new Measuring(budget, decibels, false).next(List.of(candidates)).map(Candidate::name);
  }

  @Test
  void preferredCandidate_comesFirst() {
    var decibels = Map.of("a", 30.0, "b", 31.0, "c", 32.0);
    assertThat(next(SMALLEST, decibels, open("a", 40), open("b", 20), open("c", 30))).contains("b");
  }

  @Test
  void onceThePreferredOneKeepsEveryLine_nothingElseIsMeasured() {
    var decibels = Map.of("a", 30.0, "b", 31.0);
    assertThat(next(SMALLEST, decibels, open("a", 40), measured(open("b", 20), 0.001))).isEmpty();
    assertThat(next(SMALLEST, decibels, open("a", 40), measured(open("b", 20), 0.1))).contains("a");
  }

  @Test
  void tenTimesTheErrorForAFewPercentLess_isPassedOverUntilNothingElseFits() {
    var decibels = Map.of("tensor", 15.0, "channel", 25.0);
    Candidate tensor = open("tensor", 20);
    Candidate channel = open("channel", 20.9);
    assertThat(next(SMALLEST, decibels, tensor, channel)).contains("channel");
    assertThat(next(SMALLEST, decibels, tensor, measured(channel, 0.001))).isEmpty();
    assertThat(next(SMALLEST, decibels, tensor, measured(channel, 0.1))).contains("tensor");
  }

  @Test
  void lessThanTenTimesTheError_orMoreThanFivePercent_isWorthMeasuring() {
    assertThat(next(SMALLEST, Map.of("a", 15.1, "b", 25.0), open("a", 20), open("b", 20.9)))
        .contains("a");
    assertThat(next(SMALLEST, Map.of("a", 15.0, "b", 25.0), open("a", 20), open("b", 21.1)))
        .contains("a");
  }

  @Test
  void anotherThatBreaksALine_excusesNothing() {
    var decibels = Map.of("a", 15.0, "b", 25.0);
    assertThat(next(SMALLEST, decibels, open("a", 49), open("b", 51))).contains("a");
  }

  @Test
  void whereQualityIsPreferred_noErrorIsTooLarge() {
    Budget best = Instances.budget(SMALLEST.constraints(), Budget.Preference.QUALITY);
    var decibels = Map.of("a", 15.0, "b", 40.0);
    assertThat(next(best, decibels, open("a", 20), measured(open("b", 20), 0.001))).isEmpty();
    assertThat(next(best, decibels, open("a", 20), measured(open("b", 20), 0.1))).contains("a");
  }

  @Test
  void whereEveryCandidateBreaksALine_theNearestIsMeasuredAndThenTheNextNearest() {
    var decibels = Map.of("a", 30.0, "b", 30.0, "c", 30.0);
    Candidate a = open("a", 55);
    Candidate b = open("b", 60);
    Candidate c = open("c", 90);
    assertThat(next(SMALLEST, decibels, a, b, c)).contains("a");
    assertThat(next(SMALLEST, decibels, measured(a, 0.1), b, c)).contains("b");
    assertThat(next(SMALLEST, decibels, measured(a, 0.004), b, c)).isEmpty();
  }

  @Test
  void withoutALineOfQuality_nothingIsMeasured() {
    Budget size = Instances.budget(List.of(Instances.size(50e6)), Budget.Preference.SIZE);
    assertThat(next(size, Map.of("a", 30.0), open("a", 20))).isEmpty();
    assertThat(next(size, Map.of("a", 30.0), open("a", 70))).isEmpty();
  }

  @Test
  void every_measuresAllOnce() {
    var measuring = new Measuring(SMALLEST, Map.of("a", 1.0, "b", 99.0), true);
    assertThat(measuring.next(List.of(open("a", 20), open("b", 20))).map(Candidate::name))
        .contains("a");
    assertThat(
            measuring
                .next(List.of(measured(open("a", 20), 0.1), open("b", 20)))
                .map(Candidate::name))
        .contains("b");
    assertThat(measuring.next(List.of(measured(open("a", 20), 0.1), measured(open("b", 20), 0.1))))
        .isEmpty();
  }

  @Test
  void candidateWithoutDecibels_isAFault() {
    assertThatThrownBy(() -> next(SMALLEST, Map.of("a", 1.0), open("a", 20), open("b", 21)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no signal over error of b");
  }

  /// Measuring in this order ends, and decides what measuring everything decides, but for those
  /// that were passed over.
  @Test
  void decision_isThatOfMeasuringEverything_onRandomBudgets() {
    var random = new Random(11);
    int settled = 0;
    for (int round = 0; round < 1500; round++) {
      Budget budget = Instances.budget(random);
      List<Candidate> truth = Instances.candidates(random, budget);
      var decibels = new HashMap<String, Double>();
      truth.forEach(one -> decibels.put(one.name(), 20 + 5 * random.nextDouble()));
      var known = new ArrayList<Candidate>();
      truth.forEach(one -> known.add(one.without(Constraint.Kind.QUALITY)));
      var measuring = new Measuring(budget, decibels, false);
      Set<String> done = new HashSet<>();
      for (var next = measuring.next(known); next.isPresent(); next = measuring.next(known)) {
        String name = next.get().name();
        int i = known.indexOf(next.get());
        if (truth.get(i).figure(Constraint.Kind.QUALITY).isEmpty()) {
          break;
        }
        assertThat(done.add(name)).as("%s is measured once", name).isTrue();
        known.set(i, truth.get(i));
      }
      if (truth.stream().allMatch(one -> one.figure(Constraint.Kind.QUALITY).isPresent())) {
        Trace whole = Trace.decide(budget, truth);
        Trace part = Trace.decide(budget, known);
        if (whole.outcome() == Outcome.KEPT) {
          settled++;
          assertThat(part.outcome()).as("%s %s", budget, truth).isEqualTo(Outcome.KEPT);
          if (budget.prefer() != Budget.Preference.QUALITY) {
            assertThat(part.chosen().map(Candidate::name))
                .as("%s %s", budget, truth)
                .isEqualTo(whole.chosen().map(Candidate::name));
          }
        }
      }
    }
    assertThat(settled).isGreaterThan(50);
  }
}
