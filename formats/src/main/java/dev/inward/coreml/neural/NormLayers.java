package dev.inward.coreml.neural;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Normalization;
import dev.inward.graph.Reduction;
import dev.inward.graph.Reduction.Reduce;
import dev.inward.graph.Tensor;
import java.util.List;
import java.util.stream.LongStream;

/// Layers that scale by statistics, and those that reduce.
final class NormLayers {
  private static final List<List<Long>> LEGACY_AXES =
      List.of(List.of(-3L, -2L, -1L), List.of(-2L, -1L), List.of(-3L), List.of(-2L), List.of(-1L));

  private NormLayers() {}

  static void batchNorm(Layer layer) {
    Fields params = layer.params();
    long channels = Fields.extent(params.number(1), "its channels");
    boolean computed = params.flag(5);
    if (computed && !params.flag(6)) {
      throw UnsupportedException.of("its statistics are those of the batch");
    }
    Tensor gamma = layer.weights(15, channels);
    String scale = layer.constant("gamma", gamma);
    String shift = layer.constant("beta", layer.weights(16, channels));
    float epsilon = params.real(10, 1e-5);
    if (computed) {
      var op = new Normalization.InstanceNorm(epsilon);
      layer.done(
          WindowLayers.spatial(
              layer, layer.x(), x -> layer.layers().node(layer.name(), op, x, scale, shift)));
      return;
    }
    String mean = layer.constant("mean", layer.weights(17, channels));
    String variance = layer.constant("variance", layer.weights(18, channels));
    var op = new Normalization.BatchNorm(epsilon);
    layer.done(
        WindowLayers.spatial(
            layer,
            layer.x(),
            x -> layer.layers().node(layer.name(), op, x, scale, shift, mean, variance)));
  }

  /// Over C, H and W, or over H and W of each channel.
  static void meanVariance(Layer layer) {
    Layers layers = layer.layers();
    List<Long> axes = axes(layer, LEGACY_AXES.get(layer.params().flag(1) ? 0 : 1));
    String name = layer.name();
    String mean = reduce(layer, Reduce.Function.MEAN, axes, layer.x());
    String centred = layers.binary(name, Binary.Function.SUB, layer.x(), mean);
    if (!layer.params().flag(2)) {
      layer.done(centred);
      return;
    }
    String squared = layers.binary(name, Binary.Function.MUL, centred, centred);
    String variance = reduce(layer, Reduce.Function.MEAN, axes, squared);
    String root =
        layers.unary(
            name, Unary.Function.SQRT, layers.plus(name, variance, layer.params().real(3, 1e-6)));
    layer.done(new Binary(Binary.Function.DIV), centred, root);
  }

  static void l2Normalize(Layer layer) {
    Layers layers = layer.layers();
    String name = layer.name();
    String sum =
        reduce(layer, Reduce.Function.SUM_SQUARE, axes(layer, LEGACY_AXES.get(0)), layer.x());
    String norm =
        layers.unary(
            name, Unary.Function.SQRT, layers.plus(name, sum, layer.params().real(1, 1e-6)));
    layer.done(new Binary(Binary.Function.DIV), layer.x(), norm);
  }

  static void localResponse(Layer layer) {
    Fields params = layer.params();
    long size = Fields.extent(params.number(3), "its window");
    var op =
        new Normalization.LocalResponseNorm(size, params.real(1), params.real(2), params.real(4));
    layer.done(
        WindowLayers.spatial(layer, layer.x(), x -> layer.layers().node(layer.name(), op, x)));
  }

  static void layerNorm(Layer layer) {
    Fields params = layer.params();
    List<Long> shape = params.numbers(1);
    int rank = layer.layers().rank(layer.x());
    if (shape.isEmpty() || shape.size() > rank) {
      throw InputException.of("it normalises %s", shape);
    }
    Long[] dims = shape.toArray(Long[]::new);
    layer.done(
        new Normalization.LayerNorm(rank - shape.size(), params.real(2, 1e-5)),
        layer.x(),
        layer.constant("gamma", layer.weights(3, dims)),
        layer.constant("beta", layer.weights(4, dims)));
  }

  private static List<Long> axes(Layer layer, List<Long> fromTheEnd) {
    int rank = layer.layers().rank(layer.x());
    if (rank < 3) {
      throw InputException.of("its input has %d axes, expected 3 or more", rank);
    }
    return fromTheEnd.stream().map(a -> a + rank).toList();
  }

  private static String reduce(Layer layer, Reduce.Function function, List<Long> axes, String x) {
    return layer.layers().node(layer.name(), new Reduce(function, axes, true), x);
  }

  /// The reduction of blobs: which axes, and what.
  static void legacyReduce(Layer layer) {
    Layers layers = layer.layers();
    Fields params = layer.params();
    int axis = (int) params.number(3);
    if (axis < 0 || axis >= LEGACY_AXES.size()) {
      throw UnsupportedException.of("axis %d is not known", axis);
    }
    List<Long> axes = axes(layer, LEGACY_AXES.get(axis));
    String x = layer.x();
    switch ((int) params.number(1)) {
      case 0 -> layer.done(reduce(layer, Reduce.Function.SUM, axes, x));
      case 1 -> layer.done(reduce(layer, Reduce.Function.MEAN, axes, x));
      case 2 -> layer.done(reduce(layer, Reduce.Function.PROD, axes, x));
      case 3 -> {
        String log =
            layers.unary(
                layer.name(),
                Unary.Function.LOG,
                layers.plus(layer.name(), x, params.real(2, 1e-6)));
        layer.done(reduce(layer, Reduce.Function.SUM, axes, log));
      }
      case 4 -> layer.done(reduce(layer, Reduce.Function.SUM_SQUARE, axes, x));
      case 5 -> layer.done(reduce(layer, Reduce.Function.L1, axes, x));
      case 6 -> layer.done(reduce(layer, Reduce.Function.L2, axes, x));
      case 7 -> layer.done(reduce(layer, Reduce.Function.MAX, axes, x));
      case 8 -> layer.done(reduce(layer, Reduce.Function.MIN, axes, x));
      default -> throw UnsupportedException.of("reduction %d is not read", params.number(1));
    }
  }

  static void reduceTensor(Layer layer, Reduce.Function function) {
    Fields params = layer.params();
    List<Long> axes =
        params.flag(3)
            ? LongStream.range(0, layer.layers().rank(layer.x())).boxed().toList()
            : params.numbers(1).stream()
                .map(a -> (long) layer.layers().axis(a, layer.x()))
                .sorted()
                .toList();
    layer.done(new Reduction.Reduce(function, axes, params.flag(2)), layer.x());
  }
}
