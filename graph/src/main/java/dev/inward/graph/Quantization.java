package dev.inward.graph;

/// Ops between reals and codes, at run time. Constants are not decoded by ops: their codes are an
/// [Encoding].
public sealed interface Quantization extends Op {
  /// `clip(round(x / scale) + zeroPoint)`, ties to even. Operands: x, scale, zeroPoint?.
  ///
  /// @param axis where the scale is a vector; ignored for a scalar
  /// @param block elements along the axis that share a scale; 0 where the scale is a scalar or
  ///   vector
  record Quantize(DataType to, long axis, long block) implements Quantization {}

  /// `scale * (code - zeroPoint)`. Operands: code, scale, zeroPoint?. The result has the type of
  /// the scale.
  record Dequantize(long axis, long block) implements Quantization {}

  /// uint8 codes with scale and zero point taken from the range of x. Results: codes, scale, zero
  /// point.
  record DynamicQuantize() implements Quantization {}

  /// Operands: a, b (codes), a's zero point?, b's zero point?. Result: int32.
  record MatMulInteger() implements Quantization {}

  /// Operands: x, weight (codes), x's zero point?, weight's zero point?. Result: int32.
  record ConvInteger(Windowed.Window window, long groups) implements Quantization {}

  /// Operands: x, x scale, x zero, weight, weight scale, weight zero, y scale, y zero, bias?.
  record QLinearConv(Windowed.Window window, long groups) implements Quantization {}

  /// Operands: a, a scale, a zero, b, b scale, b zero, y scale, y zero.
  record QLinearMatMul() implements Quantization {}
}
