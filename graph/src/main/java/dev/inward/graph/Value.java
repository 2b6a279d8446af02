package dev.inward.graph;

/// A named value with its type: an input of a graph.
public record Value(String name, TensorType type) {
  public Value {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("a value has a name");
    }
  }

  @Override
  public String toString() {
    return name + ": " + type;
  }
}
