package dev.inward.onnx;

import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.protobuf.WireWriter;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// A model file made field by field, by the format's own description and not by our writer.
final class HandMade {
  private final WireWriter model = new WireWriter();
  private final WireWriter graph = new WireWriter();

  private HandMade() {}

  static HandMade opset(int version) {
    var made = new HandMade();
    made.model.varint(1, version < 9 ? 3 : version < 19 ? 8 : version < 21 ? 9 : 10);
    made.opset("", version);
    return made;
  }

  HandMade opset(String domain, int version) {
    model.message(8, new WireWriter().string(1, domain).varint(2, version));
    return this;
  }

  HandMade modelField(int number, String text) {
    model.string(number, text);
    return this;
  }

  HandMade modelField(int number, WireWriter message) {
    model.message(number, message);
    return this;
  }

  /// A dim is a `Long`, an `Integer` or the name of a symbol.
  HandMade input(String name, DataType type, Object... dims) {
    graph.message(11, valueInfo(name, type, dims));
    return this;
  }

  HandMade output(String name) {
    graph.message(12, new WireWriter().string(1, name));
    return this;
  }

  HandMade output(String name, DataType type, Object... dims) {
    graph.message(12, valueInfo(name, type, dims));
    return this;
  }

  HandMade value(String name, DataType type, Object... dims) {
    graph.message(13, valueInfo(name, type, dims));
    return this;
  }

  static WireWriter valueInfo(String name, DataType type, Object... dims) {
    var shape = new WireWriter();
    for (Object dim : dims) {
      shape.message(
          1,
          dim instanceof Number size
              ? new WireWriter().varint(1, size.longValue())
              : new WireWriter().string(2, (String) dim));
    }
    var tensor = new WireWriter().varint(1, OnnxTypes.code(type)).message(2, shape);
    return new WireWriter().string(1, name).message(2, new WireWriter().message(1, tensor));
  }

  HandMade constant(String name, Tensor tensor) {
    graph.message(5, tensor(name, tensor));
    return this;
  }

  HandMade floats(String name, List<Long> dims, float... values) {
    return constant(name, Tensor.ofFloats(dims, values));
  }

  HandMade numbers(String name, long... values) {
    return constant(name, Tensor.vector(values));
  }

  HandMade graphField(int number, WireWriter message) {
    graph.message(number, message);
    return this;
  }

  static WireWriter tensor(String name, Tensor tensor) {
    var dense = (Encoding.Dense) tensor.encoding();
    return new WireWriter()
        .packed(1, tensor.dims().stream().mapToLong(Long::longValue).toArray())
        .varint(2, OnnxTypes.code(tensor.dtype()))
        .string(8, name)
        .bytes(9, dense.data().bytes());
  }

  /// A node of the domain `domain::Operator`, or of ONNX's own; its name is that of its results.
  HandMade node(String operator, List<String> in, List<String> out, WireWriter... attributes) {
    graph.message(1, nodeProto(operator, in, out, attributes));
    return this;
  }

  HandMade node(String operator, String in, String out, WireWriter... attributes) {
    return node(operator, List.of(in.split(",", -1)), List.of(out.split(",", -1)), attributes);
  }

  static WireWriter nodeProto(
      String operator, List<String> in, List<String> out, WireWriter... attributes) {
    var node = new WireWriter();
    in.forEach(i -> node.string(1, i));
    out.forEach(o -> node.string(2, o));
    int colons = operator.indexOf("::");
    node.string(4, colons < 0 ? operator : operator.substring(colons + 2));
    for (WireWriter attribute : attributes) {
      node.message(5, attribute);
    }
    if (colons > 0) {
      node.string(7, operator.substring(0, colons));
    }
    return node;
  }

  static WireWriter number(String name, long value) {
    return new WireWriter().string(1, name).varint(3, value).varint(20, 2);
  }

  static WireWriter real(String name, float value) {
    return new WireWriter().string(1, name).float32(2, value).varint(20, 1);
  }

  static WireWriter text(String name, String value) {
    return new WireWriter().string(1, name).string(4, value).varint(20, 3);
  }

  static WireWriter numbers(String name, List<Long> values) {
    var attribute = new WireWriter().string(1, name);
    values.forEach(v -> attribute.varint(8, v));
    return attribute.varint(20, 7);
  }

  static WireWriter ints(String name, long... values) {
    var attribute = new WireWriter().string(1, name);
    for (long value : values) {
      attribute.varint(8, value);
    }
    return attribute.varint(20, 7);
  }

  static WireWriter reals(String name, float... values) {
    var attribute = new WireWriter().string(1, name);
    for (float value : values) {
      attribute.float32(7, value);
    }
    return attribute.varint(20, 6);
  }

  static WireWriter texts(String name, String... values) {
    var attribute = new WireWriter().string(1, name);
    for (String value : values) {
      attribute.bytes(9, MemorySegment.ofArray(value.getBytes(StandardCharsets.UTF_8)));
    }
    return attribute.varint(20, 8);
  }

  static WireWriter tensorAttribute(String name, Tensor value) {
    return new WireWriter().string(1, name).message(5, tensor("", value)).varint(20, 4);
  }

  static WireWriter body(String name, WireWriter graph) {
    return new WireWriter().string(1, name).message(6, graph).varint(20, 5);
  }

  byte[] bytes() {
    var all = new WireWriter().raw(MemorySegment.ofArray(model.toArray()));
    var named = new WireWriter().string(2, "made").raw(MemorySegment.ofArray(graph.toArray()));
    return all.message(7, named).toArray();
  }

  Graph read() {
    return Onnx.read(MemorySegment.ofArray(bytes()), "made.onnx");
  }
}
