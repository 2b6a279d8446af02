package dev.inward.planning.precedent;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// How well published results foretell others: every row is foretold from the rows of other sources
/// alone, and held against what was measured.
///
/// @param cases one for each row, in the order of the table
public record LeaveOut(List<Case> cases) {
  private static final double GREY_FROM = 0.7;
  private static final double GREY_TO = 1.5;

  /// A row and what the others let expect of it.
  public record Case(Precedent row, Expectation expected) {
    /// Whether the drop is so near to what counts as enough that noise decides.
    public boolean grey() {
      return row.drop() >= GREY_FROM && row.drop() <= GREY_TO;
    }

    public boolean answered() {
      return expected.advice() != Expectation.Advice.UNKNOWN;
    }

    /// Whether the advice is what the row shows.
    public boolean agrees() {
      return (expected.advice() == Expectation.Advice.ENOUGH) == row.drop() <= Expectation.ACCEPTED;
    }
  }

  /// What came of some cases outside the grey band.
  ///
  /// @param kept rows that lost at most a point and were said to
  /// @param broken rows that lost more and were said to
  public record Tally(int rows, int kept, int broken, int wronglyKept, int wronglyBroken) {
    static Tally of(List<Case> cases) {
      int[] counts = new int[4];
      List<Case> clear = cases.stream().filter(c -> !c.grey()).toList();
      for (Case one : clear) {
        if (one.answered()) {
          boolean said = one.expected().advice() == Expectation.Advice.ENOUGH;
          counts[(said ? 0 : 1) + (one.agrees() ? 0 : 2)]++;
        }
      }
      return new Tally(clear.size(), counts[0], counts[1], counts[2], counts[3]);
    }

    public int answered() {
      return kept + broken + wronglyKept + wronglyBroken;
    }

    /// The share of the answered that agree; not a number where none is.
    public double agreement() {
      return (kept + broken) / (double) answered();
    }

    /// The share that is not answered.
    public double unknown() {
      return 1 - answered() / (double) rows;
    }
  }

  public LeaveOut {
    cases = List.copyOf(cases);
  }

  /// Leaves out one source at a time, as the table names it.
  public static LeaveOut sources() {
    return of(Precedent.all(), Precedent::source);
  }

  /// Leaves out all sources of one origin at a time: papers that quote each other's numbers, and
  /// tables of one vendor, count as one.
  public static LeaveOut origins() {
    return of(Precedent.all(), Precedent::origin);
  }

  static LeaveOut of(List<Precedent> rows, Function<Precedent, String> group) {
    Map<String, Precedents> without = new LinkedHashMap<>();
    List<Case> cases = new ArrayList<>();
    for (Precedent row : rows) {
      Precedents others =
          without.computeIfAbsent(
              group.apply(row),
              out ->
                  Precedents.of(
                      rows.stream().filter(other -> !group.apply(other).equals(out)).toList()));
      cases.add(new Case(row, others.expect(row.traits(), row.treatment())));
    }
    return new LeaveOut(cases);
  }

  /// Outside the grey band.
  public Tally tally() {
    return Tally.of(cases);
  }

  /// The same for each setting, in the order of the table: `W4A8, nearest`.
  public Map<String, Tally> bySetting() {
    Map<String, List<Case>> groups = new LinkedHashMap<>();
    for (Case one : cases) {
      groups.computeIfAbsent(setting(one.row()), _ -> new ArrayList<>()).add(one);
    }
    Map<String, Tally> tallies = new LinkedHashMap<>();
    groups.forEach((setting, some) -> tallies.put(setting, Tally.of(some)));
    return tallies;
  }

  private static String setting(Precedent row) {
    Treatment treatment = row.treatment();
    double bits = treatment.weightBits();
    return "%s%s, %s"
        .formatted(
            bits >= 8 ? "W8" : bits >= 5 ? "W5 to W6" : bits > 3 ? "W4" : "W1 to W3",
            !treatment.roundsActivations()
                ? ""
                : treatment.activationBits() >= 8 ? "A8" : "A4 to A6",
            treatment.rounding().name().toLowerCase(java.util.Locale.ROOT));
  }
}
