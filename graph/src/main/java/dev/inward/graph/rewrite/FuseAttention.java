package dev.inward.graph.rewrite;

import dev.inward.graph.Dim;
import dev.inward.graph.Elementwise.Binary.Function;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement.Transpose;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization.Softmax;
import dev.inward.graph.Product;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// Turns written-out scaled dot-product attention into one node.
///
/// ```text
/// softmax(q * transpose(k) * s + mask) * v   ->  attention(q, k, v, mask; s)
/// ```
///
/// The scale may be a product or a quotient, or absent; the mask may be absent. The key is taken
/// back to `[.., t, e]` by a transposition, which merges with the one that made it. Does not fire
/// where an inner value has another reader, the softmax is not over the last axis, or the operands
/// have different ranks. Source: Vaswani et al., NIPS 2017, eq. 1.
public final class FuseAttention implements Rewrite {
  @Override
  public Optional<Change> apply(Graph graph, Node root) {
    if (!(root.op() instanceof Product.MatMul)) {
      return Optional.empty();
    }
    Node softmax = Patterns.sole(graph, root.operand(0)).orElse(null);
    var shape = graph.shape(root.operand(0));
    if (softmax == null
        || !(softmax.op() instanceof Softmax(var axis))
        || !shape.ranked()
        || shape.rank() < 3
        || axis != -1 && axis != shape.rank() - 1) {
      return Optional.empty();
    }
    List<Node> absorbed = new ArrayList<>(List.of(softmax));
    String scores = softmax.operand(0);
    String mask = "";
    Node sum = Patterns.sole(graph, scores).orElse(null);
    if (sum != null && Patterns.is(sum, Function.ADD)) {
      int at = leadsToProduct(graph, sum.operand(0)) ? 0 : 1;
      absorbed.add(sum);
      scores = sum.operand(at);
      mask = sum.operand(1 - at);
    }
    Node scaled = Patterns.sole(graph, scores).orElse(null);
    if (scaled == null) {
      return Optional.empty();
    }
    double scale = 1;
    Node product = scaled;
    if (!(scaled.op() instanceof Product.MatMul)) {
      var factors = Patterns.Factors.of(graph, scaled);
      if (factors.values().size() != 1) {
        return Optional.empty();
      }
      scale = factors.constant();
      absorbed.add(scaled);
      absorbed.addAll(factors.absorbed());
      product = Patterns.sole(graph, factors.values().getFirst()).orElse(null);
    }
    if (product == null || !(product.op() instanceof Product.MatMul)) {
      return Optional.empty();
    }
    absorbed.add(product);
    return attention(graph, root, product, mask, scale, absorbed);
  }

  private static boolean leadsToProduct(Graph graph, String value) {
    Node node = Patterns.sole(graph, value).orElse(null);
    if (node == null) {
      return false;
    }
    if (node.op() instanceof Product.MatMul) {
      return true;
    }
    var factors = Patterns.Factors.of(graph, node);
    return factors.values().size() == 1
        && !factors.values().getFirst().equals(value)
        && leadsToProduct(graph, factors.values().getFirst());
  }

  private static Optional<Change> attention(
      Graph graph, Node root, Node product, String mask, double scale, List<Node> absorbed) {
    String query = product.operand(0);
    String transposed = product.operand(1);
    String value = root.operand(1);
    var q = graph.shape(query);
    var k = graph.shape(transposed);
    var v = graph.shape(value);
    if (!q.ranked()
        || !k.ranked()
        || !v.ranked()
        || q.rank() != k.rank()
        || q.rank() != v.rank()
        || q.rank() < 3
        || !(q.dim(-1) instanceof Dim.Known(var width))
        || graph.constant(transposed).isPresent()) {
      return Optional.empty();
    }
    List<Long> swap = new ArrayList<>();
    for (long a = 0; a < q.rank() - 2; a++) {
      swap.add(a);
    }
    swap.add((long) q.rank() - 1);
    swap.add((long) q.rank() - 2);
    String key = root.name() + ".key";
    boolean usual = Math.abs(scale * Math.sqrt(width) - 1) < 1e-6;
    var op =
        new Product.Attention(
            usual ? OptionalDouble.empty() : OptionalDouble.of(scale), /* causal= */ false);
    List<String> operands = new ArrayList<>(List.of(query, key, value));
    if (!mask.isEmpty()) {
      operands.add(mask);
    }
    return Optional.of(
        new Change(
            List.of(
                Node.of(new Transpose(swap), List.of(transposed), key),
                new Node(root.name(), op, operands, root.out())),
            Map.of(),
            absorbed));
  }
}
