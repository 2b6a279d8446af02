package dev.inward.graph;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.base.InputException;
import dev.inward.graph.evaluation.Evaluation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Inferred types and contents against those of values that were computed.
final class EvaluatedTypesTest {
  /// A node with operands, drawn by a seed.
  private record Draw(int seed, String results, String op, String... operands) {
    @Override
    public String toString() {
      return "seed %d: %s(%s)".formatted(seed, op, String.join(", ", operands));
    }
  }

  /// One family of draws.
  private interface Rule {
    Draw draw(int seed, Dice dice);
  }

  private record Dice(Random random) {
    int of(int least, int most) {
      return random.nextInt(least, most + 1);
    }

    String one(String... choices) {
      return choices[random.nextInt(choices.length)];
    }

    List<Integer> dims(int rank, int most) {
      return IntStream.range(0, rank).mapToObj(_ -> of(1, most)).toList();
    }

    String list(int count, int least, int most) {
      return IntStream.range(0, count)
          .mapToObj(_ -> Integer.toString(of(least, most)))
          .collect(Collectors.joining(", "));
    }
  }

  private static String type(String dtype, List<Integer> dims) {
    return dtype + dims.stream().map(d -> d.toString()).collect(Collectors.joining("x", "[", "]"));
  }

  private static String vector(int... values) {
    return "int64[%d] = %s"
        .formatted(
            values.length,
            IntStream.of(values).mapToObj(Integer::toString).collect(Collectors.joining(", ")));
  }

  private static final List<Rule> RULES =
      List.of(
          (seed, d) -> {
            var dims = d.dims(3, 4);
            var other =
                dims.subList(d.of(0, 2), 3).stream().map(x -> d.of(0, 1) == 0 ? 1 : x).toList();
            String op = d.one("Add", "Mul", "Less", "Max", "Prelu");
            return new Draw(seed, "y", op, type("float32", dims), type("float32", other));
          },
          (seed, d) -> {
            var batch = d.dims(d.of(0, 2), 3);
            int m = d.of(1, 4);
            int k = d.of(1, 4);
            int n = d.of(1, 4);
            var left = Stream.concat(batch.stream(), Stream.of(m, k)).toList();
            var right =
                d.of(0, 1) == 0
                    ? List.of(k)
                    : Stream.concat(batch.stream().map(_ -> 1), Stream.of(k, n)).toList();
            return new Draw(seed, "y", "MatMul", type("float32", left), type("float32", right));
          },
          (seed, d) -> {
            int groups = d.of(1, 2);
            int size = d.of(4, 8);
            String pad =
                d.one(
                    "autoPad=same_upper",
                    "autoPad=same_lower",
                    "autoPad=valid",
                    "pads=[1, 0, 2, 1]");
            String op =
                "Conv{strides=[%s], dilations=[%s], %s, groups=%d}"
                    .formatted(d.list(2, 1, 3), d.list(2, 1, 2), pad, groups);
            return new Draw(
                seed,
                "y",
                op,
                type("float32", List.of(d.of(1, 2), groups * 2, size, d.of(4, 8))),
                type("float32", List.of(groups * d.of(1, 2), 2, d.of(1, 2), d.of(1, 2))));
          },
          (seed, d) -> {
            int stride = d.of(1, 3);
            String geometry =
                d.one(
                    "autoPad=same_upper",
                    "pads=[1, 0]",
                    "pads=[0, 0], outputPadding=[" + d.of(0, stride - 1) + "]");
            return new Draw(
                seed,
                "y",
                "ConvTranspose{strides=[%d], dilations=[%d], %s, groups=1}"
                    .formatted(stride, d.of(1, 2), geometry),
                type("float32", List.of(1, 2, d.of(2, 6))),
                type("float32", List.of(2, d.of(1, 3), d.of(2, 4))));
          },
          (seed, d) -> {
            String kind = d.one("MaxPool", "AveragePool", "LpPool");
            int kernel = d.of(2, 3);
            String op =
                "%s{kernel=[%d], strides=[%d], pads=[%d, %d]%s, p=2}"
                    .formatted(
                        kind, kernel, d.of(1, 4), d.of(0, 1), d.of(0, 1), d.one("", ", ceil"));
            return new Draw(
                seed,
                kind.equals("MaxPool") ? "y, i" : "y",
                op,
                type("float32", List.of(1, 2, d.of(3, 9))));
          },
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "Reduce%s{axes=[%s]%s}"
                      .formatted(
                          d.one("Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSumExp"),
                          d.one("", "0", "-1", "0, 2", "1, -1"),
                          d.one("", ", keepDims")),
                  type("float32", d.dims(3, 4))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "Slice",
                  type("float32", List.of(d.of(1, 6), d.of(1, 6))),
                  vector(d.of(-8, 8), d.of(-8, 8)),
                  vector(d.of(-8, 8), d.of(-8, 8)),
                  vector(1, -2),
                  vector(d.of(1, 3), -d.of(1, 3))),
          (seed, d) -> {
            int axis = d.of(-3, 2);
            return new Draw(
                seed,
                "y",
                "Gather{axis=%d}".formatted(axis),
                type("float32", List.of(2, 2, 2)),
                d.one("int64[] = 1", "int64[2] = 0, -1", "int64[1] = 1"));
          },
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "GatherNd{batchDims=%d}".formatted(d.of(0, 1)),
                  type("float32", List.of(2, 3, 4)),
                  type("int64", List.of(2, d.of(1, 3), d.of(1, 2)))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "Pad{mode=%s}".formatted(d.one("constant", "edge")),
                  type("float32", List.of(3, 4)),
                  vector(d.of(-1, 2), d.of(-1, 2), d.of(-1, 2), d.of(0, 2))),
          (seed, d) -> {
            String policy = d.one("stretch", "not_larger", "not_smaller");
            String op =
                "Resize{mode=%s, coordinates=half_pixel, nearest=floor, cubicA=-0.75,"
                    + " extrapolation=0.0, axes=[2, 3], aspect=%s}";
            return new Draw(
                seed,
                "y",
                op.formatted(d.one("nearest", "linear", "cubic"), policy),
                type("float32", List.of(1, 1, d.of(2, 6), d.of(2, 6))),
                "",
                "",
                vector(d.of(1, 9), d.of(1, 9)));
          },
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "Resize{mode=nearest, coordinates=asymmetric, nearest=floor, cubicA=0.0,"
                      + " extrapolation=0.0, aspect=stretch}",
                  type("float32", List.of(1, d.of(2, 7))),
                  "",
                  "float32[2] = 1.0, " + d.one("0.5", "2.0", "1.7", "0.6", "3.3333333")),
          (seed, d) ->
              new Draw(
                  seed, "y", "Tile", type("float32", d.dims(2, 3)), vector(d.of(0, 3), d.of(1, 3))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "Expand",
                  type("float32", List.of(3, 1)),
                  d.one(vector(2, 3, 4), vector(4), vector(1, 1), vector(3, 0))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "Reshape",
                  type("float32", List.of(4, 3, 2)),
                  d.one(
                      vector(0, -1),
                      vector(-1, 4),
                      vector(2, 0, -1),
                      vector(24),
                      vector(-1, 1, 2))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y, z, w",
                  "Split{axis=0}",
                  type("float32", List.of(d.of(1, 3) * 3 - d.of(0, 1), 2))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "Concat{axis=%d}".formatted(d.of(-2, 1)),
                  type("float32", List.of(2, 3)),
                  type("float32", List.of(2, 3))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  d.one(
                      "Flatten{axis=0}",
                      "Flatten{axis=2}",
                      "Flatten{axis=3}",
                      "Flatten{axis=-1}",
                      "Transpose",
                      "Transpose{permutation=[1, 2, 0]}",
                      "Unsqueeze{axes=[0, -1]}",
                      "Squeeze",
                      "Size",
                      "ShapeOf{start=-2}",
                      "NonZero",
                      "Trilu{upper}",
                      "Softmax{axis=1}",
                      "Hardmax{axis=-1}",
                      "ArgMax{axis=1, keepDims}",
                      "ArgMin{axis=-1}"),
                  type("float32", List.of(d.of(1, 3), 1, d.of(1, 3)))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "Squeeze{axes=[%d]}".formatted(d.of(1, 1) - d.of(0, 1) * 3),
                  type("float32", List.of(2, 1, 1))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "Einsum{equation=\"%s\"}"
                      .formatted(
                          d.one(
                              "ij,jk->ik",
                              "ij,jk",
                              "ij,jk->kij",
                              "...j,jk->...k",
                              "ij,jk->",
                              "ij,j...->i...")),
                  type("float32", List.of(d.of(1, 3), 2)),
                  type("float32", List.of(2, d.of(1, 3)))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y, i",
                  "TopK{axis=%d, largest, sorted}".formatted(d.of(-2, 1)),
                  type("float32", List.of(3, 4)),
                  vector(d.of(0, 3))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "OneHot{axis=%d}".formatted(d.of(-3, 2)),
                  "int64[2x1]",
                  "int64[] = " + d.of(1, 4),
                  "float32[2] = 0.0, 1.0"),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "Range",
                  "int64[] = " + d.of(-3, 3),
                  "int64[] = " + d.of(-9, 9),
                  "int64[] = " + d.one("1", "2", "-1", "-3")),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "Range",
                  "float32[] = 0.5",
                  "float32[] = " + d.of(-2, 4),
                  "float32[] = " + d.one("0.25", "0.3", "-0.7")),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  d.one("DepthToSpace{block=2}", "DepthToSpace{block=2, columnFirst}"),
                  type("float32", List.of(1, 4 * d.of(1, 2), d.of(1, 3), d.of(1, 3)))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "SpaceToDepth{block=2}",
                  type("float32", List.of(1, 3, 2 * d.of(1, 2), 2 * d.of(1, 2)))),
          (seed, d) -> {
            boolean first = d.of(0, 1) == 0;
            int directions = d.of(1, 2);
            String kind = d.one("LSTM", "GRU", "RNN");
            int gates = Recurrent.Kind.valueOf(kind).gates();
            String op =
                "%s{direction=%s, hidden=3%s}"
                    .formatted(
                        kind,
                        directions == 1 ? d.one("forward", "reverse") : "bidirectional",
                        first ? ", batchFirst" : "");
            return new Draw(
                seed,
                kind.equals("LSTM") ? "y, h, k" : "y, h",
                op,
                type("float32", List.of(d.of(1, 3), d.of(1, 3), 2)),
                type("float32", List.of(directions, gates * 3, 2)),
                type("float32", List.of(directions, gates * 3, 3)));
          },
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "Quantize{to=%s, axis=1, block=0}".formatted(d.one("int8", "uint8")),
                  type("float32", List.of(2, 3)),
                  d.one("float32[] = 0.5", "float32[3] = 0.5, 0.25, 1.0")),
          (seed, d) -> new Draw(seed, "y, s, z", "DynamicQuantize", type("float32", d.dims(2, 4))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "MatMulInteger",
                  type("uint8", List.of(d.of(1, 3), 4)),
                  type("int8", List.of(4, d.of(1, 3)))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "GridSample{mode=%s, padding=zeros}".formatted(d.one("nearest", "linear")),
                  type("float32", List.of(1, 2, 3, 3)),
                  type("float32", List.of(1, d.of(1, 4), 2, 2))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  d.one("Attention", "Attention{causal}"),
                  type("float32", List.of(2, d.of(1, 3), 4)),
                  type("float32", List.of(2, 3, 4)),
                  type("float32", List.of(2, 3, d.of(1, 5)))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  d.one("LayerNorm{axis=-1, epsilon=1.0E-5}", "RmsNorm{axis=-1, epsilon=0.1}"),
                  type("float32", List.of(2, d.of(1, 3), 4)),
                  type("float32", List.of(4))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  d.one("GlobalMaxPool{p=0}", "GlobalAveragePool{p=0}", "GlobalLpPool{p=2}"),
                  type("float32", List.of(2, 3, d.of(1, 3), d.of(1, 3)))),
          (seed, d) ->
              new Draw(
                  seed,
                  "y",
                  "Cast{to=%s}".formatted(d.one("int64", "float16", "bool", "int8")),
                  type("float32", d.dims(2, 3))));

  static Stream<Draw> draws() {
    return IntStream.range(0, RULES.size() * 15)
        .mapToObj(seed -> RULES.get(seed % RULES.size()).draw(seed, new Dice(new Random(seed))));
  }

  @ParameterizedTest
  @MethodSource("draws")
  void inferredType_isThatOfTheComputedValue(Draw draw) {
    Graph graph;
    try {
      graph = Nets.several(draw.results(), draw.op(), draw.operands());
    } catch (InputException e) {
      return; // refused: the tests of the families say when
    }
    var computed = Evaluation.all(graph, tensors(graph, new Random(draw.seed())));
    computed.forEach((value, tensor) -> check(draw.toString(), graph, value, tensor));
  }

  private static void check(String draw, Graph graph, String value, Tensor tensor) {
    var inferred = graph.typeOf(value);
    assertThat(inferred.dtype()).as(draw).isEqualTo(tensor.dtype());
    assertThat(inferred.shape().rank()).as(draw).isEqualTo(tensor.rank());
    for (int axis = 0; axis < tensor.rank(); axis++) {
      if (inferred.shape().dim(axis) instanceof Dim.Known(var size)) {
        assertThat(size)
            .as("%s of '%s', axis %d", draw, value, axis)
            .isEqualTo(tensor.dims().get(axis));
      } else {
        assertThat(graph.producer(value).orElseThrow().op())
            .as("%s: only what depends on data has no number", draw)
            .isInstanceOf(Movement.NonZero.class);
      }
    }
    graph
        .contents(value)
        .ifPresent(contents -> {
          long[] known = contents.stream().mapToLong(e -> e.constant().orElseThrow()).toArray();
          float[] real = new float[known.length];
          for (int i = 0; i < known.length; i++) {
            real[i] = known[i];
          }
          assertThat(tensor.floats()).as("%s: contents of '%s'", draw, value).isEqualTo(real);
        });
  }

  private static Map<String, Tensor> tensors(Graph graph, Random random) {
    Map<String, Tensor> all = new HashMap<>();
    for (Value input : graph.inputs()) {
      var dims = java.util.Arrays.stream(input.type().shape().sizes()).boxed().toList();
      int count = (int) input.type().shape().elements().orElseThrow();
      var tensor =
          switch (input.type().dtype()) {
            case FLOAT32 -> {
              float[] values = new float[count];
              for (int i = 0; i < count; i++) {
                values[i] = random.nextFloat(-1, 1);
              }
              yield Tensor.ofFloats(dims, values);
            }
            case INT64 -> Tensor.ofLongs(dims, new long[count]);
            default ->
                Tensor.dense(
                    input.type().dtype(),
                    dims,
                    Storage.of(new byte[(int) input.type().dtype().bytes(count)]));
          };
      all.put(input.name(), tensor);
    }
    return all;
  }

  /// Arithmetic on a shape: small numbers through every op that contents are known of.
  static Stream<Integer> seeds() {
    return IntStream.range(0, 60).boxed();
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void contents_areTheComputedElements(int seed) {
    var d = new Dice(new Random(seed));
    var text = new StringBuilder();
    text.append(
        "graph shapes\ninput x: float32[%d x %d x %d]\n"
            .formatted(d.of(1, 5), d.of(1, 5), d.of(1, 5)));
    text.append("const c: int64[3] = %s\n".formatted(d.list(3, -4, 6)));
    text.append("const i: int64[3] = %s\n".formatted(d.list(3, -3, 2)));
    text.append("const one: int64[1] = %d\n".formatted(d.of(0, 2)));
    text.append("const three: int64[1] = 3\nconst zero: int64[1] = 0\n");
    text.append("v0 = ShapeOf{start=0}(x)\n");
    for (int step = 1; step < 10; step++) {
      String a = "v" + d.of(0, step - 1);
      String b = d.one("c", "v" + d.of(0, step - 1));
      String made =
          switch (d.of(0, 9)) {
            case 0, 1 -> d.one("Add", "Sub", "Mul", "Max", "Min") + "(" + a + ", " + b + ")";
            case 2 -> "Neg(" + a + ")";
            case 3 -> "Gather{axis=0}(" + a + ", i)";
            case 4 -> "Cast{to=int64}(k" + step + ")";
            case 5 -> "Cast{to=int64}(k" + step + ")";
            case 6 -> "Where(k" + step + ", " + a + ", " + b + ")";
            case 7 -> "Expand(k" + step + ", three)";
            case 8 -> "Slice(k" + step + ", one, three_and_one" + step + ")";
            default -> "Reshape(k" + step + ", three)";
          };
      String inner =
          made.startsWith("Cast")
              ? d.one(
                  "Cast{to=float32}(" + a + ")",
                  "Less(" + a + ", " + b + ")",
                  "Equal(" + a + ", " + b + ")",
                  "LessOrEqual(" + a + ", " + b + ")")
              : made.startsWith("Where")
                  ? d.one("Greater", "Equal", "GreaterOrEqual") + "(" + a + ", " + b + ")"
                  : made.startsWith("Expand")
                      ? d.one("ReduceProd", "ReduceSum", "ReduceMax", "ReduceMin")
                          + "{keepDims}("
                          + a
                          + ")"
                      : made.startsWith("Slice")
                          ? "Concat{axis=0}(" + a + ", " + b + ")"
                          : made.startsWith("Reshape") ? "Unsqueeze{axes=[0]}(" + a + ")" : "";
      if (!inner.isEmpty()) {
        text.append("k%d = %s\n".formatted(step, inner));
      }
      if (made.startsWith("Slice")) {
        text.append("three_and_one%d = Add(one, three)\n".formatted(step));
      }
      text.append("v%d = %s\n".formatted(step, made));
    }
    text.append("output v9\n");
    var graph = GraphText.parse(text.toString());
    var computed = Evaluation.all(graph, tensors(graph, new Random(seed)));
    computed.forEach((value, tensor) -> check("seed " + seed + "\n" + text, graph, value, tensor));
    assertThat(graph.contents("v0")).isPresent();
  }
}
