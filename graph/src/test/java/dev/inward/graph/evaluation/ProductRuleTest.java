package dev.inward.graph.evaluation;

import static dev.inward.graph.evaluation.Run.bytes;
import static dev.inward.graph.evaluation.Run.counting;
import static dev.inward.graph.evaluation.Run.dims;
import static dev.inward.graph.evaluation.Run.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.inward.graph.DataType;
import dev.inward.graph.Product;
import dev.inward.graph.Tensor;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class ProductRuleTest {
  private static final Product.MatMul MATMUL = new Product.MatMul();

  @Test
  void matrices_multiply() {
    Tensor y = Run.of(MATMUL, counting(2, 3), counting(3, 2));

    assertThat(y.dims()).isEqualTo(dims(2, 2));
    assertThat(y.floats()).containsExactly(10, 13, 28, 40);
  }

  @Test
  void vectors_loseTheirAxis() {
    assertThat(Run.of(MATMUL, vector(1, 2), vector(3, 4)).dims()).isEmpty();
    assertThat(Run.of(MATMUL, counting(2, 2), vector(1, 1)).floats()).containsExactly(1, 5);
    assertThat(Run.of(MATMUL, vector(1, 1), counting(2, 2)).floats()).containsExactly(2, 4);
  }

  @Test
  void leadingAxes_broadcast() {
    Tensor y = Run.of(MATMUL, counting(2, 1, 1, 2), counting(3, 2, 1));

    assertThat(y.dims()).isEqualTo(dims(2, 3, 1, 1));
    assertThat(y.floats()).containsExactly(1, 3, 5, 3, 13, 23);
  }

  @Test
  void innerExtentsThatDiffer_areRefused() {
    assertThatThrownBy(() -> Run.of(MATMUL, counting(2, 3), counting(2, 2)))
        .hasMessage(
            "node 'n': inner extents differ: [2, 3] x [2, 2] has 3 on the left, 2 on the right");
  }

  @Test
  void wholeNumbers_wrapAround() {
    Tensor x = bytes(DataType.UINT8, dims(1, 2), 200, 100);

    assertThat(Run.of(MATMUL, x, bytes(DataType.UINT8, dims(2, 1), 2, 2)).longs())
        .containsExactly(600 - 512);
  }

  @Test
  void linear_addsTheBias() {
    assertThat(
            Run.of(new Product.Linear(), counting(1, 2), counting(2, 2), vector(10, 20)).floats())
        .containsExactly(12, 23);
  }

  @Test
  void gemm_transposesScalesAndBroadcasts() {
    var gemm = new Product.Gemm(2, 0.5f, /* transA= */ true, /* transB= */ true);
    Tensor y = Run.of(gemm, counting(2, 1), counting(3, 2), Tensor.ofFloats(dims(1, 1), 4));

    assertThat(y.dims()).isEqualTo(dims(1, 3));
    assertThat(y.floats()).containsExactly(4, 8, 12);
    assertThat(
            Run.of(
                    new Product.Gemm(1, 1, false, false),
                    vector(3).withDims(dims(1, 1)),
                    vector(5).withDims(dims(1, 1)))
                .floats())
        .containsExactly(15);
  }

  @Test
  void einsum_readsAllForms() {
    Tensor x = counting(2, 3);
    assertThat(einsum("ij->ji", x)).containsExactly(0, 3, 1, 4, 2, 5);
    assertThat(einsum("ij->", x)).containsExactly(15);
    assertThat(einsum("ii->i", counting(2, 2))).containsExactly(0, 3);
    assertThat(einsum("ii", counting(2, 2))).containsExactly(3);
    assertThat(einsum("ij, jk -> ik", x, counting(3, 2))).containsExactly(10, 13, 28, 40);
    assertThat(einsum("ba", x)).as("implicit results are sorted").containsExactly(0, 3, 1, 4, 2, 5);
    assertThat(einsum("...ij,...jk->...ik", x.withDims(dims(1, 2, 3)), counting(2, 3, 1)))
        .containsExactly(5, 14, 14, 50);
    assertThat(einsum("i,j", vector(1, 2), vector(3, 4))).containsExactly(3, 4, 6, 8);
    assertThatThrownBy(() -> einsum("ij,jk->ik", x, x))
        .hasMessage("node 'n': 'j' of 'ij,jk->ik' stands for 3 and for 2");
    assertThatThrownBy(() -> einsum("i->i", x))
        .hasMessage("node 'n': the term 'i' does not name 2 axes");
  }

  private static float[] einsum(String equation, Tensor... operands) {
    return Run.of(new Product.Einsum(equation), operands).floats();
  }

  @Test
  void attention_weighsValuesBySoftmax() {
    Tensor q = Tensor.ofFloats(dims(1, 1, 2), 1, 0);
    Tensor k = Tensor.ofFloats(dims(1, 2, 2), 1, 5, 0, 7);
    Tensor v = Tensor.ofFloats(dims(1, 2, 1), 10, 20);
    double s = 1 / Math.sqrt(2);
    float expected = (float) ((10 * Math.exp(s) + 20) / (Math.exp(s) + 1));

    assertThat(attention(OptionalDouble.empty(), false, q, k, v))
        .isCloseTo(expected, offset(1e-5f));
    assertThat(attention(OptionalDouble.of(0), false, q, k, v)).isEqualTo(15);
    assertThat(attention(OptionalDouble.empty(), true, q, k, v))
        .as("the first query sees the first key only")
        .isEqualTo(10);
    Tensor keep = bytes(DataType.BOOL, dims(1, 1, 2), 0, 1);
    assertThat(attention(OptionalDouble.empty(), false, q, k, v, keep)).isEqualTo(20);
    Tensor added = Tensor.ofFloats(dims(2), 0, (float) s);
    assertThat(attention(OptionalDouble.empty(), false, q, k, v, added))
        .isCloseTo(15, offset(1e-5f));
  }

  private static float attention(OptionalDouble scale, boolean causal, Tensor... operands) {
    return Run.of(new Product.Attention(scale, causal), operands).floats()[0];
  }
}
