package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.graph.Node;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// What a node is given.
record Operands(Node node, Map<String, Array> values) {
  boolean has(int index) {
    return node.has(index);
  }

  Array get(int index) {
    if (!node.has(index)) {
      throw InputException.of("operand %d is missing", index);
    }
    return value(node.operand(index));
  }

  Optional<Array> find(int index) {
    return has(index) ? Optional.of(get(index)) : Optional.empty();
  }

  List<Array> all() {
    return node.in().stream().map(this::value).toList();
  }

  private Array value(String name) {
    Array array = values.get(name);
    if (array == null) {
      throw InputException.of("operand '%s' has no value", name);
    }
    return array;
  }

  /// Types and shapes, for messages.
  String described() {
    return node.in().stream()
        .filter(name -> !name.isEmpty())
        .map(name -> value(name).tensor().type().toString())
        .collect(Collectors.joining(", "));
  }
}
