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
      x = site.cast(x, MilType.INT32, "whole");
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
      Mil.Var flat =
          site.step("squeeze", "element")
              .in("x", picked)
              .ints("axes", axis)
              .gives(x.type(), site.resultDims());
      typed(site, flat);
      return;
    }
    typed(
        site,
        call(site, site.step("gather", "gathered"), "x", x, indices, axis, true)
            .gives(x.type(), site.resultDims()));
  }

  /// Ends the node with a value, cast where it stands for booleans.
  private static void typed(Site site, Mil.Var value) {
    site.alias(site.cast(value, site.resultType(), "typed"));
  }

  /// Elements of an axis by known indices.
  static Mil.Var picked(Site site, Mil.Var x, int axis, long... picks) {
    Mil.Var indices =
        site.body.constant(
            site.node.name() + "_picks",
            Mil.Value.of(
                MilType.INT32,
                List.of((long) picks.length),
                Constants.whole(MilType.INT32, picks)));
    return call(site, site.step("gather", "picked"), "x", x, indices, axis, true)
        .gives(x.type(), Lists.with(x.dims(), axis, (long) picks.length));
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
    typed(
        site,
        call(site, site.step("gather_along_axis", "gathered"), "x", x, indices, axis, false)
            .gives(x.type(), site.resultDims()));
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
    Mil.Var x = site.x(0);
    if (x.type() == MilType.BOOL) {
      x = site.cast(x, MilType.INT32, "whole");
    }
    int batched = Math.toIntExact(batchDims);
    Mil.Var tuples = tuples(site, site.dims(0).subList(batched, site.rank(0)));
    var call = site.step("gather_nd", "gathered").in("x", x).in("indices", tuples);
    if (site.target().atLeast(Target.IOS16)) {
      call.integer("batch_dims", batchDims);
    }
    typed(site, validated(site, call).gives(x.type(), site.resultDims()));
  }

  /// Indices that are smaller than x beside the axis become places of their own: every element of
  /// the updates is scattered by all its coordinates.
  static void scatterAlongAxis(Site site, int axis, Movement.Combine combine) {
    List<Long> dims = site.dims(1);
    Mil.Var data = whole(site, 0);
    Mil.Var updates = whole(site, 2);
    Mil.Var indices = indices(site, 1, site.dims(0).get(axis));
    if (Lists.with(dims, axis, site.dims(0).get(axis)).equals(site.dims(0))) {
      typed(
          site,
          validated(
                  site,
                  site.step("scatter_along_axis", "scattered")
                      .in("data", data)
                      .in("indices", indices)
                      .in("updates", updates)
                      .integer("axis", axis)
                      .text("mode", mode(combine)))
              .gives(data.type(), site.dims(0)));
      return;
    }
    int rank = dims.size();
    long count = Mil.elements(dims);
    List<Mil.Var> columns = new ArrayList<>();
    for (int a = 0; a < rank; a++) {
      if (a == axis) {
        columns.add(site.reshape("column", indices, List.of(count, 1L)));
        continue;
      }
      long[] places = new long[Math.toIntExact(count)];
      long inner = Mil.elements(dims.subList(a + 1, rank));
      for (int i = 0; i < places.length; i++) {
        places[i] = i / inner % dims.get(a);
      }
      columns.add(
          site.body.constant(
              site.node.name() + "_places",
              Mil.Value.of(
                  MilType.INT32, List.of(count, 1L), Constants.whole(MilType.INT32, places))));
    }
    Mil.Var tuples =
        rank == 1
            ? columns.getFirst()
            : site.step("concat", "tuples")
                .in("values", columns)
                .integer("axis", 1)
                .flag("interleave", false)
                .gives(MilType.INT32, List.of(count, (long) rank));
    scatterNd(site, data, tuples, site.reshape("flat", updates, List.of(count)), combine);
  }

  /// An operand, booleans as whole numbers.
  private static Mil.Var whole(Site site, int operand) {
    Mil.Var x = site.x(operand);
    return x.type() == MilType.BOOL ? site.cast(x, MilType.INT32, "whole") : x;
  }

  static void scatterNd(Site site, Movement.Combine combine) {
    Mil.Var tuples = tuples(site, site.dims(0));
    scatterNd(site, whole(site, 0), tuples, whole(site, 2), combine);
  }

  private static void scatterNd(
      Site site, Mil.Var data, Mil.Var tuples, Mil.Var updates, Movement.Combine combine) {
    typed(
        site,
        validated(
                site,
                site.step("scatter_nd", "scattered")
                    .in("data", data)
                    .in("indices", tuples)
                    .in("updates", updates)
                    .text("mode", mode(combine)))
            .gives(data.type(), site.dims(0)));
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

  /// Index tuples, each part counted from the front of its axis.
  private static Mil.Var tuples(Site site, List<Long> extents) {
    List<Long> dims = site.dims(1);
    int width = Math.toIntExact(dims.getLast());
    long[] own = extents.subList(0, width).stream().mapToLong(Long::longValue).toArray();
    var constant = site.constant(1);
    if (constant.isPresent()) {
      long[] all = constant.get().longs();
      for (int i = 0; i < all.length; i++) {
        all[i] = wrapped(all[i], own[i % width]);
      }
      return site.body.constant(
          site.node.name() + "_indices",
          Constants.plain(site.where(), Tensor.ofLongs(dims, all), MilType.INT32));
    }
    Mil.Var x = site.cast(site.x(1), MilType.INT32, "indices");
    if (!site.target().atLeast(Target.IOS17)) {
      return x;
    }
    Mil.Var sizes =
        site.body.constant(
            site.node.name() + "_extents",
            Mil.Value.of(
                MilType.INT32, List.of((long) width), Constants.whole(MilType.INT32, own)));
    Mil.Var below = site.compare("less", "below", x, site.whole("zero", 0));
    return site.select("forward", below, site.apply("add", "from_end", x, sizes), x);
  }

  static void oneHot(Site site, long axis) {
    long depth = site.longs(1, "depth").getFirst();
    var values = site.constant(2);
    MilType type = site.resultType();
    int rank = site.resultDims().size();
    Mil.Var indices = indices(site, 0, depth);
    if (values.isEmpty()) {
      Mil.Var marks =
          site.step("one_hot", "marks")
              .in("indices", indices)
              .integer("one_hot_vector_size", depth)
              .integer("axis", axis < 0 ? axis + rank : axis)
              .in("on_value", Constants.scalar(1))
              .in("off_value", Constants.scalar(0))
              .gives(MilType.INT32, site.resultDims());
      Mil.Var offOn = site.x(2);
      site.done(
          site.op("select")
              .in("cond", site.compare("equal", "marked", marks, site.whole("one", 1)))
              .in("a", element(site, offOn, 1))
              .in("b", site.spread("off", element(site, offOn, 0), site.resultDims())));
      return;
    }
    float[] offOn = values.get().floats();
    site.done(
        site.op("one_hot")
            .in("indices", indices)
            .integer("one_hot_vector_size", depth)
            .integer("axis", axis < 0 ? axis + rank : axis)
            .in("on_value", element(type, offOn[1]))
            .in("off_value", element(type, offOn[0])));
  }

  /// One element of a vector, as a vector.
  private static Mil.Var element(Site site, Mil.Var vector, long index) {
    return site.step("slice_by_size", "value")
        .in("x", vector)
        .ints("begin", index)
        .ints("size", 1)
        .gives(vector.type(), List.of(1L));
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
