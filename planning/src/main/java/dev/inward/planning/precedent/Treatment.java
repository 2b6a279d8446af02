package dev.inward.planning.precedent;

import java.util.Locale;

/// What a recipe does to a model, in the terms in which results are published.
///
/// @param weightBits the mean over all weights; 8 and more count alike
/// @param activationBits 16 where activations stay as they are
/// @param whole whether normalisation and softmax are computed in eight bits too
public record Treatment(
    double weightBits, double activationBits, Grain grain, Rounding rounding, boolean whole) {
  /// What shares a scale or a table.
  public enum Grain {
    TENSOR,
    /// Or finer.
    CHANNEL,
    /// A table for the whole tensor.
    PALETTE,
    /// A table for a few channels.
    PALETTE_GROUP;

    static Grain named(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
    }
  }

  /// How codes are chosen.
  public enum Rounding {
    /// Each number by itself, whatever chose the scale.
    NEAREST,
    /// By itself, with ranges equalised or biases corrected.
    REPAIRED,
    /// So that the outputs of a layer or block stay what they are.
    RECONSTRUCTED,
    /// By training.
    TRAINED;

    static Rounding named(String word) {
      return valueOf(word.toUpperCase(Locale.ROOT));
    }
  }

  boolean roundsActivations() {
    return activationBits < 9;
  }

  /// `W4A8 per channel, reconstructed`.
  public String text() {
    return "W%sA%s %s, %s%s"
        .formatted(
            number(weightBits),
            roundsActivations() ? number(activationBits) : "16",
            switch (grain) {
              case TENSOR -> "per tensor";
              case CHANNEL -> "per channel";
              case PALETTE -> "with a palette";
              case PALETTE_GROUP -> "with grouped palettes";
            },
            rounding.name().toLowerCase(Locale.ROOT),
            whole ? ", norms and softmax too" : "");
  }

  private static String number(double bits) {
    return bits == Math.rint(bits)
        ? String.valueOf((long) bits)
        : String.format(Locale.ROOT, "%.2f", bits);
  }
}
