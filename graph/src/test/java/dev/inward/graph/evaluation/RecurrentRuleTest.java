package dev.inward.graph.evaluation;

import static dev.inward.graph.evaluation.Run.dims;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.offset;

import dev.inward.graph.DataType;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Recurrent.Direction;
import dev.inward.graph.Recurrent.Kind;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/// One hidden unit throughout, so that each step can be written out.
final class RecurrentRuleTest {
  private static final float[] X = {0.5f, -1, 2};

  private static Recurrent cell(Kind kind, Direction direction, String... activations) {
    return new Recurrent(
        kind,
        direction,
        1,
        List.of(activations),
        List.of(),
        List.of(),
        OptionalDouble.empty(),
        false,
        false,
        false);
  }

  private static Tensor t(List<Long> dims, float... values) {
    return Tensor.ofFloats(dims, values);
  }

  private static double sigmoid(double v) {
    return 1 / (1 + Math.exp(-v));
  }

  private static void close(Tensor actual, double... expected) {
    assertThat(actual.elements()).isEqualTo(expected.length);
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) actual.floats()[i]).isCloseTo(expected[i], offset(1e-6));
    }
  }

  @Test
  void plainCell_followsItsRecurrence() {
    Tensor x = t(dims(3, 1, 1), X);
    Tensor w = t(dims(1, 1, 1), 2);
    Tensor r = t(dims(1, 1, 1), -1);
    Tensor bias = t(dims(1, 2), 0.25f, 0.5f);
    var y = Run.all(cell(Kind.RNN, Direction.FORWARD), 2, x, w, r, bias);

    double h1 = Math.tanh(2 * 0.5 + 0.75);
    double h2 = Math.tanh(2 * -1 - h1 + 0.75);
    double h3 = Math.tanh(2 * 2 - h2 + 0.75);
    close(y.get(0), h1, h2, h3);
    close(y.get(1), h3);
  }

  @Test
  void bothDirections_withLengths_stopEach() {
    Tensor x = t(dims(3, 1, 1), X);
    Tensor w = t(dims(2, 1, 1), 1, 1);
    Tensor r = t(dims(2, 1, 1), 1, 1);
    Tensor lengths = Tensor.dense(DataType.INT32, dims(1), Storage.of(new byte[] {2, 0, 0, 0}));
    var op = cell(Kind.RNN, Direction.BIDIRECTIONAL, "Affine", "Affine");
    var y = Run.all(op, 2, x, w, r, Run.NONE, lengths);

    // Sums from the left and from the right over the first two steps.
    close(y.get(0), 0.5, -0.5, -0.5, -1, 0, 0);
    close(y.get(1), -0.5, -0.5);
    close(
        Run.of(
            cell(Kind.RNN, Direction.REVERSE, "Affine"),
            x,
            t(dims(1, 1, 1), 1),
            t(dims(1, 1, 1), 1)),
        1.5,
        1,
        2);
  }

  @Test
  void gatedUnit_resetsBeforeOrAfterTheProduct() {
    Tensor x = t(dims(1, 1, 1), 2);
    Tensor w = t(dims(1, 3, 1), 0.1f, 0.2f, 0.3f);
    Tensor r = t(dims(1, 3, 1), 0.4f, 0.5f, 0.6f);
    Tensor bias = t(dims(1, 6), 0.01f, 0.02f, 0.03f, 0.04f, 0.05f, 0.06f);
    Tensor h = t(dims(1, 1, 1), 0.7f);

    double z = sigmoid(0.2 + 0.28 + 0.05);
    double reset = sigmoid(0.4 + 0.35 + 0.07);
    double before = Math.tanh(0.6 + 0.03 + 0.6 * (reset * 0.7) + 0.06);
    double after = Math.tanh(0.6 + 0.03 + reset * (0.42 + 0.06));
    close(
        Run.of(cell(Kind.GRU, Direction.FORWARD), x, w, r, bias, Run.NONE, h),
        (1 - z) * before + z * 0.7);
    var late =
        new Recurrent(
            Kind.GRU,
            Direction.FORWARD,
            1,
            List.of(),
            List.of(),
            List.of(),
            OptionalDouble.empty(),
            true,
            false,
            false);
    close(Run.of(late, x, w, r, bias, Run.NONE, h), (1 - z) * after + z * 0.7);
  }

  @Test
  void longShortTermMemory_hasPeepholesClipAndCoupling() {
    Tensor x = t(dims(1, 1, 1), 1);
    Tensor w = t(dims(1, 4, 1), 0.1f, 0.2f, 0.3f, 0.4f);
    Tensor r = t(dims(1, 4, 1), 0.5f, 0.6f, 0.7f, 0.8f);
    Tensor h = t(dims(1, 1, 1), 0.5f);
    Tensor c = t(dims(1, 1, 1), 2);
    Tensor peep = t(dims(1, 3), 0.1f, 0.2f, 0.3f);
    var plain = cell(Kind.LSTM, Direction.FORWARD);
    var y = Run.all(plain, 3, x, w, r, Run.NONE, Run.NONE, h, c, peep);

    double i = sigmoid(0.1 + 0.25 + 0.1 * 2);
    double f = sigmoid(0.3 + 0.35 + 0.3 * 2);
    double next = f * 2 + i * Math.tanh(0.4 + 0.4);
    double o = sigmoid(0.2 + 0.3 + 0.2 * next);
    close(y.get(1), o * Math.tanh(next));
    close(y.get(2), next);

    var coupled =
        new Recurrent(
            Kind.LSTM,
            Direction.FORWARD,
            1,
            List.of(),
            List.of(),
            List.of(),
            OptionalDouble.of(0.5),
            false,
            true,
            false);
    double ci = sigmoid(0.35);
    close(
        Run.all(coupled, 3, x, w, r, Run.NONE, Run.NONE, h, c).get(2),
        (1 - ci) * 2 + ci * Math.tanh(0.5));
  }

  @Test
  void batchFirst_tradesAxes() {
    Tensor w = t(dims(1, 1, 1), 1);
    Tensor r = t(dims(1, 1, 1), 1);
    var first =
        new Recurrent(
            Kind.RNN,
            Direction.FORWARD,
            1,
            List.of("ScaledTanh"),
            List.of(2f),
            List.of(0.5f),
            OptionalDouble.empty(),
            false,
            false,
            true);
    var y = Run.all(first, 2, t(dims(2, 1, 1), 1, 2), w, r);

    assertThat(y.get(0).dims()).isEqualTo(dims(2, 1, 1, 1));
    close(y.get(1), 2 * Math.tanh(0.5), 2 * Math.tanh(1));
  }

  @Test
  void wrongShapesAndNames_areRefused() {
    Tensor x = t(dims(1, 1, 1), 1);
    Tensor w = t(dims(1, 1, 1), 1);

    assertThatThrownBy(() -> Run.of(cell(Kind.GRU, Direction.FORWARD), x, w, w))
        .hasMessage("node 'n': operand 1 has the shape [1, 1, 1], expected [1, 3, 1]");
    assertThatThrownBy(() -> Run.of(cell(Kind.RNN, Direction.FORWARD, "Cube"), x, w, w))
        .hasMessage("node 'n': no activation is called 'cube'");
  }
}
