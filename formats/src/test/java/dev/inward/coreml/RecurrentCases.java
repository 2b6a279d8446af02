package dev.inward.coreml;

import dev.inward.graph.DataType;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Recurrent.Direction;
import dev.inward.graph.Recurrent.Kind;
import dev.inward.graph.Tensor;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Random;

/// Recurrent cells of every kind and direction, with and without each operand that may be left out.
final class RecurrentCases {
  private RecurrentCases() {}

  static void add(List<OpCase> cases) {
    for (Kind kind : Kind.values()) {
      for (Direction direction : Direction.values()) {
        var cell = cell(kind, direction);
        cases.add(of(cell, "", false, false));
        cases.add(of(cell, "_states", true, false));
      }
      var both = cell(kind, Direction.BIDIRECTIONAL);
      cases.add(of(both, "_lengths", true, true));
      cases.add(
          of(with(both, List.of(), OptionalDouble.of(0.4), false, false), "_clip", true, true));
      cases.add(of(batchFirst(both), "_batch_first", true, false));
      cases.add(of(batchFirst(cell(kind, Direction.REVERSE)), "_batch_first_reverse", true, true));
      var names =
          switch (kind) {
            case RNN -> List.of("Relu", "HardSigmoid");
            case GRU -> List.of("HardSigmoid", "Softsign", "Sigmoid", "LeakyRelu");
            case LSTM -> List.of("Sigmoid", "Relu", "Tanh", "HardSigmoid", "Elu", "ScaledTanh");
          };
      cases.add(
          of(with(both, names, OptionalDouble.empty(), false, false), "_unusual", true, false));
    }
    var lstm = cell(Kind.LSTM, Direction.BIDIRECTIONAL);
    cases.add(
        of(with(lstm, List.of(), OptionalDouble.empty(), false, true), "_coupled", true, false));
    for (var direction : Direction.values()) {
      var gru = cell(Kind.GRU, direction);
      cases.add(
          of(with(gru, List.of(), OptionalDouble.empty(), true, false), "_after", true, false));
    }
  }

  static Recurrent cell(Kind kind, Direction direction) {
    return new Recurrent(
        kind,
        direction,
        3,
        List.of(),
        List.of(),
        List.of(),
        OptionalDouble.empty(),
        false,
        false,
        false);
  }

  private static Recurrent with(
      Recurrent cell, List<String> names, OptionalDouble clip, boolean after, boolean coupled) {
    return new Recurrent(
        cell.kind(),
        cell.direction(),
        cell.hidden(),
        names,
        List.of(),
        List.of(),
        clip,
        after,
        coupled,
        false);
  }

  private static Recurrent batchFirst(Recurrent cell) {
    return new Recurrent(
        cell.kind(),
        cell.direction(),
        cell.hidden(),
        List.of(),
        List.of(),
        List.of(),
        OptionalDouble.empty(),
        false,
        false,
        true);
  }

  /// @param stated whether bias, initial states and, for an LSTM, peepholes are given
  /// @param ragged whether the sequences end at places of their own
  private static OpCase of(Recurrent cell, String suffix, boolean stated, boolean ragged) {
    String name = (cell.kind() + "_" + cell.direction()).toLowerCase(Locale.ROOT) + suffix;
    var random = new Random(name.hashCode());
    long steps = 2 + random.nextInt(3);
    long batch = 2;
    long inputs = 1 + random.nextInt(4);
    long directions = cell.direction().count();
    long rows = (long) cell.kind().gates() * cell.hidden();
    var maker = OpCase.of(name).range(-1, 1);
    maker.x(
        cell.batchFirst() ? new long[] {batch, steps, inputs} : new long[] {steps, batch, inputs});
    maker.w(directions, rows, inputs).w(directions, rows, cell.hidden());
    boolean lstm = cell.kind() == Kind.LSTM;
    if (stated) {
      maker.w(directions, 2 * rows);
    }
    if (ragged) {
      if (!stated) {
        maker.none();
      }
      maker.c(
          Tensor.dense(
              DataType.INT32, List.of(batch), Constants.whole(MilType.INT32, steps, steps - 1)));
    }
    if (stated) {
      long[] state =
          cell.batchFirst()
              ? new long[] {batch, directions, cell.hidden()}
              : new long[] {directions, batch, cell.hidden()};
      if (!ragged) {
        maker.none();
      }
      maker.x(state);
      if (lstm) {
        maker.x(state).w(directions, 3 * cell.hidden());
      }
    }
    return maker.op(cell, lstm ? 3 : 2);
  }
}
