package dev.inward.coreml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.graph.evaluation.Evaluation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ops that Apple's own tools write and we do not: what is read computes what the op is stated to.
final class RaisingTest {
  private static final MilType REAL = MilType.FLOAT32;

  private static Graph read(
      BiFunction<Body, List<Mil.Var>, List<Mil.Var>> ops, List<Mil.Var> inputs) {
    var names = new Names();
    inputs.forEach(i -> names.fresh(i.name()));
    var body = new Body(Target.IOS18, names);
    List<String> ends = ops.apply(body, inputs).stream().map(Mil.Var::name).toList();
    var program =
        new Mil.Program(
            Target.IOS18.opset(), inputs, body.operations(ends), ends, Optional.empty());
    return Raising.graph(
        new Model(
            Target.IOS18.specification(), program, List.of(), List.of(), Options.Metadata.NONE),
        "read");
  }

  private static Mil.Var var(String name, long... dims) {
    return new Mil.Var(name, REAL, java.util.Arrays.stream(dims).boxed().toList());
  }

  private static List<Long> dims(long... dims) {
    return java.util.Arrays.stream(dims).boxed().toList();
  }

  /// Elements 0, 1, 2, … under the given extents.
  private static Tensor counted(long... dims) {
    List<Long> all = dims(dims);
    float[] out = new float[(int) Mil.elements(all)];
    for (int i = 0; i < out.length; i++) {
      out[i] = i;
    }
    return Tensor.ofFloats(all, out);
  }

  private static Mil.Value reals(float... values) {
    return Constants.floats(REAL, List.of((long) values.length), values);
  }

  private static float[] run(Graph graph, Tensor... inputs) {
    Map<String, Tensor> given = new LinkedHashMap<>();
    for (int i = 0; i < inputs.length; i++) {
      given.put(graph.inputs().get(i).name(), inputs[i]);
    }
    Tensor out = Evaluation.run(graph, given).firstEntry().getValue();
    if (out.dtype().isFloat()) {
      return out.floats();
    }
    long[] wholes = out.longs();
    float[] reals = new float[wholes.length];
    for (int i = 0; i < reals.length; i++) {
      reals[i] = wholes[i];
    }
    return reals;
  }

  private static float[] one(BiFunction<Body, Mil.Var, Mil.Var> op, Tensor x) {
    var input = new Mil.Var("x", REAL, x.dims());
    return run(read((body, in) -> List.of(op.apply(body, in.getFirst())), List.of(input)), x);
  }

  @Test
  void slidingWindows_areGathered() {
    float[] y =
        one(
            (b, x) ->
                b.call("sliding_windows", "y")
                    .in("x", x)
                    .integer("axis", 0)
                    .integer("size", 3)
                    .integer("stride", 2)
                    .gives(REAL, dims(3, 3)),
            counted(7));

    assertThat(y).containsExactly(0, 1, 2, 2, 3, 4, 4, 5, 6);
  }

  @Test
  void pixelUnshuffle_hasThePlacesOfABlockAfterTheChannel() {
    float[] y =
        one(
            (b, x) ->
                b.call("pixel_unshuffle", "y")
                    .in("x", x)
                    .in(
                        "downscale_factor",
                        Mil.Value.of(MilType.UINT32, List.of(), Constants.whole(MilType.UINT32, 2)))
                    .gives(REAL, dims(1, 8, 1, 1)),
            counted(1, 2, 2, 2));

    assertThat(y).containsExactly(0, 1, 2, 3, 4, 5, 6, 7);
  }

  @Test
  void spaceToBatchAndBack_isTheSame() {
    float[] y =
        one(
            (b, x) -> {
              Mil.Var parts =
                  b.call("space_to_batch", "parts")
                      .in("x", x)
                      .ints("block_shape", 2, 2)
                      .in("paddings", Constants.ints(dims(0, 0, 0, 0)))
                      .gives(REAL, dims(4, 1, 1, 2));
              return b.call("batch_to_space", "y")
                  .in("x", parts)
                  .ints("block_shape", 2, 2)
                  .in("crops", Constants.ints(dims(0, 0, 1, 0)))
                  .gives(REAL, dims(1, 1, 2, 3));
            },
            counted(1, 1, 2, 4));

    assertThat(y).containsExactly(1, 2, 3, 5, 6, 7);
  }

  @Test
  void crop_cutsTheLastTwoAxes() {
    float[] y =
        one(
            (b, x) ->
                b.call("crop", "y")
                    .in("x", x)
                    .ints("crop_height", 1, 0)
                    .ints("crop_width", 0, 2)
                    .gives(REAL, dims(1, 1, 2)),
            counted(1, 2, 4));

    assertThat(y).containsExactly(4, 5);
  }

  @Test
  void interleavedConcat_takesOneOfEachInTurn() {
    float[] y =
        one(
            (b, x) -> {
              Mil.Var minus =
                  b.call("mul", "minus").in("x", x).number("y", REAL, -1).gives(REAL, x.dims());
              return b.call("concat", "y")
                  .in("values", List.of(x, minus))
                  .integer("axis", 0)
                  .flag("interleave", true)
                  .gives(REAL, dims(6));
            },
            Tensor.ofFloats(dims(3), 1, 2, 3));

    assertThat(y).containsExactly(1, -1, 2, -2, 3, -3);
  }

  @Test
  void transposeWithAxesFromTheEnd_isRead() {
    float[] y =
        one(
            (b, x) ->
                b.call("transpose", "y").in("x", x).ints("perm", -1, 0).gives(REAL, dims(3, 2)),
            counted(2, 3));

    assertThat(y).containsExactly(0, 3, 1, 4, 2, 5);
  }

  @Test
  void argsort_isInt32Places() {
    float[] y =
        one(
            (b, x) ->
                b.call("argsort", "y")
                    .in("x", x)
                    .integer("axis", 0)
                    .flag("ascending", true)
                    .gives(MilType.INT32, dims(4)),
            Tensor.ofFloats(dims(4), 3, 1, 4, 2));

    assertThat(y).containsExactly(1, 3, 0, 2);
  }

  @Test
  void l2Norm_dividesByTheLengthOfTheLastThreeAxes() {
    float[] y =
        one(
            (b, x) ->
                b.call("l2_norm", "y").in("x", x).number("epsilon", REAL, 0).gives(REAL, x.dims()),
            Tensor.ofFloats(dims(1, 1, 2), 3, 4));

    assertThat(y).containsExactly(new float[] {0.6f, 0.8f}, within(1e-6f));
  }

  @Test
  void layerNormOfAMiddleAxis_goesThroughATransposition() {
    float[] y =
        one(
            (b, x) ->
                b.call("layer_norm", "y")
                    .in("x", x)
                    .ints("axes", 1)
                    .in("gamma", reals(1, 2))
                    .number("epsilon", REAL, 0)
                    .gives(REAL, x.dims()),
            Tensor.ofFloats(dims(1, 2, 2), 1, 5, 3, 1));

    // Columns [1, 3] and [5, 1] become -1, 1 and 1, -1; the second row is doubled.
    assertThat(y).containsExactly(new float[] {-1, 1, 2, -2}, within(1e-5f));
  }

  @ParameterizedTest
  @ValueSource(strings = {"update", "add", "sub", "mul", "div", "max", "min"})
  void scatter_combinesWholeSlabs(String mode) {
    float[] y =
        one(
            (b, x) ->
                b.call("scatter", "y")
                    .in("data", x)
                    .ints("indices", 1)
                    .in("updates", Constants.floats(REAL, dims(1, 2), 2, 5))
                    .integer("axis", 0)
                    .text("mode", mode)
                    .gives(REAL, x.dims()),
            Tensor.ofFloats(dims(2, 2), 7, 8, 4, 4));
    float[] slab =
        switch (mode) {
          case "update" -> new float[] {2, 5};
          case "add" -> new float[] {6, 9};
          case "sub" -> new float[] {2, -1};
          case "mul" -> new float[] {8, 20};
          case "div" -> new float[] {2, 0.8f};
          case "max" -> new float[] {4, 5};
          default -> new float[] {2, 4};
        };

    assertThat(y).containsExactly(new float[] {7, 8, slab[0], slab[1]}, within(1e-6f));
  }

  @Test
  void sliceUpdate_writesOverABackwardSlice() {
    float[] y =
        one(
            (b, x) ->
                b.call("slice_update", "y")
                    .in("x", x)
                    .in("update", Constants.floats(REAL, dims(2), 10, 20))
                    .ints("begin", -1)
                    .ints("end", 0)
                    .ints("stride", -2)
                    .in("end_mask", Constants.bools(List.of(true)))
                    .gives(REAL, x.dims()),
            counted(4));

    assertThat(y).containsExactly(0, 20, 2, 10);
  }

  @Test
  void gatherInBatches_picksInEachByItsOwnIndices() {
    float[] y =
        one(
            (b, x) ->
                b.call("gather", "y")
                    .in("x", x)
                    .in(
                        "indices",
                        Mil.Value.of(
                            MilType.INT32, dims(2, 1), Constants.whole(MilType.INT32, 2, 0)))
                    .integer("axis", 2)
                    .integer("batch_dims", 1)
                    .flag("validate_indices", false)
                    .gives(REAL, dims(2, 2, 1)),
            counted(2, 2, 3));

    assertThat(y).containsExactly(2, 5, 6, 9);
  }

  @Test
  void resizeWithOffsetCorners_isALinearMap() {
    float[] y =
        one(
            (b, x) ->
                b.call("resize_bilinear", "y")
                    .in("x", x)
                    .integer("target_size_height", 1)
                    .integer("target_size_width", 5)
                    .text("sampling_mode", "OFFSET_CORNERS")
                    .gives(REAL, dims(1, 1, 5)),
            Tensor.ofFloats(dims(1, 1, 2), 0, 1));

    assertThat(y).containsExactly(new float[] {0.1f, 0.3f, 0.5f, 0.7f, 0.9f}, within(1e-6f));
  }

  @Test
  void upsampleBilinear_withoutAlignedCorners_hasHalfPixels() {
    float[] y =
        one(
            (b, x) ->
                b.call("upsample_bilinear", "y")
                    .in("x", x)
                    .integer("scale_factor_height", 1)
                    .integer("scale_factor_width", 3)
                    .flag("align_corners", false)
                    .gives(REAL, dims(1, 1, 6)),
            Tensor.ofFloats(dims(1, 1, 2), 0, 1));

    assertThat(y).containsExactly(new float[] {0, 0, 1 / 3f, 2 / 3f, 1, 1}, within(1e-6f));
  }

  @Test
  void affineByTheIdentity_changesNothing() {
    float[] y =
        one(
            (b, x) ->
                b.call("affine", "y")
                    .in("x", x)
                    .in("transform_matrix", Constants.floats(REAL, dims(1, 6), 1, 0, 0, 0, 1, 0))
                    .integer("output_height", 2)
                    .integer("output_width", 3)
                    .text("sampling_mode", "bilinear")
                    .text("padding_mode", "constant")
                    .number("padding_value", REAL, 0)
                    .text("coordinates_mode", "normalized_minus_one_to_one")
                    .flag("align_corners", true)
                    .gives(REAL, dims(1, 1, 2, 3)),
            counted(1, 1, 2, 3));

    assertThat(y).containsExactly(new float[] {0, 1, 2, 3, 4, 5}, within(1e-5f));
  }

  @Test
  void resampleByPixels_fillsWithItsValueOutside() {
    float[] y =
        one(
            (b, x) ->
                b.call("resample", "y")
                    .in("x", x)
                    .in(
                        "coordinates",
                        Constants.floats(REAL, dims(1, 1, 3, 2), 1, 0, 0.5f, 1, 9, 9))
                    .text("sampling_mode", "bilinear")
                    .text("padding_mode", "constant")
                    .number("padding_value", REAL, -7)
                    .text("coordinates_mode", "unnormalized")
                    .flag("align_corners", true)
                    .gives(REAL, dims(1, 1, 1, 3)),
            counted(1, 1, 2, 3));

    assertThat(y).containsExactly(new float[] {1, 3.5f, -7}, within(1e-5f));
  }

  @Test
  void cropResize_samplesTheBoxFromEndToEnd() {
    float[] y =
        one(
            (b, x) ->
                b.call("crop_resize", "y")
                    .in("x", x)
                    .in("boxes", Constants.floats(REAL, dims(1, 4), 0, 1, 1, 2))
                    .in("box_indices", Constants.ints(dims(0)))
                    .integer("target_height", 2)
                    .integer("target_width", 3)
                    .flag("normalized_coordinates", false)
                    .number("spatial_scale", REAL, 1)
                    .text("box_coordinate_mode", "CORNERS_HEIGHT_FIRST")
                    .text("sampling_mode", "STRICT_ALIGN_CORNERS")
                    .number("pad_value", REAL, 0)
                    .gives(REAL, dims(1, 1, 2, 3)),
            counted(1, 1, 2, 3));

    assertThat(y).containsExactly(new float[] {1, 1.5f, 2, 4, 4.5f, 5}, within(1e-5f));
  }

  @Test
  void rnnInReverse_givesItsSequenceInTheOrderOfItsSteps() {
    float[] y =
        one(
            (b, x) -> {
              List<Mil.Var> out = new ArrayList<>(List.of(var("y", 3, 1, 1), var("h", 1, 1)));
              b.call("rnn", "rnn")
                  .in("x", x)
                  .in("initial_h", Constants.floats(REAL, dims(1, 1), 0))
                  .in("weight_ih", Constants.floats(REAL, dims(1, 1), 1))
                  .in("weight_hh", Constants.floats(REAL, dims(1, 1), 1))
                  .text("direction", "reverse")
                  .flag("output_sequence", true)
                  .text("activation", "linear")
                  .as(out);
              return out.getFirst();
            },
            Tensor.ofFloats(dims(3, 1, 1), 1, 10, 100));

    assertThat(y).containsExactly(100, 110, 111);
  }

  @Test
  void gatesOfAnLstm_areInputForgetOutputCell() {
    // Weights of one unit, one input: the gates see 1, 2, 3 and 0.5 times x.
    float[] y =
        one(
            (b, x) -> {
              List<Mil.Var> out =
                  new ArrayList<>(List.of(var("y", 1, 1, 1), var("h", 1, 1), var("c", 1, 1)));
              b.call("lstm", "lstm")
                  .in("x", x)
                  .in("initial_h", Constants.floats(REAL, dims(1, 1), 0))
                  .in("initial_c", Constants.floats(REAL, dims(1, 1), 2))
                  .in("weight_ih", Constants.floats(REAL, dims(4, 1), 1, 2, 3, 0.5f))
                  .in("weight_hh", Constants.floats(REAL, dims(4, 1), 0, 0, 0, 0))
                  .as(out);
              return out.getFirst();
            },
            Tensor.ofFloats(dims(1, 1, 1), 1));
    double cell = sigmoid(2) * 2 + sigmoid(1) * Math.tanh(0.5);

    assertThat((double) y[0]).isCloseTo(sigmoid(3) * Math.tanh(cell), within(1e-6));
  }

  private static double sigmoid(double v) {
    return 1 / (1 + Math.exp(-v));
  }

  @Test
  void clampedReluAndTheParametricCurves_areTheirFormulas() {
    Tensor x = Tensor.ofFloats(dims(1, 2, 1), -1, 2);
    float[] clamped =
        one(
            (b, v) ->
                b.call("clamped_relu", "y")
                    .in("x", v)
                    .number("alpha", REAL, 0.5)
                    .number("beta", REAL, 1.5)
                    .gives(REAL, v.dims()),
            x);
    float[] curve =
        one(
            (b, v) ->
                b.call("softplus_parametric", "y")
                    .in("x", v)
                    .in("alpha", reals(2, 3))
                    .in("beta", reals(1, 0.5f))
                    .gives(REAL, v.dims()),
            x);

    assertThat(clamped).containsExactly(-0.5f, 1.5f);
    assertThat(curve)
        .containsExactly(
            new float[] {
              (float) (2 * Math.log1p(Math.exp(-1))), (float) (3 * Math.log1p(Math.exp(1)))
            },
            within(1e-5f));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "random_uniform: a graph gives the same outputs for the same inputs",
        "read_state: a graph keeps no state between runs",
        "list_read: a graph has no lists",
        "while_loop: a graph has no branches and loops",
        "non_maximum_suppression: how many boxes it keeps depends on the data",
        "conv_quantized: an op of another format, which no package has",
        "make_tea: this op is not known"
      })
  void opsWithoutCounterpart_areRefusedByName(String stated) {
    String type = stated.substring(0, stated.indexOf(':'));

    assertThatThrownBy(() -> one((b, x) -> b.call(type, "y").gives(REAL, dims(1)), counted(1)))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("op 'y': " + type + " cannot be read" + stated.substring(type.length()));
  }

  @Test
  void clippedCell_isRefused() {
    assertThatThrownBy(() ->
            one(
                (b, x) ->
                    b.call("lstm", "y")
                        .in("x", x)
                        .in("weight_hh", Constants.floats(REAL, dims(4, 1), 0, 0, 0, 0))
                        .number("clip", REAL, 3)
                        .gives(REAL, dims(1, 1, 1)),
                counted(1, 1, 1)))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage(
            "op 'y': lstm cannot be read: a clipped cell, of which it is not stated what is"
                + " clipped");
  }
}
