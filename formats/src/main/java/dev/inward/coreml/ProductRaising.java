package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Movement;
import dev.inward.graph.Product;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.LongStream;

/// Reads the sums of products. The matrix of `linear` is transposed, in the encoding that it has.
final class ProductRaising {
  private ProductRaising() {}

  static boolean raise(Source source) {
    switch (source.type()) {
      case "matmul" -> {
        String x = side(source, "x", source.flag("transpose_x", false));
        String y = side(source, "y", source.flag("transpose_y", false));
        source.add(new Product.MatMul(), x, y);
      }
      case "linear" -> linear(source);
      case "einsum" -> source.add(new Product.Einsum(source.text("equation")), source.xs("values"));
      case "scaled_dot_product_attention" -> {
        DataType type = source.real(source.var("query"));
        List<String> in =
            new ArrayList<>(List.of(source.x("query"), source.x("key"), source.x("value")));
        if (source.has("attn_mask")) {
          in.add(
              source.var("attn_mask").type() == MilType.BOOL
                  ? source.x("attn_mask")
                  : source.x("attn_mask", type));
        }
        source.add(new Product.Attention(OptionalDouble.empty(), false), in);
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private static String side(Source source, String parameter, boolean transposed) {
    if (!transposed) {
      return source.x(parameter, source.real(source.var("x")));
    }
    int rank = source.var(parameter).rank();
    if (rank < 2) {
      throw InputException.at(
          source.where(), "'%s' is transposed and has %d axes", parameter, rank);
    }
    var constant = source.constant(parameter);
    boolean alike = source.var(parameter).type() == source.var("x").type();
    if (constant.isPresent() && rank == 2 && alike) {
      return source.constant(parameter, source.turned(constant.get()));
    }
    List<Long> order = new ArrayList<>(LongStream.range(0, rank).boxed().toList());
    Collections.swap(order, rank - 1, rank - 2);
    String value = source.x(parameter, source.real(source.var("x")));
    return source.step(parameter, new Movement.Transpose(order), List.of(value));
  }

  private static void linear(Source source) {
    Tensor weight =
        source.constant("weight").orElseThrow(() -> source.refused("its weight is computed"));
    if (weight.rank() != 2) {
      throw InputException.at(source.where(), "its weight is %s, no matrix", weight.type());
    }
    DataType type = source.real(source.var("x"));
    String turned = source.constant("weight", source.turned(weight));
    String matrix =
        weight.dtype() == type
            ? turned
            : source.step("matrix", new Elementwise.Cast(type), List.of(turned));
    if (!source.has("bias") || isZero(source)) {
      source.add(new Product.MatMul(), source.x("x"), matrix);
    } else {
      source.add(new Product.Linear(), source.x("x"), matrix, source.x("bias", type));
    }
  }

  private static boolean isZero(Source source) {
    var bias = source.constant("bias");
    if (bias.isEmpty() || !bias.get().dtype().isFloat()) {
      return false;
    }
    for (float value : bias.get().floats()) {
      if (value != 0) {
        return false;
      }
    }
    return true;
  }
}
