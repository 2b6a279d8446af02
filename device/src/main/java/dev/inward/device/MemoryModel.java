package dev.inward.device;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;

/// How much memory a process needs at its peak while a model answers.
public final class MemoryModel {
  /// What Core ML and a small app take beside the model: assumed, since nothing is published.
  private static final double LEAST_OVERHEAD = 5e6;

  private static final double LIKELY_OVERHEAD = 20e6;
  private static final double MOST_OVERHEAD = 60e6;

  private MemoryModel() {}

  /// @param stored bytes of all weights as the file has them
  /// @param expanded bytes of all weights in half precision, which a system may make of them
  /// @param activations bytes of all that is alive at once at the worst moment, in half precision
  public static Figure peak(double stored, double expanded, double activations) {
    double larger = Math.max(stored, expanded);
    boolean same = expanded <= stored;
    return new Figure(
        (same ? stored : (stored + expanded) / 2) + activations + LIKELY_OVERHEAD,
        stored + activations + LEAST_OVERHEAD,
        stored + larger + 2 * activations + MOST_OVERHEAD,
        Unit.BYTES,
        new Source.Modelled(
            "weights, live activations and the runtime",
            "not validated on a phone: weights counted once as stored to twice as expanded,"
                + " activations once to twice, runtime assumed at 5 to 60 MB"));
  }
}
