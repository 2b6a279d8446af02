package dev.inward.workbench;

import dev.inward.compress.ActivationFormat;
import dev.inward.compress.Recipe;
import dev.inward.compress.Weight;
import dev.inward.compress.WeightFormat;
import dev.inward.graph.Graph;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Recipes in words.
final class Descriptions {
  private Descriptions() {}

  /// `38 weights int8 per channel, 2 float16; 36 activations uint8 by range at run time`.
  static String of(Graph graph, Recipe recipe) {
    Map<String, Long> formats = new LinkedHashMap<>();
    for (WeightFormat format : recipe.weights().values()) {
      formats.merge(format.text(), 1L, Long::sum);
    }
    List<String> parts = new ArrayList<>();
    formats.forEach((text, count) ->
        parts.add(
            parts.isEmpty()
                ? count + (count == 1 ? " weight " : " weights ") + text
                : count + " " + text));
    long left = Weight.of(graph).size() - recipe.weights().size();
    if (left > 0 && !parts.isEmpty()) {
      parts.add(left + " as they are");
    }
    String weights = parts.isEmpty() ? "nothing changed" : String.join(", ", parts);
    long dynamic =
        recipe.activations().values().stream()
            .filter(ActivationFormat.Dynamic.class::isInstance)
            .count();
    long fixed = recipe.activations().size() - dynamic;
    return weights
        + (dynamic > 0 ? "; " + dynamic + " activations uint8 by range at run time" : "")
        + (fixed > 0 ? "; " + fixed + " activations uint8 by calibrated range" : "");
  }
}
