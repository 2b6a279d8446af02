package dev.inward.onnx;

import dev.inward.graph.Node;
import dev.inward.graph.Reduction;
import dev.inward.graph.Reduction.ArgReduce;
import dev.inward.graph.Reduction.CumSum;
import dev.inward.graph.Reduction.Reduce;
import dev.inward.graph.Reduction.TopK;
import java.util.List;

/// Reductions in ONNX.
final class ReductionWriter {
  private ReductionWriter() {}

  static void write(Emit emit, Node node, Reduction op) {
    switch (op) {
      case Reduce reduce -> reduce(emit, node, reduce);
      case ArgReduce(_, long axis, boolean keep, boolean last) ->
          emit.as(
              node,
              op.name(),
              Attrs.none()
                  .number("axis", axis)
                  .flag("keepdims", keep)
                  .flag("select_last_index", last));
      case TopK(long axis, boolean largest, boolean sorted) ->
          emit.as(
              node,
              "TopK",
              Attrs.none().number("axis", axis).flag("largest", largest).flag("sorted", sorted));
      case CumSum(boolean exclusive, boolean reverse) ->
          emit.as(
              node, "CumSum", Attrs.none().flag("exclusive", exclusive).flag("reverse", reverse));
    }
  }

  private static void reduce(Emit emit, Node node, Reduce reduce) {
    var attributes = Attrs.none().flag("keepdims", reduce.keepDims());
    int byOperand = reduce.function() == Reduce.Function.SUM ? 13 : 18;
    if (emit.opset < byOperand) {
      emit.as(node, reduce.name(), attributes.numbers("axes", reduce.axes()));
    } else if (reduce.axes().isEmpty()) {
      emit.as(node, reduce.name(), attributes);
    } else {
      String axes = emit.constant(node, "axes", MovementDecoders.vector(reduce.axes()));
      emit.as(node, reduce.name(), List.of(node.operand(0), axes), attributes);
    }
  }
}
