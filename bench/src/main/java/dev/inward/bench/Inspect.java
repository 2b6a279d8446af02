package dev.inward.bench;

import dev.inward.base.Progress;
import dev.inward.workbench.BundledModel;
import dev.inward.workbench.ModelCache;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// How long `./inward inspect` takes on the 90.9 MB encoder, and how much memory, as a whole
/// command. The argument is how often, ten where there is none; the file is in the page cache after
/// the first.
final class Inspect {
  private Inspect() {}

  static void main(String[] arguments) throws Exception {
    int times = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 10;
    var model = ModelCache.of(System.getenv()).fetch(BundledModel.MINILM, Progress.SILENT).model();
    System.out.println(Machine.now());
    List<Command> runs = new ArrayList<>();
    for (int i = 0; i < times; i++) {
      runs.add(Command.inward("inspect", model.toString()));
    }
    Spread wall = Spread.of(runs.stream().map(Command::seconds).toList());
    var most = runs.stream().max(Comparator.comparingLong(r -> r.peakBytes().orElse(0)));
    var table = new Table("command", "runs", "best", "median", "peak resident");
    table.row(
        "inspect all-minilm-l6-v2.onnx",
        times,
        String.format(Locale.ROOT, "%.2f s", wall.best()),
        String.format(Locale.ROOT, "%.2f s", wall.median()),
        most.orElseThrow().peakText());
    table.print();
  }
}
