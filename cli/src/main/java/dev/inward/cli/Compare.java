package dev.inward.cli;

import dev.inward.base.InputException;
import dev.inward.graph.Graph;
import dev.inward.runtime.HalfPrecision.Denormals;
import dev.inward.workbench.Comparison;
import dev.inward.workbench.Feed;
import dev.inward.workbench.diagnosis.Diagnosis;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `inward compare`.
@Command(
    name = "compare",
    description = {
      "Runs two models on the same inputs: how far their outputs are apart, at which node that",
      "begins, and why. Float16 of a package is simulated: weights and every value in between are",
      "rounded to halves, sums are wide. Shapes that only one of them states hold for both.",
      "",
      "Each value that both compute is compared twice: as it comes out (accumulated), and as it",
      "would be if everything before it were as in the reference (own). The share is what the own",
      "error does to the outputs, of all own errors."
    },
    footer = {
      "",
      "JSON: a, b, inputs, samples, simulated_float16, outputs[] of {output, signal_to_noise,",
      "worst}, compared (values that both compute), unmatched[] (values of A with no counterpart),",
      "first and findings[] of {value, op, node, accumulated, own, worst, share, cause, evidence,",
      "mend}, steps[] of the same without a cause, in the order of A. Decibels are of signal to",
      "noise, null where nothing differs or something is not finite (then finite is false).",
      "",
      "Examples:",
      "  inward compare model.onnx model.mlpackage --data samples.npy",
      "  inward compare all-minilm-l6-v2 minilm.mlpackage --data test.txt --samples 4"
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
      defaultValue = "4",
      description = "How many samples at most; 4 where it is not said.")
  private int samples = 4;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "10",
      description = "How many of the nodes that matter are listed; 10 where it is not said.")
  private int top = 10;

  @Option(names = "--all", description = "Lists every value that both compute, in order.")
  private boolean all;

  @Option(
      names = "--denormals",
      paramLabel = "RULE",
      defaultValue = "kept",
      description = {
        "kept, or flushed: products take and give 0 for float16 numbers below 2^-14, as the Neural",
        "Engine of M1 does. 'kept' where it is not said."
      })
  private String denormals = "kept";

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
    Denormals rule = rule();
    Graph a = new ModelName(reference).graph(terminal, shapes.bound());
    Graph b = new ModelName(changed).graph(terminal, Map.of());
    var comparison = Comparison.of(a, b);
    Feed feed =
        data.equals(GENERATED)
            ? Feed.Generated.of(comparison.reference(), samples)
            : comparison.feed(Path.of(data), new ModelName(reference).usual(terminal));
    int count = Math.min(samples, feed.size());
    Diagnosis diagnosis =
        terminal.watch(progress -> Diagnosis.of(comparison, feed, count, rule, progress));
    var report = new CompareReport(reference, changed, feed.about(), count, diagnosis);
    if (json) {
      terminal.print(report.json());
    } else {
      report.print(terminal.out(), top, all);
    }
    return Exit.KEPT.code;
  }

  private Denormals rule() {
    return switch (denormals.toLowerCase(Locale.ROOT)) {
      case "kept" -> Denormals.KEPT;
      case "flushed" -> Denormals.FLUSHED_IN_PRODUCTS;
      default -> throw InputException.at("--denormals " + denormals, "is neither kept nor flushed");
    };
  }
}
