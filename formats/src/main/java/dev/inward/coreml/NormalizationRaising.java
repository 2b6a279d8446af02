package dev.inward.coreml;

import dev.inward.graph.DataType;
import dev.inward.graph.Normalization;
import java.util.List;
import java.util.stream.LongStream;

/// Reads the normalisations. Scales and shifts that are left out become ones and zeros.
final class NormalizationRaising {
  private NormalizationRaising() {}

  static boolean raise(Source source) {
    switch (source.type()) {
      case "batch_norm" -> {
        DataType type = source.real(source.var("x"));
        List<Long> channels = source.var("mean").dims();
        source.add(
            new Normalization.BatchNorm(source.number("epsilon", 1e-5)),
            source.x("x"),
            factor(source, "gamma", channels, 1),
            factor(source, "beta", channels, 0),
            source.x("mean", type),
            source.x("variance", type));
      }
      case "layer_norm" -> layerNorm(source);
      case "instance_norm" -> {
        List<Long> channels = List.of(source.var("x").dim(1));
        source.add(
            new Normalization.InstanceNorm(source.number("epsilon", 1e-5)),
            source.x("x"),
            factor(source, "gamma", channels, 1),
            factor(source, "beta", channels, 0));
      }
      case "local_response_norm" ->
          source.add(
              new Normalization.LocalResponseNorm(
                  source.integer("size"),
                  source.number("alpha", 1e-4),
                  source.number("beta", 0.75),
                  source.number("k", 1)),
              source.x("x"));
      case "softmax" ->
          source.add(
              new Normalization.Softmax(
                  source.axis(source.integer("axis", -1), source.var("x").rank())),
              source.x("x"));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static String factor(Source source, String parameter, List<Long> dims, float otherwise) {
    DataType type = source.real(source.var("x"));
    return source.has(parameter)
        ? source.x(parameter, type)
        : source.constant(parameter, Source.filled(type, dims, otherwise));
  }

  private static void layerNorm(Source source) {
    Mil.Var x = source.var("x");
    List<Long> all = LongStream.range(0, x.rank()).boxed().toList();
    List<Long> axes =
        source.longs("axes", all).stream()
            .map(a -> (long) source.axis(a, x.rank()))
            .sorted()
            .toList();
    int first = x.rank() - axes.size();
    if (axes.isEmpty() || !axes.equals(all.subList(first, x.rank()))) {
      throw source.refused("axes %s of %d, which are not the last ones", axes, x.rank());
    }
    List<Long> dims = x.dims().subList(first, x.rank());
    source.add(
        new Normalization.LayerNorm(first, source.number("epsilon", 1e-5)),
        source.x("x"),
        factor(source, "gamma", dims, 1),
        factor(source, "beta", dims, 0));
  }
}
