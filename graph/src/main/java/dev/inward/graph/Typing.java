package dev.inward.graph;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Types of all values, from those of the inputs and constants.
final class Typing {
  private Typing() {}

  static Map<String, TensorType> infer(
      List<Value> inputs,
      Map<String, Tensor> constants,
      List<Node> nodes,
      Map<String, TensorType> declared) {
    Map<String, TensorType> types = new HashMap<>(declared);
    inputs.forEach(i -> types.put(i.name(), i.type()));
    constants.forEach((name, tensor) -> types.put(name, tensor.type()));
    return types;
  }
}
