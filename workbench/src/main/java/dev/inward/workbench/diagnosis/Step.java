package dev.inward.workbench.diagnosis;

import dev.inward.graph.Node;
import java.util.List;
import java.util.OptionalDouble;

/// A place on the flow where both models have the same value.
///
/// @param value its name in the reference
/// @param op what makes it there
/// @param counterpart its name in the changed model
/// @param region the nodes of the changed model that make it from the places before, in order
/// @param operands the values, by their names in the changed model, that the region reads
/// @param half whether the changed model computes it in float16
/// @param accumulated how far it is from the reference's
/// @param local how far it would be if everything before it were as in the reference: its own error
/// @param share of the error of the outputs that its own error makes, of 1; empty where it was not
///   measured
public record Step(
    String value,
    String op,
    String counterpart,
    List<Node> region,
    List<String> operands,
    boolean half,
    Gap accumulated,
    Gap local,
    OptionalDouble share) {
  /* Rounding to a half leaves 71 to 74 dB; regions of several roundings, down to about 60. In
   * float32 the same op in another order of sums leaves 120 to 150. */
  private static final double HALF_ROUNDING = 55;
  private static final double SINGLE_ROUNDING = 95;

  public Step {
    region = List.copyOf(region);
    operands = List.copyOf(operands);
  }

  /// Whether its own error is no more than the rounding of its type.
  public boolean sound() {
    return local.finite() && local.decibels() >= (half ? HALF_ROUNDING : SINGLE_ROUNDING);
  }

  Step share(double of) {
    return new Step(
        value, op, counterpart, region, operands, half, accumulated, local, OptionalDouble.of(of));
  }
}
