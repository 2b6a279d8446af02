package dev.inward.compress;

import static dev.inward.testkit.TensorAssert.assertTensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.Progress;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Node;
import dev.inward.graph.Quantization;
import dev.inward.graph.Tensor;
import dev.inward.graph.evaluation.Evaluation;
import dev.inward.runtime.Session;
import dev.inward.testkit.Chance;
import dev.inward.testkit.Trials;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class CompressionTest {
  private static List<Recipe> recipes(Graph graph) {
    List<Recipe> recipes = new ArrayList<>(weightOnly(graph).toList());
    recipes.add(Recipes.dynamic(graph, "dynamic"));
    var nodes = Recipes.quantizable(graph);
    var calibration = Calibration.of(graph, nodes, Trial.samples(graph, 4), Progress.SILENT);
    // Four samples are too few for a distribution: entropy would cut off what matters.
    for (var method : EnumSet.complementOf(EnumSet.of(Calibration.Method.ENTROPY))) {
      recipes.add(Recipes.calibrated(graph, "static " + method, calibration, method));
    }
    return recipes;
  }

  private static Stream<Recipe> weightOnly(Graph graph) {
    return Stream.of(
            WeightFormat.FLOAT16,
            WeightFormat.INT8_PER_TENSOR,
            WeightFormat.INT8_PER_CHANNEL,
            new WeightFormat.Affine(8, WeightFormat.Granularity.CHANNEL, true),
            new WeightFormat.Affine(4, WeightFormat.Granularity.CHANNEL, false))
        .map(f -> Recipes.weights(graph, f.text(), f));
  }

  private static Map<String, Tensor> onRuntime(Graph graph, Map<String, Tensor> sample) {
    try (var session = Session.open(graph)) {
      return session.run(sample);
    }
  }

  static Stream<Graph> graphs() {
    return Stream.of(Trial.NET, Trial.TEXT);
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void everyRecipe_keepsTheGraphRunningAndNear(Graph graph) {
    var sample = Trial.samples(graph, 1).getFirst();
    Tensor reference = onRuntime(graph, sample).get("y");
    for (Recipe recipe : recipes(graph)) {
      Graph encoded = Compression.apply(graph, recipe);
      assertThat(encoded.inputs()).isEqualTo(graph.inputs());
      assertThat(encoded.outputs()).isEqualTo(graph.outputs());
      assertThat(Compression.apply(graph, recipe)).as("the same again").isEqualTo(encoded);
      Graph form = RuntimeForm.of(encoded, recipe);
      assertThat(RuntimeForm.of(encoded, recipe)).as("the same again").isEqualTo(form);

      Tensor found = Objects.requireNonNull(onRuntime(form, sample).get("y"));

      boolean four = recipe.name().startsWith("int4");
      assertThat(Trial.decibels(Objects.requireNonNull(reference), found))
          .as(recipe.name())
          .isBetween(four ? 8.0 : 25, 90.0);
      Tensor evaluated = Objects.requireNonNull(Evaluation.run(encoded, sample).get("y"));
      // A range taken at run time is in the runtime form only.
      assertTensor(found).isNear(evaluated, recipe.name().equals("dynamic") ? 0.05 : 1e-3);
    }
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void weightsAlone_runAsTheyAreDecoded(Graph graph) {
    weightOnly(graph)
        .forEach(recipe -> {
          Graph encoded = Compression.apply(graph, recipe);
          for (var sample : Trial.samples(graph, 3)) {
            Tensor expected = Objects.requireNonNull(Evaluation.run(encoded, sample).get("y"));
            var found = onRuntime(RuntimeForm.of(encoded, recipe), sample).get("y");
            assertTensor(Objects.requireNonNull(found)).isNear(expected, 1e-5);
          }
        });
  }

  @ParameterizedTest
  @MethodSource("graphs")
  void weightsAlone_areDecodedOnceWhenTheFileIsLoaded(Graph graph) {
    for (var format : List.of(WeightFormat.INT8_PER_TENSOR, WeightFormat.INT8_ASYMMETRIC)) {
      var recipe = Recipes.weights(graph, "int8", format);
      Graph form = RuntimeForm.of(Compression.apply(graph, recipe), recipe);
      assertThat(form.constants().values())
          .as("plain codes, which no reader has to take as an encoding")
          .noneMatch(t -> t.encoding() instanceof Encoding.Affine);
      assertThat(form.constants().values().stream().mapToLong(Tensor::storedBytes).sum())
          .isLessThan(graph.constants().values().stream().mapToLong(Tensor::storedBytes).sum() / 2);
    }
  }

  @Test
  void sevenBits_meetActivationsSignedEightUnsigned() {
    var graph = Trial.TEXT;
    var sample = Trial.samples(graph, 1).getFirst();
    Tensor reference = Objects.requireNonNull(onRuntime(graph, sample).get("y"));
    for (var format : List.of(WeightFormat.INT7_PER_CHANNEL, WeightFormat.INT8_PER_CHANNEL)) {
      var recipe = Recipes.dynamic(graph, "dynamic", format);
      Graph encoded = Compression.apply(graph, recipe);
      Graph form = RuntimeForm.of(encoded, recipe);
      boolean seven = format.equals(WeightFormat.INT7_PER_CHANNEL);
      assertThat(form.constant("v.codes").orElseThrow().dtype())
          .isEqualTo(seven ? DataType.INT8 : DataType.UINT8);
      Tensor found = Objects.requireNonNull(onRuntime(form, sample).get("y"));
      assertThat(Trial.decibels(reference, found)).isBetween(25.0, 60.0);
    }
  }

  @Test
  void dynamicForm_isDynamicQuantisationByTheBook() {
    Trials.run(
        20,
        chance -> {
          boolean bias = chance.flip();
          boolean channels = chance.flip();
          boolean asymmetric = chance.flip();
          String node = bias ? "Linear(x, w, b)" : "MatMul(x, w)";
          var graph =
              GraphText.parse(
                  """
                  graph product
                  input x: float32[3x32]
                  const w: float32[32x24] = random %d
                  const b: float32[24] = random 9
                  y = %s
                  output y
                  """
                      .formatted(chance.between(0, 999), node));
          var granularity =
              channels ? WeightFormat.Granularity.CHANNEL : WeightFormat.Granularity.TENSOR;
          var recipe =
              new Recipe(
                  "dynamic",
                  Recipes.weights(graph, "w", new WeightFormat.Affine(8, granularity, asymmetric))
                      .weights(),
                  Recipes.dynamic(graph, "dynamic").activations());
          Graph encoded = Compression.apply(graph, recipe);
          Graph form = RuntimeForm.of(encoded, recipe);
          assertThat(form.nodes()).anyMatch(n -> n.op() instanceof Quantization.MatMulInteger);
          Tensor x = chance.floats(List.of(3L, 32L));

          float[] found = Objects.requireNonNull(onRuntime(form, Map.of("x", x)).get("y")).floats();

          double[] expected =
              dynamic(x.floats(), encoded.constant("w").orElseThrow().floats(), 3, 32, 24);
          float[] b = graph.constant("b").orElseThrow().floats();
          for (int i = 0; i < found.length; i++) {
            double wanted = expected[i] + (bias ? b[i % 24] : 0);
            assertThat(Math.abs(found[i] - wanted)).isLessThan(1e-3);
          }
        });
  }

  /// x in 255 steps from the least to the largest, 0 among them, times w, in doubles.
  private static double[] dynamic(float[] x, float[] w, int rows, int inner, int columns) {
    double low = 0;
    double high = 0;
    for (float value : x) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    double step = (high - low) / 255;
    double zero = Math.rint(-low / step);
    double[] y = new double[rows * columns];
    for (int r = 0; r < rows; r++) {
      for (int k = 0; k < inner; k++) {
        double code = Math.clamp(Math.rint(x[r * inner + k] / step) + zero, 0, 255);
        for (int c = 0; c < columns; c++) {
          y[r * columns + c] += step * (code - zero) * w[k * columns + c];
        }
      }
    }
    return y;
  }

  @Test
  void tableThatIsAMatrixToo_runsInEveryForm() {
    var graph =
        GraphText.parse(
            """
            graph tied
            input ids: int64[3]
            input x: float32[3x64]
            const w: float32[64x64] = random 1
            e = Gather{axis=0}(w, ids)
            p = MatMul(x, w)
            y = Add(e, p)
            output y
            """);
    var sample = Trial.samples(graph, 1).getFirst();
    Tensor reference = Objects.requireNonNull(Evaluation.run(graph, sample).get("y"));
    for (Recipe recipe : List.of(Recipes.dynamic(graph, "d"), weightOnly(graph).toList().get(3))) {
      Graph form = RuntimeForm.of(Compression.apply(graph, recipe), recipe);

      assertThat(
              Trial.decibels(reference, Objects.requireNonNull(onRuntime(form, sample).get("y"))))
          .isBetween(30.0, 90.0);
    }
  }

  @Test
  void asymmetricTable_isLookedUpRowByRow() {
    var recipe =
        Recipes.weights(
            Trial.TEXT, "a", new WeightFormat.Affine(8, WeightFormat.Granularity.CHANNEL, true));
    Graph form = RuntimeForm.of(Compression.apply(Trial.TEXT, recipe), recipe);

    assertThat(form.constants().get("table.table.codes"))
        .isNotNull()
        .extracting(t -> t.dtype())
        .isEqualTo(DataType.UINT8);
    assertThat(form.constants()).doesNotContainKey("table");
  }

  @Test
  void staticRange_makesOnePairAValueAndRange() {
    var graph =
        GraphText.parse(
            """
            graph three
            input x: float32[2x32]
            const u: float32[32x32] = random 1
            const v: float32[32x32] = random 2
            const w: float32[32x32] = random 3
            a = MatMul(x, u)
            b = MatMul(x, v)
            c = MatMul(x, w)
            output a, b, c
            """);
    var range = new ActivationFormat.Static(-1, 1);
    var other = new ActivationFormat.Static(-2, 1);
    var activations = new LinkedHashMap<String, ActivationFormat>();
    activations.put("a", range);
    activations.put("b", range);
    activations.put("c", other);

    Graph encoded = Compression.apply(graph, new Recipe("r", new LinkedHashMap<>(), activations));

    assertThat(encoded.nodes()).filteredOn(n -> n.op() instanceof Quantization.Quantize).hasSize(2);
    assertThat(encoded.nodes())
        .filteredOn(n -> n.op() instanceof Quantization.Dequantize)
        .hasSize(2);
    assertThat(encoded.nodes().stream().filter(n -> n.name().length() == 1).map(Node::in))
        .containsExactlyInAnyOrder(List.of("a.x", "u"), List.of("a.x", "v"), List.of("c.x", "w"));
    assertThat(encoded.typeOf("a.x.codes").dtype()).isEqualTo(DataType.UINT8);
  }

  @Test
  void recipeOfNothing_changesNothing() {
    assertThat(Compression.apply(Trial.NET, Recipe.original())).isEqualTo(Trial.NET);
    assertThat(RuntimeForm.of(Trial.NET, Recipe.original())).isEqualTo(Trial.NET);
  }

  @Test
  void recipeThatNamesNoWeight_isAnError() {
    for (String name : List.of("lb", "nothing")) {
      Recipe recipe = Recipe.original().with("r", name, WeightFormat.FLOAT16);
      assertThatThrownBy(() -> Compression.apply(Trial.NET, recipe))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("recipe names '" + name + "', which is no weight");
    }
  }

  @Test
  void relievedRecipe_leavesOutTheMostHarmful() {
    Recipe whole = Recipes.dynamic(Trial.TEXT, "d");
    var ranking =
        List.of(
            new Sensitivity("v", false, 10),
            new Sensitivity("h", true, 20),
            new Sensitivity("w", false, 30));

    Recipe relieved = Recipes.relieved("r", whole, ranking, 2);

    assertThat(relieved.weights())
        .containsEntry("v", WeightFormat.FLOAT16)
        .containsEntry("w", WeightFormat.INT8_PER_CHANNEL);
    assertThat(relieved.activations()).containsOnlyKeys("y");
    var sample = new Chance(1).inputs(Trial.TEXT);
    Graph form = RuntimeForm.of(Compression.apply(Trial.TEXT, relieved), relieved);
    assertThat(onRuntime(form, sample)).containsKey("y");
  }

  @Test
  void int8_isAQuarterOfTheSize() {
    Graph encoded =
        Compression.apply(
            Trial.NET, Recipes.weights(Trial.NET, "i", WeightFormat.INT8_PER_CHANNEL));
    for (Weight weight : Weight.of(Trial.NET)) {
      Tensor tensor = encoded.constant(weight.name()).orElseThrow();
      assertThat(tensor.storedBytes()).isBetween(weight.elements(), weight.elements() + 5 * 64);
    }
  }
}
