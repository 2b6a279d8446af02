package dev.inward.device;

import static dev.inward.device.Placed.half;
import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary.Function;
import dev.inward.graph.Graph;
import dev.inward.graph.Product;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DepartureTest {
  private static Tensor matrix(long rows, long columns) {
    return Tensor.dense(
        DataType.FLOAT16,
        List.of(rows, columns),
        Storage.of(new byte[Math.toIntExact(rows * columns * 2)]));
  }

  /// 1x512 to 1x20000 to 1x512, with two remainders on the way.
  private static Graph wide() {
    return Graph.builder("g")
        .input("x", half(1, 512))
        .constant("up", matrix(512, 20_000))
        .constant("down", matrix(20_000, 512))
        .constant("square", matrix(512, 512))
        .constant("three", matrix(1, 1))
        .node(new Product.MatMul(), List.of("x", "square"), "a")
        .node(new Elementwise.Binary(Function.MOD), List.of("a", "three"), "b")
        .node(new Elementwise.Binary(Function.MOD), List.of("b", "three"), "c")
        .node(new Product.MatMul(), List.of("c", "up"), "d")
        .node(new Product.MatMul(), List.of("d", "down"), "y")
        .output("y")
        .build();
  }

  @Test
  void departures_areGroupedByRuleWithTheMostWorkFirst() {
    var placement = Placement.ofProgram(wide(), Chip.named("A15 Bionic"));
    assertThat(placement.departures())
        .satisfiesExactly(
            extent -> {
              assertThat(extent.rule()).isEqualTo(Rule.EXTENT);
              assertThat(extent.unit()).isEqualTo(ComputeUnit.GPU);
              assertThat(extent.nodes()).extracting(p -> p.node().name()).containsExactly("d", "y");
              // 2 * 512 * 20000 of 2 * 512 * 20000 + 512 * 512.
              assertThat(extent.share()).isBetween(0.987, 0.988);
              assertThat(extent.change()).isEqualTo("split that axis into parts of at most 16384");
            },
            remainder -> {
              assertThat(remainder.rule()).isEqualTo(Rule.NO_SUCH_OP);
              assertThat(remainder.unit()).isEqualTo(ComputeUnit.CPU);
              assertThat(remainder.nodes()).hasSize(2);
              assertThat(remainder.share()).isZero();
              assertThat(remainder.change()).isEqualTo("write x - y * floor(x / y)");
            });
    // Neural Engine, CPU, GPU.
    assertThat(placement.crossings()).isEqualTo(2);
    assertThat(placement.share(ComputeUnit.GPU)).isBetween(0.987, 0.988);
  }

  @Test
  void laterChip_hasFewerDepartures() {
    var placement = Placement.ofProgram(wide(), Chip.named("M4"));
    assertThat(placement.departures()).extracting(Departure::rule).containsExactly(Rule.NO_SUCH_OP);
    assertThat(placement.crossings()).isEqualTo(2);
  }

  @Test
  void modelOnOneUnit_hasNone() {
    var graph =
        Graph.builder("g")
            .input("x", half(1, 512))
            .constant("w1", matrix(512, 512))
            .constant("w2", matrix(512, 512))
            .node(new Product.MatMul(), List.of("x", "w1"), "a")
            .node(new Product.MatMul(), List.of("a", "w2"), "y")
            .output("y")
            .build();
    var placement = Placement.ofProgram(graph, Chip.named("M1"));
    assertThat(placement.departures()).isEmpty();
    assertThat(placement.crossings()).isZero();
    assertThat(placement.share(ComputeUnit.NEURAL_ENGINE)).isEqualTo(1);
  }

  @Test
  void everyRule_saysWhatToChange() {
    var node = wide().nodes().getFirst();
    for (Rule rule : Rule.values()) {
      assertThat(Change.of(rule, node, Chip.named("A15 Bionic"))).as(rule.name()).isNotBlank();
    }
  }
}
