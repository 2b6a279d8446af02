package dev.inward.onnx;

import dev.inward.graph.Tensor;
import dev.inward.protobuf.WireWriter;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// The attributes of a node that is written, in the order of the calls. Lists without elements are
/// left out.
final class Attrs {
  private final WireWriter fields = new WireWriter();

  static Attrs none() {
    return new Attrs();
  }

  private Attrs add(WireWriter attribute) {
    fields.message(5, attribute);
    return this;
  }

  private static WireWriter named(String name) {
    return new WireWriter().string(1, name);
  }

  Attrs number(String name, long value) {
    return add(named(name).varint(3, value).varint(20, 2));
  }

  Attrs flag(String name, boolean value) {
    return number(name, value ? 1 : 0);
  }

  Attrs real(String name, float value) {
    return add(named(name).float32(2, value).varint(20, 1));
  }

  Attrs text(String name, String value) {
    return add(named(name).string(4, value).varint(20, 3));
  }

  Attrs tensor(String name, Tensor value) {
    return add(named(name).message(5, TensorWriter.inline("", value)).varint(20, 4));
  }

  Attrs numbers(String name, List<Long> values) {
    if (values.isEmpty()) {
      return this;
    }
    var attribute = named(name);
    values.forEach(v -> attribute.varint(8, v));
    return add(attribute.varint(20, 7));
  }

  Attrs reals(String name, List<Float> values) {
    if (values.isEmpty()) {
      return this;
    }
    var attribute = named(name);
    values.forEach(v -> attribute.float32(7, v));
    return add(attribute.varint(20, 6));
  }

  Attrs texts(String name, List<String> values) {
    if (values.isEmpty()) {
      return this;
    }
    var attribute = named(name);
    for (String value : values) {
      attribute.bytes(9, MemorySegment.ofArray(value.getBytes(StandardCharsets.UTF_8)));
    }
    return add(attribute.varint(20, 8));
  }

  /// Attributes as a file had them.
  Attrs raw(MemorySegment attributes) {
    fields.raw(attributes);
    return this;
  }

  MemorySegment bytes() {
    return MemorySegment.ofArray(fields.toArray());
  }
}
