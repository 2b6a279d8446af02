package dev.inward.cli;

import dev.inward.base.InputException;
import dev.inward.base.Json;
import dev.inward.base.Unit;
import dev.inward.graph.Graph;
import dev.inward.runtime.Drift;
import dev.inward.workbench.Comparison;
import dev.inward.workbench.Feed;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `inward compare`.
@Command(
    name = "compare",
    description = {
      "Compares two models on the same inputs: how far their outputs are apart, then value by"
          + " value",
      "where that begins. Shapes that only one of them states hold for both."
    },
    footer = {
      "",
      "JSON: a, b, inputs, samples, outputs[] of {output, signal_to_noise, worst}, compared"
          + " (values",
      "that both compute), first (where the error is first as large as at the outputs),",
      "worst[] of {value, op, decibels, worst, largest, finite}. Decibels are of signal to noise,"
          + " null",
      "where nothing differs.",
      "",
      "Example: inward compare model.onnx inward-fit/model/model.mlpackage"
    })
final class Compare implements Callable<Integer> {
  private static final String GENERATED = "generated";

  private final Terminal terminal;

  @Parameters(index = "0", paramLabel = "A", description = "The reference.")
  private String reference = "";

  @Parameters(index = "1", paramLabel = "B", description = "What was made of it.")
  private String changed = "";

  @Option(
      names = "--data",
      paramLabel = "PATH",
      defaultValue = GENERATED,
      description = {
        "An .npy file or a folder of one for each input, the first axis the samples; text lines or",
        "images for a bundled model. 'generated' where it is not said."
      })
  private String data = GENERATED;

  @Option(
      names = "--samples",
      paramLabel = "N",
      defaultValue = "8",
      description = "How many samples at most; 8 where it is not said.")
  private int samples = 8;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many of the worst values are listed; 10 where it is not said.")
  private int top = 10;

  @Mixin private Shapes shapes = new Shapes();

  @Option(names = "--json", description = "Prints JSON for machines.")
  private boolean json;

  Compare(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (samples < 1 || top < 0) {
      throw InputException.at(samples < 1 ? "--samples" : "--top", "is too small");
    }
    Graph a = new ModelName(reference).graph(terminal, shapes.bound());
    Graph b = new ModelName(changed).graph(terminal, java.util.Map.of());
    var comparison = Comparison.of(a, b);
    Feed feed =
        data.equals(GENERATED)
            ? Feed.Generated.of(comparison.reference(), samples)
            : comparison.feed(Path.of(data), new ModelName(reference).usual(terminal));
    int count = Math.min(samples, feed.size());
    List<Comparison.Output> outputs =
        terminal.watch(progress -> comparison.outputs(feed, count, progress));
    List<Drift> drifts = terminal.watch(progress -> comparison.values(feed, count, progress));
    double floor =
        outputs.stream()
            .mapToDouble(output -> output.signalToNoise().value())
            .min()
            .orElse(Double.POSITIVE_INFINITY);
    Optional<Drift> first =
        Double.isInfinite(floor) && floor > 0
            ? Optional.empty()
            : drifts.stream().filter(d -> d.decibels() <= floor || !d.finite()).findFirst();
    List<Drift> worst =
        drifts.stream()
            .filter(d -> d.decibels() < Double.POSITIVE_INFINITY || !d.finite())
            .sorted(Comparator.comparing(Drift::finite).thenComparingDouble(Drift::decibels))
            .limit(top)
            .toList();
    if (json) {
      terminal.print(
          Json.obj(
              "a", reference,
              "b", changed,
              "inputs", feed.about(),
              "samples", count,
              "outputs", outputs.stream().map(Distance::json).toList(),
              "compared", drifts.size(),
              "first", first.map(Compare::json),
              "worst", worst.stream().map(Compare::json).toList()));
    } else {
      print(feed, count, outputs, drifts, first, worst);
    }
    return Exit.KEPT.code;
  }

  private static Json json(Drift drift) {
    return Json.obj(
        "value", drift.value(),
        "op", drift.op(),
        "decibels", drift.decibels(),
        "worst", drift.worst(),
        "largest", drift.largest(),
        "finite", drift.finite());
  }

  private void print(
      Feed feed,
      int count,
      List<Comparison.Output> outputs,
      List<Drift> drifts,
      Optional<Drift> first,
      List<Drift> worst) {
    PrintStream out = terminal.out();
    out.printf("%s against %s, on %d samples: %s%n", changed, reference, count, feed.about());
    outputs.forEach(o -> out.printf("  output %s: %s%n", o.name(), Distance.text(o)));
    out.printf("%d values are computed by both under one name%n", drifts.size());
    first.ifPresent(drift ->
        out.printf(
            "the error is first as large as at the outputs at '%s' (%s): %s%n",
            drift.value(), drift.op(), Unit.DECIBELS.text(drift.decibels())));
    if (worst.isEmpty()) {
      out.println("none of them differs");
      return;
    }
    out.println();
    var columns = new Columns("value", "op", ">signal to noise", ">apart", ">largest", "");
    for (Drift drift : worst) {
      columns.row(
          drift.value(),
          drift.op(),
          Unit.DECIBELS.text(drift.decibels()),
          "%.3g".formatted(drift.worst()),
          "%.3g".formatted(drift.largest()),
          drift.finite() ? "" : "not finite");
    }
    columns.print(out);
  }
}
