package dev.inward.coreml;

import dev.inward.graph.Recurrent;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A recurrent cell written step by step, for what Core ML's ops do not say: clipped gates,
/// sequences that end early, unusual activations, the reset gate after the product before iOS 18.
final class UnrolledCell {
  /// More steps than this would make a program of many thousand ops.
  private static final long MOST_STEPS = 256;

  private final Site site;
  private final Recurrent cell;
  private final List<CellActivation> activations;
  private final int direction;
  private final int hidden;
  private final int gates;

  /// Constants that every step reads.
  private final Map<String, Mil.Var> made = new HashMap<>();

  UnrolledCell(Site site, Recurrent cell, List<CellActivation> activations, int direction) {
    this.site = site;
    this.cell = cell;
    this.activations = activations;
    this.direction = direction;
    this.hidden = Math.toIntExact(cell.hidden());
    this.gates = cell.kind().gates();
  }

  /// @param x `[S, B, I]`
  RecurrentLowering.States run(Mil.Var x, Mil.Var firstH, Mil.Var firstC, boolean backwards) {
    int steps = Math.toIntExact(x.dim(0));
    if (steps > MOST_STEPS) {
      if (cell.resetAfter() && cell.clip().isEmpty() && !site.has(4)) {
        site.needs(Target.IOS18, "a gru whose reset gate comes after the product");
      }
      throw site.refused(
              "Core ML has no op for its form, and %d steps are too many to write out (at most"
                  + " %d)",
              steps, MOST_STEPS)
          .hint("use a cell without clip, lengths and unusual activations, or a shorter sequence");
    }
    Mil.Var projected = linear("projected", x, matrix(1, x.dim(2), 0, gates), bias(0, 0, gates));
    List<Mil.Var> outputs = new ArrayList<>(Collections.nCopies(steps, firstH));
    Mil.Var h = firstH;
    Mil.Var c = firstC;
    for (int s = 0; s < steps; s++) {
      int t = backwards ? steps - 1 - s : s;
      Mil.Var input = step(projected, t);
      Mil.Var beforeH = h;
      Mil.Var beforeC = c;
      switch (cell.kind()) {
        case RNN -> h = activated(0, sum(input, recurrent(h, 0, 1)));
        case GRU -> h = gru(input, h);
        case LSTM -> {
          List<Mil.Var> next = lstm(input, h, c);
          h = next.get(0);
          c = next.get(1);
        }
      }
      outputs.set(t, h);
      if (site.has(4)) {
        Mil.Var goesOn = goesOn(t);
        outputs.set(t, site.select("y", goesOn, h, site.scalar("ended", 0)));
        h = site.select("h", goesOn, h, beforeH);
        c = cell.kind() == Recurrent.Kind.LSTM ? site.select("c", goesOn, c, beforeC) : c;
      }
    }
    Mil.Var y =
        site.step("stack", "sequence")
            .in("values", outputs)
            .integer("axis", 0)
            .gives(site.real, List.of((long) steps, x.dim(1), (long) hidden));
    return new RecurrentLowering.States(
        y, h, cell.kind() == Recurrent.Kind.LSTM ? Optional.of(c) : Optional.empty());
  }

  /// Whether each sequence is longer than `t`, `[B, 1]`.
  private Mil.Var goesOn(int t) {
    Mil.Var lengths = site.x(4);
    Mil.Var longer = site.compare("greater", "longer", lengths, site.whole("step", t));
    return site.step("expand_dims", "goes_on")
        .in("x", longer)
        .ints("axes", 1)
        .gives(MilType.BOOL, List.of(lengths.dim(0), 1L));
  }

  private Mil.Var gru(Mil.Var input, Mil.Var h) {
    List<Mil.Var> w = parts(input, 3);
    List<Mil.Var> r = parts(recurrent(h, 0, 2), 2);
    Mil.Var update = activated(0, sum(w.get(0), r.get(0)));
    Mil.Var reset = activated(0, sum(w.get(1), r.get(1)));
    Mil.Var inner =
        cell.resetAfter()
            ? site.apply("mul", "kept", reset, recurrent(h, 2, 3))
            : recurrent(site.apply("mul", "kept", reset, h), 2, 3);
    Mil.Var candidate = activated(1, sum(w.get(2), inner));
    // (1 - z) * n + z * h
    Mil.Var difference = site.apply("sub", "difference", h, candidate);
    return sum(candidate, site.apply("mul", "share", update, difference));
  }

  private List<Mil.Var> lstm(Mil.Var input, Mil.Var h, Mil.Var c) {
    List<Mil.Var> gate = parts(sum(input, recurrent(h, 0, 4)), 4);
    Mil.Var in = activated(0, peeped(gate.get(0), c, 0));
    Mil.Var forget =
        cell.coupled()
            ? site.apply("sub", "forget", site.scalar("one", 1), in)
            : activated(0, peeped(gate.get(2), c, 2));
    Mil.Var fresh = activated(1, gate.get(3));
    Mil.Var next = sum(site.apply("mul", "old", forget, c), site.apply("mul", "new", in, fresh));
    Mil.Var out = activated(0, peeped(gate.get(1), next, 1));
    return List.of(site.apply("mul", "h", out, activations.get(2).apply(site, next)), next);
  }

  private Mil.Var sum(Mil.Var a, Mil.Var b) {
    return site.apply("add", "sum", a, b);
  }

  private Mil.Var peeped(Mil.Var gate, Mil.Var c, int which) {
    if (!site.has(7)) {
      return gate;
    }
    int from = (direction * 3 + which) * hidden;
    float[] weights = Arrays.copyOfRange(site.floats(7, "peepholes"), from, from + hidden);
    Mil.Var peephole = site.tensor("peephole", Tensor.ofFloats(List.of((long) hidden), weights));
    return sum(gate, site.apply("mul", "peeped", c, peephole));
  }

  /// Clipped before, where the cell clips.
  private Mil.Var activated(int which, Mil.Var x) {
    Mil.Var given = x;
    if (cell.clip().isPresent()) {
      double most = cell.clip().getAsDouble();
      given =
          site.step("clip", "clipped")
              .in("x", x)
              .number("alpha", site.real, -most)
              .number("beta", site.real, most)
              .gives(x.type(), x.dims());
    }
    return activations.get(which).apply(site, given);
  }

  private List<Mil.Var> parts(Mil.Var x, int count) {
    if (count == 1) {
      return List.of(x);
    }
    List<Long> sizes = Collections.nCopies(count, (long) hidden);
    List<Mil.Var> out = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      out.add(
          new Mil.Var(
              site.body.names.fresh(site.node.name() + "_gate"),
              x.type(),
              Lists.with(x.dims(), 1, (long) hidden)));
    }
    site.step("split", "gates").in("x", x).ints("split_sizes", sizes).integer("axis", 1).as(out);
    return out;
  }

  private Mil.Var step(Mil.Var projected, int t) {
    List<Long> begin = List.of((long) t, 0L, 0L);
    return SliceLowering.call(
            site.step("slice_by_index", "step"),
            projected,
            begin,
            Lists.with(projected.dims(), 0, t + 1L),
            List.of(1L, 1L, 1L),
            List.of(false, false, false),
            List.of(0))
        .gives(site.real, projected.dims().subList(1, 3));
  }

  /// `h * R' + b` for the gates from one to another.
  private Mil.Var recurrent(Mil.Var h, int from, int to) {
    return linear("recurrent", h, matrix(2, hidden, from, to), bias(gates, from, to));
  }

  private Mil.Var linear(String hint, Mil.Var x, Mil.Var weight, Mil.Var bias) {
    return site.step("linear", hint)
        .in("x", x)
        .in("weight", weight)
        .in("bias", bias)
        .gives(site.real, Lists.with(x.dims(), x.rank() - 1, weight.dim(0)));
  }

  /// Rows of some gates of a weight in ONNX's order; made once for all steps.
  private Mil.Var matrix(int operand, long width, int from, int to) {
    return made.computeIfAbsent(
        operand + "/" + from,
        _ -> {
          int rows = (to - from) * hidden;
          int size = Math.toIntExact(width);
          int start = (direction * gates + from) * hidden * size;
          float[] all = site.constant(operand).orElseThrow().floats();
          return site.tensor(
              "weight",
              Tensor.ofFloats(
                  List.of((long) rows, width),
                  Arrays.copyOfRange(all, start, start + rows * size)));
        });
  }

  private Mil.Var bias(int offset, int from, int to) {
    return made.computeIfAbsent(
        "bias/" + offset + "/" + from,
        _ -> {
          float[] own = new float[(to - from) * hidden];
          if (site.has(3)) {
            int start = (direction * 2 * gates + offset + from) * hidden;
            own = Arrays.copyOfRange(site.floats(3, "bias"), start, start + own.length);
          }
          return site.tensor("bias", Tensor.ofFloats(List.of((long) own.length), own));
        });
  }
}
