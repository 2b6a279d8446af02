package dev.inward.testkit;

import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Recurrent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// Random nodes of every family of ops.
public final class OpDraws {
  /// A node. Operands `a`, `b`, .. are inputs of a type, `float32[2x3]`, or constants, `int64[2] =
  /// 0, 1`; an empty text leaves the operand out.
  ///
  /// @param tolerance absolute and relative, 0 is to the bit
  public record Draw(String results, String op, List<String> operands, double tolerance) {
    Draw within(double other) {
      return new Draw(results, op, operands, other);
    }

    /// A graph of this node alone.
    public Graph graph() {
      var text = new StringBuilder("graph net\n");
      var in = new StringBuilder();
      for (int i = 0; i < operands.size(); i++) {
        String name = Character.toString('a' + i);
        String operand = operands.get(i);
        if (!operand.isEmpty()) {
          text.append(operand.contains(" = ") ? "const " : "input ");
          text.append(name).append(": ").append(operand).append('\n');
        }
        in.append(i == 0 ? "" : ", ").append(operand.isEmpty() ? "_" : name);
      }
      text.append("%s = %s(%s)\noutput %s\n".formatted(results, op, in, results));
      return GraphText.parse(text.toString());
    }
  }

  public record Rule(String name, Function<Chance, Draw> draw) {
    @Override
    public String toString() {
      return name;
    }
  }

  private final List<Rule> rules = new ArrayList<>();

  private OpDraws() {}

  public static List<Rule> all() {
    var draws = new OpDraws();
    draws.elementwise();
    draws.products();
    draws.windows();
    draws.normalizations();
    draws.reductions();
    draws.shaping();
    draws.picking();
    draws.resizing();
    draws.quantization();
    draws.recurrent();
    return draws.rules;
  }

  private void add(String name, Function<Chance, Draw> draw) {
    rules.add(new Rule(name, draw));
  }

  private static Draw y(String op, String... operands) {
    return new Draw("y", op, List.of(operands), 1e-5);
  }

  private static Draw several(String results, String op, String... operands) {
    return new Draw(results, op, List.of(operands), 1e-5);
  }

  private static String f(long... dims) {
    return type("float32", dims);
  }

  private static String type(String dtype, long... dims) {
    return dtype
        + LongStream.of(dims).mapToObj(Long::toString).collect(Collectors.joining("x", "[", "]"));
  }

  private static String type(String dtype, List<Long> dims) {
    return type(dtype, dims.stream().mapToLong(Long::longValue).toArray());
  }

  private static String vector(long... values) {
    return type("int64", values.length)
        + " = "
        + LongStream.of(values).mapToObj(Long::toString).collect(Collectors.joining(", "));
  }

  private static String scalar(String dtype, Object value) {
    return dtype + "[] = " + value;
  }

  private static String random(Chance c, long... dims) {
    return f(dims) + " = random " + c.between(0, 9999);
  }

  private static String positive(Chance c, int count) {
    return f(count)
        + " = "
        + IntStream.range(0, count)
            .mapToObj(_ -> Float.toString(c.real(0.1f, 2)))
            .collect(Collectors.joining(", "));
  }

  private static String wholes(Chance c, String dtype, int least, int most, long... dims) {
    long count = LongStream.of(dims).reduce(1, (a, b) -> a * b);
    return type(dtype, dims)
        + " = "
        + LongStream.range(0, count)
            .mapToObj(_ -> Integer.toString(c.between(least, most)))
            .collect(Collectors.joining(", "));
  }

  private static String one(Chance c, String... choices) {
    return c.pick(List.of(choices));
  }

  private static String list(Chance c, int count, int least, int most) {
    return IntStream.range(0, count)
        .mapToObj(_ -> Integer.toString(c.between(least, most)))
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /// A shape and one that broadcasts to it.
  private static List<List<Long>> pair(Chance c) {
    List<Long> dims = c.dims(c.between(0, 4), 4);
    var other = dims.stream().map(d -> c.flip() ? d : 1L).toList();
    return List.of(dims, other.subList(c.between(0, other.size()), other.size()));
  }

  private void elementwise() {
    for (String op :
        List.of(
            "Add",
            "Sub",
            "Mul",
            "Div",
            "Pow",
            "Fmod",
            "Prelu",
            "Equal",
            "Less",
            "LessOrEqual",
            "Greater",
            "GreaterOrEqual")) {
      add(
          op,
          c -> {
            var dims = pair(c);
            return y(op, type("float32", dims.get(0)), type("float32", dims.get(1)));
          });
    }
    for (String op : List.of("Add", "Sub", "Mul", "Equal", "Less", "Greater", "Max", "Min")) {
      add(
          op + " of whole numbers",
          c -> {
            var dims = pair(c);
            String dtype = one(c, "int32", "int64");
            return y(op, type(dtype, dims.get(0)), type(dtype, dims.get(1))).within(0);
          });
    }
    for (String op : List.of("Div", "Mod", "Fmod")) {
      add(
          op + " of whole numbers",
          c -> {
            String dtype = one(c, "int32", "int64");
            return y(
                    op,
                    wholes(c, dtype, -9, 9, 2, 5),
                    type(dtype, 5) + " = " + one(c, "1, -2, 3, 2, -3", "4, 7, -1, -7, 5"))
                .within(0);
          });
    }
    for (String op : List.of("And", "Or", "Xor")) {
      add(
          op,
          c -> {
            var dims = pair(c);
            return y(op, type("bool", dims.get(0)), type("bool", dims.get(1)));
          });
    }
    for (String op : List.of("BitwiseAnd", "BitwiseOr", "BitwiseXor")) {
      add(
          op,
          c -> {
            var dims = pair(c);
            String dtype = one(c, "int32", "uint8", "int64");
            return y(op, type(dtype, dims.get(0)), type(dtype, dims.get(1)));
          });
    }
    for (String op : List.of("ShiftLeft", "ShiftRight")) {
      add(op, c -> y(op, wholes(c, "uint8", 0, 255, 6), wholes(c, "uint8", 0, 7, 6)));
    }
    add("Not", c -> y("Not", type("bool", c.dims(2, 3))));
    add("BitwiseNot", c -> y("BitwiseNot", type(one(c, "int32", "uint8"), c.dims(2, 3))));
    for (String op : List.of("Max", "Min", "Sum", "Mean")) {
      add(
          op,
          c -> {
            var dims = pair(c);
            return y(
                op,
                Stream.of(dims.get(0), dims.get(1), dims.get(0))
                    .limit(c.between(1, 3))
                    .map(d -> type("float32", d))
                    .toArray(String[]::new));
          });
    }
    add(
        "Where",
        c -> {
          var dims = pair(c);
          return y(
              "Where",
              type("bool", dims.get(c.between(0, 1))),
              type("float32", dims.get(0)),
              type("float32", dims.get(1)));
        });
    add(
        "Clip",
        c ->
            y(
                "Clip",
                f(3, 5),
                one(c, "", "float32[] = -0.5"),
                one(c, "", "float32[] = 0.75", "float32[] = -1.0")));
    for (String from : List.of("float32", "int32", "int64", "uint8", "int8", "bool")) {
      add(
          "Cast from " + from,
          c -> {
            String to = one(c, "float32", "float16", "float64", "int32", "int64", "int8", "bool");
            return y("Cast{to=" + to + "}", type(from, 3, 4)).within(0);
          });
    }
    for (String op :
        List.of(
            "LeakyRelu{alpha=%s}",
            "Elu{alpha=%s}",
            "Selu{alpha=%s, gamma=1.25}",
            "Celu{alpha=%s}",
            "ThresholdedRelu{alpha=%s}",
            "HardSigmoid{alpha=%s, beta=0.4}",
            "Shrink{lambda=%s, bias=0.25}",
            "Swish{alpha=%s}")) {
      add(
          op.substring(0, op.indexOf('{')),
          c -> y(op.formatted(c.real(0.1f, 1.5f)), type("float32", c.dims(3, 5))));
    }
    add("Gelu", c -> y(one(c, "Gelu", "Gelu{tanh}"), f(4, 9)));
  }

  private void products() {
    add(
        "MatMul",
        c -> {
          long[] batch = c.dims(c.between(0, 2), 3).stream().mapToLong(d -> d).toArray();
          long k = c.between(1, 9);
          long[] left = append(batch, c.between(1, 6), k);
          long[] ones = batch.clone();
          Arrays.fill(ones, 1);
          long[] right =
              switch (c.between(0, 2)) {
                case 0 -> new long[] {k};
                case 1 -> new long[] {k, c.between(1, 6)};
                default -> append(c.flip() ? batch : ones, k, c.between(1, 6));
              };
          return y("MatMul", f(left), c.flip() ? f(right) : random(c, right));
        });
    add(
        "MatMul of a vector",
        c -> {
          long k = c.between(1, 6);
          return y("MatMul", f(k), c.flip() ? f(2, k, 3) : f(k));
        });
    add(
        "Linear",
        c -> {
          long k = c.between(1, 9);
          long n = c.between(1, 9);
          return y("Linear", c.flip() ? f(3, k) : f(2, 3, k), random(c, k, n), random(c, n));
        });
    add(
        "Gemm",
        c -> {
          long m = c.between(1, 5);
          long k = c.between(1, 5);
          long n = c.between(1, 5);
          boolean a = c.flip();
          boolean b = c.flip();
          return y(
              "Gemm{alpha=%s, beta=%s%s%s}"
                  .formatted(
                      one(c, "1.0", "0.5"),
                      one(c, "1.0", "-2.0"),
                      a ? ", transA" : "",
                      b ? ", transB" : ""),
              a ? f(k, m) : f(m, k),
              b ? f(n, k) : f(k, n),
              one(c, "", f(n), f(m, 1), f(m, n), f()));
        });
    add(
        "Einsum",
        c ->
            y(
                "Einsum{equation=\"%s\"}"
                    .formatted(
                        one(
                            c,
                            "ij,jk->ik",
                            "ij,jk",
                            "ij,jk->kij",
                            "...j,jk->...k",
                            "ij,jk->",
                            "ij,j...->i...")),
                f(c.between(1, 4), 3),
                f(3, c.between(1, 4))));
    add(
        "Einsum of batches",
        c ->
            y(
                "Einsum{equation=\"%s\"}".formatted(one(c, "bhid,bhjd->bhij", "bhid,bhjd->ib")),
                f(2, 3, c.between(1, 4), 5),
                f(2, 3, c.between(1, 4), 5)));
    add(
        "Attention",
        c -> {
          long s = c.between(1, 4);
          long t = c.between((int) s, 5);
          return y(
              one(c, "Attention", "Attention{scale=0.3}", "Attention{causal}"),
              f(2, 3, s, 8),
              f(2, 3, t, 8),
              f(2, 3, t, c.between(1, 6)),
              one(c, "", f(s, t), f(2, 1, s, t)));
        });
    add(
        "Attention under a boolean mask",
        c -> {
          long t = c.between(2, 5);
          String mask =
              IntStream.range(0, (int) t)
                  .mapToObj(i -> i == 0 || c.flip() ? "1" : "0")
                  .collect(Collectors.joining(", "));
          return y(
              "Attention",
              f(1, 2, 3, 4),
              f(1, 2, t, 4),
              f(1, 2, t, 4),
              type("bool", 1, t) + " = " + mask);
        });
  }

  private static long[] append(long[] batch, long... last) {
    return LongStream.concat(LongStream.of(batch), LongStream.of(last)).toArray();
  }

  private static String padding(Chance c, int axes, int most) {
    return c.between(0, 3) == 0
        ? "autoPad=" + one(c, "same_upper", "same_lower", "valid")
        : "pads=" + list(c, 2 * axes, 0, most);
  }

  private void windows() {
    for (int axes = 1; axes <= 3; axes++) {
      int n = axes;
      add(
          "Conv of %d axes".formatted(n),
          c -> {
            long groups = c.between(1, 3);
            long in = c.between(1, 3);
            long[] kernel = IntStream.range(0, n).mapToLong(_ -> c.between(1, 3)).toArray();
            long[] size = IntStream.range(0, n).mapToLong(_ -> c.between(6, 9)).toArray();
            long out = groups * c.between(1, 3);
            // The runtime has no automatic padding of a dilated window.
            String pad = padding(c, n, 2);
            String dilations = pad.startsWith("auto") ? "" : ", dilations=" + list(c, n, 1, 2);
            return y(
                "Conv{strides=%s%s, %s, groups=%d}"
                    .formatted(list(c, n, 1, 3), dilations, pad, groups),
                f(append(new long[] {c.between(1, 2), groups * in}, size)),
                random(c, append(new long[] {out, in}, kernel)),
                c.flip() ? "" : random(c, out));
          });
    }
    for (int axes = 1; axes <= 2; axes++) {
      int n = axes;
      add(
          "ConvTranspose of %d axes".formatted(n),
          c -> {
            long groups = c.between(1, 2);
            long in = groups * c.between(1, 3);
            long out = c.between(1, 3);
            long[] kernel = IntStream.range(0, n).mapToLong(_ -> c.between(2, 4)).toArray();
            long[] size = IntStream.range(0, n).mapToLong(_ -> c.between(2, 5)).toArray();
            int stride = c.between(1, 3);
            String strides = list(c, n, stride, stride);
            String extra = ", outputPadding=" + list(c, n, 0, stride - 1);
            return y(
                "ConvTranspose{strides=%s, pads=%s, groups=%d%s}"
                    .formatted(strides, list(c, 2 * n, 0, 1), groups, c.flip() ? extra : ""),
                f(append(new long[] {c.between(1, 2), in}, size)),
                random(c, append(new long[] {in, out}, kernel)),
                c.flip() ? "" : random(c, groups * out));
          });
    }
    add(
        "ConvTranspose to a shape",
        c ->
            y(
                "ConvTranspose{strides=[2], outputShape=[%d], groups=1}".formatted(c.between(7, 9)),
                f(1, 2, 4),
                random(c, 2, 3, 3)));
    for (String kind : List.of("MaxPool", "AveragePool", "LpPool")) {
      for (int axes = 1; axes <= 2; axes++) {
        int n = axes;
        add(
            kind + " of %d axes".formatted(n),
            c -> {
              long[] size = IntStream.range(0, n).mapToLong(_ -> c.between(5, 9)).toArray();
              boolean indices = kind.equals("MaxPool") && c.flip();
              String counted = kind.equals("AveragePool") && c.flip() ? ", countPadding" : "";
              return several(
                  indices ? "y, i" : "y",
                  "%s{kernel=%s, strides=%s, %s%s%s, p=%d}"
                      .formatted(
                          kind,
                          list(c, n, 2, 3),
                          list(c, n, 1, 3),
                          padding(c, n, 1),
                          counted,
                          kind.equals("LpPool") || c.flip() ? "" : ", ceil",
                          c.between(1, 2)),
                  f(append(new long[] {2, 3}, size)));
            });
      }
    }
    add(
        "global pools",
        c ->
            y(
                one(c, "GlobalMaxPool{p=0}", "GlobalAveragePool{p=0}", "GlobalLpPool{p=2}"),
                f(2, 3, c.between(1, 5), c.between(1, 5))));
  }

  private void normalizations() {
    add(
        "BatchNorm",
        c -> {
          int channels = c.between(1, 5);
          return y(
              "BatchNorm{epsilon=1.0E-3}",
              c.flip() ? f(2, channels, 4) : f(1, channels, 3, 2),
              random(c, channels),
              random(c, channels),
              random(c, channels),
              positive(c, channels));
        });
    add(
        "LayerNorm",
        c -> {
          int axis = c.between(-2, 2);
          long[] dims = {2, 3, 5};
          long[] own = Arrays.copyOfRange(dims, axis < 0 ? axis + 3 : axis, 3);
          return y(
              "LayerNorm{axis=%d, epsilon=1.0E-5}".formatted(axis),
              f(dims),
              random(c, own),
              c.flip() ? "" : random(c, own));
        });
    add("RmsNorm", c -> y("RmsNorm{axis=-1, epsilon=1.0E-5}", f(2, 3, 5), random(c, 5)));
    add(
        "InstanceNorm",
        c ->
            y(
                "InstanceNorm{epsilon=1.0E-4}",
                f(2, 3, c.between(2, 6)),
                random(c, 3),
                random(c, 3)));
    add(
        "GroupNorm",
        c ->
            y(
                "GroupNorm{groups=%s, epsilon=1.0E-4}".formatted(one(c, "1", "2", "3", "6")),
                f(2, 6, c.between(2, 5), 3),
                random(c, 6),
                random(c, 6)));
    add(
        "LpNorm",
        c -> y("LpNorm{axis=%d, p=%d}".formatted(c.between(-3, 2), c.between(1, 2)), f(2, 3, 4)));
    add(
        "LocalResponseNorm",
        c ->
            y(
                "LocalResponseNorm{size=%s, alpha=0.1, beta=0.75, bias=1.5}"
                    .formatted(one(c, "1", "3", "5")),
                f(2, 6, 3, 2)));
    add(
        "MeanVarianceNorm",
        c ->
            y("MeanVarianceNorm{axes=%s}".formatted(one(c, "[0, 2, 3]", "[2, 3]")), f(2, 3, 4, 5)));
    for (String op : List.of("Softmax", "LogSoftmax", "Hardmax")) {
      add(op, c -> y("%s{axis=%d}".formatted(op, c.between(-3, 2)), f(2, 3, 4)));
    }
  }

  private void reductions() {
    for (String op :
        List.of("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSumExp", "SumSquare")) {
      add(
          "Reduce" + op,
          c ->
              y(
                  "Reduce%s{axes=%s%s}"
                      .formatted(
                          op,
                          one(c, "[]", "[0]", "[-1]", "[0, 2]", "[1, -1]", "[0, 1, 2]"),
                          one(c, "", ", keepDims")),
                  type("float32", c.dims(3, 5))));
    }
    add(
        "ReduceLogSum",
        c -> y(one(c, "ReduceLogSum{axes=[0], keepDims}", "ReduceLogSum"), positive(c, 7)));
    add(
        "reductions of whole numbers",
        c ->
            y(
                "Reduce%s{axes=[1]%s}"
                    .formatted(one(c, "Sum", "Max", "Min", "Prod"), one(c, "", ", keepDims")),
                type(one(c, "int32", "int64"), 3, 4)));
    add(
        "ArgMax and ArgMin",
        c ->
            y(
                "%s{axis=%d%s%s}"
                    .formatted(
                        one(c, "ArgMax", "ArgMin"),
                        c.between(-3, 2),
                        one(c, "", ", keepDims"),
                        one(c, "", ", selectLast")),
                c.flip() ? f(2, 3, 4) : type("int32", 2, 3, 4)));
    add(
        "TopK",
        c ->
            several(
                "y, i",
                "TopK{axis=%d%s, sorted}".formatted(c.between(-2, 1), one(c, "", ", largest")),
                f(4, 5),
                vector(c.between(1, 4))));
    add(
        "CumSum",
        c ->
            y(
                "CumSum{%s}"
                    .formatted(one(c, "exclusive", "reverse", "exclusive, reverse"))
                    .replace("{}", ""),
                f(3, 4),
                scalar("int64", c.between(-2, 1))));
  }

  private void shaping() {
    add(
        "views",
        c ->
            y(
                    one(
                        c,
                        "Flatten{axis=0}",
                        "Flatten{axis=2}",
                        "Flatten{axis=-1}",
                        "Transpose",
                        "Transpose{permutation=[1, 2, 0]}",
                        "Unsqueeze{axes=[0, -1]}",
                        "Squeeze",
                        "Squeeze{axes=[1]}",
                        "Size",
                        "ShapeOf{start=-2}",
                        "ShapeOf{start=0, end=2}",
                        "NonZero",
                        "Trilu{upper}",
                        "Trilu"),
                    f(c.between(1, 3), 1, c.between(1, 3)))
                .within(0));
    add(
        "Trilu",
        c ->
            y(one(c, "Trilu{upper}", "Trilu"), f(2, 4, 5), scalar("int64", c.between(-5, 5)))
                .within(0));
    add(
        "Reshape",
        c ->
            y(
                    "Reshape",
                    f(4, 3, 2),
                    c.pick(
                        List.of(
                            vector(0, -1),
                            vector(-1, 4),
                            vector(2, 0, -1),
                            vector(24),
                            vector(-1, 1, 2))))
                .within(0));
    add(
        "Concat",
        c ->
            y("Concat{axis=%d}".formatted(c.between(-2, 1)), f(2, 3), f(2, 3), random(c, 2, 3))
                .within(0));
    add(
        "Split",
        c ->
            several("y, z, w", one(c, "Split{axis=0}", "Split{axis=0, sizes=[1, 2, 6]}"), f(9, 2))
                .within(0));
    add(
        "Expand",
        c ->
            y("Expand", f(3, 1), c.pick(List.of(vector(2, 3, 4), vector(4), vector(1, 1))))
                .within(0));
    add("Tile", c -> y("Tile", f(2, 3), vector(c.between(1, 3), c.between(1, 3))).within(0));
    for (String mode : List.of("constant", "edge", "reflect", "wrap")) {
      add(
          "Pad by " + mode,
          c ->
              y(
                      "Pad{mode=%s}".formatted(mode),
                      f(3, 4),
                      vector(c.between(0, 2), c.between(0, 2), c.between(0, 2), c.between(0, 2)),
                      mode.equals("constant") && c.flip() ? "float32[] = 1.5" : "")
                  .within(0));
    }
    add(
        "Pad that crops",
        c ->
            y("Pad{mode=constant}", f(4, 4), vector(-c.between(0, 1), 1, c.between(-1, 1), -1))
                .within(0));
    add(
        "Pad of some axes",
        c ->
            y("Pad{mode=constant}", f(2, 3, 4), vector(1, 2), "", vector(c.between(-3, 2)))
                .within(0));
    add(
        "depth and space",
        c ->
            y(
                    one(
                        c,
                        "DepthToSpace{block=2}",
                        "DepthToSpace{block=2, columnFirst}",
                        "SpaceToDepth{block=2}"),
                    f(2, 8, 4, 2L * c.between(1, 2)))
                .within(0));
    add(
        "ConstantOfShape",
        c ->
            y(
                "ConstantOfShape{value=%s}"
                    .formatted(one(c, "float32[1] 2.5", "int64[1] -3", "bool[1] true")),
                vector(c.between(0, 3), 2)));
    add(
        "Range",
        c ->
            y(
                "Range",
                scalar("int64", c.between(-3, 3)),
                scalar("int64", c.between(-9, 9)),
                scalar("int64", one(c, "1", "2", "-1", "-3"))));
    add(
        "Range of reals",
        c ->
            y(
                "Range",
                "float32[] = 0.5",
                scalar("float32", c.between(-2, 4)),
                scalar("float32", one(c, "0.25", "0.3", "-0.7"))));
  }

  private void picking() {
    add(
        "Slice",
        c ->
            y(
                    "Slice",
                    f(c.between(1, 6), c.between(1, 6)),
                    vector(c.between(-8, 8), c.between(-8, 8)),
                    vector(c.between(-8, 8), c.between(-8, 8)),
                    vector(1, -2),
                    vector(c.between(1, 3), -c.between(1, 3)))
                .within(0));
    add(
        "Gather",
        c ->
            y(
                    "Gather{axis=%d}".formatted(c.between(-2, 1)),
                    f(3, 4),
                    wholes(c, one(c, "int64", "int32"), -3, 2, 2, 3))
                .within(0));
    add(
        "GatherElements",
        c ->
            y(
                    "GatherElements{axis=%d}".formatted(c.between(0, 1)),
                    f(3, 4),
                    wholes(c, "int64", -3, 2, 2, 3))
                .within(0));
    add(
        "GatherNd",
        c -> {
          int last = c.between(1, 2);
          return y("GatherNd{batchDims=1}", f(2, 3, 4), wholes(c, "int64", -3, 2, 2, 3, last))
              .within(0);
        });
    add(
        "ScatterElements",
        c ->
            y(
                "ScatterElements{axis=1, combine=%s}".formatted(one(c, "add", "mul", "max", "min")),
                f(3, 5),
                wholes(c, "int64", -5, 4, 3, 4),
                f(3, 4)));
    add(
        "ScatterElements that replaces",
        c ->
            y(
                    "ScatterElements{axis=0, combine=replace}",
                    f(4, 2),
                    "int64[2x2] = " + one(c, "0, 3, 2, -2", "3, 1, -3, 0"),
                    f(2, 2))
                .within(0));
    add(
        "ScatterNd",
        c ->
            y(
                "ScatterNd{combine=%s}".formatted(one(c, "add", "mul", "max", "min")),
                f(4, 3),
                wholes(c, "int64", -4, 3, 5, 1),
                f(5, 3)));
    add(
        "ScatterNd that replaces",
        c ->
            y(
                    "ScatterNd{combine=replace}",
                    f(4, 3),
                    "int64[2x2] = " + one(c, "0, 2, 3, 1", "-1, -1, 0, 0"),
                    f(2))
                .within(0));
    add(
        "OneHot",
        c ->
            y(
                    "OneHot{axis=%d}".formatted(c.between(-3, 2)),
                    wholes(c, "int64", -4, 5, 2, 3),
                    scalar("int64", c.between(1, 4)),
                    "float32[2] = -1.0, 2.0")
                .within(0));
    add(
        "ReverseSequence",
        c ->
            y(
                    one(
                        c,
                        "ReverseSequence{batchAxis=1, timeAxis=0}",
                        "ReverseSequence{batchAxis=0, timeAxis=1}"),
                    f(3, 3, 2),
                    wholes(c, "int64", 1, 3, 3))
                .within(0));
  }

  private void resizing() {
    for (String mode : List.of("nearest", "linear", "cubic")) {
      for (String at :
          List.of(
              "half_pixel",
              "pytorch_half_pixel",
              "align_corners",
              "asymmetric",
              "half_pixel_symmetric")) {
        if (mode.equals("nearest") && at.equals("half_pixel_symmetric")) {
          continue; // places fall on whole numbers, and the last bit decides
        }
        add(
            "Resize %s %s".formatted(mode, at),
            c ->
                y(
                        ("Resize{mode=%s, coordinates=%s, nearest=%s, cubicA=-0.75, extrapolation=0.0,"
                                + " aspect=stretch}")
                            .formatted(
                                mode,
                                at,
                                one(c, "round_prefer_floor", "round_prefer_ceil", "floor", "ceil")),
                        f(1, 2, c.between(2, 6), c.between(2, 6)),
                        "",
                        "",
                        vector(1, 2, c.between(1, 9), c.between(1, 9)))
                    .within(1e-4));
      }
    }
    add(
        "Resize by scales",
        c ->
            y(
                    ("Resize{mode=%s, coordinates=half_pixel, nearest=floor, cubicA=-0.5,"
                            + " extrapolation=0.0, aspect=stretch}")
                        .formatted(one(c, "nearest", "linear", "cubic")),
                    f(1, 1, c.between(2, 6), c.between(2, 6)),
                    "",
                    "float32[4] = 1.0, 1.0, %s, %s"
                        .formatted(one(c, "0.5", "2.0"), one(c, "1.5", "2.0")))
                .within(1e-4));
    add(
        "GridSample",
        c ->
            y(
                    "GridSample{mode=%s, padding=%s%s}"
                        .formatted(
                            one(c, "nearest", "linear"),
                            one(c, "zeros", "border", "reflection"),
                            one(c, "", ", alignCorners")),
                    f(2, 2, 4, 5),
                    f(2, 3, 3, 2))
                .within(1e-4));
  }

  private void quantization() {
    add(
        "Quantize",
        c -> {
          String type = one(c, "int8", "uint8");
          return y(
                  "Quantize{to=%s, axis=1, block=0}".formatted(type),
                  f(2, 3),
                  c.flip() ? "float32[] = 0.05" : "float32[3] = 0.5, 0.025, 1.0")
              .within(0);
        });
    add(
        "Quantize about a zero point",
        c ->
            y(
                    "Quantize{to=uint8, axis=1, block=0}",
                    f(4, 9),
                    "float32[] = 0.02",
                    scalar("uint8", c.between(0, 255)))
                .within(0));
    add(
        "Dequantize",
        c -> {
          String type = one(c, "int8", "uint8");
          boolean channels = c.flip();
          return y(
              "Dequantize{axis=1, block=0}",
              type(type, 2, 3),
              channels ? "float32[3] = 0.5, 0.025, 1.0" : "float32[] = 0.05",
              one(c, "", channels ? type + "[3] = 1, 2, 3" : scalar(type, 7)));
        });
    add(
        "DynamicQuantize",
        c -> several("y, s, z", "DynamicQuantize", type("float32", c.dims(2, 9))));
    add(
        "MatMulInteger",
        c ->
            y(
                "MatMulInteger",
                type("uint8", c.between(1, 4), 6),
                wholes(c, one(c, "int8", "uint8"), 0, 100, 6, 3),
                one(c, "", scalar("uint8", 3))));
    add(
        "ConvInteger",
        c ->
            y(
                "ConvInteger{pads=%s, groups=1}".formatted(list(c, 4, 0, 1)),
                type("uint8", 1, 2, 5, 5),
                wholes(c, "uint8", 0, 50, 3, 2, 3, 3),
                one(c, "", scalar("uint8", 3))));
    add(
        "QLinearMatMul",
        c ->
            y(
                    "QLinearMatMul",
                    type("uint8", c.between(1, 4), 6),
                    "float32[] = 0.1",
                    "uint8[] = 2",
                    wholes(c, "uint8", 0, 100, 6, 3),
                    "float32[] = 0.05",
                    "uint8[] = 50",
                    "float32[] = 0.5",
                    "uint8[] = 100")
                .within(1));
    add(
        "QLinearConv",
        c ->
            y(
                    "QLinearConv{pads=%s, groups=1}".formatted(list(c, 4, 0, 1)),
                    type("uint8", 1, 2, 5, 5),
                    "float32[] = 0.1",
                    "uint8[] = 2",
                    wholes(c, "int8", -50, 50, 3, 2, 3, 3),
                    "float32[3] = 0.05, 0.02, 0.1",
                    "int8[3] = 0, 0, 0",
                    "float32[] = 0.5",
                    "uint8[] = 100",
                    wholes(c, "int32", -99, 99, 3))
                .within(1));
  }

  private void recurrent() {
    for (var kind : Recurrent.Kind.values()) {
      add(
          kind.name(),
          c -> {
            int directions = c.between(1, 2);
            long gates = kind.gates();
            long steps = c.between(1, 4);
            long batch = c.between(1, 3);
            boolean initial = c.flip();
            boolean lstm = kind == Recurrent.Kind.LSTM;
            var operands =
                new ArrayList<>(
                    List.of(
                        f(steps, batch, 4),
                        random(c, directions, gates * 3, 4),
                        random(c, directions, gates * 3, 3),
                        c.flip() ? "" : random(c, directions, 2 * gates * 3),
                        c.flip() ? "" : wholes(c, "int32", 1, (int) steps, batch)));
            if (initial) {
              operands.add(f(directions, batch, 3));
              if (lstm) {
                operands.add(f(directions, batch, 3));
                operands.add(c.flip() ? "" : random(c, directions, 9));
              }
            }
            return new Draw(
                lstm ? "y, last, cell" : "y, last",
                "%s{direction=%s, hidden=3%s}"
                    .formatted(
                        kind,
                        directions == 1 ? one(c, "forward", "reverse") : "bidirectional",
                        kind == Recurrent.Kind.GRU ? one(c, "", ", resetAfter") : ""),
                operands,
                1e-5);
          });
    }
  }
}
