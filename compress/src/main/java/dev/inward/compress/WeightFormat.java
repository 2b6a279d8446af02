package dev.inward.compress;

/// How the elements of a weight are to be stored.
public sealed interface WeightFormat {
  WeightFormat FLOAT16 = new Half();
  WeightFormat INT8_PER_TENSOR = new Affine(8, Granularity.TENSOR, false);
  WeightFormat INT8_PER_CHANNEL = new Affine(8, Granularity.CHANNEL, false);
  WeightFormat INT8_ASYMMETRIC = new Affine(8, Granularity.CHANNEL, true);

  /// Seven of the eight bits: pairs of products with eight-bit activations then stay within sixteen
  /// bits, which processors without VNNI add them in.
  WeightFormat INT7_PER_CHANNEL = new Affine(7, Granularity.CHANNEL, false);

  /// What shares one scale.
  enum Granularity {
    TENSOR,
    CHANNEL
  }

  /// As IEEE 754 half precision.
  record Half() implements WeightFormat {}

  /// As signed whole numbers with a scale.
  ///
  /// @param bits 4, 7 or 8; codes of seven bits are stored in eight
  /// @param asymmetric whether the range runs from the smallest to the largest element instead of
  ///   being symmetric about zero
  record Affine(int bits, Granularity granularity, boolean asymmetric) implements WeightFormat {
    public Affine {
      if (bits != 4 && bits != 7 && bits != 8) {
        throw new IllegalArgumentException("affine codes have 4, 7 or 8 bits, got " + bits);
      }
    }
  }

  /// `float16`, `int8 per channel`, `int8 per tensor, asymmetric`.
  default String text() {
    return switch (this) {
      case Half() -> "float16";
      case Affine(var bits, var granularity, var asymmetric) ->
          "int%d per %s%s"
              .formatted(
                  bits,
                  granularity == Granularity.TENSOR ? "tensor" : "channel",
                  asymmetric ? ", asymmetric" : "");
    };
  }
}
