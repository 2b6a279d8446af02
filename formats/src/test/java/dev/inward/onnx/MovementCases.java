package dev.inward.onnx;

import static dev.inward.onnx.HandMade.ints;
import static dev.inward.onnx.HandMade.number;
import static dev.inward.onnx.HandMade.real;
import static dev.inward.onnx.HandMade.reals;
import static dev.inward.onnx.HandMade.tensorAttribute;
import static dev.inward.onnx.HandMade.text;

import dev.inward.graph.DataType;
import dev.inward.graph.Tensor;
import dev.inward.protobuf.WireWriter;
import java.util.List;

/// Operators that move, pick, interpolate or make elements.
final class MovementCases extends OperatorCases {
  MovementCases() {
    shapes();
    moves();
    gathers();
    resizes();
    constants();
  }

  private void shapes() {
    on4(7, "Shape");
    on4(15, "Shape", number("start", 1), number("end", -1));
    on4(13, "Size");
    add("Reshape", x(13, 2, 3, 4).numbers("s", 0, -1).node("Reshape", "x,s", "y"));
    add(
        "Reshape allowzero",
        x(14, 0, 3).numbers("s", 3, 0).node("Reshape", "x,s", "y", number("allowzero", 1)));
    on4(9, "Flatten", number("axis", 2));
    add("Squeeze 7", x(7, 1, 3, 1).node("Squeeze", "x", "y", ints("axes", 0)));
    add("Squeeze 11 all", x(11, 1, 3, 1).node("Squeeze", "x", "y"));
    add("Squeeze 13", x(13, 1, 3, 1).numbers("a", 2).node("Squeeze", "x,a", "y"));
    add("Unsqueeze 7", x(7, 2, 3).node("Unsqueeze", "x", "y", ints("axes", 0, 3)));
    add("Unsqueeze 13", x(13, 2, 3).numbers("a", -1).node("Unsqueeze", "x,a", "y"));
    on4(13, "Transpose", ints("perm", 0, 2, 3, 1));
    on4(13, "Transpose");
    add("Expand", x(13, 3, 1).numbers("s", 2, 1, 4).node("Expand", "x,s", "y"));
    add(
        "Range",
        longs(11)
            .constant("a", Tensor.scalar(2L))
            .constant("b", Tensor.scalar(9L))
            .constant("c", Tensor.scalar(3L))
            .node("Range", "a,b,c", "y"));
  }

  private void moves() {
    add("Concat", x(13, 2, 3).node("Neg", "x", "n").node("Concat", "x,n", "y", number("axis", -1)));
    add(
        "Split 7",
        x(7, 5, 2).node("Split", "x", "y,z", number("axis", 0), ints("split", 2, 3)).output("z"));
    add("Split 11 equal", x(11, 6, 2).node("Split", "x", "y,z,w").output("z").output("w"));
    add("Split 13", x(13, 5, 2).numbers("s", 1, 4).node("Split", "x,s", "y,z").output("z"));
    add(
        "Split 18 parts",
        x(18, 5, 2).node("Split", "x", "y,z", number("num_outputs", 2)).output("z"));
    add(
        "Slice 7",
        x(7, 5, 6).node("Slice", "x", "y", ints("starts", 1), ints("ends", -1), ints("axes", 1)));
    add("Slice 7 no axes", x(7, 5, 6).node("Slice", "x", "y", ints("starts", 1), ints("ends", 9)));
    add(
        "Slice 13",
        x(13, 5, 6)
            .numbers("s", 4)
            .numbers("e", -100)
            .numbers("a", 0)
            .numbers("p", -2)
            .node("Slice", "x,s,e,a,p", "y"));
    add("Tile", x(13, 2, 3).numbers("r", 2, 1).node("Tile", "x,r", "y"));
    for (String mode : List.of("constant", "reflect", "edge")) {
      add(
          "Pad 7 " + mode,
          x(7, 3, 4)
              .node(
                  "Pad", "x", "y", ints("pads", 1, 0, 1, 2), text("mode", mode), real("value", 5)));
      add(
          "Pad 13 " + mode,
          x(13, 3, 4).numbers("p", 0, 1, 0, 2).node("Pad", "x,p", "y", text("mode", mode)));
    }
    add(
        "Pad 18 axes",
        x(18, 3, 4)
            .numbers("p", 1, 2)
            .floats("v", List.of(), 3)
            .numbers("a", 1)
            .node("Pad", "x,p,v,a", "y"));
    add(
        "Pad 19 wrap",
        x(19, 3, 4).numbers("p", 1, 2, 0, 0).node("Pad", "x,p", "y", text("mode", "wrap")));
    add("DepthToSpace 7", x(7, 1, 8, 2, 3).node("DepthToSpace", "x", "y", number("blocksize", 2)));
    add(
        "DepthToSpace CRD",
        x(13, 1, 8, 2, 3)
            .node("DepthToSpace", "x", "y", number("blocksize", 2), text("mode", "CRD")));
    add("SpaceToDepth", x(13, 1, 2, 4, 6).node("SpaceToDepth", "x", "y", number("blocksize", 2)));
    add(
        "OneHot",
        longs(11)
            .constant("d", Tensor.scalar(3L))
            .floats("v", List.of(2L), -1, 1)
            .node("OneHot", "l,d,v", "y", number("axis", 0)));
    add("NonZero", longs(13).node("NonZero", "l", "y"));
    add("Trilu", x(14, 3, 4).node("Trilu", "x", "y", number("upper", 0)));
    add("Trilu k", x(14, 3, 4).constant("k", Tensor.scalar(1L)).node("Trilu", "x,k", "y"));
    add("ReverseSequence", x(10, 4, 2, 3).numbers("n", 3, 2).node("ReverseSequence", "x,n", "y"));
  }

  private void gathers() {
    add("Gather", x(7, 5, 3).numbers("i", 4, 0).node("Gather", "x,i", "y"));
    add("Gather 13", x(13, 5, 3).numbers("i", -1, 0).node("Gather", "x,i", "y", number("axis", 1)));
    Tensor square = Tensor.ofLongs(List.of(2L, 2L), 0, 1, 1, 0);
    add(
        "GatherElements",
        x(13, 2, 2).constant("i", square).node("GatherElements", "x,i", "y", number("axis", 1)));
    add("GatherND", x(11, 2, 2, 3).constant("i", square).node("GatherND", "x,i", "y"));
    add(
        "GatherND batch",
        x(13, 2, 2, 3)
            .constant("i", Tensor.ofLongs(List.of(2L, 1L), 1, 0))
            .node("GatherND", "x,i", "y", number("batch_dims", 1)));
    add(
        "Scatter 9",
        x(9, 3, 2)
            .constant("i", square)
            .input("u", DataType.FLOAT32, 2, 2)
            .node("Scatter", "x,i,u", "y"));
    for (String reduction : List.of("none", "add", "mul", "max", "min")) {
      add(
          "ScatterElements " + reduction,
          x(18, 3, 2)
              .constant("i", square)
              .input("u", DataType.FLOAT32, 2, 2)
              .node("ScatterElements", "x,i,u", "y", text("reduction", reduction)));
      add(
          "ScatterND " + reduction,
          x(18, 3, 2)
              .constant("i", Tensor.ofLongs(List.of(2L, 1L), 2, 2))
              .input("u", DataType.FLOAT32, 2, 2)
              .node("ScatterND", "x,i,u", "y", text("reduction", reduction)));
    }
    add(
        "ScatterElements 11",
        x(11, 3, 2)
            .constant("i", square)
            .input("u", DataType.FLOAT32, 2, 2)
            .node("ScatterElements", "x,i,u", "y", number("axis", 0)));
  }

  private void resizes() {
    float[] scales = {1, 1, 2, 1.5f};
    add("Upsample 7", x(7, 1, 2, 4, 6).node("Upsample", "x", "y", reals("scales", scales)));
    for (String mode : List.of("nearest", "linear")) {
      add(
          "Upsample 9 " + mode,
          scaled(9, scales).node("Upsample", "x,scales", "y", text("mode", mode)));
      add(
          "Resize 10 " + mode,
          scaled(10, scales).node("Resize", "x,scales", "y", text("mode", mode)));
      add(
          "Resize 10 down " + mode,
          scaled(10, 1, 1, 0.6f, 0.5f).node("Resize", "x,scales", "y", text("mode", mode)));
      for (String how :
          List.of("half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric")) {
        add(
            "Resize 11 " + mode + " " + how,
            scaled(11, scales)
                .floats("none", List.of(0L))
                .node(
                    "Resize",
                    "x,none,scales",
                    "y",
                    text("mode", mode),
                    text("coordinate_transformation_mode", how)));
      }
    }
    for (String nearest : List.of("floor", "ceil", "round_prefer_ceil", "round_prefer_floor")) {
      add(
          "Resize 13 " + nearest,
          x(13, 1, 2, 4, 6)
              .numbers("sizes", 1, 2, 7, 3)
              .node("Resize", "x,,,sizes", "y", text("nearest_mode", nearest)));
    }
    add(
        "Resize 13 cubic",
        scaled(13, scales)
            .node(
                "Resize",
                "x,,scales",
                "y",
                text("mode", "cubic"),
                real("cubic_coeff_a", -0.5f),
                number("exclude_outside", 1)));
    add(
        "Resize 18 antialias",
        scaled(18, 1, 1, 0.5f, 0.5f)
            .node("Resize", "x,,scales", "y", text("mode", "linear"), number("antialias", 1)));
    add(
        "Resize 18 axes",
        x(18, 1, 2, 4, 6)
            .numbers("sizes", 8, 8)
            .node(
                "Resize",
                "x,,,sizes",
                "y",
                ints("axes", 2, 3),
                text("keep_aspect_ratio_policy", "not_larger")));
    add(
        "Resize 19 symmetric",
        scaled(19, scales)
            .node(
                "Resize",
                "x,,scales",
                "y",
                text("mode", "linear"),
                text("coordinate_transformation_mode", "half_pixel_symmetric")));
    add(
        "GridSample 16",
        x(16, 1, 2, 4, 6)
            .input("g", DataType.FLOAT32, 1, 3, 3, 2)
            .node(
                "GridSample",
                "x,g",
                "y",
                text("mode", "bicubic"),
                text("padding_mode", "border"),
                number("align_corners", 1)));
    add(
        "GridSample 20",
        x(20, 1, 2, 4, 6)
            .input("g", DataType.FLOAT32, 1, 3, 3, 2)
            .node("GridSample", "x,g", "y", text("mode", "linear")));
  }

  private void constants() {
    add(
        "Constant value",
        x(7, 2, 3)
            .node("Constant", List.of(), List.of("c"), tensorAttribute("value", Tensor.scalar(2f)))
            .node("Mul", "x,c", "y"));
    add(
        "Constant floats",
        x(13, 2, 3)
            .node("Constant", List.of(), List.of("c"), reals("value_floats", 1, 2, 3))
            .node("Mul", "x,c", "y"));
    add(
        "Constant float",
        x(13, 2, 3)
            .node("Constant", List.of(), List.of("c"), real("value_float", 1.5f))
            .node("Mul", "x,c", "y"));
    add(
        "Constant ints",
        x(13, 2, 3)
            .node("Constant", List.of(), List.of("c"), ints("value_ints", 3, 2))
            .node("Reshape", "x,c", "y"));
    add(
        "Constant int",
        longs(13)
            .node("Constant", List.of(), List.of("c"), number("value_int", 3))
            .node("Mul", "l,c", "y"));
    WireWriter sparse =
        new WireWriter()
            .message(1, HandMade.tensor("", Tensor.ofFloats(List.of(2L), 5, 7)))
            .message(2, HandMade.tensor("", Tensor.vector(1, 5)))
            .packed(3, 2, 3);
    add(
        "Constant sparse",
        x(13, 2, 3)
            .node(
                "Constant",
                List.of(),
                List.of("c"),
                new WireWriter().string(1, "sparse_value").message(22, sparse).varint(20, 11))
            .node("Mul", "x,c", "y"));
    add("ConstantOfShape", longs(9).numbers("s", 2, 3).node("ConstantOfShape", "s", "y"));
    add(
        "ConstantOfShape value",
        longs(9)
            .numbers("s", 2, 3)
            .node("ConstantOfShape", "s", "y", tensorAttribute("value", Tensor.vector(7))));
  }

  private static HandMade longs(int opset) {
    return HandMade.opset(opset).input("l", DataType.INT64, 2, 3);
  }

  private static HandMade scaled(int opset, float... scales) {
    return x(opset, 1, 2, 4, 6).floats("scales", List.of(4L), scales);
  }
}
