package dev.inward.cli;

import dev.inward.base.Figure;
import dev.inward.base.InputException;
import dev.inward.base.Json;
import dev.inward.base.Spelling;
import dev.inward.base.Unit;
import dev.inward.data.Npy;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.graph.Value;
import dev.inward.runtime.Latency;
import dev.inward.runtime.Session;
import dev.inward.workbench.Feed;
import dev.inward.workbench.Operand;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `inward run`.
@Command(
    name = "run",
    description = "Runs a model of either format on this machine and shows what comes out.",
    footer = {
      "",
      "Inputs that no --input names are generated with --generated, the same ones every time.",
      "",
      "JSON: inputs[] of {name, type, from}, outputs[] of {name, type, least, most, mean, finite,",
      "first[], file}, latency of {p50, p95, runs, threads, figure}. The figure is {value, low,"
          + " high,",
      "unit, source}.",
      "",
      "Examples:",
      "  inward run model.onnx --input image=photo.npy --output-dir results",
      "  inward run all-minilm-l6-v2 --generated --time \\",
      "    --shape input_ids=1x128 --shape attention_mask=1x128 --shape token_type_ids=1x128"
    })
final class Run implements Callable<Integer> {
  private static final int SHOWN = 6;
  private static final int MOST_THREADS = 256;

  private final Terminal terminal;

  @Parameters(
      paramLabel = "MODEL",
      description = "An .onnx, an .mlpackage, an .mlmodel, or a bundled name.")
  private String model = "";

  @Option(
      names = "--input",
      paramLabel = "NAME=FILE.npy",
      description = "An array for an input; may be given for each.")
  private List<String> given = new ArrayList<>();

  @Option(names = "--generated", description = "Generates the inputs that are not given.")
  private boolean generated;

  @Mixin private Shapes shapes = new Shapes();

  @Option(
      names = "--function",
      paramLabel = "NAME",
      description = "Which function of a package is run; else the one that runs by default.")
  private Optional<String> function = Optional.empty();

  @Option(
      names = "--output-dir",
      paramLabel = "DIR",
      description = "Writes every output as an .npy file into that folder.")
  private Optional<Path> folder = Optional.empty();

  @Option(names = "--time", description = "Times 40 runs after 5 to warm up.")
  private boolean timed;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "1",
      description = "Threads inside a run; 1 where it is not said.")
  private int threads = 1;

  @Option(names = "--json", description = "Prints JSON for machines.")
  private boolean json;

  Run(Terminal terminal) {
    this.terminal = terminal;
  }

  /// An output and the file that it was written to.
  private record Result(String name, Tensor tensor, Optional<Path> file) {}

  @Override
  public Integer call() {
    if (threads < 1 || threads > MOST_THREADS) {
      throw InputException.at("--threads", "from 1 to %d, not %d", MOST_THREADS, threads);
    }
    Graph graph = new ModelName(model).open(terminal, shapes.bound(), function).graph();
    Map<String, Tensor> inputs = inputs(graph);
    try (var session = Session.open(graph, threads)) {
      List<Result> results = new ArrayList<>();
      session
          .run(inputs)
          .forEach((name, tensor) -> results.add(new Result(name, tensor, written(name, tensor))));
      Optional<Latency> latency =
          timed
              ? Optional.of(
                  terminal.watch(progress -> {
                    progress.at("timing", 0, 0);
                    return Latency.of(session, inputs, Latency.Plan.USUAL, threads);
                  }))
              : Optional.empty();
      if (json) {
        terminal.print(json(inputs, results, latency));
      } else {
        print(inputs, results, latency);
      }
    }
    return Exit.KEPT.code;
  }

  private Map<String, Tensor> inputs(Graph graph) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    List<String> names = graph.inputs().stream().map(Value::name).toList();
    for (String text : given) {
      int split = text.indexOf(".npy") < 0 ? text.lastIndexOf('=') : text.indexOf('=');
      if (split < 1) {
        throw InputException.at("--input " + text, "names no input")
            .hint("write it as name=file.npy; the inputs are %s", String.join(", ", names));
      }
      String name = text.substring(0, split);
      Value input =
          graph.inputs().stream()
              .filter(value -> value.name().equals(name))
              .findFirst()
              .orElseThrow(() ->
                  InputException.at("--input " + text, "the model has no input '%s'", name)
                      .hint("%s", Spelling.hint(name, names)));
      inputs.put(name, Operand.read(Path.of(text.substring(split + 1)), input));
    }
    List<Value> missing =
        graph.inputs().stream().filter(input -> !inputs.containsKey(input.name())).toList();
    if (!missing.isEmpty() && !generated) {
      throw InputException.at(
              "input '" + missing.getFirst().name() + "'",
              "no array is given; the model wants %s",
              missing.getFirst().type())
          .hint(
              "give --input %s=file.npy, or --generated for any numbers",
              missing.getFirst().name());
    }
    inputs.putAll(Feed.Generated.of(graph, 1).inputs(missing, 0));
    return inputs;
  }

  private Optional<Path> written(String name, Tensor tensor) {
    return folder.map(dir -> {
      Path file = dir.resolve(name.replaceAll("[^A-Za-z0-9._-]", "_") + ".npy");
      Npy.write(file, Operand.array(name, tensor));
      return file;
    });
  }

  private boolean generated(String input) {
    return given.stream().noneMatch(text -> text.startsWith(input + "="));
  }

  private void print(Map<String, Tensor> inputs, List<Result> results, Optional<Latency> latency) {
    var out = terminal.out();
    inputs.forEach((name, tensor) ->
        out.printf(
            "input   %s: %s%s%n", name, tensor.type(), generated(name) ? ", generated" : ""));
    for (Result result : results) {
      out.printf("output  %s: %s%n", result.name(), result.tensor().type());
      var summary = Summary.of(result.tensor());
      out.printf(
          "        from %.4g to %.4g, mean %.4g%s%n",
          summary.least(),
          summary.most(),
          summary.mean(),
          summary.finite() == result.tensor().elements()
              ? ""
              : ", %d of %d not finite"
                  .formatted(
                      result.tensor().elements() - summary.finite(), result.tensor().elements()));
      out.printf(
          "        %s%s%n",
          summary.first().stream().map("%.4g"::formatted).collect(Collectors.joining(", ")),
          result.tensor().elements() > SHOWN ? ", ..." : "");
      result.file().ifPresent(file -> out.printf("        written to %s%n", file));
    }
    latency.ifPresent(times -> {
      Figure figure = times.figure();
      out.printf(
          "time    p50 %s, p95 %s%n        %s%n",
          Unit.MILLISECONDS.text(times.p50()),
          Unit.MILLISECONDS.text(times.p95()),
          figure.source().text());
    });
  }

  private Json json(Map<String, Tensor> inputs, List<Result> results, Optional<Latency> latency) {
    return Json.obj(
        "inputs",
            inputs.entrySet().stream()
                .map(input ->
                    Json.obj(
                        "name", input.getKey(),
                        "type", input.getValue().type().toString(),
                        "from", generated(input.getKey()) ? "generated" : "file"))
                .toList(),
        "outputs",
            results.stream()
                .map(result -> {
                  var summary = Summary.of(result.tensor());
                  return Json.obj(
                      "name", result.name(),
                      "type", result.tensor().type().toString(),
                      "least", summary.least(),
                      "most", summary.most(),
                      "mean", summary.mean(),
                      "finite", summary.finite(),
                      "first", summary.first(),
                      "file", result.file().map(Path::toString));
                })
                .toList(),
        "latency",
            latency.map(times ->
                Json.obj(
                    "p50", times.p50(),
                    "p95", times.p95(),
                    "runs", times.sortedMs().size(),
                    "threads", times.threads(),
                    "figure", times.figure())));
  }

  /// What is in a tensor, of its finite elements.
  ///
  /// @param finite how many there are
  /// @param first the first few elements, whatever they are
  private record Summary(double least, double most, double mean, long finite, List<Double> first) {
    static Summary of(Tensor tensor) {
      double[] values = values(tensor);
      var finite = Arrays.stream(values).filter(Double::isFinite).summaryStatistics();
      boolean none = finite.getCount() == 0;
      return new Summary(
          none ? Double.NaN : finite.getMin(),
          none ? Double.NaN : finite.getMax(),
          none ? Double.NaN : finite.getAverage(),
          finite.getCount(),
          Arrays.stream(values).limit(SHOWN).boxed().toList());
    }

    private static double[] values(Tensor tensor) {
      if (!tensor.dtype().isFloat()) {
        return Arrays.stream(tensor.longs()).asDoubleStream().toArray();
      }
      float[] floats = tensor.floats();
      double[] values = new double[floats.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = floats[i];
      }
      return values;
    }
  }
}
