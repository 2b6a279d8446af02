package dev.inward.workbench;

import dev.inward.base.Unit;
import dev.inward.data.DataSet;
import dev.inward.data.Metric;
import dev.inward.data.NpyArrays;
import dev.inward.data.Preprocessing;
import dev.inward.data.TextLines;
import dev.inward.device.Device;
import dev.inward.device.DeviceProfile;
import dev.inward.graph.Dim;
import dev.inward.graph.Graph;
import dev.inward.graph.Totals;
import dev.inward.graph.Value;
import dev.inward.planning.Budget;
import dev.inward.planning.Constraint;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;

/// A first budget for a model and a device: every line with the reason that it was set for, to be
/// changed by someone who knows the app.
public final class Draft {
  /* Where the numbers come from. The size: iOS asks before it downloads more than 200 MB over the
   * mobile network, and an app that stays below a sixteenth of the memory leaves most of it to
   * others when its weights are counted twice, as stored and as expanded. The memory: an eighth, for
   * the same reason. Latency: 100 ms is what a person still takes for at once (Miller 1968). */
  private static final double ASKED_BEFORE_DOWNLOAD = 200e6;
  private static final double SHARE_OF_MEMORY_STORED = 1.0 / 16;
  private static final double SHARE_OF_MEMORY = 1.0 / 8;
  private static final double AT_ONCE_MS = 100;
  private static final long USUAL_LENGTH = 128;
  private static final long USUAL_SIDE = 224;

  private Draft() {}

  /// Drafts a budget.
  ///
  /// @param how the preprocessing that the model is known to want
  /// @param devices the oldest phone, or a fleet, that must pass
  /// @param test the held-out data, where there is any
  /// @throws dev.inward.base.InputException where the data cannot be read
  public static Budget of(
      Budget.Model model,
      Graph graph,
      Preprocessing how,
      List<Device> devices,
      Optional<Path> calibrate,
      Optional<Path> test) {
    List<Constraint> lines = new ArrayList<>();
    double ram =
        devices.stream()
            .filter(DeviceProfile.class::isInstance)
            .mapToDouble(device -> ((DeviceProfile) device).ramBytes())
            .min()
            .orElse(Double.POSITIVE_INFINITY);
    lines.add(size(ram, devices, graph));
    lines.add(
        new Constraint.Latency(
            AT_ONCE_MS,
            Constraint.Latency.At.P95,
            Constraint.Latency.Heat.SUSTAINED,
            because("a person takes it for at once")));
    if (Double.isFinite(ram)) {
      lines.add(
          new Constraint.Energy(
              5,
              Unit.PERCENT_PER_HOUR,
              1,
              because("an hour of use at one answer a second costs little")));
      lines.add(
          new Constraint.Memory(
              round(ram * SHARE_OF_MEMORY),
              because(
                  "an eighth of the %s of %s: the app is not the one that is ended"
                      .formatted(gib(ram), names(devices)))));
    }
    lines.add(quality(test));
    lines.add(new Constraint.OnDevice(because("nothing that a person puts in leaves the device")));
    return new Budget(
        model,
        devices,
        test.map(path -> new Budget.Data(calibrate, path)),
        Optional.empty(),
        test.isPresent() && texts(graph) ? new LinkedHashMap<>() : shapes(graph, how),
        List.of(),
        Optional.empty(),
        OptionalInt.empty(),
        lines,
        Budget.Preference.QUALITY);
  }

  private static Constraint size(double ram, List<Device> devices, Graph graph) {
    boolean small = ram * SHARE_OF_MEMORY_STORED < ASKED_BEFORE_DOWNLOAD;
    String reason =
        small
            ? "a sixteenth of the %s of %s".formatted(gib(ram), names(devices))
            : "the largest download that iOS makes over the mobile network unasked";
    return new Constraint.Size(
        round(small ? ram * SHARE_OF_MEMORY_STORED : ASKED_BEFORE_DOWNLOAD),
        because(
            "%s; the model has %s as it is"
                .formatted(reason, Unit.BYTES.text((double) Totals.weightBytes(graph)))));
  }

  private static Constraint quality(Optional<Path> test) {
    if (test.isEmpty()) {
      return new Constraint.Quality(
          Metric.SIGNAL_TO_NOISE,
          20,
          0.95,
          Constraint.Quality.Sides.ONE,
          because("outputs within a tenth; name test data to measure what people notice"));
    }
    DataSet data = DataSet.open(test.get());
    boolean labelled = !data.labels().isEmpty();
    return new Constraint.Quality(
        labelled ? Metric.ACCURACY : Metric.NEAREST_IN_10,
        labelled ? 0.01 : 0.005,
        0.95,
        Constraint.Quality.Sides.ONE,
        because(
            labelled
                ? "one answer in a hundred may go wrong that went right"
                : data instanceof TextLines || data instanceof NpyArrays
                    ? "one search in two hundred may miss what it found before"
                    : "little may change"));
  }

  /// Whether the model takes tokens, whose extents the data's preprocessing gives.
  private static boolean texts(Graph graph) {
    return graph.inputs().stream().anyMatch(input -> input.name().equals("input_ids"));
  }

  /// A guess for every extent that the model leaves open: one sample; 128 tokens; pictures of 224
  /// by 224.
  static SequencedMap<String, List<Long>> shapes(Graph graph, Preprocessing how) {
    long height = how instanceof Preprocessing.Image image ? image.height() : USUAL_SIDE;
    long width = how instanceof Preprocessing.Image image ? image.width() : USUAL_SIDE;
    SequencedMap<String, List<Long>> shapes = new LinkedHashMap<>();
    for (Value input : graph.inputs()) {
      var shape = input.type().shape();
      if (!shape.ranked() || shape.isStatic()) {
        continue;
      }
      List<Long> extents = new ArrayList<>();
      for (int axis = 0; axis < shape.rank(); axis++) {
        long guess =
            shape.rank() == 4
                ? List.of(1L, 3L, height, width).get(axis)
                : axis == 0 ? 1 : USUAL_LENGTH;
        extents.add(
            switch (shape.dim(axis)) {
              case Dim.Known(var size) -> size;
              case Dim.Symbol _ -> guess;
            });
      }
      shapes.put(input.name(), List.copyOf(extents));
    }
    return shapes;
  }

  private static Constraint.Line because(String reason) {
    return new Constraint.Line("the draft", Optional.of(reason));
  }

  private static String names(List<Device> devices) {
    return devices.size() == 1 ? devices.getFirst().name() : "the smallest phone";
  }

  private static String gib(double ram) {
    return "%.0f GB".formatted(ram / (1L << 30));
  }

  /// Two digits, down.
  private static double round(double bytes) {
    return new BigDecimal(bytes).round(new MathContext(2, RoundingMode.DOWN)).doubleValue();
  }
}
