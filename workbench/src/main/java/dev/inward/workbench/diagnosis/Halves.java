package dev.inward.workbench.diagnosis;

import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Tensor;

/// Float32 constants as constants of a float16 graph.
final class Halves {
  private Halves() {}

  /// The tensor in a type of reals. Encoded ones keep their codes.
  static Tensor as(DataType type, Tensor tensor) {
    if (type != DataType.FLOAT16) {
      return tensor;
    }
    if (tensor.encoding() instanceof Encoding.Dense(var stored, _) && stored != DataType.FLOAT16) {
      return new Tensor(
          type, tensor.dims(), Tensor.half(tensor.dims(), tensor.floats()).encoding());
    }
    return new Tensor(type, tensor.dims(), tensor.encoding());
  }
}
