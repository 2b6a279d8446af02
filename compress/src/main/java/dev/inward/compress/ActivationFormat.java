package dev.inward.compress;

/// How the activation that enters a node is stored at run time; a node that a recipe does not name
/// takes it as it is.
public sealed interface ActivationFormat {
  /// uint8 with scale and zero point taken from each input at run time. ONNX only.
  record Dynamic() implements ActivationFormat {}

  /// uint8 over a range that was calibrated; what is outside is clamped. The range always holds 0,
  /// so that a padding of zeros is exact.
  record Static(float low, float high) implements ActivationFormat {
    public Static {
      if (!(low <= 0 && high >= 0 && low < high) || !Float.isFinite(low) || !Float.isFinite(high)) {
        throw new IllegalArgumentException(
            "a range is finite and holds 0, got [%s, %s]".formatted(low, high));
      }
    }

    /// The real value of one step.
    public float scale() {
      return (high - low) / 255;
    }

    /// The code of 0.
    public int zeroPoint() {
      return (int) Math.rint(-low / scale());
    }
  }
}
