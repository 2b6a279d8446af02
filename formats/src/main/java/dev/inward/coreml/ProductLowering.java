package dev.inward.coreml;

import dev.inward.graph.Product;
import dev.inward.graph.Tensor;
import java.util.List;
import java.util.Optional;

/// Writes the sums of products.
///
/// A product with a constant matrix becomes `linear`, which takes the matrix transposed: the form
/// that Apple's own converter makes and that its compilers know best.
final class ProductLowering {
  private ProductLowering() {}

  static void lower(Site site, Product op) {
    switch (op) {
      case Product.MatMul _ -> {
        if (isLinear(site)) {
          linear(site, Optional.empty());
        } else {
          site.done(matmul(site.op("matmul"), site.x(0), site.x(1), false, false));
        }
      }
      case Product.Linear _ -> {
        if (isLinear(site) && site.constant(2).isPresent()) {
          linear(site, Optional.of(site.x(2)));
        } else {
          Mil.Var product =
              matmul(site.step("matmul", "product"), site.x(0), site.x(1), false, false)
                  .gives(site.real, site.resultDims());
          site.done(site.op("add").in("x", product).in("y", site.x(2)));
        }
      }
      case Product.Gemm gemm -> gemm(site, gemm);
      case Product.Einsum(var equation)
          when isChannelProduct(equation) && site.node.in().size() == 2 && site.rank(0) == 4 ->
          site.done(
              site.op("einsum")
                  .in("values", List.of(site.x(0), site.x(1)))
                  .text("equation", "nchw,nwhu->nchu"));
      case Product.Einsum(var equation) -> EinsumLowering.lower(site, equation);
      case Product.Attention(var scale, var causal) -> {
        double usual = 1 / Math.sqrt(site.x(0).dim(-1));
        AttentionLowering.lower(site, scale.orElse(usual), causal);
      }
    }
  }

  /// Whether an equation is `nchw,nwhu->nchu` in whatever letters: the one that the op takes.
  private static boolean isChannelProduct(String equation) {
    String plain = equation.replace(" ", "");
    if (!plain.matches("[A-Za-z]{4},[A-Za-z]{4}->[A-Za-z]{4}")) {
      return false;
    }
    String x = plain.substring(0, 4);
    String y = plain.substring(5, 9);
    String wanted =
        ""
            + x.charAt(0)
            + x.charAt(3)
            + x.charAt(2)
            + y.charAt(3)
            + "->"
            + x.charAt(0)
            + x.charAt(1)
            + x.charAt(2)
            + y.charAt(3);
    return (y + plain.substring(9)).equals(wanted)
        && (x + y.charAt(3)).chars().distinct().count() == 5;
  }

  private static boolean isLinear(Site site) {
    return site.constant(1).filter(w -> w.rank() == 2 && w.dtype().isFloat()).isPresent()
        && site.rank(0) >= 2
        && site.rank(0) <= 3;
  }

  private static void linear(Site site, Optional<Mil.Var> bias) {
    site.done(linear(site, site.op("linear"), site.x(0), transposedWeight(site), bias));
  }

  private static Mil.Var transposedWeight(Site site) {
    return site.lowering.weights.transposed(
        site.node.operand(1), site.constant(1).orElseThrow(), site.real, site.where());
  }

  private static Body.Call linear(
      Site site, Body.Call call, Mil.Var x, Mil.Var weight, Optional<Mil.Var> bias) {
    call.in("x", x).in("weight", weight);
    return bias.isPresent()
        ? call.in("bias", bias.get())
        : call.in("bias", zeros(site, weight.dim(0)));
  }

  static Mil.Value zeros(Site site, long count) {
    return Constants.floats(site.real, List.of(count), new float[Math.toIntExact(count)]);
  }

  static Body.Call matmul(
      Body.Call call, Mil.Var x, Mil.Var y, boolean transposeX, boolean transposeY) {
    return call.in("x", x)
        .in("y", y)
        .flag("transpose_x", transposeX)
        .flag("transpose_y", transposeY);
  }

  private static void gemm(Site site, Product.Gemm gemm) {
    boolean biased = site.has(2) && gemm.beta() != 0;
    boolean constant = site.constant(1).filter(w -> w.dtype().isFloat()).isPresent();
    Mil.Var x = site.x(0);
    if (!constant) {
      var call = matmul(site.step("matmul", "product"), x, site.x(1), gemm.transA(), gemm.transB());
      finish(site, gemm, call.gives(site.real, site.resultDims()), biased);
      return;
    }
    if (gemm.transA()) {
      x =
          site.step("transpose", "transposed")
              .in("x", x)
              .ints("perm", 1, 0)
              .gives(x.type(), List.of(x.dim(1), x.dim(0)));
    }
    Mil.Var weight = gemm.transB() ? site.x(1) : transposedWeight(site);
    boolean vector =
        biased
            && gemm.alpha() == 1
            && gemm.beta() == 1
            && site.constant(2).isPresent()
            && site.constant(2).get().elements() == weight.dim(0)
            && site.dims(2).getLast() == weight.dim(0);
    if (vector) {
      Tensor bias = site.constant(2).orElseThrow().withDims(List.of(weight.dim(0)));
      site.done(linear(site, site.op("linear"), x, weight, Optional.of(site.tensor("bias", bias))));
    } else if (!biased && gemm.alpha() == 1) {
      site.done(linear(site, site.op("linear"), x, weight, Optional.empty()));
    } else {
      var call = linear(site, site.step("linear", "product"), x, weight, Optional.empty());
      finish(site, gemm, call.gives(site.real, site.resultDims()), biased);
    }
  }

  private static void finish(Site site, Product.Gemm gemm, Mil.Var product, boolean biased) {
    Mil.Var scaled =
        gemm.alpha() == 1
            ? product
            : site.apply("mul", "scaled", product, site.scalar("alpha", gemm.alpha()));
    if (!biased) {
      site.alias(scaled);
      return;
    }
    Mil.Var c = site.x(2);
    if (gemm.beta() != 1) {
      c = site.apply("mul", "scaled_c", c, site.scalar("beta", gemm.beta()));
    }
    site.done(site.op("add").in("x", scaled).in("y", c));
  }
}
