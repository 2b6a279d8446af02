package dev.inward.graph;

/// The type of a value: the type of its elements and its shape.
public record TensorType(DataType dtype, Shape shape) {
  public static TensorType of(DataType dtype, long... sizes) {
    return new TensorType(dtype, Shape.of(sizes));
  }

  /// `float32[1x128x384]`.
  @Override
  public String toString() {
    return dtype.text() + shape;
  }
}
