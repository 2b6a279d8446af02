package dev.inward.cli;

import dev.inward.base.InputException;
import dev.inward.base.Json;
import dev.inward.base.Refusal;
import dev.inward.base.Unit;
import dev.inward.device.ComputeUnit;
import dev.inward.device.Device;
import dev.inward.device.DeviceProfile;
import dev.inward.device.Estimate;
import dev.inward.device.Placement;
import dev.inward.graph.Graph;
import dev.inward.workbench.Inspection;
import dev.inward.workbench.Unbound;
import java.io.PrintStream;
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
      "JSON: model, inputs[] and outputs[] of {name, type}, opsets{}, nodes, parameters,",
      "weight_bytes, ops{}, encodings[] of {how, tensors, elements, bytes}, opaque[];",
      "with shapes that are numbers macs, operations, peak_bytes, peak_node, else uncounted;",
      "with --device device of {name, placement{}, latency, energy, memory};",
      "with --nodes table[] of {node, op, type, macs, parameters, weight_bytes, live_bytes,",
      "unit, ms, rule}. Figures are {value, low, high, unit, source}.",
      "",
      "Example: inward inspect all-minilm-l6-v2 --device \"iPhone 13\" \\",
      "           --shape input_ids=1x128 --shape attention_mask=1x128 --shape token_type_ids=1x128"
    })
final class Inspect implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(paramLabel = "MODEL", description = "An .onnx, an .mlpackage, or a bundled name.")
  private String model = "";

  @Option(
      names = "--device",
      paramLabel = "NAME",
      description = "Adds what it is expected to cost there, once simplified as fit does.")
  private Optional<String> device = Optional.empty();

  @Mixin private Shapes shapes = new Shapes();

  @Option(names = "--nodes", description = "Adds a table of every node.")
  private boolean nodes;

  @Option(names = "--json", description = "Prints JSON for machines.")
  private boolean json;

  Inspect(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    Optional<DeviceProfile> phone = device.map(Inspect::phone);
    Graph graph = new ModelName(model).graph(terminal, shapes.bound());
    var inspection = Inspection.of(graph);
    Optional<Estimate> estimate = Optional.empty();
    Optional<Refusal> refused = Optional.empty();
    try {
      estimate = phone.map(inspection::on);
    } catch (Refusal e) {
      refused = Optional.of(e);
    }
    if (json && refused.isEmpty()) {
      terminal.print(json(inspection, estimate));
    } else if (!json) {
      print(inspection, refused);
      estimate.ifPresent(this::print);
      if (nodes) {
        table(inspection, estimate);
      }
    }
    if (refused.isPresent()) {
      throw refused.get();
    }
    return Exit.KEPT.code;
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

  private void print(Estimate estimate) {
    PrintStream out = terminal.out();
    out.printf(
        "on %s (%s), modelled, once simplified as fit does:%n",
        estimate.phone().name(), estimate.phone().chip().name());
    out.printf("  nodes    %s%n", units(estimate.placement().count()));
    for (var figure :
        List.of(
            Map.entry("latency", estimate.latency()),
            Map.entry("energy", estimate.energy()),
            Map.entry("memory", estimate.memory()))) {
      out.printf(
          "  %-7s  %s%n           %s%n",
          figure.getKey(), figure.getValue().text(), figure.getValue().source().text());
    }
  }

  private static String units(Map<ComputeUnit, Integer> count) {
    return count.entrySet().stream()
        .map(unit -> unit.getValue() + " on the " + unit.getKey().title())
        .collect(Collectors.joining(", "));
  }

  private static String type(Graph graph, String value) {
    return graph.type(value).map(Object::toString).orElse("not known");
  }

  /// The nodes as they run: on a phone those of the simplified model.
  private static List<Inspection.Row> rows(Inspection seen, Optional<Estimate> estimate) {
    return estimate.isPresent() ? seen.simplified().rows() : seen.rows();
  }

  private void table(Inspection seen, Optional<Estimate> estimate) {
    var columns =
        estimate.isPresent()
            ? new Columns("node", "op", "type", ">MAC", ">weights", ">live", "unit", ">ms", "why")
            : new Columns("node", "op", "type", ">MAC", ">weights", ">live");
    List<Inspection.Row> rows = rows(seen, estimate);
    Graph graph = estimate.isPresent() ? seen.simplified().graph() : seen.graph();
    for (int i = 0; i < rows.size(); i++) {
      var row = rows.get(i);
      List<Object> cells =
          new ArrayList<>(
              List.of(
                  row.node().name(),
                  row.node().op().name(),
                  type(graph, row.node().result()),
                  row.work().map(w -> Unit.COUNT.text(w.macs())).orElse("?"),
                  row.work().map(w -> Unit.BYTES.text(w.weightBytes())).orElse("?"),
                  row.liveBytes().map(Unit.BYTES::text).orElse("?")));
      if (estimate.isPresent()) {
        Placement.Placed placed = estimate.get().placement().nodes().get(i);
        cells.add(placed.ahead() ? "-" : placed.unit().title());
        cells.add("%.3f".formatted(estimate.get().nodeMs().getOrDefault(row.node().name(), 0.0)));
        cells.add(placed.why());
      }
      columns.row(cells.toArray());
    }
    terminal.out().println();
    columns.print(terminal.out());
  }

  private Json json(Inspection seen, Optional<Estimate> estimate) {
    Graph graph = seen.graph();
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
        "opsets", graph.opsets(),
        "nodes", graph.nodes().size(),
        "parameters", seen.parameters(),
        "weight_bytes", seen.weightBytes(),
        "macs", seen.totals().map(t -> t.macs()),
        "operations", seen.totals().map(t -> t.operations()),
        "peak_bytes", seen.totals().map(t -> t.peakBytes()),
        "peak_node", seen.totals().map(t -> t.peakNode()),
        "uncounted", seen.uncounted().map(Refusal::text),
        "ops", seen.ops(),
        "encodings",
            seen.encodings().stream()
                .map(s ->
                    Json.obj(
                        "how", s.how(),
                        "tensors", s.tensors(),
                        "elements", s.elements(),
                        "bytes", s.bytes()))
                .toList(),
        "opaque", seen.opaque(),
        "device", estimate.map(Inspect::json),
        "table", nodes ? Optional.of(rowsJson(seen, estimate)) : Optional.empty());
  }

  private static Json json(Estimate estimate) {
    return Json.obj(
        "name", estimate.phone().name(),
        "placement",
            estimate.placement().count().entrySet().stream()
                .collect(Collectors.toMap(e -> e.getKey().title(), Map.Entry::getValue)),
        "latency", estimate.latency(),
        "energy", estimate.energy(),
        "memory", estimate.memory());
  }

  private static List<Json> rowsJson(Inspection seen, Optional<Estimate> estimate) {
    List<Inspection.Row> rows = rows(seen, estimate);
    Graph graph = estimate.isPresent() ? seen.simplified().graph() : seen.graph();
    List<Json> all = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      var row = rows.get(i);
      Optional<Placement.Placed> placed =
          estimate.isPresent()
              ? Optional.of(estimate.get().placement().nodes().get(i))
              : Optional.empty();
      all.add(
          Json.obj(
              "node", row.node().name(),
              "op", row.node().op().name(),
              "type", type(graph, row.node().result()),
              "macs", row.work().map(w -> w.macs()),
              "parameters", row.work().map(w -> w.parameters()),
              "weight_bytes", row.work().map(w -> w.weightBytes()),
              "live_bytes", row.liveBytes(),
              "unit", placed.map(p -> p.unit().title()),
              "ms", estimate.map(e -> e.nodeMs().getOrDefault(row.node().name(), 0.0)),
              "rule", placed.map(p -> p.why()).filter(why -> !why.isEmpty())));
    }
    return all;
  }
}
