package dev.inward.onnx;

import static dev.inward.onnx.HandMade.ints;
import static dev.inward.onnx.HandMade.number;
import static dev.inward.onnx.HandMade.real;
import static dev.inward.onnx.HandMade.reals;
import static dev.inward.onnx.HandMade.text;
import static dev.inward.onnx.HandMade.texts;

import dev.inward.graph.DataType;
import dev.inward.graph.Tensor;
import dev.inward.protobuf.WireWriter;
import java.util.List;

/// Products, windows, normalisations, reductions, recurrent cells.
final class ProductCases extends OperatorCases {
  ProductCases() {
    products();
    windows();
    pools();
    normalizations();
    reductions();
    recurrent();
  }

  private void products() {
    add("MatMul", x(13, 2, 3, 4).input("b", DataType.FLOAT32, 4, 5).node("MatMul", "x,b", "y"));
    add(
        "Gemm 7",
        x(7, 4, 3)
            .input("b", DataType.FLOAT32, 5, 4)
            .input("c", DataType.FLOAT32, 5)
            .node(
                "Gemm",
                "x,b,c",
                "y",
                real("alpha", 0.5f),
                real("beta", 2),
                number("transA", 1),
                number("transB", 1)));
    add("Gemm 13", x(13, 4, 3).input("b", DataType.FLOAT32, 3, 5).node("Gemm", "x,b", "y"));
    add(
        "Einsum",
        x(12, 2, 3, 4)
            .input("b", DataType.FLOAT32, 2, 4, 5)
            .node("Einsum", "x,b", "y", text("equation", "bij,bjk->bik")));
    for (int causal : new int[] {0, 1}) {
      add(
          "Attention 23 causal " + causal,
          2e-6,
          x(23, 2, 3, 4, 8)
              .input("k", DataType.FLOAT32, 2, 3, 6, 8)
              .input("v", DataType.FLOAT32, 2, 3, 6, 5)
              .input("m", DataType.FLOAT32, 4, 6)
              .node("Attention", "x,k,v,m", "y", number("is_causal", causal)));
    }
    add(
        "Attention 23 scale",
        2e-6,
        x(23, 2, 3, 4, 8)
            .input("k", DataType.FLOAT32, 2, 3, 6, 8)
            .input("v", DataType.FLOAT32, 2, 3, 6, 5)
            .node("Attention", "x,k,v", "y", real("scale", 0.25f)));
  }

  private void windows() {
    add(
        "Conv 7",
        x(7, 2, 4, 9, 9)
            .input("w", DataType.FLOAT32, 6, 2, 3, 3)
            .input("b", DataType.FLOAT32, 6)
            .node(
                "Conv",
                "x,w,b",
                "y",
                ints("kernel_shape", 3, 3),
                ints("pads", 1, 0, 1, 2),
                ints("strides", 2, 1),
                ints("dilations", 1, 2),
                number("group", 2)));
    for (String pad : List.of("SAME_UPPER", "SAME_LOWER", "VALID")) {
      add(
          "Conv " + pad,
          x(22, 1, 2, 7)
              .input("w", DataType.FLOAT32, 3, 2, 4)
              .node("Conv", "x,w", "y", text("auto_pad", pad), ints("strides", 2)));
    }
    add(
        "ConvTranspose 11",
        x(11, 1, 4, 5, 5)
            .input("w", DataType.FLOAT32, 4, 3, 3, 3)
            .node(
                "ConvTranspose",
                "x,w",
                "y",
                ints("strides", 2, 2),
                ints("pads", 1, 1, 1, 1),
                ints("output_padding", 1, 1)));
    add(
        "ConvTranspose output_shape",
        x(11, 1, 2, 5)
            .input("w", DataType.FLOAT32, 2, 3, 3)
            .node("ConvTranspose", "x,w", "y", ints("strides", 2), ints("output_shape", 10)));
  }

  private void pools() {
    WireWriter kernel = ints("kernel_shape", 3, 2);
    WireWriter strides = ints("strides", 2, 2);
    on4(7, "MaxPool", kernel, strides, ints("pads", 1, 0, 1, 1));
    on4(12, "MaxPool", kernel, strides, number("ceil_mode", 1), ints("dilations", 1, 2));
    add(
        "MaxPool indices",
        x(8, 1, 2, 6, 6)
            .node("MaxPool", "x", "y,i", ints("kernel_shape", 2, 2), number("storage_order", 1))
            .output("i"));
    on4(7, "AveragePool", kernel, ints("pads", 1, 1, 1, 1), number("count_include_pad", 1));
    on4(11, "AveragePool", kernel, strides, number("ceil_mode", 1));
    on4(19, "AveragePool", ints("kernel_shape", 2, 2), ints("dilations", 2, 2));
    on4(11, "LpPool", kernel, number("p", 3));
    on4(18, "LpPool", kernel, strides, number("ceil_mode", 1));
    on4(7, "GlobalMaxPool");
    on4(7, "GlobalAveragePool");
    on4(7, "GlobalLpPool", number("p", 1));
  }

  private void normalizations() {
    for (int opset : new int[] {7, 9, 15}) {
      add(
          "BatchNormalization " + opset,
          withChannels(opset, "s", "b", "m")
              .node("BatchNormalization", "x,s,b,m,v", "y", real("epsilon", 0.01f)));
    }
    add(
        "InstanceNormalization",
        withChannels(7, "s", "b").node("InstanceNormalization", "x,s,b", "y"));
    add(
        "LayerNormalization",
        x(17, 2, 3, 5)
            .input("s", DataType.FLOAT32, 5)
            .input("b", DataType.FLOAT32, 5)
            .node("LayerNormalization", "x,s,b", "y"));
    add(
        "RMSNormalization",
        x(23, 2, 3, 5).input("s", DataType.FLOAT32, 5).node("RMSNormalization", "x,s", "y"));
    add(
        "GroupNormalization 21",
        withChannels(21, "s", "b")
            .node("GroupNormalization", "x,s,b", "y", number("num_groups", 2)));
    add(
        "GroupNormalization 18",
        2e-6,
        x(18, 2, 4, 3, 5)
            .input("s", DataType.FLOAT32, 2)
            .input("b", DataType.FLOAT32, 2)
            .node("GroupNormalization", "x,s,b", "y", number("num_groups", 2)));
    on4(7, "LpNormalization", number("axis", 1), number("p", 1));
    on4(13, "LRN", number("size", 3), real("alpha", 0.1f));
    on4(13, "MeanVarianceNormalization");
    for (String operator : List.of("Softmax", "LogSoftmax", "Hardmax")) {
      add(operator + " 7", x(7, 2, 3, 4).node(operator, "x", "y"));
      add(operator + " 11", x(11, 2, 3, 4).node(operator, "x", "y", number("axis", -1)));
      add(operator + " 11 squeezed", x(11, 2, 3, 1, 1).node(operator, "x", "y", number("axis", 1)));
      add(operator + " 13", x(13, 2, 3, 4).node(operator, "x", "y", number("axis", 1)));
    }
  }

  private void reductions() {
    for (String function :
        List.of(
            "Sum", "Mean", "Max", "Min", "Prod", "L1", "L2", "LogSum", "LogSumExp", "SumSquare")) {
      String operator = "Reduce" + function;
      on4(11, operator, ints("axes", 1, -1), number("keepdims", 0));
      on4(7, operator);
      add(
          operator + " 18",
          x(18, 2, 3, 4).numbers("a", 0, 2).node(operator, "x,a", "y", number("keepdims", 0)));
      on4(18, operator, number("keepdims", 0));
    }
    on4(18, "ReduceSum", number("noop_with_empty_axes", 1));
    on4(11, "ArgMax", number("axis", 2), number("keepdims", 0));
    on4(13, "ArgMin", number("axis", -1), number("select_last_index", 1));
    add("TopK 7", x(7, 3, 6).node("TopK", "x", "y,i", number("k", 2)).output("i"));
    add("TopK 10", x(10, 3, 6).numbers("k", 2).node("TopK", "x,k", "y,i").output("i"));
    add(
        "TopK 11",
        x(11, 3, 6)
            .numbers("k", 2)
            .node("TopK", "x,k", "y,i", number("largest", 0), number("axis", 0))
            .output("i"));
    add(
        "CumSum",
        x(14, 3, 6)
            .constant("a", Tensor.scalar(1L))
            .node("CumSum", "x,a", "y", number("exclusive", 1), number("reverse", 1)));
  }

  private void recurrent() {
    for (String kind : List.of("LSTM", "GRU", "RNN")) {
      int gates = kind.equals("LSTM") ? 4 : kind.equals("GRU") ? 3 : 1;
      for (String direction : List.of("forward", "reverse", "bidirectional")) {
        int count = direction.equals("bidirectional") ? 2 : 1;
        add(
            kind + " " + direction,
            x(14, 5, 2, 3)
                .input("w", DataType.FLOAT32, count, gates * 4, 3)
                .input("r", DataType.FLOAT32, count, gates * 4, 4)
                .input("b", DataType.FLOAT32, count, 2 * gates * 4)
                .node(
                    kind, "x,w,r,b", "y,h", text("direction", direction), number("hidden_size", 4))
                .output("h"));
      }
    }
    add(
        "LSTM 7 coupled",
        x(7, 5, 2, 3)
            .input("w", DataType.FLOAT32, 1, 16, 3)
            .input("r", DataType.FLOAT32, 1, 16, 4)
            .node(
                "LSTM",
                "x,w,r",
                ",h,y",
                number("hidden_size", 4),
                number("input_forget", 1),
                real("clip", 1),
                texts("activations", "Sigmoid", "Tanh", "Relu"))
            .output("h"));
    add(
        "GRU reset after",
        x(14, 5, 2, 3)
            .input("w", DataType.FLOAT32, 1, 12, 3)
            .input("r", DataType.FLOAT32, 1, 12, 4)
            .node(
                "GRU",
                "x,w,r",
                "y",
                number("hidden_size", 4),
                number("linear_before_reset", 1),
                texts("activations", "HardSigmoid", "Tanh"),
                reals("activation_alpha", 0.3f),
                reals("activation_beta", 0.4f)));
  }

  private static HandMade withChannels(int opset, String... names) {
    var model = x(opset, 2, 4, 3, 5);
    for (String name : names) {
      model.input(name, DataType.FLOAT32, 4);
    }
    return model.input("variance_source", DataType.FLOAT32, 4).node("Exp", "variance_source", "v");
  }
}
