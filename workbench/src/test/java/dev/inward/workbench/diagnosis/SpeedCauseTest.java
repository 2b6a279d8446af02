package dev.inward.workbench.diagnosis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class SpeedCauseTest {
  private static Optional<SpeedCause> found(Graph graph, SpeedCause.Kind kind) {
    return SpeedCause.of(graph).stream().filter(cause -> cause.kind() == kind).findFirst();
  }

  private static Graph product(String rows, int width) {
    return GraphText.parse(
        """
        graph product
        input x: float32[%s x 1 x %d]
        const w: float32[%d x %d] = random 1
        a = MatMul(x, w)
        y = Relu(a)
        output y
        """
            .formatted(rows, width, width, width));
  }

  @Test
  void openShape_isNamed() {
    var cause = found(product("n", 64), SpeedCause.Kind.DYNAMIC_SHAPE).orElseThrow();
    assertThat(cause.nodes()).containsExactly("a", "y");
    assertThat(cause.evidence()).contains("a shape that is not fixed");
    assertThat(cause.change()).contains("--shape");
    assertThat(cause.source()).startsWith("flexible on A15 Bionic; ");
    assertThat(found(product("1", 64), SpeedCause.Kind.DYNAMIC_SHAPE)).isEmpty();
  }

  @Test
  void float32AmongFloat16_isAnIsland() {
    Graph half = Pair.halved(product("1", 64));
    Graph island = Float32.keep(half, java.util.Set.of("a"), java.util.Map.of());
    var cause =
        SpeedCause.of(island).stream()
            .filter(one -> one.kind() == SpeedCause.Kind.TYPE_ISLAND && one.nodes().contains("a"))
            .findFirst();
    assertThat(cause).isPresent();
    assertThat(SpeedCause.of(half))
        .noneMatch(one -> one.kind() == SpeedCause.Kind.TYPE_ISLAND && one.nodes().contains("a"));
  }

  @Test
  void opThatTheEngineLacks_leavesIt() {
    Graph graph =
        GraphText.parse(
            """
            graph sums
            input x: float32[1x64]
            const axis: int64[] = 1
            y = CumSum(x, axis)
            output y
            """);
    var cause = found(graph, SpeedCause.Kind.LEAVES_ENGINE).orElseThrow();
    assertThat(cause.nodes()).containsExactly("y");
    assertThat(found(product("1", 64), SpeedCause.Kind.LEAVES_ENGINE)).isEmpty();
  }

  @Test
  void largeValues_spill() {
    var cause = found(product("2000", 1024), SpeedCause.Kind.WORKING_SET).orElseThrow();
    // Two values of 2000 x 1024 halves.
    assertThat(cause.evidence()).contains("reads and makes 8.19 MB, the chip holds 2 MB");
    assertThat(cause.nodes()).isEqualTo(List.of("a", "y"));
    assertThat(found(product("100", 1024), SpeedCause.Kind.WORKING_SET)).isEmpty();
  }

  @Test
  void manyWeights_loadCold() {
    var builder = GraphText.parse("graph many\ninput x: float32[1x32]\n").toBuilder();
    String last = "x";
    var weight = dev.inward.graph.Tensor.ofFloats(List.of(32L, 32L), new float[1024]);
    for (int i = 0; i < 500; i++) {
      builder.constant("w" + i, weight);
      builder.node(new dev.inward.graph.Product.MatMul(), List.of(last, "w" + i), "y" + i);
      last = "y" + i;
    }
    var cause = found(builder.output(last).build(), SpeedCause.Kind.COLD_LOAD).orElseThrow();
    assertThat(cause.evidence()).startsWith("500 weights of 2.05 MB are prepared");
    assertThat(found(product("1", 64), SpeedCause.Kind.COLD_LOAD)).isEmpty();
  }
}
