package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Movement;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalLong;

/// Reads the ops that move and make elements. Shapes are those that the file states for results.
final class MovementRaising {
  private MovementRaising() {}

  static boolean raise(Source source) {
    switch (source.type()) {
      case "reshape" -> {
        source.var("shape");
        reshape(source);
      }
      case "reshape_like" -> {
        for (String parameter : List.of("ref_tensors", "begins", "ends", "end_masks")) {
          source.vars(parameter);
        }
        reshape(source);
      }
      case "flatten2d" -> {
        source.integer("axis", 1);
        reshape(source);
      }
      case "squeeze" ->
          source.add(new Movement.Squeeze(source.longs("axes", List.of())), source.x("x"));
      case "expand_dims" -> source.add(new Movement.Unsqueeze(source.longs("axes")), source.x("x"));
      case "transpose" -> {
        int rank = source.var("x").rank();
        List<Long> order =
            source.longs("perm").stream().map(a -> (long) source.axis(a, rank)).toList();
        source.add(new Movement.Transpose(order), source.x("x"));
      }
      case "concat" -> {
        int axis = source.axis(source.integer("axis"), source.result().rank());
        if (source.flag("interleave", false)) {
          // One of each in turn: beside one another on an axis of their own, which then goes.
          source.reshapedResult(
              source.step("beside", new Movement.Concat(axis + 1L), raised(source, axis + 1L)));
        } else {
          source.add(new Movement.Concat(axis), source.xs("values"));
        }
      }
      case "stack" -> {
        int axis = source.axis(source.integer("axis"), source.result().rank());
        source.add(new Movement.Concat(axis), raised(source, axis));
      }
      case "split" -> split(source);
      case "slice_by_index" -> sliceByIndex(source);
      case "slice_by_size" -> {
        List<Long> begin = source.longs("begin");
        List<Long> size = source.longs("size");
        List<Long> end = new ArrayList<>();
        List<Long> dims = source.var("x").dims();
        requireRank(source, begin, dims);
        requireRank(source, size, dims);
        for (int i = 0; i < dims.size(); i++) {
          end.add(size.get(i) == -1 ? dims.get(i) : begin.get(i) + size.get(i));
        }
        slice(source, source.x("x"), begin, end, dims.stream().map(_ -> 1L).toList());
      }
      case "reverse" -> {
        List<Long> dims = source.var("x").dims();
        List<Long> begin = new ArrayList<>(Collections.nCopies(dims.size(), 0L));
        List<Long> end = new ArrayList<>(dims);
        List<Long> step = new ArrayList<>(Collections.nCopies(dims.size(), 1L));
        List<Long> all = java.util.stream.LongStream.range(0, dims.size()).boxed().toList();
        for (long given : source.longs("axes", all)) {
          int axis = source.axis(given, dims.size());
          begin.set(axis, -1L);
          end.set(axis, Long.MIN_VALUE);
          step.set(axis, -1L);
        }
        slice(source, source.x("x"), begin, end, step);
      }
      case "reverse_sequence" ->
          source.add(
              new Movement.ReverseSequence(
                  source.integer("batch_axis", 0), source.integer("seq_axis", 0)),
              source.x("x"),
              source.x64("lengths"));
      case "pad" -> pad(source);
      case "tile" -> source.add(new Movement.Tile(), source.x("x"), source.x64("reps"));
      case "shape" -> {
        String shape =
            source.step(
                "extents", new Movement.ShapeOf(0, OptionalLong.empty()), List.of(source.x("x")));
        source.add(new Elementwise.Cast(DataType.INT32), shape);
      }
      case "fill", "fill_like" -> {
        source.var(source.type().equals("fill") ? "shape" : "ref_tensor");
        String shape =
            Mil.isKnown(source.result().dims()) || source.type().equals("fill_like")
                ? source.constant("shape", shape(source.result().dims()))
                : source.x64("shape");
        Tensor value =
            source.has("value")
                ? source
                    .constant("value")
                    .orElseThrow(() -> source.refused("its value is computed"))
                    .withDims(List.of(1L))
                : Source.filled(DataType.FLOAT32, List.of(1L), 0);
        source.add(new Movement.ConstantOfShape(value), shape);
      }
      case "band_part" -> bandPart(source);
      case "depth_to_space" ->
          source.add(new Movement.DepthToSpace(source.integer("block_size"), false), source.x("x"));
      case "pixel_shuffle" ->
          source.add(
              new Movement.DepthToSpace(source.integer("upscale_factor"), true), source.x("x"));
      case "space_to_depth" ->
          source.add(new Movement.SpaceToDepth(source.integer("block_size")), source.x("x"));
      case "pixel_unshuffle" -> pixelUnshuffle(source);
      case "space_to_batch" -> spaceToBatch(source);
      case "batch_to_space" -> batchToSpace(source);
      case "crop" -> {
        List<Long> dims = source.var("x").dims();
        int rank = dims.size();
        List<Long> begin = new ArrayList<>(Collections.nCopies(rank, 0L));
        List<Long> end = new ArrayList<>(dims);
        cropped(source, source.longs("crop_height"), rank - 2, begin, end);
        cropped(source, source.longs("crop_width"), rank - 1, begin, end);
        slice(source, source.x("x"), begin, end, Collections.nCopies(rank, 1L));
      }
      case "range_1d" ->
          source.add(new Movement.Range(), source.x("start"), source.x("end"), source.x("step"));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static Tensor shape(List<Long> dims) {
    return Tensor.vector(dims.stream().mapToLong(Long::longValue).toArray());
  }

  private static void reshape(Source source) {
    List<Long> dims = source.result().dims();
    if (!Mil.isKnown(dims) || !Mil.isKnown(source.var("x").dims())) {
      source.add(new Movement.Reshape(false), source.x("x"), source.x64("shape"));
      return;
    }
    if (Mil.elements(dims) != source.var("x").elements()) {
      throw InputException.at(source.where(), "reshapes %s to %s", source.var("x").dims(), dims);
    }
    source.add(new Movement.Reshape(false), source.x("x"), source.constant("shape", shape(dims)));
  }

  private static void split(Source source) {
    int axis = source.axis(source.integer("axis"), source.var("x").rank());
    if (source.has("num_splits")) {
      source.integer("num_splits");
    }
    if (source.has("split_sizes")) {
      source.longs("split_sizes");
    }
    List<Long> sizes = new ArrayList<>();
    for (Mil.Var part : source.operation.outputs()) {
      if (part.rank() != source.var("x").rank()) {
        throw InputException.at(source.where(), "a part is %s", part);
      }
      sizes.add(part.dim(axis));
    }
    source.add(new Movement.Split(axis, sizes), source.x("x"));
  }

  private static void requireRank(Source source, List<Long> numbers, List<Long> dims) {
    if (numbers.size() != dims.size()) {
      throw InputException.at(source.where(), "%d bounds for %d axes", numbers.size(), dims.size());
    }
  }

  /// Bounds that are computed; a mask stands for an end of the axis.
  private static void sliceByComputed(Source source) {
    int rank = source.var("x").rank();
    if (source.flags("squeeze_mask", rank).contains(true)) {
      throw source.refused("it takes axes away at computed places");
    }
    List<Long> stride = source.longs("stride", Collections.nCopies(rank, 1L));
    if (stride.stream().anyMatch(s -> s < 1)) {
      throw source.refused("it runs backwards between computed bounds");
    }
    String x = source.x("x");
    String begin = masked(source, "begin", rank, 0);
    String end = masked(source, "end", rank, Long.MAX_VALUE);
    long[] axes = java.util.stream.LongStream.range(0, rank).toArray();
    source.add(
        new Movement.Slice(),
        x,
        begin,
        end,
        source.constant("axes", Tensor.vector(axes)),
        source.constant("steps", shape(stride)));
  }

  private static String masked(Source source, String bound, int rank, long otherwise) {
    String given = source.x64(bound);
    List<Boolean> mask = source.flags(bound + "_mask", rank);
    if (!mask.contains(true)) {
      return given;
    }
    String condition =
        source.constant(
            bound + "_mask",
            Tensor.dense(
                DataType.BOOL,
                List.of((long) rank),
                Constants.bytes(Constants.bools(mask).content())));
    String ends = source.constant(bound + "_of_axis", Tensor.vector(otherwise));
    return source.step(bound, new Elementwise.Where(), List.of(condition, ends, given));
  }

  private static void sliceByIndex(Source source) {
    if (source.constant("begin").isEmpty() || source.constant("end").isEmpty()) {
      sliceByComputed(source);
      return;
    }
    var slice = MilSlice.of(source, source.var("x").dims());
    if (slice.gone().isEmpty()) {
      slice(source, source.x("x"), slice.begin(), slice.end(), slice.stride());
      return;
    }
    List<String> bounds = bounds(source, source.x("x"), slice.begin(), slice.end(), slice.stride());
    String sliced = source.step("sliced", new Movement.Slice(), bounds);
    source.add(new Movement.Squeeze(slice.gone()), sliced);
  }

  private static void slice(
      Source source, String x, List<Long> begin, List<Long> end, List<Long> step) {
    source.add(new Movement.Slice(), bounds(source, x, begin, end, step));
  }

  private static List<String> bounds(
      Source source, String x, List<Long> begin, List<Long> end, List<Long> step) {
    long[] axes = java.util.stream.LongStream.range(0, begin.size()).toArray();
    return List.of(
        x,
        source.constant("starts", shape(begin)),
        source.constant(
            "ends",
            shape(
                end.stream()
                    .map(e -> Mil.isUnknown(e) && e != Long.MIN_VALUE ? Long.MAX_VALUE : e)
                    .toList())),
        source.constant("axes", Tensor.vector(axes)),
        source.constant("steps", shape(step)));
  }

  private static void pad(Source source) {
    List<Long> pads = source.longs("pad");
    int rank = source.var("x").rank();
    if (pads.size() % 2 != 0 || pads.size() > 2 * rank) {
      throw InputException.at(source.where(), "%d pads for %d axes", pads.size(), rank);
    }
    long first = rank - pads.size() / 2;
    List<Long> axes = java.util.stream.LongStream.range(first, rank).boxed().toList();
    var mode =
        switch (source.text("mode", "constant")) {
          case "constant" -> Movement.Pad.Mode.CONSTANT;
          case "reflect" -> Movement.Pad.Mode.REFLECT;
          case "replicate" -> Movement.Pad.Mode.EDGE;
          default -> throw source.refused("the mode '%s'", source.text("mode"));
        };
    String value =
        source.scalar("value", source.real(source.var("x")), source.number("constant_val", 0));
    source.add(
        new Movement.Pad(mode),
        source.x("x"),
        source.constant("pads", shape(WindowedRaising.separated(pads))),
        value,
        source.constant("axes", shape(axes)));
  }

  private static void bandPart(Source source) {
    long lower = source.integer("lower", -1);
    long upper = source.integer("upper", -1);
    String x = source.x("x");
    String above = source.constant("lower", Tensor.scalar(-lower));
    String below = source.constant("upper", Tensor.scalar(upper));
    if (lower >= 0 && upper >= 0) {
      String half = source.step("upper_part", new Movement.Trilu(true), List.of(x, above));
      source.add(new Movement.Trilu(false), half, below);
    } else if (lower >= 0) {
      source.add(new Movement.Trilu(true), x, above);
    } else if (upper >= 0) {
      source.add(new Movement.Trilu(false), x, below);
    } else {
      source.add(new Elementwise.Unary(Elementwise.Unary.Function.IDENTITY), x);
    }
  }

  private static List<String> raised(Source source, long axis) {
    return source.xs("values").stream()
        .map(v -> source.step("part", new Movement.Unsqueeze(List.of(axis)), List.of(v)))
        .toList();
  }

  private static void cropped(
      Source source, List<Long> amounts, int axis, List<Long> begin, List<Long> end) {
    if (amounts.size() != 2 || axis < 0) {
      throw InputException.at(source.where(), "it crops by %s", amounts);
    }
    begin.set(axis, amounts.getFirst());
    end.set(axis, end.get(axis) - amounts.getLast());
  }

  /// Space to depth has the places of a block before the channels; here they come after.
  private static void pixelUnshuffle(Source source) {
    long factor = source.integer("downscale_factor");
    Mil.Var x = source.var("x");
    Mil.Var out = source.result();
    if (x.rank() != 4 || out.rank() != 4 || factor < 1) {
      throw InputException.at(source.where(), "x is %s, the factor %d", x.dims(), factor);
    }
    String deep = source.step("deep", new Movement.SpaceToDepth(factor), List.of(source.x("x")));
    String parted =
        source.reshaped(
            "parted", deep, List.of(x.dim(0), factor * factor, x.dim(1), out.dim(2), out.dim(3)));
    source.reshapedResult(
        source.step(
            "turned", new Movement.Transpose(List.of(0L, 2L, 1L, 3L, 4L)), List.of(parted)));
  }

  private static List<Long> pairs(Source source, String parameter) {
    List<Long> all = source.longs(parameter);
    if (all.size() != 4 || source.var("x").rank() != 4) {
      throw InputException.at(
          source.where(), "'%s' is %s for x of %s", parameter, all, source.var("x").dims());
    }
    return all;
  }

  private static List<Long> block(Source source) {
    List<Long> block = source.longs("block_shape");
    if (block.size() != 2 || block.getFirst() < 1 || block.getLast() < 1) {
      throw InputException.at(source.where(), "'block_shape' is %s", block);
    }
    return block;
  }

  /// Every place of a block is a batch of its own, the places row by row.
  private static void spaceToBatch(Source source) {
    List<Long> block = block(source);
    List<Long> pads = pairs(source, "paddings");
    String x = source.x("x");
    List<Long> dims = new ArrayList<>(source.var("x").dims());
    if (pads.stream().anyMatch(p -> p != 0)) {
      x =
          source.step(
              "padded",
              new Movement.Pad(Movement.Pad.Mode.CONSTANT),
              List.of(
                  x,
                  source.vector(
                      "pads", 0, 0, pads.get(0), pads.get(2), 0, 0, pads.get(1), pads.get(3))));
      dims.set(2, dims.get(2) + pads.get(0) + pads.get(1));
      dims.set(3, dims.get(3) + pads.get(2) + pads.get(3));
    }
    List<String> parts = new ArrayList<>();
    for (long i = 0; i < block.getFirst(); i++) {
      for (long j = 0; j < block.getLast(); j++) {
        parts.add(
            source.step(
                "part",
                new Movement.Slice(),
                bounds(
                    source,
                    x,
                    List.of(0L, 0L, i, j),
                    dims,
                    List.of(1L, 1L, block.getFirst(), block.getLast()))));
      }
    }
    source.add(new Movement.Concat(0), parts);
  }

  private static void batchToSpace(Source source) {
    List<Long> block = block(source);
    List<Long> crops = pairs(source, "crops");
    List<Long> dims = source.var("x").dims();
    long height = block.getFirst();
    long width = block.getLast();
    if (dims.getFirst() % (height * width) != 0) {
      throw InputException.at(source.where(), "blocks of %s in x of %s", block, dims);
    }
    long batch = dims.getFirst() / (height * width);
    String parted =
        source.reshaped(
            "parted",
            source.x("x"),
            List.of(height, width, batch, dims.get(1), dims.get(2), dims.get(3)));
    String turned =
        source.step(
            "turned", new Movement.Transpose(List.of(2L, 3L, 4L, 0L, 5L, 1L)), List.of(parted));
    List<Long> whole = List.of(batch, dims.get(1), dims.get(2) * height, dims.get(3) * width);
    String joined = source.reshaped("joined", turned, whole);
    slice(
        source,
        joined,
        List.of(0L, 0L, crops.get(0), crops.get(2)),
        List.of(batch, dims.get(1), whole.get(2) - crops.get(1), whole.get(3) - crops.get(3)),
        List.of(1L, 1L, 1L, 1L));
  }
}
