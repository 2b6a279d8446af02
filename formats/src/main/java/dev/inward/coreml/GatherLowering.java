package dev.inward.coreml;

import dev.inward.graph.Elementwise;
import dev.inward.graph.Movement;
import dev.inward.graph.Reduction;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Writes the ops that pick and place by index.
///
/// A negative index counts from the end in ONNX; from iOS 17 on Core ML takes it as out of bounds.
/// Constant indices are counted from the front here, for every target. Computed ones are from iOS
/// 17 on, unless their producer gives none below zero.
final class GatherLowering {
  private GatherLowering() {}

  static void gather(Site site, int axis) {
    Mil.Var x = site.x(0);
    var constant = site.constant(1);
    if (constant.isPresent() && constant.get().rank() == 0) {
      long index = wrapped(constant.get().longs()[0], x.dim(axis));
      List<Long> begin = new ArrayList<>(x.dims().stream().map(_ -> 0L).toList());
      List<Long> end = new ArrayList<>(x.dims());
      begin.set(axis, index);
      end.set(axis, index + 1);
      List<Long> ones = x.dims().stream().map(_ -> 1L).toList();
      List<Boolean> none = x.dims().stream().map(_ -> false).toList();
      site.done(
          SliceLowering.call(site.op("slice_by_index"), x, begin, end, ones, none, List.of(axis)));
      return;
    }
    if (x.type() == MilType.BOOL) {
      throw site.refused("Core ML gathers no booleans").hint("cast to int32 before");
    }
    Mil.Var indices = indices(site, 1, x.dim(axis));
    if (indices.rank() == 0) {
      Mil.Var vector =
          site.step("expand_dims", "index")
              .in("x", indices)
              .ints("axes", 0)
              .gives(indices.type(), List.of(1L));
      Mil.Var picked =
          call(site, site.step("gather", "picked"), "x", x, vector, axis, true)
              .gives(x.type(), Lists.with(x.dims(), axis, 1L));
      site.done(site.op("squeeze").in("x", picked).ints("axes", axis));
      return;
    }
    site.done(call(site, site.op("gather"), "x", x, indices, axis, true));
  }

  /// Core ML wants x and the indices alike beside the axis; ONNX lets the indices be smaller, and
  /// then reads the beginning of x.
  static void alongAxis(Site site, int axis) {
    Mil.Var x = site.x(0);
    List<Long> wanted = Lists.with(site.dims(1), axis, x.dim(axis));
    if (!x.dims().equals(wanted)) {
      x =
          site.step("slice_by_size", "read")
              .in("x", x)
              .ints("begin", x.dims().stream().map(_ -> 0L).toList())
              .ints("size", wanted)
              .gives(x.type(), wanted);
    }
    Mil.Var indices = indices(site, 1, x.dim(axis));
    site.done(call(site, site.op("gather_along_axis"), "x", x, indices, axis, false));
  }

  private static Body.Call call(
      Site site,
      Body.Call call,
      String data,
      Mil.Var x,
      Mil.Var indices,
      int axis,
      boolean batched) {
    call.in(data, x).in("indices", indices).integer("axis", axis);
    if (batched && site.target().atLeast(Target.IOS16)) {
      call.integer("batch_dims", 0);
    }
    return validated(site, call);
  }

  private static Body.Call validated(Site site, Body.Call call) {
    return site.target().atLeast(Target.IOS17) ? call.flag("validate_indices", false) : call;
  }

  static void nd(Site site, long batchDims) {
    if (batchDims != 0) {
      site.needs(Target.IOS16, "gathering in batches");
    }
    requireForward(site);
    var call = site.op("gather_nd").in("x", site.x(0)).in("indices", site.x(1));
    if (site.target().atLeast(Target.IOS16)) {
      call.integer("batch_dims", batchDims);
    }
    site.done(validated(site, call));
  }

  static void scatterAlongAxis(Site site, int axis, Movement.Combine combine) {
    List<Long> alike = Lists.with(site.dims(1), axis, site.dims(0).get(axis));
    if (!alike.equals(site.dims(0))) {
      throw site.refused(
          "the indices %s are smaller than x %s beside axis %d", site.dims(1), site.dims(0), axis);
    }
    Mil.Var indices = indices(site, 1, site.dims(0).get(axis));
    site.done(
        validated(
            site,
            site.op("scatter_along_axis")
                .in("data", site.x(0))
                .in("indices", indices)
                .in("updates", site.x(2))
                .integer("axis", axis)
                .text("mode", mode(combine))));
  }

  static void scatterNd(Site site, Movement.Combine combine) {
    requireForward(site);
    site.done(
        validated(
            site,
            site.op("scatter_nd")
                .in("data", site.x(0))
                .in("indices", site.x(1))
                .in("updates", site.x(2))
                .text("mode", mode(combine))));
  }

  private static String mode(Movement.Combine combine) {
    return switch (combine) {
      case REPLACE -> "update";
      case ADD -> "add";
      case MUL -> "mul";
      case MAX -> "max";
      case MIN -> "min";
    };
  }

  /// Index tuples are not wrapped: each of their parts counts along another axis.
  private static void requireForward(Site site) {
    var constant = site.constant(1);
    if (constant.isPresent()) {
      for (long index : constant.get().longs()) {
        if (index < 0) {
          throw site.refused("index %d counts from the end", index)
              .hint("count the indices from the front");
        }
      }
    }
  }

  static void oneHot(Site site, long axis) {
    long depth = site.longs(1, "depth").getFirst();
    var values = site.constant(2);
    if (values.isEmpty()) {
      throw site.refused("its values are computed when the model runs");
    }
    float[] offOn = values.get().floats();
    MilType type = site.resultType();
    int rank = site.resultDims().size();
    Mil.Var indices = indices(site, 0, depth);
    site.done(
        site.op("one_hot")
            .in("indices", indices)
            .integer("one_hot_vector_size", depth)
            .integer("axis", axis < 0 ? axis + rank : axis)
            .in("on_value", element(type, offOn[1]))
            .in("off_value", element(type, offOn[0])));
  }

  private static Mil.Value element(MilType type, float value) {
    return type.isFloat()
        ? Constants.floats(type, List.of(), value)
        : Mil.Value.of(type, List.of(), Constants.whole(type, (long) value));
  }

  private static long wrapped(long index, long size) {
    return index < 0 ? index + size : index;
  }

  /// Indices into an axis of the given extent, none of them negative where the target asks for it.
  private static Mil.Var indices(Site site, int operand, long size) {
    var constant = site.constant(operand);
    if (constant.isPresent()) {
      long[] all = constant.get().longs();
      for (int i = 0; i < all.length; i++) {
        all[i] = wrapped(all[i], size);
      }
      Tensor forward = Tensor.ofLongs(constant.get().dims(), all);
      return site.body.constant(
          site.node.name() + "_indices", Constants.plain(site.where(), forward, MilType.INT32));
    }
    Mil.Var x = site.cast(site.x(operand), MilType.INT32, "indices");
    if (!site.target().atLeast(Target.IOS17) || neverNegative(site, operand)) {
      return x;
    }
    Mil.Var below = site.compare("less", "below", x, site.whole("zero", 0));
    Mil.Var shifted = site.apply("add", "from_end", x, site.whole("extent", size));
    return site.select("forward", below, shifted, x);
  }

  private static boolean neverNegative(Site site, int operand) {
    return site.lowering
        .graph
        .producer(site.node.operand(operand))
        .map(producer ->
            producer.op() instanceof Reduction.ArgReduce
                || producer.op() instanceof Reduction.TopK
                || producer.op() instanceof Movement.NonZero
                || producer.op() instanceof Elementwise.Unary(var function)
                    && function == Elementwise.Unary.Function.ABS)
        .orElse(false);
  }
}
