package dev.inward.coreml.neural;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Movement;
import dev.inward.graph.Normalization;
import dev.inward.graph.Product;
import dev.inward.graph.Reduction;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The layers of the first versions, which know of channels, height and width.
final class BlobLayers {
  private BlobLayers() {}

  /// A matrix applied to the last axis, or to the channels where height and width are 1.
  static void innerProduct(Layer layer) {
    Fields params = layer.params();
    Layers layers = layer.layers();
    long in = Fields.extent(params.number(1), "its input channels");
    long out = Fields.extent(params.number(2), "its output channels");
    if (params.flag(22)) {
      throw UnsupportedException.of("it computes in int8 at run time");
    }
    String weight = layer.constant("weight", layer.weights(20, out, in).transposed(List.of(1, 0)));
    String x = layer.x();
    List<Long> dims = layers.dims(x);
    boolean channels = dims.size() >= 4;
    if (channels && (layers.dim(x, -1) != 1 || layers.dim(x, -2) != 1)) {
      throw InputException.of("its input is %s, expected height and width of 1", dims);
    }
    List<Long> rows = channels ? dims.subList(0, dims.size() - 2) : dims;
    if (rows.getLast() != in) {
      throw InputException.of("its input is %s, its weights take %d channels", dims, in);
    }
    String product =
        linear(layer, layers.reshape(layer.name(), x, rows), weight, params.flag(10) ? 21 : 0, out);
    List<Long> result = new ArrayList<>(rows.subList(0, rows.size() - 1));
    result.add(out);
    if (channels) {
      result.addAll(List.of(1L, 1L));
    }
    layer.done(layers.reshape(layer.name(), product, result));
  }

  /// @param biasField 0 where there is none
  static String linear(Layer layer, String x, String weight, int biasField, long out) {
    String product = layer.layers().node(layer.name(), new Product.MatMul(), x, weight);
    return biasField == 0
        ? product
        : layer
            .layers()
            .binary(
                layer.name(),
                Binary.Function.ADD,
                product,
                layer.constant("bias", layer.weights(biasField, out)));
  }

  /// Looks up rows: one index a place of the input.
  static void embedding(Layer layer, boolean blob) {
    Fields params = layer.params();
    Layers layers = layer.layers();
    long rows = Fields.extent(params.number(1), "its vocabulary");
    long out = Fields.extent(params.number(2), "its channels");
    boolean bias = params.flag(blob ? 10 : 3);
    String table = layer.constant("table", layer.weights(20, out, rows).transposed(List.of(1, 0)));
    String x = layer.x();
    List<Long> dims = layers.dims(x);
    List<Long> places = dims;
    if (blob && dims.size() >= 4) {
      places = dims.subList(0, dims.size() - 3);
    } else if (dims.getLast() == 1) {
      places = dims.subList(0, dims.size() - 1);
    }
    String indices =
        layers.node(
            layer.name(),
            new Elementwise.Cast(dev.inward.graph.DataType.INT64),
            layers.reshape(layer.name(), x, places));
    String found = layers.node(layer.name(), new Movement.Gather(0), table, indices);
    if (bias) {
      found =
          layers.binary(
              layer.name(),
              Binary.Function.ADD,
              found,
              layer.constant("bias", layer.weights(21, out)));
    }
    List<Long> result = new ArrayList<>(places);
    result.add(out);
    if (blob && dims.size() >= 4) {
      result.addAll(List.of(1L, 1L));
    }
    layer.done(layers.reshape(layer.name(), found, result));
  }

  /// Of one input and a number, or of several inputs that broadcast.
  static void joined(Layer layer, Elementwise.Binary.Function function, float alone) {
    Layers layers = layer.layers();
    List<String> xs = layer.xs();
    String x = layer.x();
    if (xs.size() == 1) {
      String number = layers.scalar(alone);
      layer.done(new Binary(function), x, number);
      return;
    }
    for (int i = 1; i < xs.size(); i++) {
      x = layers.binary(layer.name(), function, x, xs.get(i));
    }
    layer.done(x);
  }

  static void variadic(Layer layer, Elementwise.Variadic.Function function) {
    layer.done(new Elementwise.Variadic(function), layer.xs().toArray(String[]::new));
  }

  /// `x * scale + bias`, each `[1]`, `[C]`, `[1, H, W]` or `[C, H, W]`.
  static void scale(Layer layer) {
    Layers layers = layer.layers();
    Fields params = layer.params();
    String scaled =
        layers.binary(
            layer.name(), Binary.Function.MUL, layer.x(), against(layer, params.numbers(1), 2));
    layer.done(
        params.flag(3)
            ? layers.binary(
                layer.name(), Binary.Function.ADD, scaled, against(layer, params.numbers(4), 5))
            : scaled);
  }

  static void bias(Layer layer) {
    layer.done(
        new Binary(Binary.Function.ADD), layer.x(), against(layer, layer.params().numbers(1), 2));
  }

  private static String against(Layer layer, List<Long> shape, int field) {
    List<Long> dims = shape.size() == 1 ? List.of(shape.getFirst(), 1L, 1L) : shape;
    if (dims.size() != 3) {
      throw InputException.of("its numbers are %s, expected 1 or 3 axes", shape);
    }
    return layer.constant("numbers", layer.weights(field, dims.toArray(Long[]::new)));
  }

  static void loadConstant(Layer layer) {
    List<Long> dims = layer.params().numbers(1);
    Tensor tensor = layer.weights(2, dims.toArray(Long[]::new));
    String loaded = layer.constant("data", tensor);
    Layers layers = layer.layers();
    if (layers.blobs) {
      List<Long> four = new ArrayList<>(List.of(1L));
      four.addAll(dims.size() == 5 ? dims.subList(2, 5) : dims);
      loaded = layers.reshape(layer.name(), loaded, four);
    }
    layer.done(layers.node(layer.name(), new Unary(Unary.Function.IDENTITY), loaded));
  }

  /// To `[C, H, W]`, in the order of the elements or with the channels last on both sides.
  static void reshape(Layer layer) {
    List<Long> target = layer.params().numbers(1);
    Layers layers = layer.layers();
    String x = layer.x();
    if (target.size() == 4 && target.getFirst() >= 1) {
      target = target.subList(1, 4);
    }
    if (target.size() != 3) {
      throw InputException.of("it reshapes to %s, expected 3 or 4 axes", target);
    }
    List<Long> lead = layers.dims(x).subList(0, layers.rank(x) - 3);
    List<Long> wanted = new ArrayList<>(lead);
    if (layer.params().number(2) == 0) {
      wanted.addAll(target);
      layer.done(layers.reshape(layer.name(), x, wanted));
      return;
    }
    wanted.addAll(List.of(target.get(1), target.get(2), target.get(0)));
    String last = layers.reshape(layer.name(), channelsLast(layer, x), wanted);
    layer.done(new Movement.Transpose(turned(lead.size(), 2, 0, 1)), last);
  }

  private static String channelsLast(Layer layer, String x) {
    int lead = layer.layers().rank(x) - 3;
    return layer.layers().node(layer.name(), new Movement.Transpose(turned(lead, 1, 2, 0)), x);
  }

  private static List<Long> turned(int lead, int... axes) {
    List<Long> order = new ArrayList<>();
    for (long i = 0; i < lead; i++) {
      order.add(i);
    }
    for (int axis : axes) {
      order.add((long) lead + axis);
    }
    return order;
  }

  static void flatten(Layer layer) {
    Layers layers = layer.layers();
    String x = layer.x();
    if (layers.rank(x) < 3) {
      throw InputException.of("its input has %d axes, expected 3 or more", layers.rank(x));
    }
    List<Long> dims = new ArrayList<>(layers.dims(x).subList(0, layers.rank(x) - 3));
    dims.add(layers.dim(x, -3) * layers.dim(x, -2) * layers.dim(x, -1));
    dims.addAll(List.of(1L, 1L));
    String ordered = layer.params().number(1) == 0 ? x : channelsLast(layer, x);
    layer.done(layers.reshape(layer.name(), ordered, dims));
  }

  /// An order of sequence, channels, height and width.
  static void permute(Layer layer) {
    List<Long> axes = layer.params().numbers(1);
    int rank = layer.layers().rank(layer.x());
    if (rank != 4 || axes.size() != 4) {
      throw UnsupportedException.of("an order %s for %d axes", axes, rank);
    }
    layer.done(new Movement.Transpose(axes), layer.x());
  }

  static void concat(Layer layer) {
    int rank = layer.layers().rank(layer.x());
    boolean sequence = layer.params().flag(100);
    if (sequence && !layer.layers().blobs && rank < 5) {
      throw InputException.of("its input has %d axes and no sequence", rank);
    }
    int axis = sequence ? layer.layers().blobs ? 0 : rank - 5 : rank - 3;
    layer.done(new Movement.Concat(axis), layer.xs().toArray(String[]::new));
  }

  static void split(Layer layer) {
    int axis = layer.layers().rank(layer.x()) - 3;
    parts(layer, new Movement.Split(axis, List.of()), axis);
  }

  /// A split into as many parts as there are outputs.
  static void parts(Layer layer, Movement.Split op, int axis) {
    int count = layer.outputs().size();
    if (op.sizes().isEmpty() && layer.layers().dim(layer.x(), axis) % count != 0) {
      throw InputException.of(
          "%d do not split into %d parts", layer.layers().dim(layer.x(), axis), count);
    }
    List<String> results = layer.layers().nodes(layer.name(), op, count, List.of(layer.x()));
    for (int i = 0; i < count; i++) {
      layer.layers().define(layer.outputs().get(i), results.get(i));
    }
  }

  static void sequenceRepeat(Layer layer) {
    Layers layers = layer.layers();
    int rank = layers.rank(layer.x());
    int axis = layers.blobs ? 0 : rank - 5;
    if (axis < 0) {
      throw InputException.of("its input has %d axes and no sequence", rank);
    }
    List<Long> repeats = new ArrayList<>();
    for (int i = 0; i < rank; i++) {
      repeats.add(i == axis ? Math.max(1, layer.params().number(1)) : 1L);
    }
    layer.done(new Movement.Tile(), layer.x(), layers.vector(repeats));
  }

  static void reorganize(Layer layer) {
    long block = Fields.extent(layer.params().number(2), "its block");
    Movement op =
        switch ((int) layer.params().number(1)) {
          case 0 -> new Movement.SpaceToDepth(block);
          case 1 -> new Movement.DepthToSpace(block, false);
          default -> new Movement.DepthToSpace(block, true);
        };
    layer.done(
        WindowLayers.spatial(layer, layer.x(), x -> layer.layers().node(layer.name(), op, x)));
  }

  static void slice(Layer layer) {
    Fields params = layer.params();
    Layers layers = layer.layers();
    long axis = layers.rank(layer.x()) - 3 + params.number(4);
    layer.done(
        new Movement.Slice(),
        layer.x(),
        layers.vector(List.of(params.number(1))),
        layers.vector(List.of(params.number(2))),
        layers.vector(List.of(axis)),
        layers.vector(List.of(Math.max(1, params.number(3)))));
  }

  static void softmax(Layer layer) {
    layer.done(new Normalization.Softmax(layer.layers().rank(layer.x()) - 3), layer.x());
  }

  /// The product of two blobs summed over the channels, or the cosine of their angle.
  static void dot(Layer layer) {
    Layers layers = layer.layers();
    long axis = layers.rank(layer.x()) - 3;
    String a = layer.x(0);
    String b = layer.x(1);
    if (layer.params().flag(1)) {
      throw UnsupportedException.of("it normalises its inputs by a rule that is not stated");
    }
    String product = layers.binary(layer.name(), Binary.Function.MUL, a, b);
    layer.done(new Reduction.Reduce(Reduction.Reduce.Function.SUM, List.of(axis), true), product);
  }
}
