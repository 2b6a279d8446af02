package dev.inward.device;

/// How sure it is that a node runs where it is expected. Nothing is promised: what the system does
/// shows on a device only, and changes with its version.
public enum Certainty {
  /// No rule known speaks for another unit.
  LIKELY("likely"),

  /// The Neural Engine could run it, but Core ML is known to decide otherwise in such a case.
  ELIGIBLE("eligible");

  private final String title;

  Certainty(String title) {
    this.title = title;
  }

  /// As a person says it.
  public String title() {
    return title;
  }
}
