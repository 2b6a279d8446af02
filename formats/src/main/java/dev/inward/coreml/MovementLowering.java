package dev.inward.coreml;

import dev.inward.graph.Expression;
import dev.inward.graph.Movement;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.LongStream;

/// Writes the ops that move, copy and make elements.
final class MovementLowering {
  private MovementLowering() {}

  static void lower(Site site, Movement op) {
    switch (op) {
      case Movement.ShapeOf _, Movement.Size _, Movement.Range _ -> known(site);
      case Movement.Reshape _, Movement.Flatten _ -> reshape(site);
      case Movement.Squeeze(var axes) -> squeeze(site, axes);
      case Movement.Unsqueeze(var axes) -> unsqueeze(site, axes);
      case Movement.Transpose(var permutation) -> transpose(site, permutation);
      case Movement.Concat(var axis) -> concat(site, axis);
      case Movement.Split(var axis, var sizes) -> split(site, axis, sizes);
      case Movement.Slice _ -> SliceLowering.lower(site);
      case Movement.Gather(var axis) -> GatherLowering.gather(site, site.axis(axis, 0));
      case Movement.GatherElements(var axis) -> GatherLowering.alongAxis(site, site.axis(axis, 0));
      case Movement.GatherNd(var batchDims) -> GatherLowering.nd(site, batchDims);
      case Movement.ScatterElements(var axis, var combine) ->
          GatherLowering.scatterAlongAxis(site, site.axis(axis, 0), combine);
      case Movement.ScatterNd(var combine) -> GatherLowering.scatterNd(site, combine);
      case Movement.Expand _ -> expand(site);
      case Movement.Tile _ -> tile(site, site.x(0), site.longs(1, "repeats"));
      case Movement.Pad(var mode) -> PadLowering.lower(site, mode);
      case Movement.Resize resize -> ResizeLowering.lower(site, resize);
      case Movement.DepthToSpace(var block, var columnFirst) -> {
        String factor = columnFirst ? "upscale_factor" : "block_size";
        throughReals(site, columnFirst ? "pixel_shuffle" : "depth_to_space", factor, block);
      }
      case Movement.SpaceToDepth(var block) ->
          throughReals(site, "space_to_depth", "block_size", block);
      case Movement.ConstantOfShape(var value) -> constantOfShape(site, value);
      case Movement.OneHot(var axis) -> GatherLowering.oneHot(site, axis);
      case Movement.NonZero _ -> throw site.refused("the extent of its result depends on the data");
      case Movement.Trilu(var upper) -> trilu(site, upper);
      case Movement.ReverseSequence(var batchAxis, var timeAxis) ->
          site.done(
              site.op("reverse_sequence")
                  .in("x", site.x(0))
                  .in("lengths", site.x(1))
                  .integer("seq_axis", timeAxis)
                  .integer("batch_axis", batchAxis));
      case Movement.GridSample sample -> gridSample(site, sample);
    }
  }

  /// A value that follows from the shapes, which are fixed.
  private static void known(Site site) {
    if (site.node.op() instanceof Movement.Range && site.resultType().isFloat()) {
      float start = site.number(0, "start");
      float step = site.number(2, "step");
      float[] reals = new float[Math.toIntExact(Mil.elements(site.resultDims()))];
      for (int i = 0; i < reals.length; i++) {
        reals[i] = start + i * step;
      }
      site.alias(site.tensor("elements", Tensor.ofFloats(site.resultDims(), reals)));
      return;
    }
    List<Long> elements =
        switch (site.node.op()) {
          case Movement.ShapeOf(var start, var end) -> {
            int rank = site.rank(0);
            int from = Math.clamp(start < 0 ? start + rank : start, 0, rank);
            long last = end.orElse(rank);
            int to = Math.clamp(last < 0 ? last + rank : last, from, rank);
            yield site.dims(0).subList(from, to);
          }
          case Movement.Size _ -> List.of(Mil.elements(site.dims(0)));
          default -> range(site);
        };
    Tensor tensor =
        Tensor.ofLongs(site.resultDims(), elements.stream().mapToLong(Long::longValue).toArray());
    MilType type = site.resultType();
    site.alias(
        type.isFloat()
            ? site.tensor("elements", tensor)
            : site.body.constant(site.node.result(), Constants.plain(site.where(), tensor, type)));
  }

  private static List<Long> range(Site site) {
    long start = site.longs(0, "start").getFirst();
    long step = site.longs(2, "step").getFirst();
    return LongStream.range(0, Mil.elements(site.resultDims()))
        .map(i -> start + i * step)
        .boxed()
        .toList();
  }

  /// An op that Core ML has for reals only; whole numbers are exact in float32 up to 2^24.
  private static void throughReals(Site site, String type, String parameter, long value) {
    Mil.Var x = site.x(0);
    if (x.type().isFloat()) {
      site.done(site.op(type).in("x", x).integer(parameter, value));
      return;
    }
    Mil.Var moved =
        site.step(type, "moved")
            .in("x", site.cast(x, MilType.FLOAT32, "real"))
            .integer(parameter, value)
            .gives(MilType.FLOAT32, site.resultDims());
    site.done(site.op("cast").in("x", moved).text("dtype", x.type().text()));
  }

  private static void reshape(Site site) {
    Mil.Var x = site.x(0);
    List<Long> dims = site.resultDims();
    if (x.dims().equals(dims)) {
      site.alias(x);
    } else if (!Mil.isKnown(dims)) {
      reshapeToComputed(site, x, dims);
    } else if (dims.isEmpty()) {
      site.done(squeezed(site.op("squeeze"), x));
    } else {
      site.done(site.op("reshape").in("x", x).ints("shape", dims));
    }
  }

  /// One extent may be left over, which Core ML finds by itself; several are computed.
  private static void reshapeToComputed(Site site, Mil.Var x, List<Long> dims) {
    var call = site.op("reshape").in("x", x);
    boolean one = dims.stream().filter(Mil::isUnknown).count() == 1;
    site.done(
        one
            ? call.ints("shape", dims.stream().map(d -> Mil.isUnknown(d) ? -1 : d).toList())
            : call.in("shape", resultShape(site)));
  }

  private static Mil.Var resultShape(Site site) {
    return site.lowering.unknowns.vector(
        site.node.name() + "_shape", site.lowering.graph.shape(site.node.result()));
  }

  /// A value of one element without any axis.
  private static Body.Call squeezed(Body.Call call, Mil.Var x) {
    return call.in("x", x).ints("axes", LongStream.range(0, x.rank()).boxed().toList());
  }

  private static void squeeze(Site site, List<Long> given) {
    List<Long> axes = site.axes(given, 0);
    if (given.isEmpty()) {
      axes =
          LongStream.range(0, site.rank(0))
              .filter(i -> site.dims(0).get((int) i) == 1)
              .boxed()
              .toList();
    }
    if (axes.isEmpty()) {
      site.alias(site.x(0));
    } else {
      site.done(site.op("squeeze").in("x", site.x(0)).ints("axes", axes));
    }
  }

  private static void unsqueeze(Site site, List<Long> given) {
    int rank = site.resultDims().size();
    List<Long> axes = given.stream().map(a -> a < 0 ? a + rank : a).sorted().toList();
    if (axes.isEmpty()) {
      site.alias(site.x(0));
    } else {
      site.done(site.op("expand_dims").in("x", site.x(0)).ints("axes", axes));
    }
  }

  private static void transpose(Site site, List<Long> permutation) {
    List<Long> order = permutation;
    if (order.isEmpty()) {
      order = new ArrayList<>(LongStream.range(0, site.rank(0)).boxed().toList());
      Collections.reverse(order);
    }
    if (order.isEmpty()) {
      site.alias(site.x(0));
    } else {
      site.done(site.op("transpose").in("x", site.x(0)).ints("perm", order));
    }
  }

  private static void concat(Site site, long axis) {
    List<Mil.Var> values = new ArrayList<>();
    for (int i = 0; i < site.node.in().size(); i++) {
      values.add(site.x(i));
    }
    if (values.size() == 1) {
      site.alias(values.getFirst());
      return;
    }
    site.done(
        site.op("concat")
            .in("values", values)
            .integer("axis", site.axis(axis, 0))
            .flag("interleave", false));
  }

  private static void split(Site site, long given, List<Long> sizes) {
    Mil.Var x = site.x(0);
    int axis = site.axis(given, 0);
    int parts = site.node.out().size();
    List<Long> widths = new ArrayList<>(sizes);
    if (sizes.isEmpty()) {
      long width = Math.ceilDiv(x.dim(axis), parts);
      for (int i = 0; i < parts; i++) {
        widths.add(Math.min(width, x.dim(axis) - i * width));
      }
    }
    if (parts == 1) {
      site.alias(x);
      return;
    }
    site.doneAll(
        site.op("split").in("x", x).ints("split_sizes", widths).integer("axis", axis),
        Collections.nCopies(parts, x.type()),
        widths.stream().map(width -> Lists.with(x.dims(), axis, width)).toList());
  }

  private static void expand(Site site) {
    List<Long> dims = site.resultDims();
    Mil.Var x = site.x(0);
    List<Long> full = new ArrayList<>(Collections.nCopies(dims.size() - x.rank(), 1L));
    full.addAll(x.dims());
    if (!Mil.isKnown(dims)) {
      expandToComputed(site, x, full, dims);
      return;
    }
    Mil.Var raised = x.rank() == 0 && !dims.isEmpty() ? vector(site, x) : x;
    raised = site.reshape("raised", raised, full);
    List<Long> repeats = new ArrayList<>();
    for (int i = 0; i < dims.size(); i++) {
      repeats.add(dims.get(i) / full.get(i));
    }
    tile(site, raised, repeats);
  }

  /// Where an axis of extent 1 grows, it is repeated that often.
  private static void expandToComputed(Site site, Mil.Var x, List<Long> full, List<Long> dims) {
    Mil.Var raised = x;
    if (x.rank() < dims.size()) {
      raised =
          site.step("expand_dims", "raised")
              .in("x", x)
              .ints("axes", LongStream.range(0, dims.size() - x.rank()).boxed().toList())
              .gives(x.type(), full);
    }
    List<Expression> repeats = new ArrayList<>();
    var shape = site.lowering.graph.shape(site.node.result());
    for (int i = 0; i < dims.size(); i++) {
      boolean grows = full.get(i) == 1 && dims.get(i) != 1;
      if (!grows && !full.get(i).equals(dims.get(i))) {
        throw site.refused("whether axis %d grows is known only when it runs", i)
            .hint("bind the shapes of the inputs to numbers with --shape");
      }
      repeats.add(grows ? Expression.of(shape.dim(i)) : Expression.ONE);
    }
    if (full.equals(dims)) {
      site.alias(raised);
    } else {
      Mil.Var times = site.lowering.unknowns.vector(site.node.name() + "_repeats", repeats);
      site.done(site.op("tile").in("x", raised).in("reps", times));
    }
  }

  private static Mil.Var vector(Site site, Mil.Var scalar) {
    return site.step("expand_dims", "vector")
        .in("x", scalar)
        .ints("axes", 0)
        .gives(scalar.type(), List.of(1L));
  }

  private static void tile(Site site, Mil.Var x, List<Long> repeats) {
    if (repeats.stream().allMatch(r -> r == 1)) {
      site.alias(x);
    } else {
      site.done(site.op("tile").in("x", x).ints("reps", repeats));
    }
  }

  private static void constantOfShape(Site site, Tensor value) {
    List<Long> dims = site.resultDims();
    Mil.Value element =
        Constants.plain(
            site.where(),
            value.withDims(List.of()),
            site.lowering.milType(site.node.result(), site.real));
    if (dims.isEmpty()) {
      site.alias(site.body.constant(site.node.result(), element));
    } else if (!Mil.isKnown(dims)) {
      site.done(site.op("fill").in("shape", resultShape(site)).in("value", element));
    } else {
      site.done(site.op("fill").ints("shape", dims).in("value", element));
    }
  }

  /// `band_part` keeps a band around the diagonal; for one that does not touch it, what stays is
  /// chosen by a mask.
  private static void trilu(Site site, boolean upper) {
    long diagonal = site.has(1) ? site.longs(1, "diagonal").getFirst() : 0;
    Mil.Var x = site.x(0);
    if (upper && diagonal <= 0) {
      site.done(band(site.op("band_part"), x, -diagonal, -1));
    } else if (!upper && diagonal >= 0) {
      site.done(band(site.op("band_part"), x, -1, diagonal));
    } else {
      long rows = x.dim(-2);
      long columns = x.dim(-1);
      long[] mask = new long[Math.toIntExact(rows * columns)];
      for (int i = 0; i < mask.length; i++) {
        long above = i % columns - i / columns;
        mask[i] = upper ? (above >= diagonal ? 1 : 0) : above <= diagonal ? 1 : 0;
      }
      Mil.Var kept =
          site.body.constant(
              site.node.name() + "_kept",
              Mil.Value.of(
                  MilType.BOOL, List.of(rows, columns), Constants.whole(MilType.BOOL, mask)));
      if (x.type() == MilType.BOOL) {
        site.done(site.op("logical_and").in("x", x).in("y", kept));
        return;
      }
      Mil.Var zero = x.type().isFloat() ? site.scalar("zero", 0) : site.whole("zero", 0);
      site.done(site.op("select").in("cond", kept).in("a", x).in("b", zero));
    }
  }

  private static void gridSample(Site site, Movement.GridSample op) {
    String mode =
        switch (op.mode()) {
          case LINEAR -> "bilinear";
          case NEAREST -> "nearest";
          case CUBIC ->
              throw site.refused("Core ML samples the nearest pixel or between two, not cubic");
        };
    Mil.Var x = site.x(0);
    if (x.rank() != 4) {
      throw site.refused("Core ML samples images with two axes, x has %d", x.rank() - 2);
    }
    String padding =
        switch (op.padding()) {
          case ZEROS -> "constant";
          case BORDER -> "border";
          case REFLECTION -> op.alignCorners() ? "reflection" : "symmetric";
        };
    MilType places = site.target().atLeast(Target.IOS16) ? site.real : MilType.FLOAT32;
    site.done(
        site.op("resample")
            .in("x", x)
            .in("coordinates", site.lowering.value(site.node.operand(1), places))
            .text("sampling_mode", mode)
            .text("padding_mode", padding)
            .number("padding_value", x.type(), 0)
            .text("coordinates_mode", "normalized_minus_one_to_one")
            .flag("align_corners", op.alignCorners()));
  }

  private static Body.Call band(Body.Call call, Mil.Var x, long lower, long upper) {
    return call.in("x", x).integer("lower", lower).integer("upper", upper);
  }
}
