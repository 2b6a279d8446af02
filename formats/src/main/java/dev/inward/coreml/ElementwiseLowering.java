package dev.inward.coreml;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import java.util.List;

/// Writes the ops that work element by element.
final class ElementwiseLowering {
  private ElementwiseLowering() {}

  static void lower(Site site, Elementwise op) {
    switch (op) {
      case Elementwise.Unary(var function) -> unary(site, function);
      case Elementwise.Binary(var function) -> binary(site, function);
      case Elementwise.Variadic(var function) -> variadic(site, function);
      case Elementwise.Where _ -> where(site);
      case Elementwise.Clip _ -> clip(site);
      case Elementwise.Cast(var to) -> cast(site, to);
      case Elementwise.LeakyRelu(var alpha) -> alpha(site, "leaky_relu", alpha);
      case Elementwise.Elu(var alpha) -> alpha(site, "elu", alpha);
      case Elementwise.Selu(var alpha, var gamma) -> {
        Mil.Var elu =
            site.step("elu", "elu")
                .in("x", site.x(0))
                .number("alpha", site.real, alpha)
                .gives(site.real, site.dims(0));
        site.done(site.op("mul").in("x", elu).in("y", site.scalar("gamma", gamma)));
      }
      case Elementwise.Celu(var alpha) -> {
        Mil.Var inner = site.apply("mul", "inner", site.x(0), site.scalar("inverse", 1.0 / alpha));
        Mil.Var elu =
            site.step("elu", "elu")
                .in("x", inner)
                .number("alpha", site.real, 1)
                .gives(site.real, site.dims(0));
        site.done(site.op("mul").in("x", elu).in("y", site.scalar("alpha", alpha)));
      }
      case Elementwise.ThresholdedRelu(var alpha) -> {
        // The op thresholded_relu keeps x where it equals alpha; ONNX gives 0 there.
        Mil.Var above = site.compare("greater", "above", site.x(0), site.scalar("alpha", alpha));
        site.done(
            site.op("select").in("cond", above).in("a", site.x(0)).in("b", site.scalar("zero", 0)));
      }
      case Elementwise.HardSigmoid(var alpha, var beta) ->
          site.done(
              site.op("sigmoid_hard")
                  .in("x", site.x(0))
                  .number("alpha", site.real, alpha)
                  .number("beta", site.real, beta));
      case Elementwise.Shrink(var lambda, var bias) -> shrink(site, lambda, bias);
      case Elementwise.Swish(var alpha) -> {
        if (alpha == 1) {
          site.done(site.op("silu").in("x", site.x(0)));
        } else {
          Mil.Var scaled = site.apply("mul", "scaled", site.x(0), site.scalar("alpha", alpha));
          Mil.Var gate = site.apply("sigmoid", "gate", scaled);
          site.done(site.op("mul").in("x", site.x(0)).in("y", gate));
        }
      }
      case Elementwise.Gelu(var tanh) ->
          site.done(
              site.op("gelu")
                  .in("x", site.x(0))
                  .text("mode", tanh ? "TANH_APPROXIMATION" : "EXACT"));
    }
  }

  /// The condition is not to have more elements than what is chosen from.
  private static void where(Site site) {
    Mil.Var a = site.x(1);
    Mil.Var b = site.x(2);
    List<Long> dims = site.resultDims();
    if (Mil.isKnown(dims) && !Site.broadcast(a.dims(), b.dims()).equals(dims)) {
      b = site.spread("spread", b, dims);
    }
    site.done(site.op("select").in("cond", site.x(0)).in("a", a).in("b", b));
  }

  private static void alpha(Site site, String type, float alpha) {
    site.done(site.op(type).in("x", site.x(0)).number("alpha", site.real, alpha));
  }

  private static boolean isReal(Site site, int operand) {
    return site.lowering.graph.typeOf(site.node.operand(operand)).dtype().isFloat();
  }

  private static void unary(Site site, Elementwise.Unary.Function function) {
    Mil.Var x = site.x(0);
    switch (function) {
      case IDENTITY -> site.alias(x);
      case ABS -> plain(site, "abs");
      case SIGN -> plain(site, "sign");
      case NEG -> {
        Mil.Var minus = isReal(site, 0) ? site.scalar("minus", -1) : site.whole("minus", -1);
        site.done(site.op("mul").in("x", x).in("y", minus));
      }
      case EXP -> plain(site, "exp");
      // The default epsilon of 1e-45 would make log(0) a number; 0 makes it the ONNX function.
      case LOG -> site.done(site.op("log").in("x", x).number("epsilon", site.real, 0));
      case SQRT -> plain(site, "sqrt");
      // Not `inverse`: that adds an epsilon of 1e-4.
      case RECIPROCAL -> site.done(site.op("real_div").in("x", site.scalar("one", 1)).in("y", x));
      case FLOOR -> plain(site, "floor");
      case CEIL -> plain(site, "ceil");
      case ROUND -> plain(site, "round");
      case ERF -> plain(site, "erf");
      case SIN -> plain(site, "sin");
      case COS -> plain(site, "cos");
      case TAN -> plain(site, "tan");
      case ASIN -> plain(site, "asin");
      case ACOS -> plain(site, "acos");
      case ATAN -> plain(site, "atan");
      case SINH -> plain(site, "sinh");
      case COSH -> plain(site, "cosh");
      case ATANH -> plain(site, "atanh");
      case ASINH -> {
        // sign(x) * log(|x| + sqrt(x*x + 1)): without the sign, large negative x would cancel.
        Mil.Var size = site.apply("abs", "size", x);
        Mil.Var log = logOfSum(site, size, 1);
        site.done(site.op("mul").in("x", site.apply("sign", "sign", x)).in("y", log));
      }
      case ACOSH -> {
        Mil.Var root = rootOfSquare(site, x, -1);
        site.done(
            site.op("log")
                .in("x", site.apply("add", "sum", x, root))
                .number("epsilon", site.real, 0));
      }
      case RELU -> {
        if (isReal(site, 0)) {
          plain(site, "relu");
        } else {
          site.done(site.op("maximum").in("x", x).in("y", site.whole("zero", 0)));
        }
      }
      case SIGMOID -> plain(site, "sigmoid");
      case TANH -> plain(site, "tanh");
      case SOFTPLUS -> plain(site, "softplus");
      case SOFTSIGN -> plain(site, "softsign");
      case HARD_SWISH -> {
        Mil.Var gate =
            site.step("sigmoid_hard", "gate")
                .in("x", x)
                .number("alpha", site.real, 1 / 6.0)
                .number("beta", site.real, 0.5)
                .gives(x.type(), x.dims());
        site.done(site.op("mul").in("x", x).in("y", gate));
      }
      case MISH -> {
        Mil.Var gate = site.apply("tanh", "gate", site.apply("softplus", "softplus", x));
        site.done(site.op("mul").in("x", x).in("y", gate));
      }
      case NOT -> plain(site, "logical_not");
      case IS_NAN -> site.done(site.op("not_equal").in("x", x).in("y", x));
      case BITWISE_NOT -> BitLowering.not(site);
    }
  }

  private static void plain(Site site, String type) {
    site.done(site.op(type).in("x", site.x(0)));
  }

  private static Mil.Var rootOfSquare(Site site, Mil.Var x, double plus) {
    Mil.Var square = site.apply("mul", "square", x, x);
    return site.apply(
        "sqrt", "root", site.apply("add", "shifted", square, site.scalar("one", plus)));
  }

  private static Mil.Var logOfSum(Site site, Mil.Var x, double plus) {
    Mil.Var sum = site.apply("add", "sum", x, rootOfSquare(site, x, plus));
    return site.step("log", "log")
        .in("x", sum)
        .number("epsilon", site.real, 0)
        .gives(x.type(), x.dims());
  }

  private static void binary(Site site, Elementwise.Binary.Function function) {
    switch (function) {
      case ADD -> pair(site, "add");
      case SUB -> pair(site, "sub");
      case MUL -> pair(site, "mul");
      case DIV -> {
        if (isReal(site, 0)) {
          pair(site, "real_div");
        } else {
          truncatingDivision(site);
        }
      }
      case POW -> {
        Mil.Var x = site.x(0);
        Mil.Var exponent = site.x(1);
        if (!x.type().isFloat() && exponent.type().isFloat()) {
          Mil.Var real = site.cast(x, exponent.type(), "real");
          Mil.Var power = site.apply("pow", "power", real, exponent);
          site.done(site.op("cast").in("x", power).text("dtype", x.type().text()));
        } else {
          site.done(site.op("pow").in("x", x).in("y", site.cast(exponent, x.type(), "exponent")));
        }
      }
      case MOD -> pair(site, "mod");
      case FMOD -> {
        // Core ML's remainder has the sign of the divisor: take it of the sizes.
        Mil.Var rest =
            site.apply(
                "mod",
                "rest",
                site.apply("abs", "size", site.x(0)),
                site.apply("abs", "divisor", site.x(1)));
        site.done(site.op("mul").in("x", site.apply("sign", "sign", site.x(0))).in("y", rest));
      }
      case AND -> pair(site, "logical_and");
      case OR -> pair(site, "logical_or");
      case XOR -> pair(site, "logical_xor");
      case EQUAL -> {
        if (site.x(0).type() == MilType.BOOL) {
          Mil.Var differ = site.compare("logical_xor", "differ", site.x(0), site.x(1));
          site.done(site.op("logical_not").in("x", differ));
        } else {
          pair(site, "equal");
        }
      }
      case LESS -> pair(site, "less");
      case LESS_OR_EQUAL -> pair(site, "less_equal");
      case GREATER -> pair(site, "greater");
      case GREATER_OR_EQUAL -> pair(site, "greater_equal");
      case BITWISE_AND, BITWISE_OR, BITWISE_XOR, SHIFT_LEFT, SHIFT_RIGHT ->
          BitLowering.binary(site, function);
      case PRELU -> prelu(site);
    }
  }

  private static void pair(Site site, String type) {
    site.done(site.op(type).in("x", site.x(0)).in("y", site.x(1)));
  }

  /// ONNX cuts the quotient of whole numbers towards zero; `floor_div` rounds down. One is added
  /// where the signs differ and something is left over.
  private static void truncatingDivision(Site site) {
    Mil.Var x = site.x(0);
    Mil.Var y = site.x(1);
    Mil.Var zero = site.whole("zero", 0);
    Mil.Var down = site.apply("floor_div", "down", x, y);
    Mil.Var rest = site.apply("sub", "rest", x, site.apply("mul", "back", down, y));
    Mil.Var left = site.compare("not_equal", "left", rest, zero);
    Mil.Var differ =
        site.compare(
            "logical_xor",
            "signs",
            site.compare("less", "below", x, zero),
            site.compare("less", "divisor_below", y, zero));
    Mil.Var up = site.compare("logical_and", "up", left, differ);
    site.done(site.op("add").in("x", down).in("y", site.cast(up, MilType.INT32, "correction")));
  }

  private static void prelu(Site site) {
    Mil.Var x = site.x(0);
    var slope = site.constant(1);
    if (slope.isPresent() && slope.get().elements() == 1) {
      alpha(site, "leaky_relu", slope.get().floats()[0]);
      return;
    }
    List<Long> shape = site.dims(1);
    boolean perChannel =
        slope.isPresent()
            && x.rank() >= 3
            && shape.size() == x.rank() - 1
            && shape.getFirst() == x.dim(1)
            && slope.get().elements() == x.dim(1);
    if (perChannel) {
      Mil.Var alpha = site.tensor("alpha", slope.get().withDims(List.of(x.dim(1))));
      site.done(site.op("prelu").in("x", x).in("alpha", alpha));
      return;
    }
    Mil.Var zero = site.scalar("zero", 0);
    Mil.Var below = site.apply("mul", "sloped", site.apply("minimum", "below", x, zero), site.x(1));
    site.done(site.op("add").in("x", site.apply("relu", "above", x)).in("y", below));
  }

  private static void variadic(Site site, Elementwise.Variadic.Function function) {
    String type =
        switch (function) {
          case MAX -> "maximum";
          case MIN -> "minimum";
          case SUM, MEAN -> "add";
        };
    int count = site.node.in().size();
    boolean mean = function == Elementwise.Variadic.Function.MEAN;
    Mil.Var sum = site.x(0);
    for (int i = 1; i < count; i++) {
      if (i == count - 1 && !mean) {
        site.done(site.op(type).in("x", sum).in("y", site.x(i)));
        return;
      }
      sum = site.apply(type, "part", sum, site.x(i));
    }
    if (mean) {
      site.done(site.op("mul").in("x", sum).in("y", site.scalar("share", 1.0 / count)));
    } else {
      site.alias(sum);
    }
  }

  private static void clip(Site site) {
    Mil.Var x = site.x(0);
    boolean low = site.has(1);
    boolean high = site.has(2);
    if (low
        && high
        && x.type().isFloat()
        && site.constant(1).isPresent()
        && site.constant(2).isPresent()) {
      site.done(
          site.op("clip")
              .in("x", x)
              .number("alpha", site.real, site.number(1, "lower bound"))
              .number("beta", site.real, site.number(2, "upper bound")));
    } else if (low && high) {
      Mil.Var raised = site.apply("maximum", "raised", x, site.x(1));
      site.done(site.op("minimum").in("x", raised).in("y", site.x(2)));
    } else if (low) {
      site.done(site.op("maximum").in("x", x).in("y", site.x(1)));
    } else if (high) {
      site.done(site.op("minimum").in("x", x).in("y", site.x(2)));
    } else {
      site.alias(x);
    }
  }

  private static void shrink(Site site, float lambda, float bias) {
    Mil.Var x = site.x(0);
    Mil.Var above = site.compare("greater", "above", x, site.scalar("lambda", lambda));
    Mil.Var below = site.compare("less", "below", x, site.scalar("minus_lambda", -lambda));
    Mil.Var bend = site.scalar("bias", bias);
    Mil.Var raised =
        site.select("raised", below, site.apply("add", "up", x, bend), site.scalar("zero", 0));
    site.done(
        site.op("select")
            .in("cond", above)
            .in("a", site.apply("sub", "down", x, bend))
            .in("b", raised));
  }

  private static void cast(Site site, DataType to) {
    Mil.Var x = site.lowering.natural(site.node.operand(0), site.real);
    MilType type = site.resultType();
    if (x.type() == type) {
      site.alias(x);
      return;
    }
    if (to == DataType.INT8 || to == DataType.UINT8) {
      site.needs(Target.IOS17, "a cast to " + to.text());
    }
    site.done(site.op("cast").in("x", x).text("dtype", type.text()));
  }
}
