package dev.inward.onnx;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Opaque;
import dev.inward.graph.Shape;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A node as the file has it, and the means to say what it is in ours.
final class Form {
  final String name;
  final String domain;
  final String operator;

  /// The opset of the domain by which the file is to be read.
  final int version;

  final List<String> in;
  final List<String> out;
  final Attributes attributes;
  private final Storage attributeBytes;
  private final List<String> captures;
  private final Scope scope;
  private final Map<String, Tensor> made = new LinkedHashMap<>();

  Form(
      NodeProto proto,
      String name,
      int version,
      Attributes attributes,
      List<String> captures,
      Scope scope) {
    this.name = name;
    this.domain = proto.domain();
    this.operator = proto.operator();
    this.version = version;
    this.in = trimmed(proto.in());
    this.out = proto.out();
    this.attributes = attributes;
    this.attributeBytes = proto.attributeBytes();
    this.captures = captures;
    this.scope = scope;
  }

  /// Operands that are left out at the end are not written at all.
  private static List<String> trimmed(List<String> in) {
    int size = in.size();
    while (size > 0 && in.get(size - 1).isEmpty()) {
      size--;
    }
    return List.copyOf(in.subList(0, size));
  }

  /// What the decoder makes of this node; itself, opaque, where it has an attribute that the
  /// decoder did not ask for. Constants that the decoder made become those of the graph.
  List<Node> decode(Decoder decoder) {
    List<Node> nodes;
    try {
      nodes = decoder.decode(this);
    } catch (IllegalArgumentException | ArithmeticException e) {
      // The records check their attributes; here these come from a file.
      throw InputException.of("%s", String.valueOf(e.getMessage()));
    }
    if (!attributes.allAsked()) {
      return opaque();
    }
    scope.constants.putAll(made);
    return nodes;
  }

  /// The node with these operands and results.
  List<Node> as(Op op) {
    return as(op, in);
  }

  List<Node> as(Op op, List<String> operands) {
    return as(op, operands, out);
  }

  List<Node> as(Op op, List<String> operands, List<String> results) {
    return List.of(new Node(name, op, trimmed(operands), results));
  }

  /// The node as it is: a form that does not map.
  List<Node> opaque() {
    made.clear();
    return List.of(new Node(name, new Opaque(domain, operator, attributeBytes, captures), in, out));
  }

  /// No node: its only result is this constant.
  List<Node> constant(Tensor tensor) {
    made.put(out.getFirst(), tensor);
    return List.of();
  }

  /// A new constant; its name.
  String constant(String suffix, Tensor tensor) {
    String fresh = fresh(suffix);
    made.put(fresh, tensor);
    return fresh;
  }

  /// A scalar of the type of the first operand, float32 where that is not known.
  String scalarLike(String suffix, float value) {
    var type = dtype(0).filter(DataType::isFloat).orElse(DataType.FLOAT32);
    return constant(suffix, TensorWriter.scalar(type, value));
  }

  String fresh(String suffix) {
    return scope.fresh(name + "." + suffix);
  }

  String operand(int index) {
    return index < in.size() ? in.get(index) : "";
  }

  boolean has(int index) {
    return !operand(index).isEmpty();
  }

  /// The constant that an operand is.
  Optional<Tensor> constantAt(int index) {
    return has(index) ? scope.constant(operand(index)) : Optional.empty();
  }

  /// The whole numbers of a constant operand.
  Optional<List<Long>> numbersAt(int index) {
    return constantAt(index)
        .filter(t -> t.dtype() == DataType.INT64 || t.dtype() == DataType.INT32)
        .map(t -> {
          List<Long> numbers = new ArrayList<>();
          for (long number : t.longs()) {
            numbers.add(number);
          }
          return numbers;
        });
  }

  Optional<DataType> dtype(int index) {
    return has(index) ? scope.dtype(operand(index)) : Optional.empty();
  }

  /// The extents of an operand as far as the file states them.
  Shape shape(int index) {
    return scope.type(operand(index)).map(TensorType::shape).orElse(Shape.UNRANKED);
  }

  /// Whether the node has a result at the index that something reads.
  boolean isRead(int result) {
    return result < out.size() && scope.read.contains(out.get(result));
  }

  /// Says that the result is the first operand under another name.
  void aliasOfOperand() {
    scope.alias(out.getFirst(), operand(0));
  }
}
