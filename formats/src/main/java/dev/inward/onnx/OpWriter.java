package dev.inward.onnx;

import dev.inward.graph.Elementwise;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Opaque;
import dev.inward.graph.Product;
import dev.inward.graph.Quantization;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Recurrent.Kind;
import dev.inward.graph.Reduction;
import dev.inward.graph.Windowed;
import java.util.Locale;

/// Every op in ONNX.
final class OpWriter {
  private OpWriter() {}

  static void write(Emit emit, Node node) {
    switch (node.op()) {
      case Elementwise op -> ElementwiseWriter.write(emit, node, op);
      case Product op -> ProductWriter.write(emit, node, op);
      case Windowed op -> WindowedWriter.write(emit, node, op);
      case Normalization op -> NormalizationWriter.write(emit, node, op);
      case Reduction op -> ReductionWriter.write(emit, node, op);
      case Movement op -> MovementWriter.write(emit, node, op);
      case Quantization op -> QuantizationWriter.write(emit, node, op);
      case Recurrent op -> recurrent(emit, node, op);
      case Opaque(var domain, var operator, var attributes, _) ->
          emit.node(
              domain,
              operator,
              node.name(),
              node.in(),
              node.out(),
              Attrs.none().raw(attributes.bytes()));
    }
  }

  private static void recurrent(Emit emit, Node node, Recurrent cell) {
    var attributes =
        Attrs.none()
            .text("direction", cell.direction().name().toLowerCase(Locale.ROOT))
            .number("hidden_size", cell.hidden())
            .texts("activations", cell.activations())
            .reals("activation_alpha", cell.alphas())
            .reals("activation_beta", cell.betas());
    cell.clip().ifPresent(c -> attributes.real("clip", (float) c));
    if (cell.kind() == Kind.GRU) {
      attributes.flag("linear_before_reset", cell.resetAfter());
    }
    if (cell.kind() == Kind.LSTM) {
      attributes.flag("input_forget", cell.coupled());
    }
    if (cell.batchFirst()) {
      attributes.number("layout", 1);
    }
    emit.as(node, cell.kind().name(), attributes);
  }
}
