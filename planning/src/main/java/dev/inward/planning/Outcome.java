package dev.inward.planning;

/// Whether a budget, or a line of it, is kept.
public enum Outcome {
  KEPT(0),
  BROKEN(1),
  /// A figure is missing, or its interval holds the limit.
  UNDECIDED(4);

  private final int exitCode;

  Outcome(int exitCode) {
    this.exitCode = exitCode;
  }

  /// Of a command that ends with this outcome.
  public int exitCode() {
    return exitCode;
  }

  /// The outcome of all together: broken where one is, else undecided where one is.
  static Outcome all(java.util.List<Outcome> outcomes) {
    if (outcomes.contains(BROKEN)) {
      return BROKEN;
    }
    return outcomes.contains(UNDECIDED) ? UNDECIDED : KEPT;
  }
}
