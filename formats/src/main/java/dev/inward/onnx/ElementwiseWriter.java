package dev.inward.onnx;

import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Cast;
import dev.inward.graph.Elementwise.Celu;
import dev.inward.graph.Elementwise.Clip;
import dev.inward.graph.Elementwise.Elu;
import dev.inward.graph.Elementwise.Gelu;
import dev.inward.graph.Elementwise.HardSigmoid;
import dev.inward.graph.Elementwise.LeakyRelu;
import dev.inward.graph.Elementwise.Selu;
import dev.inward.graph.Elementwise.Shrink;
import dev.inward.graph.Elementwise.Swish;
import dev.inward.graph.Elementwise.ThresholdedRelu;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Elementwise.Variadic;
import dev.inward.graph.Elementwise.Where;
import dev.inward.graph.Node;
import java.util.List;

/// Elementwise ops in ONNX.
final class ElementwiseWriter {
  private ElementwiseWriter() {}

  static void write(Emit emit, Node node, Elementwise op) {
    switch (op) {
      case Unary(var function) -> emit.as(node, Names.of(function));
      case Binary(var function) -> emit.as(node, Names.of(function), of(function));
      case Variadic(var function) -> emit.as(node, Names.of(function));
      case Where() -> emit.as(node, "Where");
      case Clip() -> emit.as(node, "Clip");
      case Cast(var to) -> emit.as(node, "Cast", Attrs.none().number("to", OnnxTypes.code(to)));
      case LeakyRelu(float alpha) -> emit.as(node, "LeakyRelu", alpha(alpha));
      case Elu(float alpha) -> emit.as(node, "Elu", alpha(alpha));
      case Selu(float alpha, float gamma) ->
          emit.as(node, "Selu", alpha(alpha).real("gamma", gamma));
      case Celu(float alpha) -> emit.as(node, "Celu", alpha(alpha));
      case ThresholdedRelu(float alpha) -> emit.as(node, "ThresholdedRelu", alpha(alpha));
      case HardSigmoid(float alpha, float beta) ->
          emit.as(node, "HardSigmoid", alpha(alpha).real("beta", beta));
      case Shrink(float lambda, float bias) ->
          emit.as(node, "Shrink", Attrs.none().real("lambd", lambda).real("bias", bias));
      case Swish(float alpha) -> swish(emit, node, alpha);
      case Gelu(boolean tanh) -> gelu(emit, node, tanh);
    }
  }

  private static Attrs alpha(float alpha) {
    return Attrs.none().real("alpha", alpha);
  }

  private static Attrs of(Binary.Function function) {
    return switch (function) {
      case FMOD -> Attrs.none().number("fmod", 1);
      case SHIFT_LEFT -> Attrs.none().text("direction", "LEFT");
      case SHIFT_RIGHT -> Attrs.none().text("direction", "RIGHT");
      default -> Attrs.none();
    };
  }

  /// An operator of its own only from opset 24 on.
  private static void swish(Emit emit, Node node, float alpha) {
    if (emit.opset >= 24) {
      emit.as(node, "Swish", alpha(alpha));
      return;
    }
    String x = node.operand(0);
    String scaled =
        alpha == 1 ? x : emit.step(node, "scaled", "Mul", x, emit.scalar(node, "alpha", x, alpha));
    String gate = emit.step(node, "gate", "Sigmoid", scaled);
    emit.as(node, "Mul", List.of(x, gate), Attrs.none());
  }

  /// An operator of its own from opset 20 on; before, in the steps that the runtime knows again.
  private static void gelu(Emit emit, Node node, boolean tanh) {
    if (emit.opset >= 20) {
      emit.as(node, "Gelu", Attrs.none().text("approximate", tanh ? "tanh" : "none"));
      return;
    }
    String x = node.operand(0);
    String half = emit.scalar(node, "half", x, 0.5f);
    String one = emit.scalar(node, "one", x, 1);
    if (!tanh) {
      String root = emit.scalar(node, "root", x, (float) Math.sqrt(2));
      String scaled = emit.step(node, "scaled", "Div", x, root);
      String erf = emit.step(node, "erf", "Erf", scaled);
      String sum = emit.step(node, "sum", "Add", erf, one);
      String product = emit.step(node, "product", "Mul", x, sum);
      emit.as(node, "Mul", List.of(product, half), Attrs.none());
      return;
    }
    String cubic = emit.scalar(node, "cubic", x, 0.044715f);
    String root = emit.scalar(node, "root", x, (float) Math.sqrt(2 / Math.PI));
    String three = emit.scalar(node, "three", x, 3);
    String cube = emit.step(node, "cube", "Pow", x, three);
    String small = emit.step(node, "small", "Mul", cube, cubic);
    String inner = emit.step(node, "inner", "Add", x, small);
    String scaled = emit.step(node, "scaled", "Mul", inner, root);
    String bent = emit.step(node, "bent", "Tanh", scaled);
    String sum = emit.step(node, "sum", "Add", bent, one);
    String product = emit.step(node, "product", "Mul", x, sum);
    emit.as(node, "Mul", List.of(product, half), Attrs.none());
  }
}
