package dev.inward.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class GraphTest {
  private static final Op RELU = new Elementwise.Unary(Elementwise.Unary.Function.RELU);
  private static final Op ADD = new Elementwise.Binary(Elementwise.Binary.Function.ADD);

  private static Graph.Builder graph() {
    return Graph.builder("g")
        .input("x", new TensorType(DataType.FLOAT32, Shape.of(List.of(Dim.of("n"), Dim.of(4)))));
  }

  @Test
  void nodesInAnyOrder_areSorted() {
    var graph =
        graph().node(ADD, List.of("a", "x"), "b").node(RELU, List.of("x"), "a").output("b").build();

    assertThat(graph.nodes()).extracting(Node::result).containsExactly("a", "b");
    assertThat(graph.producer("a")).map(Node::op).contains(RELU);
    assertThat(graph.readers("x")).hasSize(2);
    assertThat(graph.hasOneUse("a")).isTrue();
    assertThat(graph.hasOneUse("b")).as("an output is used outside").isFalse();
  }

  @Test
  void valueReadTwiceByOneNode_hasMoreThanOneUse() {
    var graph =
        graph().node(RELU, List.of("x"), "a").node(ADD, List.of("a", "a"), "b").output("b").build();

    assertThat(graph.hasOneUse("a")).isFalse();
  }

  @Test
  void cycle_isRefusedByName() {
    var builder =
        graph().node(ADD, List.of("b", "x"), "a").node(RELU, List.of("a"), "b").output("b");

    assertThatThrownBy(builder::build)
        .isInstanceOf(InputException.class)
        .hasMessage("node 'a': is part of a cycle: it needs its own result");
  }

  @Test
  void danglingOperand_isRefusedByName() {
    var builder = graph().node(RELU, List.of("y"), "a").output("a");

    assertThatThrownBy(builder::build)
        .hasMessage("node 'a': reads 'y', which is no input, no constant and no result of a node");
  }

  @Test
  void twoDefinitions_areRefused() {
    var builder = graph().node(RELU, List.of("x"), "a").node(RELU, List.of("x"), "a").output("a");

    assertThatThrownBy(builder::build)
        .hasMessage("node 'a': defines 'a', which is defined already");
  }

  @Test
  void missingOutput_isRefused() {
    assertThatThrownBy(() -> graph().output("z").build())
        .hasMessage("output 'z': nothing defines it");
  }

  @Test
  void boundShape_replacesTheSymbolEverywhere() {
    var graph = graph().output("x").build();

    assertThat(graph.bindShapes(Map.of("x", List.of(2L, 4L))).shape("x")).isEqualTo(Shape.of(2, 4));
    assertThatThrownBy(() -> graph.bindShapes(Map.of("x", List.of(2L, 5L))))
        .hasMessage("input 'x': the shape [2x5] contradicts the stated [n x 4]");
    assertThatThrownBy(() -> graph.bindShapes(Map.of("y", List.of(2L))))
        .hasMessage("input 'y': the model has no such input");
  }
}
