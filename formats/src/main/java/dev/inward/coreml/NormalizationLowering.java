package dev.inward.coreml;

import dev.inward.graph.Normalization;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;

/// Writes the normalisations.
final class NormalizationLowering {
  private NormalizationLowering() {}

  static void lower(Site site, Normalization op) {
    switch (op) {
      case Normalization.BatchNorm(var epsilon) -> batchNorm(site, epsilon);
      case Normalization.LayerNorm(var axis, var epsilon) -> layerNorm(site, axis, epsilon);
      case Normalization.RmsNorm(var axis, var epsilon) -> rmsNorm(site, axis, epsilon);
      case Normalization.InstanceNorm(var epsilon) -> instanceNorm(site, epsilon);
      case Normalization.GroupNorm(var groups, var epsilon) -> groupNorm(site, groups, epsilon);
      case Normalization.LpNorm(var axis, var p) -> lpNorm(site, axis, p);
      case Normalization.LocalResponseNorm(var size, var alpha, var beta, var bias) ->
          responseNorm(site, size, alpha, beta, bias);
      case Normalization.MeanVarianceNorm(var axes) -> meanVariance(site, axes);
      case Normalization.Softmax(var axis) ->
          site.done(site.op("softmax").in("x", site.x(0)).integer("axis", site.axis(axis, 0)));
      case Normalization.LogSoftmax(var axis) -> {
        // Not log(softmax(x)): small probabilities leave the range of float16.
        Mil.Var sum = reduce(site, "reduce_log_sum_exp", "all", site.x(0), axis);
        site.done(site.op("sub").in("x", site.x(0)).in("y", sum));
      }
      case Normalization.Hardmax(var axis) -> hardmax(site, site.axis(axis, 0));
    }
  }

  private static Mil.Var reduce(Site site, String type, String hint, Mil.Var x, long axis) {
    int at = site.axis(axis, 0);
    return site.step(type, hint)
        .in("x", x)
        .ints("axes", at)
        .flag("keep_dims", true)
        .gives(x.type(), Lists.with(x.dims(), at, 1L));
  }

  private static void batchNorm(Site site, float epsilon) {
    Mil.Var x = site.x(0);
    for (int i = 1; i <= 4; i++) {
      if (site.constant(i).isEmpty()) {
        writtenOut(site, x, epsilon);
        return;
      }
    }
    boolean flat = x.rank() == 2;
    Mil.Var taken = flat ? site.reshape("column", x, List.of(x.dim(0), x.dim(1), 1L)) : x;
    var call =
        (flat ? site.step("batch_norm", "normed") : site.op("batch_norm"))
            .in("x", taken)
            .in("mean", site.x(3))
            .in("variance", site.x(4))
            .in("gamma", site.x(1))
            .in("beta", site.x(2))
            .number("epsilon", site.real, epsilon);
    if (flat) {
      Mil.Var normed = call.gives(x.type(), taken.dims());
      site.done(site.op("reshape").in("x", normed).ints("shape", x.dims()));
    } else {
      site.done(call);
    }
  }

  /// A batch norm whose statistics are computed.
  private static void writtenOut(Site site, Mil.Var x, float epsilon) {
    Mil.Var centred = site.apply("sub", "centred", x, column(site, 3, x.rank()));
    Mil.Var variance =
        site.apply("add", "shifted", column(site, 4, x.rank()), site.scalar("epsilon", epsilon));
    Mil.Var normed =
        site.apply("real_div", "normed", centred, site.apply("sqrt", "deviation", variance));
    Mil.Var scaled = site.apply("mul", "scaled", normed, column(site, 1, x.rank()));
    site.done(site.op("add").in("x", scaled).in("y", column(site, 2, x.rank())));
  }

  /// An operand `[C]` laid along axis 1 of x.
  private static Mil.Var column(Site site, int operand, int rank) {
    List<Long> column = new ArrayList<>(List.of(site.dims(operand).getFirst()));
    for (int i = 2; i < rank; i++) {
      column.add(1L);
    }
    return site.reshape("column", site.x(operand), column);
  }

  private static List<Long> from(int axis, int rank) {
    return LongStream.range(axis, rank).boxed().toList();
  }

  private static void layerNorm(Site site, long axis, float epsilon) {
    Mil.Var x = site.x(0);
    int first = site.axis(axis, 0);
    List<Long> shape = x.dims().subList(first, x.rank());
    boolean fixed =
        (!site.has(1) || site.constant(1).isPresent())
            && (!site.has(2) || site.constant(2).isPresent());
    if (fixed) {
      site.done(
          layerNormCall(
              site,
              site.op("layer_norm"),
              x,
              from(first, x.rank()),
              spread(site, 1, shape, 1),
              spread(site, 2, shape, 0),
              epsilon));
      return;
    }
    Mil.Var normed =
        layerNormCall(
                site,
                site.step("layer_norm", "normed"),
                x,
                from(first, x.rank()),
                filled(shape, 1),
                filled(shape, 0),
                epsilon)
            .gives(x.type(), x.dims());
    scaledAndShifted(site, normed, site.has(1), site.has(2));
  }

  private static Body.Call layerNormCall(
      Site site,
      Body.Call call,
      Mil.Var x,
      List<Long> axes,
      Tensor gamma,
      Tensor beta,
      float epsilon) {
    return call.in("x", x)
        .ints("axes", axes)
        .in("gamma", site.tensor("gamma", gamma))
        .in("beta", site.tensor("beta", beta))
        .number("epsilon", site.real, epsilon);
  }

  private static void scaledAndShifted(Site site, Mil.Var normed, boolean scaled, boolean shifted) {
    if (scaled && shifted) {
      Mil.Var product = site.apply("mul", "scaled", normed, site.x(1));
      site.done(site.op("add").in("x", product).in("y", site.x(2)));
    } else if (scaled) {
      site.done(site.op("mul").in("x", normed).in("y", site.x(1)));
    } else if (shifted) {
      site.done(site.op("add").in("x", normed).in("y", site.x(2)));
    } else {
      site.alias(normed);
    }
  }

  private static Tensor filled(List<Long> shape, float value) {
    float[] all = new float[Math.toIntExact(Mil.elements(shape))];
    java.util.Arrays.fill(all, value);
    return Tensor.ofFloats(shape, all);
  }

  /// A constant operand in exactly the given shape; where it is left out, filled.
  private static Tensor spread(Site site, int operand, List<Long> shape, float otherwise) {
    if (!site.has(operand)) {
      return filled(shape, otherwise);
    }
    Tensor given = site.constant(operand).orElseThrow();
    if (given.dims().equals(shape)) {
      return given;
    }
    if (given.elements() == Mil.elements(shape)) {
      return given.withDims(shape);
    }
    float[] reals = given.floats();
    float[] out = new float[Math.toIntExact(Mil.elements(shape))];
    for (int i = 0; i < out.length; i++) {
      long rest = i;
      long at = 0;
      long stride = 1;
      for (int axis = 1; axis <= shape.size(); axis++) {
        long size = shape.get(shape.size() - axis);
        long mine = axis <= given.rank() ? given.dims().get(given.rank() - axis) : 1;
        at += mine == 1 ? 0 : rest % size * stride;
        stride *= mine;
        rest /= size;
      }
      out[i] = reals[(int) at];
    }
    return Tensor.ofFloats(shape, out);
  }

  /// `layer_norm` of `[x, -x]`: its mean is 0 and its variance the mean square of x, and nothing is
  /// squared outside the op, where float16 would overflow beyond 255.
  private static void rmsNorm(Site site, long axis, float epsilon) {
    Mil.Var x = site.x(0);
    int first = site.axis(axis, 0);
    long half = x.dim(first);
    List<Long> twice = Lists.with(x.dims(), first, 2 * half);
    Mil.Var mirrored =
        site.step("concat", "mirrored")
            .in("values", List.of(x, site.apply("mul", "minus", x, site.scalar("minus_one", -1))))
            .integer("axis", first)
            .flag("interleave", false)
            .gives(x.type(), twice);
    List<Long> shape = twice.subList(first, twice.size());
    Mil.Var normed =
        layerNormCall(
                site,
                site.step("layer_norm", "normed"),
                mirrored,
                from(first, x.rank()),
                filled(shape, 1),
                filled(shape, 0),
                epsilon)
            .gives(x.type(), twice);
    List<Long> zeros = x.dims().stream().map(_ -> 0L).toList();
    Mil.Var kept =
        site.step("slice_by_size", "kept")
            .in("x", normed)
            .ints("begin", zeros)
            .ints("size", x.dims())
            .gives(x.type(), x.dims());
    scaledAndShifted(site, kept, site.has(1), false);
  }

  /// Core ML's op has three or four axes and constant factors; else the spatial axes are laid out
  /// as one, and the factors applied after.
  private static void instanceNorm(Site site, float epsilon) {
    Mil.Var x = site.x(0);
    boolean constant = site.constant(1).isPresent() && site.constant(2).isPresent();
    if (x.rank() <= 4 && x.rank() >= 3 && constant) {
      site.done(
          site.op("instance_norm")
              .in("x", x)
              .in("gamma", site.x(1))
              .in("beta", site.x(2))
              .number("epsilon", site.real, epsilon));
      return;
    }
    long channels = x.dim(1);
    List<Long> flat = List.of(x.dim(0), channels, x.elements() / x.dim(0) / channels);
    Mil.Var normed =
        site.step("instance_norm", "normed")
            .in("x", site.reshape("flat", x, flat))
            .in("gamma", site.tensor("ones", WindowedLowering.filled(channels, 1)))
            .in("beta", site.tensor("zeros", WindowedLowering.filled(channels, 0)))
            .number("epsilon", site.real, epsilon)
            .gives(x.type(), flat);
    Mil.Var back = site.reshape("back", normed, x.dims());
    Mil.Var scaled = site.apply("mul", "scaled", back, column(site, 1, x.rank()));
    site.done(site.op("add").in("x", scaled).in("y", column(site, 2, x.rank())));
  }

  private static void groupNorm(Site site, long groups, float epsilon) {
    Mil.Var x = site.x(0);
    List<Long> grouped = List.of(x.dim(0), groups, x.elements() / x.dim(0) / groups);
    Mil.Var normed =
        site.step("instance_norm", "normed")
            .in("x", site.reshape("grouped", x, grouped))
            .in("gamma", site.tensor("ones", WindowedLowering.filled(groups, 1)))
            .in("beta", site.tensor("zeros", WindowedLowering.filled(groups, 0)))
            .number("epsilon", site.real, epsilon)
            .gives(x.type(), grouped);
    Mil.Var back = site.reshape("back", normed, x.dims());
    Mil.Var scaled = site.apply("mul", "scaled", back, column(site, 1, x.rank()));
    site.done(site.op("add").in("x", scaled).in("y", column(site, 2, x.rank())));
  }

  /// Core ML's op has one or two spatial axes: others are laid out as one.
  private static void responseNorm(Site site, long size, float alpha, float beta, float bias) {
    Mil.Var x = site.x(0);
    boolean fits = x.rank() == 3 || x.rank() == 4;
    List<Long> flat =
        fits ? x.dims() : List.of(x.dim(0), x.dim(1), x.elements() / x.dim(0) / x.dim(1));
    Mil.Var normed =
        site.step("local_response_norm", "normed")
            .in("x", site.reshape("flat", x, flat))
            .integer("size", size)
            .number("alpha", site.real, alpha)
            .number("beta", site.real, beta)
            .number("k", site.real, bias)
            .gives(x.type(), flat);
    site.alias(site.reshape("back", normed, x.dims()));
  }

  private static void lpNorm(Site site, long axis, long p) {
    Mil.Var x = site.x(0);
    Mil.Var norm = reduce(site, p == 1 ? "reduce_l1_norm" : "reduce_l2_norm", "norm", x, axis);
    // A vector of zeros stays one.
    Mil.Var isZero = site.compare("equal", "is_zero", norm, site.scalar("zero", 0));
    Mil.Var divisor = site.select("divisor", isZero, site.scalar("one", 1), norm);
    site.done(site.op("real_div").in("x", x).in("y", divisor));
  }

  private static void meanVariance(Site site, List<Long> given) {
    Mil.Var x = site.x(0);
    List<Long> axes = site.axes(given, 0);
    List<Long> small = new ArrayList<>(x.dims());
    axes.forEach(a -> small.set(a.intValue(), 1L));
    Mil.Var mean =
        site.step("reduce_mean", "mean")
            .in("x", x)
            .ints("axes", axes)
            .flag("keep_dims", true)
            .gives(x.type(), small);
    Mil.Var centred = site.apply("sub", "centred", x, mean);
    Mil.Var variance =
        site.step("reduce_mean", "variance")
            .in("x", site.apply("mul", "square", centred, centred))
            .ints("axes", axes)
            .flag("keep_dims", true)
            .gives(x.type(), small);
    Mil.Var deviation =
        site.apply(
            "add", "deviation", site.apply("sqrt", "root", variance), site.scalar("epsilon", 1e-9));
    site.done(site.op("real_div").in("x", centred).in("y", deviation));
  }

  private static void hardmax(Site site, int axis) {
    Mil.Var x = site.x(0);
    List<Long> without = Lists.without(x.dims(), axis);
    var call =
        site.step("reduce_argmax", "largest")
            .in("x", x)
            .integer("axis", axis)
            .flag("keep_dims", false);
    if (site.target().atLeast(Target.IOS17)) {
      call.text("output_dtype", "int32");
    }
    Mil.Var index = call.gives(MilType.INT32, without);
    site.done(
        site.op("one_hot")
            .in("indices", index)
            .integer("one_hot_vector_size", x.dim(axis))
            .integer("axis", axis)
            .number("on_value", site.real, 1)
            .number("off_value", site.real, 0));
  }
}
