package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Movement;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Recurrent.Direction;
import dev.inward.graph.Recurrent.Kind;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/// Reads recurrent cells: one node for each direction, its gates in ONNX's order. The sequence of a
/// cell that runs backwards is in the order of the steps in Core ML, in that of time in ONNX.
final class RecurrentRaising {
  private final Source source;
  private final Kind kind;
  private final int hidden;
  private final boolean resetAfter;

  private RecurrentRaising(Source source, Kind kind) {
    this.source = source;
    this.kind = kind;
    var weight = source.var("weight_hh");
    if (weight.rank() != 2 || weight.dim(0) != kind.gates() * weight.dim(1)) {
      throw InputException.at(
          source.where(), "its weight is %s for %d gates", weight.dims(), kind.gates());
    }
    hidden = Math.toIntExact(weight.dim(1));
    resetAfter = kind == Kind.GRU && source.flag("reset_after", false);
  }

  static boolean raise(Source source) {
    switch (source.type()) {
      case "lstm" -> new RecurrentRaising(source, Kind.LSTM).read();
      case "gru" -> new RecurrentRaising(source, Kind.GRU).read();
      case "rnn" -> new RecurrentRaising(source, Kind.RNN).read();
      default -> {
        return false;
      }
    }
    return true;
  }

  private void read() {
    if (source.has("clip")) {
      throw source.refused("a clipped cell, of which it is not stated what is clipped");
    }
    String direction = source.text("direction", "forward");
    boolean sequence = source.flag("output_sequence", false);
    List<String> names = activations();
    boolean both = direction.equals("bidirectional") && kind == Kind.LSTM;
    if (!both && !direction.equals("forward") && !direction.equals("reverse")) {
      throw source.refused("the direction '%s'", direction);
    }
    List<List<String>> parts = new ArrayList<>();
    if (both || direction.equals("forward")) {
      parts.add(cell(Direction.FORWARD, "", names, both ? 0 : -1));
    }
    if (both) {
      parts.add(cell(Direction.REVERSE, "_back", names, 1));
    } else if (direction.equals("reverse")) {
      parts.add(cell(Direction.REVERSE, "", names, -1));
    }
    states(1, parts);
    if (kind == Kind.LSTM) {
      states(2, parts);
    }
    if (!sequence) {
      List<String> last = parts.stream().map(p -> p.get(1)).toList();
      join(0, last, 2);
      return;
    }
    List<String> all = new ArrayList<>();
    for (List<String> part : parts) {
      String y = source.step("y", new Movement.Squeeze(List.of(1L)), List.of(part.getFirst()));
      all.add(direction.equals("reverse") ? reversed(y) : y);
    }
    join(0, all, 2);
  }

  /// Final states `[1, B, H]` side by side, without the first axis.
  private void states(int result, List<List<String>> parts) {
    if (result < source.operation.outputs().size()) {
      List<String> flat = new ArrayList<>();
      for (List<String> part : parts) {
        flat.add(
            source.step("state", new Movement.Squeeze(List.of(0L)), List.of(part.get(result))));
      }
      join(result, flat, 1);
    }
  }

  private void join(int result, List<String> parts, int axis) {
    if (parts.size() == 1) {
      source.result(result, new Unary(Unary.Function.IDENTITY), parts);
    } else {
      source.result(result, new Movement.Concat(axis), parts);
    }
  }

  private String reversed(String y) {
    return source.step(
        "reversed",
        new Movement.Slice(),
        List.of(
            y,
            source.constant("start", Tensor.vector(-1)),
            source.constant("end", Tensor.vector(Long.MIN_VALUE)),
            source.constant("axis", Tensor.vector(0)),
            source.constant("step", Tensor.vector(-1))));
  }

  private List<String> activations() {
    return switch (kind) {
      case RNN -> List.of(activation("activation", "tanh"));
      case GRU ->
          List.of(activation("recurrent_activation", "sigmoid"), activation("activation", "tanh"));
      case LSTM ->
          List.of(
              activation("recurrent_activation", "sigmoid"),
              activation("cell_activation", "tanh"),
              activation("activation", "tanh"));
    };
  }

  private String activation(String parameter, String otherwise) {
    String name = source.text(parameter, otherwise);
    return switch (name.toLowerCase(java.util.Locale.ROOT)) {
      case "tanh" -> "Tanh";
      case "sigmoid" -> "Sigmoid";
      case "relu" -> "Relu";
      case "linear" -> "Affine";
      default -> throw source.refused("the activation '%s', whose numbers are not stated", name);
    };
  }

  /// One direction.
  ///
  /// @param half which half of the initial states is its own, -1 for all
  private List<String> cell(Direction direction, String suffix, List<String> names, int half) {
    List<String> in = new ArrayList<>();
    in.add(source.x("x"));
    in.add(matrix("weight_ih" + suffix));
    in.add(matrix("weight_hh" + suffix));
    in.add(bias(suffix));
    in.add("");
    in.add(state("initial_h", half));
    if (kind == Kind.LSTM) {
      in.add(state("initial_c", half));
      if (source.has("peephole" + suffix)) {
        Tensor peephole = fixed("peephole" + suffix);
        // Core ML has i, f, o; ONNX i, o, f.
        in.add(
            source.constant(
                "peephole", blocks(peephole, 0, 2, 1).withDims(List.of(1L, peephole.elements()))));
      }
    }
    var op =
        new Recurrent(
            kind,
            direction,
            hidden,
            names,
            List.of(),
            List.of(),
            OptionalDouble.empty(),
            resetAfter,
            false,
            false);
    return source.steps("cell", op, in, kind == Kind.LSTM ? 3 : 2);
  }

  private Tensor fixed(String parameter) {
    return source
        .constant(parameter)
        .orElseThrow(() -> source.refused("its '%s' is computed", parameter));
  }

  private String matrix(String parameter) {
    Tensor placed = ordered(fixed(parameter));
    List<Long> dims = new ArrayList<>(List.of(1L));
    dims.addAll(placed.dims());
    return source.constant(
        parameter,
        placed.reshaped(dims).orElseGet(() -> Source.reals(placed.dtype(), dims, placed.floats())));
  }

  private Tensor ordered(Tensor gates) {
    return switch (kind) {
      case LSTM -> blocks(gates, 0, 2, 1, 3);
      case GRU -> blocks(gates, 2, 0, 1);
      case RNN -> gates;
    };
  }

  /// Gates in another order; encoded as they are where whole gates share their scales or tables.
  private Tensor blocks(Tensor gates, int... order) {
    if (gates.rank() < 1 || gates.dims().getFirst() != (long) order.length * hidden) {
      throw InputException.at(
          source.where(), "%s for %d gates of %d", gates.dims(), order.length, hidden);
    }
    int[] rows = new int[order.length * hidden];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = order[i / hidden] * hidden + i % hidden;
    }
    return gates
        .picked(0, rows)
        .orElseGet(() ->
            Source.reals(gates.dtype(), gates.dims(), gates.floats())
                .picked(0, rows)
                .orElseThrow());
  }

  /// Biases of input and state: Core ML has their sum, but for the reset gate after the product.
  private String bias(String suffix) {
    int width = kind.gates() * hidden;
    float[] both = new float[2 * width];
    boolean any = false;
    if (source.has("bias" + suffix)) {
      float[] own = ordered(fixed("bias" + suffix)).floats();
      System.arraycopy(own, 0, both, resetAfter ? width : 0, width);
      any = true;
    }
    if (kind == Kind.GRU && source.has("input_bias")) {
      float[] own = ordered(fixed("input_bias")).floats();
      for (int i = 0; i < width; i++) {
        both[i] += own[i];
      }
      any = true;
    }
    if (!any) {
      return "";
    }
    List<Long> dims = List.of(1L, 2L * width);
    return source.constant("bias", Source.reals(source.real(source.var("x")), dims, both));
  }

  private String state(String parameter, int half) {
    String all = source.x(parameter);
    if (half >= 0) {
      long from = (long) half * hidden;
      all =
          source.step(
              "half",
              new Movement.Slice(),
              List.of(
                  all,
                  source.constant("start", Tensor.vector(from)),
                  source.constant("end", Tensor.vector(from + hidden)),
                  source.constant("axis", Tensor.vector(1))));
    }
    return source.step("state", new Movement.Unsqueeze(List.of(0L)), List.of(all));
  }
}
