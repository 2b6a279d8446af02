package dev.inward.graph;

import dev.inward.base.InputException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Binds the shapes of inputs to numbers.
final class Binding {
  private Binding() {}

  static Graph of(Graph graph, Map<String, List<Long>> shapes) {
    Map<String, Long> symbols = new HashMap<>();
    Map<String, List<Long>> whole = new LinkedHashMap<>();
    shapes.forEach((name, sizes) -> {
      var input =
          graph.inputs().stream()
              .filter(i -> i.name().equals(name))
              .findFirst()
              .orElseThrow(() -> unknown(graph, name));
      var shape = input.type().shape();
      if (!shape.ranked()) {
        whole.put(name, sizes);
        return;
      }
      if (shape.rank() != sizes.size()) {
        throw contradicts(input, sizes);
      }
      for (int axis = 0; axis < sizes.size(); axis++) {
        switch (shape.dim(axis)) {
          case Dim.Known(var size) -> {
            if (size != sizes.get(axis)) {
              throw contradicts(input, sizes);
            }
          }
          case Dim.Symbol(var symbol) -> {
            Long before = symbols.put(symbol, sizes.get(axis));
            if (before != null && !before.equals(sizes.get(axis))) {
              throw InputException.at(
                  "input '" + name + "'",
                  "'%s' is bound to %d and to %d",
                  symbol,
                  before,
                  sizes.get(axis));
            }
          }
        }
      }
    });
    var bound = graph.bind(symbols);
    if (whole.isEmpty()) {
      return bound;
    }
    var builder = Graph.builder(bound.name());
    bound
        .inputs()
        .forEach(i ->
            builder.input(
                i.name(),
                whole.containsKey(i.name())
                    ? new TensorType(i.type().dtype(), Shape.ofKnown(whole.get(i.name())))
                    : i.type()));
    bound.outputs().forEach(builder::output);
    bound.nodes().forEach(builder::node);
    bound.constants().forEach(builder::constant);
    bound.declared().forEach(builder::declare);
    bound.opsets().forEach(builder::opset);
    bound.metadata().forEach(builder::metadata);
    return builder.build();
  }

  private static InputException unknown(Graph graph, String name) {
    return InputException.at("input '" + name + "'", "the model has no such input")
        .hint("its inputs are %s", graph.inputs());
  }

  private static InputException contradicts(Value input, List<Long> sizes) {
    return InputException.at(
        "input '" + input.name() + "'",
        "the shape %s contradicts the stated %s",
        Shape.ofKnown(sizes),
        input.type().shape());
  }
}
