package dev.inward.testkit;

/// Runs a property on many random values. A failure names its seed; `-Dinward.seed=SEED` runs that
/// one alone.
public final class Trials {
  private static final String SEED = "inward.seed";

  /// A property; it fails by throwing.
  @FunctionalInterface
  public interface Property {
    void check(Chance chance);
  }

  private Trials() {}

  /// Checks the property for the seeds 0 to `count - 1`.
  ///
  /// @throws AssertionError where it fails, with the seed and the way to repeat it
  public static void run(int count, Property property) {
    String only = System.getProperty(SEED);
    if (only != null) {
      trial(Long.parseLong(only), property);
      return;
    }
    for (long seed = 0; seed < count; seed++) {
      trial(seed, property);
    }
  }

  private static void trial(long seed, Property property) {
    try {
      property.check(new Chance(seed));
    } catch (RuntimeException | AssertionError failure) {
      throw new AssertionError(
          "seed %d (repeat with -D%s=%d): %s".formatted(seed, SEED, seed, failure.getMessage()),
          failure);
    }
  }
}
