package dev.inward.coreml.neural;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Movement;
import dev.inward.graph.Product;
import dev.inward.graph.Reduction;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The layers that work on tensors of any rank.
final class TensorLayers {
  private TensorLayers() {}

  /// Ranks other than those of blobs have no place where every value is one.
  private static void requireRanks(Layer layer) {
    if (layer.layers().blobs) {
      throw UnsupportedException.of("it changes the rank of a blob")
          .hint("the network maps its arrays to blobs of five axes");
    }
  }

  static void compare(Layer layer, Binary.Function function, boolean negated) {
    Layers layers = layer.layers();
    String other =
        layer.inputs().size() > 1
            ? layer.x(1)
            : layers.scalar(layer.params().real(layer.kind() < 825 ? 1 : 2));
    String compared = layers.binary(layer.name(), function, layer.x(), other);
    if (negated) {
      compared = layers.unary(layer.name(), Unary.Function.NOT, compared);
    }
    layer.done(new Elementwise.Cast(DataType.FLOAT32), compared);
  }

  static void logical(Layer layer, Binary.Function function) {
    layer.done(
        new Elementwise.Cast(DataType.FLOAT32),
        layer
            .layers()
            .binary(layer.name(), function, truth(layer, layer.x()), truth(layer, layer.x(1))));
  }

  static void not(Layer layer) {
    layer.done(
        new Elementwise.Cast(DataType.FLOAT32),
        layer.layers().unary(layer.name(), Unary.Function.NOT, truth(layer, layer.x())));
  }

  static String truth(Layer layer, String x) {
    return layer.layers().node(layer.name(), new Elementwise.Cast(DataType.BOOL), x);
  }

  static void where(Layer layer) {
    layer.done(new Elementwise.Where(), truth(layer, layer.x()), layer.x(1), layer.x(2));
  }

  static void floorDivide(Layer layer) {
    String quotient =
        layer.layers().binary(layer.name(), Binary.Function.DIV, layer.x(), layer.x(1));
    layer.done(layer.layers().unary(layer.name(), Unary.Function.FLOOR, quotient));
  }

  static void clip(Layer layer) {
    layer.done(
        new Elementwise.Clip(),
        layer.x(),
        layer.layers().scalar(layer.params().real(1)),
        layer.layers().scalar(layer.params().real(2)));
  }

  /// `min(beta, x >= 0 ? x : alpha * x)`.
  static void clampedRelu(Layer layer) {
    String leaky =
        layer
            .layers()
            .node(layer.name(), new Elementwise.LeakyRelu(layer.params().real(1)), layer.x());
    layer.done(
        new Elementwise.Variadic(Elementwise.Variadic.Function.MIN),
        leaky,
        layer.layers().scalar(layer.params().real(2)));
  }

  static void gelu(Layer layer) {
    switch ((int) layer.params().number(1)) {
      case 0 -> layer.done(new Elementwise.Gelu(false), layer.x());
      case 1 -> layer.done(new Elementwise.Gelu(true), layer.x());
      default -> layer.done(new Elementwise.Swish(1.702f), layer.x());
    }
  }

  static void matMul(Layer layer) {
    Fields params = layer.params();
    Layers layers = layer.layers();
    if (params.flag(10)) {
      throw UnsupportedException.of("it computes in int8 at run time");
    }
    if (layer.inputs().size() == 1) {
      long in = Fields.extent(params.number(5), "its first dimension");
      long out = Fields.extent(params.number(6), "its second dimension");
      String weight = layer.constant("weight", layer.weights(8, out, in).transposed(List.of(1, 0)));
      layer.done(BlobLayers.linear(layer, layer.x(), weight, params.flag(7) ? 9 : 0, out));
      return;
    }
    layer.done(
        new Product.MatMul(),
        swapped(layer, layer.x(0), params.flag(1)),
        swapped(layer, layer.x(1), params.flag(2)));
  }

  private static String swapped(Layer layer, String x, boolean swap) {
    Layers layers = layer.layers();
    int rank = layers.rank(x);
    if (!swap || rank < 2) {
      return x;
    }
    List<Long> order = new ArrayList<>();
    for (long i = 0; i < rank - 2; i++) {
      order.add(i);
    }
    order.addAll(List.of(rank - 1L, rank - 2L));
    return layers.node(layer.name(), new Movement.Transpose(order), x);
  }

  static void transpose(Layer layer) {
    requireRanks(layer);
    layer.done(new Movement.Transpose(layer.params().numbers(1)), layer.x());
  }

  static void concat(Layer layer) {
    if (layer.params().flag(2)) {
      throw UnsupportedException.of("it interleaves");
    }
    int axis = layer.layers().axis(layer.params().number(1), layer.x());
    layer.done(new Movement.Concat(axis), layer.xs().toArray(String[]::new));
  }

  static void split(Layer layer) {
    Fields params = layer.params();
    int axis = layer.layers().axis(params.number(1), layer.x());
    BlobLayers.parts(layer, new Movement.Split(axis, params.numbers(3)), axis);
  }

  static void stack(Layer layer) {
    requireRanks(layer);
    long given = layer.params().number(1);
    long axis = given < 0 ? given + layer.layers().rank(layer.x()) + 1 : given;
    String[] parts =
        layer.xs().stream()
            .map(x -> layer.layers().node(layer.name(), new Movement.Unsqueeze(List.of(axis)), x))
            .toArray(String[]::new);
    layer.done(new Movement.Concat(axis), parts);
  }

  static void squeeze(Layer layer) {
    requireRanks(layer);
    layer.done(
        new Movement.Squeeze(layer.params().flag(2) ? List.of() : layer.params().numbers(1)),
        layer.x());
  }

  static void expandDims(Layer layer) {
    requireRanks(layer);
    layer.done(new Movement.Unsqueeze(layer.params().numbers(1)), layer.x());
  }

  static void flattenTo2D(Layer layer) {
    requireRanks(layer);
    layer.done(new Movement.Flatten(layer.params().number(1)), layer.x());
  }

  /// @param keepsRank 0 copies the extent of the input
  static void reshape(Layer layer, boolean keepsRank) {
    requireRanks(layer);
    Layers layers = layer.layers();
    List<Long> target = new ArrayList<>(layer.params().numbers(1));
    List<Long> dims = layers.dims(layer.x());
    for (int i = 0; keepsRank && i < target.size() && i < dims.size(); i++) {
      if (target.get(i) == 0) {
        target.set(i, dims.get(i));
      }
    }
    layer.done(new Movement.Reshape(true), layer.x(), layers.vector(target));
  }

  static void slice(Layer layer) {
    requireRanks(layer);
    Fields params = layer.params();
    Layers layers = layer.layers();
    int rank = layers.rank(layer.x());
    List<Long> begin = new ArrayList<>(params.numbers(1));
    List<Long> end = new ArrayList<>(params.numbers(3));
    List<Long> stride = params.numbers(5);
    List<Long> beginMask = params.numbers(2);
    List<Long> endMask = params.numbers(4);
    List<Long> squeeze = params.numbers(6);
    if (begin.size() != rank || end.size() != rank || stride.size() != rank) {
      throw InputException.of("%d bounds for %d axes", begin.size(), rank);
    }
    List<Long> gone = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      boolean forward = stride.get(i) > 0;
      if (i < beginMask.size() && beginMask.get(i) != 0) {
        begin.set(i, forward ? 0L : Long.MAX_VALUE);
      }
      if (i < endMask.size() && endMask.get(i) != 0) {
        end.set(i, forward ? Long.MAX_VALUE : Long.MIN_VALUE);
      }
      if (i < squeeze.size() && squeeze.get(i) != 0) {
        end.set(i, begin.get(i) == -1 ? Long.MAX_VALUE : begin.get(i) + 1);
        gone.add((long) i);
      }
    }
    List<Long> axes = new ArrayList<>();
    for (long i = 0; i < rank; i++) {
      axes.add(i);
    }
    String taken =
        layers.node(
            layer.name(),
            new Movement.Slice(),
            layer.x(),
            layers.vector(begin),
            layers.vector(end),
            layers.vector(axes),
            layers.vector(stride));
    layer.done(
        gone.isEmpty() ? taken : layers.node(layer.name(), new Movement.Squeeze(gone), taken));
  }

  static void tile(Layer layer) {
    requireRanks(layer);
    layer.done(new Movement.Tile(), layer.x(), layer.layers().vector(layer.params().numbers(1)));
  }

  static void gather(Layer layer) {
    requireRanks(layer);
    Layers layers = layer.layers();
    int axis = layers.axis(layer.params().number(1), layer.x());
    String indices = layers.node(layer.name(), new Elementwise.Cast(DataType.INT64), layer.x(1));
    layer.done(new Movement.Gather(axis), layer.x(), indices);
  }

  static void argument(Layer layer, boolean largest) {
    Layers layers = layer.layers();
    int axis = layers.axis(layer.params().number(1), layer.x());
    String index =
        layers.node(
            layer.name(),
            new Reduction.ArgReduce(largest, axis, !layer.params().flag(2), false),
            layer.x());
    layer.done(new Elementwise.Cast(DataType.FLOAT32), index);
  }

  /// Pads in pairs, axis by axis.
  static void constantPad(Layer layer) {
    Fields params = layer.params();
    Layers layers = layer.layers();
    List<Long> amounts = params.numbers(2);
    int rank = layers.rank(layer.x());
    if (params.flag(3) || layer.inputs().size() > 1 || layers.blobs) {
      throw UnsupportedException.of("it pads to a given or computed size");
    }
    if (amounts.size() != 2 * rank) {
      throw InputException.of("%d pads for %d axes", amounts.size(), rank);
    }
    List<Long> pads = new ArrayList<>();
    for (int side = 0; side < 2; side++) {
      for (int axis = 0; axis < rank; axis++) {
        pads.add(amounts.get(2 * axis + side));
      }
    }
    layer.done(
        new Movement.Pad(Movement.Pad.Mode.CONSTANT),
        layer.x(),
        layers.vector(pads),
        layers.scalar(params.real(1)));
  }

  static void fillStatic(Layer layer) {
    Tensor value = Tensor.ofFloats(List.of(1L), layer.params().real(1));
    layer.done(
        new Movement.ConstantOfShape(value), layer.layers().vector(layer.params().numbers(2)));
  }

  static void broadcastTo(Layer layer) {
    requireRanks(layer);
    layer.done(new Movement.Expand(), layer.x(), layer.layers().vector(layer.params().numbers(1)));
  }
}
