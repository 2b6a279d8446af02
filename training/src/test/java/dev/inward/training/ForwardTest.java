package dev.inward.training;

import static dev.inward.testkit.TensorAssert.assertTensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.djl.ndarray.NDManager;
import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.Opaque;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.evaluation.Evaluation;
import dev.inward.testkit.OpDraws;
import dev.inward.testkit.RandomGraphs;
import dev.inward.testkit.Trials;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/// The forward pass on PyTorch against the reference evaluator.
final class ForwardTest {
  private static final int DRAWS = 6;

  @Test
  void randomGraphs_computeTheSame() {
    try (NDManager manager = Torch.open(1)) {
      Trials.run(
          40,
          chance -> {
            Graph graph = RandomGraphs.of(chance, chance.between(1, 15));
            agree(manager, graph, chance.inputs(graph), 1e-4);
          });
    }
  }

  /// Whatever the shapes and attributes; what is refused is refused by name, and is only what these
  /// names say.
  @Test
  void ops_computeTheSame_orAreRefusedByName() {
    var refused = new TreeSet<String>();
    var failed = new TreeSet<String>();
    try (NDManager manager = Torch.open(1)) {
      for (OpDraws.Rule rule : OpDraws.all()) {
        Trials.run(
            DRAWS,
            chance -> {
              OpDraws.Draw draw = rule.draw().apply(chance);
              Graph graph;
              try {
                graph = draw.graph();
              } catch (InputException e) {
                return; // the shapes do not go together: typing's tests say when
              }
              try {
                agree(manager, graph, chance.inputs(graph), Math.max(1e-4, draw.tolerance()));
              } catch (UnsupportedException e) {
                assertThat(e.getMessage()).startsWith("node '").contains(" is not trained");
                refused.add(rule.name());
              } catch (RuntimeException | AssertionError e) {
                failed.add(rule.name() + ": " + draw + ": " + e);
              }
            });
      }
    }
    assertThat(failed).isEmpty();
    // Casts to and from half precision, ellipses, grids, and scatters that combine.
    assertThat(refused)
        .containsExactly(
            "Cast from bool",
            "Cast from float32",
            "Cast from int32",
            "Cast from int64",
            "Cast from int8",
            "Cast from uint8",
            "Einsum",
            "GridSample",
            "ScatterElements",
            "ScatterNd");
  }

  @Test
  void opOfAnotherDomain_isRefusedByName() {
    Graph graph =
        Graph.builder("net")
            .input("x", TensorType.of(DataType.FLOAT32, 2))
            .node(new Opaque("acme", "Blur", Storage.of(new byte[0]), List.of()), List.of("x"), "y")
            .output("y")
            .build();
    try (NDManager manager = Torch.open(1);
        var forward = Forward.of(graph, manager)) {
      assertThatThrownBy(
              () -> forward.run(manager, Map.of("x", Tensor.ofFloats(List.of(2L), 1, 2)), Map.of()))
          .isInstanceOf(UnsupportedException.class)
          .hasMessage("node 'y': training does not know the op acme.Blur");
    }
  }

  static void agree(NDManager manager, Graph graph, Map<String, Tensor> inputs, double tolerance) {
    Map<String, Tensor> expected = Evaluation.run(graph, inputs);
    try (NDManager step = manager.newSubManager();
        var forward = Forward.of(graph, manager)) {
      var values = forward.run(step, inputs, Map.of());
      expected.forEach((name, tensor) ->
          assertTensor(Objects.requireNonNull(values.host(name)))
              .isClose(tensor, tolerance, tolerance));
    }
  }
}
