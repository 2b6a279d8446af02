package dev.inward.device;

import dev.inward.base.Csv;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;

/// Facts of a chip, each from the printed source that [#source] names.
///
/// @param neuralFp16Tops peak of the Neural Engine in 1e12 half-precision operations a second (two
///   for a multiply-accumulate); empty where no Core ML program reaches one, or none is published
/// @param neuralInt8Tops the same for int8 by int8; empty where there is no faster path
/// @param gpuTflops peak of the GPU, single precision; the smaller where sources differ
/// @param memoryGBps bandwidth of the memory, 1e9 bytes a second
/// @param note what to know before using these numbers
public record Chip(
    String name,
    int year,
    int neuralCores,
    OptionalDouble neuralFp16Tops,
    OptionalDouble neuralInt8Tops,
    String neuralBasis,
    OptionalDouble gpuTflops,
    double memoryGBps,
    String note,
    String source) {
  private static final Map<String, Chip> ALL = load();

  /// Every chip known, oldest first.
  public static List<Chip> all() {
    return List.copyOf(ALL.values());
  }

  /// The chip that a person means: `A15`, `a15 bionic`, `M2`; empty where there is none.
  public static Optional<Chip> meant(String name) {
    String wanted = name.strip().replaceAll("\\s+", " ").toLowerCase(Locale.ROOT);
    return ALL.values().stream()
        .filter(chip -> {
          String own = chip.name().toLowerCase(Locale.ROOT);
          return own.equals(wanted) || own.equals(wanted + " bionic");
        })
        .findFirst();
  }

  /// The chip of that exact name.
  static Chip named(String name) {
    return Objects.requireNonNull(ALL.get(name), name);
  }

  /// Whether Core ML can use the Neural Engine: from A12 on. A11 has one that no app reaches.
  public boolean neuralEngine() {
    return !name.equals("A11 Bionic");
  }

  /// Whether int8 by int8 runs faster than half precision: from A17 Pro and M4 on.
  public boolean fastInt8() {
    return neuralInt8Tops.isPresent() || name.startsWith("A19");
  }

  /// The generation of the Neural Engine, by the number of the A chip that has it; of an M chip by
  /// what it computes, for which sources pair M2 with A14 and M3 with A15.
  int generation() {
    int number = Integer.parseInt(name.substring(1).split(" ")[0]);
    return name.startsWith("M") ? number + 12 : number;
  }

  /// The first chips of a generation: `A15 and M3`.
  static String since(int generation) {
    return generation >= 13
        ? "A%d and M%d".formatted(generation, generation - 12)
        : "A" + generation;
  }

  private static Map<String, Chip> load() {
    var chips = new LinkedHashMap<String, Chip>();
    for (Csv.Row row : Csv.read(Chip.class, "chips.csv")) {
      String name = row.text("name");
      chips.put(
          name,
          new Chip(
              name,
              (int) row.number("year"),
              (int) row.number("ane_cores"),
              row.known("ane_fp16_tops"),
              row.known("ane_int8_tops"),
              row.text("ane_basis"),
              row.known("gpu_tflops"),
              row.number("memory_gbps"),
              row.text("note"),
              row.text("source")));
    }
    return Collections.unmodifiableMap(chips);
  }
}
