package dev.inward.workbench;

import dev.inward.base.Figure;
import dev.inward.base.Scratch;
import dev.inward.base.Unit;
import dev.inward.base.UnsupportedException;
import dev.inward.compress.Recipe;
import dev.inward.compress.RuntimeForm;
import dev.inward.coreml.CoreMl;
import dev.inward.coreml.Options;
import dev.inward.coreml.Target;
import dev.inward.device.Device;
import dev.inward.device.EnergyModel;
import dev.inward.device.Estimate;
import dev.inward.device.LatencyModel;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.graph.Totals;
import dev.inward.graph.rewrite.ConstantFolding;
import dev.inward.onnx.Onnx;
import dev.inward.planning.Budget;
import dev.inward.planning.Candidate;
import dev.inward.planning.Constraint;
import dev.inward.runtime.Latency;
import dev.inward.runtime.Session;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a candidate costs before anything of it is measured: size counted on the files themselves,
/// latency, energy and memory modelled for the phones of the budget. On this machine, latency is
/// measured.
///
/// @param shapes of the inputs for one answer
/// @param inputs of one answer, for a measurement on this machine
public record Costs(Budget budget, Map<String, List<Long>> shapes, Map<String, Tensor> inputs) {
  private static final Latency.Plan PLAN = new Latency.Plan(5, 25);

  public Costs {
    shapes = Map.copyOf(shapes);
    inputs = Map.copyOf(inputs);
  }

  static Costs of(Budget budget, Graph graph, Preparation data) {
    return new Costs(budget, data.shapes(graph), data.fixed().inputs(graph.inputs(), 0));
  }

  /// The graph for one answer: every shape a number, the arithmetic of shapes folded.
  public Graph fixed(Graph graph) {
    return new ConstantFolding().apply(graph.bindShapes(shapes));
  }

  /// Multiply-accumulates of one answer.
  double macs(Graph graph) {
    return Totals.of(fixed(graph)).macs();
  }

  /// Figures for every line that needs no run of the data.
  Map<Constraint.Kind, Figure> of(Graph encoded, Recipe recipe, String name) {
    Map<Constraint.Kind, Figure> figures = new EnumMap<>(Constraint.Kind.class);
    Graph fixed = fixed(encoded);
    figures.put(Constraint.Kind.SIZE, size(encoded, fixed, recipe, name));
    figures.put(
        Constraint.Kind.PRIVACY,
        Figure.counted(
            0, Unit.BYTES, "the delivered files hold a model that runs where the data is"));
    figures.put(
        Constraint.Kind.UPDATE,
        Figure.counted(0, Unit.BYTES, "no earlier version has been delivered that would need one"));
    List<Estimate> estimates =
        budget.phones().stream().map(phone -> Estimate.of(fixed, phone)).toList();
    if (!estimates.isEmpty()) {
      figures.put(
          Constraint.Kind.LATENCY,
          Candidate.highest(estimates.stream().map(this::latency).toList()));
      figures.put(
          Constraint.Kind.ENERGY, Candidate.highest(estimates.stream().map(this::energy).toList()));
      figures.put(
          Constraint.Kind.MEMORY,
          Candidate.highest(estimates.stream().map(Estimate::memory).toList()));
    }
    return figures;
  }

  /// The estimate on the phone that has the hardest time; empty where the budget names no phone.
  public Optional<Estimate> estimate(Graph encoded) {
    return budget.phones().stream().findFirst().map(phone -> Estimate.of(fixed(encoded), phone));
  }

  private Figure latency(Estimate estimate) {
    Figure figure = estimate.latency();
    var line = budget.line(Constraint.Latency.class);
    if (line.isPresent() && line.get().heat() == Constraint.Latency.Heat.SUSTAINED) {
      figure = LatencyModel.sustained(figure);
    }
    return line.isPresent() && line.get().at() != Constraint.Latency.At.P50
        ? LatencyModel.tail(figure)
        : figure;
  }

  private Figure energy(Estimate estimate) {
    var line = budget.line(Constraint.Energy.class);
    return line.isPresent() && line.get().unit() == Unit.PERCENT_PER_HOUR
        ? EnergyModel.perHour(estimate.phone(), estimate.energy(), line.get().rate())
        : estimate.energy();
  }

  /// Whether one of the devices is this machine, where latency is measured.
  boolean here() {
    return budget.devices().stream().anyMatch(Device.Host.class::isInstance);
  }

  /// The latency on this machine, and on the phones where there are any. To be called while nothing
  /// else runs.
  Figure measured(Graph encoded, Recipe recipe, Optional<Figure> onPhones) {
    Figure here = onThisMachine(encoded, recipe);
    return onPhones.map(figure -> Candidate.highest(List.of(figure, here))).orElse(here);
  }

  private Figure onThisMachine(Graph encoded, Recipe recipe) {
    try (var session = Session.open(RuntimeForm.of(encoded, recipe))) {
      Latency latency = Latency.of(session, inputs, PLAN, 1);
      double percent =
          budget
              .line(Constraint.Latency.class)
              .map(l ->
                  switch (l.at()) {
                    case P50 -> 50.0;
                    case P95 -> 95.0;
                    case P99 -> 99.0;
                  })
              .orElse(50.0);
      double value = latency.percentile(percent);
      return new Figure(
          value,
          Math.min(value, latency.p50()),
          Math.max(value, latency.percentile(100)),
          Unit.MILLISECONDS,
          latency.figure().source());
    }
  }

  /// Bytes of the file that goes to the device: the package for a phone, the ONNX file for this
  /// machine or where the model cannot be a package.
  private Figure size(Graph encoded, Graph fixed, Recipe recipe, String name) {
    try (var scratch = Scratch.open()) {
      if (!budget.phones().isEmpty()) {
        try {
          Path file = scratch.folder().resolve("m.mlpackage");
          CoreMl.write(fixed, file, options(name, Optional.empty()));
          return Figure.counted(
              (double) bytes(file), Unit.BYTES, "the Core ML package, all its files");
        } catch (UnsupportedException e) {
          // Said in the delivery's notes; what can be delivered is counted.
        }
      }
      Path file = scratch.folder().resolve("m.onnx");
      Onnx.write(RuntimeForm.of(encoded, recipe), file);
      return Figure.counted((double) bytes(file), Unit.BYTES, "the ONNX file");
    } catch (IOException e) {
      throw new UncheckedIOException("a file that was just written cannot be read", e);
    }
  }

  /// How the package is written: for the oldest system that the budget asks for.
  Options options(String name, Optional<String> licence) {
    Options options =
        Options.DEFAULT.metadata(
            new Options.Metadata(
                "", licence.orElse(""), name + ", fitted to a device budget", "", Map.of()));
    return budget.ios().isPresent()
        ? options.target(Target.valueOf("IOS" + budget.ios().getAsInt()))
        : options;
  }

  /// Bytes of a file, or of all files of a folder.
  static long bytes(Path path) throws IOException {
    try (var files = Files.walk(path)) {
      long sum = 0;
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        sum += Files.size(file);
      }
      return sum;
    }
  }
}
