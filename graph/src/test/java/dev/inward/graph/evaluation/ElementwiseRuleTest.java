package dev.inward.graph.evaluation;

import static dev.inward.graph.evaluation.Run.bytes;
import static dev.inward.graph.evaluation.Run.dims;
import static dev.inward.graph.evaluation.Run.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Elementwise.Variadic;
import dev.inward.graph.Encoding;
import dev.inward.graph.Op;
import dev.inward.graph.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class ElementwiseRuleTest {
  private static Tensor binary(Binary.Function function, Tensor x, Tensor y) {
    return Run.of(new Binary(function), x, y);
  }

  /// Values from tables of the functions, to six digits.
  @ParameterizedTest
  @CsvSource({
    "EXP, 1, 2.718282",
    "LOG, 2, 0.693147",
    "ERF, 0.5, 0.520500",
    "ERF, -2, -0.995322",
    "ERF, 7, 1",
    "TAN, 1, 1.557408",
    "ASINH, -2, -1.443635",
    "ACOSH, 2, 1.316958",
    "ATANH, 0.5, 0.549306",
    "SIGMOID, -1, 0.268941",
    "SOFTPLUS, 1, 1.313262",
    "SOFTPLUS, -100, 0",
    "SOFTSIGN, -3, -0.75",
    "HARD_SWISH, 1, 0.666667",
    "HARD_SWISH, -4, 0",
    "MISH, 1, 0.865098",
    "ROUND, 2.5, 2",
    "ROUND, -1.5, -2",
    "SIGN, -7, -1",
    "RELU, -1, 0",
    "RECIPROCAL, 4, 0.25"
  })
  void function_hasItsTabulatedValue(Unary.Function function, float x, float y) {
    assertThat(Run.of(new Unary(function), vector(x)).floats()[0]).isCloseTo(y, offset(6e-7f));
  }

  @ParameterizedTest
  @EnumSource(Unary.Function.class)
  void function_keepsTheShape(Unary.Function function) {
    boolean bits = function == Unary.Function.NOT || function == Unary.Function.BITWISE_NOT;
    Tensor x =
        bits
            ? bytes(function == Unary.Function.NOT ? DataType.BOOL : DataType.UINT8, 1, 0)
            : vector(0.5f, 0.25f);

    assertThat(Run.of(new Unary(function), x).dims()).isEqualTo(x.dims());
  }

  @Test
  void erfSeries_agreesWithTheIntegral() {
    // Simpson's rule over 2000 intervals: error below 1e-12 here.
    for (double x : new double[] {0.1, 0.7, 1.3, 2.9, 4.5}) {
      double step = x / 2000;
      double sum = 0;
      for (int i = 0; i <= 2000; i++) {
        double weight = i == 0 || i == 2000 ? 1 : i % 2 == 1 ? 4 : 2;
        sum += weight * Math.exp(-Math.pow(i * step, 2));
      }
      assertThat(Curves.erf(x)).isCloseTo(2 / Math.sqrt(Math.PI) * sum * step / 3, offset(1e-12));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "DIV, -7, 2, -3",
    "MOD, -7, 3, 2",
    "MOD, 7, -3, -2",
    "FMOD, -7, 3, -1",
    "POW, -3, 3, -27",
    "POW, 2, -1, 0",
    "SUB, 3, 5, -2",
    "MUL, 9223372036854775807, 2, -2",
    "PRELU, -3, 2, -6",
    "SHIFT_RIGHT, -5, 1, -3",
    "SHIFT_RIGHT, -5, 64, -1",
    "SHIFT_LEFT, 5, 64, 0"
  })
  void wholeNumbers_truncateAndWrapAround(Binary.Function function, long x, long y, long result) {
    assertThat(binary(function, Tensor.vector(x), Tensor.vector(y)).longs())
        .containsExactly(result);
  }

  @ParameterizedTest
  @CsvSource({
    "MOD, -7.5, 3, 1.5",
    "FMOD, -7.5, 3, -1.5",
    "POW, 2, 0.5, 1.4142135",
    "DIV, 1, 0, Infinity"
  })
  void reals_followTheSignOfDivisorOrDividend(
      Binary.Function function, float x, float y, float result) {
    assertThat(binary(function, vector(x), vector(y)).floats()).containsExactly(result);
  }

  @Test
  void narrowTypes_wrapAtTheirWidth() {
    Tensor x = bytes(DataType.UINT8, 250, 3);
    Tensor y = bytes(DataType.UINT8, 10, 5);

    assertThat(binary(Binary.Function.ADD, x, y).longs()).containsExactly(4, 8);
    assertThat(binary(Binary.Function.SUB, x, y).longs()).containsExactly(240, 254);
    assertThat(binary(Binary.Function.SHIFT_LEFT, x, y).longs()).containsExactly(0, 96);
    assertThat(Run.of(new Unary(Unary.Function.BITWISE_NOT), x).longs()).containsExactly(5, 252);
  }

  @Test
  void divisionByZero_ofWholeNumbersIsRefused() {
    assertThatThrownBy(() -> binary(Binary.Function.DIV, Tensor.vector(1), Tensor.vector(0)))
        .isInstanceOf(InputException.class)
        .hasMessage("node 'n': a whole number is divided by zero");
  }

  @Test
  void shapes_broadcastBothWays() {
    Tensor column = Tensor.ofFloats(dims(2, 1), 10, 20);
    Tensor sum = binary(Binary.Function.ADD, column, vector(1, 2, 3));

    assertThat(sum.dims()).isEqualTo(dims(2, 3));
    assertThat(sum.floats()).containsExactly(11, 12, 13, 21, 22, 23);
    assertThatThrownBy(() -> binary(Binary.Function.ADD, vector(1, 2), vector(1, 2, 3)))
        .hasMessage("node 'n': shapes do not broadcast: [[2], [3]]");
  }

  @Test
  void differentTypes_areRefused() {
    assertThatThrownBy(() -> binary(Binary.Function.ADD, vector(1), Tensor.vector(1)))
        .hasMessage("node 'n': operands differ in type: float32 and int64");
  }

  @Test
  void comparison_givesBooleansAndNotANumberIsUnequal() {
    Tensor equal = binary(Binary.Function.EQUAL, vector(1, Float.NaN), vector(1, Float.NaN));

    assertThat(equal.dtype()).isEqualTo(DataType.BOOL);
    assertThat(equal.longs()).containsExactly(1, 0);
    assertThat(binary(Binary.Function.LESS_OR_EQUAL, vector(1, 2, 3), vector(2)).longs())
        .containsExactly(1, 1, 0);
  }

  @Test
  void uint64_comparesWithoutASign() {
    Tensor big = Tensor.dense(DataType.UINT64, dims(1), dev.inward.graph.Storage.of(-1L));
    Tensor one = Tensor.dense(DataType.UINT64, dims(1), dev.inward.graph.Storage.of(1L));

    assertThat(binary(Binary.Function.GREATER, big, one).longs()).containsExactly(1);
    assertThat(Run.of(new Elementwise.Cast(DataType.FLOAT32), big).floats())
        .containsExactly(0x1p64f);
    assertThat(Run.of(new Variadic(Variadic.Function.MAX), one, big).longs()).containsExactly(-1);
  }

  @Test
  void variadic_takesAnyNumberOfOperands() {
    assertThat(
            Run.of(new Variadic(Variadic.Function.MEAN), vector(1, 2), vector(3), vector(5))
                .floats())
        .containsExactly(3, 10f / 3);
    assertThat(
            Run.of(new Variadic(Variadic.Function.MIN), Tensor.vector(4, 1), Tensor.vector(2))
                .longs())
        .containsExactly(2, 1);
  }

  @Test
  void cast_truncatesWrapsAndRoundsOnce() {
    assertThat(Run.of(new Elementwise.Cast(DataType.INT32), vector(-1.9f, 2.9f)).longs())
        .containsExactly(-1, 2);
    assertThat(Run.of(new Elementwise.Cast(DataType.INT8), Tensor.vector(300)).longs())
        .containsExactly(44);
    assertThat(Run.of(new Elementwise.Cast(DataType.BOOL), vector(0.25f, 0)).longs())
        .containsExactly(1, 0);
    // Halfway between two halves: to even; and just above it, where rounding twice would err.
    assertThat(Rounding.to(DataType.FLOAT16, 1 + 0x1p-11)).isEqualTo(1);
    assertThat(Rounding.to(DataType.FLOAT16, 1 + 0x1p-11 + 0x1p-40)).isEqualTo(1 + 0x1p-10);
    assertThat(Rounding.to(DataType.BFLOAT16, 1 + 3 * 0x1p-8)).isEqualTo(1 + 0x1p-6);
    assertThat(Rounding.to(DataType.FLOAT16, 65520)).isInfinite();
    assertThat(Rounding.to(DataType.BFLOAT16, Double.NaN)).isNaN();
    assertThat(Rounding.to(DataType.BFLOAT16, Double.NEGATIVE_INFINITY))
        .isEqualTo(Double.NEGATIVE_INFINITY);
  }

  @Test
  void half_isStoredAsHalf() {
    Tensor half = Run.of(new Elementwise.Cast(DataType.FLOAT16), vector(1f / 3));

    assertThat(half.encoding())
        .isInstanceOfSatisfying(
            Encoding.Dense.class, d -> assertThat(d.stored()).isEqualTo(DataType.FLOAT16));
    assertThat(half.floats()).containsExactly(0.33325195f);
  }

  @Test
  void where_picksByCondition() {
    Tensor condition = bytes(DataType.BOOL, dims(2, 1), 1, 0);
    Tensor picked = Run.of(new Elementwise.Where(), condition, vector(1, 2), Tensor.scalar(9f));

    assertThat(picked.dims()).isEqualTo(dims(2, 2));
    assertThat(picked.floats()).containsExactly(1, 2, 9, 9);
  }

  @Test
  void clip_letsTheUpperBoundWin() {
    Tensor x = vector(-5, 0, 5);

    assertThat(Run.of(new Elementwise.Clip(), x, Run.NONE, Tensor.scalar(1f)).floats())
        .containsExactly(-5, 0, 1);
    assertThat(Run.of(new Elementwise.Clip(), x, Tensor.scalar(3f), Tensor.scalar(1f)).floats())
        .containsExactly(1, 1, 1);
  }

  @Test
  void parametrised_followTheirFormulas() {
    float e = (float) Math.exp(-1);
    assertThat(y(new Elementwise.LeakyRelu(0.5f), -1)).isEqualTo(-0.5f);
    assertThat(y(new Elementwise.Elu(2), -1)).isCloseTo(2 * (e - 1), offset(1e-6f));
    assertThat(y(new Elementwise.Selu(2, 3), -1)).isCloseTo(6 * (e - 1), offset(1e-6f));
    assertThat(y(new Elementwise.Celu(2), -2)).isCloseTo(2 * (e - 1), offset(1e-6f));
    assertThat(y(new Elementwise.ThresholdedRelu(1), 1)).isZero();
    assertThat(y(new Elementwise.HardSigmoid(0.25f, 0.5f), 1)).isEqualTo(0.75f);
    assertThat(y(new Elementwise.Shrink(0.5f, 0.25f), -1)).isEqualTo(-0.75f);
    assertThat(y(new Elementwise.Swish(2), 1)).isCloseTo(0.8807971f, offset(1e-6f));
    assertThat(y(new Elementwise.Gelu(false), 1)).isCloseTo(0.8413447f, offset(1e-6f));
    assertThat(y(new Elementwise.Gelu(true), 1)).isCloseTo(0.8411920f, offset(1e-6f));
  }

  private static float y(Op op, float x) {
    return Run.of(op, vector(x)).floats()[0];
  }

  @Test
  void prelu_broadcastsTheSlopeToX() {
    Tensor x = Tensor.ofFloats(dims(2, 2), -1, 1, -2, 2);

    assertThat(binary(Binary.Function.PRELU, x, Tensor.ofFloats(dims(2, 1), 10, 100)).floats())
        .containsExactly(-10, 1, -200, 2);
    assertThatThrownBy(() -> binary(Binary.Function.PRELU, vector(1), vector(1, 2)))
        .hasMessage("node 'n': [2] does not broadcast to [1]");
  }

  @Test
  void strings_areRefusedByName() {
    Tensor text =
        Tensor.dense(DataType.STRING, List.of(0L), dev.inward.graph.Storage.of(new byte[0]));

    assertThatThrownBy(() -> Run.of(new Unary(Unary.Function.IDENTITY), text))
        .hasMessage("the reference evaluator does not compute with strings");
  }
}
