package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Movement;
import dev.inward.graph.Normalization;
import dev.inward.graph.Reduction;
import java.util.ArrayList;
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
      case "l2_norm" -> {
        Mil.Var x = source.var("x");
        if (x.rank() < 3) {
          throw InputException.at(source.where(), "x is %s", x.dims());
        }
        List<Long> axes = LongStream.range(x.rank() - 3, x.rank()).boxed().toList();
        String sum =
            source.step(
                "sum",
                new Reduction.Reduce(Reduction.Reduce.Function.SUM_SQUARE, axes, true),
                List.of(source.x("x")));
        String epsilon = source.scalar("epsilon", source.real(x), source.number("epsilon", 1e-6));
        String shifted =
            source.step(
                "shifted", ElementwiseRaising.op(Binary.Function.ADD), List.of(sum, epsilon));
        String root =
            source.step("root", ElementwiseRaising.op(Unary.Function.SQRT), List.of(shifted));
        source.add(ElementwiseRaising.op(Binary.Function.DIV), source.x("x"), root);
      }
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
    if (axes.isEmpty() || axes.stream().distinct().count() != axes.size()) {
      throw InputException.at(source.where(), "the axes %s of %s", axes, x.dims());
    }
    int first = x.rank() - axes.size();
    List<Long> dims = axes.stream().map(a -> x.dim(a.intValue())).toList();
    var op = new Normalization.LayerNorm(first, source.number("epsilon", 1e-5));
    String gamma = factor(source, "gamma", dims, 1);
    String beta = factor(source, "beta", dims, 0);
    if (axes.equals(all.subList(first, x.rank()))) {
      source.add(op, source.x("x"), gamma, beta);
      return;
    }
    // The axes go to the end, and back after.
    List<Long> order = new ArrayList<>(all);
    order.removeAll(axes);
    order.addAll(axes);
    List<Long> back = all.stream().map(a -> (long) order.indexOf(a)).toList();
    String moved = source.step("moved", new Movement.Transpose(order), List.of(source.x("x")));
    String normed = source.step("normed", op, List.of(moved, gamma, beta));
    source.add(new Movement.Transpose(back), normed);
  }
}
