package dev.inward.graph.evaluation;

import static dev.inward.graph.evaluation.Run.counting;
import static dev.inward.graph.evaluation.Run.dims;
import static dev.inward.graph.evaluation.Run.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.inward.graph.Reduction;
import dev.inward.graph.Reduction.Reduce.Function;
import dev.inward.graph.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ReductionRuleTest {
  @ParameterizedTest
  @CsvSource({
    "SUM, 4, 8",
    "MEAN, 1.333333, 2.666667",
    "MAX, 3, 5",
    "MIN, -1, 1",
    "PROD, -6, 10",
    "L1, 6, 8",
    "L2, 3.741657, 5.477226",
    "SUM_SQUARE, 14, 30",
    "LOG_SUM, 1.386294, 2.079442",
    "LOG_SUM_EXP, 3.326563, 5.065883"
  })
  void lines_reduce(Function function, float first, float second) {
    Tensor x = Tensor.ofFloats(dims(2, 3), 3, -1, 2, 5, 1, 2);

    Tensor y = Run.of(new Reduction.Reduce(function, List.of(-1L), true), x);

    assertThat(y.dims()).isEqualTo(dims(2, 1));
    assertThat(y.floats()[0]).isCloseTo(first, offset(1e-5f));
    assertThat(y.floats()[1]).isCloseTo(second, offset(1e-5f));
  }

  @Test
  void noAxes_meansAll() {
    Tensor sum = Run.of(new Reduction.Reduce(Function.SUM, List.of(), false), counting(2, 3));

    assertThat(sum).isEqualTo(Tensor.scalar(15f));
  }

  @Test
  void wholeNumbers_reduceExactly() {
    Tensor x = Tensor.ofLongs(dims(2, 2), -7, 4, Long.MAX_VALUE, 1);

    assertThat(reduce(Function.SUM, x)).containsExactly(-3, Long.MIN_VALUE);
    assertThat(reduce(Function.MEAN, x)[0]).isEqualTo(-1);
    assertThat(reduce(Function.MAX, x)).containsExactly(4, Long.MAX_VALUE);
    assertThat(reduce(Function.L1, x)[0]).isEqualTo(11);
  }

  private static long[] reduce(Function function, Tensor x) {
    return Run.of(new Reduction.Reduce(function, List.of(1L), false), x).longs();
  }

  @Test
  void nothing_reducesToTheNeutralElement() {
    Tensor none = counting(2, 0);

    assertThat(Run.of(new Reduction.Reduce(Function.SUM, List.of(1L), false), none).floats())
        .containsExactly(0, 0);
    assertThat(Run.of(new Reduction.Reduce(Function.MAX, List.of(1L), false), none).floats())
        .containsExactly(Float.NEGATIVE_INFINITY, Float.NEGATIVE_INFINITY);
    assertThat(reduce(Function.MAX, Tensor.ofLongs(dims(1, 0)))).containsExactly(Long.MIN_VALUE);
    assertThat(reduce(Function.MIN, Tensor.ofLongs(dims(1, 0)))).containsExactly(Long.MAX_VALUE);
    Tensor bytes = Run.bytes(dev.inward.graph.DataType.UINT8, dims(1, 0));
    assertThat(reduce(Function.MIN, bytes)).containsExactly(255);
  }

  @Test
  void argMax_takesTheFirstOrTheLastOfEquals() {
    Tensor x = Tensor.ofFloats(dims(2, 3), 1, 5, 5, 0, -0f, -1);

    assertThat(arg(true, false, x)).containsExactly(1, 0);
    assertThat(arg(true, true, x)).containsExactly(2, 1);
    assertThat(arg(false, false, x)).containsExactly(0, 2);
  }

  private static long[] arg(boolean largest, boolean last, Tensor x) {
    return Run.of(new Reduction.ArgReduce(largest, -1, false, last), x).longs();
  }

  @Test
  void topK_ordersEqualsByPlace() {
    Tensor x = vector(2, 7, 2, 7, 1);
    var most = Run.all(new Reduction.TopK(0, true, true), 2, x, Tensor.vector(3));
    var least = Run.all(new Reduction.TopK(0, false, true), 2, x, Tensor.vector(3));

    assertThat(most.get(0).floats()).containsExactly(7, 7, 2);
    assertThat(most.get(1).longs()).containsExactly(1, 3, 0);
    assertThat(least.get(1).longs()).containsExactly(4, 0, 2);
    assertThatThrownBy(() -> Run.of(new Reduction.TopK(0, true, true), x, Tensor.vector(6)))
        .hasMessage("node 'n': k is 6, the axis has 5 elements");
  }

  @Test
  void topK_alongAnInnerAxis_keepsTheOthers() {
    var top = Run.all(new Reduction.TopK(0, true, true), 2, counting(3, 2), Tensor.vector(2));

    assertThat(top.get(0)).isEqualTo(Tensor.ofFloats(dims(2, 2), 4, 5, 2, 3));
  }

  @Test
  void cumulativeSum_goesBothWays() {
    Tensor x = vector(1, 2, 3);

    assertThat(sum(false, false, x)).containsExactly(1, 3, 6);
    assertThat(sum(true, false, x)).containsExactly(0, 1, 3);
    assertThat(sum(false, true, x)).containsExactly(6, 5, 3);
    assertThat(sum(true, true, x)).containsExactly(5, 3, 0);
  }

  private static float[] sum(boolean exclusive, boolean reverse, Tensor x) {
    return Run.of(new Reduction.CumSum(exclusive, reverse), x, Tensor.scalar(0L)).floats();
  }
}
