package dev.inward.device;

import static dev.inward.device.Placed.half;
import static dev.inward.device.Placed.one;
import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Unary.Function;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Product;
import dev.inward.graph.Reduction;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/// What the engine could run, and whether it is likely to.
final class WorthTest {
  private static final Chip A15 = Chip.named("A15 Bionic");
  private static final Elementwise RELU = new Elementwise.Unary(Function.RELU);
  private static final Reduction SUM = new Reduction.CumSum(false, false);

  private static Tensor matrix(long rows, long columns) {
    return Tensor.dense(
        DataType.FLOAT16,
        List.of(rows, columns),
        Storage.of(new byte[Math.toIntExact(rows * columns * 2)]));
  }

  /// Two running sums around something, beside products that are worth the engine.
  private static Graph between(dev.inward.graph.Op op, Map<String, Tensor> constants) {
    var operands = new java.util.ArrayList<>(List.of("a"));
    operands.addAll(constants.keySet());
    var builder =
        Graph.builder("g")
            .input("x", half(1, 512))
            .constant("axis", Tensor.scalar(1L))
            .constant("w1", matrix(512, 512))
            .constant("w2", matrix(512, 512));
    constants.forEach(builder::constant);
    return builder
        .node(SUM, List.of("x", "axis"), "a")
        .node(op, operands, "b")
        .node(SUM, List.of("b", "axis"), "c")
        .node(new Product.MatMul(), List.of("c", "w1"), "d")
        .node(new Product.MatMul(), List.of("d", "w2"), "y")
        .output("y")
        .build();
  }

  private static Placement.Placed placed(Graph graph, String name) {
    return Placement.ofProgram(graph, A15).nodes().stream()
        .filter(p -> p.node().name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void cheapNodeBetweenTwoOfTheCpu_staysThere() {
    var island = placed(between(RELU, Map.of()), "b");
    assertThat(island.unit()).isEqualTo(ComputeUnit.CPU);
    assertThat(island.certainty()).isEqualTo(Certainty.ELIGIBLE);
    assertThat(island.reason())
        .contains(
            new Reason(
                Rule.ISLAND,
                "its neighbours are elsewhere, and it does too little to go to the Neural Engine"
                    + " and back"));
  }

  @Test
  void productBetweenTwoOfTheCpu_isWorthTheCrossing() {
    var placed = placed(between(new Product.MatMul(), Map.of("w3", matrix(512, 512))), "b");
    assertThat(placed.unit()).isEqualTo(ComputeUnit.NEURAL_ENGINE);
    assertThat(placed.certainty()).isEqualTo(Certainty.LIKELY);
  }

  @Test
  void cheapNodeBesideAProduct_isNoIsland() {
    var graph = between(RELU, Map.of());
    assertThat(placed(graph, "d").unit()).isEqualTo(ComputeUnit.NEURAL_ENGINE);
    var all =
        Graph.builder("g")
            .input("x", half(1, 512))
            .constant("w1", matrix(512, 512))
            .constant("w2", matrix(512, 512))
            .node(RELU, List.of("x"), "a")
            .node(new Product.MatMul(), List.of("a", "w1"), "b")
            .node(new Product.MatMul(), List.of("b", "w2"), "y")
            .output("y")
            .build();
    assertThat(Placement.ofProgram(all, A15).count())
        .isEqualTo(Map.of(ComputeUnit.NEURAL_ENGINE, 3));
  }

  private static Graph chain(long width, int products) {
    var builder = Graph.builder("g").input("x0", half(1, width));
    for (int i = 0; i < products; i++) {
      builder
          .constant("w" + i, matrix(width, width))
          .node(new Product.MatMul(), List.of("x" + i, "w" + i), "x" + (i + 1));
    }
    return builder.output("x" + products).build();
  }

  @Test
  void smallModel_isEligibleOnly() {
    // 2 * 158^2 = 49,928 and 2 * 159^2 = 50,562 parameters.
    var small = Placement.ofProgram(chain(158, 2), A15).nodes().getFirst();
    assertThat(small.unit()).isEqualTo(ComputeUnit.NEURAL_ENGINE);
    assertThat(small.certainty()).isEqualTo(Certainty.ELIGIBLE);
    assertThat(small.why())
        .isEqualTo(
            "models of up to about 50000 parameters were seen wholly on the CPU; this has 49928");
    assertThat(Placement.ofProgram(chain(159, 2), A15).nodes().getFirst().certainty())
        .isEqualTo(Certainty.LIKELY);
  }

  @Test
  void singleProduct_isJudgedByItsDepth() {
    var shallow = one(new Product.MatMul(), half(1, 512), matrix(512, 8)).graph();
    var only =
        Graph.builder("g")
            .input("x", half(1, 4999))
            .constant("w", matrix(4999, 16))
            .node(new Product.MatMul(), List.of("x", "w"), "y")
            .output("y")
            .build();
    var deep =
        Graph.builder("g")
            .input("x", half(1, 5000))
            .constant("w", matrix(5000, 16))
            .node(new Product.MatMul(), List.of("x", "w"), "y")
            .output("y")
            .build();
    assertThat(placed(only, "y").is(Rule.LONE_PRODUCT)).isTrue();
    assertThat(placed(only, "y").certainty()).isEqualTo(Certainty.ELIGIBLE);
    assertThat(placed(deep, "y").certainty()).isEqualTo(Certainty.LIKELY);
    assertThat(placed(shallow, "y").certainty()).isEqualTo(Certainty.LIKELY);
  }

  private static Placed attention(long rows) {
    var type = half(1, 1, rows, 1000);
    return one(
        new Product.Attention(OptionalDouble.empty(), false),
        Map.of("x", type, "y1", type, "y2", type),
        Map.of());
  }

  @Test
  void fusedAttention_isJudgedByItsSize() {
    attention(2000).allowed("M4");
    var small = attention(1999).on("M4");
    assertThat(small.unit()).isEqualTo(ComputeUnit.GPU);
    assertThat(small.certainty()).isEqualTo(Certainty.ELIGIBLE);
    assertThat(small.why())
        .isEqualTo(
            "Core ML gives fused attention to the Neural Engine from about 2000000 elements on, not"
                + " 1999000");
  }

  @Test
  void sliceInsideTheLastAxis_saturatesBeforeA15() {
    for (String chip : List.of("M1", "A14 Bionic", "M2")) {
      assertThat(slice(1, 1).on(chip).is(Rule.SATURATING_SLICE)).as(chip).isTrue();
      assertThat(slice(0, 1).on(chip).is(Rule.SATURATING_SLICE)).as(chip).isFalse();
      assertThat(slice(1, 0).on(chip).is(Rule.SATURATING_SLICE)).as(chip).isFalse();
    }
    assertThat(slice(1, 1).on("M3").is(Rule.SATURATING_SLICE)).isFalse();
    assertThat(slice(1, 1).on("A15 Bionic").is(Rule.SATURATING_SLICE)).isFalse();
  }

  private static Placed slice(long start, long axis) {
    return one(
        new Movement.Slice(),
        Map.of("x", half(4, 8)),
        Map.of("y1", Tensor.vector(start), "y2", Tensor.vector(4), "y3", Tensor.vector(axis)));
  }
}
