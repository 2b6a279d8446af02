package dev.inward.device;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.Op;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One node by itself, beside a product of a model that is large enough to be worth the engine.
record Placed(Graph graph) {
  private static final List<Long> LARGE = List.of(512L, 512L);

  static TensorType half(long... sizes) {
    return new TensorType(DataType.FLOAT16, Shape.of(sizes));
  }

  static TensorType of(DataType type, long... sizes) {
    return new TensorType(type, Shape.of(sizes));
  }

  /// The op on one input.
  static Placed one(Op op, TensorType x) {
    return one(op, Map.of("x", x), Map.of());
  }

  static Placed one(Op op, TensorType x, Tensor constant) {
    return one(op, Map.of("x", x), Map.of("c", constant));
  }

  static Placed one(Op op, Map<String, TensorType> inputs, Map<String, Tensor> constants) {
    var builder = Graph.builder("g");
    var operands = new ArrayList<String>();
    new java.util.TreeMap<>(inputs)
        .forEach((name, type) -> {
          builder.input(name, type);
          operands.add(name);
        });
    new LinkedHashMap<>(new java.util.TreeMap<>(constants))
        .forEach((name, tensor) -> {
          builder.constant(name, tensor);
          operands.add(name);
        });
    float[] weights = new float[512 * 512];
    return new Placed(
        builder
            .node(op, operands, "y")
            .output("y")
            .input("big", half(1, 512))
            .constant("w1", halves(weights))
            .constant("w2", halves(weights))
            .node(new dev.inward.graph.Product.MatMul(), List.of("big", "w1"), "big1")
            .node(new dev.inward.graph.Product.MatMul(), List.of("big1", "w2"), "big2")
            .output("big2")
            .build());
  }

  private static Tensor halves(float[] weights) {
    return Tensor.dense(
        DataType.FLOAT16, LARGE, dev.inward.graph.Storage.of(new byte[weights.length * 2]));
  }

  Placement.Placed on(String chip) {
    return Placement.ofProgram(graph, Chip.named(chip)).nodes().stream()
        .filter(placed -> placed.node().name().equals("y"))
        .findFirst()
        .orElseThrow();
  }

  /// Asserts that the engine could take it: it is there, or would be but for its few neighbours.
  void allowed(String chip) {
    Placement.Placed placed = on(chip);
    assertThat(placed.is(Rule.ISLAND) || placed.reason().isEmpty())
        .as(chip + ": " + placed.reason())
        .isTrue();
  }

  void refused(String chip, Rule rule, String why) {
    Placement.Placed placed = on(chip);
    assertThat(placed.reason()).contains(new Reason(rule, why));
    assertThat(placed.unit()).isNotEqualTo(ComputeUnit.NEURAL_ENGINE);
  }
}
