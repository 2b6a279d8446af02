package dev.inward.onnx;

import dev.inward.graph.DataType;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What is known of the values of a graph while its nodes are read.
final class Scope {
  final LinkedHashMap<String, Tensor> constants = new LinkedHashMap<>();
  final Map<String, TensorType> types = new HashMap<>();

  /// Values that something in the file reads, bodies and outputs included.
  final Set<String> read = new HashSet<>();

  private final Map<String, String> aliases = new HashMap<>();
  private final Set<String> taken = new HashSet<>();

  void take(String name) {
    taken.add(name);
  }

  /// A name that nothing bears yet.
  String fresh(String wanted) {
    String name = wanted;
    for (int i = 1; !taken.add(name); i++) {
      name = wanted + "." + i;
    }
    return name;
  }

  void alias(String name, String original) {
    aliases.put(name, original);
  }

  /// The constant that a value is, seen through copies of it.
  Optional<Tensor> constant(String value) {
    String name = value;
    for (int i = 0; i < 8 && aliases.containsKey(name); i++) {
      name = aliases.get(name);
    }
    return Optional.ofNullable(constants.get(name));
  }

  Optional<TensorType> type(String value) {
    var constant = constant(value);
    return constant.isPresent()
        ? Optional.of(constant.get().type())
        : Optional.ofNullable(types.get(value));
  }

  Optional<DataType> dtype(String value) {
    return type(value).map(TensorType::dtype);
  }
}
