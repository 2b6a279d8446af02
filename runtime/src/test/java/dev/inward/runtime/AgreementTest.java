package dev.inward.runtime;

import static dev.inward.testkit.TensorAssert.assertTensor;
import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.base.InputException;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.graph.evaluation.Evaluation;
import dev.inward.testkit.Chance;
import dev.inward.testkit.OpDraws;
import dev.inward.testkit.RandomGraphs;
import dev.inward.testkit.Trials;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The reference evaluator and the ONNX writer against ONNX Runtime: each computes an op in its own
/// way, and all agree, whatever the shapes and attributes.
final class AgreementTest {
  private static final int DRAWS = 8;

  @Test
  void randomGraphs_computeTheSame() {
    Trials.run(
        60,
        chance -> {
          Graph graph = RandomGraphs.of(chance, chance.between(1, 15));
          agree(graph, chance.inputs(graph), 1e-4);
        });
  }

  static Stream<OpDraws.Rule> rules() {
    return OpDraws.all().stream();
  }

  @ParameterizedTest
  @MethodSource("rules")
  void op_computesTheSame(OpDraws.Rule rule) {
    int[] refused = new int[1];
    Trials.run(
        DRAWS,
        chance -> {
          var draw = rule.draw().apply(chance);
          Graph graph;
          try {
            graph = draw.graph();
          } catch (InputException e) {
            refused[0]++; // the shapes do not go together: typing's tests say when
            return;
          }
          try {
            agree(graph, chance.inputs(graph), draw.tolerance());
          } catch (RuntimeException | AssertionError e) {
            throw new AssertionError(draw + ": " + e.getMessage(), e);
          }
        });
    assertThat(refused[0]).as("most draws are valid").isLessThan(DRAWS / 2);
  }

  static Stream<Unary.Function> unaries() {
    return Stream.of(Unary.Function.values())
        .filter(f -> f != Unary.Function.NOT && f != Unary.Function.BITWISE_NOT);
  }

  @ParameterizedTest
  @MethodSource("unaries")
  void function_computesTheSame(Unary.Function function) {
    var graph = Nets.node("y", new Unary(function).name(), List.of("float32[9x40]"));
    float[] values = new Chance(7).floats(List.of(360L)).floats();
    float[] corners = {0, -0f, 0.5f, 1.5f, 2.5f, -0.5f, 1, -1, 30, -30, 88, -88, 100, 1e-8f, 1e30f};
    System.arraycopy(corners, 0, values, 0, corners.length);
    if (function == Unary.Function.IS_NAN) {
      values[50] = Float.NaN;
      values[51] = Float.POSITIVE_INFINITY;
    }
    boolean periodic =
        function == Unary.Function.SIN
            || function == Unary.Function.COS
            || function == Unary.Function.TAN;
    if (periodic) {
      values[14] = 100; // of 1e30 no two libraries know the sine
    }
    agree(
        graph,
        Map.of("a", Tensor.ofFloats(List.of(9L, 40L), values)),
        function == Unary.Function.TAN ? 1e-4 : 1e-5);
  }

  static void agree(Graph graph, Map<String, Tensor> inputs, double tolerance) {
    SequencedMap<String, Tensor> expected = Evaluation.run(graph, inputs);
    try (var session = Session.open(graph)) {
      var actual = session.run(inputs);
      assertThat(actual.keySet()).containsExactlyElementsOf(expected.keySet());
      expected.forEach((name, tensor) ->
          assertTensor(Objects.requireNonNull(actual.get(name)))
              .isClose(tensor, tolerance, tolerance));
    }
  }
}
