package dev.inward.coreml;

import dev.inward.graph.Tensor;
import dev.inward.graph.Windowed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Writes convolutions and pooling. Pads are written out in numbers: since shapes are fixed, none
/// of the automatic forms is needed.
final class WindowedLowering {
  private WindowedLowering() {}

  static void lower(Site site, Windowed op) {
    switch (op) {
      case Windowed.Conv(var window, var groups) -> conv(site, window, groups);
      case Windowed.ConvTranspose transpose -> convTranspose(site, transpose);
      case Windowed.Pool pool -> pool(site, pool);
      case Windowed.GlobalPool(var kind, var p) -> globalPool(site, kind, p);
    }
  }

  private static List<Long> kernel(Site site) {
    return site.dims(1).subList(2, site.rank(1));
  }

  static Windowed.Window written(Site site, Windowed.Window window, List<Long> kernel) {
    if (!site.x(0).type().isFloat() && !(site.node.op() instanceof dev.inward.graph.Quantization)) {
      throw site.refused("Core ML pools and convolves reals, x is %s", site.x(0).type().text())
          .hint("cast to float32 before");
    }
    int axes = site.rank(0) - 2;
    if (axes < 1 || axes > 3) {
      throw site.refused("x has %d spatial axes; Core ML has 1 to 3", axes);
    }
    return window.explicit(axes, window.kernel().isEmpty() ? kernel : window.kernel());
  }

  /// Pads as Core ML takes them: begin and end of the first axis, then of the next. ONNX has all
  /// begins, then all ends.
  static List<Long> interleaved(List<Long> begins, List<Long> ends) {
    List<Long> out = new ArrayList<>();
    for (int i = 0; i < begins.size(); i++) {
      out.add(begins.get(i));
      out.add(ends.get(i));
    }
    return out;
  }

  /// The pads in numbers, interleaved; for a window with given strides that makes the extents of
  /// the result of those of x.
  static List<Long> pads(Site site, Windowed.Window window) {
    List<Long> begins = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    for (int i = 0; i < window.kernel().size(); i++) {
      long size = site.dims(0).get(i + 2);
      long out = site.resultDims().get(i + 2);
      long reach = (window.kernel().get(i) - 1) * window.dilation(i) + 1;
      long all = Math.max(0, (out - 1) * window.stride(i) + reach - size);
      switch (window.autoPad()) {
        case EXPLICIT -> {
          begins.add(window.padBegin(i));
          ends.add(window.padEnd(i));
        }
        case SAME_UPPER -> {
          begins.add(all / 2);
          ends.add(all - all / 2);
        }
        case SAME_LOWER -> {
          begins.add(all - all / 2);
          ends.add(all / 2);
        }
        case VALID -> {
          begins.add(0L);
          ends.add(0L);
        }
      }
    }
    return interleaved(begins, ends);
  }

  private static void conv(Site site, Windowed.Window given, long groups) {
    var window = written(site, given, kernel(site));
    boolean dilated = window.dilations().stream().anyMatch(d -> d > 1);
    if (dilated && site.constant(1).isEmpty()) {
      throw site.refused("the weight of a dilated convolution must be constant");
    }
    var call = site.op("conv").in("x", site.x(0)).in("weight", site.x(1));
    bias(site, call, site.dims(1).get(0))
        .ints("strides", window.strides())
        .text("pad_type", "custom")
        .ints("pad", pads(site, window))
        .ints("dilations", window.dilations())
        .integer("groups", groups);
    site.done(call);
  }

  private static Body.Call bias(Site site, Body.Call call, long channels) {
    if (!site.has(2)) {
      return call.in("bias", ProductLowering.zeros(site, channels));
    }
    if (site.constant(2).isEmpty() && !site.target().atLeast(Target.IOS17)) {
      site.needs(Target.IOS17, "a bias that is computed");
    }
    return call.in("bias", site.x(2));
  }

  private static void convTranspose(Site site, Windowed.ConvTranspose op) {
    var window = written(site, op.window(), kernel(site));
    if (site.constant(1).isEmpty()) {
      site.needs(Target.IOS17, "a transposed convolution with a computed weight");
    }
    List<Long> begins = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    for (int i = 0; i < window.kernel().size(); i++) {
      long in = site.dims(0).get(i + 2);
      long out = site.resultDims().get(i + 2);
      long more = op.outputPadding().isEmpty() ? 0 : op.outputPadding().get(i);
      long reach = (window.kernel().get(i) - 1) * window.dilation(i) + 1;
      boolean derived =
          window.autoPad() != Windowed.AutoPad.EXPLICIT || !op.outputShape().isEmpty();
      long all = window.stride(i) * (in - 1) + more + reach - out;
      if (!derived || all < 0) {
        begins.add(window.padBegin(i));
        ends.add(window.padEnd(i));
      } else if (window.autoPad() == Windowed.AutoPad.SAME_UPPER) {
        begins.add(all / 2);
        ends.add(all - all / 2);
      } else {
        begins.add(all - all / 2);
        ends.add(all / 2);
      }
    }
    var call = site.op("conv_transpose").in("x", site.x(0)).in("weight", site.x(1));
    bias(site, call, site.dims(1).get(1) * op.groups())
        .ints("pad", interleaved(begins, ends))
        .ints("output_shape", site.resultDims())
        .text("pad_type", "custom")
        .ints("strides", window.strides())
        .ints("dilations", window.dilations())
        .integer("groups", op.groups());
    site.done(call);
  }

  private static void pool(Site site, Windowed.Pool op) {
    boolean places = site.node.out().size() > 1 && !site.node.out().get(1).isEmpty();
    var window = written(site, op.window(), List.of());
    List<Long> pads = new ArrayList<>(pads(site, window));
    boolean longer = reachAll(site, window, pads);
    boolean holes = window.dilations().stream().anyMatch(d -> d > 1);
    boolean norm = op.kind() == Windowed.PoolKind.LP && (op.p() != 2 || site.rank(0) > 4);
    boolean counted = longer && op.kind() == Windowed.PoolKind.AVERAGE && op.countPadding();
    if (places || holes || norm || counted) {
      new SampledPool(site, op, window, pads).write();
      return;
    }
    String type =
        switch (op.kind()) {
          case MAX -> "max_pool";
          case AVERAGE -> "avg_pool";
          case LP -> "l2_pool";
        };
    var call =
        site.op(type)
            .in("x", site.x(0))
            .ints("kernel_sizes", window.kernel())
            .ints("strides", window.strides())
            .text("pad_type", "custom")
            .ints("pad", pads)
            .flag("ceil_mode", false);
    if (op.kind() == Windowed.PoolKind.AVERAGE) {
      call.flag("exclude_padding_from_average", !op.countPadding());
    }
    site.define(0, call.as(site.lowering.resultVar(site.node.out().getFirst(), site.real)));
  }

  /// Lengthens the end pads so that the last window, which rounding up makes stick out, fits; says
  /// whether any had to be.
  private static boolean reachAll(Site site, Windowed.Window window, List<Long> pads) {
    boolean longer = false;
    for (int i = 0; i < window.kernel().size(); i++) {
      long out = site.resultDims().get(i + 2);
      long reach = (window.kernel().get(i) - 1) * window.dilation(i) + 1;
      long needed = (out - 1) * window.stride(i) + reach;
      long there = site.dims(0).get(i + 2) + pads.get(2 * i) + pads.get(2 * i + 1);
      if (needed > there) {
        pads.set(2 * i + 1, pads.get(2 * i + 1) + needed - there);
        longer = true;
      }
    }
    return longer;
  }

  private static void globalPool(Site site, Windowed.PoolKind kind, long p) {
    List<Long> axes = new ArrayList<>();
    for (long i = 2; i < site.rank(0); i++) {
      axes.add(i);
    }
    if (kind == Windowed.PoolKind.LP && p != 1 && p != 2) {
      Mil.Var size = site.apply("abs", "size", site.x(0));
      Mil.Var power = site.apply("pow", "power", size, site.scalar("p", p));
      Mil.Var sum =
          site.step("reduce_sum", "sum")
              .in("x", power)
              .ints("axes", axes)
              .flag("keep_dims", true)
              .gives(site.real, site.resultDims());
      site.done(site.op("pow").in("x", sum).in("y", site.scalar("root", 1.0 / p)));
      return;
    }
    String type =
        switch (kind) {
          case MAX -> "reduce_max";
          case AVERAGE -> "reduce_mean";
          case LP -> p == 1 ? "reduce_l1_norm" : "reduce_l2_norm";
        };
    site.done(site.op(type).in("x", site.x(0)).ints("axes", axes).flag("keep_dims", true));
  }

  /// A tensor of one number for each channel.
  static Tensor filled(long channels, float value) {
    float[] all = new float[Math.toIntExact(channels)];
    java.util.Arrays.fill(all, value);
    return Tensor.ofFloats(Collections.singletonList(channels), all);
  }
}
