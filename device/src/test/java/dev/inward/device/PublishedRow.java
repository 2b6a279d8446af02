package dev.inward.device;

import dev.inward.base.Csv;
import java.util.List;

/// A printed latency of a model of known totals.
///
/// @param unit ANE, GPU or CPU as its publication says; `fallback` where it marks the row so
/// @param precision fp16; w8, palN, sparseN for compressed weights; w8a8
record PublishedRow(
    String source,
    String model,
    double parameters,
    double macs,
    double ms,
    Chip chip,
    String unit,
    String precision) {
  static List<PublishedRow> all() {
    return Csv.read(PublishedRow.class, "published-latency.csv").stream()
        .map(row ->
            new PublishedRow(
                row.text("source"),
                row.text("model"),
                row.number("params_m") * 1e6,
                row.number("macs_m") * 1e6,
                row.number("latency_ms"),
                ((DeviceProfile) Device.named(row.text("phone"))).chip(),
                row.text("unit"),
                row.text("precision")))
        .toList();
  }

  /// Rows of one unit and precision.
  static List<PublishedRow> of(String unit, String precision) {
    return all().stream()
        .filter(row -> row.unit().equals(unit) && row.precision().equals(precision))
        .toList();
  }

  /// The row as the model sees it: one segment with all the work.
  Segment segment() {
    boolean int8 = precision.equals("w8a8");
    ComputeUnit on =
        switch (unit) {
          case "GPU" -> ComputeUnit.GPU;
          case "CPU" -> ComputeUnit.CPU;
          default -> ComputeUnit.NEURAL_ENGINE;
        };
    return new Segment(
        on,
        int8 ? 0 : macs,
        int8 ? macs : 0,
        parameters * bytesEach(on),
        !precision.equals("fp16"));
  }

  /// Bytes a weight: the CPU of these rows computes in single precision.
  private double bytesEach(ComputeUnit on) {
    if (on == ComputeUnit.CPU) {
      return 4;
    }
    if (precision.startsWith("w8")) {
      return 1;
    }
    if (precision.startsWith("pal")) {
      return Integer.parseInt(precision.substring(3)) / 8.0;
    }
    if (precision.startsWith("sparse")) {
      return 2 * (1 - Integer.parseInt(precision.substring(6)) / 100.0) + 1 / 8.0;
    }
    return 2;
  }
}
