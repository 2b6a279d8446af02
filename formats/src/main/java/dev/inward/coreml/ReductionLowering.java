package dev.inward.coreml;

import dev.inward.graph.Reduction;
import java.util.List;
import java.util.stream.LongStream;

/// Writes the reductions. Indices are int32 in the program.
final class ReductionLowering {
  private ReductionLowering() {}

  static void lower(Site site, Reduction op) {
    switch (op) {
      case Reduction.Reduce(var function, var axes, var keepDims) ->
          site.done(
              site.op(type(function))
                  .in("x", site.x(0))
                  .ints("axes", axes.isEmpty() ? all(site) : site.axes(axes, 0))
                  .flag("keep_dims", keepDims));
      case Reduction.ArgReduce arg -> argReduce(site, arg);
      case Reduction.TopK topK -> topK(site, topK);
      case Reduction.CumSum(var exclusive, var reverse) ->
          site.done(
              site.op("cumsum")
                  .in("x", site.x(0))
                  .integer("axis", site.axis(site.longs(1, "axis").getFirst(), 0))
                  .flag("exclusive", exclusive)
                  .flag("reverse", reverse));
    }
  }

  static String type(Reduction.Reduce.Function function) {
    return switch (function) {
      case SUM -> "reduce_sum";
      case MEAN -> "reduce_mean";
      case MAX -> "reduce_max";
      case MIN -> "reduce_min";
      case PROD -> "reduce_prod";
      case L1 -> "reduce_l1_norm";
      case L2 -> "reduce_l2_norm";
      case LOG_SUM -> "reduce_log_sum";
      case LOG_SUM_EXP -> "reduce_log_sum_exp";
      case SUM_SQUARE -> "reduce_sum_square";
    };
  }

  private static List<Long> all(Site site) {
    return LongStream.range(0, site.rank(0)).boxed().toList();
  }

  private static void argReduce(Site site, Reduction.ArgReduce op) {
    int axis = site.axis(op.axis(), 0);
    Mil.Var x = site.x(0);
    if (op.selectLast()) {
      // Core ML gives the first of equal elements: look from the end.
      Mil.Var reversed =
          site.step("reverse", "reversed").in("x", x).ints("axes", axis).gives(x.type(), x.dims());
      Mil.Var fromEnd =
          argCall(site, site.step(type(op), "from_end"), reversed, axis, op.keepDims())
              .gives(MilType.INT32, site.resultDims());
      site.done(site.op("sub").in("x", site.whole("last", x.dim(axis) - 1)).in("y", fromEnd));
      return;
    }
    site.done(argCall(site, site.op(type(op)), x, axis, op.keepDims()));
  }

  private static String type(Reduction.ArgReduce op) {
    return op.largest() ? "reduce_argmax" : "reduce_argmin";
  }

  private static Body.Call argCall(
      Site site, Body.Call call, Mil.Var x, int axis, boolean keepDims) {
    call.in("x", x).integer("axis", axis).flag("keep_dims", keepDims);
    return site.target().atLeast(Target.IOS17) ? call.text("output_dtype", "int32") : call;
  }

  private static void topK(Site site, Reduction.TopK op) {
    long k = site.longs(1, "number k").getFirst();
    int axis = site.axis(op.axis(), 0);
    Mil.Var x = site.x(0);
    var call =
        site.op("topk")
            .in("x", x)
            .integer("k", k)
            .integer("axis", axis)
            .flag("ascending", !op.largest());
    if (site.target().atLeast(Target.IOS16)) {
      call.flag("sort", true).flag("return_indices", true);
    }
    if (site.target().atLeast(Target.IOS17)) {
      call.text("output_indices_dtype", "int32");
    }
    List<Long> dims = Lists.with(x.dims(), axis, k);
    site.doneAll(call, List.of(x.type(), MilType.INT32), List.of(dims, dims));
  }
}
