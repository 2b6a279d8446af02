package dev.inward.workbench;

import static dev.inward.document.Inline.code;
import static dev.inward.document.Inline.faint;
import static dev.inward.document.Inline.number;
import static dev.inward.document.Inline.strong;
import static dev.inward.document.Inline.text;
import static dev.inward.document.Inline.value;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import dev.inward.device.ComputeUnit;
import dev.inward.device.Departure;
import dev.inward.device.Estimate;
import dev.inward.device.Placement;
import dev.inward.document.Axis;
import dev.inward.document.Block;
import dev.inward.document.Chart;
import dev.inward.document.Inline;
import dev.inward.document.Table;
import dev.inward.graph.Counting;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Totals;
import dev.inward.graph.Work;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where the work and the time of one answer go: by unit, by kind of op and by node, and which
/// nodes are expected off the Neural Engine, and why.
record CostSection(Fitted fitted, Trial subject) {
  private static final int HEAVIEST = 12;
  private static final String FIXED = "fixed cost and crossings";

  private static final Source MACS =
      new Source.Counted("multiply-accumulates of one answer, from the shapes of the graph");
  private static final Source WEIGHTS =
      new Source.Counted("bytes of the constants that a node reads, as the graph stores them");
  private static final Source ACTIVATIONS =
      new Source.Counted("bytes of activations read and written, by their types");

  /// One node with all that is known of its cost.
  ///
  /// @param share of the time of all nodes
  private record Row(
      Node node, Work work, double ms, double share, Optional<Placement.Placed> placed) {}

  Block.Section section() {
    Optional<Estimate> estimate = fitted.costs().estimate(subject.encoded());
    Graph fixed = fitted.costs().fixed(subject.encoded());
    List<Row> rows = rows(fixed, estimate);
    var blocks = new ArrayList<Block>();
    blocks.add(totals(fixed, estimate));
    estimate.ifPresent(one -> {
      blocks.add(stack(rows, one));
      blocks.add(placement(one));
    });
    blocks.add(nodes(rows, estimate));
    return new Block.Section("cost", "Where the work and the time go", blocks);
  }

  private static List<Row> rows(Graph fixed, Optional<Estimate> estimate) {
    Map<String, Placement.Placed> placed = new HashMap<>();
    Map<String, Double> ms = new HashMap<>();
    estimate.ifPresent(one -> {
      one.placement().nodes().forEach(p -> placed.put(p.node().name(), p));
      ms.putAll(one.nodeMs());
    });
    double sum = ms.values().stream().mapToDouble(Double::doubleValue).sorted().sum();
    var rows = new ArrayList<Row>();
    Counting.of(fixed)
        .forEach((name, work) ->
            rows.add(
                new Row(
                    fixed.nodes().get(rows.size()),
                    work,
                    ms.getOrDefault(name, 0.0),
                    sum == 0 ? 0 : ms.getOrDefault(name, 0.0) / sum,
                    Optional.ofNullable(placed.get(name)))));
    return rows;
  }

  private Block totals(Graph fixed, Optional<Estimate> estimate) {
    Totals totals = Totals.of(fixed);
    var entries = new ArrayList<Block.Definition>();
    entries.add(
        new Block.Definition(
            "Parameters",
            number(Figure.counted(totals.parameters(), Unit.COUNT, "elements of the weights"))));
    entries.add(
        new Block.Definition(
            "Work of one answer", number(figure(totals.macs(), Unit.MULTIPLY_ACCUMULATES, MACS))));
    entries.add(
        new Block.Definition(
            "Largest live activations",
            Inline.run(
                number(
                    Figure.counted(
                        totals.peakBytes(),
                        Unit.BYTES,
                        "activations that are live at the same time, by their types")),
                faint(totals.peakNode().isEmpty() ? "" : " at " + totals.peakNode()))));
    estimate.ifPresent(one -> {
      entries.add(
          new Block.Definition("Median on a cool " + one.phone().name(), number(one.latency())));
      entries.add(new Block.Definition("Energy of one answer", number(one.energy())));
    });
    return new Block.Definitions(entries);
  }

  private static Figure figure(double value, Unit unit, Source source) {
    return new Figure(value, value, value, unit, source);
  }

  /// Time of single nodes: the part of the model's median that is not a fixed cost.
  private static Source source(Estimate estimate) {
    return estimate.latency().source() instanceof Source.Modelled(var model, _)
        ? new Source.Modelled(
            model,
            "of single nodes, without fixed costs; only the sum is validated, see the median's interval")
        : estimate.latency().source();
  }

  private Block stack(List<Row> rows, Estimate estimate) {
    Map<ComputeUnit, Map<String, Double>> times = new EnumMap<>(ComputeUnit.class);
    Map<String, Double> byOp = new LinkedHashMap<>();
    double sum = 0;
    for (Row row : rows) {
      if (row.ms() > 0 && row.placed().isPresent()) {
        String op = row.node().op().name();
        times
            .computeIfAbsent(row.placed().get().unit(), _ -> new HashMap<>())
            .merge(op, row.ms(), Double::sum);
        byOp.merge(op, row.ms(), Double::sum);
        sum += row.ms();
      }
    }
    List<String> parts =
        byOp.entrySet().stream()
            .sorted(
                Map.Entry.<String, Double>comparingByValue()
                    .reversed()
                    .thenComparing(Map.Entry.comparingByKey()))
            .map(Map.Entry::getKey)
            .toList();
    Source source = source(estimate);
    var all = new ArrayList<>(parts);
    all.add(FIXED);
    double rest = Math.max(0, estimate.latency().value() - sum);
    var piles = new ArrayList<Chart.Pile>();
    times.forEach((unit, ops) -> piles.add(pile(unit.title(), all, ops, source)));
    piles.add(pile("each answer", all, Map.of(FIXED, rest), source));
    return new Block.Plate(
        new Chart.Stack(
            "Modelled time, " + subject.recipe().name(),
            Axis.linear("Time on " + estimate.phone().name(), Unit.MILLISECONDS),
            all,
            piles),
        Inline.run(
            text("Time by unit and kind of op. All nodes together take "),
            value(figure(sum, Unit.MILLISECONDS, source)),
            text("; the median of "),
            number(estimate.latency()),
            text(
                " adds what an answer costs whatever it computes, and the crossings between units.")));
  }

  private static Chart.Pile pile(
      String label, List<String> parts, Map<String, Double> ms, Source source) {
    return new Chart.Pile(
        label,
        parts.stream()
            .map(op -> figure(ms.getOrDefault(op, 0.0), Unit.MILLISECONDS, source))
            .toList());
  }

  private static Block.Section placement(Estimate estimate) {
    Placement placement = estimate.placement();
    var units =
        placement.count().entrySet().stream()
            .map(entry -> entry.getKey().title() + " " + entry.getValue())
            .toList();
    long ahead = placement.nodes().stream().filter(Placement.Placed::ahead).count();
    List<Departure> departures = placement.departures();
    var blocks = new ArrayList<Block>();
    blocks.add(
        Block.paragraph(
            text("Nodes expected on each unit of "),
            strong(placement.chip().name()),
            text(
                ": %s%s"
                    .formatted(
                        units.isEmpty() ? "none" : String.join(", ", units),
                        ahead > 0
                            ? "; the results of %s are known before the model runs. "
                                .formatted(Phrases.counted(ahead, "more node"))
                            : ". ")),
            text("What the system really does shows on a device only.")));
    if (departures.isEmpty()) {
      blocks.add(Block.paragraph("No rule keeps a node off the Neural Engine."));
    } else {
      blocks.add(
          new Table(
              "What keeps nodes off the Neural Engine, or may",
              List.of(
                  Table.Column.words("Rule"),
                  Table.Column.words("Expected on"),
                  Table.Column.words("Nodes"),
                  Table.Column.words("What to change")),
              departures.stream().map(one -> departure(one, placement)).toList()));
    }
    return new Block.Section("placement", "Where it is expected to run", blocks);
  }

  private static Table.Row departure(Departure departure, Placement placement) {
    Placement.Placed first = departure.nodes().getFirst();
    return Table.Row.of(
        Inline.run(text(first.why() + " "), faint(departure.rule().source(placement.chip()))),
        text(departure.unit().title() + ", " + departure.certainty().title()),
        Inline.run(text(departure.nodes().size() + ", such as "), code(first.node().name())),
        text(departure.change()));
  }

  private Block.Section nodes(List<Row> rows, Optional<Estimate> estimate) {
    var blocks = new ArrayList<Block>();
    if (rows.size() > HEAVIEST) {
      var heaviest =
          rows.stream()
              .sorted(
                  Comparator.comparingDouble(Row::ms)
                      .thenComparingLong(row -> row.work().macs())
                      .reversed())
              .limit(HEAVIEST)
              .toList();
      blocks.add(table("The %d heaviest nodes".formatted(HEAVIEST), heaviest, estimate));
      blocks.add(
          Block.folded(
              "All %d nodes".formatted(rows.size()),
              table("Every node, in the order of the graph", rows, estimate)));
    } else {
      blocks.add(table("Every node, in the order of the graph", rows, estimate));
    }
    return new Block.Section("nodes", "Node by node", blocks);
  }

  private static Table table(String caption, List<Row> rows, Optional<Estimate> estimate) {
    var columns = new ArrayList<Table.Column>();
    columns.add(Table.Column.words("Node"));
    columns.add(Table.Column.words("Op"));
    columns.add(Table.Column.numbers("Work"));
    columns.add(Table.Column.numbers("Weights"));
    columns.add(Table.Column.numbers("Activations"));
    if (estimate.isPresent()) {
      columns.add(Table.Column.numbers("Time"));
      columns.add(Table.Column.numbers("Of all nodes"));
      columns.add(Table.Column.words("Unit"));
    }
    return new Table(
        caption,
        columns,
        rows.stream()
            .map(row -> Table.Row.of(cells(row, estimate).toArray(Inline[]::new)))
            .toList());
  }

  private static List<Inline> cells(Row row, Optional<Estimate> estimate) {
    Work work = row.work();
    var cells = new ArrayList<Inline>();
    cells.add(text(row.node().name()));
    cells.add(text(row.node().op().name()));
    cells.add(unlessZero(work.macs(), Unit.MULTIPLY_ACCUMULATES, MACS));
    cells.add(unlessZero(work.weightBytes(), Unit.BYTES, WEIGHTS));
    cells.add(unlessZero(work.bytesRead() + work.bytesWritten(), Unit.BYTES, ACTIVATIONS));
    estimate.ifPresent(one -> {
      cells.add(unlessZero(row.ms(), Unit.MILLISECONDS, source(one)));
      cells.add(unlessZero(row.share(), Unit.SHARE, source(one)));
      cells.add(
          row.placed()
              .map(placed ->
                  placed.why().isEmpty()
                      ? text(placed.unit().title())
                      : Inline.run(
                          text(placed.unit().title() + " "),
                          faint(
                              placed.certainty().title()
                                  + (placed.unit() == ComputeUnit.NEURAL_ENGINE
                                      ? " only: "
                                      : ", because ")
                                  + placed.why())))
              .orElse(faint("—")));
    });
    return cells;
  }

  private static Inline unlessZero(double value, Unit unit, Source source) {
    return value == 0 ? faint("—") : value(figure(value, unit, source));
  }
}
