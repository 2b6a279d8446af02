package dev.inward.coreml;

/// The oldest system that a package runs on. A later one knows every op of an earlier one.
public enum Target {
  /// iOS 15, macOS 12.
  IOS15("iOS 15", 6, "CoreML5"),
  /// iOS 16, macOS 13: compressed weights, float16 at the interface.
  IOS16("iOS 16", 7, "CoreML6"),
  /// iOS 17, macOS 14: 8-bit activations.
  IOS17("iOS 17", 8, "CoreML7"),
  /// iOS 18, macOS 15: 4-bit codes, blocks, grouped palettes, attention as one op.
  IOS18("iOS 18", 9, "CoreML8"),
  /// iOS 26, macOS 26: the ops of iOS 18.
  IOS26("iOS 26", 10, "CoreML9");

  private final String title;
  private final int specification;
  private final String opset;

  Target(String title, int specification, String opset) {
    this.title = title;
    this.specification = specification;
    this.opset = opset;
  }

  /// `iOS 17`.
  public String title() {
    return title;
  }

  /// The version number in the model file.
  public int specification() {
    return specification;
  }

  /// The name of the set of ops in the model file.
  public String opset() {
    return opset;
  }

  boolean atLeast(Target other) {
    return compareTo(other) >= 0;
  }
}
