package dev.inward.graph.rewrite;

import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Applies rewrites until none fires, and checks what a rewrite must keep: the results of the root,
/// with their types.
public final class Rewriting implements Pass {
  /// One application of a rewrite, for the trace.
  public record Step(String rewrite, String node) {}

  /// A graph and how it came about.
  public record Result(Graph graph, List<Step> steps) {}

  private final List<Rewrite> rewrites;

  public Rewriting(List<Rewrite> rewrites) {
    this.rewrites = List.copyOf(rewrites);
  }

  @Override
  public Graph apply(Graph graph) {
    return run(graph).graph();
  }

  /// The rewritten graph with every step taken.
  ///
  /// @throws IllegalStateException where a rewrite changes a type or does not end: a bug of ours
  public Result run(Graph graph) {
    List<Step> steps = new ArrayList<>();
    long limit = 8L + 8L * graph.nodes().size();
    Graph current = graph;
    for (Optional<Graph> next = sweep(current, steps);
        next.isPresent();
        next = sweep(current, steps)) {
      current = next.get();
      if (steps.size() > limit) {
        throw new IllegalStateException(
            "the rewrites do not end; the last: " + steps.subList(steps.size() - 4, steps.size()));
      }
    }
    return new Result(current, List.copyOf(steps));
  }

  private Optional<Graph> sweep(Graph graph, List<Step> steps) {
    Map<String, Rewrite.Change> changes = new LinkedHashMap<>();
    Map<String, String> by = new HashMap<>();
    Set<Node> touched = new HashSet<>();
    for (Node node : graph.nodes()) {
      if (touched.contains(node)) {
        continue;
      }
      for (Rewrite rewrite : rewrites) {
        var change = rewrite.apply(graph, node);
        if (change.isPresent() && change.get().absorbed().stream().noneMatch(touched::contains)) {
          touched.add(node);
          touched.addAll(change.get().absorbed());
          changes.put(node.name(), change.get());
          by.put(node.name(), rewrite.name());
          steps.add(new Step(rewrite.name(), node.name()));
          break;
        }
      }
    }
    if (changes.isEmpty()) {
      return Optional.empty();
    }
    var builder = graph.toBuilder();
    changes.values().forEach(c -> c.constants().forEach(builder::constant));
    builder.nodes(nodes ->
        nodes.stream()
            .flatMap(n ->
                changes.containsKey(n.name())
                    ? changes.get(n.name()).nodes().stream()
                    : java.util.stream.Stream.of(n))
            .toList());
    Graph changed = DeadNodes.removed(builder.build());
    for (Node node : graph.nodes()) {
      if (by.containsKey(node.name())) {
        checkTypes(graph, changed, node, by.get(node.name()));
      }
    }
    return Optional.of(changed);
  }

  private static void checkTypes(Graph before, Graph after, Node node, String by) {
    for (String out : node.out()) {
      var old = before.type(out);
      var now = after.type(out);
      if (old.isPresent() && now.isPresent() && !old.equals(now)) {
        throw new IllegalStateException(
            "%s changed the type of '%s' from %s to %s".formatted(by, out, old.get(), now.get()));
      }
    }
  }
}
