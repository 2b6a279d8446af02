package dev.inward.document;

/// A line that must not be crossed, drawn with the forbidden side shaded.
///
/// @param value in the unit of the axis
/// @param forbidden the side that is not allowed
public record Limit(On on, double value, Side forbidden, String label) {
  /// The axis on which the limit stands.
  public enum On {
    X,
    Y
  }

  /// A side of the line.
  public enum Side {
    ABOVE,
    BELOW
  }

  /// At most `value`.
  public static Limit most(On on, double value, String label) {
    return new Limit(on, value, Side.ABOVE, label);
  }

  /// At least `value`.
  public static Limit least(On on, double value, String label) {
    return new Limit(on, value, Side.BELOW, label);
  }
}
