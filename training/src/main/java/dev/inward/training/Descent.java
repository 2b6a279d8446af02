package dev.inward.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// How a gradient changes an array.
final class Descent {
  private static final double FIRST = 0.9;
  private static final double SECOND = 0.999;
  private static final float TINY = 1e-8f;

  private final NDManager manager;
  private final Map<String, NDArray> first = new HashMap<>();
  private final Map<String, NDArray> second = new HashMap<>();
  private final Optional<Double> momentum;
  private int steps;

  private Descent(NDManager manager, Optional<Double> momentum) {
    this.manager = manager;
    this.momentum = momentum;
  }

  /// With momentum that looks ahead. Source: Sutskever et al., ICML 2013, eq. 3 and 4.
  static Descent nesterov(NDManager manager, double momentum) {
    return new Descent(manager, Optional.of(momentum));
  }

  /// By the running mean and size of each gradient. Source: Kingma & Ba, "Adam", ICLR 2015,
  /// algorithm 1.
  static Descent adam(NDManager manager) {
    return new Descent(manager, Optional.empty());
  }

  /// Begins a step over all arrays.
  void begin() {
    steps++;
  }

  /// Moves one array against its gradient.
  ///
  /// @param decay the share of the array itself that is added to the gradient
  void move(String name, NDArray array, NDArray gradient, double rate, double decay) {
    NDArray slope = decay == 0 ? gradient : gradient.add(array.stopGradient().mul((float) decay));
    NDArray mean = state(first, name, array);
    if (momentum.isPresent()) {
      float kept = momentum.get().floatValue();
      mean.muli(kept).addi(slope);
      array.subi(slope.add(mean.mul(kept)).mul((float) rate));
      return;
    }
    NDArray size = state(second, name, array);
    mean.muli((float) FIRST).addi(slope.mul((float) (1 - FIRST)));
    size.muli((float) SECOND).addi(slope.square().mul((float) (1 - SECOND)));
    float shown = (float) (rate / (1 - Math.pow(FIRST, steps)));
    NDArray root = size.div((float) (1 - Math.pow(SECOND, steps))).sqrt().add(TINY);
    array.subi(mean.mul(shown).div(root));
  }

  private NDArray state(Map<String, NDArray> states, String name, NDArray array) {
    NDArray state = states.computeIfAbsent(name, _ -> manager.zeros(array.getShape()));
    state.tempAttach(Objects.requireNonNull(array.getManager()));
    return state;
  }

  /// From the full rate down to nothing along half a cosine, after a rise over the first steps.
  /// Source: Loshchilov & Hutter, "SGDR", ICLR 2017, eq. 5.
  static double cosine(double rate, int step, int steps, int rising) {
    if (step < rising) {
      return rate * (step + 1) / rising;
    }
    return rate * 0.5 * (1 + Math.cos(Math.PI * (step - rising) / Math.max(1, steps - rising)));
  }
}
