package dev.inward.cli;

import dev.inward.base.InputException;
import dev.inward.base.Json;
import dev.inward.base.Unit;
import dev.inward.coreml.Options;
import dev.inward.coreml.Target;
import dev.inward.graph.Graph;
import dev.inward.workbench.Comparison;
import dev.inward.workbench.Conversion;
import dev.inward.workbench.Unbound;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `inward convert`.
@Command(
    name = "convert",
    description = {
      "Writes a model in another format, simplified, and checks what was written: it is read back",
      "and run beside the original on generated inputs. Ends with 1 where the outputs are not"
          + " those",
      "of the original (less than 20 dB of signal to noise)."
    },
    footer = {
      "",
      "JSON: out, form, bytes, notes[], checks[] of {output, signal_to_noise, worst},",
      "unchecked (why it was not run).",
      "signal_to_noise is {value, low, high, unit, source}, its value null where nothing differs.",
      "",
      "Example: inward convert model.onnx -o model.mlpackage --shape image=1x3x224x224"
    })
final class Convert implements Callable<Integer> {
  private static final double LEAST_DECIBELS = 20;

  private final Terminal terminal;

  @Parameters(paramLabel = "IN", description = "An .onnx, an .mlpackage, or a bundled name.")
  private String in = "";

  @Option(
      names = {"-o", "--out"},
      required = true,
      paramLabel = "OUT",
      description = "Where to; .onnx or .mlpackage says the format.")
  private Path out = Path.of("");

  @Mixin private Shapes shapes = new Shapes();

  @Option(
      names = "--target",
      paramLabel = "ios16",
      description =
          "The oldest system that must run a package: ios15 to ios18, ios26. Else the oldest that"
              + " can.")
  private Optional<String> target = Optional.empty();

  @Option(names = "--fp32", description = "A package computes in float32, not float16.")
  private boolean float32;

  @Option(names = "--no-check", description = "Does not run what was written.")
  private boolean unchecked;

  @Option(names = "--json", description = "Prints JSON for machines.")
  private boolean json;

  Convert(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Options options = options();
    Conversion.checkPlace(out);
    Path file = new ModelName(in).file(terminal);
    if (file.toAbsolutePath().normalize().equals(out.toAbsolutePath().normalize())) {
      throw InputException.at(out.toString(), "is the model that is read");
    }
    Graph graph = new ModelName(in).graph(terminal, shapes.bound());
    var written =
        terminal.watch(progress -> {
          progress.at("writing", 0, 0);
          return Conversion.write(graph, out, options);
        });
    if (!json) {
      terminal.out().printf("%s: %s, %s%n", out, written.form(), Unit.BYTES.text(written.bytes()));
      written.notes().forEach(note -> terminal.out().printf("  note: %s%n", note));
    }
    Optional<String> why = unchecked ? Optional.of("not asked for") : unbound(graph);
    List<Comparison.Output> checks =
        why.isPresent() ? List.of() : terminal.watch(progress -> written.check(graph, progress));
    if (json) {
      terminal.print(json(written, checks, why));
    } else {
      print(checks);
      why.ifPresent(reason -> terminal.out().printf("  not checked: %s%n", reason));
    }
    boolean same =
        checks.stream().allMatch(check -> check.signalToNoise().value() >= LEAST_DECIBELS);
    return same ? Exit.KEPT.code : Exit.BROKEN.code;
  }

  private static Optional<String> unbound(Graph graph) {
    return Unbound.options(graph).map(options -> "its shapes are not bound; give " + options);
  }

  private Options options() {
    Options options =
        float32 ? Options.DEFAULT.precision(Options.Precision.FLOAT32) : Options.DEFAULT;
    return target.map(name -> options.target(target(name))).orElse(options);
  }

  private static Target target(String name) {
    String wanted = name.toUpperCase(Locale.ROOT).replaceAll("[ _-]", "");
    return Arrays.stream(Target.values())
        .filter(target -> target.name().equals(wanted))
        .findFirst()
        .orElseThrow(() ->
            InputException.at("--target " + name, "is no system that packages are written for")
                .hint(
                    "there are %s",
                    Arrays.stream(Target.values())
                        .map(t -> t.name().toLowerCase(Locale.ROOT))
                        .collect(Collectors.joining(", "))));
  }

  private void print(List<Comparison.Output> checks) {
    PrintStream out = terminal.out();
    if (checks.isEmpty()) {
      return;
    }
    out.println("read back and run on generated inputs, against the original:");
    for (var check : checks) {
      out.printf("  %s  %s%n", check.name(), Distance.text(check));
      if (!(check.signalToNoise().value() >= LEAST_DECIBELS)) {
        terminal
            .err()
            .printf(
                "output '%s' is not that of the original: %s%n",
                check.name(), Distance.text(check));
      }
    }
  }

  private static Json json(
      Conversion written, List<Comparison.Output> checks, Optional<String> why) {
    return Json.obj(
        "out", written.out().toString(),
        "form", written.form(),
        "bytes", written.bytes(),
        "notes", written.notes(),
        "checks", checks.stream().map(Distance::json).toList(),
        "unchecked", why);
  }
}
