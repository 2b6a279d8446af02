package dev.inward.coreml.neural;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The functions that layers apply to every element.
final class Activations {
  /// One that a recurrent cell applies, as a graph names it.
  record Named(String name, float alpha, float beta) {}

  private Activations() {}

  static void activation(Layer layer) {
    Layers layers = layer.layers();
    Fields all = layer.params();
    int kind = all.from(1);
    Fields params = all.message(kind);
    String x = layer.x();
    String name = layer.name();
    switch (kind) {
      case 5 ->
          layer.done(layers.plus(name, layers.times(name, x, params.real(1)), params.real(2)));
      case 10 -> layer.unary(Unary.Function.RELU);
      case 15 -> layer.done(new Elementwise.LeakyRelu(params.real(1)), x);
      case 20 -> {
        String least = layers.scalar(params.real(1));
        String kept = layers.binary(name, Binary.Function.GREATER_OR_EQUAL, x, least);
        layer.done(new Elementwise.Where(), kept, x, layers.scalar(0));
      }
      case 25 ->
          layer.done(
              new Binary(Binary.Function.PRELU), x, channels(layer, "slope", params.message(1)));
      case 30 -> layer.unary(Unary.Function.TANH);
      case 31 -> {
        String inner = layers.times(name, x, params.real(2));
        layer.done(
            layers.times(name, layers.unary(name, Unary.Function.TANH, inner), params.real(1)));
      }
      case 40 -> layer.unary(Unary.Function.SIGMOID);
      case 41 -> layer.done(new Elementwise.HardSigmoid(params.real(1), params.real(2)), x);
      case 50 -> layer.done(new Elementwise.Elu(params.real(1)), x);
      case 60 -> layer.unary(Unary.Function.SOFTSIGN);
      case 70 -> layer.unary(Unary.Function.SOFTPLUS);
      case 71 -> {
        String beta = channels(layer, "beta", params.message(2));
        String alpha = channels(layer, "alpha", params.message(1));
        String inner = layers.binary(name, Binary.Function.MUL, x, beta);
        String soft = layers.unary(name, Unary.Function.SOFTPLUS, inner);
        layer.done(new Binary(Binary.Function.MUL), alpha, soft);
      }
      default -> throw UnsupportedException.of("activation %d is not known", kind);
    }
  }

  /// Numbers one a channel, or one for all, against `[.., C, H, W]`.
  private static String channels(Layer layer, String what, Fields weights) {
    long channels = layer.layers().dim(layer.x(), -3);
    Tensor tensor;
    try {
      tensor = LayerWeights.read(weights, List.of(channels, 1L, 1L));
    } catch (InputException e) {
      tensor = LayerWeights.read(weights, List.of(1L, 1L, 1L));
    }
    return layer.constant(what, tensor);
  }

  /// `function(scale * x + shift)`.
  static void unary(Layer layer) {
    Layers layers = layer.layers();
    Fields params = layer.params();
    String name = layer.name();
    String x = layers.plus(name, layers.times(name, layer.x(), params.real(5, 1)), params.real(4));
    double epsilon = params.real(3, 1e-6);
    switch ((int) params.number(1)) {
      case 0 -> layer.done(layers.unary(name, Unary.Function.SQRT, x));
      case 1 -> {
        String root = layers.unary(name, Unary.Function.SQRT, layers.plus(name, x, epsilon));
        layer.done(layers.unary(name, Unary.Function.RECIPROCAL, root));
      }
      case 2 ->
          layer.done(layers.unary(name, Unary.Function.RECIPROCAL, layers.plus(name, x, epsilon)));
      case 3 ->
          layer.done(layers.binary(name, Binary.Function.POW, x, layers.scalar(params.real(2))));
      case 4 -> layer.done(layers.unary(name, Unary.Function.EXP, x));
      case 5 -> layer.done(layers.unary(name, Unary.Function.LOG, x));
      case 6 -> layer.done(layers.unary(name, Unary.Function.ABS, x));
      case 7 ->
          layer.done(
              new Elementwise.Variadic(Elementwise.Variadic.Function.MAX),
              x,
              layers.scalar(params.real(2)));
      default -> throw UnsupportedException.of("function %d is not known", params.number(1));
    }
  }

  /// The function of a layer that is nothing but it.
  static Optional<Unary.Function> plain(int kind) {
    return Optional.ofNullable(
        switch (kind) {
          case 600 -> Unary.Function.IDENTITY;
          case 665 -> Unary.Function.CEIL;
          case 670 -> Unary.Function.FLOOR;
          case 680 -> Unary.Function.SIGN;
          case 685 -> Unary.Function.ROUND;
          case 710 -> Unary.Function.SIN;
          case 715 -> Unary.Function.COS;
          case 720 -> Unary.Function.TAN;
          case 730 -> Unary.Function.ASIN;
          case 735 -> Unary.Function.ACOS;
          case 740 -> Unary.Function.ATAN;
          case 750 -> Unary.Function.SINH;
          case 755 -> Unary.Function.COSH;
          case 760 -> Unary.Function.TANH;
          case 770 -> Unary.Function.ASINH;
          case 775 -> Unary.Function.ACOSH;
          case 780 -> Unary.Function.ATANH;
          case 790 -> Unary.Function.ERF;
          default -> null;
        });
  }

  static Named recurrent(Fields activation) {
    int kind = activation.from(1);
    Fields params = activation.message(kind);
    return switch (kind) {
      case 5 -> new Named("Affine", params.real(1), params.real(2));
      case 10 -> new Named("Relu", 0, 0);
      case 30 -> new Named("Tanh", 0, 0);
      case 31 -> new Named("ScaledTanh", params.real(1), params.real(2));
      case 40 -> new Named("Sigmoid", 0, 0);
      case 41 -> new Named("HardSigmoid", params.real(1), params.real(2));
      default -> throw UnsupportedException.of("activation %d in a cell", kind);
    };
  }

  static float[] filled(int count, float value) {
    float[] out = new float[count];
    Arrays.fill(out, value);
    return out;
  }
}
