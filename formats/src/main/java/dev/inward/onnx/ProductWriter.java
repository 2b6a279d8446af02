package dev.inward.onnx;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Node;
import dev.inward.graph.Product;
import dev.inward.graph.Product.Attention;
import dev.inward.graph.Product.Einsum;
import dev.inward.graph.Product.Gemm;
import dev.inward.graph.Product.Linear;
import dev.inward.graph.Product.MatMul;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// Products in ONNX.
final class ProductWriter {
  private ProductWriter() {}

  static void write(Emit emit, Node node, Product op) {
    switch (op) {
      case MatMul() -> emit.as(node, "MatMul");
      case Linear() -> {
        String product = emit.step(node, "product", "MatMul", node.operand(0), node.operand(1));
        emit.as(node, "Add", List.of(product, node.operand(2)), Attrs.none());
      }
      case Gemm(float alpha, float beta, boolean transA, boolean transB) ->
          emit.as(
              node,
              "Gemm",
              Attrs.none()
                  .real("alpha", alpha)
                  .real("beta", beta)
                  .flag("transA", transA)
                  .flag("transB", transB));
      case Einsum(String equation) ->
          emit.as(node, "Einsum", Attrs.none().text("equation", equation));
      case Attention attention -> attention(emit, node, attention);
    }
  }

  private static void attention(Emit emit, Node node, Attention op) {
    String query = node.operand(0);
    String scores =
        emit.step(node, "scores", "MatMul", query, transposed(emit, node, node.operand(1)));
    scores = emit.step(node, "scaled", "Mul", scores, scale(emit, node, op, query));
    String low = "";
    if (op.causal() || node.has(3) && emit.dtype(node.operand(3)) == DataType.BOOL) {
      low = emit.scalar(node, "low", query, Float.NEGATIVE_INFINITY);
    }
    if (op.causal()) {
      scores = emit.step(node, "causal", "Where", past(emit, node, scores), scores, low);
    }
    if (node.has(3)) {
      checkMask(emit, node, query);
      scores =
          emit.dtype(node.operand(3)) == DataType.BOOL
              ? emit.step(node, "masked", "Where", node.operand(3), scores, low)
              : emit.step(node, "masked", "Add", scores, node.operand(3));
    }
    String weights =
        emit.step(node, "weights", "Softmax", List.of(scores), Attrs.none().number("axis", -1));
    emit.as(node, "MatMul", List.of(weights, node.operand(2)), Attrs.none());
  }

  private static void checkMask(Emit emit, Node node, String query) {
    DataType mask = emit.dtype(node.operand(3));
    if (mask != DataType.BOOL && mask != emit.dtype(query)) {
      throw UnsupportedException.at(
          "node '" + node.name() + "'",
          "an Attention over %s with a mask of %s is not written to ONNX",
          emit.dtype(query).text(),
          mask.text());
    }
  }

  private static String transposed(Emit emit, Node node, String key) {
    var shape = emit.shape(key);
    if (!shape.ranked()) {
      throw UnsupportedException.at(
              "node '" + node.name() + "'", "an Attention over a key without rank is not written")
          .hint("bind the inputs' shapes first");
    }
    List<Long> axes = new ArrayList<>();
    for (long i = 0; i < shape.rank(); i++) {
      axes.add(i);
    }
    Collections.swap(axes, axes.size() - 1, axes.size() - 2);
    return emit.step(node, "key", "Transpose", List.of(key), Attrs.none().numbers("perm", axes));
  }

  private static String scale(Emit emit, Node node, Attention op, String query) {
    if (op.scale().isPresent()) {
      return emit.scalar(node, "scale", query, (float) op.scale().getAsDouble());
    }
    var shape = emit.shape(query);
    if (shape.ranked() && shape.dim(-1) instanceof Dim.Known(long size)) {
      return emit.scalar(node, "scale", query, (float) (1 / Math.sqrt(size)));
    }
    String last = emit.constant(node, "last", Tensor.scalar(-1L));
    String extents = emit.step(node, "extents", "Shape", query);
    String size =
        emit.step(node, "size", "Gather", List.of(extents, last), Attrs.none().number("axis", 0));
    String real =
        emit.step(
            node,
            "real",
            "Cast",
            List.of(size),
            Attrs.none().number("to", OnnxTypes.code(emit.dtype(query))));
    String root = emit.step(node, "sqrt", "Sqrt", real);
    return emit.step(node, "scale", "Reciprocal", root);
  }

  /// True where the key stands at or before the query: the lower triangle of the last two axes.
  private static String past(Emit emit, Node node, String scores) {
    String from = emit.constant(node, "from", Tensor.vector(-2));
    String to = emit.constant(node, "to", Tensor.vector(Long.MAX_VALUE));
    String extents = emit.step(node, "all", "Shape", scores);
    String square = emit.step(node, "square", "Slice", extents, from, to);
    String ones =
        emit.step(
            node,
            "ones",
            "ConstantOfShape",
            List.of(square),
            Attrs.none().tensor("value", Tensor.ofFloats(List.of(1L), 1)));
    String lower =
        emit.step(node, "lower", "Trilu", List.of(ones), Attrs.none().number("upper", 0));
    return emit.step(
        node,
        "past",
        "Cast",
        List.of(lower),
        Attrs.none().number("to", OnnxTypes.code(DataType.BOOL)));
  }
}
