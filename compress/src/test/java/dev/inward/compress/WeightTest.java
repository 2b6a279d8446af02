package dev.inward.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class WeightTest {
  private static Graph graph(String body) {
    return GraphText.parse("graph g\n" + body);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "float32[2x16] | float32[16x32] | MatMul(x, w) | 1 | 0",
        "float32[4x2x16] | float32[4x16x32] | MatMul(x, w) | 2 | 1",
        "float32[2x16] | float32[16x32] | Linear(x, w, b) | 1 | 0",
        "float32[2x16] | float32[16x32] | Gemm{alpha=1.0, beta=1.0}(x, w) | 1 | 0",
        "float32[2x16] | float32[32x16] | Gemm{alpha=1.0, beta=1.0, transB}(x, w) | 0 | 1",
        "float32[1x8x9x9] | float32[8x8x3x3] | Conv{groups=1}(x, w) | 0 | 1",
        "float32[1x8x9x9] | float32[8x8x3x3] | ConvTranspose{groups=1}(x, w) | 1 | 0",
        "int64[4] | float32[64x8] | Gather{axis=0}(w, x) | 0 | 1",
      })
  void axes_areThoseOfOutputsAndInputs(String x, String w, String node, int axis, int input) {
    var graph =
        graph(
            "input x: %s\nconst w: %s = random 1\nconst b: float32[32] = random 2\ny = %s\noutput y"
                .formatted(x, w, node));

    assertThat(Weight.of(graph))
        .containsExactly(
            new Weight(
                "w",
                graph.constant("w").orElseThrow().elements(),
                OptionalInt.of(axis),
                OptionalInt.of(input),
                List.of("y"),
                node.startsWith("Gather")));
  }

  @Test
  void recurrentCell_hasTwoWeights() {
    var graph =
        graph(
            """
            input x: float32[5x1x16]
            const w: float32[1x64x16] = random 1
            const r: float32[1x64x16] = random 2
            const b: float32[1x128] = random 3
            y, h, k = LSTM{direction=forward, hidden=16}(x, w, r, b)
            output y
            """);

    assertThat(Weight.of(graph)).extracting(Weight::name).containsExactly("w", "r");
    assertThat(Weight.of(graph)).allMatch(w -> w.channelAxis().equals(OptionalInt.of(1)));
  }

  @Test
  void sharedWeight_isOne() {
    var graph =
        graph(
            """
            input x: float32[2x32]
            const w: float32[32x32] = random 1
            a = MatMul(x, w)
            y = MatMul(a, w)
            output y
            """);

    assertThat(Weight.of(graph))
        .containsExactly(
            new Weight("w", 1024, OptionalInt.of(1), OptionalInt.of(0), List.of("a", "y"), false));
  }

  @Test
  void readersThatDisagree_leaveNoAxis() {
    var graph =
        graph(
            """
            input x: float32[2x64]
            input i: int64[3]
            const w: float32[64x64] = random 1
            a = MatMul(x, w)
            b = Gather{axis=0}(w, i)
            output a, b
            """);

    assertThat(Weight.of(graph))
        .containsExactly(
            new Weight(
                "w", 4096, OptionalInt.empty(), OptionalInt.empty(), List.of("a", "b"), false));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "z = Relu(w) | y, z",
        "z = MatMul(w, x) | y, z",
        "z = Identity(x) | y, w",
        "z = Gather{axis=1}(w, i) | y, z",
      })
  void weightThatIsReadElsewhereToo_isLeftAlone(String other, String outputs) {
    var graph =
        graph(
            """
            input x: float32[32x32]
            const i: int64[2] = 0, 1
            const w: float32[32x32] = random 1
            y = MatMul(x, w)
            %s
            output %s
            """
                .formatted(other, outputs));

    assertThat(Weight.of(graph)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "float32[2x7] | float32[7x73] = random 1 | MatMul(x, w)",
        "float32[16x32] | float32[32x32] = random 1 | Add(x, x)",
        "int64[4] | float32[63x16] = random 1 | Gather{axis=0}(w, x)",
        "float64[2x32] | float64[32x32] = all 1 | MatMul(x, w)",
      })
  void smallAndOtherConstants_areLeft(String x, String w, String node) {
    var graph = graph("input x: %s\nconst w: %s\ny = %s\noutput y".formatted(x, w, node));

    assertThat(Weight.of(graph)).isEmpty();
  }
}
