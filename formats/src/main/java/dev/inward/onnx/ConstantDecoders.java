package dev.inward.onnx;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Movement.ConstantOfShape;
import dev.inward.graph.Node;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.protobuf.WireWriter;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/// Operators that make constants.
final class ConstantDecoders {
  private ConstantDecoders() {}

  static void addTo(Map<OpKey, Decoder> table) {
    table.put(new OpKey("", "Constant", 7), ConstantDecoders::constant);
    table.put(new OpKey("", "ConstantOfShape", 7), ConstantDecoders::ofShape);
  }

  private static List<Node> constant(Form form) {
    var attributes = form.attributes;
    if (attributes.has("value")) {
      return form.constant(attributes.tensor("value").orElseThrow());
    }
    if (attributes.has("value_float")) {
      return form.constant(Tensor.scalar(attributes.real("value_float", 0)));
    }
    if (attributes.has("value_int")) {
      return form.constant(Tensor.scalar(attributes.number("value_int", 0)));
    }
    if (attributes.has("value_floats")) {
      List<Float> values = attributes.reals("value_floats");
      float[] array = new float[values.size()];
      for (int i = 0; i < array.length; i++) {
        array[i] = values.get(i);
      }
      return form.constant(Tensor.ofFloats(List.of((long) array.length), array));
    }
    if (attributes.has("value_ints")) {
      return form.constant(MovementDecoders.vector(attributes.numbers("value_ints")));
    }
    if (attributes.has("value_string")) {
      return form.constant(texts(List.of(), List.of(attributes.text("value_string").orElse(""))));
    }
    if (attributes.has("value_strings")) {
      List<String> values = attributes.texts("value_strings");
      return form.constant(texts(List.of((long) values.size()), values));
    }
    if (attributes.has("sparse_value")) {
      return form.constant(
          SparseReader.read(attributes.sparse("sparse_value").orElseThrow(), attributes.external())
              .tensor());
    }
    throw InputException.of("is a constant without a value");
  }

  private static Tensor texts(List<Long> dims, List<String> values) {
    var fields = new WireWriter();
    for (String value : values) {
      fields.bytes(6, MemorySegment.ofArray(value.getBytes(StandardCharsets.UTF_8)));
    }
    return Tensor.dense(DataType.STRING, dims, Storage.of(fields.toArray()));
  }

  private static List<Node> ofShape(Form form) {
    var value = form.attributes.tensor("value").orElse(Tensor.scalar(0f));
    if (value.elements() != 1) {
      throw InputException.of("its value has %d elements, expected 1", value.elements());
    }
    return form.as(new ConstantOfShape(value.withDims(List.of(1L))));
  }
}
