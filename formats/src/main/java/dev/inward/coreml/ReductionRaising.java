package dev.inward.coreml;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Quantization;
import dev.inward.graph.Reduction;
import dev.inward.graph.Reduction.Reduce.Function;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.LongStream;

/// Reads the reductions, and the ops between reals and codes. Indices are int64 in ONNX: they are
/// cast to the int32 of the program.
final class ReductionRaising {
  private ReductionRaising() {}

  static boolean raise(Source source) {
    var function =
        Arrays.stream(Function.values())
            .filter(f -> ReductionLowering.type(f).equals(source.type()))
            .findFirst();
    if (function.isPresent()) {
      int rank = source.var("x").rank();
      List<Long> axes =
          source.longs("axes", LongStream.range(0, rank).boxed().toList()).stream()
              .map(a -> (long) source.axis(a, rank))
              .toList();
      source.add(
          new Reduction.Reduce(function.get(), axes, source.flag("keep_dims", false)),
          source.x("x"));
      return true;
    }
    switch (source.type()) {
      case "reduce_argmax", "reduce_argmin" -> {
        DataType indices = indexType(source, "output_dtype");
        int axis = source.axis(source.integer("axis", -1), source.var("x").rank());
        String index =
            source.step(
                "index",
                new Reduction.ArgReduce(
                    source.type().equals("reduce_argmax"),
                    axis,
                    source.flag("keep_dims", false),
                    false),
                List.of(source.x("x")));
        source.add(new Elementwise.Cast(indices), index);
      }
      case "argsort" -> {
        int axis = source.axis(source.integer("axis", -1), source.var("x").rank());
        String k = source.vector("all", source.var("x").dim(axis));
        var sort = new Reduction.TopK(axis, !source.flag("ascending", false), true);
        List<String> sorted = source.steps("sorted", sort, List.of(source.x("x"), k), 2);
        source.add(new Elementwise.Cast(DataType.INT32), sorted.getLast());
      }
      case "topk" -> topK(source);
      case "cumsum" -> {
        String axis = source.constant("axis", Tensor.scalar(source.integer("axis", 0)));
        source.add(
            new Reduction.CumSum(source.flag("exclusive", false), source.flag("reverse", false)),
            source.x("x"),
            axis);
      }
      case "quantize" -> {
        DataType to =
            switch (source.text("output_dtype")) {
              case "int8" -> DataType.INT8;
              case "uint8" -> DataType.UINT8;
              default -> throw source.refused("codes of type %s", source.text("output_dtype"));
            };
        int axis = source.axis(source.integer("axis", 0), Math.max(1, source.var("input").rank()));
        source.add(new Quantization.Quantize(to, axis, 0), scaled(source, to));
      }
      case "dequantize" -> {
        DataType codes = source.real(source.var("input"));
        int axis = source.axis(source.integer("axis", 0), Math.max(1, source.var("input").rank()));
        source.add(new Quantization.Dequantize(axis, 0), scaled(source, codes));
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  /// Input, scale and zero point; a zero point that is left out is a zero of the type of the codes.
  private static List<String> scaled(Source source, DataType codes) {
    List<String> in = new ArrayList<>(List.of(source.x("input"), source.x("scale")));
    List<Long> dims = source.var("scale").dims();
    in.add(
        source.has("zero_point")
            ? source.x("zero_point")
            : source.constant(
                "zero_point",
                Tensor.dense(
                    codes,
                    dims,
                    dev.inward.graph.Storage.of(new byte[Math.toIntExact(Mil.elements(dims))]))));
    return in;
  }

  private static DataType indexType(Source source, String parameter) {
    String text = source.text(parameter, "int32");
    return MilType.ofText(text)
        .flatMap(MilType::graphType)
        .filter(DataType::isInteger)
        .orElseThrow(() -> source.refused("indices of type %s", text));
  }

  /// Results that need not be in order are in order here.
  private static void topK(Source source) {
    source.flag("sort", true);
    boolean indexed = source.flag("return_indices", true);
    DataType indices = indexType(source, "output_indices_dtype");
    if (source.operation.outputs().size() != (indexed ? 2 : 1)) {
      throw source.refused("%d results", source.operation.outputs().size());
    }
    int axis = source.axis(source.integer("axis", -1), source.var("x").rank());
    String k = source.constant("k", Tensor.vector(source.integer("k", 1)));
    var op = new Reduction.TopK(axis, !source.flag("ascending", false), true);
    List<String> in = List.of(source.x("x"), k);
    if (indexed) {
      source.pair(op, in, indices);
    } else {
      List<String> both = source.steps("largest", op, in, 2);
      source.add(ElementwiseRaising.op(Elementwise.Unary.Function.IDENTITY), both.getFirst());
    }
  }
}
