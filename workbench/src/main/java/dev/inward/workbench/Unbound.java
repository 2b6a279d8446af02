package dev.inward.workbench;

import dev.inward.graph.Dim;
import dev.inward.graph.Graph;
import dev.inward.graph.Value;
import java.util.Optional;
import java.util.stream.Collectors;

/// Inputs whose shapes are not numbers yet.
public final class Unbound {
  private Unbound() {}

  /// The options that would bind them, with the names of the extents to fill in: `--shape
  /// ids=<batch>x<length>`. Empty where every shape is of numbers.
  public static Optional<String> options(Graph graph) {
    String options =
        graph.inputs().stream()
            .filter(input -> !input.type().shape().isStatic())
            .map(Unbound::option)
            .collect(Collectors.joining(" "));
    return options.isEmpty() ? Optional.empty() : Optional.of(options);
  }

  /// The option that would bind one.
  static String option(Value input) {
    var shape = input.type().shape();
    String extents =
        shape.ranked()
            ? shape.dims().stream()
                .map(dim ->
                    switch (dim) {
                      case Dim.Known(var size) -> Long.toString(size);
                      case Dim.Symbol(var symbol) -> "<" + symbol + ">";
                    })
                .collect(Collectors.joining("x"))
            : "...";
    return "--shape %s=%s".formatted(input.name(), extents);
  }
}
