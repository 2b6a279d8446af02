package dev.inward.device;

import dev.inward.graph.Dim;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Product;
import dev.inward.graph.Reduction;
import dev.inward.graph.Shape;
import dev.inward.graph.TensorType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// What the shapes of a node say about where it runs on a chip.
///
/// @param typed whether the graph is a program as written, whose axes count as they stand
record ShapeRules(Graph graph, Chip chip, boolean typed) {
  /// Why a node is not on the engine; empty where its shapes allow that.
  Optional<Reason> against(Node node) {
    for (TensorType type :
        Stream.concat(TypeRules.activations(graph, node), TypeRules.results(graph, node))
            .toList()) {
      Optional<Reason> reason = extents(type.shape());
      if (reason.isPresent()) {
        return reason;
      }
    }
    return switch (node.op()) {
      case Product _ -> product(node);
      case Movement movement -> movement(node, movement);
      case Reduction.ArgReduce(_, var axis, _, _) -> index(node, axis);
      default -> new WindowRules(graph, chip).against(node);
    };
  }

  private Optional<Reason> extents(Shape shape) {
    if (!shape.isStatic()) {
      return Optional.of(
          Reason.of(Rule.FLEXIBLE, "a shape that is not fixed keeps a node off the Neural Engine"));
    }
    if (Rule.RANK.exceeded(chip, shape.rank())) {
      return Optional.of(
          Reason.of(
              Rule.RANK,
              "the Neural Engine has at most %d axes, not %d",
              limit(Rule.RANK),
              shape.rank()));
    }
    for (int axis = 0; axis < shape.rank(); axis++) {
      boolean image = shape.rank() >= 4;
      Rule rule =
          image && axis == 0 ? Rule.BATCH : image && axis == 1 ? Rule.CHANNELS : Rule.EXTENT;
      long size = shape.sizes()[axis];
      if (rule.exceeded(chip, size)) {
        String what =
            switch (rule) {
              case BATCH -> "batches";
              case CHANNELS -> "channels";
              default -> "extents";
            };
        return Optional.of(
            Reason.of(
                rule,
                "the Neural Engine of %s has %s up to %d, not %d",
                chip.name(),
                what,
                limit(rule),
                size));
      }
    }
    return Optional.empty();
  }

  private long limit(Rule rule) {
    return rule.limit(chip).orElseThrow();
  }

  private Optional<Reason> product(Node node) {
    int rank = graph.shape(node.result()).ranked() ? graph.shape(node.result()).rank() : 0;
    return Rule.PRODUCT_RANK.exceeded(chip, rank)
        ? Optional.of(
            Reason.of(
                Rule.PRODUCT_RANK,
                "the Neural Engine multiplies matrices of at most %d axes, not %d",
                limit(Rule.PRODUCT_RANK),
                rank))
        : Optional.empty();
  }

  private Optional<Reason> index(Node node, long axis) {
    Shape shape = graph.shape(node.operand(0));
    return shape.dim((int) axis) instanceof Dim.Known(var size)
            && Rule.INDEX_AXIS.exceeded(chip, size)
        ? Optional.of(
            Reason.of(
                Rule.INDEX_AXIS,
                "the Neural Engine finds an index among at most %d elements, not %d",
                limit(Rule.INDEX_AXIS),
                size))
        : Optional.empty();
  }

  private Optional<Reason> movement(Node node, Movement op) {
    return switch (op) {
      case Movement.Pad _ -> padding(node);
      case Movement.Concat(var axis) when typed && axis < limit(Rule.CONCAT_AXIS) ->
          Optional.of(
              Reason.of(
                  Rule.CONCAT_AXIS,
                  "the Neural Engine concatenates along an axis counted from the front, not %d",
                  axis));
      case Movement.DepthToSpace(var block, _) -> block(block);
      case Movement.SpaceToDepth(var block) -> block(block);
      case Movement.Tile _ -> tile(node);
      default -> Optional.empty();
    };
  }

  private Optional<Reason> padding(Node node) {
    List<Long> pads = numbers(graph, node.operand(1));
    int rank = graph.shape(node.operand(0)).rank();
    List<Long> axes = numbers(graph, node.operand(3));
    int padded = axes.isEmpty() ? rank : axes.size();
    for (int i = 0; i < pads.size() && padded > 0; i++) {
      int axis = axes.isEmpty() ? i % padded : Math.floorMod(axes.get(i % padded), rank);
      if (pads.get(i) != 0 && axis < rank - limit(Rule.PAD_AXES)) {
        return Optional.of(
            Reason.of(
                Rule.PAD_AXES,
                "the Neural Engine pads the last %d axes, not axis %d of %d",
                limit(Rule.PAD_AXES),
                axis,
                rank));
      }
    }
    return Optional.empty();
  }

  private static Optional<Reason> block(long block) {
    return factors(block) && block <= 8
        ? Optional.empty()
        : Optional.of(
            Reason.of(
                Rule.BLOCK_FACTOR,
                "the Neural Engine moves channels to space by 2, 3, 4 or 8, not by %d",
                block));
  }

  private Optional<Reason> tile(Node node) {
    for (long times : numbers(graph, node.operand(1))) {
      if (!factors(times)) {
        return Optional.of(
            Reason.of(
                Rule.TILE_FACTOR,
                "the Neural Engine repeats by 2, 3, 4 and 8 and their products, not %d times",
                times));
      }
    }
    return Optional.empty();
  }

  /// Whether a number is a product of twos and threes.
  private static boolean factors(long number) {
    long rest = number;
    while (rest > 1 && rest % 2 == 0) {
      rest /= 2;
    }
    while (rest > 1 && rest % 3 == 0) {
      rest /= 3;
    }
    return rest == 1;
  }

  /// The whole numbers of an operand that steers; empty where they are not known.
  static List<Long> numbers(Graph graph, String value) {
    if (value.isEmpty()) {
      return List.of();
    }
    return graph.contents(value).stream()
        .flatMap(List::stream)
        .map(element -> element.constant())
        .takeWhile(OptionalLong::isPresent)
        .map(OptionalLong::getAsLong)
        .toList();
  }
}
