package dev.inward.graph.evaluation;

import static dev.inward.graph.evaluation.Run.counting;
import static dev.inward.graph.evaluation.Run.dims;
import static dev.inward.graph.evaluation.Run.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.Movement.GridSample;
import dev.inward.graph.Movement.Resize;
import dev.inward.graph.Movement.Resize.AspectPolicy;
import dev.inward.graph.Movement.Resize.Coordinates;
import dev.inward.graph.Movement.Resize.Interpolation;
import dev.inward.graph.Movement.Resize.NearestRounding;
import dev.inward.graph.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ResizeRuleTest {
  private static Resize resize(
      Interpolation mode, Coordinates coordinates, NearestRounding nearest, boolean outside) {
    return new Resize(
        mode, coordinates, nearest, -0.75f, outside, 9, false, List.of(), AspectPolicy.STRETCH);
  }

  private static float[] linear(Coordinates coordinates, Tensor x, float scale) {
    var op = resize(Interpolation.LINEAR, coordinates, NearestRounding.ROUND_PREFER_FLOOR, false);
    return Run.of(op, x, Run.NONE, vector(scale)).floats();
  }

  @Test
  void linear_readsBetweenElements() {
    Tensor x = vector(0, 10);

    assertThat(linear(Coordinates.HALF_PIXEL, x, 2)).containsExactly(0, 2.5f, 7.5f, 10);
    assertThat(linear(Coordinates.ASYMMETRIC, x, 2)).containsExactly(0, 5, 10, 10);
    assertThat(linear(Coordinates.ALIGN_CORNERS, x, 1.5f)).containsExactly(0, 5, 10);
    assertThat(linear(Coordinates.PYTORCH_HALF_PIXEL, x, 0.5f)).containsExactly(0);
    assertThat(linear(Coordinates.HALF_PIXEL, x, 0.5f)).containsExactly(5);
    // 5 elements by 0.5 are 2.5 long, cut to 2: the window is centred.
    assertThat(linear(Coordinates.HALF_PIXEL_SYMMETRIC, counting(5), 0.5f)).containsExactly(1, 3);
  }

  @ParameterizedTest
  @CsvSource({
    "ROUND_PREFER_FLOOR, 0 0 1 1",
    "ROUND_PREFER_CEIL, 0 1 1 1",
    "FLOOR, 0 0 1 1",
    "CEIL, 0 1 1 1"
  })
  void nearest_roundsAsStated(NearestRounding rounding, String expected) {
    var op = resize(Interpolation.NEAREST, Coordinates.ASYMMETRIC, rounding, false);
    var text = new StringBuilder();
    for (float v : Run.of(op, counting(2), Run.NONE, vector(2)).floats()) {
      text.append(text.isEmpty() ? "" : " ").append((int) v);
    }
    assertThat(text).hasToString(expected);
  }

  @Test
  void cubic_weighsFourNeighbours() {
    // At 1.5 with a = -3/4 the weights are -3/32, 19/32, 19/32, -3/32.
    var op =
        resize(
            Interpolation.CUBIC,
            Coordinates.ASYMMETRIC,
            NearestRounding.FLOOR,
            /* outside= */ false);
    float[] y = Run.of(op, vector(1, 2, 4, 8), Run.NONE, vector(2)).floats();
    assertThat(y[3]).isEqualTo((-3 * 1 + 19 * 2 + 19 * 4 - 3 * 8) / 32f);
    assertThat(y[1]).as("the edge is repeated").isEqualTo((-3 * 1 + 19 * 1 + 19 * 2 - 3 * 4) / 32f);
    var outside = resize(Interpolation.CUBIC, Coordinates.ASYMMETRIC, NearestRounding.FLOOR, true);
    assertThat(Run.of(outside, vector(1, 2, 4, 8), Run.NONE, vector(2)).floats()[1])
        .as("weights outside are left out, the rest sum to 1")
        .isCloseTo((19 * 1 + 19 * 2 - 3 * 4) / 35f, offset(1e-6f));
  }

  @Test
  void sizes_canKeepTheAspect() {
    for (var policy : AspectPolicy.values()) {
      var op =
          new Resize(
              Interpolation.NEAREST,
              Coordinates.HALF_PIXEL,
              NearestRounding.FLOOR,
              0,
              false,
              0,
              false,
              List.of(-1L, 0L),
              policy);
      Tensor y = Run.of(op, counting(2, 1, 4), Run.NONE, Run.NONE, Tensor.vector(8, 3));
      assertThat(y.dims())
          .isEqualTo(
              switch (policy) {
                case STRETCH -> dims(3, 1, 8);
                case NOT_LARGER -> dims(3, 1, 6);
                case NOT_SMALLER -> dims(4, 1, 8);
              });
    }
  }

  @Test
  void crop_fillsInOutside() {
    var op =
        resize(Interpolation.LINEAR, Coordinates.TF_CROP_AND_RESIZE, NearestRounding.FLOOR, false);
    Tensor y = Run.of(op, counting(5), vector(0.25f, 1.25f), Run.NONE, Tensor.vector(3));

    assertThat(y.floats()).containsExactly(1, 3, 9);
  }

  @Test
  void antialias_isRefusedWhereItShrinks() {
    var op =
        new Resize(
            Interpolation.LINEAR,
            Coordinates.HALF_PIXEL,
            NearestRounding.FLOOR,
            0,
            false,
            0,
            true,
            List.of(),
            AspectPolicy.STRETCH);

    assertThat(Run.of(op, vector(0, 10), Run.NONE, vector(2)).floats())
        .containsExactly(0, 2.5f, 7.5f, 10);
    assertThatThrownBy(() -> Run.of(op, counting(4), Run.NONE, vector(0.5f)))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage(
            "node 'n': Resize with antialias that shrinks is not known to the reference evaluator");
  }

  private static float sample(GridSample op, float column, float row) {
    Tensor x = counting(1, 1, 2, 2);
    return Run.of(op, x, Tensor.ofFloats(dims(1, 1, 1, 2), column, row)).floats()[0];
  }

  @Test
  void grid_readsColumnThenRow() {
    var zeros = new GridSample(Interpolation.LINEAR, GridSample.Padding.ZEROS, true);
    assertThat(sample(zeros, 1, -1)).isEqualTo(1);
    assertThat(sample(zeros, 0, 0)).isEqualTo(1.5f);
    assertThat(sample(zeros, 0, 2)).as("half of it is outside").isEqualTo(1.25f);
    var border = new GridSample(Interpolation.LINEAR, GridSample.Padding.BORDER, true);
    assertThat(sample(border, 0, 5)).isEqualTo(2.5f);
    var mirror = new GridSample(Interpolation.NEAREST, GridSample.Padding.REFLECTION, false);
    assertThat(sample(mirror, -0.5f, 1.5f)).as("row 1.5 is mirrored to 0.5 + 1").isEqualTo(2);
    var pixels = new GridSample(Interpolation.LINEAR, GridSample.Padding.ZEROS, false);
    assertThat(sample(pixels, 0.5f, -0.5f)).isEqualTo(1);
  }
}
