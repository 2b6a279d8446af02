package dev.inward.cli;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.coreml.CoreMl;
import dev.inward.coreml.Face;
import dev.inward.coreml.Options;
import dev.inward.graph.Graph;
import dev.inward.runtime.HalfPrecision.Denormals;
import dev.inward.runtime.HalfPrecision.Rules;
import dev.inward.runtime.HalfPrecision.Sums;
import dev.inward.workbench.Comparison;
import dev.inward.workbench.Conversion;
import dev.inward.workbench.Feed;
import dev.inward.workbench.diagnosis.Diagnosis;
import dev.inward.workbench.diagnosis.DriftReport;
import dev.inward.workbench.diagnosis.Mending;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
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
      "Runs two models on the same inputs: how far their outputs are apart, at "
          + "which node that begins, and why. Float16 of a package is simulated: weights "
          + "and every value in between are rounded to halves, sums are wide. Shapes that "
          + "only one of them states hold for both.",
      "",
      "Each value that both compute is compared twice: as it comes out "
          + "(accumulated), and as it would be if everything before it were as in the "
          + "reference (own). The share is what the own error does to the outputs, of all "
          + "own errors.",
      "",
      "Exit code: 0, or 1 where --snr is given and an output does not reach it."
    },
    footer = {
      "",
      "JSON: a, b, inputs, samples, simulated_float16, outputs[] of {output, "
          + "signal_to_noise, worst}, compared (values that both compute), unmatched[] "
          + "(values of A with no counterpart), first and findings[] of {value, op, node, "
          + "accumulated, own, worst, finite, share, cause, evidence, mends[]}, steps[] "
          + "of the same without a cause, in the order of A, speed[] of {kind, nodes[], "
          + "evidence, change, source}; with --mend: mending of {before, after, target, "
          + "out, trials[] of {value, mend, what, before, after, bytes, float32_nodes, "
          + "kept}}. Decibels are of signal to noise, null where nothing differs or "
          + "something is not finite (then finite is false).",
      "",
      "Examples:",
      "  inward compare model.onnx model.mlpackage --data samples.npy",
      "  inward compare all-minilm-l6-v2 minilm.mlpackage --data test.txt --samples 4",
      "  inward compare model.onnx model.mlpackage --mend --snr 50 -o mended.mlpackage"
    })
final class Compare implements Callable<Integer> {
  private static final String GENERATED = "generated";
  private static final double USUAL = 40;

  private final Terminal terminal;

  @Parameters(index = "0", paramLabel = "A", description = "The reference.")
  private String reference = "";

  @Parameters(index = "1", paramLabel = "B", description = "What was made of it.")
  private String changed = "";

  @Option(
      names = "--data",
      paramLabel = "PATH",
      defaultValue = GENERATED,
      description =
          "An .npy file or a folder of one for each input, the first axis the "
              + "samples; text lines or images for a bundled model. 'generated' where it "
              + "is not said.")
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
      description =
          "kept, or flushed: products take and give 0 for float16 numbers below "
              + "2^-14, as the Neural Engine of M1 does. 'kept' where it is not said.")
  private String denormals = "kept";

  @Option(
      names = "--sums",
      paramLabel = "RULE",
      defaultValue = "wide",
      description =
          "wide, or narrow: float16 sums are kept in float16, as on a GPU with "
              + "allowLowPrecisionAccumulationOnGPU. 'wide' where it is not said.")
  private String sums = "wide";

  @Option(
      names = "--mend",
      description =
          "Tries the mends of the causes, the largest share first, and says what each gains.")
  private boolean mend;

  @Option(
      names = "--snr",
      paramLabel = "DB",
      description =
          "Decibels of signal to noise that every output is to reach; --mend goes "
              + "on until it is reached, 40 where it is not said.")
  private Optional<Double> target = Optional.empty();

  @Option(
      names = {"-o", "--out"},
      paramLabel = "OUT",
      description = "Where the mended model is written: .mlpackage or .onnx.")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description = "Writes a report with a plot of the flow.")
  private Optional<Path> html = Optional.empty();

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
    if (out.isPresent() && !mend) {
      throw InputException.at("-o " + out.get(), "is where a mended model is written")
          .hint("add --mend");
    }
    out.ifPresent(Conversion::checkPlace);
    Rules rule = new Rules(rule(), sums());
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
    double wanted = target.orElse(USUAL);
    Optional<Mending> mending =
        mend
            ? Optional.of(
                terminal.watch(
                    progress -> Mending.of(comparison, feed, count, wanted, rule, progress)))
            : Optional.empty();
    Optional<Conversion> written =
        mending.flatMap(done -> out.map(place -> write(done.graph(), place)));
    var report =
        new CompareReport(
            reference, changed, feed.about(), count, diagnosis, mending, wanted, written, sums);
    html.ifPresent(file ->
        new DriftReport(reference, changed, count, feed.about(), diagnosis, mending).write(file));
    if (json) {
      terminal.print(report.json());
    } else {
      report.print(terminal.out(), top, all);
      html.ifPresent(file -> terminal.out().printf("%nreport: %s%n", file));
    }
    double reached =
        mending
            .map(Mending::after)
            .orElseGet(() ->
                diagnosis.outputs().stream()
                    .mapToDouble(output -> output.signalToNoise().value())
                    .min()
                    .orElse(Double.POSITIVE_INFINITY));
    return target.isPresent() && !(reached >= wanted) ? Exit.BROKEN.code : Exit.KEPT.code;
  }

  /// Writes the mended model as it is typed: what is float16 in it stays float16. A package faces
  /// an app as the one that was mended, for the same target where that can say it.
  private Conversion write(Graph graph, Path place) {
    Options options = Options.DEFAULT.precision(Options.Precision.FLOAT32);
    Path file = new ModelName(changed).file(terminal);
    if (!Files.isDirectory(file)) {
      return Conversion.asTyped(graph, place, options);
    }
    var read = CoreMl.open(file, Optional.empty());
    Face face = read.face();
    Options same =
        options.face(
            new Face(
                face.types(),
                face.images(),
                new LinkedHashMap<>(),
                face.classes(),
                face.metadata(),
                face.descriptions()));
    try {
      return Conversion.asTyped(graph, place, read.target().map(same::target).orElse(same));
    } catch (UnsupportedException _) {
      return Conversion.asTyped(graph, place, same);
    }
  }

  private Denormals rule() {
    return switch (denormals.toLowerCase(Locale.ROOT)) {
      case "kept" -> Denormals.KEPT;
      case "flushed" -> Denormals.FLUSHED_IN_PRODUCTS;
      default -> throw InputException.at("--denormals " + denormals, "is neither kept nor flushed");
    };
  }

  private Sums sums() {
    return switch (sums.toLowerCase(Locale.ROOT)) {
      case "wide" -> Sums.WIDE;
      case "narrow" -> Sums.NARROW;
      default -> throw InputException.at("--sums " + sums, "is neither wide nor narrow");
    };
  }
}
