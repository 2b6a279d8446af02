package dev.inward.workbench.diagnosis;

import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Tensor;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/// Tells by the numbers of one sample which values are the same.
final class Numbers {
  private static final int FEWEST = 16;
  private static final int FIRST = 1024;
  private static final double SAME = 40;
  private static final double OTHER = 10;
  private static final double REORDERED = 30;

  private Numbers() {}

  /// The reals that nodes of a graph make, but for those that a cast only repeats.
  static List<String> reals(Graph graph) {
    return graph.nodes().stream()
        .filter(node ->
            !(node.op() instanceof Elementwise.Cast) || graph.outputs().contains(node.result()))
        .map(Node::out)
        .flatMap(List::stream)
        .filter(out -> !out.isEmpty() && Correspondence.isReal(graph, out))
        .toList();
  }

  /// Takes away what is laid out otherwise, adds what is the same under other names.
  static Correspondence joined(
      Correspondence values, Map<String, Tensor> mine, Map<String, Tensor> theirs) {
    Set<String> moved = new HashSet<>();
    values
        .values()
        .forEach((value, name) -> {
          Tensor x = mine.get(name);
          Tensor y = theirs.get(value);
          if (x != null
              && y != null
              && isReordered(x.floats(), y.floats())
              && !values.changed().outputs().contains(value)) {
            moved.add(value);
          }
        });
    Correspondence kept = values.without(moved);
    Set<String> taken = new HashSet<>(kept.values().values());
    SequencedMap<String, String> found = new LinkedHashMap<>();
    for (String value : reals(values.changed())) {
      Tensor y = theirs.get(value);
      if (y == null || kept.values().containsKey(value) || y.elements() < FEWEST) {
        continue;
      }
      float[] ys = y.floats();
      for (String name : reals(values.reference())) {
        Tensor x = mine.get(name);
        if (x != null
            && !taken.contains(name)
            && x.elements() == y.elements()
            && isSame(x.floats(), ys)) {
          found.put(value, name);
          taken.add(name);
          break;
        }
      }
    }
    SequencedMap<String, String> all = new LinkedHashMap<>();
    for (Node node : values.changed().nodes()) {
      for (String out : node.out()) {
        String name = kept.values().getOrDefault(out, found.getOrDefault(out, ""));
        if (!name.isEmpty()) {
          all.put(out, name);
        }
      }
    }
    return new Correspondence(values.reference(), values.changed(), all, values.inputs());
  }

  private static boolean isSame(float[] x, float[] y) {
    int first = Math.min(FIRST, x.length);
    return Gap.between(Arrays.copyOf(x, first), Arrays.copyOf(y, first)).decibels() > SAME
        && varies(x)
        && Gap.between(x, y).decibels() > SAME;
  }

  /// Constant values are like too many others.
  private static boolean varies(float[] x) {
    for (float value : x) {
      if (value != x[0]) {
        return true;
      }
    }
    return false;
  }

  private static boolean isReordered(float[] x, float[] y) {
    if (x.length != y.length || x.length < FEWEST || Gap.between(x, y).decibels() > OTHER) {
      return false;
    }
    float[] a = x.clone();
    float[] b = y.clone();
    Arrays.sort(a);
    Arrays.sort(b);
    return Gap.between(a, b).decibels() > REORDERED;
  }
}
