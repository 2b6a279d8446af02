package dev.inward.onnx;

import dev.inward.graph.Node;
import dev.inward.graph.Product.Attention;
import dev.inward.graph.Product.Einsum;
import dev.inward.graph.Product.Gemm;
import dev.inward.graph.Product.MatMul;
import dev.inward.graph.Shape;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// Products.
final class ProductDecoders {
  private ProductDecoders() {}

  static void addTo(Map<OpKey, Decoder> table) {
    table.put(new OpKey("", "MatMul", 7), f -> f.as(new MatMul()));
    table.put(new OpKey("", "Gemm", 7), ProductDecoders::gemm);
    table.put(new OpKey("", "Einsum", 7), ProductDecoders::einsum);
    table.put(new OpKey("", "Attention", 23), ProductDecoders::attention);
  }

  private static List<Node> gemm(Form form) {
    return form.as(
        new Gemm(
            form.attributes.real("alpha", 1),
            form.attributes.real("beta", 1),
            form.attributes.flag("transA", false),
            form.attributes.flag("transB", false)));
  }

  private static List<Node> einsum(Form form) {
    return form.attributes.text("equation").map(e -> form.as(new Einsum(e))).orElse(form.opaque());
  }

  /// Only the form with separate heads (four axes), as many of keys and values as of queries,
  /// without a past and without a cap.
  private static List<Node> attention(Form form) {
    var query = form.shape(0);
    boolean plain =
        isHeads(query, query)
            && isHeads(form.shape(1), query)
            && isHeads(form.shape(2), query)
            && form.attributes.number("q_num_heads").isEmpty()
            && form.attributes.number("kv_num_heads").isEmpty()
            && form.attributes.real("softcap", 0) == 0
            && form.attributes.number("softmax_precision").isEmpty()
            && form.in.size() <= 4
            && form.out.size() == 1;
    form.attributes.ignore("qk_matmul_output_mode");
    if (!plain) {
      return form.opaque();
    }
    var scale =
        form.attributes.has("scale")
            ? OptionalDouble.of(form.attributes.real("scale", 0))
            : OptionalDouble.empty();
    return form.as(new Attention(scale, form.attributes.flag("is_causal", false)));
  }

  /// Whether a value has batch and heads as the query has.
  private static boolean isHeads(Shape shape, Shape query) {
    return shape.ranked()
        && shape.rank() == 4
        && shape.dims().subList(0, 2).equals(query.dims().subList(0, 2));
  }
}
