package dev.inward.workbench;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;

/// Makes every float16 value of a graph float32, such as those of a package that computes in
/// float16. Weights stay stored as they are.
final class Widening {
  private Widening() {}

  /// Whether a graph has float16 values.
  static boolean applies(Graph graph) {
    return graph.inputs().stream().anyMatch(i -> i.type().dtype() == DataType.FLOAT16)
        || graph.nodes().stream()
            .flatMap(n -> n.out().stream())
            .flatMap(v -> graph.type(v).stream())
            .anyMatch(t -> t.dtype() == DataType.FLOAT16);
  }

  static Graph of(Graph graph) {
    var wide = Graph.builder(graph.name());
    graph.inputs().forEach(i -> wide.input(i.name(), wide(i.type())));
    graph.outputs().forEach(wide::output);
    graph.constants().forEach((name, tensor) -> wide.constant(name, wide(tensor)));
    for (Node node : graph.nodes()) {
      wide.node(new Node(node.name(), wide(node.op()), node.in(), node.out()));
    }
    graph.declared().forEach((name, type) -> wide.declare(name, wide(type)));
    graph.opsets().forEach(wide::opset);
    graph.metadata().forEach(wide::metadata);
    return wide.build();
  }

  private static TensorType wide(TensorType type) {
    return type.dtype() == DataType.FLOAT16 ? new TensorType(DataType.FLOAT32, type.shape()) : type;
  }

  private static Op wide(Op op) {
    return switch (op) {
      case Elementwise.Cast(var to) when to == DataType.FLOAT16 ->
          new Elementwise.Cast(DataType.FLOAT32);
      case Movement.ConstantOfShape(var value) -> new Movement.ConstantOfShape(wide(value));
      default -> op;
    };
  }

  /// The readers see float32; what is stored stays.
  private static Tensor wide(Tensor tensor) {
    if (tensor.dtype() != DataType.FLOAT16) {
      return tensor;
    }
    return new Tensor(DataType.FLOAT32, tensor.dims(), wide(tensor.encoding()));
  }

  private static Encoding wide(Encoding encoding) {
    return switch (encoding) {
      case Encoding.Dense dense -> dense;
      case Encoding.Affine(var codes, var data, var scale, var zeroPoint) ->
          new Encoding.Affine(codes, data, wide(scale), zeroPoint);
      case Encoding.Palette(var bits, var indices, var table) ->
          new Encoding.Palette(bits, indices, wide(table));
      case Encoding.Vectors(var bits, var indices, var table, var axis) ->
          new Encoding.Vectors(bits, indices, wide(table), axis);
      case Encoding.Scaled(var values, var scale) -> new Encoding.Scaled(wide(values), wide(scale));
      case Encoding.Sparse(var mask, var count, var values) ->
          new Encoding.Sparse(mask, count, wide(values));
    };
  }
}
