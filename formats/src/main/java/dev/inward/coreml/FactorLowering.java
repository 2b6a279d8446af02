package dev.inward.coreml;

import dev.inward.graph.Movement;
import dev.inward.graph.Movement.Resize.Coordinates;
import dev.inward.graph.Movement.Resize.Interpolation;
import dev.inward.graph.Movement.Resize.NearestRounding;
import java.util.List;

/// Writes resizing of extents that are known only when the program runs: by whole factors.
final class FactorLowering {
  private FactorLowering() {}

  static void lower(Site site, Movement.Resize op) {
    Mil.Var x = site.x(0);
    if (op.antialias() || op.excludeOutside()) {
      throw site.refused("Core ML resizes without antialiasing and with all neighbours");
    }
    if (!site.has(2) || site.constant(2).filter(s -> s.elements() > 0).isEmpty()) {
      throw site.refused("it resizes to sizes that are known only when it runs")
          .hint("resize by constant factors, or bind the shapes of the inputs with --shape");
    }
    float[] scales = site.floats(2, "scales");
    int count = scales.length;
    boolean last =
        op.axes().isEmpty()
            || site.axes(op.axes(), 0).equals(List.of(x.rank() - 2L, x.rank() - 1L));
    if (count < 2 || !last || scales[count - 2] % 1 != 0 || scales[count - 1] % 1 != 0) {
      throw site.refused("it resizes by other than whole factors an extent that is not known");
    }
    boolean linear = op.mode() == Interpolation.LINEAR;
    boolean centred =
        op.coordinates() == Coordinates.HALF_PIXEL
            || op.coordinates() == Coordinates.PYTORCH_HALF_PIXEL;
    boolean plain = op.coordinates() == Coordinates.ASYMMETRIC;
    boolean nearest =
        op.mode() == Interpolation.NEAREST
            && (plain && op.nearest() == NearestRounding.FLOOR
                || centred
                    && (op.nearest() == NearestRounding.ROUND_PREFER_FLOOR
                        || op.nearest() == NearestRounding.ROUND_PREFER_CEIL));
    boolean corners = op.coordinates() == Coordinates.ALIGN_CORNERS;
    if (!nearest && !(linear && (centred || plain || corners))) {
      throw site.refused("%s by %s has no counterpart", op.mode(), op.coordinates());
    }
    var call = site.op(linear ? "upsample_bilinear" : "upsample_nearest_neighbor").in("x", x);
    call.number("scale_factor_height", MilType.FLOAT32, scales[count - 2])
        .number("scale_factor_width", MilType.FLOAT32, scales[count - 1]);
    if (linear) {
      call.flag("align_corners", corners);
      if (plain) {
        site.needs(Target.IOS16, "linear resizing by factors from the first pixel");
      }
      if (site.target().atLeast(Target.IOS16)) {
        call.flag("half_pixel_centers", centred);
      }
    }
    site.done(call);
  }
}
