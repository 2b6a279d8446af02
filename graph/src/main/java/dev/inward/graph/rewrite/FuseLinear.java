package dev.inward.graph.rewrite;

import dev.inward.graph.Elementwise.Binary.Function;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Product;
import java.util.List;
import java.util.Optional;

/// Turns `x*w + b` with constant `w` and `b` into one `linear(x, w, b)`.
///
/// ```text
/// x --\                      x --\
///      matmul -- add -- y     w --- linear -- y
/// w --/         /            b --/
///          b --/
/// ```
///
/// Does not fire where the product has another reader, `w` is not a constant matrix, or `b` not a
/// constant vector of as many elements as `w` has columns.
public final class FuseLinear implements Rewrite {
  @Override
  public Optional<Change> apply(Graph graph, Node root) {
    if (!Patterns.is(root, Function.ADD)) {
      return Optional.empty();
    }
    for (int i = 0; i < 2; i++) {
      Node product = Patterns.sole(graph, root.operand(i)).orElse(null);
      String bias = root.operand(1 - i);
      if (product == null || !(product.op() instanceof Product.MatMul)) {
        continue;
      }
      String weight = product.operand(1);
      var w = graph.constant(weight);
      var b = graph.constant(bias);
      if (w.isPresent()
          && b.isPresent()
          && w.get().rank() == 2
          && b.get().rank() == 1
          && b.get().dims().getFirst().equals(w.get().dims().get(1))
          && graph.shape(product.operand(0)).ranked()
          && graph.shape(product.operand(0)).rank() >= 2) {
        return Change.to(
            new Node(
                root.name(),
                new Product.Linear(),
                List.of(product.operand(0), weight, bias),
                root.out()),
            product);
      }
    }
    return Optional.empty();
  }
}
