package dev.inward.graph.rewrite;

import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Movement.Transpose;
import dev.inward.graph.Node;
import dev.inward.graph.Product;
import dev.inward.graph.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Attention of several heads between values of `[batch, positions, channels]`.
///
/// ```text
/// query --- reshape --- transpose --\
/// key   --- reshape --- transpose --- attention --- transpose --- reshape --- root
/// value --- reshape --- transpose --/
/// ```
///
/// @param root the last node
/// @param inner the nodes between, which nothing else reads
/// @param mask empty, or a value of reals `[b, 1, q, k]` that is added
/// @param width channels of a head
record AttentionBlock(
    Node root,
    List<Node> inner,
    String query,
    String key,
    String value,
    String mask,
    double scale,
    long heads,
    long width) {
  private static final List<Long> HEADS_FORWARD = List.of(0L, 2L, 1L, 3L);

  AttentionBlock {
    inner = List.copyOf(inner);
  }

  /// The block that ends in a node, where there is one.
  static Optional<AttentionBlock> endingIn(Graph graph, Node root) {
    if (!(root.op() instanceof Movement.Reshape)) {
      return Optional.empty();
    }
    Node back = Patterns.sole(graph, root.operand(0)).filter(n -> movesHeads(n)).orElse(null);
    if (back == null) {
      return Optional.empty();
    }
    Node node = Patterns.sole(graph, back.operand(0)).orElse(null);
    if (node == null
        || !(node.op() instanceof Product.Attention(var scale, var causal))
        || causal
        || !graph.shape(back.result()).isStatic()
        || graph.shape(back.result()).rank() != 4) {
      return Optional.empty();
    }
    long[] sizes = graph.shape(back.result()).sizes();
    long heads = sizes[2];
    long width = sizes[3];
    if (!graph
        .shape(root.result())
        .equals(Shape.of(sizes[0], sizes[1], Math.multiplyExact(heads, width)))) {
      return Optional.empty();
    }
    List<Node> inner = new ArrayList<>(List.of(back, node));
    List<String> sources = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Optional<String> source = source(graph, node.operand(i), heads, width, inner);
      if (source.isEmpty()) {
        return Optional.empty();
      }
      sources.add(source.get());
    }
    if (!sameShapes(graph, sources.get(1), sources.get(2)) || !takes(graph, node.operand(3))) {
      return Optional.empty();
    }
    return Optional.of(
        new AttentionBlock(
            root,
            inner,
            sources.get(0),
            sources.get(1),
            sources.get(2),
            node.operand(3),
            scale.orElse(1 / Math.sqrt(width)),
            heads,
            width));
  }

  private static boolean movesHeads(Node node) {
    return node.op() instanceof Transpose(var permutation) && permutation.equals(HEADS_FORWARD);
  }

  /// The value of three axes that an operand of attention is split from.
  private static Optional<String> source(
      Graph graph, String operand, long heads, long width, List<Node> inner) {
    Node moved = Patterns.sole(graph, operand).filter(n -> movesHeads(n)).orElse(null);
    if (moved == null) {
      return Optional.empty();
    }
    Node split = Patterns.sole(graph, moved.operand(0)).orElse(null);
    if (split == null
        || !(split.op() instanceof Movement.Reshape)
        || graph.constant(split.operand(0)).isPresent()
        || !graph.shape(split.operand(0)).isStatic()
        || graph.shape(split.operand(0)).rank() != 3) {
      return Optional.empty();
    }
    long[] whole = graph.shape(split.operand(0)).sizes();
    boolean intoHeads =
        whole[2] == heads * width
            && graph.shape(split.result()).equals(Shape.of(whole[0], whole[1], heads, width));
    if (!intoHeads) {
      return Optional.empty();
    }
    inner.add(moved);
    inner.add(split);
    return Optional.of(split.operand(0));
  }

  private static boolean sameShapes(Graph graph, String a, String b) {
    return graph.shape(a).equals(graph.shape(b));
  }

  /// Whether a mask is one for all heads.
  private static boolean takes(Graph graph, String mask) {
    return mask.isEmpty()
        || graph.shape(mask).isStatic()
            && graph.shape(mask).rank() == 4
            && graph.shape(mask).dim(1) instanceof Dim.Known(var of)
            && of == 1
            && graph.type(mask).filter(type -> type.dtype() != DataType.BOOL).isPresent();
  }
}
