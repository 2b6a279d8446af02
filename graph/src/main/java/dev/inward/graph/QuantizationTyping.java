package dev.inward.graph;

import java.util.List;
import java.util.Optional;

/// Types of ops between reals and codes.
final class QuantizationTyping {
  private QuantizationTyping() {}

  static List<Inferred> of(Quantization op, Site site) {
    return switch (op) {
      case Quantization.Quantize(var to, var axis, var block) -> {
        scale(site, axis, block);
        yield Inferred.one(to, site.shape(0));
      }
      case Quantization.Dequantize(var axis, var block) -> {
        scale(site, axis, block);
        yield Inferred.one(site.dtype(1), site.shape(0));
      }
      case Quantization.DynamicQuantize _ ->
          List.of(
              Inferred.of(DataType.UINT8, site.shape(0)),
              Inferred.of(DataType.FLOAT32, Shape.SCALAR),
              Inferred.of(DataType.UINT8, Shape.SCALAR));
      case Quantization.MatMulInteger _ ->
          Inferred.one(DataType.INT32, ProductTyping.matrixProduct(site, 0, 1));
      case Quantization.ConvInteger(var window, var groups) ->
          // Operand 4 does not exist: there is no bias.
          Inferred.one(DataType.INT32, WindowedTyping.convolution(site, window, groups, 0, 1, 4));
      case Quantization.QLinearConv(var window, var groups) ->
          Inferred.one(zeroType(site), WindowedTyping.convolution(site, window, groups, 0, 3, 8));
      case Quantization.QLinearMatMul _ ->
          Inferred.one(zeroType(site), ProductTyping.matrixProduct(site, 0, 3));
    };
  }

  /// The type of the zero point of the result.
  private static Optional<DataType> zeroType(Site site) {
    return site.dtype(7).or(() -> site.dtype(0));
  }

  /// Checks that the scale is a scalar, a vector along the axis, or a grid of blocks along it, and
  /// that the zero point has its shape.
  private static void scale(Site site, long axis, long block) {
    if (block < 0) {
      throw site.fault("a block is at least 0, got %d", block);
    }
    var scale = site.shape(1);
    var zero = site.shape(2);
    var single = scale.elements().orElse(0) == 1 && zero.elements().orElse(1) == 1;
    if (!single && scale.isStatic() && zero.isStatic() && !scale.equals(zero)) {
      throw site.fault("scale %s and zero point %s differ in shape", scale, zero);
    }
    if (single || !scale.ranked() || !site.ranked(0)) {
      return;
    }
    var x = site.shape(0);
    int at = site.axis(axis, x.rank(), 0);
    if (block == 0) {
      if (scale.rank() != 1 || Site.differ(scale.dim(0), x.dim(at))) {
        throw site.fault("the scale is a scalar or has axis %d of x: %s", at, site.shapes(0, 1));
      }
      return;
    }
    boolean fits = scale.rank() == x.rank();
    for (int i = 0; fits && i < x.rank(); i++) {
      fits =
          !Site.differ(
              scale.dim(i),
              i == at ? Expression.of(x.dim(i)).ceilDividedBy(block).dim() : x.dim(i));
    }
    if (!fits) {
      throw site.fault(
          "the scale has a number for each block of %d along axis %d: %s",
          block, at, site.shapes(0, 1));
    }
  }
}
