package dev.inward.coreml;

import dev.inward.graph.Movement;
import dev.inward.graph.Movement.Resize.Coordinates;
import dev.inward.graph.Movement.Resize.Interpolation;
import dev.inward.graph.Movement.Resize.NearestRounding;
import java.util.List;

/// Writes resizing of the last two axes, in the forms that Core ML has the same numbers for.
final class ResizeLowering {
  private ResizeLowering() {}

  static void lower(Site site, Movement.Resize op) {
    Mil.Var x = site.x(0);
    List<Long> out = site.resultDims();
    if (x.dims().equals(out)) {
      site.alias(x);
      return;
    }
    int rank = x.rank();
    if (rank < 3 || rank > 4 || !x.dims().subList(0, rank - 2).equals(out.subList(0, rank - 2))) {
      throw site.refused("Core ML resizes the last two axes, got %s to %s", x.dims(), out);
    }
    if (op.antialias() || op.excludeOutside()) {
      throw site.refused("Core ML resizes without antialiasing and with all neighbours");
    }
    requireExactScales(site, op, x, out);
    String sampling = op.mode() == Interpolation.LINEAR ? sampling(site, op, x, out) : "";
    var call =
        switch (op.mode()) {
          case LINEAR -> site.op("resize_bilinear");
          case NEAREST -> {
            requireFloor(site, op, x, out);
            yield site.op("resize_nearest_neighbor");
          }
          case CUBIC -> throw site.refused("Core ML has no cubic resizing");
        };
    call.in("x", x)
        .integer("target_size_height", out.get(rank - 2))
        .integer("target_size_width", out.get(rank - 1));
    if (!sampling.isEmpty()) {
      call.text("sampling_mode", sampling);
    }
    site.done(call);
  }

  private static String sampling(Site site, Movement.Resize op, Mil.Var x, List<Long> out) {
    return switch (op.coordinates()) {
      case ALIGN_CORNERS -> "STRICT_ALIGN_CORNERS";
      case HALF_PIXEL -> "UNALIGN_CORNERS";
      case PYTORCH_HALF_PIXEL -> {
        if (out.get(x.rank() - 1) == 1 || out.get(x.rank() - 2) == 1) {
          throw site.refused("pytorch_half_pixel differs from half_pixel for an extent of 1");
        }
        yield "UNALIGN_CORNERS";
      }
      case ASYMMETRIC -> "DEFAULT";
      case HALF_PIXEL_SYMMETRIC, TF_CROP_AND_RESIZE ->
          throw site.refused("Core ML has no counterpart of %s", op.coordinates());
    };
  }

  /// Core ML takes element `floor(i * in / out)`.
  private static void requireFloor(Site site, Movement.Resize op, Mil.Var x, List<Long> out) {
    boolean plain =
        op.coordinates() == Coordinates.ASYMMETRIC && op.nearest() == NearestRounding.FLOOR;
    boolean wholeUpscale =
        (op.coordinates() == Coordinates.HALF_PIXEL
                || op.coordinates() == Coordinates.PYTORCH_HALF_PIXEL)
            && (op.nearest() == NearestRounding.ROUND_PREFER_FLOOR
                || op.nearest() == NearestRounding.ROUND_PREFER_CEIL)
            && out.get(x.rank() - 1) % x.dim(-1) == 0
            && out.get(x.rank() - 2) % x.dim(-2) == 0;
    if (!plain && !wholeUpscale) {
      throw site.refused(
          "nearest neighbours by %s and %s have no counterpart", op.coordinates(), op.nearest());
    }
  }

  /// ONNX computes places from the stated scale, Core ML from the extents.
  private static void requireExactScales(Site site, Movement.Resize op, Mil.Var x, List<Long> out) {
    if (!site.has(2) || site.constant(2).filter(s -> s.elements() > 0).isEmpty()) {
      return;
    }
    float[] scales = site.floats(2, "scales");
    for (int i = 0; i < scales.length; i++) {
      int axis = op.axes().isEmpty() ? i : site.axis(op.axes().get(i), 0);
      double extent = (double) x.dim(axis) * scales[i];
      if (Math.abs(extent - out.get(axis)) > 1e-3) {
        throw site.refused("the scale %s does not give a whole extent", scales[i])
            .hint("resize to sizes instead of by scales");
      }
    }
  }
}
