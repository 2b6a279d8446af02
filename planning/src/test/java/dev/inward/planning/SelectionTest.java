package dev.inward.planning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.Unit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SelectionTest {
  /// What random problems look like.
  private enum Kind {
    /// Few different whole numbers: many equal sums.
    TIES,
    REALS,
    /// Losses fall as costs rise, as they do where bits are given out.
    ORDERED,
    /// Some costs are nothing, some below nothing, some the same for all.
    DEGENERATE
  }

  private static Selection random(Random random, Kind kind, int most, int options, int lines) {
    int parts = 1 + random.nextInt(most);
    List<Selection.Part> all = new ArrayList<>();
    double[] sums = new double[lines];
    for (int p = 0; p < parts; p++) {
      List<Selection.Option> some = new ArrayList<>();
      int count = 1 + random.nextInt(options);
      double size = 1 + random.nextInt(20);
      for (int o = 0; o < count; o++) {
        double loss =
            switch (kind) {
              case TIES -> random.nextInt(4);
              case REALS -> random.nextDouble();
              case ORDERED -> size * random.nextDouble() * Math.exp(-o);
              case DEGENERATE -> random.nextInt(3) - 1;
            };
        List<Double> costs = new ArrayList<>();
        for (int l = 0; l < lines; l++) {
          double cost =
              switch (kind) {
                case TIES -> random.nextInt(5);
                case REALS -> random.nextDouble() * 10;
                case ORDERED -> size * (o + 1) + random.nextInt(2);
                case DEGENERATE -> l == 0 ? 0 : random.nextInt(5) - 2;
              };
          sums[l] += cost / count;
          costs.add(cost);
        }
        some.add(new Selection.Option("o" + o, loss, costs));
      }
      all.add(new Selection.Part("p" + p, some));
    }
    List<Selection.Line> limits = new ArrayList<>();
    for (int l = 0; l < lines; l++) {
      double limit =
          switch (random.nextInt(8)) {
            case 0 -> Double.POSITIVE_INFINITY;
            case 1 -> 0;
            default -> sums[l] * (0.4 + 0.8 * random.nextDouble());
          };
      limits.add(
          new Selection.Line("l" + l, kind == Kind.REALS ? limit : Math.rint(limit), Unit.COUNT));
    }
    return new Selection(all, limits);
  }

  /// Every choice looked at: the least loss of those that keep the lines, and the least sum of
  /// relative changes of all.
  private record Brute(double loss, double excess) {
    static Brute of(Selection selection) {
      int[] picks = new int[selection.parts().size()];
      double loss = Double.POSITIVE_INFINITY;
      double excess = Double.POSITIVE_INFINITY;
      while (true) {
        double over = SelectionTest.excess(selection, picks);
        excess = Math.min(excess, over);
        if (selection.keeps(picks)) {
          loss = Math.min(loss, selection.choice(picks).loss());
        }
        int p = 0;
        while (p < picks.length && ++picks[p] == selection.parts().get(p).options().size()) {
          picks[p++] = 0;
        }
        if (p == picks.length) {
          return new Brute(loss, excess);
        }
      }
    }
  }

  private static double excess(Selection selection, int[] picks) {
    double sum = 0;
    for (int l = 0; l < selection.lines().size(); l++) {
      double most = selection.lines().get(l).most();
      sum += Math.max(0, selection.sum(l, picks) - most) / (most == 0 ? 1 : Math.abs(most));
    }
    return sum;
  }

  private static int[] picks(Selected.Choice choice) {
    return choice.options().stream().mapToInt(Integer::intValue).toArray();
  }

  @Test
  void smallProblems_areSolvedAsByLookingAtEveryChoice() {
    int met = 0;
    int unmet = 0;
    for (int seed = 0; seed < 8000; seed++) {
      Kind kind = Kind.values()[seed % 4];
      Selection selection = random(new Random(seed), kind, 6, 4, seed / 4 % 4);
      Brute brute = Brute.of(selection);
      switch (selection.solve()) {
        case Selected.Met found -> {
          met++;
          assertThat(found.proved()).as("seed %d", seed).isTrue();
          assertThat(found.gap()).isZero();
          assertThat(selection.keeps(picks(found.choice()))).isTrue();
          assertThat(found.choice().loss())
              .as("seed %d, %s", seed, selection)
              .isCloseTo(brute.loss(), within(1e-9));
        }
        case Selected.Unmet found -> {
          unmet++;
          assertThat(brute.loss()).as("seed %d", seed).isInfinite();
          assertThat(found.impossible()).isTrue();
          assertThat(found.proved()).isTrue();
          assertThat(excess(selection, picks(found.nearest())))
              .as("seed %d, %s", seed, selection)
              .isCloseTo(brute.excess(), within(1e-9));
        }
      }
    }
    assertThat(met).isGreaterThan(2000);
    assertThat(unmet).isGreaterThan(500);
  }

  /// The least loss for whole costs of one line, by a table over the cost.
  private static double table(Selection selection) {
    int room = (int) selection.lines().getFirst().most();
    double[] best = new double[room + 1];
    for (var part : selection.parts()) {
      double[] next = new double[room + 1];
      Arrays.fill(next, Double.POSITIVE_INFINITY);
      for (var option : part.options()) {
        int cost = option.costs().getFirst().intValue();
        for (int c = cost; c <= room; c++) {
          next[c] = Math.min(next[c], best[c - cost] + option.loss());
        }
      }
      best = next;
    }
    return Arrays.stream(best).min().orElseThrow();
  }

  @Test
  void largerProblemsOfOneLine_areSolvedAsByATable() {
    for (int seed = 0; seed < 40; seed++) {
      var random = new Random(seed);
      List<Selection.Part> parts = new ArrayList<>();
      for (int p = 0; p < 60; p++) {
        double size = 1 + random.nextInt(30);
        List<Selection.Option> options = new ArrayList<>();
        for (int o = 0; o < 8; o++) {
          double loss = random.nextDouble() * size * Math.exp(-0.7 * o);
          options.add(
              new Selection.Option(
                  "o" + o, loss, List.of(Math.rint(size * (o + random.nextDouble())))));
        }
        parts.add(new Selection.Part("p" + p, options));
      }
      var selection =
          new Selection(parts, List.of(new Selection.Line("size", 1500 + 60 * seed, Unit.BYTES)));
      var found = (Selected.Met) selection.solve();
      assertThat(found.proved()).isTrue();
      assertThat(found.choice().loss())
          .as("seed %d", seed)
          .isCloseTo(table(selection), within(1e-9));
    }
  }

  /// A hundred layers of ten options under three lines.
  static Selection large(int seed) {
    var random = new Random(seed);
    List<Selection.Part> parts = new ArrayList<>();
    double[] sums = new double[3];
    for (int p = 0; p < 100; p++) {
      double size = Math.exp(random.nextGaussian());
      double sensitivity = Math.exp(random.nextGaussian() * 1.5);
      double speed = Math.exp(0.5 * random.nextGaussian());
      List<Selection.Option> options = new ArrayList<>();
      for (int o = 0; o < 10; o++) {
        double bits = 1 + o;
        double loss = sensitivity * Math.pow(4, -bits) * (0.5 + random.nextDouble());
        var costs =
            List.of(
                size * bits * (1 + 0.05 * random.nextDouble()),
                speed * (2 + bits * (0.5 + 0.5 * random.nextDouble())),
                speed * size * (1 + bits * random.nextDouble()));
        for (int l = 0; l < 3; l++) {
          sums[l] += costs.get(l) / 10;
        }
        options.add(new Selection.Option(o + 1 + " bits", loss, costs));
      }
      parts.add(new Selection.Part("layer " + p, options));
    }
    return new Selection(
        parts,
        IntStream.range(0, 3)
            .mapToObj(l -> new Selection.Line("line " + l, sums[l] * (0.55 + 0.1 * l), Unit.COUNT))
            .toList());
  }

  @Test
  void hundredLayersOfTenOptionsUnderThreeLines_areProved() {
    for (int seed = 0; seed < 10; seed++) {
      var found = (Selected.Met) large(seed).solve();
      assertThat(found.proved()).isTrue();
      assertThat(found.gap()).isLessThan(0.01);
    }
  }

  /// Costs and losses that have nothing to do with each other, whose best choices are close
  /// together: far harder than what models give.
  private static Selection unrelated(int seed, int lines) {
    var random = new Random(seed);
    List<Selection.Part> parts = new ArrayList<>();
    double[] sums = new double[lines];
    for (int p = 0; p < 100; p++) {
      List<Selection.Option> options = new ArrayList<>();
      for (int o = 0; o < 10; o++) {
        List<Double> costs = new ArrayList<>();
        for (int l = 0; l < lines; l++) {
          double cost = random.nextInt(1000);
          costs.add(cost);
          sums[l] += cost / 10;
        }
        options.add(new Selection.Option("o" + o, random.nextInt(1000), costs));
      }
      parts.add(new Selection.Part("p" + p, options));
    }
    return new Selection(
        parts,
        IntStream.range(0, lines)
            .mapToObj(l -> new Selection.Line("l" + l, Math.rint(sums[l] * 0.65), Unit.COUNT))
            .toList());
  }

  @Test
  void unrelatedLossesAndCosts_endWithinOnePercentUpToFourLines() {
    for (int lines = 1; lines <= 4; lines++) {
      var found = (Selected.Met) unrelated(lines, lines).solve(4_000_000);
      assertThat(found.gap()).as("%d lines", lines).isLessThan(0.01);
      assertThat(found.proved() || lines > 2).isTrue();
    }
  }

  @Test
  void sameProblem_givesTheSameAnswer() {
    assertThat(unrelated(7, 3).solve(1_000_000)).isEqualTo(unrelated(7, 3).solve(1_000_000));
  }

  @Test
  void lineThatNoChoiceKeeps_isNamedWithTheLeast() {
    var selection =
        new Selection(
            List.of(
                new Selection.Part(
                    "a",
                    List.of(
                        new Selection.Option("small", 1, List.of(30e6, 9.0)),
                        new Selection.Option("fast", 1, List.of(40e6, 3.0)))),
                new Selection.Part(
                    "b", List.of(new Selection.Option("only", 1, List.of(25e6, 1.0))))),
            List.of(
                new Selection.Line("size", 50e6, Unit.BYTES),
                new Selection.Line("latency", 12, Unit.MILLISECONDS)));
    var unmet = (Selected.Unmet) selection.solve();
    assertThat(unmet.nearest().options()).containsExactly(0, 0);
    assertThat(unmet.text(selection))
        .containsExactly("size: 55 MB is 5 MB more than 50 MB, no choice is below 55 MB");
  }

  @Test
  void linesThatOnlyTogetherCannotBeKept_areSaidWithTheNearestChoice() {
    var selection =
        new Selection(
            List.of(
                new Selection.Part(
                    "a",
                    List.of(
                        new Selection.Option("small", 1, List.of(30e6, 9.0)),
                        new Selection.Option("fast", 1, List.of(40e6, 3.0))))),
            List.of(
                new Selection.Line("size", 38e6, Unit.BYTES),
                new Selection.Line("latency", 5, Unit.MILLISECONDS)));
    var unmet = (Selected.Unmet) selection.solve();
    assertThat(unmet.nearest().options()).containsExactly(1);
    assertThat(unmet.text(selection)).containsExactly("size: 40 MB is 2 MB more than 38 MB");
  }

  @Test
  void limitItself_isKept() {
    var part =
        new Selection.Part(
            "a",
            List.of(
                new Selection.Option("cheap", 2, List.of(0.1)),
                new Selection.Option("good", 1, List.of(0.3))));
    var parts =
        IntStream.range(0, 10).mapToObj(p -> new Selection.Part("p" + p, part.options())).toList();
    var found =
        (Selected.Met)
            new Selection(parts, List.of(new Selection.Line("cost", 3, Unit.COUNT))).solve();
    assertThat(found.choice().loss()).isEqualTo(10);
  }

  @Test
  void fewStates_giveABoundThatHolds() {
    Selection selection = large(3);
    double known = ((Selected.Met) selection.solve()).choice().loss();
    var quick = (Selected.Met) selection.solve(1);
    assertThat(quick.bound()).isLessThanOrEqualTo(known);
    assertThat(quick.choice().loss()).isGreaterThanOrEqualTo(quick.bound());
    assertThat(quick.gap()).isLessThan(0.05);
  }

  @Test
  void numbersThatAreNone_areRefused() {
    assertThatThrownBy(() -> new Selection.Option("x", Double.NaN, List.of()))
        .hasMessage("option 'x' loses NaN and costs []");
    assertThatThrownBy(() -> new Selection.Part("x", List.of()))
        .hasMessage("part 'x' has no option");
    assertThatThrownBy(() -> new Selection(List.of(), List.of())).hasMessage("there is no part");
    var part = new Selection.Part("x", List.of(new Selection.Option("o", 1, List.of(1.0))));
    assertThatThrownBy(() -> new Selection(List.of(part), List.of()))
        .hasMessage("option 'o' of 'x' has 1 costs for 0 lines");
  }
}
