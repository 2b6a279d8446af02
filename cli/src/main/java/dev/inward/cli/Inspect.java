package dev.inward.cli;

import dev.inward.base.InputException;
import dev.inward.base.Json;
import dev.inward.base.Refusal;
import dev.inward.base.Unit;
import dev.inward.coreml.CoreMl;
import dev.inward.coreml.Options;
import dev.inward.device.Chip;
import dev.inward.device.Device;
import dev.inward.device.DeviceProfile;
import dev.inward.device.Estimate;
import dev.inward.device.Placement;
import dev.inward.graph.Graph;
import dev.inward.workbench.Inspection;
import dev.inward.workbench.Program;
import dev.inward.workbench.Unbound;
import java.io.PrintStream;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `inward inspect`.
@Command(
    name = "inspect",
    description = "Says what a model is and what it costs, counted from its file.",
    footer = {
      "",
      "JSON: model, inputs[] and outputs[] of {name, type}, for a package face of",
      "{specification, types{}, images{}, shapes{}, labels of {output, count,",
      "names[]}, metadata{}, descriptions{}}, opsets{}, nodes,",
      "parameters, weight_bytes, ops{}, encodings[] of {how, tensors, elements,",
      "bytes}, opaque[]; with shapes that are numbers macs, operations, peak_bytes,",
      "peak_node, else uncounted. With --device device of {name, placement, latency,",
      "energy, memory}, for a chip of {name, placement}; with --all-chips chips[] of",
      "placements; unwritten says why the model cannot be a package. A placement is",
      "{chip, nodes{}, macs_share{}, crossings, departures[] of {rule, kind, unit,",
      "certainty, nodes[], macs_share, why, change, source}}, nodes{} and macs_share{}",
      "by unit. With --nodes table[] of {node, op, type, macs, parameters,",
      "weight_bytes, live_bytes, unit, certainty, ms, rule, why}.",
      "Figures are {value, low, high, unit, source}.",
      "",
      "On a device the nodes are those of the program: of the package that is looked",
      "at, or of the one that convert would write.",
      "",
      "Examples:",
      "  inward inspect model.mlpackage --all-chips",
      "  inward inspect all-minilm-l6-v2 --device \"iPhone 13\" --placement \\",
      "    --shape input_ids=1x128 --shape attention_mask=1x128 \\",
      "    --shape token_type_ids=1x128"
    })
final class Inspect implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(
      paramLabel = "MODEL",
      description = "An .onnx, an .mlpackage, an .mlmodel, or a bundled name.")
  private String model = "";

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = {
        "A phone: adds what it is expected to cost there, and",
        "on which unit. A chip, such as M2: on which unit."
      })
  private Optional<String> device = Optional.empty();

  @Option(
      names = "--placement",
      description = "With --device: adds what to change to keep it on the Neural Engine.")
  private boolean placement;

  @Option(names = "--all-chips", description = "Adds where its nodes are expected on every chip.")
  private boolean allChips;

  @Mixin private Shapes shapes = new Shapes();

  @Option(names = "--nodes", description = "Adds a table of every node.")
  private boolean nodes;

  @Option(
      names = "--function",
      paramLabel = "NAME",
      description = "Which function of a package; else the one that runs by default.")
  private Optional<String> function = Optional.empty();

  private Optional<CoreMl.Read> face = Optional.empty();

  @Option(names = "--json", description = "Prints JSON for machines.")
  private boolean json;

  Inspect(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Optional<Chip> chip = device.flatMap(Chip::meant);
    Optional<DeviceProfile> phone =
        chip.isPresent() ? Optional.empty() : device.map(Inspect::phone);
    if (placement && device.isEmpty()) {
      throw InputException.of("--placement needs a device").hint("add --device \"iPhone 13\"");
    }
    var name = new ModelName(model);
    var opened = name.open(terminal, shapes.bound(), function);
    Graph graph = opened.graph();
    face = opened.face();
    var inspection = Inspection.of(graph);
    Optional<Seen> seen = Optional.empty();
    Optional<Refusal> refused = Optional.empty();
    if (device.isPresent() || allChips) {
      Program program =
          Files.isDirectory(name.file(terminal))
              ? Program.asRead(graph)
              : Program.converted(graph, Options.DEFAULT);
      try {
        seen = Optional.of(look(program, chip, phone));
      } catch (Refusal e) {
        refused = Optional.of(e);
      }
    }
    if (json && refused.isEmpty()) {
      terminal.print(json(inspection, seen));
    } else if (!json) {
      print(inspection, refused);
      seen.ifPresent(this::print);
      if (nodes) {
        table(inspection, seen);
      }
    }
    if (refused.isPresent()) {
      throw refused.get();
    }
    return Exit.KEPT.code;
  }

  /// The program, and what is expected of it where it was asked for.
  private record Seen(
      Program program,
      Optional<Estimate> estimate,
      Optional<Placement> placement,
      List<Placement> everywhere) {}

  private Seen look(Program program, Optional<Chip> chip, Optional<DeviceProfile> phone) {
    Optional<Estimate> estimate = phone.map(program::on);
    return new Seen(
        program,
        estimate,
        estimate.map(Estimate::placement).or(() -> chip.map(program::on)),
        allChips ? Chip.all().stream().map(program::on).toList() : List.of());
  }

  private static DeviceProfile phone(String name) {
    return switch (Device.named(name)) {
      case DeviceProfile phone -> phone;
      case Device.Host _ ->
          throw InputException.of("what a model costs on this machine is measured, not modelled")
              .hint("inward run MODEL --generated --time");
    };
  }

  private void print(Inspection seen, Optional<Refusal> refused) {
    PrintStream out = terminal.out();
    Graph graph = seen.graph();
    out.printf(
        "%s: %d nodes, %s parameters, %s of weights as stored%n",
        model,
        graph.nodes().size(),
        Unit.COUNT.text(seen.parameters()),
        Unit.BYTES.text(seen.weightBytes()));
    graph.inputs().forEach(input -> out.printf("  input    %s%n", input));
    graph.outputs().forEach(name -> out.printf("  output   %s: %s%n", name, type(graph, name)));
    face.ifPresent(read -> FaceText.lines(read).forEach(line -> out.printf("  %s%n", line)));
    if (!graph.opsets().isEmpty()) {
      out.printf(
          "  opset    %s%n",
          graph.opsets().entrySet().stream()
              .map(set -> (set.getKey().isEmpty() ? "" : set.getKey() + " ") + set.getValue())
              .collect(Collectors.joining(", ")));
    }
    seen.totals()
        .ifPresent(totals -> {
          out.printf(
              "  work     %s, %s other operations%n",
              Unit.MULTIPLY_ACCUMULATES.text(totals.macs()), Unit.COUNT.text(totals.operations()));
          out.printf(
              "  peak     %s of activations live at once, at node '%s'%n",
              Unit.BYTES.text(totals.peakBytes()), totals.peakNode());
        });
    for (var stored : seen.encodings()) {
      out.printf(
          "  weights  %s as %s, %s elements in %d tensors%n",
          Unit.BYTES.text(stored.bytes()),
          stored.how(),
          Unit.COUNT.text(stored.elements()),
          stored.tensors());
    }
    out.printf(
        "  ops      %s%n",
        seen.ops().entrySet().stream()
            .map(op -> op.getValue() + " " + op.getKey())
            .collect(Collectors.joining(", ")));
    if (!seen.opaque().isEmpty()) {
      out.printf(
          "  unknown  %s: carried unchanged, not counted%n", String.join(", ", seen.opaque()));
    }
    if (refused.isEmpty()) {
      Optional<String> options = Unbound.options(graph);
      options.ifPresentOrElse(
          bind -> out.printf("work and peak are not counted: bind the shapes with %s%n", bind),
          () ->
              seen.uncounted()
                  .ifPresent(why -> out.printf("work and peak are not counted: %s%n", why.text())));
    }
  }

  private void print(Seen seen) {
    PrintStream out = terminal.out();
    seen.program()
        .refused()
        .ifPresent(why ->
            out.printf(
                "it cannot be written as a package, so this is of the model itself:%n  %s%n",
                why.text().replace("\n", "\n  ")));
    if (seen.placement().isPresent()) {
      Placement placed = seen.placement().get();
      String chip = placed.chip().name();
      out.printf(
          "on %s, modelled, as the program of its package:%n",
          seen.estimate()
              .map(estimate -> estimate.phone().name() + " (" + chip + ")")
              .orElse(chip));
      out.printf("  nodes    %s%n", PlacementReport.summary(placed));
    }
    seen.estimate().ifPresent(this::print);
    if (placement) {
      seen.placement().ifPresent(placed -> PlacementReport.print(placed, out));
    }
    if (!seen.everywhere().isEmpty()) {
      PlacementReport.print(seen.everywhere(), out);
    }
  }

  private void print(Estimate estimate) {
    for (var figure :
        List.of(
            Map.entry("latency", estimate.latency()),
            Map.entry("energy", estimate.energy()),
            Map.entry("memory", estimate.memory()))) {
      terminal
          .out()
          .printf(
              "  %-7s  %s%n           %s%n",
              figure.getKey(), figure.getValue().text(), figure.getValue().source().text());
    }
  }

  private static String type(Graph graph, String value) {
    return graph.type(value).map(Object::toString).orElse("not known");
  }

  /// The nodes as they run: on a device those of the program.
  private static Inspection shown(Inspection inspection, Optional<Seen> seen) {
    return placement(seen).isPresent()
        ? Inspection.of(seen.orElseThrow().program().graph())
        : inspection;
  }

  private static Optional<Placement> placement(Optional<Seen> seen) {
    return seen.flatMap(Seen::placement);
  }

  private static Optional<Double> ms(Optional<Seen> seen, Inspection.Row row) {
    return seen.flatMap(Seen::estimate)
        .map(estimate -> estimate.nodeMs().getOrDefault(row.node().name(), 0.0));
  }

  private void table(Inspection inspection, Optional<Seen> seen) {
    Inspection shown = shown(inspection, seen);
    Optional<Placement> placed = placement(seen);
    var columns =
        placed.isPresent()
            ? new Columns(
                "node", "op", "type", ">MAC", ">weights", ">live", "unit", "", ">ms", "why")
            : new Columns("node", "op", "type", ">MAC", ">weights", ">live");
    List<Inspection.Row> rows = shown.rows();
    for (int i = 0; i < rows.size(); i++) {
      var row = rows.get(i);
      List<Object> cells =
          new ArrayList<>(
              List.of(
                  row.node().name(),
                  row.node().op().name(),
                  type(shown.graph(), row.node().result()),
                  row.work().map(w -> Unit.COUNT.text(w.macs())).orElse("?"),
                  row.work().map(w -> Unit.BYTES.text(w.weightBytes())).orElse("?"),
                  row.liveBytes().map(Unit.BYTES::text).orElse("?")));
      if (placed.isPresent()) {
        Placement.Placed node = placed.get().nodes().get(i);
        cells.add(node.ahead() ? "-" : node.unit().title());
        cells.add(node.ahead() ? "" : node.certainty().title());
        cells.add(ms(seen, row).map("%.3f"::formatted).orElse("?"));
        cells.add(node.why());
      }
      columns.row(cells.toArray());
    }
    terminal.out().println();
    columns.print(terminal.out());
  }

  private Json json(Inspection inspection, Optional<Seen> seen) {
    Graph graph = inspection.graph();
    return Json.obj(
        "model", model,
        "inputs",
            graph.inputs().stream()
                .map(i -> Json.obj("name", i.name(), "type", i.type().toString()))
                .toList(),
        "outputs",
            graph.outputs().stream()
                .map(name -> Json.obj("name", name, "type", type(graph, name)))
                .toList(),
        "face", face.map(FaceText::json),
        "opsets", graph.opsets(),
        "nodes", graph.nodes().size(),
        "parameters", inspection.parameters(),
        "weight_bytes", inspection.weightBytes(),
        "macs", inspection.totals().map(t -> t.macs()),
        "operations", inspection.totals().map(t -> t.operations()),
        "peak_bytes", inspection.totals().map(t -> t.peakBytes()),
        "peak_node", inspection.totals().map(t -> t.peakNode()),
        "uncounted", inspection.uncounted().map(Refusal::text),
        "ops", inspection.ops(),
        "encodings",
            inspection.encodings().stream()
                .map(s ->
                    Json.obj(
                        "how", s.how(),
                        "tensors", s.tensors(),
                        "elements", s.elements(),
                        "bytes", s.bytes()))
                .toList(),
        "opaque", inspection.opaque(),
        "device", placement(seen).map(placed -> device(placed, seen.flatMap(Seen::estimate))),
        "chips",
            allChips
                ? seen.map(s -> s.everywhere().stream().map(PlacementReport::json).toList())
                : Optional.empty(),
        "unwritten", seen.flatMap(s -> s.program().refused()).map(Refusal::text),
        "table", nodes ? Optional.of(rowsJson(inspection, seen)) : Optional.empty());
  }

  private static Json device(Placement placed, Optional<Estimate> estimate) {
    return Json.obj(
        "name", estimate.map(e -> e.phone().name()).orElse(placed.chip().name()),
        "placement", PlacementReport.json(placed),
        "latency", estimate.map(Estimate::latency),
        "energy", estimate.map(Estimate::energy),
        "memory", estimate.map(Estimate::memory));
  }

  private static List<Json> rowsJson(Inspection inspection, Optional<Seen> seen) {
    Inspection shown = shown(inspection, seen);
    List<Inspection.Row> rows = shown.rows();
    List<Json> all = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      var row = rows.get(i);
      int at = i;
      Optional<Placement.Placed> placed = placement(seen).map(p -> p.nodes().get(at));
      all.add(
          Json.obj(
              "node", row.node().name(),
              "op", row.node().op().name(),
              "type", type(shown.graph(), row.node().result()),
              "macs", row.work().map(w -> w.macs()),
              "parameters", row.work().map(w -> w.parameters()),
              "weight_bytes", row.work().map(w -> w.weightBytes()),
              "live_bytes", row.liveBytes(),
              "unit", placed.map(p -> p.unit().title()),
              "certainty", placed.map(p -> p.certainty().title()),
              "ms", ms(seen, row),
              "rule", placed.flatMap(p -> p.reason()).map(reason -> reason.rule().title()),
              "why", placed.flatMap(p -> p.reason()).map(reason -> reason.text())));
    }
    return all;
  }
}
