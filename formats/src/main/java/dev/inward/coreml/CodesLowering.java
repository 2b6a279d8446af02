package dev.inward.coreml;

import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Quantization;
import dev.inward.graph.Tensor;
import dev.inward.graph.Windowed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// Writes the ops on codes. Those with scales take the form that Core ML's compilers join: decoded,
/// computed in reals, encoded again; a constant weight keeps its codes. Those without scales are
/// exact: a product in int32, a convolution in float32, which holds whole numbers up to 2^24.
final class CodesLowering {
  private static final long EXACT = 1L << 24;

  private CodesLowering() {}

  static void lower(Site site, Quantization op) {
    site.requireExtents();
    site.needs(Target.IOS17, "a value of codes");
    switch (op) {
      case Quantization.MatMulInteger _ ->
          site.done(
              ProductLowering.matmul(
                  site.op("matmul"),
                  centred(site, 0, 2, -2),
                  centred(site, 1, 3, -1),
                  false,
                  false));
      case Quantization.ConvInteger(var window, var groups) -> convInteger(site, window, groups);
      case Quantization.QLinearMatMul _ -> {
        Mil.Var a = decoded(site, 0, -2);
        Mil.Var b = decoded(site, 3, -1);
        encoded(
            site,
            ProductLowering.matmul(site.step("matmul", "product"), a, b, false, false)
                .gives(site.real, site.resultDims()));
      }
      case Quantization.QLinearConv(var window, var groups) -> qLinearConv(site, window, groups);
      case Quantization.Quantize _, Quantization.Dequantize _, Quantization.DynamicQuantize _ ->
          throw new IllegalArgumentException(op.name());
    }
  }

  /// Codes less their zero point, as int32; a zero point for each row or column lies along the axis
  /// counted from the end.
  private static Mil.Var centred(Site site, int operand, int zero, int axis) {
    Mil.Var codes = site.cast(site.x(operand), MilType.INT32, "whole");
    if (!site.has(zero)) {
      return codes;
    }
    Mil.Var point = site.cast(site.x(zero), MilType.INT32, "zero_point");
    if (point.elements() == 1) {
      point = shaped(site, point, List.of());
    } else if (axis == -2 && point.rank() == 1) {
      point = site.reshape("column", point, List.of(point.dim(0), 1L));
    }
    return site.apply("sub", "centred", codes, point);
  }

  private static Mil.Var shaped(Site site, Mil.Var one, List<Long> dims) {
    return one.rank() == 0 || !dims.isEmpty()
        ? one
        : site.step("squeeze", "single")
            .in("x", one)
            .ints("axes", java.util.stream.LongStream.range(0, one.rank()).boxed().toList())
            .gives(one.type(), List.of());
  }

  private static void convInteger(Site site, Windowed.Window given, long groups) {
    if (site.constant(1).isEmpty() || site.has(3) && site.constant(3).isEmpty()) {
      throw site.refused("its weight is computed when the model runs");
    }
    Tensor weight = site.constant(1).get();
    long[] codes = weight.longs();
    long largest = 0;
    float[] reals = new float[codes.length];
    long[] zeros = site.has(3) ? site.constant(3).orElseThrow().longs() : new long[] {0};
    int perChannel = codes.length / Math.toIntExact(weight.dims().getFirst());
    for (int i = 0; i < codes.length; i++) {
      long value = codes[i] - zeros[zeros.length == 1 ? 0 : i / perChannel];
      largest = Math.max(largest, Math.abs(value));
      reals[i] = value;
    }
    if (Math.multiplyExact(Math.multiplyExact(largest, 255L), perChannel) > EXACT) {
      site.lowering.note(
          "node '%s' sums whole numbers in float32: sums beyond 2^24 are rounded",
          site.node.name());
    }
    Mil.Var x = site.cast(centred(site, 0, 2, 0), MilType.FLOAT32, "real");
    var window = WindowedLowering.written(site, given, weight.dims().subList(2, weight.rank()));
    Mil.Var matrix =
        site.lowering.weights.tensor(
            site.node.name() + "_weight",
            Tensor.ofFloats(weight.dims(), reals),
            MilType.FLOAT32,
            site.where());
    Mil.Var sums =
        conv(site, x, matrix, Optional.empty(), window, groups)
            .gives(MilType.FLOAT32, site.resultDims());
    site.done(site.op("cast").in("x", sums).text("dtype", "int32"));
  }

  private static Body.Call conv(
      Site site,
      Mil.Var x,
      Mil.Var weight,
      Optional<Mil.Var> bias,
      Windowed.Window window,
      long groups) {
    var call = site.step("conv", "conv").in("x", x).in("weight", weight);
    float[] none = new float[Math.toIntExact(weight.dim(0))];
    if (bias.isPresent()) {
      call.in("bias", bias.get());
    } else {
      call.in("bias", Constants.floats(x.type(), List.of(weight.dim(0)), none));
    }
    return call.ints("strides", window.strides())
        .text("pad_type", "custom")
        .ints("pad", WindowedLowering.pads(site, window))
        .ints("dilations", window.dilations())
        .integer("groups", groups);
  }

  /// An operand of codes with the scale and the zero point after it, as reals. A constant stays in
  /// its codes, which are decoded when the model is loaded.
  private static Mil.Var decoded(Site site, int operand, int axis) {
    Tensor scale =
        site.constant(operand + 1)
            .orElseThrow(() -> site.refused("its scale is computed when the model runs"));
    Tensor zero =
        site.constant(operand + 2)
            .orElseThrow(() -> site.refused("its zero point is computed when the model runs"));
    int rank = site.rank(operand);
    int at = axis < 0 ? axis + rank : axis;
    var codes = site.constant(operand);
    if (codes.isPresent() && codes.get().encoding() instanceof Encoding.Dense(var type, var data)) {
      List<Long> grid = new ArrayList<>(Collections.nCopies(rank, 1L));
      grid.set(at, scale.elements());
      long[] points = spread(zero.longs(), Math.toIntExact(scale.elements()));
      Tensor zeros =
          Tensor.dense(
              type, grid, Constants.whole(MilType.ofText(type.text()).orElseThrow(), points));
      var weight =
          new Tensor(
              DataType.FLOAT32,
              codes.get().dims(),
              new Encoding.Affine(type, data, Tensor.ofFloats(grid, scale.floats()), zeros));
      return site.lowering.weights.tensor(
          site.node.operand(operand) + "_decoded", weight, site.real, site.where());
    }
    List<Long> dims = scale.elements() == 1 ? List.of() : List.of(scale.elements());
    DataType type = site.lowering.graph.typeOf(site.node.operand(operand)).dtype();
    var call =
        site.step("dequantize", "decoded")
            .in("input", site.x(operand))
            .in("scale", site.tensor("scale", Tensor.ofFloats(dims, scale.floats())));
    zeroPoint(site, call, type, zero, dims);
    if (!dims.isEmpty()) {
      call.integer("axis", at);
    }
    return call.gives(site.real, site.dims(operand));
  }

  private static long[] spread(long[] values, int count) {
    long[] out = new long[count];
    for (int i = 0; i < count; i++) {
      out[i] = values[values.length == 1 ? 0 : i];
    }
    return out;
  }

  private static void zeroPoint(
      Site site, Body.Call call, DataType type, Tensor zero, List<Long> dims) {
    long[] points = spread(zero.longs(), Math.toIntExact(Mil.elements(dims)));
    boolean any = false;
    for (long point : points) {
      any |= point != 0;
    }
    if (any) {
      MilType codes = MilType.ofText(type.text()).orElseThrow();
      call.in("zero_point", Constants.plain(site.where(), Tensor.ofLongs(dims, points), codes));
    }
  }

  /// Ends the node: reals into codes by the scale and zero point of its operands 6 and 7.
  private static void encoded(Site site, Mil.Var reals) {
    Tensor scale =
        site.constant(6)
            .orElseThrow(() -> site.refused("its scale is computed when the model runs"));
    Tensor zero =
        site.constant(7)
            .orElseThrow(() -> site.refused("its zero point is computed when the model runs"));
    DataType type = site.lowering.graph.typeOf(site.node.result()).dtype();
    var call =
        site.op("quantize")
            .in("input", reals)
            .in("scale", site.tensor("scale", Tensor.ofFloats(List.of(), scale.floats()[0])));
    zeroPoint(site, call, type, zero, List.of());
    site.done(call.text("output_dtype", type.text()));
  }

  private static void qLinearConv(Site site, Windowed.Window given, long groups) {
    var window = WindowedLowering.written(site, given, site.dims(3).subList(2, site.rank(3)));
    Optional<Mil.Var> bias = Optional.empty();
    if (site.has(8)) {
      Tensor sums =
          site.constant(8)
              .orElseThrow(() -> site.refused("its bias is computed when the model runs"));
      float xScale = site.number(1, "scale");
      float[] wScale = site.floats(4, "scale");
      long[] whole = sums.longs();
      float[] reals = new float[whole.length];
      for (int i = 0; i < reals.length; i++) {
        reals[i] = whole[i] * xScale * wScale[wScale.length == 1 ? 0 : i];
      }
      bias = Optional.of(site.tensor("bias", Tensor.ofFloats(sums.dims(), reals)));
    }
    encoded(
        site,
        conv(site, decoded(site, 0, 1), decoded(site, 3, 0), bias, window, groups)
            .gives(site.real, site.resultDims()));
  }
}
