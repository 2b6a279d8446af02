package dev.inward.cli;

import dev.inward.base.InputException;
import dev.inward.base.Json;
import dev.inward.base.Unit;
import dev.inward.coreml.CoreMl;
import dev.inward.coreml.Face;
import dev.inward.coreml.Options;
import dev.inward.coreml.Target;
import dev.inward.graph.Graph;
import dev.inward.graph.rewrite.ChannelsFirst;
import dev.inward.graph.rewrite.Simplification;
import dev.inward.workbench.Comparison;
import dev.inward.workbench.Conversion;
import dev.inward.workbench.Loaded;
import dev.inward.workbench.Unbound;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `inward convert`.
@Command(
    name = "convert",
    description = {
      "Writes a model in another format, simplified, and checks what was written: it is read back",
      "and run beside the original on generated inputs, float16 rounded as a device does. Ends with",
      "1 where the outputs are not those of the original (less than 20 dB of signal to noise)."
    },
    footer = {
      "",
      "JSON: out, form, bytes, notes[], checks[] of {output, signal_to_noise, worst} (the outputs at",
      "each of shapes[] in turn, where several were run), unchecked (why it was not run).",
      "signal_to_noise is {value, low, high, unit, source}, its value null where nothing differs.",
      "",
      "Examples:",
      "  inward convert model.onnx -o model.mlpackage --shape image=1x3x224x224",
      "  inward convert model.mlpackage -o model.onnx",
      "An image input with its normalisation, and labels:",
      "  inward convert net.onnx -o net.mlpackage --image image=rgb --scale image=1/255 \\",
      "    --mean image=0.485,0.456,0.406 --std image=0.229,0.224,0.225 --labels labels.txt",
      "Several shapes, or any in a range:",
      "  inward convert net.onnx -o net.mlpackage --shape image=1x3x224x224,1x3x320x320",
      "  inward convert net.onnx -o net.mlpackage --shape image=1x3x64..512x64..512",
      "Two ops in float32, a float16 input, metadata:",
      "  inward convert net.onnx -o net.mlpackage --keep-fp32 Softmax --keep-fp32 /head/Pow \\",
      "    --input-type image=fp16 --author 'A. Person' --licence MIT --describe image='a photo'",
      "A transformer for the Neural Engine:",
      "  inward convert encoder.onnx -o encoder.mlpackage --neural-engine"
    })
final class Convert implements Callable<Integer> {
  private static final double LEAST_DECIBELS = 20;

  private final Terminal terminal;

  @Parameters(
      paramLabel = "IN",
      description = "An .onnx, an .mlpackage, an .mlmodel, or a bundled name.")
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

  @Option(
      names = "--fp32",
      description =
          "Computes in float32: a package instead of float16, an ONNX file where the model read is"
              + " float16.")
  private boolean float32;

  @Option(
      names = "--keep-fp32",
      paramLabel = "NODE|OP",
      description = "A node, or every node of an op, stays float32; may be given several times.")
  private List<String> kept = new ArrayList<>();

  @Option(
      names = "--function",
      paramLabel = "NAME",
      description = "Which function of a package is read; else the one that runs by default.")
  private Optional<String> function = Optional.empty();

  @Mixin private FaceOptions faceOptions = new FaceOptions();

  @Option(
      names = "--neural-engine",
      description = {
        "Rewrites linear layers and attention for the Neural",
        "Engine first: convolutions of 1x1 on [batch,",
        "channels, 1, positions], attention head by head.",
        "The notes say what was changed."
      })
  private boolean neuralEngine;

  @Option(names = "--no-check", description = "Does not run what was written.")
  private boolean unchecked;

  @Option(names = "--json", description = "Prints JSON for machines.")
  private boolean json;

  Convert(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Conversion.checkPlace(out);
    Path file = new ModelName(in).file(terminal);
    if (file.toAbsolutePath().normalize().equals(out.toAbsolutePath().normalize())) {
      throw InputException.at(out.toString(), "is the model that is read");
    }
    var opened = Loaded.open(file, function);
    Graph bound = opened.graph();
    if (!shapes.fixed().isEmpty()) {
      bound = bound.bindShapes(shapes.fixed());
    }
    Options options = options(opened.face(), bound);
    Graph graph = normalised(bound);
    Optional<ChannelsFirst.Result> rewritten =
        neuralEngine
            ? Optional.of(ChannelsFirst.of(Simplification.of(graph).graph()))
            : Optional.empty();
    var written =
        terminal.watch(progress -> {
          progress.at("writing", 0, 0);
          return Conversion.write(
              rewritten.map(ChannelsFirst.Result::graph).orElse(graph), out, options);
        });
    List<String> notes =
        Stream.concat(
                rewritten.map(ChannelsFirst.Result::notes).stream().flatMap(List::stream),
                written.notes().stream())
            .toList();
    if (!json) {
      terminal.out().printf("%s: %s, %s%n", out, written.form(), Unit.BYTES.text(written.bytes()));
      notes.forEach(note -> terminal.out().printf("  note: %s%n", note));
    }
    Optional<String> why = unchecked ? Optional.of("not asked for") : unbound(graph, options);
    SequencedMap<String, List<Comparison.Output>> checks =
        why.isPresent()
            ? new LinkedHashMap<>()
            : terminal.watch(progress -> written.check(graph, options.face(), progress));
    if (json) {
      terminal.print(json(written, notes, checks, why));
    } else {
      print(checks);
      why.ifPresent(reason -> terminal.out().printf("  not checked: %s%n", reason));
    }
    boolean same =
        checks.values().stream()
            .flatMap(List::stream)
            .allMatch(check -> check.signalToNoise().value() >= LEAST_DECIBELS);
    return same ? Exit.KEPT.code : Exit.BROKEN.code;
  }

  private Graph normalised(Graph bound) {
    Graph graph = bound;
    for (var one : faceOptions.normalisations().entrySet()) {
      graph = one.getValue().into(graph, one.getKey());
    }
    return graph;
  }

  private static Optional<String> unbound(Graph graph, Options options) {
    return graph.inputs().stream()
            .allMatch(
                i -> i.type().shape().isStatic() || options.face().extents().containsKey(i.name()))
        ? Optional.empty()
        : Unbound.options(graph).map(bind -> "its shapes are not bound; give " + bind);
  }

  private Options options(Optional<CoreMl.Read> read, Graph graph) {
    Face before = read.map(CoreMl.Read::face).orElse(Face.PLAIN);
    Map<String, Face.Extents> extents = new LinkedHashMap<>(before.extents());
    extents.keySet().removeAll(shapes.fixed().keySet());
    extents.putAll(shapes.open());
    Face face = faceOptions.face(before, graph).extents(extents);
    Options options = Options.DEFAULT.face(face).keepFloat32(Set.copyOf(kept));
    if (float32) {
      options = options.precision(Options.Precision.FLOAT32);
    }
    return target.isPresent() ? options.target(target(target.get())) : options;
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

  private void print(SequencedMap<String, List<Comparison.Output>> checks) {
    PrintStream out = terminal.out();
    if (checks.isEmpty()) {
      return;
    }
    out.println("read back and run on generated inputs, against the original:");
    checks.forEach((shape, outputs) -> {
      String at = shape.isEmpty() ? "" : " at " + shape;
      for (var check : outputs) {
        out.printf("  %s%s  %s%n", check.name(), at, Distance.text(check));
        if (!(check.signalToNoise().value() >= LEAST_DECIBELS)) {
          terminal
              .err()
              .printf(
                  "output '%s'%s is not that of the original: %s%n",
                  check.name(), at, Distance.text(check));
        }
      }
    });
  }

  private static Json json(
      Conversion written,
      List<String> notes,
      SequencedMap<String, List<Comparison.Output>> checks,
      Optional<String> why) {
    return Json.obj(
        "out", written.out().toString(),
        "form", written.form(),
        "bytes", written.bytes(),
        "notes", notes,
        "checks", checks.values().stream().flatMap(List::stream).map(Distance::json).toList(),
        "shapes", checks.keySet().stream().filter(shape -> !shape.isEmpty()).toList(),
        "unchecked", why);
  }
}
