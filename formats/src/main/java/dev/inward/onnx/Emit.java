package dev.inward.onnx;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.protobuf.WireWriter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Collects the nodes and initialisers of a graph that is written.
final class Emit {
  final Graph graph;

  /// The opset of ONNX's own operators by which the file is to be read.
  final int opset;

  final WireWriter nodes = new WireWriter();
  final WireWriter initializers = new WireWriter();

  /// What is written otherwise than it is encoded, in words.
  final List<String> notes = new ArrayList<>();

  final TensorWriter tensors;
  private final Set<String> taken = new HashSet<>();

  Emit(Graph graph, int opset, TensorWriter tensors) {
    this.graph = graph;
    this.opset = opset;
    this.tensors = tensors;
    graph.inputs().forEach(i -> taken.add(i.name()));
    taken.addAll(graph.constants().keySet());
    graph.nodes().forEach(n -> taken.addAll(n.out()));
  }

  String fresh(String wanted) {
    String name = wanted;
    for (int i = 1; !taken.add(name); i++) {
      name = wanted + "." + i;
    }
    return name;
  }

  DataType dtype(String value) {
    return graph.type(value).map(TensorType::dtype).orElse(DataType.FLOAT32);
  }

  Shape shape(String value) {
    return graph.shape(value);
  }

  /// A new initialiser that helps a node; its name.
  String constant(Node node, String suffix, Tensor tensor) {
    String name = fresh(node.name() + "." + suffix);
    initializers.message(5, tensors.dense(name, tensor));
    return name;
  }

  /// A new scalar of the type of a value.
  String scalar(Node node, String suffix, String like, float value) {
    return constant(node, suffix, real(node, like, value));
  }

  /// A scalar of the type of a value, which must be a float.
  Tensor real(Node node, String like, float value) {
    var type = dtype(like);
    if (!type.isFloat()) {
      throw UnsupportedException.at(
          "node '" + node.name() + "'",
          "%s of %s is not written to ONNX",
          node.op().name(),
          type.text());
    }
    return TensorWriter.scalar(type, value);
  }

  /// A node on the way to another; the name of its result.
  String step(Node node, String suffix, String operator, List<String> in, Attrs attributes) {
    String out = fresh(node.name() + "." + suffix);
    node("", operator, out, in, List.of(out), attributes);
    return out;
  }

  String step(Node node, String suffix, String operator, String... in) {
    return step(node, suffix, operator, List.of(in), Attrs.none());
  }

  /// The node itself, with its operands and results.
  void as(Node node, String operator, Attrs attributes) {
    as(node, operator, node.in(), attributes);
  }

  void as(Node node, String operator) {
    as(node, operator, Attrs.none());
  }

  /// The node itself, with other operands. Those that are left out at the end are not written: the
  /// runtime's LayerNormalization reads through a null pointer where its bias is the empty name.
  void as(Node node, String operator, List<String> in, Attrs attributes) {
    int last = in.size();
    while (last > 0 && in.get(last - 1).isEmpty()) {
      last--;
    }
    node("", operator, node.name(), in.subList(0, last), node.out(), attributes);
  }

  void node(
      String domain,
      String operator,
      String name,
      List<String> in,
      List<String> out,
      Attrs attributes) {
    var proto = new WireWriter();
    in.forEach(i -> proto.string(1, i));
    out.forEach(o -> proto.string(2, o));
    proto.string(3, name).string(4, operator).raw(attributes.bytes());
    if (!domain.isEmpty()) {
      proto.string(7, domain);
    }
    nodes.message(1, proto);
  }
}
