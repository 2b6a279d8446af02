package dev.inward.coreml.neural;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Op;
import dev.inward.graph.Tensor;
import java.util.List;

/// A layer while it is read.
///
/// @param kind the number of its field in the file
/// @param params what the layer is told
record Layer(
    String name,
    int kind,
    Fields params,
    List<String> inputs,
    List<String> outputs,
    Layers layers) {

  String x() {
    return x(0);
  }

  String x(int index) {
    if (index >= inputs.size()) {
      throw InputException.of("it has %d inputs, expected more", inputs.size());
    }
    return layers.value(inputs.get(index));
  }

  List<String> xs() {
    return inputs.stream().map(layers::value).toList();
  }

  /// The result is this value.
  void done(String value) {
    if (outputs.size() != 1) {
      throw InputException.of("it has %d outputs, expected 1", outputs.size());
    }
    layers.define(outputs.getFirst(), value);
  }

  void done(Op op, String... in) {
    done(layers.node(name, op, in));
  }

  void unary(Elementwise.Unary.Function function) {
    done(layers.unary(name, function, x()));
  }

  Tensor weights(int field, Long... dims) {
    return LayerWeights.read(params.message(field), List.of(dims));
  }

  String constant(String what, Tensor tensor) {
    return layers.constant(name + "." + what, tensor);
  }

  UnsupportedException refused(String format, Object... args) {
    return UnsupportedException.of(format, args);
  }
}
