package dev.inward.planning.precedent;

/// How much what one model lost by one treatment says of another.
///
/// A sum of two parts: effects that add up (the fewer the bits, the more is lost, at a rate of each
/// way of rounding; activations of attention; one scale for a depthwise tensor; …), each of a rate
/// that the published rows settle, and a likeness of the two models and treatments as such, which
/// carries what the effects leave over.
final class Likeness {
  /* The numbers are those under which the published rows are likeliest (marginal likelihood of the
   * Gaussian process, with a broad prior; Rasmussen and Williams, 2006, chapter 5), to two digits.
   * They are twenty for three hundred rows, and were chosen on all of them. */
  private static final double EFFECTS = 1.3;
  private static final double ALL = 0.32;
  private static final double MODELS = 0.13;
  private static final double TREATMENTS = 0.16;
  private static final double BOTH = 0.63;

  /// Of two rows of one origin: what it does in its own way.
  static final double ORIGIN = 0.15;

  /// Of a row with itself: what no feature explains.
  static final double CHANCE = 0.67;

  /// The same of a row that was recalled, not read.
  static final double REMEMBERED = CHANCE * 1.28;

  private Likeness() {}

  static double of(Traits a, Treatment x, Traits b, Treatment y) {
    double models =
        Math.exp(
            -(0.41 * Math.abs(a.kind().depthwise - b.kind().depthwise)
                + 1.2 * Math.abs(a.kind().gated - b.kind().gated)
                + 0.41 * Math.abs(a.kind().attention - b.kind().attention)
                + 0.48 * Math.abs(millions(a) - millions(b))
                + (a.kind() == b.kind() ? 0 : 0.31)));
    double treatments =
        Math.exp(
            -(0.48 * Math.abs(bits(x) - bits(y))
                + 0.11 * Math.abs(activations(x) - activations(y))
                + (x.rounding() == y.rounding() ? 0 : 1.2)
                + (x.grain() == y.grain() ? 0 : 0.62)
                + (x.whole() == y.whole() ? 0 : 1.2)));
    double[] one = effects(a, x);
    double[] other = effects(b, y);
    double shared = 0;
    for (int i = 0; i < one.length; i++) {
      shared += one[i] * other[i];
    }
    return ALL
        + MODELS * models
        + TREATMENTS * treatments
        + BOTH * models * treatments
        + EFFECTS * shared;
  }

  /// The decimal logarithm of the parameters in millions.
  private static double millions(Traits traits) {
    return Math.log10(Math.max(traits.parameters(), 1e4) / 1e6);
  }

  private static double bits(Treatment treatment) {
    return Math.min(8, treatment.weightBits());
  }

  private static double activations(Treatment treatment) {
    return treatment.roundsActivations() ? Math.min(8, treatment.activationBits()) : 9.5;
  }

  private static double[] effects(Traits traits, Treatment treatment) {
    Treatment.Rounding rounding = treatment.rounding();
    double nearest = one(rounding == Treatment.Rounding.NEAREST);
    double repaired = one(rounding == Treatment.Rounding.REPAIRED);
    double rebuilt = one(rounding == Treatment.Rounding.RECONSTRUCTED);
    double trained = one(rounding == Treatment.Rounding.TRAINED);
    double fewer = (8 - bits(treatment)) / 4;
    double below4 = Math.max(0, 4 - bits(treatment)) / 2;
    double rounds = one(treatment.roundsActivations());
    double fewerActivations = rounds * Math.max(0, 8 - treatment.activationBits()) / 4;
    double tensor = one(treatment.grain() == Treatment.Grain.TENSOR);
    double grouped = one(treatment.grain() == Treatment.Grain.PALETTE_GROUP);
    double palette = one(treatment.grain() == Treatment.Grain.PALETTE) + grouped;
    double whole = one(treatment.whole());
    double depthwise = traits.kind().depthwise;
    double gated = traits.kind().gated;
    double attention = traits.kind().attention;
    double small = Math.max(0, 1.4 - millions(traits));
    return new double[] {
      nearest * fewer,
      rebuilt * fewer,
      trained * fewer,
      repaired * fewer,
      below4 * (rebuilt + repaired),
      below4 * trained,
      rounds * (1 - trained),
      rounds * trained,
      fewerActivations,
      fewerActivations * trained,
      rounds * attention * nearest,
      rounds * depthwise * nearest,
      rounds * gated,
      tensor * depthwise * nearest,
      tensor * nearest * fewer,
      tensor * (1 - trained),
      whole * nearest,
      whole,
      small,
      small * fewer,
      small * rounds,
      palette * fewer,
      grouped,
      gated * fewer,
      depthwise * fewer,
      depthwise * trained,
      rounds * attention * (1 - nearest)
    };
  }

  private static double one(boolean is) {
    return is ? 1 : 0;
  }
}
