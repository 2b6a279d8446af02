package dev.inward.coreml;

import dev.inward.graph.Recurrent;
import dev.inward.graph.Recurrent.Direction;
import dev.inward.graph.Recurrent.Kind;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// Writes recurrent cells: as `lstm`, `gru` or `rnn` where these say the same, else step by step.
///
/// Gates are put into Core ML's order (LSTM i, f, o, c; GRU r, h, z), biases are summed. A cell
/// that runs backwards is written over the reversed sequence: what Apple's op gives for `reverse`
/// is in the order of the steps, not of time. Up to iOS 16 the ops are float32 only.
final class RecurrentLowering {
  private final Site site;
  private final Recurrent cell;

  /// What the cell computes in.
  private final MilType type;

  private final long batch;
  private final long steps;
  private final List<CellActivation> activations;

  private RecurrentLowering(Site site, Recurrent cell) {
    this.site = site;
    this.cell = cell;
    activations = CellActivation.of(cell);
    type = isOneOp() && !site.target().atLeast(Target.IOS17) ? MilType.FLOAT32 : site.real;
    batch = site.dims(0).get(cell.batchFirst() ? 0 : 1);
    steps = steps();
  }

  /// What one direction gives: `y [S, B, H]`, `h [B, H]`, `c [B, H]`, the last for an LSTM only.
  record States(Mil.Var y, Mil.Var h, Optional<Mil.Var> c) {}

  static void lower(Site site, Recurrent cell) {
    site.requireExtents();
    for (int operand : new int[] {1, 2, 3, 7}) {
      if (site.has(operand) && site.constant(operand).isEmpty()) {
        throw site.refused("its weights are computed when the model runs");
      }
    }
    new RecurrentLowering(site, cell).write();
  }

  private boolean isBackwards(int direction) {
    return direction == 1 || cell.direction() == Direction.REVERSE;
  }

  private int each() {
    return activations.size() / cell.direction().count();
  }

  private List<CellActivation> activations(int direction) {
    return activations.subList(direction * each(), (direction + 1) * each());
  }

  private void write() {
    Mil.Var x = cell.batchFirst() ? swapped("x", value(0)) : value(0);
    if (isOneOp()
        && cell.kind() == Kind.LSTM
        && cell.direction() == Direction.BIDIRECTIONAL
        && activations(0).equals(activations(1))) {
      bothAtOnce(x);
      return;
    }
    List<States> parts = new ArrayList<>();
    for (int d = 0; d < cell.direction().count(); d++) {
      parts.add(
          isOneOp()
              ? oneOp(x, d)
              : new UnrolledCell(site, cell, activations(d), d)
                  .run(x, state(5, d), state(6, d), isBackwards(d)));
    }
    result(0, joined("y", parts.stream().map(States::y).toList(), 1));
    result(1, joined("h", parts.stream().map(States::h).toList(), 0));
    if (cell.kind() == Kind.LSTM) {
      result(2, joined("c", parts.stream().map(p -> p.c().orElseThrow()).toList(), 0));
    }
  }

  /// Whether Core ML's op computes the same: no clipped gates, no sequences that end early, plain
  /// activations, the reset gate before the product (after it from iOS 18 on).
  private boolean isOneOp() {
    boolean whole =
        !site.has(4)
            || site.constant(4)
                .filter(l -> Arrays.stream(l.longs()).allMatch(n -> n == steps()))
                .isPresent();
    return whole
        && cell.clip().isEmpty()
        && activations.stream().allMatch(a -> a.milName().isPresent())
        && (!cell.coupled() || activations.getFirst().name().equals("sigmoid"))
        && (!cell.resetAfter() || site.target().atLeast(Target.IOS18));
  }

  private long steps() {
    return site.dims(0).get(cell.batchFirst() ? 1 : 0);
  }

  private Mil.Var value(int operand) {
    return site.lowering.value(site.node.operand(operand), type);
  }

  private Mil.Var swapped(String hint, Mil.Var x) {
    return transposed(hint, x, 1, 0, 2);
  }

  private Mil.Var transposed(String hint, Mil.Var x, int... order) {
    List<Long> dims = Arrays.stream(order).mapToObj(a -> x.dims().get(a)).toList();
    return site.step("transpose", hint)
        .in("x", x)
        .ints("perm", Arrays.stream(order).mapToLong(a -> a).toArray())
        .gives(x.type(), dims);
  }

  /// Parts of the directions, each with a new axis, one after the other.
  private Mil.Var joined(String hint, List<Mil.Var> parts, int axis) {
    List<Mil.Var> raised = new ArrayList<>();
    for (Mil.Var part : parts) {
      List<Long> dims = new ArrayList<>(part.dims());
      dims.add(axis, 1L);
      raised.add(
          site.step("expand_dims", hint).in("x", part).ints("axes", axis).gives(part.type(), dims));
    }
    return raised.size() == 1
        ? raised.getFirst()
        : site.step("concat", hint)
            .in("values", raised)
            .integer("axis", axis)
            .flag("interleave", false)
            .gives(type, Lists.with(raised.getFirst().dims(), axis, 2L));
  }

  /// Ends a result: `Y [S, D, B, H]`, or states `[D, B, H]`, with the batch first where the cell
  /// has it so.
  private void result(int index, Mil.Var value) {
    if (index >= site.node.out().size() || site.node.out().get(index).isEmpty()) {
      return;
    }
    Mil.Var placed = value;
    if (cell.batchFirst()) {
      placed = index == 0 ? transposed("placed", value, 2, 0, 1, 3) : swapped("placed", value);
    }
    site.define(
        index,
        site.cast(placed, site.lowering.milType(site.node.out().get(index), site.real), "result"));
  }

  /// The initial state of a direction, `[B, H]`.
  private Mil.Var state(int operand, int direction) {
    if (!site.has(operand)) {
      return zeros(cell.hidden());
    }
    Mil.Var all = cell.batchFirst() ? swapped("state", value(operand)) : value(operand);
    List<Long> begin = List.of((long) direction, 0L, 0L);
    List<Long> end = Lists.with(all.dims(), 0, direction + 1L);
    return SliceLowering.call(
            site.step("slice_by_index", "state"),
            all,
            begin,
            end,
            List.of(1L, 1L, 1L),
            List.of(false, false, false),
            List.of(0))
        .gives(type, all.dims().subList(1, 3));
  }

  private Mil.Var zeros(long width) {
    return site.body.constant(
        site.node.name() + "_zeros",
        Constants.floats(type, List.of(batch, width), new float[Math.toIntExact(batch * width)]));
  }

  private States oneOp(Mil.Var x, int direction) {
    boolean backwards = isBackwards(direction);
    Mil.Var given = backwards ? reversed("reversed", x) : x;
    boolean lstm = cell.kind() == Kind.LSTM;
    var call = site.step(kind(), kind()).in("x", given).in("initial_h", state(5, direction));
    if (lstm) {
      call.in("initial_c", state(6, direction));
    }
    weights(call, direction, "");
    call.text("direction", "forward").flag("output_sequence", true);
    activated(call, direction);
    List<Mil.Var> out = outputs(cell.hidden(), lstm ? 3 : 2);
    call.as(out);
    Mil.Var y = backwards ? reversed("y", out.getFirst()) : out.getFirst();
    return new States(y, out.get(1), lstm ? Optional.of(out.get(2)) : Optional.empty());
  }

  private String kind() {
    return switch (cell.kind()) {
      case LSTM -> "lstm";
      case GRU -> "gru";
      case RNN -> "rnn";
    };
  }

  private Mil.Var reversed(String hint, Mil.Var x) {
    return site.step("reverse", hint).in("x", x).ints("axes", 0).gives(x.type(), x.dims());
  }

  private List<Mil.Var> outputs(long width, int count) {
    List<Mil.Var> out = new ArrayList<>();
    out.add(
        new Mil.Var(
            site.body.names.fresh(site.node.name() + "_sequence"),
            type,
            List.of(steps, batch, width)));
    for (String hint : List.of("_h", "_c").subList(0, count - 1)) {
      out.add(
          new Mil.Var(site.body.names.fresh(site.node.name() + hint), type, List.of(batch, width)));
    }
    return out;
  }

  private void activated(Body.Call call, int direction) {
    var own = activations(direction);
    switch (cell.kind()) {
      case LSTM ->
          call.text("recurrent_activation", own.get(0).milName().orElseThrow())
              .text("cell_activation", own.get(1).milName().orElseThrow())
              .text("activation", own.get(2).milName().orElseThrow());
      case GRU ->
          call.text("recurrent_activation", own.get(0).milName().orElseThrow())
              .text("activation", own.get(1).milName().orElseThrow());
      case RNN -> call.text("activation", own.get(0).milName().orElseThrow());
    }
    if (cell.kind() == Kind.GRU && site.target().atLeast(Target.IOS18)) {
      call.flag("reset_after", cell.resetAfter());
    }
  }

  /// Both directions of an LSTM in one op, whose results have the directions side by side.
  private void bothAtOnce(Mil.Var x) {
    long width = 2 * cell.hidden();
    var call =
        site.step("lstm", "lstm")
            .in("x", x)
            .in("initial_h", sideBySide(5))
            .in("initial_c", sideBySide(6));
    weights(call, 0, "");
    weights(call, 1, "_back");
    call.text("direction", "bidirectional").flag("output_sequence", true);
    activated(call, 0);
    List<Mil.Var> out = outputs(width, 3);
    call.as(out);
    Mil.Var y = site.reshape("parted", out.getFirst(), List.of(steps, batch, 2L, cell.hidden()));
    result(0, transposed("y", y, 0, 2, 1, 3));
    for (int i = 1; i < 3; i++) {
      Mil.Var parted = site.reshape("parted", out.get(i), List.of(batch, 2L, cell.hidden()));
      result(i, swapped("state", parted));
    }
  }

  private Mil.Var sideBySide(int operand) {
    if (!site.has(operand)) {
      return zeros(2 * cell.hidden());
    }
    Mil.Var all = cell.batchFirst() ? value(operand) : swapped("state", value(operand));
    return site.reshape("state", all, List.of(batch, 2 * cell.hidden()));
  }

  /// The gates of Core ML, by their places in ONNX.
  private int[] order() {
    return switch (cell.kind()) {
      case LSTM -> new int[] {0, 2, 1, 3};
      case GRU -> new int[] {1, 2, 0};
      case RNN -> new int[] {0};
    };
  }

  private void weights(Body.Call call, int direction, String suffix) {
    call.in("weight_ih" + suffix, matrix(1, direction, "weight_ih" + suffix));
    call.in("weight_hh" + suffix, matrix(2, direction, "weight_hh" + suffix));
    int width = cell.kind().gates() * Math.toIntExact(cell.hidden());
    if (!site.has(3)) {
      call.in("bias" + suffix, vector("bias" + suffix, new float[width]));
    } else {
      float[] all = site.floats(3, "bias");
      int at = direction * 2 * width;
      float[] input = gates(Arrays.copyOfRange(all, at, at + width), 1);
      float[] hidden = gates(Arrays.copyOfRange(all, at + width, at + 2 * width), 1);
      if (cell.resetAfter()) {
        call.in("bias" + suffix, vector("bias" + suffix, hidden));
        call.in("input_bias", vector("input_bias", input));
      } else {
        for (int i = 0; i < width; i++) {
          input[i] += hidden[i];
        }
        call.in("bias" + suffix, vector("bias" + suffix, input));
      }
    }
    if (site.has(7)) {
      int hidden = Math.toIntExact(cell.hidden());
      float[] all = site.floats(7, "peepholes");
      float[] own = Arrays.copyOfRange(all, direction * 3 * hidden, (direction + 1) * 3 * hidden);
      // ONNX has i, o, f; Core ML i, f, o.
      float[] placed = new float[own.length];
      for (int i = 0; i < hidden; i++) {
        placed[i] = own[i];
        placed[hidden + i] = cell.coupled() ? -own[i] : own[2 * hidden + i];
        placed[2 * hidden + i] = own[hidden + i];
      }
      call.in("peephole" + suffix, vector("peephole" + suffix, placed));
    }
  }

  private Mil.Var vector(String hint, float[] values) {
    return site.lowering.weights.tensor(
        site.node.name() + "_" + hint,
        Tensor.ofFloats(List.of((long) values.length), values),
        type,
        site.where());
  }

  /// A matrix of one direction with its gates in order; its encoding stays where whole gates share
  /// their scales or tables.
  private Mil.Var matrix(int operand, int direction, String hint) {
    Tensor all = site.constant(operand).orElseThrow();
    List<Long> dims = all.dims().subList(1, 3);
    int hidden = Math.toIntExact(cell.hidden());
    int[] rows = new int[Math.toIntExact(dims.getFirst())];
    int[] gates = order();
    for (int i = 0; i < rows.length; i++) {
      rows[i] = gates[i / hidden] * hidden + i % hidden;
    }
    Optional<Tensor> moved =
        cell.coupled()
            ? Optional.empty()
            : all.picked(0, direction)
                .flatMap(t -> t.reshaped(dims))
                .flatMap(t -> t.picked(0, rows));
    if (moved.isEmpty() && !Lowering.isPlain(all)) {
      site.lowering.note(
          "node '%s' has its weights uncompressed: their encoding crosses its gates",
          site.node.name());
    }
    return site.lowering.weights.tensor(
        site.node.name() + "_" + hint,
        moved.orElseGet(() -> decoded(all, direction, dims)),
        type,
        site.where());
  }

  private Tensor decoded(Tensor all, int direction, List<Long> dims) {
    int count = Math.toIntExact(Mil.elements(dims));
    float[] own = Arrays.copyOfRange(all.floats(), direction * count, (direction + 1) * count);
    return Tensor.ofFloats(dims, gates(own, Math.toIntExact(dims.get(1))));
  }

  /// Rows of gates in Core ML's order. Where the forget gate is one minus the input gate it gets
  /// that gate's rows negated: `1 - sigmoid(v)` is `sigmoid(-v)`.
  private float[] gates(float[] rows, int width) {
    int block = Math.toIntExact(cell.hidden()) * width;
    int[] from = order();
    float[] out = new float[rows.length];
    for (int g = 0; g < from.length; g++) {
      boolean negated = cell.coupled() && g == 1;
      for (int i = 0; i < block; i++) {
        out[g * block + i] = negated ? -rows[i] : rows[from[g] * block + i];
      }
    }
    return out;
  }
}
