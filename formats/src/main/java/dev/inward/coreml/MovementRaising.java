package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Movement;
import dev.inward.graph.Movement.Resize;
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
      case "flatten2d" -> {
        source.integer("axis", 1);
        reshape(source);
      }
      case "squeeze" ->
          source.add(new Movement.Squeeze(source.longs("axes", List.of())), source.x("x"));
      case "expand_dims" -> source.add(new Movement.Unsqueeze(source.longs("axes")), source.x("x"));
      case "transpose" -> source.add(new Movement.Transpose(source.longs("perm")), source.x("x"));
      case "concat" -> {
        if (source.flag("interleave", false)) {
          throw source.refused("interleaved values");
        }
        source.add(new Movement.Concat(source.integer("axis")), source.xs("values"));
      }
      case "stack" -> {
        int axis = source.axis(source.integer("axis"), source.result().rank());
        List<String> raised =
            source.xs("values").stream()
                .map(v ->
                    source.step("part", new Movement.Unsqueeze(List.of((long) axis)), List.of(v)))
                .toList();
        source.add(new Movement.Concat(axis), raised);
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
      case "fill" -> {
        source.var("shape");
        String shape = source.constant("shape", shape(source.result().dims()));
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
      case "resize_bilinear", "resize_nearest_neighbor" -> resize(source);
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

  private static void sliceByIndex(Source source) {
    List<Long> dims = source.var("x").dims();
    int rank = dims.size();
    List<Long> begin = new ArrayList<>(source.longs("begin"));
    List<Long> end = new ArrayList<>(source.longs("end"));
    List<Long> stride =
        new ArrayList<>(source.longs("stride", dims.stream().map(_ -> 1L).toList()));
    List<Boolean> beginMask = source.flags("begin_mask", rank);
    List<Boolean> endMask = source.flags("end_mask", rank);
    List<Boolean> squeeze = source.flags("squeeze_mask", rank);
    requireRank(source, begin, dims);
    requireRank(source, end, dims);
    requireRank(source, stride, dims);
    List<Long> gone = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      boolean forward = stride.get(i) > 0;
      if (beginMask.get(i)) {
        begin.set(i, forward ? 0L : -1L);
      }
      if (endMask.get(i)) {
        end.set(i, forward ? dims.get(i) : Long.MIN_VALUE);
      }
      if (squeeze.get(i)) {
        gone.add((long) i);
        end.set(i, begin.get(i) == -1 ? Long.MAX_VALUE : begin.get(i) + 1);
        stride.set(i, 1L);
      }
    }
    if (gone.isEmpty()) {
      slice(source, source.x("x"), begin, end, stride);
      return;
    }
    String sliced =
        source.step(
            "sliced", new Movement.Slice(), bounds(source, source.x("x"), begin, end, stride));
    source.add(new Movement.Squeeze(gone), sliced);
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
        source.constant("ends", shape(end)),
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

  private static void resize(Source source) {
    boolean linear = source.type().equals("resize_bilinear");
    var coordinates =
        !linear
            ? Resize.Coordinates.ASYMMETRIC
            : switch (source.text("sampling_mode", "DEFAULT")) {
              case "STRICT_ALIGN_CORNERS" -> Resize.Coordinates.ALIGN_CORNERS;
              case "UNALIGN_CORNERS" -> Resize.Coordinates.HALF_PIXEL;
              case "DEFAULT" -> Resize.Coordinates.ASYMMETRIC;
              default ->
                  throw source.refused("the sampling mode '%s'", source.text("sampling_mode"));
            };
    long height = source.integer("target_size_height", 1);
    long width = source.integer("target_size_width", 1);
    List<Long> sizes = new ArrayList<>(source.var("x").dims());
    int rank = sizes.size();
    if (rank < 2) {
      throw InputException.at(source.where(), "x has %d axes", rank);
    }
    sizes.set(rank - 2, height);
    sizes.set(rank - 1, width);
    source.add(
        new Resize(
            linear ? Resize.Interpolation.LINEAR : Resize.Interpolation.NEAREST,
            coordinates,
            Resize.NearestRounding.FLOOR,
            -0.75f,
            false,
            0,
            false,
            List.of(),
            Resize.AspectPolicy.STRETCH),
        source.x("x"),
        "",
        "",
        source.constant("sizes", shape(sizes)));
  }
}
