package dev.inward.coreml.neural;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Movement;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// Cells run along the sequence of blobs `[sequence, C, 1, 1]`. Their weights are decoded: the
/// gates of a graph's cell are one matrix.
final class RecurrentLayers {
  private static final double CLIP = 50;

  private final Layer layer;
  private final int in;
  private final int hidden;

  private RecurrentLayers(Layer layer) {
    this.layer = layer;
    this.in = (int) Fields.extent(layer.params().number(1), "its input size");
    this.hidden = (int) Fields.extent(layer.params().number(2), "its output size");
  }

  static void simple(Layer layer) {
    var cell = new RecurrentLayers(layer);
    Fields all = layer.params();
    cell.run(
        Recurrent.Kind.RNN,
        direction(all),
        List.of(Activations.recurrent(all.message(10))),
        List.of(
            new Direction(
                List.of(all.message(30)),
                List.of(all.message(31)),
                all.flag(20) ? List.of(all.message(32)) : List.of(),
                List.of())),
        all.flag(15),
        0,
        false,
        CLIP);
  }

  static void gru(Layer layer) {
    var cell = new RecurrentLayers(layer);
    Fields all = layer.params();
    cell.run(
        Recurrent.Kind.GRU,
        direction(all),
        functions(all.messages(10), 2),
        List.of(
            new Direction(
                List.of(all.message(30), all.message(31), all.message(32)),
                List.of(all.message(50), all.message(51), all.message(52)),
                all.flag(20)
                    ? List.of(all.message(70), all.message(71), all.message(72))
                    : List.of(),
                List.of())),
        all.flag(15),
        0,
        false,
        CLIP);
  }

  static void lstm(Layer layer, boolean both) {
    var cell = new RecurrentLayers(layer);
    Fields all = layer.params();
    Fields how = all.message(15);
    List<Activations.Named> functions = new ArrayList<>(functions(all.messages(10), 3));
    if (both) {
      functions.addAll(functions(all.messages(11), 3));
    }
    List<Direction> directions = new ArrayList<>();
    for (Fields weights : all.messages(20)) {
      directions.add(
          new Direction(
              // input, output, forget, cell: the order of a graph
              gates(weights, 1, 4, 2, 3),
              gates(weights, 20, 23, 21, 22),
              how.flag(20) ? gates(weights, 40, 43, 41, 42) : List.of(),
              how.flag(40) ? gates(weights, 60, 62, 61) : List.of()));
    }
    if (directions.size() != (both ? 2 : 1)) {
      throw InputException.of("it has the weights of %d directions", directions.size());
    }
    cell.run(
        Recurrent.Kind.LSTM,
        both ? Recurrent.Direction.BIDIRECTIONAL : direction(all),
        functions,
        directions,
        how.flag(10),
        how.flag(30) ? 1 : 0,
        how.flag(50),
        CLIP);
  }

  private record Direction(
      List<Fields> input, List<Fields> recursion, List<Fields> bias, List<Fields> peephole) {}

  private static Recurrent.Direction direction(Fields all) {
    return all.flag(100) ? Recurrent.Direction.REVERSE : Recurrent.Direction.FORWARD;
  }

  private static List<Activations.Named> functions(List<Fields> given, int count) {
    if (given.size() != count) {
      throw InputException.of("it has %d activations, expected %d", given.size(), count);
    }
    return given.stream().map(Activations::recurrent).toList();
  }

  private static List<Fields> gates(Fields weights, int... fields) {
    List<Fields> out = new ArrayList<>();
    for (int field : fields) {
      out.add(weights.message(field));
    }
    return out;
  }

  private void run(
      Recurrent.Kind kind,
      Recurrent.Direction direction,
      List<Activations.Named> functions,
      List<Direction> directions,
      boolean sequence,
      float forgetBias,
      boolean coupled,
      double clip) {
    Layers layers = layer.layers();
    if (!layers.blobs && layers.rank(layer.x()) != 5) {
      throw UnsupportedException.of("its input has %d axes, expected 5", layers.rank(layer.x()));
    }
    List<Long> dims = layers.dims(layer.x());
    long steps = dims.getFirst();
    long batch = layers.blobs ? 1 : dims.get(1);
    if (dims.get(dims.size() - 3) != in || dims.getLast() != 1 || dims.get(dims.size() - 2) != 1) {
      throw InputException.of("its input is %s, it takes %d channels", dims, in);
    }
    int d = directions.size();
    int gates = kind.gates();
    List<String> operands = new ArrayList<>();
    operands.add(layers.reshape(layer.name(), layer.x(), List.of(steps, batch, (long) in)));
    operands.add(matrix("weights", directions.stream().map(Direction::input).toList(), gates, in));
    operands.add(
        matrix("recursion", directions.stream().map(Direction::recursion).toList(), gates, hidden));
    operands.add(bias(kind, directions, gates, forgetBias));
    operands.add("");
    int states = kind == Recurrent.Kind.LSTM ? 2 : 1;
    if (layer.inputs().size() > 1) {
      if (layer.inputs().size() != 1 + states * d) {
        throw InputException.of("it has %d inputs", layer.inputs().size());
      }
      for (int s = 0; s < states; s++) {
        operands.add(state(s, states, d, batch));
      }
    }
    boolean peepholes = directions.stream().anyMatch(one -> !one.peephole().isEmpty());
    if (peepholes) {
      while (operands.size() < 7) {
        operands.add("");
      }
      operands.add(peepholes(directions));
    }
    var op =
        new Recurrent(
            kind,
            direction,
            hidden,
            functions.stream().map(Activations.Named::name).toList(),
            functions.stream().map(Activations.Named::alpha).toList(),
            functions.stream().map(Activations.Named::beta).toList(),
            OptionalDouble.of(clip),
            false,
            coupled,
            false);
    List<String> made = layers.nodes(layer.name(), op, 1 + states, operands);
    results(made, sequence, d, states, steps, batch);
  }

  /// `[directions, gates * hidden, columns]`.
  private String matrix(String what, List<List<Fields>> directions, int gates, int columns) {
    List<Tensor> parts = new ArrayList<>();
    for (List<Fields> direction : directions) {
      for (Fields gate : direction) {
        parts.add(LayerWeights.read(gate, List.of((long) hidden, (long) columns)));
      }
    }
    int each = Math.multiplyExact(hidden, columns);
    float[] all = new float[Math.multiplyExact(directions.size() * gates, each)];
    for (int i = 0; i < parts.size(); i++) {
      System.arraycopy(parts.get(i).floats(), 0, all, i * each, each);
    }
    return layer.constant(
        what,
        Tensor.ofFloats(
            List.of((long) directions.size(), (long) gates * hidden, (long) columns), all));
  }

  /// `[directions, 2 * gates * hidden]`: those of the input, then zeros for the recursion.
  private String bias(
      Recurrent.Kind kind, List<Direction> directions, int gates, float forgetBias) {
    float[] all = new float[Math.multiplyExact(directions.size() * 2 * gates, hidden)];
    for (int d = 0; d < directions.size(); d++) {
      List<Fields> biases = directions.get(d).bias();
      for (int g = 0; g < gates; g++) {
        int at = (d * 2 * gates + g) * hidden;
        if (!biases.isEmpty()) {
          float[] values = LayerWeights.read(biases.get(g), List.of((long) hidden)).floats();
          System.arraycopy(values, 0, all, at, hidden);
        }
        if (kind == Recurrent.Kind.LSTM && g == 2) {
          for (int i = 0; i < hidden; i++) {
            all[at + i] += forgetBias;
          }
        }
      }
    }
    return layer.constant(
        "bias", Tensor.ofFloats(List.of((long) directions.size(), 2L * gates * hidden), all));
  }

  private String peepholes(List<Direction> directions) {
    float[] all = new float[directions.size() * 3 * hidden];
    int at = 0;
    for (Direction direction : directions) {
      for (Fields gate : direction.peephole()) {
        float[] values = LayerWeights.read(gate, List.of((long) hidden)).floats();
        System.arraycopy(values, 0, all, at, hidden);
        at += hidden;
      }
    }
    return layer.constant(
        "peepholes", Tensor.ofFloats(List.of((long) directions.size(), 3L * hidden), all));
  }

  /// The blobs of one state, for each direction: h, c, h of the way back, c of the way back.
  private String state(int which, int states, int directions, long batch) {
    List<String> parts = new ArrayList<>();
    for (int d = 0; d < directions; d++) {
      String blob = layer.x(1 + d * states + which);
      parts.add(layer.layers().reshape(layer.name(), blob, List.of(1L, batch, (long) hidden)));
    }
    return parts.size() == 1
        ? parts.getFirst()
        : layer.layers().node(layer.name(), new Movement.Concat(0), parts.toArray(String[]::new));
  }

  private void results(
      List<String> made, boolean sequence, int d, int states, long steps, long batch) {
    Layers layers = layer.layers();
    List<String> outputs = layer.outputs();
    String first;
    if (sequence) {
      String turned = layers.transpose(layer.name(), made.getFirst(), 0L, 2L, 1L, 3L);
      first = layers.reshape(layer.name(), turned, blob(steps, batch, (long) d * hidden));
    } else {
      String turned = layers.transpose(layer.name(), made.get(1), 1L, 0L, 2L);
      first = layers.reshape(layer.name(), turned, blob(1, batch, (long) d * hidden));
    }
    layers.define(outputs.getFirst(), first);
    if (outputs.size() == 1) {
      return;
    }
    if (outputs.size() != 1 + states * d) {
      throw InputException.of("it has %d outputs", outputs.size());
    }
    for (int s = 0; s < states; s++) {
      List<String> parts =
          d == 1
              ? List.of(made.get(1 + s))
              : layers.nodes(
                  layer.name(), new Movement.Split(0, List.of()), d, List.of(made.get(1 + s)));
      for (int way = 0; way < d; way++) {
        layers.define(
            outputs.get(1 + way * states + s),
            layers.reshape(layer.name(), parts.get(way), blob(1, batch, hidden)));
      }
    }
  }

  private List<Long> blob(long steps, long batch, long channels) {
    return layer.layers().blobs
        ? List.of(steps, channels, 1L, 1L)
        : List.of(steps, batch, channels, 1L, 1L);
  }
}
