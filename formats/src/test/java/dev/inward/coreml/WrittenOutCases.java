package dev.inward.coreml;

import static dev.inward.coreml.OpCase.of;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Movement;
import dev.inward.graph.Movement.GridSample;
import dev.inward.graph.Movement.Pad;
import dev.inward.graph.Movement.Resize;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Op;
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
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Random;

/// Cases of ops that Core ML has in another form, or not at all, and that are written as several.
final class WrittenOutCases {
  private WrittenOutCases() {}

  static void add(List<OpCase> cases) {
    sums(cases);
    pools(cases);
    convolutions(cases);
    resizes(cases);
    grids(cases);
    places(cases);
    pads(cases);
    bits(cases);
    codes(cases);
    norms(cases);
    rest(cases);
  }

  private static void sums(List<OpCase> cases) {
    record Sum(String equation, long[]... shapes) {}
    for (var sum :
        List.of(
            new Sum("ij,jk->ik", new long[] {2, 3}, new long[] {3, 4}),
            new Sum("bij,bjk->bik", new long[] {2, 2, 3}, new long[] {2, 3, 4}),
            new Sum("bhqd,bhkd->bhqk", new long[] {2, 2, 3, 4}, new long[] {2, 2, 5, 4}),
            new Sum("bqhd,bkhd->bhqk", new long[] {1, 3, 2, 4}, new long[] {1, 5, 2, 4}),
            new Sum("i,j->ij", new long[] {3}, new long[] {4}),
            new Sum("ij,ij->ij", new long[] {3, 4}, new long[] {3, 4}),
            new Sum("ij,ij->", new long[] {3, 4}, new long[] {3, 4}),
            new Sum("ii->i", new long[] {4, 4}),
            new Sum("bii->b", new long[] {2, 3, 3}),
            new Sum("ijk->ki", new long[] {2, 3, 4}),
            new Sum("ij->", new long[] {2, 3}),
            new Sum("...ij,jk", new long[] {2, 2, 3}, new long[] {3, 4}),
            new Sum("...i,...i->...", new long[] {2, 3, 4}, new long[] {3, 4}),
            new Sum("bij,bjk->bik", new long[] {1, 2, 3}, new long[] {2, 3, 4}),
            new Sum("ab,bc,cd->ad", new long[] {2, 3}, new long[] {3, 4}, new long[] {4, 2}),
            new Sum("nchw,nwhu->nchu", new long[] {1, 2, 3, 4}, new long[] {1, 4, 3, 2}),
            new Sum("abc,cd,b->dab", new long[] {2, 3, 4}, new long[] {4, 2}, new long[] {3}),
            new Sum("bs,bsd->bd", new long[] {2, 3}, new long[] {2, 3, 4}),
            new Sum("ba", new long[] {1, 2}))) {
      var maker = of("einsum_" + cases.size() + "_" + sum.equation().replaceAll("[^a-z]", "_"));
      for (long[] shape : sum.shapes()) {
        maker.x(shape);
      }
      cases.add(maker.op(new Product.Einsum(sum.equation())));
    }
  }

  private static Window window(
      List<Long> kernel, List<Long> strides, List<Long> dilations, Long... pads) {
    return new Window(kernel, strides, dilations, List.of(pads), AutoPad.EXPLICIT);
  }

  private static void pools(List<OpCase> cases) {
    for (var kind : PoolKind.values()) {
      String name = kind.name().toLowerCase(Locale.ROOT);
      var holes = window(List.of(2L, 3L), List.of(2L, 1L), List.of(2L, 2L), 1L, 1L, 1L, 2L);
      for (boolean ceil : new boolean[] {false, true}) {
        for (boolean counted : new boolean[] {false, true}) {
          cases.add(
              of("pool_holes_" + name + "_" + ceil + counted)
                  .x(2, 2, 8, 7)
                  .op(new Windowed.Pool(kind, holes, ceil, counted, 3, false)));
        }
      }
      cases.add(
          of("pool_3d_" + name)
              .x(1, 2, 4, 5, 4)
              .op(
                  new Windowed.Pool(
                      kind,
                      window(List.of(2L, 2L, 3L), List.of(2L, 1L, 1L), List.of()),
                      false,
                      true,
                      2,
                      false)));
      cases.add(
          of("pool_1d_" + name)
              .x(1, 2, 9)
              .op(
                  new Windowed.Pool(
                      kind,
                      window(List.of(3L), List.of(2L), List.of(), 1L, 1L),
                      false,
                      true,
                      1,
                      false)));
      cases.add(of("global_pool_3d_" + name).x(2, 3, 2, 3, 4).op(new Windowed.GlobalPool(kind, 3)));
    }
    cases.add(
        of("pool_average_ceil_counted")
            .x(1, 2, 8, 7)
            .op(
                new Windowed.Pool(
                    PoolKind.AVERAGE,
                    window(List.of(3L, 3L), List.of(2L, 2L), List.of(), 1L, 1L, 1L, 1L),
                    true,
                    true,
                    2,
                    false)));
    for (boolean column : new boolean[] {false, true}) {
      cases.add(
          of("pool_places_" + column)
              .x(2, 2, 6, 7)
              .op(
                  new Windowed.Pool(
                      PoolKind.MAX,
                      window(List.of(3L, 2L), List.of(2L, 2L), List.of(), 1L, 0L, 1L, 1L),
                      false,
                      false,
                      2,
                      column),
                  2));
    }
    cases.add(
        of("pool_places_1d")
            .x(1, 3, 9)
            .op(
                new Windowed.Pool(
                    PoolKind.MAX,
                    window(List.of(3L), List.of(2L), List.of(2L)),
                    false,
                    false,
                    2,
                    false),
                2));
  }

  private static void convolutions(List<OpCase> cases) {
    cases.add(
        of("conv_transpose_1d")
            .x(2, 4, 5)
            .w(4, 3, 3)
            .w(6)
            .op(
                new Windowed.ConvTranspose(
                    window(List.of(), List.of(3L), List.of(2L), 1L, 2L),
                    2,
                    List.of(2L),
                    List.of())));
    cases.add(
        of("conv_transpose_3d")
            .x(1, 2, 3, 3, 3)
            .w(2, 3, 2, 2, 2)
            .w(3)
            .op(
                new Windowed.ConvTranspose(
                    window(List.of(), List.of(2L, 1L, 2L), List.of()), 1, List.of(), List.of())));
    cases.add(
        of("conv_transpose_shape")
            .x(1, 2, 4, 5)
            .w(2, 3, 3, 3)
            .op(
                new Windowed.ConvTranspose(
                    new Window(
                        List.of(), List.of(2L, 2L), List.of(), List.of(), AutoPad.SAME_UPPER),
                    1,
                    List.of(),
                    List.of(8L, 10L))));
    cases.add(
        of("conv_transpose_computed")
            .x(1, 2, 4, 5)
            .x(2, 3, 3, 3)
            .op(
                new Windowed.ConvTranspose(
                    window(List.of(), List.of(), List.of()), 1, List.of(), List.of()))
            .from(Target.IOS17));
    cases.add(
        of("conv_computed")
            .x(1, 2, 5, 5)
            .x(3, 2, 3, 3)
            .op(new Windowed.Conv(window(List.of(), List.of(), List.of()), 1)));
    cases.add(
        of("conv_1d_grouped")
            .x(2, 4, 9)
            .w(6, 2, 3)
            .w(6)
            .op(new Windowed.Conv(window(List.of(), List.of(2L), List.of(2L), 1L, 2L), 2)));
    cases.add(
        of("conv_3d_strided")
            .x(1, 2, 5, 4, 5)
            .w(4, 1, 2, 3, 2)
            .op(
                new Windowed.Conv(
                    window(List.of(), List.of(2L, 1L, 2L), List.of(), 1L, 0L, 1L, 0L, 1L, 1L), 2)));
  }

  private static void resizes(List<OpCase> cases) {
    var random = new Random(31);
    for (var mode : Resize.Interpolation.values()) {
      for (var coordinates : Resize.Coordinates.values()) {
        for (int i = 0; i < 2; i++) {
          var nearest =
              Resize.NearestRounding.values()[
                  random.nextInt(Resize.NearestRounding.values().length)];
          var op =
              new Resize(
                  mode,
                  coordinates,
                  nearest,
                  -0.5f - 0.25f * i,
                  mode == Resize.Interpolation.CUBIC && i == 1,
                  0.5f,
                  false,
                  List.of(),
                  Resize.AspectPolicy.STRETCH);
          String name = "resize_" + mode + "_" + coordinates + "_" + nearest + "_" + i;
          var maker = of(name.toLowerCase(Locale.ROOT)).x(1, 2, 4, 5);
          if (coordinates == Resize.Coordinates.TF_CROP_AND_RESIZE) {
            maker.c(Tensor.ofFloats(List.of(8L), 0, 0, 0.1f, -0.2f, 1, 1, 0.8f, 1.3f));
          } else {
            maker.none();
          }
          maker.none().ints(1, 2, 3 + random.nextInt(6), 1 + random.nextInt(8));
          cases.add(maker.op(op));
        }
      }
    }
    for (var mode : Resize.Interpolation.values()) {
      var plain = resize(mode, Resize.Coordinates.HALF_PIXEL, List.of());
      String name = mode.name().toLowerCase(Locale.ROOT);
      cases.add(
          of("resize_broken_scale_" + name)
              .x(1, 1, 5, 4)
              .none()
              .c(Tensor.ofFloats(List.of(4L), 1, 1, 1.5f, 0.7f))
              .op(plain));
      cases.add(
          of("resize_3d_" + name).x(1, 2, 3, 2, 4).none().none().ints(1, 2, 5, 4, 3).op(plain));
      cases.add(of("resize_1d_" + name).x(1, 2, 5).none().none().ints(1, 2, 9).op(plain));
      cases.add(of("resize_line_" + name).x(5).none().none().ints(9).op(plain));
      cases.add(
          of("resize_channels_" + name)
              .x(2, 3, 4, 2)
              .none()
              .none()
              .ints(5, 6)
              .op(resize(mode, Resize.Coordinates.ALIGN_CORNERS, List.of(1L, 2L))));
    }
    cases.add(
        of("resize_int")
            .range(0, 200)
            .x(DataType.INT32, 1, 1, 3, 4)
            .none()
            .none()
            .ints(1, 1, 6, 8)
            .op(resize(Resize.Interpolation.LINEAR, Resize.Coordinates.HALF_PIXEL, List.of())));
    cases.add(
        of("resize_not_larger")
            .x(1, 1, 4, 6)
            .none()
            .none()
            .ints(9, 9)
            .op(
                new Resize(
                    Resize.Interpolation.LINEAR,
                    Resize.Coordinates.HALF_PIXEL,
                    Resize.NearestRounding.FLOOR,
                    -0.75f,
                    false,
                    0,
                    false,
                    List.of(2L, 3L),
                    Resize.AspectPolicy.NOT_LARGER)));
  }

  private static Resize resize(
      Resize.Interpolation mode, Resize.Coordinates coordinates, List<Long> axes) {
    return new Resize(
        mode,
        coordinates,
        Resize.NearestRounding.ROUND_PREFER_FLOOR,
        -0.75f,
        false,
        0,
        false,
        axes,
        Resize.AspectPolicy.STRETCH);
  }

  private static void grids(List<OpCase> cases) {
    for (var mode : List.of(Resize.Interpolation.LINEAR, Resize.Interpolation.NEAREST)) {
      for (var padding : GridSample.Padding.values()) {
        for (boolean aligned : new boolean[] {false, true}) {
          String name = "grid_" + mode + "_" + padding + "_" + aligned;
          cases.add(
              of(name.toLowerCase(Locale.ROOT))
                  .range(-1.3, 1.3)
                  .x(2, 2, 5, 4)
                  .x(2, 3, 3, 2)
                  .op(new GridSample(mode, padding, aligned)));
        }
      }
    }
  }

  private static void places(List<OpCase> cases) {
    for (var combine : Movement.Combine.values()) {
      String name = combine.name().toLowerCase(Locale.ROOT);
      cases.add(
          of("scatter_elements_smaller_" + name)
              .x(4, 5)
              .c(Tensor.ofLongs(List.of(2L, 3L), 0, -1, 2, 3, 1, 0))
              .x(2, 3)
              .op(new Movement.ScatterElements(0, combine)));
      cases.add(
          of("scatter_nd_" + name)
              .x(4, 3, 2)
              .c(Tensor.ofLongs(List.of(3L, 2L), 0, -1, -2, 0, 3, 2))
              .x(3, 2)
              .op(new Movement.ScatterNd(combine)));
    }
    cases.add(
        of("scatter_elements_computed")
            .x(4, 5)
            .range(0, 0.4)
            .x(DataType.INT64, 1, 3)
            .x(1, 3)
            .op(new Movement.ScatterElements(1, Movement.Combine.ADD)));
    cases.add(
        of("scatter_nd_computed")
            .range(-1.4, 1.4)
            .x(4, 5)
            .x(DataType.INT64, 1, 1)
            .x(1, 5)
            .op(new Movement.ScatterNd(Movement.Combine.REPLACE)));
    cases.add(
        of("gather_nd_computed")
            .range(-2, 1)
            .x(3, 4)
            .x(DataType.INT64, 5, 2)
            .op(new Movement.GatherNd(0)));
    cases.add(
        of("gather_nd_batched")
            .x(2, 3, 4)
            .c(Tensor.ofLongs(List.of(2L, 1L), -1, 1))
            .op(new Movement.GatherNd(1))
            .from(Target.IOS16));
    cases.add(of("gather_bool").x(DataType.BOOL, 4, 3).ints(2, 0, -1).op(new Movement.Gather(0)));
    cases.add(of("gather_int").x(DataType.INT64, 4, 3).ints(2, 0, -1).op(new Movement.Gather(0)));
    cases.add(
        of("one_hot_computed")
            .range(0, 4)
            .x(DataType.INT64, 3)
            .c(Tensor.scalar(5L))
            .x(2)
            .op(new Movement.OneHot(0)));
    cases.add(
        of("one_hot_int")
            .range(0, 3)
            .x(DataType.INT64, 2, 2)
            .c(Tensor.scalar(4L))
            .ints(-1, 7)
            .op(new Movement.OneHot(1)));
  }

  private static void pads(List<OpCase> cases) {
    for (var mode : Pad.Mode.values()) {
      String name = mode.name().toLowerCase(Locale.ROOT);
      cases.add(of("pad_all_" + name).x(3, 2, 4).ints(2, 1, 0, 1, 1, 2).op(new Pad(mode)));
      cases.add(of("pad_cut_" + name).x(4, 5).ints(-1, 2, 1, -2).op(new Pad(mode)));
      cases.add(of("pad_whole_" + name).x(DataType.INT64, 3, 4).ints(1, 0, 0, 2).op(new Pad(mode)));
    }
    cases.add(of("pad_far_wrap").x(2, 3).ints(3, 4, 0, 1).op(new Pad(Pad.Mode.WRAP)));
    cases.add(of("pad_negative_only").x(4, 5).ints(-1, 0, -1, -2).op(new Pad(Pad.Mode.CONSTANT)));
    cases.add(of("pad_bool").x(DataType.BOOL, 2, 3).ints(0, 1, 1, 0).op(new Pad(Pad.Mode.EDGE)));
  }

  private static void bits(List<OpCase> cases) {
    for (var function :
        List.of(
            Binary.Function.BITWISE_AND, Binary.Function.BITWISE_OR, Binary.Function.BITWISE_XOR)) {
      String name = function.name().toLowerCase(Locale.ROOT);
      cases.add(
          of(name)
              .range(-3e4, 3e4)
              .x(DataType.INT32, 3, 4)
              .x(DataType.INT32, 4)
              .op(new Binary(function)));
      cases.add(
          of(name + "_mask")
              .range(-1e9, 1e9)
              .x(DataType.INT64, 6)
              .ints(255, -256, 1, 0, -1, 0x7fffffff)
              .op(new Binary(function)));
    }
    cases.add(
        of("bitwise_not")
            .range(-1e9, 1e9)
            .x(DataType.INT32, 5)
            .op(new Unary(Unary.Function.BITWISE_NOT)));
    for (var function : List.of(Binary.Function.SHIFT_LEFT, Binary.Function.SHIFT_RIGHT)) {
      cases.add(
          of(function.name().toLowerCase(Locale.ROOT))
              .range(0, 255)
              .x(DataType.INT64, 4)
              .c(bytes(DataType.UINT8, List.of(4L), 0, 1, 3, 7))
              .nodes(
                  List.of(
                      node(new Elementwise.Cast(DataType.UINT8), "byte", "x0"),
                      node(new Binary(function), "shifted", "byte", "c1"),
                      node(new Elementwise.Cast(DataType.FLOAT32), "y0", "shifted")))
              .from(Target.IOS17));
    }
  }

  private static Node node(Op op, String out, String... in) {
    return new Node(out, op, List.of(in), List.of(out));
  }

  private static Tensor bytes(DataType type, List<Long> dims, int... values) {
    byte[] out = new byte[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = (byte) values[i];
    }
    return Tensor.dense(type, dims, Storage.of(out));
  }

  private static Tensor randomBytes(long seed, DataType type, long... dims) {
    long count = 1;
    List<Long> all = new ArrayList<>();
    for (long size : dims) {
      count *= size;
      all.add(size);
    }
    byte[] out = new byte[(int) count];
    new Random(seed).nextBytes(out);
    return Tensor.dense(type, all, Storage.of(out));
  }

  private static void codes(List<OpCase> cases) {
    cases.add(
        of("dynamic_quantize")
            .x(3, 4)
            .nodes(
                List.of(
                    new Node(
                        "q",
                        new Quantization.DynamicQuantize(),
                        List.of("x0"),
                        List.of("codes", "scale", "zero")),
                    node(new Quantization.Dequantize(0, 0), "y0", "codes", "scale", "zero")))
            .from(Target.IOS17));
    for (long axis : new long[] {0, 1}) {
      cases.add(
          of("quantize_computed_" + axis)
              .range(0.5, 2)
              .x(3, 4)
              .x(axis == 0 ? 3 : 4)
              .nodes(
                  List.of(
                      node(new Quantization.Quantize(DataType.INT8, axis, 0), "codes", "x0", "x1"),
                      node(new Quantization.Dequantize(axis, 0), "y0", "codes", "x1")))
              .from(Target.IOS17));
    }
    for (var type : List.of(DataType.INT8, DataType.UINT8)) {
      String name = type.text();
      cases.add(
          of("matmul_integer_" + name)
              .range(0, 200)
              .x(DataType.INT64, 3, 4)
              .c(randomBytes(1, type, 4, 2))
              .c(bytes(DataType.UINT8, List.of(), 7))
              .c(bytes(type, List.of(2L), 3, 100))
              .nodes(
                  List.of(
                      node(new Elementwise.Cast(DataType.UINT8), "byte", "x0"),
                      node(new Quantization.MatMulInteger(), "y0", "byte", "c1", "c2", "c3")))
              .from(Target.IOS17));
      var window = window(List.of(), List.of(2L, 1L), List.of(), 1L, 1L, 1L, 0L);
      cases.add(
          of("conv_integer_" + name)
              .range(0, 200)
              .x(DataType.INT64, 1, 2, 5, 4)
              .c(randomBytes(2, type, 3, 2, 3, 2))
              .c(bytes(DataType.UINT8, List.of(), 9))
              .c(bytes(type, List.of(), 4))
              .nodes(
                  List.of(
                      node(new Elementwise.Cast(DataType.UINT8), "byte", "x0"),
                      node(
                          new Quantization.ConvInteger(window, 1), "y0", "byte", "c1", "c2", "c3")))
              .from(Target.IOS17));
      cases.add(
          of("qlinear_matmul_" + name)
              .range(0, 200)
              .x(DataType.INT64, 3, 4)
              .c(Tensor.scalar(0.0123f))
              .c(bytes(DataType.UINT8, List.of(), 100))
              .c(randomBytes(3, type, 4, 2))
              .c(Tensor.scalar(0.0217f))
              .c(bytes(type, List.of(), 20))
              .c(Tensor.scalar(0.0371f))
              .c(bytes(DataType.UINT8, List.of(), 120))
              .nodes(
                  List.of(
                      node(new Elementwise.Cast(DataType.UINT8), "byte", "x0"),
                      node(
                          new Quantization.QLinearMatMul(),
                          "codes",
                          "byte",
                          "c1",
                          "c2",
                          "c3",
                          "c4",
                          "c5",
                          "c6",
                          "c7"),
                      node(new Elementwise.Cast(DataType.FLOAT32), "y0", "codes")))
              .from(Target.IOS17));
      cases.add(
          of("qlinear_conv_" + name)
              .range(0, 200)
              .x(DataType.INT64, 1, 2, 5, 4)
              .c(Tensor.scalar(0.0123f))
              .c(bytes(DataType.UINT8, List.of(), 100))
              .c(randomBytes(4, type, 3, 2, 3, 2))
              .c(Tensor.ofFloats(List.of(3L), 0.0217f, 0.0331f, 0.0119f))
              .c(bytes(type, List.of(3L), 0, 5, 20))
              .c(Tensor.scalar(0.0571f))
              .c(bytes(DataType.UINT8, List.of(), 120))
              .c(
                  Tensor.dense(
                      DataType.INT32, List.of(3L), Constants.whole(MilType.INT32, 300, -1200, 77)))
              .nodes(
                  List.of(
                      node(new Elementwise.Cast(DataType.UINT8), "byte", "x0"),
                      node(
                          new Quantization.QLinearConv(window, 1),
                          "codes",
                          "byte",
                          "c1",
                          "c2",
                          "c3",
                          "c4",
                          "c5",
                          "c6",
                          "c7",
                          "c8"),
                      node(new Elementwise.Cast(DataType.FLOAT32), "y0", "codes")))
              .from(Target.IOS17));
    }
  }

  private static void norms(List<OpCase> cases) {
    cases.add(
        of("batch_norm_computed")
            .range(0.5, 2)
            .x(2, 3, 4)
            .x(3)
            .x(3)
            .x(3)
            .x(3)
            .op(new Normalization.BatchNorm(1e-3f)));
    cases.add(
        of("batch_norm_3d")
            .x(1, 3, 2, 3, 2)
            .w(3)
            .w(3)
            .w(3)
            .positive(3)
            .op(new Normalization.BatchNorm(1e-3f)));
    cases.add(
        of("instance_norm_3d")
            .x(2, 3, 2, 3, 4)
            .w(3)
            .w(3)
            .op(new Normalization.InstanceNorm(1e-3f)));
    cases.add(
        of("instance_norm_computed")
            .x(2, 3, 5)
            .x(3)
            .x(3)
            .op(new Normalization.InstanceNorm(1e-3f)));
    cases.add(
        of("group_norm_3d").x(1, 4, 2, 3, 2).w(4).w(4).op(new Normalization.GroupNorm(2, 1e-3f)));
    for (long[] dims : new long[][] {{2, 5}, {1, 5, 4}, {1, 5, 2, 2, 3}}) {
      cases.add(
          of("local_response_norm_" + dims.length)
              .x(dims)
              .op(new Normalization.LocalResponseNorm(4, 0.2f, 0.5f, 2)));
    }
    cases.add(of("rms_norm_two_axes").x(2, 3, 4).w(3, 4).op(new Normalization.RmsNorm(1, 1e-5f)));
    cases.add(of("layer_norm_all").x(3, 4).op(new Normalization.LayerNorm(0, 1e-5f)));
    cases.add(
        of("attention_causal_mask")
            .x(2, 2, 4, 8)
            .x(2, 2, 4, 8)
            .x(2, 2, 4, 8)
            .x(2, 1, 1, 4)
            .op(new Product.Attention(OptionalDouble.empty(), true)));
    for (var causal : List.of(false, true)) {
      cases.add(
          of("attention_ranks_" + causal)
              .x(1, 2, 3, 4, 6)
              .x(1, 2, 3, 4, 6)
              .x(1, 2, 3, 4, 6)
              .x(4, 4)
              .op(new Product.Attention(OptionalDouble.of(0.3), causal)));
      cases.add(
          of("attention_flat_" + causal)
              .x(4, 6)
              .x(5, 6)
              .x(5, 3)
              .op(new Product.Attention(OptionalDouble.empty(), causal)));
    }
  }

  private static void rest(List<OpCase> cases) {
    for (var function :
        List.of(
            Binary.Function.ADD, Binary.Function.MUL, Binary.Function.DIV, Binary.Function.LESS)) {
      for (var type : List.of(DataType.INT8, DataType.UINT8)) {
        cases.add(
            of("narrow_" + function.name().toLowerCase(Locale.ROOT) + "_" + type.text())
                .range(1, 120)
                .x(DataType.INT64, 7)
                .x(DataType.INT64, 7)
                .nodes(
                    List.of(
                        node(new Elementwise.Cast(type), "a", "x0"),
                        node(new Elementwise.Cast(type), "b", "x1"),
                        node(new Binary(function), "c", "a", "b"),
                        node(new Elementwise.Cast(DataType.FLOAT32), "y0", "c")))
                .from(Target.IOS17));
      }
    }
    cases.add(
        of("narrow_moves")
            .range(0, 120)
            .x(DataType.INT64, 2, 6)
            .nodes(
                List.of(
                    node(new Elementwise.Cast(DataType.UINT8), "a", "x0"),
                    node(new Movement.Transpose(List.of(1L, 0L)), "b", "a"),
                    new Node(
                        "split",
                        new Movement.Split(0, List.of(2L, 4L)),
                        List.of("b"),
                        List.of("p", "q")),
                    node(new Movement.Concat(0), "c", "q", "p", "b"),
                    node(new Elementwise.Cast(DataType.FLOAT32), "y0", "c")))
            .from(Target.IOS17));
    for (boolean largest : new boolean[] {false, true}) {
      cases.add(
          of("arg_last_" + largest)
              .range(0, 2)
              .x(DataType.INT64, 3, 9)
              .op(new Reduction.ArgReduce(largest, 1, true, true)));
    }
    cases.add(
        of("trilu_int_m1")
            .x(DataType.INT64, 4, 5)
            .c(Tensor.scalar(2L))
            .op(new Movement.Trilu(true)));
    cases.add(
        of("trilu_bool")
            .x(DataType.BOOL, 4, 4)
            .c(Tensor.scalar(-1L))
            .op(new Movement.Trilu(false)));
    cases.add(of("relu_int").range(-9, 9).x(DataType.INT32, 6).op(new Unary(Unary.Function.RELU)));
    cases.add(
        of("pow_int")
            .range(-5, 5)
            .x(DataType.INT64, 6)
            .ints(2)
            .op(new Binary(Binary.Function.POW)));
    cases.add(
        of("space_to_depth_int")
            .range(0, 99)
            .x(DataType.INT64, 1, 1, 4, 4)
            .op(new Movement.SpaceToDepth(2)));
    cases.add(
        of("topk_int")
            .range(-50, 50)
            .x(DataType.INT32, 2, 7)
            .ints(7)
            .op(new Reduction.TopK(1, true, true), 2));
    for (boolean exclusive : new boolean[] {false, true}) {
      for (boolean reverse : new boolean[] {false, true}) {
        cases.add(
            of("cumsum_" + exclusive + reverse)
                .x(DataType.INT32, 3, 4)
                .c(Tensor.scalar(-1L))
                .op(new Reduction.CumSum(exclusive, reverse)));
      }
    }
    cases.add(
        of("range_of_reals")
            .x(4)
            .c(Tensor.scalar(0.5f))
            .c(Tensor.scalar(2.5f))
            .c(Tensor.scalar(0.5f))
            .nodes(
                List.of(
                    node(new Movement.Range(), "r", "c1", "c2", "c3"),
                    node(new Binary(Binary.Function.ADD), "y0", "x0", "r"))));
    cases.add(
        of("reverse_sequence_batch_first")
            .x(3, 4, 2)
            .ints(1, 4, 2)
            .op(new Movement.ReverseSequence(0, 1)));
  }
}
