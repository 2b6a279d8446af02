package dev.inward.graph.evaluation;

import static dev.inward.graph.evaluation.Run.counting;
import static dev.inward.graph.evaluation.Run.dims;
import static dev.inward.graph.evaluation.Run.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.graph.Tensor;
import dev.inward.graph.Windowed;
import dev.inward.graph.Windowed.AutoPad;
import dev.inward.graph.Windowed.PoolKind;
import dev.inward.graph.Windowed.Window;
import java.util.List;
import org.junit.jupiter.api.Test;

final class WindowedRuleTest {
  private static Window window(
      List<Long> kernel, List<Long> strides, List<Long> dilations, List<Long> pads) {
    return new Window(kernel, strides, dilations, pads, AutoPad.EXPLICIT);
  }

  private static final Window PLAIN = window(List.of(), List.of(), List.of(), List.of());

  @Test
  void convolution_slidesOverOneAxis() {
    Tensor w = Tensor.ofFloats(dims(1, 1, 2), 1, 10);

    Tensor y = Run.of(new Windowed.Conv(PLAIN, 1), counting(1, 1, 4), w, vector(100));

    assertThat(y.dims()).isEqualTo(dims(1, 1, 3));
    assertThat(y.floats()).containsExactly(110, 121, 132);
  }

  @Test
  void padsStridesAndDilations_placeTheWindow() {
    Tensor w = Tensor.ofFloats(dims(1, 1, 2), 1, 10);
    var window = window(dims(2), dims(2), dims(2), dims(1, 2));

    // Padded: 0 | 0 1 2 3 | 0 0; windows at 0, 2 and 4 with taps two apart.
    assertThat(Run.of(new Windowed.Conv(window, 1), counting(1, 1, 4), w).floats())
        .containsExactly(10, 1 + 30, 3);
  }

  @Test
  void groups_seeTheirOwnChannels() {
    Tensor w = Tensor.ofFloats(dims(2, 1, 1, 1), 1, 100);

    assertThat(Run.of(new Windowed.Conv(PLAIN, 2), counting(1, 2, 1, 2), w).floats())
        .containsExactly(0, 1, 200, 300);
    assertThatThrownBy(() -> Run.of(new Windowed.Conv(PLAIN, 1), counting(1, 2, 1, 2), w))
        .hasMessage("node 'n': a weight of [2, 1, 1, 1] does not fit [1, 2, 1, 2] in 1 groups");
  }

  @Test
  void autoPad_putsTheOddOneAtTheStatedEnd() {
    Tensor w = Tensor.ofFloats(dims(1, 1, 2), 1, 10);
    Tensor x = counting(1, 1, 3);

    assertThat(conv(AutoPad.SAME_UPPER, x, w)).containsExactly(10, 21, 2);
    assertThat(conv(AutoPad.SAME_LOWER, x, w)).containsExactly(0, 10, 21);
    assertThat(conv(AutoPad.VALID, x, w)).containsExactly(10, 21);
  }

  private static float[] conv(AutoPad pad, Tensor x, Tensor w) {
    return Run.of(
            new Windowed.Conv(new Window(List.of(), List.of(), List.of(), List.of(), pad), 1), x, w)
        .floats();
  }

  @Test
  void windowLargerThanItsInput_isRefused() {
    assertThatThrownBy(
            () -> Run.of(new Windowed.Conv(PLAIN, 1), counting(1, 1, 1), counting(1, 1, 2)))
        .hasMessage("node 'n': a window that reaches over 2 does not fit into 1 with pads 0 and 0");
  }

  @Test
  void transposedConvolution_spreadsEachElement() {
    Tensor w = Tensor.ofFloats(dims(1, 1, 2), 1, 10);
    Tensor x = Tensor.ofFloats(dims(1, 1, 2), 1, 2);
    var stride = window(List.of(), dims(2), List.of(), List.of());

    assertThat(transpose(PLAIN, List.of(), List.of(), x, w)).containsExactly(1, 12, 20);
    assertThat(transpose(stride, List.of(), List.of(), x, w)).containsExactly(1, 10, 2, 20);
    assertThat(transpose(stride, dims(1), List.of(), x, w)).containsExactly(1, 10, 2, 20, 0);
    assertThat(transpose(stride, List.of(), dims(3), x, w))
        .as("the odd pad goes to the start")
        .containsExactly(10, 2, 20);
    assertThat(
            transpose(
                window(List.of(), dims(2), List.of(), dims(1, 1)), List.of(), List.of(), x, w))
        .containsExactly(10, 2);
  }

  private static float[] transpose(
      Window window, List<Long> extra, List<Long> shape, Tensor x, Tensor w) {
    return Run.of(new Windowed.ConvTranspose(window, 1, extra, shape), x, w).floats();
  }

  @Test
  void transposedConvolution_isTheAdjointOfTheConvolution() {
    // <conv(x), y> = <x, convTranspose(y)> for every x and y of whole numbers.
    var window = window(dims(3, 2), dims(2, 1), dims(1, 2), dims(1, 0, 1, 2));
    Tensor x = counting(1, 4, 5, 6);
    Tensor w = counting(6, 2, 3, 2);
    Tensor down = Run.of(new Windowed.Conv(window, 2), x, w);
    Tensor y = counting(down.dims().stream().mapToLong(Long::longValue).toArray());
    Tensor up = Run.of(new Windowed.ConvTranspose(window, 2, List.of(), List.of()), y, w);

    assertThat(up.dims()).isEqualTo(x.dims());
    assertThat(dot(down, y)).isEqualTo(dot(x, up));
  }

  private static double dot(Tensor a, Tensor b) {
    double sum = 0;
    for (int i = 0; i < a.elements(); i++) {
      sum += (double) a.floats()[i] * b.floats()[i];
    }
    return sum;
  }

  private static Windowed.Pool pool(
      PoolKind kind, Window window, boolean ceil, boolean countPadding) {
    return new Windowed.Pool(kind, window, ceil, countPadding, 2, false);
  }

  @Test
  void largest_comesWithItsFlatIndex() {
    Tensor x = Tensor.ofFloats(dims(1, 2, 2, 2), 1, 4, 3, 4, 8, 7, 6, 5);
    var window = window(dims(2, 2), List.of(), List.of(), List.of());

    var plain = Run.all(pool(PoolKind.MAX, window, false, false), 2, x);
    assertThat(plain.get(0).floats()).containsExactly(4, 8);
    assertThat(plain.get(1).longs()).containsExactly(1, 4);
    var column = new Windowed.Pool(PoolKind.MAX, window, false, false, 2, true);
    assertThat(Run.all(column, 2, x).get(1).longs()).containsExactly(2, 4);
  }

  @Test
  void roundingUp_dropsAWindowThatLiesInThePadding() {
    var window = window(dims(2), dims(2), List.of(), List.of());
    Tensor x = counting(1, 1, 5);

    assertThat(Run.of(pool(PoolKind.MAX, window, false, false), x).floats()).containsExactly(1, 3);
    assertThat(Run.of(pool(PoolKind.MAX, window, true, false), x).floats())
        .containsExactly(1, 3, 4);
    var padded = window(dims(1), dims(2), List.of(), dims(0, 1));
    assertThat(Run.of(pool(PoolKind.MAX, padded, true, false), counting(1, 1, 2)).floats())
        .containsExactly(0);
  }

  @Test
  void average_countsPaddingOnlyWhereAsked() {
    var window = window(dims(2), dims(2), List.of(), dims(1, 0));
    Tensor x = Tensor.ofFloats(dims(1, 1, 4), 2, 4, 6, 8);

    assertThat(Run.of(pool(PoolKind.AVERAGE, window, false, false), x).floats())
        .containsExactly(2, 5);
    assertThat(Run.of(pool(PoolKind.AVERAGE, window, false, true), x).floats())
        .containsExactly(1, 5);
    assertThat(Run.of(pool(PoolKind.AVERAGE, window, true, true), x).floats())
        .as("what overhangs the padding does not count")
        .containsExactly(1, 5, 8);
  }

  @Test
  void normPooling_andGlobalPooling() {
    Tensor x = Tensor.ofFloats(dims(1, 1, 2), 3, 4);
    var window = window(dims(2), List.of(), List.of(), List.of());

    assertThat(Run.of(pool(PoolKind.LP, window, false, false), x).floats()).containsExactly(5);
    assertThat(Run.of(new Windowed.GlobalPool(PoolKind.LP, 2), x).floats()).containsExactly(5);
    assertThat(Run.of(new Windowed.GlobalPool(PoolKind.MAX, 1), x).floats()).containsExactly(4);
    assertThat(Run.of(new Windowed.GlobalPool(PoolKind.AVERAGE, 1), x).dims())
        .isEqualTo(dims(1, 1, 1));
  }
}
