package dev.inward.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class TypingTest {
  private static final Op RELU = new Elementwise.Unary(Elementwise.Unary.Function.RELU);
  private static final Op UNKNOWN =
      new Opaque("com.example", "Fancy", Storage.of(new byte[0]), List.of());

  private static Graph.Builder chain(Op op) {
    return Graph.builder("g")
        .input("x", ConstantText.type("float32[n x 4]"))
        .node(op, List.of("x"), "a")
        .node(RELU, List.of("a"), "y")
        .output("y");
  }

  @Test
  void opThatIsNotKnown_hasTheDeclaredType() {
    var declared = chain(UNKNOWN).declare("a", TensorType.of(DataType.FLOAT32, 2, 3)).build();
    assertThat(declared.typeOf("y")).hasToString("float32[2x3]");

    assertThat(chain(UNKNOWN).build().type("y")).as("unknown stays unknown").isEmpty();
  }

  @Test
  void staleTypeOfAnIntermediateValue_isOverruled() {
    var graph =
        chain(RELU)
            .declare("a", TensorType.of(DataType.FLOAT32, 7, 7))
            .declare("y", ConstantText.type("float32[batch x 4]"))
            .build();

    assertThat(graph.typeOf("a")).hasToString("float32[n x 4]");
    assertThat(graph.typeOf("y")).hasToString("float32[n x 4]");
  }

  @Test
  void declaredOutputThatContradicts_isRefused() {
    var builder = chain(RELU).declare("y", ConstantText.type("float32[n x 5]"));

    assertThatThrownBy(builder::build)
        .isInstanceOf(InputException.class)
        .hasMessage(
            "output 'y': the file declares float32[n x 5], and node 'y' makes float32[n x 4]");
  }

  @Test
  void declaredOutputOfOtherExtent_doesNotForbidBinding() {
    var graph = chain(RELU).declare("y", TensorType.of(DataType.FLOAT32, 1, 4)).build();

    assertThat(graph.bind(Map.of("n", 3L)).typeOf("y")).hasToString("float32[3x4]");
  }

  @Test
  void extentThatDependsOnData_isTakenFromTheFile() {
    var graph =
        Graph.builder("g")
            .input("x", ConstantText.type("float32[12]"))
            .input("shape", ConstantText.type("int64[2]"))
            .node(new Movement.Reshape(false), List.of("x", "shape"), "y")
            .declare("y", ConstantText.type("float32[3 x k]"))
            .output("y")
            .build();

    assertThat(graph.typeOf("y")).hasToString("float32[3 x y#1]");
  }

  @Test
  void inputTooLargeToCount_isRefused() {
    assertThatThrownBy(() -> Nets.of("Relu", "float32[4294967296x4294967296]"))
        .hasMessage("input 'a': [4294967296x4294967296] has more elements than can be counted");
  }

  /// Symbols that grow with every node neither hang nor fail: they end as unknown.
  @Test
  void symbolsThatGrowWithoutEnd_areGivenUp() {
    var builder = Graph.builder("g").input("x", ConstantText.type("float32[a + b x c + d]"));
    String last = "x";
    for (int i = 0; i < 60; i++) {
      builder.node(new Movement.Flatten(1), List.of(last), "f" + i);
      builder.node(new Movement.Concat(i % 2), List.of("f" + i, "f" + i), "c" + i);
      builder.node(new Movement.Flatten(0), List.of("c" + i), "p" + i);
      builder.node(new Movement.Concat(0), List.of("p" + i, "c" + i), "q" + i);
      last = "q" + i;
    }
    var graph = builder.output(last).build();

    assertThat(graph.nodes()).hasSize(240);
  }

  @Test
  void symbolOfAbsurdLength_isCarriedAndNotComputedWith() {
    String name = "n".repeat(5000);
    var graph = Nets.of("ShapeOf{start=0}", "float32[" + name + " x 2]");

    assertThat(graph.typeOf("y")).hasToString("int64[2]");
    assertThat(graph.contents("y")).isEmpty();
    assertThat(Nets.of("Flatten{axis=0}", "float32[" + name + " x 2]").type("y")).isEmpty();
  }
}
