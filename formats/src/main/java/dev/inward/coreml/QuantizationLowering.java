package dev.inward.coreml;

import dev.inward.graph.DataType;
import dev.inward.graph.Quantization;
import dev.inward.graph.Tensor;
import java.util.List;

/// Writes quantised activations: `quantize` and `dequantize`, from iOS 17 on.
final class QuantizationLowering {
  private QuantizationLowering() {}

  static void lower(Site site, Quantization op) {
    switch (op) {
      case Quantization.Quantize(var to, var axis, var block) -> {
        requireEightBits(site, to, block);
        var call = site.op("quantize").in("input", site.x(0));
        site.done(parameters(site, call, to, axis).text("output_dtype", to.text()));
      }
      case Quantization.Dequantize(var axis, var block) -> {
        DataType codes = site.lowering.graph.typeOf(site.node.operand(0)).dtype();
        requireEightBits(site, codes, block);
        var call = site.op("dequantize").in("input", site.x(0));
        site.done(parameters(site, call, codes, axis));
      }
      case Quantization.DynamicQuantize _ ->
          throw site.refused("Core ML takes no scale from the data when it runs")
              .hint("use static ranges: calibrate the activations");
      case Quantization.MatMulInteger _,
          Quantization.ConvInteger _,
          Quantization.QLinearConv _,
          Quantization.QLinearMatMul _ ->
          throw site.refused("Core ML has no op on codes")
              .hint("use the form with QuantizeLinear and DequantizeLinear");
    }
  }

  private static void requireEightBits(Site site, DataType codes, long block) {
    if (codes != DataType.INT8 && codes != DataType.UINT8) {
      throw site.refused("activations have codes of type int8 or uint8, got %s", codes.text());
    }
    if (block != 0) {
      throw site.refused("activations have no scales in blocks");
    }
    site.needs(Target.IOS17, "a quantised activation");
  }

  private static Body.Call parameters(Site site, Body.Call call, DataType codes, long axis) {
    Tensor scale = site.constant(1).orElseThrow(() -> site.refused("its scale is computed"));
    boolean single = scale.elements() == 1;
    List<Long> dims = single ? List.of() : List.of(scale.elements());
    call.in("scale", site.tensor("scale", scale.withDims(dims)));
    if (site.has(2)) {
      Tensor zero = site.constant(2).orElseThrow(() -> site.refused("its zero point is computed"));
      boolean any = false;
      for (long z : zero.longs()) {
        any |= z != 0;
      }
      if (any) {
        MilType type = codes == DataType.INT8 ? MilType.INT8 : MilType.UINT8;
        call.in("zero_point", Constants.plain(site.where(), zero.withDims(dims), type));
      }
    }
    return single ? call : call.integer("axis", site.axis(axis, 0));
  }
}
