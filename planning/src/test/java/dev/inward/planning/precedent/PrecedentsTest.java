package dev.inward.planning.precedent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;

final class PrecedentsTest {
  private static final Traits RESNET = new Traits(Kind.CONVOLUTION, 11e6);
  private static final Traits MOBILE = new Traits(Kind.DEPTHWISE, 3.5e6);

  private static Treatment treatment(double weights, double activations, Treatment.Rounding how) {
    return new Treatment(weights, activations, Treatment.Grain.CHANNEL, how, false);
  }

  @Test
  void leftOutSources_areForetoldByTheOthers() {
    var tally = LeaveOut.sources().tally();
    assertThat(tally.rows()).isEqualTo(236);
    assertThat(tally.agreement()).isGreaterThanOrEqualTo(0.85);
    assertThat(tally.unknown()).isLessThanOrEqualTo(0.10);
  }

  /// What is reached without rows of the same papers and vendors, as docs/benchmarks.md states.
  @Test
  void leftOutOrigins_areForetoldNearlyAsWell() {
    var tally = LeaveOut.origins().tally();
    assertThat(tally.agreement()).isGreaterThanOrEqualTo(0.84);
    assertThat(tally.unknown()).isLessThanOrEqualTo(0.10);
  }

  @Test
  void noRowForetellsItself() {
    List<Precedent> rows = Precedent.all();
    List<Precedent> one = List.of(rows.getFirst());
    var expected = LeaveOut.of(rows, row -> row.source().substring(0, 1)).cases().getFirst();
    var without =
        Precedents.of(rows.stream().filter(r -> !r.source().startsWith("M")).toList())
            .expect(one.getFirst().traits(), one.getFirst().treatment());
    assertThat(expected.expected()).isEqualTo(without);
    assertThat(without.rests()).noneMatch(rest -> rest.row().source().startsWith("M"));
  }

  /// One row: mean and variance of a Gaussian process have a closed form.
  @Test
  void oneRow_isWeighedAsTheClosedFormSays() {
    Precedent row =
        Precedent.all().stream().filter(r -> !r.remembered() && r.drop() > 10).findFirst().get();
    var expected = Precedents.of(List.of(row)).expect(row.traits(), row.treatment());
    double like = Likeness.of(row.traits(), row.treatment(), row.traits(), row.treatment());
    double weight = like / (like + Likeness.ORIGIN + Likeness.CHANCE);
    assertThat(expected.rests().getFirst().weight()).isCloseTo(weight, within(1e-12));
    double middle = Math.log(1.3) / Math.log(2);
    double mean = middle + weight * (Math.log(row.drop() + 0.3) / Math.log(2) - middle);
    assertThat(100 * expected.drop().value()).isCloseTo(Math.pow(2, mean) - 0.3, within(1e-9));
  }

  @Test
  void eightBitWeightsAlone_areEnough() {
    var expected = Precedents.all().expect(RESNET, treatment(8, 16, Treatment.Rounding.NEAREST));
    assertThat(expected.advice()).isEqualTo(Expectation.Advice.ENOUGH);
    assertThat(expected.text())
        .startsWith("post-training is enough: ")
        .endsWith("chance of at most 1 point");
  }

  @Test
  void fourBitsByNearestRounding_areNot_reconstructedOnesMostlyAre() {
    var precedents = Precedents.all();
    var nearest = precedents.expect(MOBILE, treatment(4, 8, Treatment.Rounding.NEAREST));
    var rebuilt = precedents.expect(RESNET, treatment(4, 16, Treatment.Rounding.RECONSTRUCTED));
    assertThat(nearest.advice()).isEqualTo(Expectation.Advice.TRAIN);
    assertThat(nearest.drop().value()).isGreaterThan(0.05);
    assertThat(rebuilt.advice()).isEqualTo(Expectation.Advice.ENOUGH);
  }

  @Test
  void withoutTheRowsItRestsOn_theExpectationIsWeaker() {
    List<Precedent> rows = Precedent.all();
    Treatment low = treatment(2, 16, Treatment.Rounding.RECONSTRUCTED);
    var with = Precedents.of(rows).expect(RESNET, low);
    var rests = with.rests().stream().map(Expectation.Rest::row).toList();
    var without =
        Precedents.of(rows.stream().filter(r -> !rests.contains(r)).toList()).expect(RESNET, low);
    assertThat(Math.abs(without.chance() - 0.5)).isLessThan(Math.abs(with.chance() - 0.5));
  }

  @Test
  void rowsFromMemory_weighLess() {
    Precedent row = Precedent.all().stream().filter(Precedent::remembered).findFirst().get();
    var read =
        new Precedent(
            row.source(),
            row.origin(),
            row.model(),
            row.method(),
            row.bits(),
            row.traits(),
            row.treatment(),
            row.drop(),
            false);
    var recalled = Precedents.of(List.of(row)).expect(row.traits(), row.treatment());
    var stored = Precedents.of(List.of(read)).expect(row.traits(), row.treatment());
    assertThat(recalled.rests().getFirst().weight()).isLessThan(stored.rests().getFirst().weight());
  }
}
