package dev.inward.onnx;

import dev.inward.graph.DataType;
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
import dev.inward.graph.Encoding;
import dev.inward.graph.Node;
import dev.inward.graph.Tensor;
import java.util.List;
import java.util.Map;

/// Elementwise operators.
final class ElementwiseDecoders {
  private static final Unary IDENTITY = new Unary(Unary.Function.IDENTITY);

  private ElementwiseDecoders() {}

  static void addTo(Map<OpKey, Decoder> table) {
    for (var function : Unary.Function.values()) {
      table.put(new OpKey("", Names.of(function), 7), f -> f.as(new Unary(function)));
    }
    for (var function : Binary.Function.values()) {
      table.put(new OpKey("", Names.of(function), 7), f -> f.as(new Binary(function)));
    }
    for (var function : Variadic.Function.values()) {
      table.put(new OpKey("", Names.of(function), 7), f -> f.as(new Variadic(function)));
    }
    table.put(new OpKey("", "Identity", 7), ElementwiseDecoders::identity);
    table.put(new OpKey("", "Mod", 7), ElementwiseDecoders::mod);
    table.put(new OpKey("", "BitShift", 7), ElementwiseDecoders::bitShift);
    table.put(new OpKey("", "Where", 7), f -> f.as(new Where()));
    table.put(new OpKey("", "Clip", 7), ElementwiseDecoders::clipByAttributes);
    table.put(new OpKey("", "Clip", 11), f -> f.as(new Clip()));
    table.put(new OpKey("", "Cast", 7), ElementwiseDecoders::cast);
    table.put(new OpKey("", "CastLike", 7), ElementwiseDecoders::castLike);
    table.put(
        new OpKey("", "LeakyRelu", 7), f -> f.as(new LeakyRelu(f.attributes.real("alpha", 0.01f))));
    table.put(new OpKey("", "Elu", 7), f -> f.as(new Elu(f.attributes.real("alpha", 1))));
    table.put(new OpKey("", "Selu", 7), ElementwiseDecoders::selu);
    table.put(new OpKey("", "Celu", 7), f -> f.as(new Celu(f.attributes.real("alpha", 1))));
    table.put(
        new OpKey("", "ThresholdedRelu", 7),
        f -> f.as(new ThresholdedRelu(f.attributes.real("alpha", 1))));
    table.put(
        new OpKey("", "HardSigmoid", 7),
        f ->
            f.as(
                new HardSigmoid(
                    f.attributes.real("alpha", 0.2f), f.attributes.real("beta", 0.5f))));
    table.put(
        new OpKey("", "Shrink", 7),
        f -> f.as(new Shrink(f.attributes.real("lambd", 0.5f), f.attributes.real("bias", 0))));
    table.put(new OpKey("", "Swish", 7), f -> f.as(new Swish(f.attributes.real("alpha", 1))));
    table.put(new OpKey("", "Gelu", 7), ElementwiseDecoders::gelu);
    table.put(new OpKey("", "Dropout", 7), ElementwiseDecoders::dropout);
    table.put(new OpKey(Decoders.MICROSOFT, "Gelu", 1), f -> f.as(new Gelu(false)));
    table.put(new OpKey(Decoders.MICROSOFT, "FastGelu", 1), f -> geluOfSum(f, new Gelu(true)));
    table.put(new OpKey(Decoders.MICROSOFT, "BiasGelu", 1), f -> geluOfSum(f, new Gelu(false)));
    table.put(
        new OpKey(Decoders.MICROSOFT, "QuickGelu", 1),
        f -> f.as(new Swish(f.attributes.real("alpha", 1.702f))));
  }

  private static List<Node> identity(Form form) {
    form.aliasOfOperand();
    return form.as(IDENTITY);
  }

  private static List<Node> mod(Form form) {
    return form.as(
        new Binary(
            form.attributes.flag("fmod", false) ? Binary.Function.FMOD : Binary.Function.MOD));
  }

  private static List<Node> bitShift(Form form) {
    return switch (form.attributes.text("direction").orElse("")) {
      case "LEFT" -> form.as(new Binary(Binary.Function.SHIFT_LEFT));
      case "RIGHT" -> form.as(new Binary(Binary.Function.SHIFT_RIGHT));
      default -> form.opaque();
    };
  }

  private static List<Node> clipByAttributes(Form form) {
    String low =
        form.attributes.has("min") ? form.scalarLike("min", form.attributes.real("min", 0)) : "";
    String high =
        form.attributes.has("max") ? form.scalarLike("max", form.attributes.real("max", 0)) : "";
    return form.as(new Clip(), List.of(form.operand(0), low, high));
  }

  /// A constant of a narrower float that is only widened becomes one tensor stored narrow.
  private static List<Node> cast(Form form) {
    form.attributes.ignore("saturate", "round_mode");
    var to = OnnxTypes.of(form.attributes.number("to", 0));
    if (to.isEmpty()) {
      return form.opaque();
    }
    var constant = form.constantAt(0).orElse(null);
    if (to.get() == DataType.FLOAT32
        && constant != null
        && constant.encoding() instanceof Encoding.Dense dense
        && dense.stored() == constant.dtype()
        && (dense.stored() == DataType.FLOAT16 || dense.stored() == DataType.BFLOAT16)) {
      return form.constant(new Tensor(DataType.FLOAT32, constant.dims(), dense));
    }
    return form.as(new Cast(to.get()));
  }

  private static List<Node> castLike(Form form) {
    form.attributes.ignore("saturate", "round_mode");
    var to = form.dtype(1);
    return to.isEmpty() ? form.opaque() : form.as(new Cast(to.get()), List.of(form.operand(0)));
  }

  private static List<Node> selu(Form form) {
    return form.as(
        new Selu(
            form.attributes.real("alpha", 1.67326319217681884765625f),
            form.attributes.real("gamma", 1.05070102214813232421875f)));
  }

  private static List<Node> gelu(Form form) {
    return switch (form.attributes.text("approximate").orElse("none")) {
      case "none" -> form.as(new Gelu(false));
      case "tanh" -> form.as(new Gelu(true));
      default -> form.opaque();
    };
  }

  private static List<Node> geluOfSum(Form form, Gelu gelu) {
    if (!form.has(1)) {
      return form.as(gelu);
    }
    String sum = form.fresh("sum");
    return List.of(
        Node.of(new Binary(Binary.Function.ADD), form.in, sum),
        new Node(form.name, gelu, List.of(sum), form.out));
  }

  /// Outside training nothing is dropped.
  private static List<Node> dropout(Form form) {
    form.attributes.ignore("ratio", "seed");
    boolean trains = form.has(2) && form.constantAt(2).map(t -> t.longs()[0] != 0).orElse(true);
    if (trains || form.isRead(1)) {
      return form.opaque();
    }
    form.aliasOfOperand();
    return form.as(IDENTITY, List.of(form.operand(0)), form.out.subList(0, 1));
  }
}
