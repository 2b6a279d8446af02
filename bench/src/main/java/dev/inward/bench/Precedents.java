package dev.inward.bench;

import dev.inward.planning.precedent.LeaveOut;
import java.util.Locale;

/// How well published results foretell those of other sources: "at most one point is lost", outside
/// the grey band of 0.7 to 1.5 points, by setting. No machine is measured.
final class Precedents {
  private Precedents() {}

  static void main(String[] arguments) {
    print("leaving out one source at a time", LeaveOut.sources());
    print("leaving out all of one origin at a time", LeaveOut.origins());
    System.out.println("\nrows on which one source at a time is wrong:\n");
    LeaveOut.sources().cases().stream()
        .filter(c -> !c.grey() && c.answered() && !c.agrees())
        .forEach(c -> System.out.printf("- %s; %s%n", c.row().text(), c.expected().text()));
  }

  private static void print(String how, LeaveOut out) {
    System.out.println("\n" + how + "\n");
    var table =
        new Table(
            "setting",
            "rows",
            "said kept, is",
            "said lost, is",
            "said kept, is lost",
            "said lost, is kept",
            "do not know",
            "agreement");
    out.bySetting().forEach((setting, tally) -> row(table, setting, tally));
    row(table, "all", out.tally());
    table.print();
  }

  private static void row(Table table, String setting, LeaveOut.Tally tally) {
    if (tally.rows() > 0) {
      table.row(
          setting,
          tally.rows(),
          tally.kept(),
          tally.broken(),
          tally.wronglyKept(),
          tally.wronglyBroken(),
          percent(tally.unknown()),
          tally.answered() == 0 ? "" : percent(tally.agreement()));
    }
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }
}
