package dev.inward.coreml;

import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// A model whose constants are not made: what is to be computed from the weights of a graph when a
/// package is written is zeros, all of one array. What is smaller than a few kilobytes is made.
final class Blank {
  private static final long LARGE = 4096;

  private final Storage zeros;

  private Blank(Model model) {
    long most = 0;
    for (Mil.Operation operation : model.program().operations()) {
      for (Mil.Value value : operation.attributes().values()) {
        most = Math.max(most, size(value));
      }
    }
    zeros = Storage.of(new byte[Math.toIntExact(most)]);
  }

  static Model of(Model model) {
    var blank = new Blank(model);
    Mil.Program program = model.program();
    return new Model(
        model.specification(),
        new Mil.Program(
            program.opset(),
            program.inputs(),
            program.operations().stream().map(blank::operation).toList(),
            program.outputs(),
            program.classifier()),
        model.inputs(),
        model.outputs(),
        model.metadata());
  }

  /// Whether the elements of a plain tensor need not be the right ones.
  static boolean isLarge(Tensor tensor) {
    return tensor.encoding() instanceof Encoding.Dense && tensor.storedBytes() > LARGE;
  }

  private static long size(Mil.Value value) {
    return value.content() instanceof Mil.Content.Made
            && value.type().bytes(value.elements()) > LARGE
        ? value.type().bytes(value.elements())
        : 0;
  }

  private Mil.Operation operation(Mil.Operation operation) {
    SequencedMap<String, Mil.Value> attributes = new LinkedHashMap<>();
    operation.attributes().forEach((name, value) -> attributes.put(name, value(value)));
    return new Mil.Operation(
        operation.type(), operation.name(), operation.inputs(), attributes, operation.outputs());
  }

  private Mil.Value value(Mil.Value value) {
    return size(value) > 0
        ? Mil.Value.of(value.type(), value.dims(), zeros.slice(0, size(value)))
        : value;
  }
}
