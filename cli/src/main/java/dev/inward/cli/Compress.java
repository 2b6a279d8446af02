package dev.inward.cli;

import dev.inward.base.InputException;
import dev.inward.base.Json;
import dev.inward.base.Unit;
import dev.inward.base.UnsupportedException;
import dev.inward.compress.FormatName;
import dev.inward.compress.WeightFormat;
import dev.inward.coreml.Target;
import dev.inward.graph.Graph;
import dev.inward.workbench.Comparison;
import dev.inward.workbench.Loaded;
import dev.inward.workbench.Unbound;
import dev.inward.workbench.WeightCompression;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `inward compress`.
@Command(
    name = "compress",
    description = {
      "Stores the weights of a model in fewer bits, without data, and checks what was",
      "written against the original on generated inputs. A package that becomes a",
      "package keeps its interface, labels, texts, names and types as they are."
    },
    footer = {
      "",
      "Formats:",
      "  int8              one scale a channel",
      "  int8-tensor       one scale in all",
      "  int8-asymmetric   a range a channel, from the least to the largest",
      "  int4              scales of least error, one a channel",
      "  int4-block32      the same, one for 32 inputs of a channel",
      "  palette4          a table of 2^bits (1, 2, 3, 4, 6, 8) means of clusters;",
      "                    behind it: -group16 a table for 16 channels each,",
      "                    -vector2 entries of 2 channels, -scaled channels brought",
      "                    to one size first, -int8table",
      "  sparse50          the smallest half made zeros",
      "  sparse2of4        the smallest 2 of each 4 inputs made zeros",
      "  sparse50-block4   4 channels together made zeros",
      "  sparse50+int8     both; so +int4-block32, +palette4, +palette4-group16",
      "  float16",
      "",
      "JSON: out, form, bytes_before, bytes, squared_error, weights[] of {name,",
      "elements, stored, bytes_before, bytes, squared_error, signal_to_noise_db},",
      "left[] of {name, reason}, small, notes[], checks[] of {output, signal_to_noise,",
      "worst}, unchecked (why it was not run).",
      "",
      "Example: inward compress model.mlpackage -o small.mlpackage -w int4-block32",
      "           --node classifier=int8 --keep first_conv"
    })
final class Compress implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(paramLabel = "MODEL", description = "An .onnx, an .mlpackage, or a bundled name.")
  private String in = "";

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "OUT",
      description = "Where to; .onnx or .mlpackage says the format.")
  private Path out = Path.of("");

  @Option(
      names = {"-w", "--weights"},
      paramLabel = "FORMAT",
      description = "How weights are stored: see Formats. Else int8.")
  private String weights = "int8";

  @Option(
      names = "--node",
      paramLabel = "NAME=FORMAT",
      description = "Another format for a node's weight, or a weight; may be given for each.")
  private List<String> nodes = new ArrayList<>();

  @Option(
      names = "--keep",
      paramLabel = "NAME",
      description = "A node or weight whose weight stays as it is; may be given for each.")
  private List<String> kept = new ArrayList<>();

  @Option(
      names = "--least",
      paramLabel = "2048",
      description = "Weights of fewer elements stay as they are. Else 2048.")
  private long least = WeightCompression.Plan.USUAL_LEAST;

  @Mixin private Shapes shapes = new Shapes();

  @Option(
      names = "--target",
      paramLabel = "ios18",
      description =
          "The oldest system that must run a package: ios16 to ios26. Else the oldest that can.")
  private Optional<String> target = Optional.empty();

  @Option(names = "--no-check", description = "Does not run what was written.")
  private boolean unchecked;

  @Option(names = "--json", description = "Prints JSON for machines.")
  private boolean json;

  Compress(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    var plan = new WeightCompression.Plan(FormatName.read(weights), named(), least);
    Path file = new ModelName(in).file(terminal);
    if (file.toAbsolutePath().normalize().equals(out.toAbsolutePath().normalize())) {
      throw InputException.at(out.toString(), "is the model that is read");
    }
    var done =
        terminal.watch(progress ->
            WeightCompression.of(
                file, shapes.bound(), plan, out, target.map(Compress::target), progress));
    if (!json) {
      print(done);
    }
    List<Comparison.Output> checks = new ArrayList<>();
    Optional<String> why = unchecked ? Optional.of("not asked for") : check(file, done, checks);
    if (json) {
      terminal.print(json(done, checks, why));
      return Exit.KEPT.code;
    }
    if (!checks.isEmpty()) {
      terminal.out().println("read back and run on generated inputs, against the original:");
      checks.forEach(
          check -> terminal.out().printf("  %s  %s%n", check.name(), Distance.text(check)));
    }
    why.ifPresent(reason -> terminal.out().printf("not checked: %s%n", reason));
    return Exit.KEPT.code;
  }

  private SequencedMap<String, Optional<WeightFormat>> named() {
    SequencedMap<String, Optional<WeightFormat>> named = new LinkedHashMap<>();
    for (String text : nodes) {
      int split = text.lastIndexOf('=');
      if (split < 1) {
        throw InputException.at("--node " + text, "names no node and format")
            .hint("write --node classifier=int8");
      }
      named.put(text.substring(0, split), Optional.of(FormatName.read(text.substring(split + 1))));
    }
    kept.forEach(name -> named.put(name, Optional.empty()));
    return named;
  }

  private static Target target(String name) {
    String wanted = name.toUpperCase(Locale.ROOT).replaceAll("[ _-]", "");
    return Arrays.stream(Target.values())
        .filter(t -> t.name().equals(wanted))
        .findFirst()
        .orElseThrow(() ->
            InputException.at("--target " + name, "is no system that packages are written for")
                .hint(
                    "there are %s",
                    Arrays.stream(Target.values())
                        .map(t -> t.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "))));
  }

  /// Runs both; the result is why they were not run.
  private Optional<String> check(
      Path file, WeightCompression done, List<Comparison.Output> checks) {
    Graph original;
    try {
      Graph read = Loaded.read(file);
      original = shapes.bound().isEmpty() ? read : read.bindShapes(shapes.bound());
    } catch (UnsupportedException e) {
      return Optional.of("the model cannot be run here: " + e.getMessage());
    }
    var unbound = Unbound.options(original);
    if (unbound.isPresent()) {
      return Optional.of("its shapes are not bound; give " + unbound.get());
    }
    checks.addAll(terminal.watch(progress -> done.check(original, progress)));
    return Optional.empty();
  }

  private void print(WeightCompression done) {
    PrintStream to = terminal.out();
    var table =
        new Columns(
            "weight", ">elements", "stored as", ">before", ">after", ">squared error", ">dB");
    for (var line : done.weights()) {
      table.row(
          line.name(),
          String.format(Locale.ROOT, "%,d", line.elements()),
          line.how(),
          Unit.BYTES.text(line.before()),
          Unit.BYTES.text(line.after()),
          String.format(Locale.ROOT, "%.4g", line.squaredError()),
          Double.isFinite(line.signalToNoise())
              ? String.format(Locale.ROOT, "%.1f", line.signalToNoise())
              : "equal");
    }
    if (!done.weights().isEmpty()) {
      table.print(to);
    }
    done.left().forEach((name, reason) -> to.printf("left as it is: %s %s%n", name, reason));
    if (done.small() > 0) {
      to.printf("left as they are: %d weights of fewer than %d elements%n", done.small(), least);
    }
    done.written().notes().forEach(note -> to.printf("note: %s%n", note));
    to.printf(
        Locale.ROOT,
        "%s: %s, %s; it was %s, %.2f times as large%n",
        done.written().out(),
        done.written().form(),
        Unit.BYTES.text(done.written().bytes()),
        Unit.BYTES.text(done.before()),
        done.before() / (double) done.written().bytes());
  }

  private static Json json(
      WeightCompression done, List<Comparison.Output> checks, Optional<String> why) {
    return Json.obj(
        "out", done.written().out().toString(),
        "form", done.written().form(),
        "bytes_before", done.before(),
        "bytes", done.written().bytes(),
        "squared_error", done.squaredError(),
        "weights",
            done.weights().stream()
                .map(line ->
                    Json.obj(
                        "name", line.name(),
                        "elements", line.elements(),
                        "stored", line.how(),
                        "bytes_before", line.before(),
                        "bytes", line.after(),
                        "squared_error", line.squaredError(),
                        "signal_to_noise_db",
                            Double.isFinite(line.signalToNoise())
                                ? Optional.of(line.signalToNoise())
                                : Optional.empty()))
                .toList(),
        "left",
            done.left().entrySet().stream()
                .map(e -> Json.obj("name", e.getKey(), "reason", e.getValue()))
                .toList(),
        "small", done.small(),
        "notes", done.written().notes(),
        "checks", checks.stream().map(Distance::json).toList(),
        "unchecked", why);
  }
}
