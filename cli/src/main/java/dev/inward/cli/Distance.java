package dev.inward.cli;

import dev.inward.base.Json;
import dev.inward.workbench.Comparison;

/// How far an output is from another's, for a person and for a machine.
final class Distance {
  private Distance() {}

  /// `71.3 dB signal to noise, at most 0.0021 apart (n = 4)`.
  static String text(Comparison.Output output) {
    double decibels = output.signalToNoise().value();
    if (decibels == Double.POSITIVE_INFINITY) {
      return "equal in every element";
    }
    return Double.isFinite(decibels)
        ? "%s signal to noise, at most %.3g apart"
            .formatted(output.signalToNoise().unit().text(decibels), output.worst())
        : "not finite where the other is";
  }

  static Json json(Comparison.Output output) {
    return Json.obj(
        "output", output.name(),
        "signal_to_noise", output.signalToNoise(),
        "worst", output.worst());
  }
}
