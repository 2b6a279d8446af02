package dev.inward.coreml;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Elementwise.Variadic;
import dev.inward.graph.Op;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads the ops that work element by element.
final class ElementwiseRaising {
  private static final Map<String, Unary.Function> UNARY =
      Map.ofEntries(
          Map.entry("identity", Unary.Function.IDENTITY),
          Map.entry("abs", Unary.Function.ABS),
          Map.entry("sign", Unary.Function.SIGN),
          Map.entry("exp", Unary.Function.EXP),
          Map.entry("sqrt", Unary.Function.SQRT),
          Map.entry("floor", Unary.Function.FLOOR),
          Map.entry("ceil", Unary.Function.CEIL),
          Map.entry("round", Unary.Function.ROUND),
          Map.entry("erf", Unary.Function.ERF),
          Map.entry("sin", Unary.Function.SIN),
          Map.entry("cos", Unary.Function.COS),
          Map.entry("tan", Unary.Function.TAN),
          Map.entry("asin", Unary.Function.ASIN),
          Map.entry("acos", Unary.Function.ACOS),
          Map.entry("atan", Unary.Function.ATAN),
          Map.entry("sinh", Unary.Function.SINH),
          Map.entry("cosh", Unary.Function.COSH),
          Map.entry("atanh", Unary.Function.ATANH),
          Map.entry("relu", Unary.Function.RELU),
          Map.entry("sigmoid", Unary.Function.SIGMOID),
          Map.entry("tanh", Unary.Function.TANH),
          Map.entry("softplus", Unary.Function.SOFTPLUS),
          Map.entry("softsign", Unary.Function.SOFTSIGN),
          Map.entry("logical_not", Unary.Function.NOT));

  private static final Map<String, Binary.Function> BINARY =
      Map.ofEntries(
          Map.entry("add", Binary.Function.ADD),
          Map.entry("sub", Binary.Function.SUB),
          Map.entry("mul", Binary.Function.MUL),
          Map.entry("pow", Binary.Function.POW),
          Map.entry("mod", Binary.Function.MOD),
          Map.entry("equal", Binary.Function.EQUAL),
          Map.entry("less", Binary.Function.LESS),
          Map.entry("less_equal", Binary.Function.LESS_OR_EQUAL),
          Map.entry("greater", Binary.Function.GREATER),
          Map.entry("greater_equal", Binary.Function.GREATER_OR_EQUAL),
          Map.entry("logical_and", Binary.Function.AND),
          Map.entry("logical_or", Binary.Function.OR),
          Map.entry("logical_xor", Binary.Function.XOR));

  private ElementwiseRaising() {}

  static Op op(Unary.Function function) {
    return new Unary(function);
  }

  static Op op(Binary.Function function) {
    return new Binary(function);
  }

  static Op op(Variadic.Function function) {
    return new Variadic(function);
  }

  /// Whether the op is one of these; it is then in the graph.
  static boolean raise(Source source) {
    var unary = Optional.ofNullable(UNARY.get(source.type()));
    if (unary.isPresent()) {
      source.add(op(unary.get()), source.x("x"));
      return true;
    }
    var binary = Optional.ofNullable(BINARY.get(source.type()));
    if (binary.isPresent()) {
      source.add(op(binary.get()), source.x("x"), source.x("y"));
      return true;
    }
    switch (source.type()) {
      case "real_div" -> {
        if (!source.var("x").type().isFloat()) {
          throw source.refused("a quotient of whole numbers, whose rounding is not stated");
        }
        source.add(op(Binary.Function.DIV), source.x("x"), source.x("y"));
      }
      case "floor_div" -> floorDiv(source);
      case "maximum" -> source.add(op(Variadic.Function.MAX), source.x("x"), source.x("y"));
      case "minimum" -> source.add(op(Variadic.Function.MIN), source.x("x"), source.x("y"));
      case "threshold" -> source.add(op(Variadic.Function.MAX), source.x("x"), source.x("alpha"));
      case "not_equal" -> {
        List<String> in = List.of(source.x("x"), source.x("y"));
        source.add(op(Unary.Function.NOT), source.step("equal", op(Binary.Function.EQUAL), in));
      }
      case "square" -> source.add(op(Binary.Function.MUL), source.x("x"), source.x("x"));
      case "exp2" -> {
        String two = source.scalar("two", source.real(source.var("x")), 2);
        source.add(op(Binary.Function.POW), two, source.x("x"));
      }
      case "log" -> source.add(op(Unary.Function.LOG), shifted(source, 1e-45));
      case "inverse" -> source.add(op(Unary.Function.RECIPROCAL), shifted(source, 1e-4));
      case "rsqrt" -> {
        String root = source.step("root", op(Unary.Function.SQRT), List.of(shifted(source, 1e-12)));
        source.add(op(Unary.Function.RECIPROCAL), root);
      }
      case "select" ->
          source.add(new Elementwise.Where(), source.x("cond"), source.x("a"), source.x("b"));
      case "cast" -> {
        String text = source.text("dtype");
        DataType to =
            MilType.ofText(text)
                .flatMap(MilType::graphType)
                .orElseThrow(() -> source.refused("a cast to '%s'", text));
        source.add(new Elementwise.Cast(to), source.x("x"));
      }
      default -> {
        return activation(source);
      }
    }
    return true;
  }

  /// `x + epsilon`, or x where the epsilon changes nothing in its type.
  private static String shifted(Source source, double otherwise) {
    float epsilon = source.number("epsilon", otherwise);
    if (epsilon <= 1e-44f) {
      return source.x("x");
    }
    String constant = source.scalar("epsilon", source.real(source.var("x")), epsilon);
    return source.step("shifted", op(Binary.Function.ADD), List.of(source.x("x"), constant));
  }

  /// Rounded down: ONNX's quotient of whole numbers is cut towards zero, so the remainder, which
  /// has the sign of the divisor, is taken away before.
  private static void floorDiv(Source source) {
    List<String> in = List.of(source.x("x"), source.x("y"));
    if (source.var("x").type().isFloat()) {
      source.add(op(Unary.Function.FLOOR), source.step("quotient", op(Binary.Function.DIV), in));
      return;
    }
    String rest = source.step("rest", op(Binary.Function.MOD), in);
    String whole = source.step("whole", op(Binary.Function.SUB), List.of(source.x("x"), rest));
    source.add(op(Binary.Function.DIV), whole, source.x("y"));
  }

  private static boolean activation(Source source) {
    switch (source.type()) {
      case "leaky_relu" ->
          source.add(new Elementwise.LeakyRelu(source.number("alpha")), source.x("x"));
      case "elu" -> source.add(new Elementwise.Elu(source.number("alpha")), source.x("x"));
      case "sigmoid_hard" ->
          source.add(
              new Elementwise.HardSigmoid(source.number("alpha"), source.number("beta")),
              source.x("x"));
      case "silu" -> source.add(new Elementwise.Swish(1), source.x("x"));
      case "gelu" -> {
        switch (source.text("mode", "EXACT")) {
          case "EXACT" -> source.add(new Elementwise.Gelu(false), source.x("x"));
          case "TANH_APPROXIMATION" -> source.add(new Elementwise.Gelu(true), source.x("x"));
          case "SIGMOID_APPROXIMATION" -> source.add(new Elementwise.Swish(1.702f), source.x("x"));
          default -> throw source.refused("the mode '%s'", source.text("mode"));
        }
      }
      case "clip" -> clip(source, source.number("alpha"), source.number("beta"));
      case "relu6" -> clip(source, 0, 6);
      case "thresholded_relu" -> {
        // Keeps x where it equals alpha; the ONNX op of that name does not.
        DataType type = source.real(source.var("x"));
        String alpha = source.scalar("alpha", type, source.number("alpha"));
        String keep =
            source.step(
                "keep", op(Binary.Function.GREATER_OR_EQUAL), List.of(source.x("x"), alpha));
        source.add(new Elementwise.Where(), keep, source.x("x"), source.scalar("zero", type, 0));
      }
      case "clamped_relu" -> {
        String leaky =
            source.step(
                "leaky", new Elementwise.LeakyRelu(source.number("alpha")), List.of(source.x("x")));
        String beta = source.scalar("beta", source.real(source.var("x")), source.number("beta"));
        source.add(op(Variadic.Function.MIN), leaky, beta);
      }
      case "linear_activation" -> {
        DataType type = source.real(source.var("x"));
        String alpha = source.scalar("alpha", type, source.number("alpha"));
        String beta = source.scalar("beta", type, source.number("beta"));
        String scaled =
            source.step("scaled", op(Binary.Function.MUL), List.of(source.x("x"), alpha));
        source.add(op(Binary.Function.ADD), scaled, beta);
      }
      case "scaled_tanh" -> {
        DataType type = source.real(source.var("x"));
        String beta = source.scalar("beta", type, source.number("beta"));
        String scaled =
            source.step("scaled", op(Binary.Function.MUL), List.of(source.x("x"), beta));
        String tanh = source.step("tanh", op(Unary.Function.TANH), List.of(scaled));
        String alpha = source.scalar("alpha", type, source.number("alpha"));
        source.add(op(Binary.Function.MUL), tanh, alpha);
      }
      case "softplus_parametric" -> {
        String scaled =
            source.step(
                "scaled",
                op(Binary.Function.MUL),
                List.of(source.x("x"), perChannel(source, "beta")));
        String curve = source.step("curve", op(Unary.Function.SOFTPLUS), List.of(scaled));
        source.add(op(Binary.Function.MUL), curve, perChannel(source, "alpha"));
      }
      case "prelu" ->
          source.add(op(Binary.Function.PRELU), source.x("x"), perChannel(source, "alpha"));
      default -> {
        return false;
      }
    }
    return true;
  }

  private static void clip(Source source, float low, float high) {
    DataType type = source.real(source.var("x"));
    source.add(
        new Elementwise.Clip(),
        source.x("x"),
        source.scalar("low", type, low),
        source.scalar("high", type, high));
  }

  /// A constant number for each channel, laid along axis 1 of x.
  private static String perChannel(Source source, String parameter) {
    Mil.Var x = source.var("x");
    Tensor numbers =
        source
            .constant(parameter)
            .orElseThrow(() -> source.refused("its '%s' is computed", parameter));
    List<Long> dims = new ArrayList<>(List.of(numbers.elements()));
    for (int i = 2; i < x.rank(); i++) {
      dims.add(1L);
    }
    return source.constant(
        parameter,
        numbers.dtype() == source.real(x) && Lowering.isPlain(numbers)
            ? numbers.withDims(dims)
            : Source.reals(source.real(x), dims, numbers.floats()));
  }
}
