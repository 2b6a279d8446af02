package dev.inward.graph.evaluation;

import static dev.inward.graph.evaluation.Run.bytes;
import static dev.inward.graph.evaluation.Run.counting;
import static dev.inward.graph.evaluation.Run.dims;
import static dev.inward.graph.evaluation.Run.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.graph.DataType;
import dev.inward.graph.Movement;
import dev.inward.graph.Movement.Combine;
import dev.inward.graph.Tensor;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class MovementRuleTest {
  @Test
  void shape_canBeCut() {
    Tensor x = counting(2, 3, 4);

    assertThat(Run.of(new Movement.ShapeOf(0, OptionalLong.empty()), x))
        .isEqualTo(Tensor.vector(2, 3, 4));
    assertThat(Run.of(new Movement.ShapeOf(-2, OptionalLong.of(-1)), x))
        .isEqualTo(Tensor.vector(3));
    assertThat(Run.of(new Movement.Size(), x)).isEqualTo(Tensor.scalar(24L));
  }

  @Test
  void reshape_fillsInTheRest() {
    Tensor x = counting(2, 6);

    assertThat(Run.of(new Movement.Reshape(false), x, Tensor.vector(0, -1, 2)).dims())
        .isEqualTo(dims(2, 3, 2));
    assertThatThrownBy(() -> Run.of(new Movement.Reshape(false), x, Tensor.vector(5, -1)))
        .hasMessage("node 'n': [2, 6] does not reshape to [5, -1]");
    assertThatThrownBy(() -> Run.of(new Movement.Reshape(false), x, Tensor.vector(5)))
        .hasMessage("node 'n': 12 elements do not fill the shape [5]");
    assertThat(Run.of(new Movement.Reshape(true), counting(0, 3), Tensor.vector(3, 0)).dims())
        .isEqualTo(dims(3, 0));
  }

  @Test
  void axesOfOne_comeAndGo() {
    Tensor x = counting(1, 3, 1);

    assertThat(Run.of(new Movement.Squeeze(List.of()), x).dims()).isEqualTo(dims(3));
    assertThat(Run.of(new Movement.Squeeze(List.of(-1L)), x).dims()).isEqualTo(dims(1, 3));
    assertThat(Run.of(new Movement.Unsqueeze(List.of(0L, -1L)), vector(1)).dims())
        .isEqualTo(dims(1, 1, 1));
    assertThat(Run.of(new Movement.Flatten(-1), counting(2, 3, 4)).dims()).isEqualTo(dims(6, 4));
    assertThat(Run.of(new Movement.Flatten(0), counting(2, 3)).dims()).isEqualTo(dims(1, 6));
    assertThatThrownBy(() -> Run.of(new Movement.Squeeze(List.of(1L)), x))
        .hasMessage("node 'n': axis 1 has extent 3, not 1");
  }

  @Test
  void transpose_movesAxes() {
    Tensor x = counting(2, 3);

    assertThat(Run.of(new Movement.Transpose(List.of()), x).floats())
        .containsExactly(0, 3, 1, 4, 2, 5);
    Tensor y = Run.of(new Movement.Transpose(List.of(2L, 0L, 1L)), counting(2, 1, 3));
    assertThat(y.dims()).isEqualTo(dims(3, 2, 1));
    assertThat(y.floats()).containsExactly(0, 3, 1, 4, 2, 5);
  }

  @Test
  void concat_andSplit_areInverse() {
    Tensor x = counting(2, 5);
    var parts = Run.all(new Movement.Split(1, List.of(1L, 0L, 4L)), 3, x);

    assertThat(parts.get(0).floats()).containsExactly(0, 5);
    assertThat(parts.get(1).dims()).isEqualTo(dims(2, 0));
    assertThat(Run.of(new Movement.Concat(-1), parts.toArray(Tensor[]::new))).isEqualTo(x);
    assertThat(Run.all(new Movement.Split(1, List.of()), 2, x).get(1).dims()).isEqualTo(dims(2, 2));
    assertThatThrownBy(() -> Run.of(new Movement.Split(1, List.of(4L)), x))
        .hasMessage("node 'n': sizes [4] do not add up to 5");
    assertThatThrownBy(() -> Run.of(new Movement.Concat(0), x, counting(1, 4)))
        .hasMessage("node 'n': [1, 4] does not continue [2, 5] along axis 0");
  }

  @Test
  void slice_clampsAndStepsBackwards() {
    Tensor x = vector(0, 1, 2, 3, 4);

    assertThat(slice(x, 1, 1000, 2)).containsExactly(1, 3);
    assertThat(slice(x, -2, Long.MAX_VALUE, 1)).containsExactly(3, 4);
    assertThat(slice(x, -1, Long.MIN_VALUE, -1)).containsExactly(4, 3, 2, 1, 0);
    assertThat(slice(x, 100, 0, -2)).containsExactly(4, 2);
    assertThat(slice(x, 3, 1, 1)).isEmpty();
    assertThat(slice(x, 4, Long.MIN_VALUE, Long.MIN_VALUE)).containsExactly(4);
    assertThatThrownBy(() -> slice(x, 0, 1, 0)).hasMessage("node 'n': a step is not 0");
  }

  private static float[] slice(Tensor x, long start, long end, long step) {
    return Run.of(
            new Movement.Slice(),
            x,
            Tensor.vector(start),
            Tensor.vector(end),
            Tensor.vector(-1),
            Tensor.vector(step))
        .floats();
  }

  @Test
  void gather_takesSlices() {
    Tensor y = Run.of(new Movement.Gather(1), counting(2, 3), Tensor.ofLongs(dims(1, 2), -1, 0));

    assertThat(y.dims()).isEqualTo(dims(2, 1, 2));
    assertThat(y.floats()).containsExactly(2, 0, 5, 3);
    assertThat(Run.of(new Movement.Gather(0), counting(2, 2), Tensor.scalar(1L)).floats())
        .containsExactly(2, 3);
    assertThatThrownBy(() -> Run.of(new Movement.Gather(0), counting(2), Tensor.vector(2)))
        .hasMessage("node 'n': index 2 is outside an axis of 2 elements");
  }

  @Test
  void gatherElementsAndNd_followTheirIndices() {
    assertThat(
            Run.of(
                    new Movement.GatherElements(1),
                    counting(2, 3),
                    Tensor.ofLongs(dims(2, 1), 2, -3))
                .floats())
        .containsExactly(2, 3);
    assertThat(
            Run.of(new Movement.GatherNd(0), counting(2, 3), Tensor.ofLongs(dims(2, 2), 0, 1, 1, 2))
                .floats())
        .containsExactly(1, 5);
    assertThat(
            Run.of(new Movement.GatherNd(0), counting(2, 3), Tensor.ofLongs(dims(1, 1), 1)).dims())
        .isEqualTo(dims(1, 3));
    assertThat(
            Run.of(new Movement.GatherNd(1), counting(2, 2, 2), Tensor.ofLongs(dims(2, 1), 1, 0))
                .floats())
        .containsExactly(2, 3, 4, 5);
  }

  @Test
  void scatters_combine() {
    Tensor x = vector(1, 2, 3);
    Tensor twice = Tensor.vector(1, 1);

    assertThat(
            Run.of(new Movement.ScatterElements(0, Combine.REPLACE), x, twice, vector(5, 6))
                .floats())
        .containsExactly(1, 6, 3);
    assertThat(
            Run.of(new Movement.ScatterElements(0, Combine.ADD), x, twice, vector(5, 6)).floats())
        .containsExactly(1, 13, 3);
    assertThat(
            Run.of(new Movement.ScatterElements(0, Combine.MUL), x, twice, vector(5, 6)).floats())
        .containsExactly(1, 60, 3);
    assertThat(
            Run.of(new Movement.ScatterElements(0, Combine.MIN), x, twice, vector(5, 1)).floats())
        .containsExactly(1, 1, 3);
    Tensor rows =
        Run.of(
            new Movement.ScatterNd(Combine.MAX),
            counting(2, 2),
            Tensor.ofLongs(dims(1, 1), -1),
            Tensor.ofFloats(dims(1, 2), 0, 9));
    assertThat(rows.floats()).containsExactly(0, 1, 2, 9);
  }

  @Test
  void expandAndTile_repeat() {
    Tensor column = counting(2, 1);

    assertThat(Run.of(new Movement.Expand(), column, Tensor.vector(2)).floats())
        .containsExactly(0, 0, 1, 1);
    assertThat(Run.of(new Movement.Expand(), column, Tensor.vector(3, 1, 1)).dims())
        .isEqualTo(dims(3, 2, 1));
    assertThat(Run.of(new Movement.Tile(), counting(1, 2), Tensor.vector(2, 2)).floats())
        .containsExactly(0, 1, 0, 1, 0, 1, 0, 1);
  }

  @Test
  void pad_hasFourModesAndCuts() {
    Tensor x = vector(1, 2, 3);

    assertThat(pad(Movement.Pad.Mode.CONSTANT, x, 1, 2)).containsExactly(7, 1, 2, 3, 7, 7);
    assertThat(pad(Movement.Pad.Mode.EDGE, x, 1, 2)).containsExactly(1, 1, 2, 3, 3, 3);
    assertThat(pad(Movement.Pad.Mode.REFLECT, x, 2, 2)).containsExactly(3, 2, 1, 2, 3, 2, 1);
    assertThat(pad(Movement.Pad.Mode.WRAP, x, 1, 2)).containsExactly(3, 1, 2, 3, 1, 2);
    assertThat(pad(Movement.Pad.Mode.CONSTANT, x, -1, 1)).containsExactly(2, 3, 7);
    Tensor y =
        Run.of(
            new Movement.Pad(Movement.Pad.Mode.CONSTANT),
            counting(1, 2),
            Tensor.vector(1, 0),
            Run.NONE,
            Tensor.vector(-1));
    assertThat(y.floats()).containsExactly(0, 0, 1);
  }

  private static float[] pad(Movement.Pad.Mode mode, Tensor x, long begin, long end) {
    return Run.of(new Movement.Pad(mode), x, Tensor.vector(begin, end), Tensor.scalar(7f)).floats();
  }

  @Test
  void depthAndSpace_tradePlaces() {
    Tensor x = counting(1, 8, 1, 1);
    Tensor wide = Run.of(new Movement.DepthToSpace(2, false), x);

    assertThat(wide.floats()).containsExactly(0, 2, 4, 6, 1, 3, 5, 7);
    assertThat(Run.of(new Movement.SpaceToDepth(2), wide)).isEqualTo(x);
    assertThat(Run.of(new Movement.DepthToSpace(2, true), x).floats())
        .containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void makers_makeElements() {
    assertThat(Run.of(new Movement.ConstantOfShape(Tensor.vector(7)), Tensor.vector(2, 1)))
        .isEqualTo(Tensor.ofLongs(dims(2, 1), 7, 7));
    assertThat(Run.of(new Movement.ConstantOfShape(Tensor.vector(7)), Tensor.vector()))
        .isEqualTo(Tensor.scalar(7L));
    assertThat(
            Run.of(new Movement.Range(), Tensor.scalar(5L), Tensor.scalar(0L), Tensor.scalar(-2L))
                .longs())
        .containsExactly(5, 3, 1);
    assertThat(
            Run.of(new Movement.Range(), Tensor.scalar(0f), Tensor.scalar(1f), Tensor.scalar(0.5f))
                .floats())
        .containsExactly(0, 0.5f);
    assertThatThrownBy(() ->
            Run.of(new Movement.Range(), Tensor.scalar(0L), Tensor.scalar(1L), Tensor.scalar(0L)))
        .hasMessage("node 'n': a range from 0.0 by 0.0 does not end");
    assertThat(Run.of(new Movement.NonZero(), Tensor.ofFloats(dims(2, 2), 0, 1, 2, 0)))
        .isEqualTo(Tensor.ofLongs(dims(2, 2), 0, 1, 1, 0));
  }

  @Test
  void oneHot_leavesALineOffForAnIndexOutside() {
    Tensor y =
        Run.of(new Movement.OneHot(-1), Tensor.vector(1, -1, 3), Tensor.scalar(3L), vector(5, 9));

    assertThat(y.dims()).isEqualTo(dims(3, 3));
    assertThat(y.floats()).containsExactly(5, 9, 5, 5, 5, 9, 5, 5, 5);
    assertThat(
            Run.of(new Movement.OneHot(0), Tensor.vector(1, 0), Tensor.scalar(2L), vector(0, 1))
                .floats())
        .containsExactly(0, 1, 1, 0);
  }

  @Test
  void triangles_keepOneSide() {
    Tensor x = Tensor.ofFloats(dims(2, 2), 1, 2, 3, 4);

    assertThat(Run.of(new Movement.Trilu(true), x).floats()).containsExactly(1, 2, 0, 4);
    assertThat(Run.of(new Movement.Trilu(false), x, Tensor.scalar(-1L)).floats())
        .containsExactly(0, 0, 3, 0);
  }

  @Test
  void reverseSequence_turnsEachOverItsLength() {
    assertThat(
            Run.of(new Movement.ReverseSequence(0, 1), counting(2, 3), Tensor.vector(2, 3))
                .floats())
        .containsExactly(1, 0, 2, 5, 4, 3);
  }

  @Test
  void movement_worksOnBooleansAndCodes() {
    assertThat(Run.of(new Movement.Transpose(List.of()), bytes(DataType.BOOL, dims(1, 2), 1, 0)))
        .isEqualTo(bytes(DataType.BOOL, dims(2, 1), 1, 0));
    Tensor nibbles = bytes(DataType.INT4, dims(3), 0x1f, 0x02);
    assertThat(Run.of(new Movement.Concat(0), nibbles, nibbles).longs())
        .containsExactly(-1, 1, 2, -1, 1, 2);
  }
}
