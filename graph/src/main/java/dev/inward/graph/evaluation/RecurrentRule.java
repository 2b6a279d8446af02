package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Recurrent.Direction;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/// Recurrent cells, step by step; the state stays in double between steps. Places past the length
/// of a sequence are zero in Y.
final class RecurrentRule {
  private final Recurrent cell;
  private final Array x;
  private final Operands in;
  private final int hidden;
  private final int steps;
  private final int batch;
  private final int inputs;
  private final int gates;
  private final int directions;
  private final double[] y;
  private final double[] lastH;
  private final double[] lastC;

  private RecurrentRule(Recurrent cell, Operands in) {
    this.cell = cell;
    this.in = in;
    x = cell.batchFirst() ? swapped(in.get(0)) : in.get(0);
    hidden = Math.toIntExact(cell.hidden());
    steps = x.extent(0);
    batch = x.extent(1);
    inputs = x.extent(2);
    gates = cell.kind().gates();
    directions = cell.direction().count();
    y = new double[steps * directions * batch * hidden];
    lastH = new double[directions * batch * hidden];
    lastC = new double[directions * batch * hidden];
    expect(1, directions, gates * hidden, inputs);
    expect(2, directions, gates * hidden, hidden);
    expect(3, directions, 2 * gates * hidden);
    expect(4, batch);
    expect(
        5, cell.batchFirst() ? batch : directions, cell.batchFirst() ? directions : batch, hidden);
    expect(
        6, cell.batchFirst() ? batch : directions, cell.batchFirst() ? directions : batch, hidden);
    expect(7, directions, 3 * hidden);
  }

  private void expect(int operand, int... dims) {
    if (in.has(operand) && !Arrays.equals(in.get(operand).dims(), dims)) {
      throw InputException.of(
          "operand %d has the shape %s, expected %s",
          operand, Arrays.toString(in.get(operand).dims()), Arrays.toString(dims));
    }
  }

  static List<Array> of(Recurrent cell, Operands in) {
    var run = new RecurrentRule(cell, in);
    for (int d = 0; d < run.directions; d++) {
      boolean backwards = cell.direction() == Direction.REVERSE || d == 1;
      for (int b = 0; b < run.batch; b++) {
        run.sequence(d, b, backwards);
      }
    }
    var type = run.x.dtype();
    Array y = Array.of(type, new int[] {run.steps, run.directions, run.batch, run.hidden}, run.y);
    int[] last = {run.directions, run.batch, run.hidden};
    Array h = Array.of(type, last, run.lastH);
    Array c = Array.of(type, last.clone(), run.lastC);
    if (!cell.batchFirst()) {
      return List.of(y, h, c);
    }
    return List.of(MovementRule.transpose(y, List.of(2L, 0L, 1L, 3L)), swapped(h), swapped(c));
  }

  private static Array swapped(Array x) {
    return MovementRule.transpose(x, List.of(1L, 0L, 2L));
  }

  private void sequence(int d, int b, boolean backwards) {
    double[] h = initial(5, d, b);
    double[] c = initial(6, d, b);
    int length = in.has(4) ? Math.toIntExact(in.get(4).whole(b)) : steps;
    if (length < 0 || length > steps) {
      throw InputException.of("a sequence of %d in %d steps", length, steps);
    }
    var functions = functions(d);
    for (int s = 0; s < length; s++) {
      int t = backwards ? length - 1 - s : s;
      step(d, (t * batch + b) * inputs, h, c, functions);
      System.arraycopy(h, 0, y, ((t * directions + d) * batch + b) * hidden, hidden);
    }
    System.arraycopy(h, 0, lastH, (d * batch + b) * hidden, hidden);
    System.arraycopy(c, 0, lastC, (d * batch + b) * hidden, hidden);
  }

  private double[] initial(int operand, int d, int b) {
    double[] out = new double[hidden];
    if (in.has(operand)) {
      Array state = cell.batchFirst() ? swapped(in.get(operand)) : in.get(operand);
      for (int i = 0; i < hidden; i++) {
        out[i] = state.real((d * batch + b) * hidden + i);
      }
    }
    return out;
  }

  private void step(int d, int xAt, double[] h, double[] c, DoubleUnaryOperator[] f) {
    double[] wx = new double[gates * hidden];
    double[] rh = new double[gates * hidden];
    for (int i = 0; i < wx.length; i++) {
      wx[i] = bias(d, i) + dot(in.get(1), d, i, inputs, x, xAt);
      rh[i] = bias(d, gates * hidden + i);
      for (int k = 0; k < hidden; k++) {
        rh[i] += in.get(2).real((d * gates * hidden + i) * hidden + k) * h[k];
      }
    }
    double[] before = h.clone();
    for (int i = 0; i < hidden; i++) {
      switch (cell.kind()) {
        case RNN -> h[i] = f[0].applyAsDouble(clipped(wx[i] + rh[i]));
        case GRU -> {
          double update = f[0].applyAsDouble(clipped(wx[i] + rh[i]));
          double reset = wx[2 * hidden + i];
          if (cell.resetAfter()) {
            double r = f[0].applyAsDouble(clipped(wx[hidden + i] + rh[hidden + i]));
            reset += r * rh[2 * hidden + i];
          } else {
            reset += bias(d, 5 * hidden + i);
            for (int k = 0; k < hidden; k++) {
              double r = f[0].applyAsDouble(clipped(wx[hidden + k] + rh[hidden + k]));
              reset += in.get(2).real(((d * 3 + 2) * hidden + i) * hidden + k) * r * before[k];
            }
          }
          double candidate = f[1].applyAsDouble(clipped(reset));
          h[i] = (1 - update) * candidate + update * before[i];
        }
        case LSTM -> {
          double input = f[0].applyAsDouble(clipped(wx[i] + rh[i] + peep(d, 0, i) * c[i]));
          int at = 2 * hidden + i;
          double forget =
              cell.coupled()
                  ? 1 - input
                  : f[0].applyAsDouble(clipped(wx[at] + rh[at] + peep(d, 2, i) * c[i]));
          at = 3 * hidden + i;
          double next = forget * c[i] + input * f[1].applyAsDouble(clipped(wx[at] + rh[at]));
          at = hidden + i;
          double output = f[0].applyAsDouble(clipped(wx[at] + rh[at] + peep(d, 1, i) * next));
          c[i] = next;
          h[i] = output * f[2].applyAsDouble(next);
        }
      }
    }
  }

  private double bias(int d, int i) {
    return in.has(3) ? in.get(3).real(d * 2 * gates * hidden + i) : 0;
  }

  private double peep(int d, int gate, int i) {
    return in.has(7) ? in.get(7).real((d * 3 + gate) * hidden + i) : 0;
  }

  private double dot(Array w, int d, int row, int width, Array v, int at) {
    double sum = 0;
    for (int k = 0; k < width; k++) {
      sum += w.real((d * gates * hidden + row) * width + k) * v.real(at + k);
    }
    return sum;
  }

  private double clipped(double v) {
    return cell.clip().isEmpty()
        ? v
        : Math.max(-cell.clip().getAsDouble(), Math.min(cell.clip().getAsDouble(), v));
  }

  /// The activations of one direction: f; f and g; f, g and h. Alphas and betas are taken in order
  /// by those activations that have one.
  private DoubleUnaryOperator[] functions(int direction) {
    List<String> defaults =
        switch (cell.kind()) {
          case RNN -> List.of("Tanh");
          case GRU -> List.of("Sigmoid", "Tanh");
          case LSTM -> List.of("Sigmoid", "Tanh", "Tanh");
        };
    int each = defaults.size();
    var out = new DoubleUnaryOperator[each];
    int alpha = 0;
    int beta = 0;
    for (int i = 0; i < (direction + 1) * each; i++) {
      String name =
          (cell.activations().isEmpty() ? defaults.get(i % each) : cell.activations().get(i))
              .toLowerCase(Locale.ROOT);
      double a = 0;
      double b = 0;
      double[] usual = defaults(name);
      if (usual.length > 0) {
        a = alpha < cell.alphas().size() ? cell.alphas().get(alpha) : usual[0];
        alpha++;
      }
      if (usual.length > 1) {
        b = beta < cell.betas().size() ? cell.betas().get(beta) : usual[1];
        beta++;
      }
      out[i % each] = function(name, a, b);
    }
    return out;
  }

  /// Alpha, or alpha and beta, of an activation where none is stated; empty where it has none.
  private static double[] defaults(String name) {
    return switch (name) {
      case "leakyrelu" -> new double[] {0.01f};
      case "thresholdedrelu", "elu" -> new double[] {1};
      case "affine", "scaledtanh" -> new double[] {1, name.equals("affine") ? 0 : 1};
      case "hardsigmoid" -> new double[] {0.2f, 0.5f};
      default -> new double[0];
    };
  }

  private static DoubleUnaryOperator function(String name, double a, double b) {
    return switch (name) {
      case "sigmoid" -> Curves::sigmoid;
      case "tanh" -> Math::tanh;
      case "relu" -> v -> Math.max(0, v);
      case "affine" -> v -> a * v + b;
      case "leakyrelu" -> v -> v < 0 ? a * v : v;
      case "thresholdedrelu" -> v -> v > a ? v : 0;
      case "scaledtanh" -> v -> a * Math.tanh(b * v);
      case "hardsigmoid" -> v -> Math.max(0, Math.min(1, a * v + b));
      case "elu" -> v -> v < 0 ? a * Math.expm1(v) : v;
      case "softsign" -> v -> v / (1 + Math.abs(v));
      case "softplus" -> Curves::softplus;
      default -> throw InputException.of("no activation is called '%s'", name);
    };
  }
}
