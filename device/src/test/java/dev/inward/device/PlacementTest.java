package dev.inward.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Product;
import dev.inward.graph.Reduction;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class PlacementTest {
  private static final Chip A15 = Chip.named("A15 Bionic");

  private static Elementwise.Unary unary(Elementwise.Unary.Function function) {
    return new Elementwise.Unary(function);
  }

  private static Graph one(Op op, TensorType input, String... constants) {
    var in = new java.util.ArrayList<>(List.of("x"));
    in.addAll(List.of(constants));
    return Graph.builder("g")
        .input("x", input)
        .constant("w", Tensor.ofFloats(List.of(8L, 4L), new float[32]))
        .constant("i", Tensor.vector(0, 1))
        .node(op, in, "y")
        .output("y")
        .build();
  }

  private static TensorType real(long... sizes) {
    return new TensorType(DataType.FLOAT32, Shape.of(sizes));
  }

  private static Placement.Placed place(Graph graph, Chip chip) {
    return Placement.of(graph, chip).nodes().getFirst();
  }

  @Test
  void float32OfAModelYetToBeWritten_isHalfPrecision() {
    var graph = one(new Product.MatMul(), real(1, 8), "w");
    assertThat(place(graph, A15).unit()).isEqualTo(ComputeUnit.NEURAL_ENGINE);
    var program = Placement.ofProgram(graph, A15).nodes().getFirst();
    assertThat(program.unit()).isEqualTo(ComputeUnit.GPU);
    assertThat(program.why()).isEqualTo("what is typed float32 never runs on the Neural Engine");
  }

  @Test
  void lookup_staysOnTheCpu() {
    var graph =
        Graph.builder("g")
            .input("ids", new TensorType(DataType.INT64, Shape.of(1, 8)))
            .constant("table", Tensor.ofFloats(List.of(8L, 4L), new float[32]))
            .node(new Movement.Gather(0), List.of("table", "ids"), "y")
            .output("y")
            .build();
    var placed = place(graph, A15);
    assertThat(placed.unit()).isEqualTo(ComputeUnit.CPU);
    assertThat(placed.why())
        .isEqualTo("Core ML looks up on the CPU (embeddings in apple/ml-ane-transformers)");
  }

  @Test
  void chipWithoutEngine_usesTheGpu() {
    var placed = place(one(new Product.MatMul(), real(1, 8), "w"), Chip.named("A11 Bionic"));
    assertThat(placed.unit()).isEqualTo(ComputeUnit.GPU);
    assertThat(placed.why()).isEqualTo("no Core ML program reaches a Neural Engine on A11 Bionic");
  }

  @Test
  void runs_respectReadersAndCrossLittle() {
    var relu = unary(Elementwise.Unary.Function.RELU);
    var sum = new Reduction.CumSum(false, false);
    var graph =
        Graph.builder("g")
            .input("x", real(1, 8))
            .constant("axis", Tensor.scalar(1L))
            .node(Node.of(relu, List.of("x"), "a"))
            .node(Node.of(sum, List.of("x", "axis"), "b"))
            .node(Node.of(relu, List.of("a"), "c"))
            .node(Node.of(sum, List.of("b", "axis"), "d"))
            .node(
                Node.of(
                    new Elementwise.Binary(Elementwise.Binary.Function.ADD),
                    List.of("c", "d"),
                    "y"))
            .output("y")
            .build();
    var placement = Placement.of(graph, A15);
    assertThat(placement.count())
        .isEqualTo(Map.of(ComputeUnit.NEURAL_ENGINE, 3, ComputeUnit.CPU, 2));
    assertThat(
            Schedule.runs(placement.nodes()).stream()
                .map(run -> run.stream().map(p -> p.node().name()).toList()))
        .containsExactly(List.of("b", "d"), List.of("a", "c", "y"));
  }
}
