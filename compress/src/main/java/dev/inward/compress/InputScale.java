package dev.inward.compress;

import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.graph.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Whether calibration data looks as if it had been prepared otherwise than what the model will
/// see: nothing refuses levels from 0 to 255 where shares from 0 to 1 are meant, and every range is
/// wrong.
public final class InputScale {
  private static final double FAR = 8;
  private static final float LARGEST_LEVEL = 255;
  private static final float SHARES = 2;
  private static final int COLOURS = 4;

  private InputScale() {}

  private record Seen(float largest, boolean whole) {}

  /// What looks wrong, a line each; empty where nothing does.
  ///
  /// @param others samples that are prepared as the app does it; may be empty
  public static List<String> doubts(
      Graph graph, List<Map<String, Tensor>> calibration, List<Map<String, Tensor>> others) {
    List<String> doubts = new ArrayList<>();
    for (Value input : graph.inputs()) {
      if (input.type().dtype() != DataType.FLOAT32) {
        continue;
      }
      String name = input.name();
      Seen seen = seen(name, calibration);
      Seen other = seen(name, others);
      if (seen.largest > 0
          && other.largest > 0
          && Math.max(seen.largest / other.largest, other.largest / seen.largest) > FAR) {
        doubts.add(
            "input '%s' reaches %s in the calibration data and %s in the test data: are both prepared"
                    .formatted(name, text(seen.largest), text(other.largest))
                + " the same way?");
      } else if (isImage(input)
          && seen.whole
          && seen.largest > SHARES
          && seen.largest <= LARGEST_LEVEL) {
        doubts.add(
            "input '%s' holds whole numbers up to %s, as pixels before they are scaled: does the model"
                    .formatted(name, text(seen.largest))
                + " take them so?");
      }
    }
    return doubts;
  }

  private static boolean isImage(Value input) {
    var shape = input.type().shape();
    if (!shape.ranked() || shape.rank() != 4) {
      return false;
    }
    for (int colours = 1; colours <= COLOURS; colours++) {
      if (shape.dim(1).is(colours) || shape.dim(3).is(colours)) {
        return true;
      }
    }
    return false;
  }

  private static Seen seen(String name, List<Map<String, Tensor>> samples) {
    float largest = 0;
    boolean whole = true;
    for (var sample : samples) {
      Tensor tensor = sample.get(name);
      if (tensor == null || tensor.dtype() != DataType.FLOAT32) {
        continue;
      }
      for (float value : tensor.floats()) {
        largest = Math.max(largest, Math.abs(value));
        whole &= value >= 0 && value == Math.rint(value);
      }
    }
    return new Seen(largest, whole);
  }

  private static String text(float number) {
    return number == Math.rint(number)
        ? Long.toString((long) number)
        : String.format(java.util.Locale.ROOT, "%.3g", number);
  }
}
