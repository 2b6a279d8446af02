package dev.inward.planning.precedent;

import dev.inward.base.Csv;
import java.util.List;

/// A published result: what a model lost by a treatment.
///
/// @param source what was read, or is remembered
/// @param origin who published; sources of one origin share numbers, nets or tools
/// @param model as the source names it
/// @param method as the source names it
/// @param bits weights and activations as the source states them: `4/8`
/// @param drop in percentage points of the source's metric
/// @param remembered whether the number was recalled, not read
public record Precedent(
    String source,
    String origin,
    String model,
    String method,
    String bits,
    Traits traits,
    Treatment treatment,
    double drop,
    boolean remembered) {
  /// Every row of the table.
  static List<Precedent> all() {
    return Csv.read(Precedent.class, "precedents.csv").stream().map(Precedent::of).toList();
  }

  private static Precedent of(Csv.Row row) {
    return new Precedent(
        row.text("source"),
        row.text("origin"),
        row.text("model"),
        row.text("method"),
        "W%sA%s".formatted(row.text("wbits"), row.text("abits")),
        new Traits(Kind.named(row.text("kind")), row.number("parameters_m") * 1e6),
        new Treatment(
            row.number("mean_wbits"),
            row.number("mean_abits"),
            Treatment.Grain.named(row.text("grain")),
            Treatment.Rounding.named(row.text("rounding")),
            row.text("wholly_int8").equals("yes")),
        row.number("drop"),
        row.text("evidence").equals("memory"));
  }

  /// `ResNet-50, W4A16 palettize: 9.32 points (apple/coremltools docs-guides opt-resnet)`.
  public String text() {
    return "%s, %s %s: %s points (%s%s)"
        .formatted(model, bits, method, drop, source, remembered ? ", from memory" : "");
  }
}
