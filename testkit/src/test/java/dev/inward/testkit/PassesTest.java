package dev.inward.testkit;

import static dev.inward.testkit.TensorAssert.assertTensor;
import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.Graph;
import dev.inward.graph.evaluation.Evaluation;
import dev.inward.graph.rewrite.ConstantFolding;
import dev.inward.graph.rewrite.Simplification;
import org.junit.jupiter.api.Test;

/// What passes keep, on random graphs.
final class PassesTest {
  @Test
  void folding_keepsEveryBitAndEveryName() {
    int[] nodes = new int[2];
    Trials.run(
        300,
        chance -> {
          Graph graph = RandomGraphs.of(chance, chance.between(1, 20));
          Graph folded = new ConstantFolding().apply(graph);
          var inputs = chance.inputs(graph);

          assertThat(Evaluation.run(folded, inputs)).isEqualTo(Evaluation.run(graph, inputs));
          assertThat(folded.inputs()).isEqualTo(graph.inputs());
          assertThat(folded.outputs()).isEqualTo(graph.outputs());
          assertThat(new ConstantFolding().apply(folded)).isSameAs(folded);
          nodes[0] += graph.nodes().size();
          nodes[1] += folded.nodes().size();
        });
    assertThat(nodes[1]).as("nodes left of %d", nodes[0]).isLessThan(nodes[0] * 3 / 4);
  }

  @Test
  void simplification_keepsTheResults() {
    Trials.run(
        300,
        chance -> {
          Graph graph = RandomGraphs.of(chance, chance.between(1, 20));
          var inputs = chance.inputs(graph);
          var expected = Evaluation.run(graph, inputs);

          var actual = Evaluation.run(Simplification.of(graph).graph(), inputs);

          assertThat(actual.keySet()).containsExactlyElementsOf(expected.keySet());
          for (String name : graph.outputs()) {
            var found = java.util.Objects.requireNonNull(actual.get(name));
            assertTensor(found)
                .isClose(java.util.Objects.requireNonNull(expected.get(name)), 1e-5, 1e-5);
          }
        });
  }

  @Test
  void inferredTypes_areThoseOfTheValues() {
    Trials.run(
        300,
        chance -> {
          Graph graph = RandomGraphs.of(chance, chance.between(1, 20));

          Evaluation.all(graph, chance.inputs(graph))
              .forEach((name, tensor) -> assertThat(graph.typeOf(name)).isEqualTo(tensor.type()));
        });
  }
}
