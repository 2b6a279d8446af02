package dev.inward.coreml;

import static dev.inward.coreml.OpCase.of;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Movement;
import dev.inward.graph.Movement.Resize;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Product;
import dev.inward.graph.Quantization;
import dev.inward.graph.Reduction;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.Windowed;
import dev.inward.graph.Windowed.AutoPad;
import dev.inward.graph.Windowed.PoolKind;
import dev.inward.graph.Windowed.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;

/// A case for every op that is written, with extents drawn anew for each kind of op.
final class OpCases {
  /// Extents are drawn anew for each kind of op, the same ones in every run.
  private static Random sizes = new Random(20);

  private OpCases() {}

  private static long size() {
    return 2 + sizes.nextInt(4);
  }

  static List<OpCase> all() {
    sizes = new Random(20);
    List<OpCase> cases = new ArrayList<>();
    elementwise(cases);
    products(cases);
    windows(cases);
    normalisations(cases);
    reductions(cases);
    movement(cases);
    picking(cases);
    quantisation(cases);
    RecurrentCases.add(cases);
    WrittenOutCases.add(cases);
    return cases;
  }

  private static void elementwise(List<OpCase> cases) {
    var positive =
        Set.of(
            Elementwise.Unary.Function.LOG,
            Elementwise.Unary.Function.SQRT,
            Elementwise.Unary.Function.RECIPROCAL);
    var small =
        Set.of(
            Elementwise.Unary.Function.ASIN,
            Elementwise.Unary.Function.ACOS,
            Elementwise.Unary.Function.ATANH,
            Elementwise.Unary.Function.TAN);
    for (var function : Elementwise.Unary.Function.values()) {
      if (function == Elementwise.Unary.Function.BITWISE_NOT) {
        continue;
      }
      var maker = of("unary_" + function.name().toLowerCase(java.util.Locale.ROOT));
      if (positive.contains(function)) {
        maker.range(0.1, 5);
      } else if (small.contains(function)) {
        maker.range(-0.9, 0.9);
      } else if (function == Elementwise.Unary.Function.ACOSH) {
        maker.range(1.1, 6);
      }
      if (function == Elementwise.Unary.Function.NOT) {
        maker.x(DataType.BOOL, size(), size());
      } else {
        maker.x(size(), size(), size());
      }
      cases.add(maker.op(new Elementwise.Unary(function)));
    }
    cases.add(
        of("neg_int")
            .x(DataType.INT64, 4)
            .op(new Elementwise.Unary(Elementwise.Unary.Function.NEG)));
    for (var function : Elementwise.Binary.Function.values()) {
      String name = "binary_" + function.name().toLowerCase(java.util.Locale.ROOT);
      var op = new Elementwise.Binary(function);
      switch (function) {
        case BITWISE_AND, BITWISE_OR, BITWISE_XOR, SHIFT_LEFT, SHIFT_RIGHT -> {}
        case AND, OR, XOR -> cases.add(of(name).x(DataType.BOOL, 3, 4).x(DataType.BOOL, 4).op(op));
        case POW -> cases.add(of(name).range(0.2, 2).x(3, 4).x(4).op(op));
        case PRELU -> {
          cases.add(of(name).x(2, 3, 4, 5).w(3, 1, 1).op(op));
          cases.add(of(name + "_scalar").x(2, 3).w(1).op(op));
          cases.add(of(name + "_general").x(2, 3).w(2, 3).op(op));
        }
        case DIV, MOD, FMOD -> cases.add(of(name).range(0.3, 4).x(2, 1, 4).x(3, 1).op(op));
        case ADD, SUB, MUL -> {
          cases.add(of(name).x(2, 1, 4).x(3, 1).op(op));
          cases.add(of(name + "_constant").x(2, 5).w(5).op(op));
          cases.add(
              of(name + "_int").range(-9, 9).x(DataType.INT64, 6).x(DataType.INT64, 6).op(op));
        }
        case EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> {
          cases.add(of(name).x(2, 1, 4).x(3, 1).op(op));
          cases.add(of(name + "_int").x(DataType.INT64, 9).x(DataType.INT64, 9).op(op));
        }
      }
    }
    cases.add(
        of("equal_bool")
            .x(DataType.BOOL, 9)
            .x(DataType.BOOL, 9)
            .op(new Elementwise.Binary(Elementwise.Binary.Function.EQUAL)));
    cases.add(
        of("div_int")
            .range(-9, 9)
            .x(DataType.INT64, 40)
            .ints(
                1, -2, 3, -4, 5, -6, 7, -8, 1, 2, 3, 4, 5, -5, 6, -7, 2, -2, 3, -3, 4, -4, 5, -5, 1,
                -1, 9, -9, 8, -8, 7, 6, 5, 4, 3, 2, 1, -1, -2, -3)
            .op(new Elementwise.Binary(Elementwise.Binary.Function.DIV)));
    for (var function : Elementwise.Variadic.Function.values()) {
      cases.add(
          of("variadic_" + function.name().toLowerCase(java.util.Locale.ROOT))
              .x(2, 3)
              .x(3)
              .x(2, 1)
              .op(new Elementwise.Variadic(function)));
    }
    cases.add(of("where").x(DataType.BOOL, 2, 3).x(2, 3).x(3).op(new Elementwise.Where()));
    cases.add(of("where_wide").x(DataType.BOOL, 4, 2, 3).x(3).x(2, 1).op(new Elementwise.Where()));
    cases.add(
        of("clip").x(3, 4).c(Tensor.scalar(-0.5f)).c(Tensor.scalar(1f)).op(new Elementwise.Clip()));
    cases.add(of("clip_low").x(3, 4).c(Tensor.scalar(-0.5f)).op(new Elementwise.Clip()));
    cases.add(of("clip_high").x(3).none().c(Tensor.scalar(0.5f)).op(new Elementwise.Clip()));
    cases.add(
        of("clip_int")
            .range(-9, 9)
            .x(DataType.INT64, 7)
            .c(Tensor.scalar(-2L))
            .c(Tensor.scalar(3L))
            .op(new Elementwise.Clip()));
    cases.add(of("cast_to_int").x(3, 4).op(new Elementwise.Cast(DataType.INT64)));
    cases.add(of("cast_to_bool").x(3, 4).op(new Elementwise.Cast(DataType.BOOL)));
    cases.add(
        of("cast_from_int").x(DataType.INT64, 3, 4).op(new Elementwise.Cast(DataType.FLOAT32)));
    cases.add(of("cast_to_half").x(3, 4).op(new Elementwise.Cast(DataType.FLOAT16)));
    cases.add(of("leaky_relu").x(3, 4).op(new Elementwise.LeakyRelu(0.1f)));
    cases.add(of("elu").x(3, 4).op(new Elementwise.Elu(0.7f)));
    cases.add(of("selu").x(3, 4).op(new Elementwise.Selu(1.673f, 1.05f)));
    cases.add(of("celu").x(3, 4).op(new Elementwise.Celu(0.8f)));
    cases.add(of("thresholded_relu").x(3, 4).op(new Elementwise.ThresholdedRelu(0.5f)));
    cases.add(of("hard_sigmoid").x(3, 4).op(new Elementwise.HardSigmoid(0.2f, 0.4f)));
    cases.add(of("shrink").x(3, 4).op(new Elementwise.Shrink(0.5f, 0.25f)));
    cases.add(of("swish").x(3, 4).op(new Elementwise.Swish(1)));
    cases.add(of("swish_scaled").x(3, 4).op(new Elementwise.Swish(1.5f)));
    cases.add(of("gelu").x(3, 4).op(new Elementwise.Gelu(false)));
    cases.add(of("gelu_tanh").x(3, 4).op(new Elementwise.Gelu(true)));
  }

  private static void products(List<OpCase> cases) {
    cases.add(of("matmul").x(2, 3, 4).x(2, 4, 5).op(new Product.MatMul()));
    cases.add(of("matmul_constant").x(2, 3, 4).w(4, 5).op(new Product.MatMul()));
    cases.add(of("matmul_rank_4").x(2, 3, 4, 5).w(5, 6).op(new Product.MatMul()));
    cases.add(of("matmul_vector").x(4).x(4, 5).op(new Product.MatMul()));
    cases.add(of("linear").x(2, 3, 4).w(4, 5).w(5).op(new Product.Linear()));
    cases.add(of("linear_rank_2").x(3, 4).w(4, 5).w(5).op(new Product.Linear()));
    cases.add(of("linear_rank_4").x(2, 3, 3, 4).w(4, 5).w(5).op(new Product.Linear()));
    cases.add(of("gemm").x(3, 4).w(4, 5).w(5).op(new Product.Gemm(1, 1, false, false)));
    cases.add(of("gemm_row").x(3, 4).w(4, 5).w(1, 5).op(new Product.Gemm(1, 1, false, false)));
    cases.add(of("gemm_trans_b").x(3, 4).w(5, 4).w(5).op(new Product.Gemm(1, 1, false, true)));
    cases.add(of("gemm_scaled").x(4, 3).w(5, 4).w(3, 5).op(new Product.Gemm(0.5f, 2, true, true)));
    cases.add(of("gemm_computed").x(4, 3).x(5, 4).op(new Product.Gemm(2, 1, true, true)));
    var plain = new Product.Attention(OptionalDouble.empty(), false);
    cases.add(of("attention").x(2, 3, 4, 8).x(2, 3, 5, 8).x(2, 3, 5, 8).op(plain));
    cases.add(
        of("attention_masked").x(2, 3, 4, 8).x(2, 3, 5, 8).x(2, 3, 5, 8).x(2, 1, 1, 5).op(plain));
    cases.add(
        of("attention_bool_mask")
            .x(1, 2, 4, 8)
            .x(1, 2, 5, 8)
            .x(1, 2, 5, 6)
            .c(
                Tensor.dense(
                    DataType.BOOL,
                    List.of(4L, 5L),
                    Storage.of(
                        new byte[] {1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 0, 1, 0, 1, 0, 1, 1, 0, 0, 1})))
            .op(plain));
    cases.add(
        of("attention_scaled")
            .x(2, 4, 8)
            .x(2, 5, 8)
            .x(2, 5, 8)
            .op(new Product.Attention(OptionalDouble.of(0.2), false)));
    cases.add(
        of("attention_causal")
            .x(2, 4, 8)
            .x(2, 4, 8)
            .x(2, 4, 8)
            .op(new Product.Attention(OptionalDouble.empty(), true)));
  }

  private static Window window(
      List<Long> kernel, List<Long> strides, List<Long> pads, AutoPad autoPad) {
    return new Window(kernel, strides, List.of(), pads, autoPad);
  }

  private static void windows(List<OpCase> cases) {
    var plain = window(List.of(), List.of(), List.of(), AutoPad.EXPLICIT);
    cases.add(of("conv").x(2, 3, 6, 7).w(4, 3, 3, 3).w(4).op(new Windowed.Conv(plain, 1)));
    cases.add(of("conv_without_bias").x(1, 2, 6, 5).w(4, 2, 2, 3).op(new Windowed.Conv(plain, 1)));
    cases.add(
        of("conv_uneven_pads")
            .x(1, 2, 6, 7)
            .w(3, 2, 3, 3)
            .w(3)
            .op(
                new Windowed.Conv(
                    new Window(
                        List.of(3L, 3L),
                        List.of(2L, 1L),
                        List.of(1L, 2L),
                        List.of(0L, 1L, 2L, 3L),
                        AutoPad.EXPLICIT),
                    1)));
    cases.add(
        of("conv_depthwise")
            .x(1, 4, 5, 5)
            .w(4, 1, 3, 3)
            .op(
                new Windowed.Conv(
                    window(List.of(), List.of(2L, 2L), List.of(1L, 1L, 1L, 1L), AutoPad.EXPLICIT),
                    4)));
    for (var same : List.of(AutoPad.SAME_UPPER, AutoPad.SAME_LOWER, AutoPad.VALID)) {
      cases.add(
          of("conv_" + same.name().toLowerCase(java.util.Locale.ROOT))
              .x(1, 2, 6, 7)
              .w(3, 2, 2, 4)
              .op(new Windowed.Conv(window(List.of(), List.of(2L, 1L), List.of(), same), 1)));
    }
    cases.add(of("conv_1d").x(2, 3, 9).w(4, 3, 3).w(4).op(new Windowed.Conv(plain, 1)));
    cases.add(of("conv_3d").x(1, 2, 4, 4, 4).w(3, 2, 2, 2, 2).op(new Windowed.Conv(plain, 1)));
    cases.add(
        of("conv_transpose")
            .x(1, 3, 4, 5)
            .w(3, 2, 3, 3)
            .w(2)
            .op(new Windowed.ConvTranspose(plain, 1, List.of(), List.of())));
    cases.add(
        of("conv_transpose_strided")
            .x(1, 4, 4, 5)
            .w(4, 2, 3, 3)
            .op(
                new Windowed.ConvTranspose(
                    window(List.of(), List.of(2L, 2L), List.of(1L, 0L, 0L, 1L), AutoPad.EXPLICIT),
                    2,
                    List.of(1L, 1L),
                    List.of())));
    for (var kind : List.of(PoolKind.MAX, PoolKind.AVERAGE)) {
      String name = kind.name().toLowerCase(java.util.Locale.ROOT);
      cases.add(
          of("pool_" + name)
              .x(1, 2, 7, 6)
              .op(pool(kind, List.of(2L, 2L), List.of(0L, 1L, 1L, 0L), false, true)));
      cases.add(
          of("pool_ceil_" + name)
              .x(1, 2, 8, 7)
              .op(pool(kind, List.of(2L, 2L), List.of(0L, 0L, 0L, 0L), true, false)));
    }
    cases.add(
        of("pool_average_uncounted")
            .x(1, 2, 7, 6)
            .op(pool(PoolKind.AVERAGE, List.of(1L, 2L), List.of(1L, 1L, 1L, 1L), false, false)));
    cases.add(
        of("pool_lp")
            .x(1, 2, 7, 6)
            .op(pool(PoolKind.LP, List.of(1L, 2L), List.of(0L, 0L, 0L, 0L), false, false)));
    for (var kind : PoolKind.values()) {
      cases.add(
          of("global_pool_" + kind.name().toLowerCase(java.util.Locale.ROOT))
              .x(2, 3, 4, 5)
              .op(new Windowed.GlobalPool(kind, 2)));
    }
  }

  private static Windowed.Pool pool(
      PoolKind kind, List<Long> strides, List<Long> pads, boolean ceil, boolean count) {
    return new Windowed.Pool(
        kind, window(List.of(3L, 3L), strides, pads, AutoPad.EXPLICIT), ceil, count, 2, false);
  }

  private static void normalisations(List<OpCase> cases) {
    cases.add(
        of("batch_norm")
            .x(2, 3, 4, 5)
            .w(3)
            .w(3)
            .w(3)
            .positive(3)
            .op(new Normalization.BatchNorm(1e-3f)));
    cases.add(
        of("batch_norm_flat")
            .x(4, 3)
            .w(3)
            .w(3)
            .w(3)
            .positive(3)
            .op(new Normalization.BatchNorm(1e-3f)));
    cases.add(of("layer_norm").x(2, 3, 8).w(8).w(8).op(new Normalization.LayerNorm(-1, 1e-5f)));
    cases.add(
        of("layer_norm_two_axes").x(2, 3, 4).w(3, 4).op(new Normalization.LayerNorm(1, 1e-5f)));
    cases.add(
        of("layer_norm_broadcast")
            .x(2, 3, 4)
            .w(4)
            .w(3, 1)
            .op(new Normalization.LayerNorm(1, 1e-5f)));
    cases.add(
        of("layer_norm_computed").x(2, 8).x(8).x(8).op(new Normalization.LayerNorm(-1, 1e-5f)));
    cases.add(of("rms_norm").x(2, 3, 8).w(8).op(new Normalization.RmsNorm(-1, 1e-5f)));
    cases.add(
        of("instance_norm").x(2, 3, 4, 5).w(3).w(3).op(new Normalization.InstanceNorm(1e-3f)));
    cases.add(of("group_norm").x(2, 4, 3, 5).w(4).w(4).op(new Normalization.GroupNorm(2, 1e-3f)));
    cases.add(of("lp_norm_1").x(2, 6).op(new Normalization.LpNorm(-1, 1)));
    cases.add(of("lp_norm_2").x(2, 6).op(new Normalization.LpNorm(0, 2)));
    cases.add(
        of("local_response_norm")
            .x(1, 6, 3, 3)
            .op(new Normalization.LocalResponseNorm(3, 0.1f, 0.75f, 1)));
    cases.add(
        of("mean_variance_norm")
            .x(2, 3, 4, 4)
            .op(new Normalization.MeanVarianceNorm(List.of(0L, 2L, 3L))));
    cases.add(of("softmax").x(2, 3, 5).op(new Normalization.Softmax(1)));
    cases.add(of("log_softmax").x(2, 5).op(new Normalization.LogSoftmax(-1)));
    cases.add(of("hardmax").x(2, 5).op(new Normalization.Hardmax(-1)));
  }

  private static void reductions(List<OpCase> cases) {
    for (var function : Reduction.Reduce.Function.values()) {
      String name = "reduce_" + function.name().toLowerCase(java.util.Locale.ROOT);
      cases.add(
          of(name).range(0.2, 2).x(2, 3, 4).op(new Reduction.Reduce(function, List.of(-1L), true)));
      cases.add(
          of(name + "_two")
              .range(0.2, 2)
              .x(2, 3, 4)
              .op(new Reduction.Reduce(function, List.of(0L, 2L), false)));
    }
    cases.add(
        of("reduce_all")
            .x(2, 3)
            .op(new Reduction.Reduce(Reduction.Reduce.Function.SUM, List.of(), false)));
    cases.add(of("argmax").x(3, 5).op(new Reduction.ArgReduce(true, -1, false, false)));
    cases.add(of("argmin").x(3, 5).op(new Reduction.ArgReduce(false, 0, true, false)));
    cases.add(of("topk").x(3, 7).ints(3).op(new Reduction.TopK(-1, true, true), 2));
    cases.add(of("topk_least").x(3, 7).ints(2).op(new Reduction.TopK(0, false, true), 2));
    cases.add(of("cumsum").x(3, 4).c(Tensor.scalar(1L)).op(new Reduction.CumSum(true, true)));
  }

  private static void movement(List<OpCase> cases) {
    cases.add(of("shape_of").x(3, 4, 5).op(new Movement.ShapeOf(1, OptionalLong.empty())));
    cases.add(of("size").x(3, 4).op(new Movement.Size()));
    cases.add(of("reshape").x(3, 4).ints(2, -1).op(new Movement.Reshape(false)));
    cases.add(of("flatten").x(2, 3, 4).op(new Movement.Flatten(2)));
    cases.add(of("squeeze").x(1, 3, 1).op(new Movement.Squeeze(List.of(-1L))));
    cases.add(of("squeeze_all").x(1, 3, 1).op(new Movement.Squeeze(List.of())));
    cases.add(of("unsqueeze").x(3, 2).op(new Movement.Unsqueeze(List.of(-1L, 0L))));
    cases.add(of("transpose").x(2, 3, 4).op(new Movement.Transpose(List.of(2L, 0L, 1L))));
    cases.add(of("transpose_reversed").x(2, 3, 4).op(new Movement.Transpose(List.of())));
    cases.add(of("concat").x(2, 3).w(2, 2).x(2, 1).op(new Movement.Concat(-1)));
    cases.add(of("split").x(2, 7).op(new Movement.Split(1, List.of(3L, 4L)), 2));
    cases.add(of("split_evenly").x(5, 3).op(new Movement.Split(0, List.of()), 2));
    cases.add(
        of("slice").x(6, 7).ints(1).ints(Long.MAX_VALUE).ints(-1).ints(2).op(new Movement.Slice()));
    cases.add(
        of("slice_backwards")
            .x(6, 7)
            .ints(-1, 5)
            .ints(Long.MIN_VALUE + 7, 1)
            .ints(0, 1)
            .ints(-1, -2)
            .op(new Movement.Slice()));
    cases.add(of("expand").x(3, 1).ints(2, 3, 4).op(new Movement.Expand()));
    cases.add(of("tile").x(2, 3).ints(2, 1).op(new Movement.Tile()));
    cases.add(
        of("pad")
            .x(1, 2, 3, 4)
            .ints(0, 0, 1, 2, 0, 0, 3, 4)
            .c(Tensor.scalar(0.5f))
            .op(new Movement.Pad(Movement.Pad.Mode.CONSTANT)));
    cases.add(
        of("pad_axes")
            .x(2, 3, 4)
            .ints(1, 2)
            .none()
            .ints(1)
            .op(new Movement.Pad(Movement.Pad.Mode.CONSTANT)));
    cases.add(
        of("pad_reflect")
            .x(1, 2, 4, 5)
            .ints(0, 0, 1, 2, 0, 0, 2, 3)
            .op(new Movement.Pad(Movement.Pad.Mode.REFLECT)));
    cases.add(
        of("pad_edge")
            .x(1, 2, 4, 5)
            .ints(0, 0, 1, 2, 0, 0, 2, 3)
            .op(new Movement.Pad(Movement.Pad.Mode.EDGE)));
    cases.add(
        of("pad_int")
            .x(DataType.INT64, 2, 3)
            .ints(0, 1, 1, 0)
            .c(Tensor.scalar(7L))
            .op(new Movement.Pad(Movement.Pad.Mode.CONSTANT)));
    for (var mode :
        List.of(
            Resize.Coordinates.ALIGN_CORNERS,
            Resize.Coordinates.HALF_PIXEL,
            Resize.Coordinates.ASYMMETRIC)) {
      cases.add(
          of("resize_linear_" + mode.name().toLowerCase(java.util.Locale.ROOT))
              .x(1, 2, 4, 5)
              .none()
              .none()
              .ints(1, 2, 7, 8)
              .op(resize(Resize.Interpolation.LINEAR, mode)));
    }
    cases.add(
        of("resize_nearest")
            .x(1, 2, 4, 5)
            .none()
            .c(Tensor.ofFloats(List.of(4L), 1, 1, 2, 3))
            .op(resize(Resize.Interpolation.NEAREST, Resize.Coordinates.ASYMMETRIC)));
    cases.add(of("depth_to_space").x(1, 8, 2, 3).op(new Movement.DepthToSpace(2, false)));
    cases.add(of("pixel_shuffle").x(1, 8, 2, 3).op(new Movement.DepthToSpace(2, true)));
    cases.add(of("space_to_depth").x(1, 2, 4, 6).op(new Movement.SpaceToDepth(2)));
    cases.add(
        of("constant_of_shape")
            .x(2, 3)
            .nodes(
                List.of(
                    new Node(
                        "shape",
                        new Movement.ShapeOf(0, OptionalLong.empty()),
                        List.of("x0"),
                        List.of("shape")),
                    new Node(
                        "fill",
                        new Movement.ConstantOfShape(Tensor.ofFloats(List.of(1L), 2.5f)),
                        List.of("shape"),
                        List.of("filled")),
                    new Node(
                        "sum",
                        new Elementwise.Binary(Elementwise.Binary.Function.ADD),
                        List.of("x0", "filled"),
                        List.of("y0")))));
    for (long diagonal : new long[] {-1, 0, 2}) {
      String name = ("trilu_" + diagonal).replace('-', 'm');
      cases.add(
          of(name + "_upper").x(4, 5).c(Tensor.scalar(diagonal)).op(new Movement.Trilu(true)));
      cases.add(
          of(name + "_lower").x(4, 5).c(Tensor.scalar(diagonal)).op(new Movement.Trilu(false)));
    }
    cases.add(of("reverse_sequence").x(4, 3).ints(1, 4, 2).op(new Movement.ReverseSequence(1, 0)));
  }

  private static Resize resize(Resize.Interpolation mode, Resize.Coordinates coordinates) {
    return new Resize(
        mode,
        coordinates,
        Resize.NearestRounding.FLOOR,
        -0.75f,
        false,
        0,
        false,
        List.of(),
        Resize.AspectPolicy.STRETCH);
  }

  private static void picking(List<OpCase> cases) {
    cases.add(
        of("gather_embedding")
            .range(0, 9)
            .w(10, 4)
            .x(DataType.INT64, 2, 3)
            .op(new Movement.Gather(0)));
    cases.add(
        of("gather_negative")
            .w(10, 4)
            .range(-10, 9)
            .x(DataType.INT64, 2, 3)
            .op(new Movement.Gather(0)));
    cases.add(of("gather_constant").x(3, 5).ints(-1, 0, 2).op(new Movement.Gather(1)));
    cases.add(of("gather_one").x(3, 5, 2).c(Tensor.scalar(-2L)).op(new Movement.Gather(1)));
    cases.add(
        of("gather_computed_one")
            .range(-3, 2)
            .w(3, 5)
            .x(DataType.INT64)
            .op(new Movement.Gather(0)));
    cases.add(
        of("gather_elements_smaller")
            .x(5, 4)
            .c(Tensor.ofLongs(List.of(2L, 3L), 0, -1, 4, 3, 2, 1))
            .op(new Movement.GatherElements(0)));
    cases.add(
        of("gather_elements")
            .w(3, 4)
            .range(-3, 2)
            .x(DataType.INT64, 2, 4)
            .op(new Movement.GatherElements(0)));
    cases.add(
        of("gather_nd")
            .x(3, 4, 2)
            .c(Tensor.ofLongs(List.of(2L, 2L), 0, 1, 2, 3))
            .op(new Movement.GatherNd(0)));
    cases.add(
        of("scatter_elements")
            .x(3, 4)
            .c(Tensor.ofLongs(List.of(2L, 4L), 0, -1, 2, 1, 1, 2, 0, 0))
            .w(2, 4)
            .op(new Movement.ScatterElements(0, Movement.Combine.ADD)));
    cases.add(
        of("scatter_nd")
            .x(4, 3)
            .c(Tensor.ofLongs(List.of(2L, 1L), 2, 0))
            .w(2, 3)
            .op(new Movement.ScatterNd(Movement.Combine.REPLACE)));
    cases.add(
        of("one_hot")
            .range(-4, 4)
            .x(DataType.INT64, 2, 3)
            .c(Tensor.scalar(5L))
            .c(Tensor.ofFloats(List.of(2L), 0.5f, 2))
            .op(new Movement.OneHot(-1)));
  }

  private static void quantisation(List<OpCase> cases) {
    for (var type : List.of(DataType.INT8, DataType.UINT8)) {
      for (boolean channels : List.of(false, true)) {
        Tensor scale =
            channels ? Tensor.ofFloats(List.of(3L), 0.5f, 0.25f, 1) : Tensor.scalar(0.25f);
        byte[] zeros = channels ? new byte[] {1, 2, 3} : new byte[] {4};
        Tensor zero = Tensor.dense(type, scale.dims(), Storage.of(zeros));
        cases.add(
            of("quantize_" + type.text() + (channels ? "_channels" : ""))
                .x(2, 3, 4)
                .c(scale)
                .c(zero)
                .nodes(
                    List.of(
                        new Node(
                            "q",
                            new Quantization.Quantize(type, 1, 0),
                            List.of("x0", "c1", "c2"),
                            List.of("codes")),
                        new Node(
                            "dq",
                            new Quantization.Dequantize(1, 0),
                            List.of("codes", "c1", "c2"),
                            List.of("y0"))))
                .from(Target.IOS17));
      }
    }
    cases.add(
        of("quantize_symmetric")
            .x(2, 3)
            .c(Tensor.scalar(0.5f))
            .c(Tensor.dense(DataType.INT8, List.of(), Storage.of(new byte[1])))
            .nodes(
                List.of(
                    new Node(
                        "q",
                        new Quantization.Quantize(DataType.INT8, 1, 0),
                        List.of("x0", "c1", "c2"),
                        List.of("codes")),
                    new Node(
                        "dq",
                        new Quantization.Dequantize(1, 0),
                        List.of("codes", "c1"),
                        List.of("y0"))))
            .from(Target.IOS17));
  }
}
