package dev.inward.device;

/// What of a chip a part of a model runs on.
public enum ComputeUnit {
  NEURAL_ENGINE("Neural Engine"),
  GPU("GPU"),
  CPU("CPU");

  private final String title;

  ComputeUnit(String title) {
    this.title = title;
  }

  /// As a person says it.
  public String title() {
    return title;
  }
}
