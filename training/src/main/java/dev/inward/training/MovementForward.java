package dev.inward.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.index.NDIndex;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Movement;
import dev.inward.graph.Movement.Resize;
import dev.inward.graph.Node;
import dev.inward.graph.Tensor;
import dev.inward.graph.evaluation.Evaluation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Ops that move elements, on PyTorch. Those that are not one of its own are told by what the
/// reference evaluator makes of the places of the elements: wherever it puts place `i`, element `i`
/// goes, and the gradient back.
final class MovementForward {
  private MovementForward() {}

  static List<NDArray> of(Movement op, Operands in) {
    return switch (op) {
      case Movement.ShapeOf _, Movement.Size _, Movement.Range _, Movement.NonZero _ -> List.of();
      case Movement.ConstantOfShape _, Movement.OneHot _ -> List.of();
      case Movement.Reshape _, Movement.Flatten _, Movement.Squeeze _, Movement.Unsqueeze _ ->
          List.of(in.live(0).reshape(Torch.shape(reshaped(in))));
      case Movement.Transpose(var permutation) -> {
        int rank = in.live(0).getShape().dimension();
        int[] order =
            permutation.isEmpty()
                ? IntStream.range(0, rank).map(a -> rank - 1 - a).toArray()
                : permutation.stream().mapToInt(Math::toIntExact).toArray();
        yield List.of(rank < 2 ? in.live(0) : in.live(0).transpose(order));
      }
      case Movement.Concat(long axis) -> {
        NDArray first = in.live(0);
        int at = NormalizationForward.axis(axis, first.getShape().dimension());
        yield List.of(
            in.count() == 1
                ? first
                : NDArrays.concat(new NDList(in.all().toArray(NDArray[]::new)), at));
      }
      case Movement.Split(long axis, var sizes) -> split(in, axis, sizes);
      case Movement.Gather(long axis) -> List.of(gather(in, axis));
      case Movement.Expand _ -> {
        NDArray x = in.live(0);
        NDArray ones = in.step().ones(Torch.shape(Arrays.stream(in.wholes(1)).boxed().toList()));
        yield List.of(x.mul(ones));
      }
      case Movement.Slice _,
          Movement.GatherElements _,
          Movement.GatherNd _,
          Movement.Tile _,
          Movement.DepthToSpace _,
          Movement.SpaceToDepth _,
          Movement.Trilu _,
          Movement.ReverseSequence _ ->
          List.of(picked(in, List.of(0), 0));
      case Movement.Pad(var mode) ->
          List.of(picked(in, List.of(0), mode == Movement.Pad.Mode.CONSTANT ? in.scalar(2, 0) : 0));
      case Movement.ScatterElements(_, var combine) -> List.of(scattered(in, combine));
      case Movement.ScatterNd(var combine) -> List.of(scattered(in, combine));
      case Resize resize
          when resize.mode() == Resize.Interpolation.NEAREST
              && resize.coordinates() != Resize.Coordinates.TF_CROP_AND_RESIZE ->
          List.of(picked(in, List.of(0), 0));
      case Resize resize -> List.of(resized(resize, in));
      case Movement.GridSample _ ->
          throw UnsupportedException.of("GridSample is not trained")
              .hint("it can be compressed without training");
    };
  }

  /// What the reference evaluator makes of extents alone.
  private static List<Long> reshaped(Operands in) {
    List<Long> dims = in.dims(0);
    long count = dims.stream().reduce(1L, Math::multiplyExact);
    // One byte an element, none of which is looked at.
    Tensor bytes =
        Tensor.dense(
            dev.inward.graph.DataType.BOOL,
            dims,
            dev.inward.graph.Storage.of(new byte[Math.toIntExact(count)]));
    return alone(in, bytes).dims();
  }

  private static Tensor alone(Operands in, Tensor instead) {
    return evaluated(in, Map.of(0, instead)).getFirst();
  }

  /// The results of the node with some operands replaced.
  private static List<Tensor> evaluated(Operands in, Map<Integer, Tensor> instead) {
    Node node = in.node();
    List<String> names = new ArrayList<>();
    Map<String, Tensor> operands = new HashMap<>();
    for (int i = 0; i < node.in().size(); i++) {
      String name = node.has(i) ? "operand" + i : "";
      names.add(name);
      if (node.has(i)) {
        operands.put(name, instead.containsKey(i) ? instead.get(i) : in.host(i));
      }
    }
    var all = IntStream.range(0, node.out().size()).mapToObj(i -> "result" + i).toList();
    return List.copyOf(
        Evaluation.node(new Node(node.name(), node.op(), names, all), operands).values());
  }

  private static List<NDArray> split(Operands in, long named, List<Long> stated) {
    NDArray x = in.live(0);
    int axis = NormalizationForward.axis(named, x.getShape().dimension());
    long length = x.getShape().get(axis);
    int results = in.node().out().size();
    List<NDArray> parts = new ArrayList<>();
    long start = 0;
    for (int i = 0; i < results; i++) {
      long chunk = Math.ceilDiv(length, results);
      long size = stated.isEmpty() ? Math.clamp(length - start, 0, chunk) : stated.get(i);
      parts.add(x.get(new NDIndex().addAllDim(axis).addSliceDim(start, start + size)));
      start += size;
    }
    return parts;
  }

  private static NDArray gather(Operands in, long named) {
    NDArray x = in.live(0);
    int rank = x.getShape().dimension();
    int axis = NormalizationForward.axis(named, rank);
    long length = x.getShape().get(axis);
    Tensor places = in.host(1);
    long[] from = places.longs();
    for (int i = 0; i < from.length; i++) {
      from[i] = from[i] < 0 ? from[i] + length : from[i];
      if (from[i] < 0 || from[i] >= length) {
        throw dev.inward.base.InputException.of(
            "index %d is outside the axis of %d", from[i], length);
      }
    }
    int[] order =
        IntStream.range(0, rank).map(a -> a == 0 ? axis : a <= axis ? a - 1 : a).toArray();
    NDArray front = rank < 2 ? x : x.transpose(order);
    List<Long> rest = new ArrayList<>(Torch.dims(front).subList(1, rank));
    NDArray rows = taken(in, front.reshape(length, -1), from);
    List<Long> dims = new ArrayList<>(places.dims());
    dims.addAll(rest);
    NDArray made = rows.reshape(Torch.shape(dims));
    if (axis == 0) {
      return made;
    }
    // The axes of the indices lie in front; they belong where the axis was.
    int moved = places.rank();
    int[] back =
        IntStream.range(0, dims.size())
            .map(a -> a < axis ? moved + a : a < axis + moved ? a - axis : a)
            .toArray();
    return made.transpose(back);
  }

  private static NDArray taken(Operands in, NDArray rows, long... from) {
    NDArray index = Torch.wholes(in.step(), List.of((long) from.length), from);
    return index
        .getNDArrayInternal()
        .embedding(index, rows, ai.djl.ndarray.types.SparseFormat.DENSE)
        .singletonOrThrow();
  }

  /// Each element of the result is the one of the operands whose place the evaluator puts there, or
  /// the filling where it puts none.
  private static NDArray picked(Operands in, List<Integer> moved, float filling) {
    Map<Integer, Tensor> places = new HashMap<>();
    var all = new NDList();
    all.add(Torch.reals(in.step(), Tensor.ofFloats(List.of(1L), filling)));
    long next = 1;
    for (int position : moved) {
      NDArray x = in.live(position);
      all.add(x.reshape(-1));
      long first = next;
      long[] own = new long[Math.toIntExact(x.size())];
      Arrays.setAll(own, i -> first + i);
      places.put(position, Tensor.ofLongs(Torch.dims(x), own));
      next += own.length;
    }
    if (in.node().op() instanceof Movement.Pad && in.has(2)) {
      places.put(2, Tensor.scalar(0L));
    }
    Tensor from = evaluated(in, places).getFirst();
    return taken(in, NDArrays.concat(all, 0).reshape(-1, 1), from.longs())
        .reshape(Torch.shape(from.dims()));
  }

  private static NDArray scattered(Operands in, Movement.Combine combine) {
    if (combine != Movement.Combine.REPLACE) {
      throw UnsupportedException.of("%s that combines is not trained", in.node().op().name())
          .hint("it can be compressed without training");
    }
    return picked(in, List.of(0, 2), 0);
  }

  /// Interpolation is separable: along each axis a product with the matrix that the evaluator makes
  /// of the unit vectors.
  private static NDArray resized(Resize op, Operands in) {
    if (op.coordinates() == Resize.Coordinates.TF_CROP_AND_RESIZE
        || op.aspect() != Resize.AspectPolicy.STRETCH) {
      throw UnsupportedException.of("Resize that crops or keeps proportions is not trained")
          .hint("it can be compressed without training");
    }
    NDArray x = in.live(0);
    int rank = x.getShape().dimension();
    boolean byScales = in.has(2) && in.host(2).elements() > 0;
    float[] scales = byScales ? in.host(2).floats() : new float[0];
    long[] sizes = byScales ? new long[0] : in.wholes(3);
    int count = byScales ? scales.length : sizes.length;
    for (int i = 0; i < count; i++) {
      int axis = op.axes().isEmpty() ? i : NormalizationForward.axis(op.axes().get(i), rank);
      long extent = x.getShape().get(axis);
      if (byScales ? scales[i] == 1 : sizes[i] == extent) {
        continue;
      }
      var single =
          new Resize(
              op.mode(),
              op.coordinates(),
              op.nearest(),
              op.cubicA(),
              op.excludeOutside(),
              op.extrapolation(),
              op.antialias(),
              List.of(1L),
              op.aspect());
      var node =
          new Node(
              "axis",
              single,
              List.of("x", "", byScales ? "by" : "", byScales ? "" : "by"),
              List.of("y"));
      Tensor by = byScales ? Tensor.ofFloats(List.of(1L), scales[i]) : Tensor.vector(sizes[i]);
      Tensor matrix =
          Evaluation.node(node, Map.of("x", unit(extent), "by", by)).firstEntry().getValue();
      int last = rank - 1;
      int[] swap =
          IntStream.range(0, rank).map(a -> a == axis ? last : a == last ? axis : a).toArray();
      x = x.transpose(swap).matMul(Torch.reals(in.step(), matrix)).transpose(swap);
    }
    return x;
  }

  private static Tensor unit(long size) {
    float[] values = new float[Math.toIntExact(size * size)];
    for (int i = 0; i < size; i++) {
      values[Math.toIntExact(i * size + i)] = 1;
    }
    return Tensor.ofFloats(List.of(size, size), values);
  }
}
