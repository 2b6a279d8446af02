package dev.inward.coreml;

import dev.inward.graph.Tensor;
import dev.inward.graph.Windowed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Pooling written out, for what Core ML's ops do not say: windows with holes, other norms, the
/// places of the maxima, averages that count padding but not what rounding up adds. Every element
/// of the window is a strided slice of the padded x; the slices are combined.
final class SampledPool {
  /// More slices than this would make a program of many thousand ops.
  private static final int MOST_SLICES = 128;

  private final Site site;
  private final Windowed.Pool op;
  private final Windowed.Window window;

  /// Pads of each axis: before, after, with what rounding up adds.
  private final List<Long> pads;

  private final int axes;
  private final int count;
  private final List<Long> out;

  /// @param pads before and after each axis in turn, long enough for the last window
  SampledPool(Site site, Windowed.Pool op, Windowed.Window window, List<Long> pads) {
    site.requireExtents();
    this.site = site;
    this.op = op;
    this.window = window;
    this.pads = pads;
    this.axes = window.kernel().size();
    this.count = Math.toIntExact(Mil.elements(window.kernel()));
    this.out = site.resultDims().subList(2, axes + 2);
    if (count > MOST_SLICES) {
      throw site.refused(
          "Core ML's pooling has no counterpart, and a window of %d elements is too large to write"
              + " out (at most %d)",
          count, MOST_SLICES);
    }
  }

  void write() {
    switch (op.kind()) {
      case MAX -> max();
      case AVERAGE -> {
        Mil.Var sum = sum(slices(padded(site.x(0), 0)));
        site.done(site.op("mul").in("x", sum).in("y", shares()));
      }
      case LP -> lp();
    }
  }

  private Mil.Var padded(Mil.Var x, double value) {
    if (pads.stream().allMatch(p -> p == 0)) {
      return x;
    }
    List<Long> dims = new ArrayList<>(x.dims());
    for (int i = 0; i < axes; i++) {
      dims.set(i + 2, dims.get(i + 2) + pads.get(2 * i) + pads.get(2 * i + 1));
    }
    return site.step("pad", "padded")
        .in("x", x)
        .ints("pad", pads)
        .text("mode", "constant")
        .number("constant_val", x.type(), value)
        .gives(x.type(), dims);
  }

  /// The place of an element within its window along an axis.
  private long tap(int element, int axis) {
    long rest = element;
    for (int i = axes - 1; i > axis; i--) {
      rest /= window.kernel().get(i);
    }
    return rest % window.kernel().get(axis);
  }

  private List<Mil.Var> slices(Mil.Var x) {
    List<Mil.Var> all = new ArrayList<>();
    for (int element = 0; element < count; element++) {
      List<Long> begin = new ArrayList<>(List.of(0L, 0L));
      List<Long> end = new ArrayList<>(x.dims().subList(0, 2));
      List<Long> stride = new ArrayList<>(List.of(1L, 1L));
      for (int i = 0; i < axes; i++) {
        long first = tap(element, i) * window.dilation(i);
        begin.add(first);
        end.add(first + (out.get(i) - 1) * window.stride(i) + 1);
        stride.add(window.stride(i));
      }
      all.add(
          SliceLowering.call(
                  site.step("slice_by_index", "tap"),
                  x,
                  begin,
                  end,
                  stride,
                  Collections.nCopies(x.rank(), false),
                  List.of())
              .gives(x.type(), site.resultDims()));
    }
    return all;
  }

  private Mil.Var sum(List<Mil.Var> slices) {
    return combined("add", slices);
  }

  private Mil.Var combined(String type, List<Mil.Var> slices) {
    Mil.Var all = slices.getFirst();
    for (Mil.Var slice : slices.subList(1, slices.size())) {
      all = site.apply(type, "part", all, slice);
    }
    return all;
  }

  /// One over how many elements each window counts.
  private Mil.Var shares() {
    float[] shares = new float[Math.toIntExact(Mil.elements(out))];
    for (int place = 0; place < shares.length; place++) {
      int counted = 0;
      for (int element = 0; element < count; element++) {
        boolean inside = true;
        boolean padded = true;
        long rest = place;
        for (int i = axes - 1; i >= 0; i--) {
          long at =
              rest % out.get(i) * window.stride(i)
                  + tap(element, i) * window.dilation(i)
                  - pads.get(2 * i);
          rest /= out.get(i);
          long size = site.dims(0).get(i + 2);
          inside &= at >= 0 && at < size;
          padded &= at < size + stated(i);
        }
        counted += inside || padded && op.countPadding() ? 1 : 0;
      }
      shares[place] = 1f / counted;
    }
    return site.tensor("shares", Tensor.ofFloats(out, shares));
  }

  /// The end pad of an axis without what rounding up adds.
  private long stated(int axis) {
    return window.autoPad() == Windowed.AutoPad.EXPLICIT
        ? window.padEnd(axis)
        : pads.get(2 * axis + 1);
  }

  private void lp() {
    Mil.Var size = padded(site.apply("abs", "size", site.x(0)), 0);
    Mil.Var power = op.p() == 1 ? size : site.apply("pow", "power", size, site.scalar("p", op.p()));
    Mil.Var sum = sum(slices(power));
    if (op.p() == 1) {
      site.alias(sum);
    } else {
      site.done(site.op("pow").in("x", sum).in("y", site.scalar("root", 1.0 / op.p())));
    }
  }

  private void max() {
    double lowest = site.real == MilType.FLOAT16 ? -Constants.LARGEST_HALF : -3.4e38;
    List<Mil.Var> slices = slices(padded(site.x(0), lowest));
    if (!site.node.out().getFirst().isEmpty()) {
      site.define(0, combined("maximum", slices));
    }
    if (site.node.out().size() > 1 && !site.node.out().get(1).isEmpty()) {
      site.define(1, places(slices));
    }
  }

  /// The flat index of each maximum: where its window starts, and where in the window it is, of
  /// equal elements the first.
  private Mil.Var places(List<Mil.Var> slices) {
    List<Long> dims = site.resultDims();
    if (dims.size() > 4) {
      throw site.refused("the places of maxima over %d spatial axes", axes);
    }
    List<Long> stacked = new ArrayList<>(dims);
    stacked.add(0, (long) count);
    Mil.Var all =
        site.step("stack", "taps")
            .in("values", slices)
            .integer("axis", 0)
            .gives(slices.getFirst().type(), stacked);
    var call =
        site.step("reduce_argmax", "first")
            .in("x", all)
            .integer("axis", 0)
            .flag("keep_dims", false);
    if (site.target().atLeast(Target.IOS17)) {
      call.text("output_dtype", "int32");
    }
    Mil.Var which = call.gives(MilType.INT32, dims);
    long[] strides = new long[axes];
    long plane = 1;
    for (int i = 0; i < axes; i++) {
      int axis = op.columnMajor() ? i : axes - 1 - i;
      strides[axis] = plane;
      plane *= site.dims(0).get(axis + 2);
    }
    long[] offsets = new long[count];
    for (int element = 0; element < count; element++) {
      for (int i = 0; i < axes; i++) {
        offsets[element] += tap(element, i) * window.dilation(i) * strides[i];
      }
    }
    long[] starts = new long[Math.toIntExact(Mil.elements(dims))];
    long places = Mil.elements(out);
    for (int i = 0; i < starts.length; i++) {
      starts[i] = i / places * plane;
      long rest = i % places;
      for (int axis = axes - 1; axis >= 0; axis--) {
        starts[i] +=
            (rest % out.get(axis) * window.stride(axis) - pads.get(2 * axis)) * strides[axis];
        rest /= out.get(axis);
      }
    }
    Mil.Var table = whole("offsets", List.of((long) count), offsets);
    var gather =
        site.step("gather", "offset").in("x", table).in("indices", which).integer("axis", 0);
    if (site.target().atLeast(Target.IOS16)) {
      gather.integer("batch_dims", 0);
    }
    if (site.target().atLeast(Target.IOS17)) {
      gather.flag("validate_indices", false);
    }
    return site.apply(
        "add", "places", gather.gives(MilType.INT32, dims), whole("starts", dims, starts));
  }

  private Mil.Var whole(String hint, List<Long> dims, long... values) {
    return site.body.constant(
        site.node.name() + "_" + hint,
        Mil.Value.of(MilType.INT32, dims, Constants.whole(MilType.INT32, values)));
  }
}
