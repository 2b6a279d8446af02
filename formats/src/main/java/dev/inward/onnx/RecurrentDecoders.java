package dev.inward.onnx;

import dev.inward.graph.Node;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Recurrent.Direction;
import dev.inward.graph.Recurrent.Kind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/// Recurrent cells.
final class RecurrentDecoders {
  private RecurrentDecoders() {}

  static void addTo(Map<OpKey, Decoder> table) {
    for (var kind : Kind.values()) {
      table.put(new OpKey("", kind.name(), 7), f -> cell(f, kind));
    }
  }

  private static List<Node> cell(Form form, Kind kind) {
    var attributes = form.attributes;
    var direction =
        switch (attributes.text("direction").orElse("forward")) {
          case "forward" -> Optional.of(Direction.FORWARD);
          case "reverse" -> Optional.of(Direction.REVERSE);
          case "bidirectional" -> Optional.of(Direction.BIDIRECTIONAL);
          default -> Optional.<Direction>empty();
        };
    var hidden = hidden(form);
    if (direction.isEmpty() || hidden.isEmpty()) {
      return form.opaque();
    }
    return form.as(
        new Recurrent(
            kind,
            direction.get(),
            hidden.getAsLong(),
            attributes.texts("activations"),
            attributes.reals("activation_alpha"),
            attributes.reals("activation_beta"),
            attributes.has("clip")
                ? OptionalDouble.of(attributes.real("clip", 0))
                : OptionalDouble.empty(),
            kind == Kind.GRU && attributes.flag("linear_before_reset", false),
            kind == Kind.LSTM && attributes.flag("input_forget", false),
            attributes.flag("layout", false)));
  }

  /// As stated, else read off the recurrent weight.
  private static OptionalLong hidden(Form form) {
    var stated = form.attributes.number("hidden_size");
    if (stated.isPresent()) {
      return stated;
    }
    return form.constantAt(2)
        .filter(r -> r.rank() == 3)
        .map(r -> OptionalLong.of(r.dims().get(2)))
        .orElse(OptionalLong.empty());
  }
}
