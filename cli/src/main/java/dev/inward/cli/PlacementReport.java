package dev.inward.cli;

import dev.inward.base.Json;
import dev.inward.device.Certainty;
import dev.inward.device.Chip;
import dev.inward.device.ComputeUnit;
import dev.inward.device.Departure;
import dev.inward.device.Placement;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// Where the nodes of a program are expected, for people and for machines.
final class PlacementReport {
  private PlacementReport() {}

  /// `151 on the Neural Engine, 6 on the CPU; 2 crossings; 100 % of the work on the Neural Engine`.
  static String summary(Placement placement) {
    String units =
        placement.count().entrySet().stream()
            .map(unit -> unit.getValue() + " on the " + unit.getKey().title())
            .collect(Collectors.joining(", "));
    int crossings = placement.crossings();
    return "%s; %s; %s of the work on the Neural Engine"
        .formatted(
            units.isEmpty() ? "none run" : units,
            crossings == 1 ? "1 crossing" : crossings + " crossings",
            work(placement));
  }

  /// The share of the work on the engine; `?` where it cannot be counted.
  private static String work(Placement placement) {
    boolean counted = placement.running().stream().anyMatch(placed -> placed.macs() > 0);
    return counted ? percent(placement.share(ComputeUnit.NEURAL_ENGINE)) : "?";
  }

  /// The share as people read it: what is not all is never called 100 %, what is there never 0 %.
  static String percent(double share) {
    double percent = 100 * share;
    if (percent > 0 && percent < 0.1) {
      return "less than 0.1 %";
    }
    if (percent < 100 && percent > 99.9) {
      return "more than 99.9 %";
    }
    return percent == Math.rint(percent)
        ? "%.0f %%".formatted(percent)
        : "%.1f %%".formatted(percent);
  }

  /// What to change so that the model stays on one unit.
  static void print(Placement placement, PrintStream out) {
    List<Departure> departures = placement.departures();
    out.printf("%nto keep it on the Neural Engine of %s:%n", placement.chip().name());
    if (departures.isEmpty()) {
      out.println("  nothing to change: no rule keeps a node off it");
    }
    for (Departure departure : departures) {
      var first = departure.nodes().getFirst();
      int count = departure.nodes().size();
      out.printf(
          "  %s, %s of the work, %s on the %s%n",
          count == 1 ? "1 node" : count + " nodes",
          percent(departure.share()),
          departure.unit() == ComputeUnit.NEURAL_ENGINE
              ? "only eligible"
              : departure.certainty() == Certainty.ELIGIBLE ? "eligible but expected" : "likely",
          departure.unit().title());
      out.printf("    rule    %s: %s%n", departure.rule().title(), first.why());
      out.printf("    %-6s  %s%n", count == 1 ? "node" : "nodes", names(departure.nodes()));
      out.printf("    change  %s%n", departure.change());
      out.printf("    source  %s%n", departure.rule().source(placement.chip()));
    }
    out.println(
        "  expected by published observations, not promised: the system decides on the device");
  }

  private static String names(List<Placement.Placed> nodes) {
    String first =
        nodes.stream().limit(3).map(p -> p.node().name()).collect(Collectors.joining(", "));
    return nodes.size() > 3 ? first + ", …" : first;
  }

  /// A line for every chip.
  static void print(List<Placement> placements, PrintStream out) {
    var columns =
        new Columns(
            "chip",
            ">year",
            ">Neural Engine",
            ">GPU",
            ">CPU",
            ">work on it",
            ">crossings",
            "what keeps nodes off it, or may");
    for (Placement placement : placements) {
      Map<ComputeUnit, Integer> count = placement.count();
      columns.row(
          placement.chip().name(),
          placement.chip().year(),
          count.getOrDefault(ComputeUnit.NEURAL_ENGINE, 0),
          count.getOrDefault(ComputeUnit.GPU, 0),
          count.getOrDefault(ComputeUnit.CPU, 0),
          work(placement),
          placement.crossings(),
          rules(placement).entrySet().stream()
              .map(rule -> rule.getValue() + " " + rule.getKey())
              .collect(Collectors.joining(", ")));
    }
    out.println();
    columns.print(out);
  }

  /// How many nodes each rule speaks of, as [Placement#departures] orders them.
  private static Map<String, Integer> rules(Placement placement) {
    Map<String, Integer> rules = new LinkedHashMap<>();
    placement
        .departures()
        .forEach(one -> rules.merge(one.rule().title(), one.nodes().size(), Integer::sum));
    return rules;
  }

  static Json json(Placement placement) {
    Chip chip = placement.chip();
    Map<String, Double> shares = new LinkedHashMap<>();
    Map<String, Integer> nodes = new LinkedHashMap<>();
    placement
        .count()
        .forEach((unit, count) -> {
          nodes.put(unit.title(), count);
          shares.put(unit.title(), placement.share(unit));
        });
    List<Json> departures = new ArrayList<>();
    for (Departure departure : placement.departures()) {
      departures.add(
          Json.obj(
              "rule", departure.rule().title(),
              "kind", departure.rule().kind().name().toLowerCase(java.util.Locale.ROOT),
              "unit", departure.unit().title(),
              "certainty", departure.certainty().title(),
              "nodes", departure.nodes().stream().map(p -> p.node().name()).toList(),
              "macs_share", departure.share(),
              "why", departure.nodes().getFirst().why(),
              "change", departure.change(),
              "source", departure.rule().source(chip)));
    }
    return Json.obj(
        "chip", chip.name(),
        "nodes", nodes,
        "macs_share", shares,
        "crossings", placement.crossings(),
        "departures", departures);
  }
}
