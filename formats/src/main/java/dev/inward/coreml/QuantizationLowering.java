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
        if (isComputed(site)) {
          Mil.Var steps =
              site.apply(
                  "round",
                  "steps",
                  site.apply("real_div", "ratio", site.x(0), along(site, 1, axis)));
          Mil.Var codes =
              site.has(2)
                  ? site.apply(
                      "add", "codes", steps, site.cast(along(site, 2, axis), site.real, "zero"))
                  : steps;
          double low = to == DataType.INT8 ? -128 : 0;
          Mil.Var inside =
              within(site, codes, site.scalar("low", low), site.scalar("high", low + 255));
          site.done(site.op("cast").in("x", inside).text("dtype", to.text()));
          return;
        }
        var call = site.op("quantize").in("input", site.x(0));
        site.done(parameters(site, call, to, axis).text("output_dtype", to.text()));
      }
      case Quantization.Dequantize(var axis, var block) -> {
        DataType codes = site.lowering.graph.typeOf(site.node.operand(0)).dtype();
        requireEightBits(site, codes, block);
        if (isComputed(site)) {
          Mil.Var x = site.cast(site.x(0), MilType.INT32, "whole");
          Mil.Var centred =
              site.has(2)
                  ? site.apply(
                      "sub", "centred", x, site.cast(along(site, 2, axis), MilType.INT32, "zero"))
                  : x;
          site.done(
              site.op("mul")
                  .in("x", site.cast(centred, site.real, "real"))
                  .in("y", along(site, 1, axis)));
          return;
        }
        var call = site.op("dequantize").in("input", site.x(0));
        site.done(parameters(site, call, codes, axis));
      }
      case Quantization.DynamicQuantize _ -> dynamic(site);
      case Quantization.MatMulInteger _,
          Quantization.ConvInteger _,
          Quantization.QLinearConv _,
          Quantization.QLinearMatMul _ ->
          CodesLowering.lower(site, op);
    }
  }

  /// Scale and zero point from the range of x, in float32 whatever the program computes in.
  private static void dynamic(Site site) {
    site.needs(Target.IOS17, "a quantised activation");
    Mil.Var x = site.lowering.value(site.node.operand(0), MilType.FLOAT32);
    Mil.Var zero = real(site, "zero", 0);
    Mil.Var top = real(site, "top", 255);
    Mil.Var low = site.apply("minimum", "low", reduced(site, "reduce_min", x), zero);
    Mil.Var high = site.apply("maximum", "high", reduced(site, "reduce_max", x), zero);
    Mil.Var span = site.apply("real_div", "span", site.apply("sub", "range", high, low), top);
    Mil.Var none = site.compare("equal", "none", span, zero);
    Mil.Var scale = site.select("scale", none, real(site, "one", 1), span);
    Mil.Var places = site.apply("real_div", "places", site.apply("sub", "minus", zero, low), scale);
    Mil.Var point = site.apply("round", "point", within(site, places, zero, top));
    Mil.Var steps = site.apply("round", "steps", site.apply("real_div", "ratio", x, scale));
    Mil.Var codes = within(site, site.apply("add", "codes", steps, point), zero, top);
    List<Mil.Var> results =
        List.of(
            site.cast(codes, MilType.UINT8, "codes"),
            scale,
            site.cast(point, MilType.UINT8, "zero_point"));
    for (int i = 0; i < site.node.out().size(); i++) {
      if (!site.node.out().get(i).isEmpty()) {
        site.define(i, results.get(i));
      }
    }
  }

  private static Mil.Var real(Site site, String hint, double value) {
    return site.body.constant(
        site.node.name() + "_" + hint, Constants.floats(MilType.FLOAT32, List.of(), (float) value));
  }

  private static Mil.Var reduced(Site site, String type, Mil.Var x) {
    return site.step(type, "extreme")
        .in("x", x)
        .ints("axes", java.util.stream.LongStream.range(0, x.rank()).boxed().toList())
        .flag("keep_dims", false)
        .gives(x.type(), List.of());
  }

  private static Mil.Var within(Site site, Mil.Var x, Mil.Var low, Mil.Var high) {
    return site.apply("minimum", "most", site.apply("maximum", "least", x, low), high);
  }

  /// Whether the scale or the zero point is known only when the model runs: the op is then written
  /// out.
  private static boolean isComputed(Site site) {
    return site.constant(1).isEmpty() || site.has(2) && site.constant(2).isEmpty();
  }

  /// A scale or zero point along its axis of x.
  private static Mil.Var along(Site site, int operand, long axis) {
    Mil.Var numbers = site.x(operand);
    if (numbers.rank() != 1) {
      return numbers;
    }
    List<Long> dims = new java.util.ArrayList<>(java.util.Collections.nCopies(site.rank(0), 1L));
    if (numbers.elements() > 1) {
      dims.set(site.axis(axis, 0), numbers.dim(0));
    }
    return dims.isEmpty() ? numbers : site.reshape("along", numbers, dims);
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
