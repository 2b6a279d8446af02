package dev.inward.graph;

import java.util.List;
import java.util.OptionalDouble;

/// A recurrent cell run along a sequence. Operands: x, W, R, bias?, lengths?, initial h?, initial
/// c? (LSTM), peepholes? (LSTM). Results: Y?, final h?, final c? (LSTM). Gate order as in ONNX:
/// LSTM i, o, f, c; GRU z, r, h.
///
/// Shapes: `x [S, B, I]`, `W [D, g*H, I]`, `R [D, g*H, H]`, `bias [D, 2*g*H]`, `Y [S, D, B, H]`;
/// with `batchFirst` batch and sequence axes trade places as in ONNX's layout 1.
///
/// @param activations as in ONNX; empty means the defaults
/// @param resetAfter GRU only: the reset gate is applied after the product
/// @param coupled LSTM only: the forget gate is one minus the input gate
public record Recurrent(
    Kind kind,
    Direction direction,
    long hidden,
    List<String> activations,
    List<Float> alphas,
    List<Float> betas,
    OptionalDouble clip,
    boolean resetAfter,
    boolean coupled,
    boolean batchFirst)
    implements Op {
  public enum Kind {
    LSTM,
    GRU,
    RNN;

    /// Gates a cell has.
    public int gates() {
      return switch (this) {
        case LSTM -> 4;
        case GRU -> 3;
        case RNN -> 1;
      };
    }
  }

  public enum Direction {
    FORWARD,
    REVERSE,
    BIDIRECTIONAL;

    public int count() {
      return this == BIDIRECTIONAL ? 2 : 1;
    }
  }

  public Recurrent {
    activations = List.copyOf(activations);
    alphas = List.copyOf(alphas);
    betas = List.copyOf(betas);
  }
}
