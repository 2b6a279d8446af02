package dev.inward.onnx;

import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Node;
import dev.inward.graph.Reduction.ArgReduce;
import dev.inward.graph.Reduction.CumSum;
import dev.inward.graph.Reduction.Reduce;
import dev.inward.graph.Reduction.TopK;
import dev.inward.graph.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reductions.
final class ReductionDecoders {
  private ReductionDecoders() {}

  static void addTo(Map<OpKey, Decoder> table) {
    for (var function : Reduce.Function.values()) {
      String operator = new Reduce(function, List.of(), true).name();
      table.put(
          new OpKey("", operator, 7),
          f ->
              f.as(
                  new Reduce(
                      function,
                      f.attributes.numbers("axes"),
                      f.attributes.flag("keepdims", true))));
      table.put(
          new OpKey("", operator, function == Reduce.Function.SUM ? 13 : 18),
          f -> byOperand(f, function));
    }
    table.put(new OpKey("", "ArgMax", 7), f -> arg(f, true));
    table.put(new OpKey("", "ArgMin", 7), f -> arg(f, false));
    table.put(new OpKey("", "TopK", 7), ReductionDecoders::topKByAttribute);
    table.put(new OpKey("", "TopK", 10), ReductionDecoders::topK);
    table.put(
        new OpKey("", "CumSum", 7),
        f ->
            f.as(
                new CumSum(
                    f.attributes.flag("exclusive", false), f.attributes.flag("reverse", false))));
  }

  private static List<Node> byOperand(Form form, Reduce.Function function) {
    boolean keep = form.attributes.flag("keepdims", true);
    boolean emptyIsNone = form.attributes.flag("noop_with_empty_axes", false);
    var axes = form.has(1) ? form.numbersAt(1) : Optional.of(List.<Long>of());
    if (axes.isEmpty()) {
      return form.opaque();
    }
    var data = List.of(form.operand(0));
    if (axes.get().isEmpty() && emptyIsNone) {
      return switch (function) {
        case SUM, MEAN, MAX, MIN, PROD -> form.as(new Unary(Unary.Function.IDENTITY), data);
        case L1, L2, LOG_SUM, LOG_SUM_EXP, SUM_SQUARE -> form.opaque();
      };
    }
    return form.as(new Reduce(function, axes.get(), keep), data);
  }

  private static List<Node> arg(Form form, boolean largest) {
    return form.as(
        new ArgReduce(
            largest,
            form.attributes.number("axis", 0),
            form.attributes.flag("keepdims", true),
            form.attributes.flag("select_last_index", false)));
  }

  private static List<Node> topKByAttribute(Form form) {
    String k = form.constant("k", Tensor.vector(form.attributes.number("k", 1)));
    return form.as(
        new TopK(form.attributes.number("axis", -1), true, true), List.of(form.operand(0), k));
  }

  private static List<Node> topK(Form form) {
    return form.as(
        new TopK(
            form.attributes.number("axis", -1),
            form.attributes.flag("largest", true),
            form.attributes.flag("sorted", true)));
  }
}
