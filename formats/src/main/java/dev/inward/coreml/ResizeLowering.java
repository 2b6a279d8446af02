package dev.inward.coreml;

import dev.inward.graph.Movement;
import dev.inward.graph.Movement.Resize.AspectPolicy;
import dev.inward.graph.Movement.Resize.Coordinates;
import dev.inward.graph.Movement.Resize.Interpolation;
import dev.inward.graph.Movement.Resize.NearestRounding;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Writes resizing: as Core ML's op where it has the same numbers, else axis by axis, since it is a
/// linear map of each axis: neighbours are picked, all else is a product with a matrix of weights.
final class ResizeLowering {
  private final Site site;
  private final Movement.Resize op;
  private final List<Long> in;
  private final List<Long> out;
  private final double[] scales;
  private final double[] starts;
  private final double[] ends;

  private ResizeLowering(Site site, Movement.Resize op) {
    this.site = site;
    this.op = op;
    in = site.dims(0);
    out = site.resultDims();
    int rank = in.size();
    scales = new double[rank];
    starts = new double[rank];
    ends = new double[rank];
    Arrays.fill(scales, 1);
    Arrays.fill(ends, 1);
    List<Integer> axes =
        op.axes().isEmpty()
            ? IntStream.range(0, rank).boxed().toList()
            : op.axes().stream().map(a -> site.axis(a, 0)).toList();
    scale(axes);
    if (op.coordinates() == Coordinates.TF_CROP_AND_RESIZE) {
      float[] region = site.floats(1, "region");
      for (int i = 0; i < axes.size(); i++) {
        starts[axes.get(i)] = region[i];
        ends[axes.get(i)] = region[axes.size() + i];
      }
    }
  }

  static void lower(Site site, Movement.Resize op) {
    if (!Mil.isKnown(site.resultDims())) {
      FactorLowering.lower(site, op);
      return;
    }
    site.requireExtents();
    new ResizeLowering(site, op).write();
  }

  private void scale(List<Integer> axes) {
    boolean byScales = site.has(2) && Mil.elements(site.dims(2)) > 0;
    if (byScales) {
      float[] stated = site.floats(2, "scales");
      for (int i = 0; i < axes.size(); i++) {
        scales[axes.get(i)] = stated[i];
      }
      return;
    }
    for (int axis : axes) {
      scales[axis] = (double) out.get(axis) / in.get(axis);
    }
    if (op.aspect() != AspectPolicy.STRETCH) {
      List<Long> asked = site.longs(3, "sizes");
      double common = op.aspect() == AspectPolicy.NOT_LARGER ? Double.MAX_VALUE : 0;
      for (int i = 0; i < axes.size(); i++) {
        double own = (double) asked.get(i) / in.get(axes.get(i));
        common =
            op.aspect() == AspectPolicy.NOT_LARGER ? Math.min(common, own) : Math.max(common, own);
      }
      for (int axis : axes) {
        scales[axis] = common;
      }
    }
  }

  private void write() {
    if (op.antialias()
        && op.mode() != Interpolation.NEAREST
        && Arrays.stream(scales).anyMatch(s -> s < 1)) {
      throw site.refused("Core ML shrinks without a filter against aliasing");
    }
    Mil.Var x = site.x(0);
    boolean real = x.type().isFloat();
    Mil.Var taken = real ? x : site.cast(x, MilType.FLOAT32, "real");
    Mil.Var resized = whole().map(sampling -> oneOp(taken, sampling)).orElseGet(() -> maps(taken));
    if (real) {
      site.alias(resized);
    } else {
      Mil.Var rounded = site.apply("round", "rounded", resized);
      site.done(site.op("cast").in("x", rounded).text("dtype", x.type().text()));
    }
  }

  /// The sampling mode under which Core ML's op computes the same, empty where there is none.
  private Optional<String> whole() {
    int rank = in.size();
    boolean lastTwo =
        rank >= 3 && rank <= 4 && in.subList(0, rank - 2).equals(out.subList(0, rank - 2));
    boolean exact = true;
    for (int axis = 0; axis < rank; axis++) {
      // Core ML computes places from the extents, ONNX from the stated scale.
      exact &= Math.abs(in.get(axis) * scales[axis] - out.get(axis)) < 1e-3;
    }
    if (!lastTwo || !exact || in.equals(out)) {
      return Optional.empty();
    }
    return switch (op.mode()) {
      case CUBIC -> Optional.empty();
      case LINEAR -> linear();
      case NEAREST -> isFloor() ? Optional.of("DEFAULT") : Optional.empty();
    };
  }

  private Optional<String> linear() {
    boolean single = out.getLast() == 1 || out.get(out.size() - 2) == 1;
    return switch (op.coordinates()) {
      case ALIGN_CORNERS -> Optional.of("STRICT_ALIGN_CORNERS");
      case HALF_PIXEL, HALF_PIXEL_SYMMETRIC -> Optional.of("UNALIGN_CORNERS");
      case PYTORCH_HALF_PIXEL -> single ? Optional.empty() : Optional.of("UNALIGN_CORNERS");
      case ASYMMETRIC -> Optional.of("DEFAULT");
      case TF_CROP_AND_RESIZE -> Optional.empty();
    };
  }

  /// Whether element `floor(i * in / out)` is meant, which is what Core ML takes.
  private boolean isFloor() {
    boolean plain =
        op.coordinates() == Coordinates.ASYMMETRIC && op.nearest() == NearestRounding.FLOOR;
    boolean wholeUpscale =
        (op.coordinates() == Coordinates.HALF_PIXEL
                || op.coordinates() == Coordinates.PYTORCH_HALF_PIXEL)
            && (op.nearest() == NearestRounding.ROUND_PREFER_FLOOR
                || op.nearest() == NearestRounding.ROUND_PREFER_CEIL)
            && out.getLast() % in.getLast() == 0
            && out.get(out.size() - 2) % in.get(in.size() - 2) == 0;
    return plain || wholeUpscale;
  }

  private Mil.Var oneOp(Mil.Var x, String sampling) {
    boolean linear = op.mode() == Interpolation.LINEAR;
    if (site.target().atLeast(Target.IOS17)) {
      Mil.Value two = Mil.Value.of(MilType.UINT32, List.of(), Constants.whole(MilType.UINT32, 2));
      return site.step("resize", "resized")
          .in("x", x)
          .ints("shape", out)
          .in("resized_dims", two)
          .text("interpolation_mode", linear ? "LINEAR" : "NEAREST_NEIGHBOR")
          .text("sampling_mode", sampling)
          .gives(x.type(), out);
    }
    var call =
        site.step(linear ? "resize_bilinear" : "resize_nearest_neighbor", "resized")
            .in("x", x)
            .integer("target_size_height", out.get(out.size() - 2))
            .integer("target_size_width", out.getLast());
    if (linear) {
      call.text("sampling_mode", sampling);
    }
    return call.gives(x.type(), out);
  }

  private Mil.Var maps(Mil.Var given) {
    Mil.Var x = given;
    boolean[][] outside = new boolean[in.size()][0];
    for (int axis = 0; axis < in.size(); axis++) {
      var map =
          AxisWeights.of(
              op,
              Math.toIntExact(in.get(axis)),
              Math.toIntExact(out.get(axis)),
              scales[axis],
              starts[axis],
              ends[axis]);
      outside[axis] = map.outside();
      if (!map.isIdentity()) {
        x = op.mode() == Interpolation.NEAREST ? picked(x, axis, map) : product(x, axis, map);
      }
    }
    return filled(x, outside);
  }

  private Mil.Var picked(Mil.Var x, int axis, AxisWeights map) {
    long[] picks = Arrays.stream(map.picks()).asLongStream().toArray();
    return GatherLowering.picked(site, x, axis, picks);
  }

  /// The axis goes last, is multiplied with the weights, and goes back.
  private Mil.Var product(Mil.Var x, int axis, AxisWeights map) {
    int last = x.rank() - 1;
    List<Long> order = new ArrayList<>(LongStream.range(0, x.rank()).boxed().toList());
    Collections.swap(order, axis, last);
    Mil.Var turned = transposed("turned", x, order);
    float[] weights = new float[map.weights().length];
    for (int i = 0; i < weights.length; i++) {
      weights[i % map.in() * map.out() + i / map.in()] = map.weights()[i];
    }
    Mil.Var matrix =
        site.body.constant(
            site.node.name() + "_weights",
            Constants.floats(x.type(), List.of((long) map.in(), (long) map.out()), weights));
    if (turned.rank() == 1) {
      turned = site.reshape("row", turned, List.of(1L, turned.dim(0)));
    }
    Mil.Var y =
        ProductLowering.matmul(site.step("matmul", "resized"), turned, matrix, false, false)
            .gives(x.type(), Lists.with(turned.dims(), turned.rank() - 1, (long) map.out()));
    return x.rank() == 1
        ? site.reshape("line", y, List.of((long) map.out()))
        : transposed("back", y, order);
  }

  private Mil.Var transposed(String hint, Mil.Var x, List<Long> order) {
    if (order.equals(LongStream.range(0, x.rank()).boxed().toList())) {
      return x;
    }
    List<Long> dims = order.stream().map(a -> x.dim(a.intValue())).toList();
    return site.step("transpose", hint).in("x", x).ints("perm", order).gives(x.type(), dims);
  }

  /// Places outside of the region hold the extrapolation value.
  private Mil.Var filled(Mil.Var x, boolean[][] outside) {
    long[] mask = new long[Math.toIntExact(x.elements())];
    boolean any = false;
    for (int i = 0; i < mask.length; i++) {
      long rest = i;
      for (int axis = x.rank() - 1; axis >= 0; axis--) {
        int at = (int) (rest % x.dim(axis));
        rest /= x.dim(axis);
        if (outside[axis][at]) {
          mask[i] = 1;
          any = true;
        }
      }
    }
    if (!any) {
      return x;
    }
    Mil.Var where =
        site.body.constant(
            site.node.name() + "_outside",
            Mil.Value.of(MilType.BOOL, x.dims(), Constants.whole(MilType.BOOL, mask)));
    Mil.Var value =
        site.body.constant(
            site.node.name() + "_filled",
            Constants.floats(x.type(), List.of(), op.extrapolation()));
    return site.select("filled", where, value, x);
  }
}
