package dev.inward.graph;

import java.util.List;
import java.util.Optional;

/// What a rule says of one result: either half may be unknown.
record Inferred(Optional<DataType> dtype, Shape shape) {
  static List<Inferred> one(Optional<DataType> dtype, Shape shape) {
    return List.of(new Inferred(dtype, shape));
  }

  static List<Inferred> one(DataType dtype, Shape shape) {
    return List.of(of(dtype, shape));
  }

  static Inferred of(DataType dtype, Shape shape) {
    return new Inferred(Optional.of(dtype), shape);
  }
}
