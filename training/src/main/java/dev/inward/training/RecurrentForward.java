package dev.inward.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// Recurrent cells on PyTorch, a step at a time. Past the length of a sequence the state stays as
/// it is.
final class RecurrentForward {
  private final Recurrent cell;
  private final Operands in;
  private final NDManager step;
  private final int hidden;
  private final NDArray x;
  private final List<NDArray> inside;

  private record State(NDArray h, NDArray c) {}

  private record Direction(List<NDArray> steps, State last) {}

  private RecurrentForward(Recurrent cell, Operands in) {
    this.cell = cell;
    this.in = in;
    this.step = in.step();
    this.hidden = Math.toIntExact(cell.hidden());
    this.x = cell.batchFirst() ? in.live(0).transpose(1, 0, 2) : in.live(0);
    this.inside = in.has(4) ? masks() : List.of();
  }

  /// @return Y, the last h and, of an LSTM, the last c
  static List<NDArray> of(Recurrent cell, Operands in) {
    return new RecurrentForward(cell, in).run();
  }

  private List<NDArray> run() {
    List<Direction> directions = new ArrayList<>();
    for (int d = 0; d < cell.direction().count(); d++) {
      directions.add(direction(d, cell.direction() == Recurrent.Direction.REVERSE || d == 1));
    }
    List<NDArray> places = new ArrayList<>();
    for (int t = 0; t < x.getShape().get(0); t++) {
      int at = t;
      places.add(stacked(directions.stream().map(d -> d.steps.get(at)).toList()));
    }
    NDArray y = stacked(places);
    NDArray h = stacked(directions.stream().map(d -> d.last.h).toList());
    NDArray c = stacked(directions.stream().map(d -> d.last.c).toList());
    return cell.batchFirst()
        ? List.of(y.transpose(2, 0, 1, 3), h.transpose(1, 0, 2), c.transpose(1, 0, 2))
        : List.of(y, h, c);
  }

  private static NDArray stacked(List<NDArray> arrays) {
    return NDArrays.stack(new NDList(arrays.toArray(NDArray[]::new)), 0);
  }

  /// For each step, `[batch, 1]`: 1 inside the sequence, else 0.
  private List<NDArray> masks() {
    long[] lengths = in.wholes(4);
    List<NDArray> masks = new ArrayList<>();
    for (int t = 0; t < x.getShape().get(0); t++) {
      float[] mask = new float[lengths.length];
      for (int b = 0; b < mask.length; b++) {
        mask[b] = t < lengths[b] ? 1 : 0;
      }
      masks.add(Torch.reals(step, Tensor.ofFloats(List.of((long) mask.length, 1L), mask)));
    }
    return masks;
  }

  private NDArray initial(int operand, int direction) {
    if (!in.has(operand)) {
      return step.zeros(new Shape(x.getShape().get(1), hidden));
    }
    NDArray given = in.live(operand);
    return (cell.batchFirst() ? given.transpose(1, 0, 2) : given).get(direction);
  }

  private Direction direction(int d, boolean backwards) {
    NDArray w = in.live(1).get(d).transpose();
    NDArray r = in.live(2).get(d).transpose();
    var state = new State(initial(5, d), initial(6, d));
    int steps = Math.toIntExact(x.getShape().get(0));
    NDArray[] made = new NDArray[steps];
    for (int s = 0; s < steps; s++) {
      int t = backwards ? steps - 1 - s : s;
      NDArray wx = x.get(t).matMul(w);
      NDArray rh = state.h.matMul(r);
      if (in.has(3)) {
        int half = cell.kind().gates() * hidden;
        wx = wx.add(in.live(3).get(d).get("0:{}", half));
        rh = rh.add(in.live(3).get(d).get("{}:{}", half, 2 * half));
      }
      State next = next(d, wx, rh, state, r);
      if (!inside.isEmpty()) {
        NDArray mask = inside.get(t);
        made[t] = next.h.mul(mask);
        next = new State(kept(mask, next.h, state.h), kept(mask, next.c, state.c));
      } else {
        made[t] = next.h;
      }
      state = next;
    }
    return new Direction(List.of(made), state);
  }

  private static NDArray kept(NDArray mask, NDArray next, NDArray before) {
    return before.add(next.sub(before).mul(mask));
  }

  private State next(int d, NDArray wx, NDArray rh, State state, NDArray r) {
    return switch (cell.kind()) {
      case RNN -> new State(activated(d, 0, wx.add(rh)), state.c);
      case GRU -> {
        NDArray update = activated(d, 0, gate(wx, 0).add(gate(rh, 0)));
        NDArray reset = activated(d, 0, gate(wx, 1).add(gate(rh, 1)));
        NDArray recurrent;
        if (cell.resetAfter()) {
          recurrent = reset.mul(gate(rh, 2));
        } else {
          recurrent = state.h.mul(reset).matMul(gate(r, 2));
          recurrent =
              in.has(3)
                  ? recurrent.add(in.live(3).get(d).get("{}:{}", 5 * hidden, 6 * hidden))
                  : recurrent;
        }
        NDArray candidate = activated(d, 1, gate(wx, 2).add(recurrent));
        yield new State(candidate.add(state.h.sub(candidate).mul(update)), state.c);
      }
      case LSTM -> {
        NDArray sums = wx.add(rh);
        NDArray input = activated(d, 0, peeped(d, 0, gate(sums, 0), state.c));
        NDArray forget =
            cell.coupled()
                ? input.neg().add(1)
                : activated(d, 0, peeped(d, 2, gate(sums, 2), state.c));
        NDArray c = forget.mul(state.c).add(input.mul(activated(d, 1, gate(sums, 3))));
        NDArray output = activated(d, 0, peeped(d, 1, gate(sums, 1), c));
        yield new State(output.mul(activatedUnclipped(d, 2, c)), c);
      }
    };
  }

  private NDArray gate(NDArray all, int gate) {
    return all.get(":, {}:{}", (long) gate * hidden, (gate + 1L) * hidden);
  }

  private NDArray peeped(int d, int gate, NDArray sum, NDArray c) {
    return in.has(7)
        ? sum.add(in.live(7).get(d).get("{}:{}", (long) gate * hidden, (gate + 1L) * hidden).mul(c))
        : sum;
  }

  private NDArray activated(int d, int function, NDArray x) {
    NDArray bounded =
        cell.clip().isPresent()
            ? x.clip((float) -cell.clip().getAsDouble(), (float) cell.clip().getAsDouble())
            : x;
    return activatedUnclipped(d, function, bounded);
  }

  private NDArray activatedUnclipped(int d, int function, NDArray x) {
    List<String> usual =
        switch (cell.kind()) {
          case RNN -> List.of("tanh");
          case GRU -> List.of("sigmoid", "tanh");
          case LSTM -> List.of("sigmoid", "tanh", "tanh");
        };
    String name =
        cell.activations().isEmpty()
            ? usual.get(function)
            : cell.activations().get(d * usual.size() + function).toLowerCase(Locale.ROOT);
    return switch (name) {
      case "sigmoid" -> ElementwiseForward.sigmoid(x);
      case "tanh" -> x.tanh();
      case "relu" -> x.getNDArrayInternal().relu();
      case "softsign" -> x.div(x.abs().add(1));
      default ->
          throw UnsupportedException.of(
                  "%s with the activation %s is not trained", cell.kind(), name)
              .hint("it can be compressed without training");
    };
  }
}
