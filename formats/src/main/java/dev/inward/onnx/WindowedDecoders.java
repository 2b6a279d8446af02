package dev.inward.onnx;

import dev.inward.base.InputException;
import dev.inward.graph.Node;
import dev.inward.graph.Windowed.AutoPad;
import dev.inward.graph.Windowed.Conv;
import dev.inward.graph.Windowed.ConvTranspose;
import dev.inward.graph.Windowed.GlobalPool;
import dev.inward.graph.Windowed.Pool;
import dev.inward.graph.Windowed.PoolKind;
import dev.inward.graph.Windowed.Window;
import java.util.List;
import java.util.Map;

/// Operators with a window.
final class WindowedDecoders {
  private WindowedDecoders() {}

  static void addTo(Map<OpKey, Decoder> table) {
    table.put(new OpKey("", "Conv", 7), f -> f.as(new Conv(window(f), groups(f))));
    table.put(new OpKey("", "ConvTranspose", 7), WindowedDecoders::convTranspose);
    table.put(new OpKey("", "MaxPool", 7), f -> pool(f, PoolKind.MAX));
    table.put(new OpKey("", "AveragePool", 7), f -> pool(f, PoolKind.AVERAGE));
    table.put(new OpKey("", "LpPool", 7), f -> pool(f, PoolKind.LP));
    table.put(new OpKey("", "GlobalMaxPool", 7), f -> f.as(new GlobalPool(PoolKind.MAX, 2)));
    table.put(
        new OpKey("", "GlobalAveragePool", 7), f -> f.as(new GlobalPool(PoolKind.AVERAGE, 2)));
    table.put(
        new OpKey("", "GlobalLpPool", 7),
        f -> f.as(new GlobalPool(PoolKind.LP, f.attributes.number("p", 2))));
  }

  static long groups(Form form) {
    long groups = form.attributes.number("group", 1);
    if (groups < 1) {
      throw InputException.of("has %d groups, expected at least 1", groups);
    }
    return groups;
  }

  static Window window(Form form) {
    var attributes = form.attributes;
    var window =
        new Window(
            attributes.numbers("kernel_shape"),
            attributes.numbers("strides"),
            attributes.numbers("dilations"),
            attributes.numbers("pads"),
            autoPad(attributes.text("auto_pad").orElse("NOTSET")));
    int axes = -1;
    for (int size :
        new int[] {window.kernel().size(), window.strides().size(), window.dilations().size()}) {
      axes = agreed(window, axes, size, size);
    }
    agreed(window, axes, window.pads().size(), window.pads().size() / 2);
    return window;
  }

  /// The number of spatial axes that a list of that size speaks of, where it agrees with the
  /// others.
  private static int agreed(Window window, int axes, int size, int mine) {
    if (size == 0) {
      return axes;
    }
    if (axes >= 0 && axes != mine || mine * 2 != size && mine != size || mine == 0) {
      throw InputException.of(
          "kernel %s, strides %s, dilations %s and pads %s differ in their number of axes",
          window.kernel(), window.strides(), window.dilations(), window.pads());
    }
    return mine;
  }

  private static AutoPad autoPad(String name) {
    return switch (name) {
      case "NOTSET", "" -> AutoPad.EXPLICIT;
      case "SAME_UPPER" -> AutoPad.SAME_UPPER;
      case "SAME_LOWER" -> AutoPad.SAME_LOWER;
      case "VALID" -> AutoPad.VALID;
      default ->
          throw InputException.of(
              "auto_pad is '%s', expected NOTSET, SAME_UPPER, SAME_LOWER or VALID", name);
    };
  }

  private static List<Node> convTranspose(Form form) {
    return form.as(
        new ConvTranspose(
            window(form),
            groups(form),
            form.attributes.numbers("output_padding"),
            form.attributes.numbers("output_shape")));
  }

  private static List<Node> pool(Form form, PoolKind kind) {
    var attributes = form.attributes;
    var window = window(form);
    if (window.kernel().isEmpty()) {
      throw InputException.of("states no kernel_shape");
    }
    return form.as(
        new Pool(
            kind,
            window,
            attributes.flag("ceil_mode", false),
            kind == PoolKind.AVERAGE && attributes.flag("count_include_pad", false),
            kind == PoolKind.LP ? attributes.number("p", 2) : 2,
            kind == PoolKind.MAX && attributes.flag("storage_order", false)));
  }
}
