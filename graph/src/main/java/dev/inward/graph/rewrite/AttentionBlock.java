package dev.inward.graph.rewrite;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise.Binary.Function;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Movement.Transpose;
import dev.inward.graph.Node;
import dev.inward.graph.Product;
import dev.inward.graph.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Attention of several heads between values of `[batch, positions, channels]`.
///
/// ```text
/// query --- reshape --- transpose --\
/// key   --- reshape --- transpose --- attention --- transpose --- reshape --- root
/// value --- reshape --- transpose --/
/// ```
///
/// Products with scalars on the way count into the scale. One value that holds query, key and value
/// side by side may take the place of the three:
///
/// ```text
/// all --- reshape [b, s, 3, h, w] --- transpose [3, b, h, s, w] --- the three --- attention
/// ```
///
/// @param root the last node
/// @param core the attention itself
/// @param inner the nodes between, which nothing else reads, the core among them
/// @param mask empty, or a value of reals `[b, 1, q, k]` that is added
/// @param width channels of a head
record AttentionBlock(
    Node root,
    Node core,
    List<Node> inner,
    Part query,
    Part key,
    Part value,
    String mask,
    double scale,
    long heads,
    long width) {
  private static final List<Long> HEADS_FORWARD = List.of(0L, 2L, 1L, 3L);
  private static final List<Long> AS_IS = List.of(0L, 1L, 2L, 3L);
  private static final List<Long> PARTS_FORWARD = List.of(2L, 0L, 3L, 1L, 4L);

  /// A value of three axes, or the third of one that an index names.
  record Part(String value, OptionalInt third) {}

  /// Where an operand comes from: the factor and the nodes on the way.
  private record Way(Part part, double factor, List<Node> nodes) {}

  AttentionBlock {
    inner = List.copyOf(inner);
  }

  /// The block that ends in a node, where there is one.
  static Optional<AttentionBlock> endingIn(Graph graph, Node root) {
    if (!(root.op() instanceof Movement.Reshape)) {
      return Optional.empty();
    }
    Node back = Patterns.sole(graph, root.operand(0)).orElse(null);
    if (back == null
        || !(back.op() instanceof Transpose(var permutation))
        || !permutation.equals(HEADS_FORWARD)) {
      return Optional.empty();
    }
    Node core = Patterns.sole(graph, back.operand(0)).orElse(null);
    if (core == null
        || !(core.op() instanceof Product.Attention(var scale, var causal))
        || causal
        || !graph.shape(back.result()).isStatic()) {
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
    List<Node> inner = new ArrayList<>(List.of(back, core));
    List<Part> parts = new ArrayList<>();
    double factor = scale.orElse(1 / Math.sqrt(width));
    for (int i = 0; i < 3; i++) {
      Way way = way(graph, core.operand(i), heads, width).orElse(null);
      // A factor of the value is no factor of the scores.
      if (way == null || i == 2 && way.factor() != 1) {
        return Optional.empty();
      }
      factor *= way.factor();
      parts.add(way.part());
      way.nodes().stream().filter(node -> !inner.contains(node)).forEach(inner::add);
    }
    if (!alone(graph, root, inner) || !takes(graph, core.operand(3))) {
      return Optional.empty();
    }
    return Optional.of(
        new AttentionBlock(
            root,
            core,
            inner,
            parts.get(0),
            parts.get(1),
            parts.get(2),
            core.operand(3),
            factor,
            heads,
            width));
  }

  /// Follows an operand of attention back to the value that it is split from.
  private static Optional<Way> way(Graph graph, String operand, long heads, long width) {
    List<Node> nodes = new ArrayList<>();
    List<Long> permutation = AS_IS;
    double factor = 1;
    String at = operand;
    while (true) {
      Node node = graph.producer(at).orElse(null);
      if (node == null || graph.outputs().contains(at)) {
        return Optional.empty();
      }
      nodes.add(node);
      if (node.op() instanceof Transpose(var inner) && inner.size() == 4) {
        permutation = permutation.stream().map(axis -> inner.get(axis.intValue())).toList();
        at = node.operand(0);
        continue;
      }
      int scalar = Patterns.scalar(graph, node.operand(1)).isPresent() ? 1 : 0;
      var number = Patterns.scalar(graph, node.operand(scalar));
      if (Patterns.is(node, Function.MUL) && number.isPresent()) {
        factor *= number.getAsDouble();
        at = node.operand(1 - scalar);
      } else if (Patterns.is(node, Function.DIV) && scalar == 1 && number.isPresent()) {
        factor /= number.getAsDouble();
        at = node.operand(0);
      } else if (node.op() instanceof Movement.Reshape && permutation.equals(HEADS_FORWARD)) {
        return whole(graph, node, heads, width)
            ? Optional.of(new Way(new Part(node.operand(0), OptionalInt.empty()), factor, nodes))
            : Optional.empty();
      } else if (node.op() instanceof Movement.Gather(var axis)
          && axis == 0
          && permutation.equals(AS_IS)) {
        var index = graph.constant(node.operand(1)).filter(i -> i.rank() == 0);
        return index.isEmpty()
            ? Optional.empty()
            : third(graph, node, index.get().longs()[0], heads, width, factor, nodes);
      } else if (node.op() instanceof Movement.Squeeze(var axes)
          && axes.equals(List.of(0L))
          && permutation.equals(AS_IS)) {
        Node slice = graph.producer(node.operand(0)).orElse(null);
        if (slice == null || !(slice.op() instanceof Movement.Slice)) {
          return Optional.empty();
        }
        nodes.add(slice);
        double so = factor;
        return only(graph, slice)
            .flatMap(index -> third(graph, slice, index, heads, width, so, nodes));
      } else {
        return Optional.empty();
      }
    }
  }

  private static boolean whole(Graph graph, Node split, long heads, long width) {
    Shape before = graph.shape(split.operand(0));
    if (graph.constant(split.operand(0)).isPresent() || !before.isStatic() || before.rank() != 3) {
      return false;
    }
    long[] sizes = before.sizes();
    return sizes[2] == heads * width
        && graph.shape(split.result()).equals(Shape.of(sizes[0], sizes[1], heads, width));
  }

  /// The index that a slice of the first axis takes, where it takes one.
  private static Optional<Long> only(Graph graph, Node slice) {
    List<Long> numbers = new ArrayList<>();
    for (int i = 1; i < 5; i++) {
      if (!slice.has(i) && i == 4) {
        numbers.add(1L);
        continue;
      }
      var constant = graph.constant(slice.operand(i)).filter(c -> c.elements() == 1);
      if (constant.isEmpty()) {
        return Optional.empty();
      }
      numbers.add(constant.get().longs()[0]);
    }
    long start = numbers.get(0);
    boolean one =
        start >= 0 && numbers.get(1) == start + 1 && numbers.get(2) == 0 && numbers.get(3) == 1;
    return one ? Optional.of(start) : Optional.empty();
  }

  private static Optional<Way> third(
      Graph graph, Node pick, long index, long heads, long width, double factor, List<Node> nodes) {
    Node moved = graph.producer(pick.operand(0)).orElse(null);
    if (moved == null
        || !(moved.op() instanceof Transpose(var permutation))
        || !permutation.equals(PARTS_FORWARD)) {
      return Optional.empty();
    }
    Node split = graph.producer(moved.operand(0)).orElse(null);
    if (split == null
        || !(split.op() instanceof Movement.Reshape)
        || graph.constant(split.operand(0)).isPresent()
        || !graph.shape(split.operand(0)).isStatic()
        || graph.shape(split.operand(0)).rank() != 3) {
      return Optional.empty();
    }
    long[] sizes = graph.shape(split.operand(0)).sizes();
    boolean thirds =
        sizes[2] == 3 * heads * width
            && graph.shape(split.result()).equals(Shape.of(sizes[0], sizes[1], 3, heads, width));
    if (!thirds) {
      return Optional.empty();
    }
    nodes.add(moved);
    nodes.add(split);
    int part = (int) Math.floorMod(index, 3L);
    return Optional.of(new Way(new Part(split.operand(0), OptionalInt.of(part)), factor, nodes));
  }

  /// Whether nothing outside reads what the nodes between make.
  private static boolean alone(Graph graph, Node root, List<Node> inner) {
    return inner.stream()
        .flatMap(node -> node.out().stream())
        .allMatch(value ->
            !graph.outputs().contains(value)
                && graph.readers(value).stream()
                    .allMatch(reader -> reader.equals(root) || inner.contains(reader)));
  }

  /// Whether a mask is one for all heads.
  private static boolean takes(Graph graph, String mask) {
    return mask.isEmpty()
        || graph.shape(mask).isStatic()
            && graph.shape(mask).rank() == 4
            && graph.shape(mask).dim(1).is(1)
            && graph.type(mask).filter(type -> type.dtype() != DataType.BOOL).isPresent();
  }

  /// The values of three axes that the block reads, each once.
  List<String> sources() {
    return Stream.of(query, key, value).map(Part::value).distinct().toList();
  }
}
