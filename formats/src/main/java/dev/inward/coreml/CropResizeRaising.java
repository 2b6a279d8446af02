package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise.Variadic;
import dev.inward.graph.Movement;
import dev.inward.graph.Movement.GridSample;
import dev.inward.graph.Movement.Resize;
import dev.inward.graph.Tensor;
import java.util.List;
import java.util.stream.LongStream;

/// Reads `crop_resize`: the places in each box become a grid at which its image is sampled. Boxes
/// lie inside the image, as the format asks.
final class CropResizeRaising {
  private final Source source;
  private final Mil.Var x;
  private final DataType type;
  private final long count;

  private CropResizeRaising(Source source, long count) {
    this.source = source;
    this.x = source.var("x");
    this.type = source.real(x);
    this.count = count;
  }

  static void raise(Source source) {
    boolean separate = source.has("boxes");
    Mil.Var boxes = source.var(separate ? "boxes" : "roi");
    if (source.var("x").rank() != 4 || boxes.rank() != (separate ? 2 : 5)) {
      throw InputException.at(source.where(), "boxes of %s", boxes.dims());
    }
    new CropResizeRaising(source, boxes.dim(0)).read(separate);
  }

  private void read(boolean separate) {
    String boxes = source.x(separate ? "boxes" : "roi", type);
    String images;
    if (separate) {
      long[] all = LongStream.range(0, count).toArray();
      images = source.has("box_indices") ? source.index("box_indices") : source.vector("all", all);
    } else {
      long width = source.var("roi").dim(2);
      boxes = source.reshaped("boxes", boxes, List.of(count, width));
      if (width == 5) {
        String first = column(boxes, 0);
        String flat = source.reshaped("flat", first, List.of(count));
        images =
            source.step(
                "images", new dev.inward.graph.Elementwise.Cast(DataType.INT64), List.of(flat));
        boxes = slice(boxes, 1, 5);
      } else if (x.dim(0) == 1) {
        images = source.constant("images", Tensor.vector(new long[Math.toIntExact(count)]));
      } else {
        throw source.refused("each box in each of %d images", x.dim(0));
      }
    }
    boolean normal = source.flag("normalized_coordinates", false);
    float scale = source.number("spatial_scale", 1);
    source.number("pad_value", 0);
    String mode = source.text("box_coordinate_mode", "CORNERS_HEIGHT_FIRST");
    boolean heightFirst = mode.endsWith("HEIGHT_FIRST");
    boolean corners = mode.startsWith("CORNERS");
    long height = source.integer("target_height", 1);
    long width = source.integer("target_width", 1);
    String y = places(boxes, heightFirst ? 0 : 1, corners, normal, scale, x.dim(2), height);
    String z = places(boxes, heightFirst ? 1 : 0, corners, normal, scale, x.dim(3), width);
    String across =
        spread(source.reshaped("across", z, List.of(count, 1L, width, 1L)), height, width);
    String down = spread(source.reshaped("down", y, List.of(count, height, 1L, 1L)), height, width);
    String grid = source.step("grid", new Movement.Concat(3), List.of(across, down));
    String chosen = source.step("chosen", new Movement.Gather(0), List.of(source.x("x"), images));
    var op = new GridSample(Resize.Interpolation.LINEAR, GridSample.Padding.BORDER, true);
    if (separate) {
      source.add(op, chosen, grid);
    } else {
      source.reshapedResult(source.step("sampled", op, List.of(chosen, grid)));
    }
  }

  private String spread(String part, long height, long width) {
    return source.step(
        "spread",
        new Movement.Expand(),
        List.of(part, source.vector("extents", count, height, width, 1)));
  }

  private String slice(String boxes, long from, long to) {
    return source.step(
        "part",
        new Movement.Slice(),
        List.of(
            boxes, source.vector("from", from), source.vector("to", to), source.vector("axis", 1)));
  }

  private String column(String boxes, long at) {
    return slice(boxes, at, at + 1);
  }

  private String real(String hint, double value) {
    return source.scalar(hint, type, value);
  }

  private String sum(String a, String b) {
    return ResamplingRaising.plus(source, "sum", a, b);
  }

  private String product(String a, String b) {
    return ResamplingRaising.times(source, "product", a, b);
  }

  private String largest(String a, String b) {
    return source.step("largest", ElementwiseRaising.op(Variadic.Function.MAX), List.of(a, b));
  }

  /// Where each box is sampled along an axis, from -1 to 1: `[N, out]`.
  private String places(
      String boxes, int at, boolean corners, boolean normal, float scale, long in, long out) {
    double unit = (normal ? in - 1 : 1) * (double) scale;
    String first = product(column(boxes, at), real("unit", unit));
    String second = product(column(boxes, at + 2L), real("unit", unit));
    String start = first;
    String end = second;
    if (!corners) {
      String half = product(second, real("half", 0.5));
      start = sum(first, product(half, real("minus", -1)));
      end = sum(first, half);
    }
    String span = sum(end, product(start, real("minus", -1)));
    double[] share = new double[Math.toIntExact(out)];
    double[] more = new double[share.length];
    String sampling = source.text("sampling_mode", "DEFAULT");
    boolean clamped = true;
    for (int i = 0; i < share.length; i++) {
      switch (sampling) {
        case "STRICT_ALIGN_CORNERS" -> share[i] = out == 1 ? 0 : i / (out - 1.0);
        case "ALIGN_CORNERS" -> share[i] = out == 1 ? 0.5 : i / (out - 1.0);
        case "DEFAULT" -> {
          share[i] = i / (double) out;
          more[i] = share[i];
        }
        case "UNALIGN_CORNERS" -> {
          share[i] = (i + 0.5) / out;
          more[i] = share[i] - 0.5;
        }
        case "OFFSET_CORNERS" -> {
          share[i] = (i + 0.5) / out;
          clamped = false;
        }
        default -> throw source.refused("the sampling mode '%s'", sampling);
      }
    }
    String used = sampling.equals("OFFSET_CORNERS") ? largest(span, real("one", 1)) : span;
    String place = sum(sum(start, product(used, row("share", share))), row("more", more));
    if (clamped) {
      place = largest(ResamplingRaising.least(source, "inside", place, end), start);
    }
    return sum(product(place, real("to_one", 2.0 / Math.max(1, in - 1))), real("minus", -1));
  }

  private String row(String hint, double[] values) {
    float[] reals = new float[values.length];
    for (int i = 0; i < reals.length; i++) {
      reals[i] = (float) values[i];
    }
    return source.constant(hint, Source.reals(type, List.of(1L, (long) reals.length), reals));
  }
}
