package dev.inward.graph.evaluation;

import static dev.inward.graph.evaluation.Run.dims;
import static dev.inward.graph.evaluation.Run.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Opaque;
import dev.inward.graph.Shape;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class EvaluationTest {
  private static final Op NEG = new Elementwise.Unary(Elementwise.Unary.Function.NEG);
  private static final Op MUL = new Elementwise.Binary(Elementwise.Binary.Function.MUL);

  private static Graph.Builder graph() {
    return Graph.builder("g")
        .input("x", new TensorType(DataType.FLOAT32, Shape.of(List.of(Dim.of("n")))))
        .constant("w", Tensor.scalar(3f))
        .node(MUL, List.of("x", "w"), "a")
        .node(NEG, List.of("a"), "b");
  }

  @Test
  void run_givesTheOutputsInTheirOrder() {
    var graph = graph().output("b").output("a").output("w").build();

    var outputs = Evaluation.run(graph, Map.of("x", vector(1, 2)));

    assertThat(outputs.keySet()).containsExactly("b", "a", "w");
    assertThat(outputs).containsEntry("b", vector(-3, -6));
    assertThat(outputs).containsEntry("w", Tensor.scalar(3f));
  }

  @Test
  void all_givesEveryComputedValue() {
    var graph = graph().output("b").build();

    assertThat(Evaluation.all(graph, Map.of("x", vector(1))))
        .containsExactly(Map.entry("a", vector(3)), Map.entry("b", vector(-3)));
  }

  @Test
  void outputThatIsAnInput_isPassedOn() {
    var graph = graph().output("x").build();

    assertThat(Evaluation.run(graph, Map.of("x", vector(1)))).containsEntry("x", vector(1));
  }

  @Test
  void missingInput_isRefusedByName() {
    var graph = graph().output("b").build();

    assertThatThrownBy(() -> Evaluation.run(graph, Map.of()))
        .isInstanceOf(InputException.class)
        .hasMessage("input 'x': no tensor is given for it");
    assertThatThrownBy(() -> Evaluation.run(graph, Map.of("x", Tensor.scalar(1f))))
        .hasMessage("input 'x': expected float32[n], got float32[]");
    assertThatThrownBy(() -> Evaluation.run(graph, Map.of("x", Tensor.vector(1))))
        .hasMessage("input 'x': expected float32[n], got int64[1]");
  }

  @Test
  void opaqueOp_isRefusedByName() {
    var op = new Opaque("com.example", "Fancy", Storage.of(new byte[0]), List.of());

    assertThatThrownBy(() ->
            Evaluation.node(new Node("f", op, List.of("x"), List.of("y")), Map.of("x", vector(1))))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("node 'f': the reference evaluator does not know the op com.example.Fancy");
  }

  @Test
  void hugeResult_isRefusedBeforeItIsMade() {
    var op = new Movement.ConstantOfShape(Tensor.scalar(0f));

    assertThatThrownBy(() -> Run.of(op, Tensor.vector(1L << 40, 1L << 40)))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageStartingWith(
            "node 'n': the reference evaluator holds at most 268435456 elements");
    assertThatThrownBy(() -> Run.of(op, Tensor.vector(-1)))
        .hasMessage("node 'n': an extent is at least 0, got [-1]");
  }

  @Test
  void operandsThatNoRuleChecks_areRefusedWithTheirTypes() {
    var norm = new dev.inward.graph.Normalization.BatchNorm(1e-5f);
    Tensor two = vector(1, 2);

    assertThatThrownBy(() -> Run.of(norm, Run.counting(1, 3, 1), two, two, two, two))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "node 'n': BatchNorm cannot take operands of float32[1x3x1], float32[2], float32[2],"
                + " float32[2], float32[2]");
  }

  @Test
  void missingOperand_isRefused() {
    assertThatThrownBy(() -> Run.of(MUL, vector(1))).hasMessage("node 'n': operand 1 is missing");
  }

  @Test
  void everyType_survivesTheWayInAndOut() {
    for (DataType type : DataType.values()) {
      if (type != DataType.STRING) {
        byte[] bytes = {1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0};
        Tensor tensor =
            Tensor.dense(
                type, dims(2), Storage.of(java.util.Arrays.copyOf(bytes, (int) type.bytes(2))));
        assertThat(Array.of(tensor).tensor()).isEqualTo(tensor);
      }
    }
  }
}
