package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Windowed;
import dev.inward.graph.Windowed.AutoPad;
import dev.inward.graph.Windowed.PoolKind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Reads convolutions and pooling.
final class WindowedRaising {
  private WindowedRaising() {}

  static boolean raise(Source source) {
    switch (source.type()) {
      case "conv" -> {
        List<Long> kernel = kernel(source);
        var window = window(source, kernel, source.text("pad_type", "valid"));
        source.add(new Windowed.Conv(window, source.integer("groups", 1)), operands(source));
      }
      case "conv_transpose" -> convTranspose(source);
      case "max_pool" -> pool(source, PoolKind.MAX, false);
      case "avg_pool" ->
          pool(source, PoolKind.AVERAGE, !source.flag("exclude_padding_from_average", false));
      case "l2_pool" -> pool(source, PoolKind.LP, false);
      default -> {
        return false;
      }
    }
    return true;
  }

  private static List<Long> kernel(Source source) {
    var dims = source.var("weight").dims();
    if (dims.size() < 3 || dims.size() != source.var("x").rank()) {
      throw InputException.at(
          source.where(), "x is %s, its weight %s", source.var("x").dims(), dims);
    }
    return dims.subList(2, dims.size());
  }

  private static List<String> operands(Source source) {
    DataType type = source.real(source.var("x"));
    List<String> in = new ArrayList<>(List.of(source.x("x"), source.x("weight", type)));
    if (source.has("bias")) {
      in.add(source.x("bias", type));
    }
    return in;
  }

  private static List<Long> repeated(long value, int count) {
    return Stream.generate(() -> value).limit(count).toList();
  }

  private static Windowed.Window window(Source source, List<Long> kernel, String padType) {
    int axes = kernel.size();
    List<Long> pads = source.longs("pad", repeated(0, 2 * axes));
    List<Long> strides =
        checked(source, "strides", source.longs("strides", repeated(1, axes)), axes);
    List<Long> dilations =
        checked(source, "dilations", source.longs("dilations", repeated(1, axes)), axes);
    checked(source, "kernel_sizes", kernel, axes);
    return switch (padType) {
      case "custom" -> {
        if (pads.size() != 2 * axes) {
          throw InputException.at(
              source.where(), "%d pads for %d axes, expected two each", pads.size(), axes);
        }
        yield new Windowed.Window(kernel, strides, dilations, separated(pads), AutoPad.EXPLICIT);
      }
      case "valid" ->
          new Windowed.Window(kernel, strides, dilations, repeated(0, 2 * axes), AutoPad.EXPLICIT);
      case "same" -> new Windowed.Window(kernel, strides, dilations, List.of(), AutoPad.SAME_UPPER);
      case "same_lower" ->
          new Windowed.Window(kernel, strides, dilations, List.of(), AutoPad.SAME_LOWER);
      default -> throw source.refused("the pad type '%s'", padType);
    };
  }

  private static List<Long> checked(Source source, String what, List<Long> values, int axes) {
    if (values.size() != axes || values.stream().anyMatch(v -> v < 1)) {
      throw InputException.at(
          source.where(), "'%s' is %s, expected %d numbers of at least 1", what, values, axes);
    }
    return values;
  }

  /// Interleaved pads as all begins, then all ends.
  static List<Long> separated(List<Long> interleaved) {
    List<Long> out = new ArrayList<>();
    for (int i = 0; i < interleaved.size(); i += 2) {
      out.add(interleaved.get(i));
    }
    for (int i = 1; i < interleaved.size(); i += 2) {
      out.add(interleaved.get(i));
    }
    return out;
  }

  private static void convTranspose(Source source) {
    List<Long> kernel = kernel(source);
    var window = window(source, kernel, source.text("pad_type", "valid"));
    Mil.Var x = source.var("x");
    Mil.Var out = source.result();
    if (out.rank() != x.rank()) {
      throw InputException.at(source.where(), "x is %s, the result %s", x.dims(), out.dims());
    }
    if (source.has("output_shape") && !source.longs("output_shape").equals(out.dims())) {
      throw InputException.at(
          source.where(),
          "'output_shape' is %s, the result %s",
          source.longs("output_shape"),
          out.dims());
    }
    if (window.autoPad() != AutoPad.EXPLICIT) {
      window = written(window, x, out);
    }
    List<Long> more = new ArrayList<>();
    for (int i = 0; i < kernel.size(); i++) {
      long reach = (kernel.get(i) - 1) * window.dilation(i) + 1;
      long plain =
          window.stride(i) * (x.dim(i + 2) - 1) + reach - window.padBegin(i) - window.padEnd(i);
      long rest = out.dim(i + 2) - plain;
      if (rest < 0 || rest >= Math.max(window.stride(i), window.dilation(i))) {
        throw source.refused(
            "a result of %s, where its window makes %d along axis %d", out.dims(), plain, i + 2);
      }
      more.add(rest);
    }
    source.add(
        new Windowed.ConvTranspose(window, source.integer("groups", 1), more, List.of()),
        operands(source));
  }

  /// Automatic pads in numbers, from the extents that the file states.
  private static Windowed.Window written(Windowed.Window window, Mil.Var x, Mil.Var out) {
    List<Long> begins = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    for (int i = 0; i < window.kernel().size(); i++) {
      long reach = (window.kernel().get(i) - 1) * window.dilation(i) + 1;
      long all = Math.max(0, window.stride(i) * (x.dim(i + 2) - 1) + reach - out.dim(i + 2));
      long less = all / 2;
      begins.add(window.autoPad() == AutoPad.SAME_UPPER ? less : all - less);
      ends.add(window.autoPad() == AutoPad.SAME_UPPER ? all - less : less);
    }
    begins.addAll(ends);
    return new Windowed.Window(
        window.kernel(), window.strides(), window.dilations(), begins, AutoPad.EXPLICIT);
  }

  private static void pool(Source source, PoolKind kind, boolean countPadding) {
    List<Long> kernel = source.longs("kernel_sizes");
    if (kernel.size() != source.var("x").rank() - 2) {
      throw InputException.at(
          source.where(), "a window of %s over %s", kernel, source.var("x").dims());
    }
    var window = window(source, kernel, source.text("pad_type", "valid"));
    boolean ceil = source.flag("ceil_mode", false);
    source.add(new Windowed.Pool(kind, window, ceil, countPadding, 2, false), source.x("x"));
  }
}
