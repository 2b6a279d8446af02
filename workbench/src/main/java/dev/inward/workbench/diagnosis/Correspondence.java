package dev.inward.workbench.diagnosis;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/// Which values of a changed graph stand for which of the reference. Outputs are joined by
/// position, other values by name (a package allows letters, digits and underscores only), then
/// nodes of the same op on operands that are joined already.
///
/// @param values of the reference, by the name of the changed graph's; reals that nodes make, in
///   the order of the changed graph
/// @param inputs of the reference, by the name of the changed graph's
public record Correspondence(
    Graph reference,
    Graph changed,
    SequencedMap<String, String> values,
    SequencedMap<String, String> inputs) {
  public Correspondence {
    values = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(values));
    inputs = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(inputs));
  }

  /// Joins two graphs whose inputs are joined.
  static Correspondence of(Graph reference, Graph changed, SequencedMap<String, String> inputs) {
    return new Joining(reference, changed, inputs).joined();
  }

  /// The same without some values of the changed graph.
  Correspondence without(Set<String> some) {
    SequencedMap<String, String> left = new LinkedHashMap<>(values);
    left.keySet().removeAll(some);
    return new Correspondence(reference, changed, left, inputs);
  }

  /// The nodes of the changed graph that compute a value from values that stand for something, in
  /// order.
  List<Node> region(String value) {
    return region(changed, value, values.keySet());
  }

  /// The nodes of the reference that compute a value from values with a counterpart, in order.
  List<Node> origin(String value) {
    return region(reference, value, new HashSet<>(values.values()));
  }

  private static List<Node> region(Graph graph, String value, Set<String> known) {
    Set<Node> found = new LinkedHashSet<>();
    var open = new ArrayList<>(List.of(value));
    while (!open.isEmpty()) {
      graph
          .producer(open.removeLast())
          .filter(found::add)
          .ifPresent(
              node -> node.reads().filter(operand -> !known.contains(operand)).forEach(open::add));
    }
    return graph.nodes().stream().filter(found::contains).toList();
  }

  /// The values that a region reads and that stand for something.
  List<String> operands(List<Node> region) {
    return region.stream()
        .flatMap(Node::reads)
        .filter(v -> values.containsKey(v) || inputs.containsKey(v))
        .distinct()
        .toList();
  }

  /// Values of the reference that nothing in the changed graph stands for: of what was fused, or
  /// laid out otherwise.
  public List<String> unmatched() {
    var known = new HashSet<>(values.values());
    return reals(reference).stream().filter(value -> !known.contains(value)).toList();
  }

  static boolean isReal(Graph graph, String value) {
    return graph
        .type(value)
        .filter(t -> t.dtype() == DataType.FLOAT32 || t.dtype() == DataType.FLOAT16)
        .isPresent();
  }

  /// The reals that nodes of a graph make, in order.
  static List<String> reals(Graph graph) {
    return graph.nodes().stream()
        .flatMap(node -> node.out().stream())
        .filter(out -> !out.isEmpty() && isReal(graph, out))
        .toList();
  }

  /// A name with all that a package does not allow made alike.
  static String legal(String name) {
    String legal = name.replaceAll("[^A-Za-z0-9_]", "_");
    return !legal.isEmpty() && Character.isDigit(legal.charAt(0)) ? "var_" + legal : legal;
  }

  private static final class Joining {
    private final Graph reference;
    private final Graph changed;
    private final SequencedMap<String, String> inputs;
    private final Map<String, String> joined = new HashMap<>();
    private final Set<String> taken = new HashSet<>();

    /// What each value of the changed graph is but for casts, in the reference.
    private final Map<String, String> meaning = new HashMap<>();

    Joining(Graph reference, Graph changed, SequencedMap<String, String> inputs) {
      this.reference = reference;
      this.changed = changed;
      this.inputs = inputs;
    }

    Correspondence joined() {
      for (int i = 0; i < changed.outputs().size() && i < reference.outputs().size(); i++) {
        join(changed.outputs().get(i), reference.outputs().get(i));
      }
      Map<String, String> names = new HashMap<>();
      reals(reference).forEach(value -> names.putIfAbsent(legal(value), value));
      reals(changed)
          .forEach(value -> {
            String name = names.get(legal(value));
            if (name != null) {
              join(value, name);
            }
          });
      byForm();
      SequencedMap<String, String> ordered = new LinkedHashMap<>();
      reals(changed).stream()
          .filter(joined::containsKey)
          .forEach(value -> ordered.put(value, joined.getOrDefault(value, "")));
      return new Correspondence(reference, changed, ordered, inputs);
    }

    private void join(String value, String name) {
      if (changed.producer(value).isPresent()
          && reference.producer(name).isPresent()
          && isReal(changed, value)
          && isReal(reference, name)
          && alike(changed.shape(value), reference.shape(name))
          && !joined.containsKey(value)
          && taken.add(name)) {
        joined.put(value, name);
      }
    }

    private static boolean alike(Shape a, Shape b) {
      return a.isStatic() && b.isStatic()
          ? a.elements().equals(b.elements())
          : !a.ranked() || !b.ranked() || a.rank() == b.rank();
    }

    private void byForm() {
      meaning.putAll(inputs);
      for (Node node : changed.nodes()) {
        for (String out : node.out()) {
          if (joined.containsKey(out)) {
            meaning.put(out, joined.getOrDefault(out, ""));
          }
        }
        if (meaning.containsKey(node.result()) || node.result().isEmpty()) {
          continue;
        }
        if (node.op() instanceof Elementwise.Cast && isReal(changed, node.result())) {
          String same = meaning.get(node.operand(0));
          if (same != null) {
            meaning.put(node.result(), same);
          }
          continue;
        }
        List<String> operands =
            node.in().stream()
                .filter(in -> !in.isEmpty() && changed.constant(in).isEmpty())
                .map(in -> meaning.getOrDefault(in, ""))
                .toList();
        if (operands.isEmpty() || operands.contains("")) {
          continue;
        }
        reference.readers(operands.getFirst()).stream()
            .filter(other -> other.op().name().equals(node.op().name()))
            .filter(other ->
                other.in().stream()
                    .filter(in -> !in.isEmpty() && reference.constant(in).isEmpty())
                    .toList()
                    .equals(operands))
            .filter(other -> other.out().size() == node.out().size())
            .filter(other -> !taken.contains(other.result()))
            .findFirst()
            .ifPresent(other -> {
              for (int i = 0; i < node.out().size(); i++) {
                join(node.out().get(i), other.out().get(i));
                if (joined.containsKey(node.out().get(i))) {
                  meaning.put(node.out().get(i), other.out().get(i));
                }
              }
            });
      }
    }
  }
}
