package dev.inward.planning;

import dev.inward.base.InputException;
import dev.inward.base.Unit;
import dev.inward.device.Device;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Reads a budget of one line for the command line: `200MB,100ms` or `200MB,100ms,2%/h`. The unit
/// says what is limited: a size, the latency at p95 of a cool device, the battery use at one answer
/// a second.
public final class BudgetBrief {
  private static final String WHERE = "--budget";

  private BudgetBrief() {}

  /// Whether a text is meant as such a line and not as the name of a file.
  public static boolean looksLike(String text) {
    return text.matches("\\s*[+-]?[0-9.][^/\\\\]*(/h[^/\\\\]*)?") && !text.matches(".*\\.ya?ml");
  }

  /// Reads the limits.
  ///
  /// @throws InputException where an item is no quantity, or two limit the same
  public static Budget parse(String text, Budget.Model model, List<Device> devices) {
    var lines = new LinkedHashMap<Constraint.Kind, Constraint>();
    String[] items = text.split(",", -1);
    for (int i = 0; i < items.length; i++) {
      String where = items.length == 1 ? WHERE : "%s, item %d".formatted(WHERE, i + 1);
      Constraint line = line(items[i].strip(), where);
      if (lines.put(line.kind(), line) != null) {
        throw InputException.at(where, "'%s' is a second %s", items[i].strip(), line.kind().key());
      }
    }
    return new Budget(
        model,
        devices,
        Optional.empty(),
        Optional.empty(),
        new LinkedHashMap<>(),
        List.of(),
        Optional.empty(),
        OptionalInt.empty(),
        new ArrayList<>(lines.values()),
        Budget.Preference.QUALITY);
  }

  private static Constraint line(String item, String where) {
    var line = new Constraint.Line(where, Optional.empty());
    if (Quantity.SIZE.takes(item)) {
      return new Constraint.Size(Quantity.SIZE.parse(item, where), line);
    }
    if (Quantity.TIME.takes(item)) {
      return new Constraint.Latency(
          Quantity.TIME.parse(item, where),
          Constraint.Latency.At.P95,
          Constraint.Latency.Heat.COOL,
          line);
    }
    if (Quantity.BATTERY.takes(item)) {
      return new Constraint.Energy(
          Quantity.BATTERY.parse(item, where), Unit.PERCENT_PER_HOUR, 1, line);
    }
    if (Quantity.ENERGY_EACH.takes(item)) {
      return new Constraint.Energy(
          Quantity.ENERGY_EACH.parse(item, where), Unit.MILLIJOULES, 1, line);
    }
    throw InputException.at(
            where, "'%s' is no size, time, battery use or energy", Yaml.shortened(item))
        .hint("write, for example, 200MB,100ms,2%/h, or the name of a budget file");
  }
}
