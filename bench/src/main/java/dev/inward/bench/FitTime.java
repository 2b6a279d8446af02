package dev.inward.bench;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// How long `./inward fit` takes on an example, with both files written and checked, and how much
/// memory, as a whole command. The argument is the budget file.
final class FitTime {
  private FitTime() {}

  static void main(String[] arguments) throws Exception {
    String budget = arguments.length > 0 ? arguments[0] : "examples/sentence-encoder/budget.yaml";
    System.out.println(Machine.now());
    Path out = Files.createTempDirectory("inward-fit");
    try {
      Command run = Command.inward("fit", budget, "--out", out.toString());
      var table = new Table("command", "wall", "peak resident");
      table.row(
          "fit " + budget, String.format(Locale.ROOT, "%.1f s", run.seconds()), run.peakText());
      table.print();
    } finally {
      List<Path> all;
      try (var paths = Files.walk(out)) {
        all = paths.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path path : all) {
        Files.delete(path);
      }
    }
  }
}
