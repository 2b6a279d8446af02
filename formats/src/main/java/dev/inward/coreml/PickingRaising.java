package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Movement;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Reads the ops that pick and place by index.
final class PickingRaising {
  private PickingRaising() {}

  static boolean raise(Source source) {
    switch (source.type()) {
      case "gather" -> {
        validated(source);
        int axis = source.axis(source.integer("axis", 0), source.var("x").rank());
        int batched = Math.toIntExact(source.integer("batch_dims", 0));
        if (batched == 0) {
          source.add(new Movement.Gather(axis), source.x("x"), source.index("indices"));
        } else {
          gatherInBatches(source, axis, batched);
        }
      }
      case "gather_along_axis" -> {
        validated(source);
        source.add(
            new Movement.GatherElements(
                source.axis(source.integer("axis", 0), source.var("x").rank())),
            source.x("x"),
            source.index("indices"));
      }
      case "gather_nd" -> {
        validated(source);
        source.add(
            new Movement.GatherNd(source.integer("batch_dims", 0)),
            source.x("x"),
            source.x64("indices"));
      }
      case "scatter_along_axis" -> {
        validated(source);
        source.add(
            new Movement.ScatterElements(
                source.axis(source.integer("axis", 0), source.var("data").rank()), combine(source)),
            source.x("data"),
            source.index("indices"),
            updates(source));
      }
      case "scatter" -> scatter(source);
      case "scatter_nd" -> {
        validated(source);
        source.add(
            new Movement.ScatterNd(combine(source)),
            source.x("data"),
            source.x64("indices"),
            updates(source));
      }
      case "slice_update" -> sliceUpdate(source);
      case "sliding_windows" -> slidingWindows(source);
      case "non_zero" -> {
        String places = source.step("places", new Movement.NonZero(), List.of(source.x("x")));
        String rows = source.step("rows", new Movement.Transpose(List.of(1L, 0L)), List.of(places));
        source.add(new Elementwise.Cast(DataType.INT32), rows);
      }
      case "one_hot" -> oneHot(source);
      default -> {
        return false;
      }
    }
    return true;
  }

  /// Whether indices are checked when the model runs changes no result.
  private static void validated(Source source) {
    source.flag("validate_indices", false);
  }

  private static Movement.Combine combine(Source source) {
    return switch (source.text("mode", "add")) {
      case "update" -> Movement.Combine.REPLACE;
      case "add" -> Movement.Combine.ADD;
      case "mul" -> Movement.Combine.MUL;
      case "max" -> Movement.Combine.MAX;
      case "min" -> Movement.Combine.MIN;
      case "sub" -> Movement.Combine.ADD;
      case "div" -> {
        if (!source.var("updates").type().isFloat()) {
          throw source.refused("a quotient of whole numbers, whose rounding is not stated");
        }
        yield Movement.Combine.MUL;
      }
      default -> throw source.refused("the mode '%s'", source.text("mode"));
    };
  }

  /// What is combined: where it is taken away or divided by, negated or inverted before.
  private static String updates(Source source) {
    String updates = source.x("updates");
    return switch (source.text("mode", "add")) {
      case "sub" ->
          source.step("minus", ElementwiseRaising.op(Unary.Function.NEG), List.of(updates));
      case "div" ->
          source.step(
              "inverse", ElementwiseRaising.op(Unary.Function.RECIPROCAL), List.of(updates));
      default -> updates;
    };
  }

  /// Whole slabs along an axis: the index of a slab is that of each of its elements.
  private static void scatter(Source source) {
    validated(source);
    int axis = source.axis(source.integer("axis", 0), source.var("data").rank());
    List<Long> dims = source.var("updates").dims();
    if (source.var("indices").rank() != 1) {
      throw source.refused("indices of %d axes", source.var("indices").rank());
    }
    List<Long> column = new ArrayList<>(Collections.nCopies(dims.size(), 1L));
    column.set(axis, source.var("indices").dim(0));
    String raised = source.reshaped("column", source.index("indices"), column);
    String spread =
        source.step(
            "spread",
            new Movement.Expand(),
            List.of(
                raised,
                source.vector("extents", dims.stream().mapToLong(Long::longValue).toArray())));
    source.add(
        new Movement.ScatterElements(axis, combine(source)),
        source.x("data"),
        spread,
        updates(source));
  }

  /// Every batch picks with its own indices: the axis comes right after those of the batch, and
  /// goes back after.
  private static void gatherInBatches(Source source, int axis, int batched) {
    int rank = source.var("x").rank();
    int indexRank = source.var("indices").rank();
    if (batched < 0 || batched > axis || batched > indexRank) {
      throw InputException.at(source.where(), "%d batch axes before axis %d", batched, axis);
    }
    List<Long> order = new ArrayList<>();
    for (long i = 0; i < rank; i++) {
      order.add(i);
    }
    order.remove(axis);
    order.add(batched, (long) axis);
    String x = source.x("x");
    if (axis != batched) {
      x = source.step("moved", new Movement.Transpose(order), List.of(x));
    }
    String tuples =
        source.step(
            "tuples",
            new Movement.Unsqueeze(List.of((long) indexRank)),
            List.of(source.x64("indices")));
    if (axis == batched) {
      source.add(new Movement.GatherNd(batched), x, tuples);
      return;
    }
    String picked = source.step("picked", new Movement.GatherNd(batched), List.of(x, tuples));
    // batch, picked, what stood between the batch and the axis, the rest.
    List<Long> back = new ArrayList<>();
    for (long i = 0; i < batched; i++) {
      back.add(i);
    }
    for (long i = indexRank; i < indexRank + axis - batched; i++) {
      back.add(i);
    }
    for (long i = batched; i < indexRank; i++) {
      back.add(i);
    }
    for (long i = indexRank + axis - batched; i < indexRank + rank - 1 - batched; i++) {
      back.add(i);
    }
    source.add(new Movement.Transpose(back), picked);
  }

  private static void slidingWindows(Source source) {
    int axis = source.axis(source.integer("axis"), source.var("x").rank());
    long size = source.integer("size");
    long stride = source.integer("stride", 1);
    long count = source.result().dim(axis);
    long extent = source.var("x").dim(axis);
    if (size < 1 || stride < 1 || (count - 1) * stride + size > extent) {
      throw InputException.at(
          source.where(), "%d windows of %d with stride %d in %d", count, size, stride, extent);
    }
    long[] places = new long[Math.toIntExact(Math.multiplyExact(count, size))];
    for (int i = 0; i < places.length; i++) {
      places[i] = i / size * stride + i % size;
    }
    source.add(
        new Movement.Gather(axis),
        source.x("x"),
        source.constant("windows", Tensor.ofLongs(List.of(count, size), places)));
  }

  /// Writes over a slice: a scatter to the places of the slice, which are known.
  private static void sliceUpdate(Source source) {
    List<Long> dims = source.var("x").dims();
    var slice = MilSlice.of(source, dims);
    List<Long> extents = slice.extents(dims);
    int count = Math.toIntExact(Mil.elements(extents));
    if (count != source.var("update").elements()) {
      throw InputException.at(
          source.where(), "a slice of %s, an update of %s", extents, source.var("update").dims());
    }
    long[] tuples = new long[Math.multiplyExact(count, dims.size())];
    for (int i = 0; i < count; i++) {
      long rest = i;
      for (int axis = dims.size() - 1; axis >= 0; axis--) {
        tuples[i * dims.size() + axis] =
            slice.first(axis, dims.get(axis)) + rest % extents.get(axis) * slice.stride().get(axis);
        rest /= extents.get(axis);
      }
    }
    String flat = source.reshaped("flat", source.x("update"), List.of((long) count));
    source.add(
        new Movement.ScatterNd(Movement.Combine.REPLACE),
        source.x("x"),
        source.constant(
            "places", Tensor.ofLongs(List.of((long) count, (long) dims.size()), tuples)),
        flat);
  }

  private static void oneHot(Source source) {
    DataType type = source.real(source.result());
    float on = source.number("on_value", 1);
    float off = source.number("off_value", 0);
    Tensor values =
        type.isFloat()
            ? Tensor.dense(
                type,
                List.of(2L),
                type == DataType.FLOAT16
                    ? Constants.halves(off, on)
                    : dev.inward.graph.Storage.of(off, on))
            : Tensor.dense(
                type,
                List.of(2L),
                Constants.whole(
                    type == DataType.BOOL ? MilType.BOOL : MilType.INT32, (long) off, (long) on));
    source.add(
        new Movement.OneHot(source.integer("axis", -1)),
        source.x64("indices"),
        source.constant("depth", Tensor.scalar(source.integer("one_hot_vector_size"))),
        source.constant("values", values));
  }
}
