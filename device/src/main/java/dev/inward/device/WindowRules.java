package dev.inward.device;

import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Windowed;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What the windows of convolutions and pools say about where they run on a chip.
record WindowRules(Graph graph, Chip chip) {
  Optional<Reason> against(Node node) {
    return switch (node.op()) {
      case Windowed.Conv _, Windowed.ConvTranspose _ -> convolution(node);
      case Windowed.Pool pool -> pool(pool.window().kernel());
      default -> Optional.empty();
    };
  }

  private Optional<Reason> convolution(Node node) {
    var shape = graph.shape(node.operand(0));
    if (Rule.CONVOLUTION_RANK.exceeded(chip, shape.rank())) {
      return Optional.of(
          Reason.of(
              Rule.CONVOLUTION_RANK,
              "the Neural Engine convolves over at most %d axes, not %d",
              limit(Rule.CONVOLUTION_RANK) - 2,
              shape.rank() - 2));
    }
    boolean constant = graph.constant(node.operand(1)).isPresent();
    if (!constant && Rule.RUNTIME_KERNEL.exceeded(chip, shape.sizes()[0])) {
      return Optional.of(
          Reason.of(
              Rule.RUNTIME_KERNEL,
              "the Neural Engine convolves with a weight computed at run time for batch 1, not %d",
              shape.sizes()[0]));
    }
    if (!graph.shape(node.operand(1)).isStatic()) {
      return Optional.empty();
    }
    List<Long> kernel =
        Arrays.stream(graph.shape(node.operand(1)).sizes()).skip(2).boxed().toList();
    if (kernel.isEmpty()) {
      return Optional.empty();
    }
    return window(Rule.KERNEL_WIDTH, kernel.getLast(), kernel)
        .or(() ->
            kernel.size() < 2
                ? Optional.empty()
                : window(Rule.KERNEL_HEIGHT, kernel.get(kernel.size() - 2), kernel));
  }

  private Optional<Reason> pool(List<Long> kernel) {
    return kernel.stream()
        .max(Long::compare)
        .flatMap(widest -> window(Rule.POOL_WINDOW, widest, kernel));
  }

  private Optional<Reason> window(Rule rule, long extent, List<Long> kernel) {
    if (!rule.exceeded(chip, extent)) {
      return Optional.empty();
    }
    String what =
        switch (rule) {
          case KERNEL_WIDTH -> "kernels up to %d wide";
          case KERNEL_HEIGHT -> "kernels up to %d high";
          default -> "pooling windows up to %d";
        };
    return Optional.of(
        Reason.of(
            rule,
            "the Neural Engine of %s has %s, not %s",
            chip.name(),
            what.formatted(limit(rule)),
            kernel.stream().map(String::valueOf).collect(Collectors.joining("x"))));
  }

  private long limit(Rule rule) {
    return rule.limit(chip).orElseThrow();
  }
}
