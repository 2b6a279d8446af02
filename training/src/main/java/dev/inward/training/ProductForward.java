package dev.inward.training;

import ai.djl.ndarray.NDArray;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Product;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Products on PyTorch.
final class ProductForward {
  private ProductForward() {}

  static NDArray of(Product op, Operands in) {
    return switch (op) {
      case Product.MatMul() -> in.live(0).matMul(in.live(1));
      case Product.Linear() -> in.live(0).matMul(in.live(1)).add(in.live(2));
      case Product.Gemm(float alpha, float beta, boolean transA, boolean transB) -> {
        NDArray a = transA ? in.live(0).transpose() : in.live(0);
        NDArray b = transB ? in.live(1).transpose() : in.live(1);
        NDArray product = a.matMul(b);
        product = alpha == 1 ? product : product.mul(alpha);
        if (!in.has(2)) {
          yield product;
        }
        yield product.add(beta == 1 ? in.live(2) : in.live(2).mul(beta));
      }
      case Product.Einsum(var equation) -> einsum(equation, in);
      case Product.Attention attention -> attention(attention, in);
    };
  }

  private static NDArray attention(Product.Attention op, Operands in) {
    NDArray query = in.live(0);
    NDArray key = in.live(1);
    int rank = query.getShape().dimension();
    double scale = op.scale().orElse(1 / Math.sqrt(query.getShape().get(rank - 1)));
    int[] turned = new int[rank];
    Arrays.setAll(turned, a -> a < rank - 2 ? a : 2 * rank - 3 - a);
    NDArray scores = query.matMul(key.transpose(turned)).mul((float) scale);
    if (op.causal()) {
      scores = scores.add(causal(in, query.getShape().get(rank - 2), key.getShape().get(rank - 2)));
    }
    if (in.has(3)) {
      Tensor mask = in.host(3);
      scores =
          mask.dtype() == DataType.BOOL
              ? in.where(mask, scores, in.step().full(scores.getShape(), Float.NEGATIVE_INFINITY))
              : scores.add(in.live(3));
    }
    return scores.softmax(-1).matMul(in.live(2));
  }

  private static NDArray causal(Operands in, long rows, long columns) {
    float[] mask = new float[Math.toIntExact(rows * columns)];
    for (int i = 0; i < mask.length; i++) {
      mask[i] = i % columns > i / columns ? Float.NEGATIVE_INFINITY : 0;
    }
    return Torch.reals(in.step(), Tensor.ofFloats(List.of(rows, columns), mask));
  }

  /// Every operand is brought to all of the letters, then products are summed over those that the
  /// result does not have.
  private static NDArray einsum(String equation, Operands in) {
    String plain = equation.replace(" ", "");
    String[] sides = plain.split("->", 2);
    if (plain.contains("...") || sides.length < 2) {
      throw UnsupportedException.of("Einsum '%s' is not trained", equation)
          .hint("equations with letters alone and an arrow are");
    }
    List<String> operands = List.of(sides[0].split(",", -1));
    String result = sides[1];
    var letters = new StringBuilder(result);
    for (String operand : operands) {
      for (char letter : operand.toCharArray()) {
        if (letters.indexOf(String.valueOf(letter)) < 0) {
          letters.append(letter);
        }
        if (operand.indexOf(letter) != operand.lastIndexOf(letter)) {
          throw UnsupportedException.of(
              "Einsum '%s' takes a diagonal, which is not trained", equation);
        }
      }
    }
    NDArray product = spread(in.live(0), operands.getFirst(), letters);
    for (int i = 1; i < operands.size(); i++) {
      product = product.mul(spread(in.live(i), operands.get(i), letters));
    }
    int kept = result.length();
    int all = letters.length();
    return kept == all
        ? product
        : product.sum(java.util.stream.IntStream.range(kept, all).toArray(), false);
  }

  private static NDArray spread(NDArray x, String own, CharSequence letters) {
    List<Integer> order = new ArrayList<>();
    long[] dims = new long[letters.length()];
    for (int i = 0; i < dims.length; i++) {
      int at = own.indexOf(letters.charAt(i));
      dims[i] = at < 0 ? 1 : x.getShape().get(at);
      if (at >= 0) {
        order.add(at);
      }
    }
    NDArray turned =
        order.isEmpty() ? x : x.transpose(order.stream().mapToInt(Integer::intValue).toArray());
    return turned.reshape(dims);
  }
}
