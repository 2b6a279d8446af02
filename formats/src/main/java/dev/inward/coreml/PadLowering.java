package dev.inward.coreml;

import dev.inward.graph.Movement;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/// Writes padding: pads interleaved, and only for the last axes that have any. Whole numbers and
/// booleans go through reals, which is exact up to 2^24.
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
    if (pads.stream().anyMatch(p -> p < 0)) {
      throw site.refused("a negative pad cuts; Core ML's pad does not").hint("use Slice instead");
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
          case WRAP -> throw site.refused("Core ML has no padding that wraps around");
        };
    if (mode != Movement.Pad.Mode.CONSTANT && first < rank - 2) {
      throw site.refused("Core ML pads by %s along the last two axes only", word);
    }
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
}
