package dev.inward.graph;

/// What a node costs, counted exactly; [Counting] says how.
///
/// @param parameters elements of the weights that it reads
/// @param macs multiply-accumulates
/// @param operations other arithmetic, one an element and step
/// @param bytesRead of activations
/// @param bytesWritten of activations
/// @param weightBytes of the constants that it reads, as they are stored
public record Work(
    long parameters,
    long macs,
    long operations,
    long bytesRead,
    long bytesWritten,
    long weightBytes) {
  public static final Work NONE = new Work(0, 0, 0, 0, 0, 0);

  /// @throws ArithmeticException where a sum does not fit a `long`
  public Work plus(Work other) {
    return new Work(
        Math.addExact(parameters, other.parameters),
        Math.addExact(macs, other.macs),
        Math.addExact(operations, other.operations),
        Math.addExact(bytesRead, other.bytesRead),
        Math.addExact(bytesWritten, other.bytesWritten),
        Math.addExact(weightBytes, other.weightBytes));
  }
}
