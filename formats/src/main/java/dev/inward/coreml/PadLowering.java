package dev.inward.coreml;

import dev.inward.graph.Movement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/// Writes padding: pads interleaved, and only for the last axes that have any. Whole numbers and
/// booleans go through reals, which is exact up to 2^24. Core ML copies at the edges of the last
/// two axes only; other copies are gathers. Negative pads cut.
final class PadLowering {
  private PadLowering() {}

  static void lower(Site site, Movement.Pad.Mode mode) {
    Mil.Var x = site.x(0);
    int rank = x.rank();
    List<Long> pads = site.longs(1, "list of pads");
    List<Long> axes =
        site.has(3) ? site.longs(3, "list of axes") : LongStream.range(0, rank).boxed().toList();
    List<Long> begins = new ArrayList<>(x.dims().stream().map(_ -> 0L).toList());
    List<Long> ends = new ArrayList<>(begins);
    for (int i = 0; i < axes.size(); i++) {
      begins.set(site.axis(axes.get(i), 0), pads.get(i));
      ends.set(site.axis(axes.get(i), 0), pads.get(i + axes.size()));
    }
    if (pads.stream().allMatch(p -> p == 0)) {
      site.alias(x);
      return;
    }
    x = cut(site, x, begins, ends);
    boolean lastTwo = true;
    for (int i = 0; i < rank - 2; i++) {
      lastTwo &= begins.get(i) == 0 && ends.get(i) == 0;
    }
    boolean near = true;
    for (int i = 0; i < rank; i++) {
      near &= Math.max(begins.get(i), ends.get(i)) < x.dim(i);
    }
    if (mode != Movement.Pad.Mode.CONSTANT
        && (mode == Movement.Pad.Mode.WRAP || !lastTwo || !near || !x.type().isFloat())) {
      copied(site, mode, x, begins, ends);
      return;
    }
    if (x.dims().equals(site.resultDims())) {
      site.alias(x);
      return;
    }
    int first = 0;
    while (begins.get(first) == 0 && ends.get(first) == 0) {
      first++;
    }
    String word =
        switch (mode) {
          case CONSTANT -> "constant";
          case REFLECT -> "reflect";
          case EDGE -> "replicate";
          case WRAP -> throw new IllegalStateException("copied");
        };
    boolean real = x.type().isFloat();
    Mil.Var taken = real ? x : site.cast(x, MilType.FLOAT32, "real");
    double value = site.has(2) ? site.number(2, "value") : 0;
    var call =
        (real ? site.op("pad") : site.step("pad", "padded"))
            .in("x", taken)
            .ints(
                "pad",
                WindowedLowering.interleaved(
                    begins.subList(first, rank), ends.subList(first, rank)))
            .text("mode", word)
            .number("constant_val", taken.type(), value);
    if (real) {
      site.done(call);
    } else {
      Mil.Var padded = call.gives(MilType.FLOAT32, site.resultDims());
      site.done(site.op("cast").in("x", padded).text("dtype", x.type().text()));
    }
  }

  /// Without what negative pads take away; these become 0.
  private static Mil.Var cut(Site site, Mil.Var x, List<Long> begins, List<Long> ends) {
    List<Long> begin = begins.stream().map(b -> Math.max(0, -b)).toList();
    List<Long> size = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      size.add(x.dim(i) - begin.get(i) - Math.max(0, -ends.get(i)));
      begins.set(i, Math.max(0, begins.get(i)));
      ends.set(i, Math.max(0, ends.get(i)));
    }
    return size.equals(x.dims())
        ? x
        : site.step("slice_by_size", "cut")
            .in("x", x)
            .ints("begin", begin)
            .ints("size", size)
            .gives(x.type(), size);
  }

  /// Padding with elements of x itself: each padded axis takes elements by known indices.
  private static void copied(
      Site site, Movement.Pad.Mode mode, Mil.Var given, List<Long> begins, List<Long> ends) {
    Mil.Var x = given.type() == MilType.BOOL ? site.cast(given, MilType.INT32, "whole") : given;
    for (int axis = 0; axis < x.rank(); axis++) {
      long size = x.dim(axis);
      long begin = begins.get(axis);
      if (begin == 0 && ends.get(axis) == 0) {
        continue;
      }
      long[] picks =
          LongStream.range(-begin, size + ends.get(axis)).map(i -> from(mode, i, size)).toArray();
      x = GatherLowering.picked(site, x, axis, picks);
    }
    site.alias(site.cast(x, given.type(), "typed"));
  }

  private static long from(Movement.Pad.Mode mode, long place, long size) {
    return switch (mode) {
      case EDGE -> Math.clamp(place, 0, size - 1);
      case WRAP -> Math.floorMod(place, size);
      case REFLECT -> {
        long turn = size == 1 ? 0 : Math.floorMod(place, 2 * (size - 1));
        yield Math.min(turn, 2 * (size - 1) - turn);
      }
      case CONSTANT -> throw new IllegalStateException("a constant is no copy");
    };
  }
}
