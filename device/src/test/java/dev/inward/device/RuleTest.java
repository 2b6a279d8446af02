package dev.inward.device;

import static dev.inward.device.Placed.half;
import static dev.inward.device.Placed.of;
import static dev.inward.device.Placed.one;
import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Unary.Function;
import dev.inward.graph.Movement;
import dev.inward.graph.Normalization;
import dev.inward.graph.Op;
import dev.inward.graph.Product;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Reduction;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Windowed;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/// Each rule on both sides of its limit.
final class RuleTest {
  private static final Op RELU = new Elementwise.Unary(Function.RELU);

  private static Windowed.Window window(long... kernel) {
    return new Windowed.Window(
        Arrays.stream(kernel).boxed().toList(),
        List.of(),
        List.of(),
        List.of(),
        Windowed.AutoPad.EXPLICIT);
  }

  private static Placed convolution(long height, long width) {
    return one(
        new Windowed.Conv(window(), 1),
        Map.of("x", half(1, 1, 64, 64), "z", half(1, 1, height, width)),
        Map.of());
  }

  @Test
  void everyRule_hasASourceOnEveryChip() {
    for (Chip chip : Chip.all()) {
      for (Rule rule : Rule.values()) {
        assertThat(rule.source(chip)).as(rule + " on " + chip.name()).hasSizeGreaterThan(20);
      }
    }
    assertThat(Rule.KERNEL_WIDTH.title()).isEqualTo("kernel width");
  }

  @Test
  void extent_is16384BeforeA16And65536From() {
    one(RELU, half(1, 16_384)).allowed("A15 Bionic");
    one(RELU, half(1, 16_385))
        .refused(
            "A15 Bionic",
            Rule.EXTENT,
            "the Neural Engine of A15 Bionic has extents up to 16384, not 16385");
    one(RELU, half(1, 16_385))
        .refused("M3", Rule.EXTENT, "the Neural Engine of M3 has extents up to 16384, not 16385");
    one(RELU, half(1, 65_536)).allowed("A16 Bionic");
    one(RELU, half(65_537))
        .refused("M4", Rule.EXTENT, "the Neural Engine of M4 has extents up to 65536, not 65537");
  }

  @Test
  void channelsAndBatch_haveLimitsOfTheirOwn() {
    one(RELU, half(1, 65_536, 1, 1)).allowed("A15 Bionic");
    one(RELU, half(1, 65_537, 1, 1))
        .refused(
            "A15 Bionic",
            Rule.CHANNELS,
            "the Neural Engine of A15 Bionic has channels up to 65536, not 65537");
    one(RELU, half(4096, 1, 1, 1)).allowed("A12 Bionic");
    one(RELU, half(4097, 1, 1, 1))
        .refused(
            "A12 Bionic",
            Rule.BATCH,
            "the Neural Engine of A12 Bionic has batches up to 4096, not 4097");
    one(RELU, half(4097, 1, 1, 1)).allowed("A13 Bionic");
  }

  @Test
  void rank_isAtMostFive() {
    one(RELU, half(1, 1, 2, 2, 2)).allowed("A15 Bionic");
    one(RELU, half(1, 1, 1, 2, 2, 2))
        .refused("A15 Bionic", Rule.RANK, "the Neural Engine has at most 5 axes, not 6");
  }

  @Test
  void product_hasAtMostFourAxes() {
    var matmul = new Product.MatMul();
    one(matmul, Map.of("x", half(1, 2, 3, 4), "z", half(1, 2, 4, 5)), Map.of()).allowed("M1");
    one(matmul, Map.of("x", half(1, 1, 2, 3, 4), "z", half(1, 1, 2, 4, 5)), Map.of())
        .refused(
            "M1",
            Rule.PRODUCT_RANK,
            "the Neural Engine multiplies matrices of at most 4 axes, not 5");
  }

  @Test
  void kernelWidth_is13Then15() {
    convolution(3, 13).allowed("A15 Bionic");
    convolution(3, 14)
        .refused(
            "A15 Bionic",
            Rule.KERNEL_WIDTH,
            "the Neural Engine of A15 Bionic has kernels up to 13 wide, not 3x14");
    convolution(3, 15).allowed("A16 Bionic");
    convolution(3, 16)
        .refused(
            "M4", Rule.KERNEL_WIDTH, "the Neural Engine of M4 has kernels up to 15 wide, not 3x16");
  }

  @Test
  void kernelHeight_is29Then32() {
    convolution(29, 3).allowed("M1");
    convolution(30, 3)
        .refused(
            "M1",
            Rule.KERNEL_HEIGHT,
            "the Neural Engine of M1 has kernels up to 29 high, not 30x3");
    convolution(32, 3).allowed("M2");
    convolution(33, 3)
        .refused(
            "M5",
            Rule.KERNEL_HEIGHT,
            "the Neural Engine of M5 has kernels up to 32 high, not 33x3");
  }

  @Test
  void runtimeKernel_needsBatchOne() {
    var conv = new Windowed.Conv(window(), 1);
    convolution(3, 3).allowed("A15 Bionic");
    one(conv, Map.of("x", half(2, 1, 8, 8), "z", half(1, 1, 3, 3)), Map.of())
        .refused(
            "A15 Bionic",
            Rule.RUNTIME_KERNEL,
            "the Neural Engine convolves with a weight computed at run time for batch 1, not 2");
    one(conv, half(2, 1, 8, 8), halves(1, 1, 3, 3)).allowed("A15 Bionic");
  }

  private static Tensor halves(long... dims) {
    long count = Arrays.stream(dims).reduce(1, (a, b) -> a * b);
    return Tensor.dense(
        DataType.FLOAT16,
        Arrays.stream(dims).boxed().toList(),
        dev.inward.graph.Storage.of(new byte[(int) count * 2]));
  }

  @Test
  void convolution_slidesOverTwoAxes() {
    var conv = new Windowed.Conv(window(), 1);
    one(conv, half(1, 1, 8), halves(1, 1, 3)).allowed("M5");
    one(conv, half(1, 1, 8, 8, 8), halves(1, 1, 3, 3, 3))
        .refused(
            "M5", Rule.CONVOLUTION_RANK, "the Neural Engine convolves over at most 2 axes, not 3");
  }

  @Test
  void poolWindow_growsWithTheChip() {
    var narrow = new Windowed.Pool(Windowed.PoolKind.MAX, window(29, 29), false, false, 2, false);
    var wide = new Windowed.Pool(Windowed.PoolKind.MAX, window(31, 31), false, false, 2, false);
    var wider = new Windowed.Pool(Windowed.PoolKind.MAX, window(32, 2), false, false, 2, false);
    one(narrow, half(1, 1, 64, 64)).allowed("M1");
    one(narrow, half(1, 1, 64, 64))
        .refused(
            "A12 Bionic",
            Rule.POOL_WINDOW,
            "the Neural Engine of A12 Bionic has pooling windows up to 13, not 29x29");
    one(wide, half(1, 1, 64, 64))
        .refused(
            "A13 Bionic",
            Rule.POOL_WINDOW,
            "the Neural Engine of A13 Bionic has pooling windows up to 29, not 31x31");
    one(wide, half(1, 1, 64, 64)).allowed("M2");
    one(wider, half(1, 1, 64, 64))
        .refused(
            "M5",
            Rule.POOL_WINDOW,
            "the Neural Engine of M5 has pooling windows up to 31, not 32x2");
  }

  @Test
  void largestIndex_couldBeFoundAmong2048ButCoreMlKeepsIt() {
    var op = new Reduction.ArgReduce(true, 1, true, false);
    var could = one(op, half(1, 2048)).on("A15 Bionic");
    assertThat(could.reason())
        .contains(
            new Reason(
                Rule.LARGEST_INDEX, "Core ML computes the index of a largest element on the CPU"));
    assertThat(could.certainty()).isEqualTo(Certainty.ELIGIBLE);
    assertThat(could.unit()).isEqualTo(ComputeUnit.CPU);
    var not = one(op, half(1, 2049)).on("A15 Bionic");
    assertThat(not.why())
        .isEqualTo("the Neural Engine finds an index among at most 2048 elements, not 2049");
    assertThat(not.certainty()).isEqualTo(Certainty.LIKELY);
  }

  @Test
  void smallestIndex_isOfA15() {
    var op = new Reduction.ArgReduce(false, 1, true, false);
    one(op, half(1, 8))
        .refused(
            "M2",
            Rule.SMALLEST_INDEX,
            "the Neural Engine computes the index of a smallest element from A15 and M3 on");
    assertThat(one(op, half(1, 8)).on("M3").is(Rule.LARGEST_INDEX)).isTrue();
  }

  @Test
  void trigonometry_isOfA15() {
    var sine = new Elementwise.Unary(Function.SIN);
    one(sine, half(1, 8))
        .refused(
            "A14 Bionic",
            Rule.TRIGONOMETRY,
            "the Neural Engine computes sine and cosine from A15 and M3 on");
    one(sine, half(1, 8)).allowed("A15 Bionic");
    one(sine, half(1, 8)).allowed("M3");
  }

  private static Placed resize() {
    return one(
        new Movement.Resize(
            Movement.Resize.Interpolation.LINEAR,
            Movement.Resize.Coordinates.HALF_PIXEL,
            Movement.Resize.NearestRounding.FLOOR,
            -0.75f,
            false,
            0,
            false,
            List.of(2L, 3L),
            Movement.Resize.AspectPolicy.STRETCH),
        Map.of("x", half(1, 1, 4, 4)),
        Map.of("y1", Tensor.ofFloats(List.of(0L)), "y2", Tensor.ofFloats(List.of(2L), 2, 2)));
  }

  @Test
  void resizing_isOfM2() {
    resize().refused("M1", Rule.TEXTURE, "the Neural Engine computes resizing from A14 and M2 on");
    resize().allowed("M2");
  }

  @Test
  void lookup_isOfTheCpuThoughLaterEnginesCould() {
    var gather = new Movement.Gather(0);
    var inputs = Map.of("x", half(8, 4), "z", of(DataType.INT32, 1, 3));
    assertThat(one(gather, inputs, Map.of()).on("M1"))
        .satisfies(placed -> {
          assertThat(placed.unit()).isEqualTo(ComputeUnit.CPU);
          assertThat(placed.certainty()).isEqualTo(Certainty.LIKELY);
          assertThat(placed.is(Rule.LOOKUP)).isTrue();
        });
    assertThat(one(gather, inputs, Map.of()).on("M2").certainty()).isEqualTo(Certainty.ELIGIBLE);
  }

  @Test
  void reductions_areOfA13() {
    var softmax = new Normalization.Softmax(-1);
    one(softmax, half(1, 8))
        .refused(
            "A12 Bionic", Rule.REDUCTION, "the Neural Engine computes softmax from A13 and M1 on");
    one(softmax, half(1, 8)).allowed("A13 Bionic");
    one(new Reduction.Reduce(Reduction.Reduce.Function.PROD, List.of(1L), true), half(1, 8))
        .refused("M5", Rule.NO_SUCH_OP, "the Neural Engine has no product over an axis");
  }

  private static Placed pad(Movement.Pad.Mode mode, long... pads) {
    return one(
        new Movement.Pad(mode),
        half(1, 3, 8, 8),
        Tensor.ofLongs(List.of((long) pads.length), pads));
  }

  @Test
  void padding_isOfTheLastTwoAxesByAConstantOrAReflection() {
    pad(Movement.Pad.Mode.CONSTANT, 0, 0, 1, 1, 0, 0, 1, 1).allowed("M1");
    pad(Movement.Pad.Mode.CONSTANT, 0, 1, 0, 0, 0, 0, 0, 0)
        .refused("M5", Rule.PAD_AXES, "the Neural Engine pads the last 2 axes, not axis 1 of 4");
    pad(Movement.Pad.Mode.REFLECT, 0, 0, 1, 1, 0, 0, 1, 1)
        .refused(
            "M1",
            Rule.REFLECTION,
            "the Neural Engine computes reflected padding from A14 and M2 on");
    pad(Movement.Pad.Mode.REFLECT, 0, 0, 1, 1, 0, 0, 1, 1).allowed("M2");
    pad(Movement.Pad.Mode.EDGE, 0, 0, 1, 1, 0, 0, 1, 1)
        .refused("M5", Rule.PAD_MODE, "the Neural Engine pads with a constant or a reflection");
  }

  @Test
  void concat_countsItsAxisFromTheFront() {
    var inputs = Map.of("x", half(1, 3), "z", half(1, 4));
    one(new Movement.Concat(1), inputs, Map.of()).allowed("M1");
    one(new Movement.Concat(-1), inputs, Map.of())
        .refused(
            "M1",
            Rule.CONCAT_AXIS,
            "the Neural Engine concatenates along an axis counted from the front, not -1");
  }

  @Test
  void blocksAndRepeats_haveFactorsOfTwoAndThree() {
    one(new Movement.DepthToSpace(4, false), half(1, 16, 2, 2)).allowed("M1");
    one(new Movement.DepthToSpace(5, false), half(1, 25, 2, 2))
        .refused(
            "M1",
            Rule.BLOCK_FACTOR,
            "the Neural Engine moves channels to space by 2, 3, 4 or 8, not by 5");
    one(new Movement.Tile(), half(1, 4), Tensor.ofLongs(List.of(2L), 1, 6)).allowed("M1");
    one(new Movement.Tile(), half(1, 4), Tensor.ofLongs(List.of(2L), 1, 5))
        .refused(
            "M1",
            Rule.TILE_FACTOR,
            "the Neural Engine repeats by 2, 3, 4 and 8 and their products, not 5 times");
  }

  @Test
  void ranking_isOfM2() {
    var op = new Reduction.TopK(1, true, true);
    var k = Tensor.vector(2);
    assertThat(one(op, half(1, 8), k).on("M1").is(Rule.RANKING)).isTrue();
    assertThat(one(op, half(1, 8), k).on("M2").is(Rule.RANKING)).isFalse();
  }

  @Test
  void recurrence_isOfNoChip() {
    var cell =
        new Recurrent(
            Recurrent.Kind.GRU,
            Recurrent.Direction.FORWARD,
            2,
            List.of(),
            List.of(),
            List.of(),
            OptionalDouble.empty(),
            false,
            false,
            false);
    var graph =
        dev.inward.graph.Graph.builder("g")
            .input("x", half(3, 1, 2))
            .constant("w", halves(1, 6, 2))
            .constant("r", halves(1, 6, 2))
            .node(cell, List.of("x", "w", "r"), "y")
            .output("y")
            .build();
    assertThat(Placement.ofProgram(graph, Chip.named("M5")).nodes().getFirst().reason())
        .contains(new Reason(Rule.RECURRENCE, "recurrent cells never run on the Neural Engine"));
  }

  @Test
  void openShape_isOffTheEngine() {
    one(RELU, new TensorType(DataType.FLOAT16, Shape.of(List.of(Dim.of("n"), Dim.of(3)))))
        .refused(
            "M5", Rule.FLEXIBLE, "a shape that is not fixed keeps a node off the Neural Engine");
  }

  @Test
  void types_areHalfPrecision() {
    one(RELU, half(1, 8)).allowed("M1");
    one(RELU, of(DataType.FLOAT32, 1, 8))
        .refused("M1", Rule.FLOAT32, "what is typed float32 never runs on the Neural Engine");
    one(new Elementwise.Cast(DataType.FLOAT16), of(DataType.FLOAT32, 1, 8))
        .refused(
            "M1",
            Rule.INTERFACE,
            "the Neural Engine takes and gives no float32, so this cast is outside");
    var add = new Elementwise.Binary(Elementwise.Binary.Function.ADD);
    one(add, Map.of("x", of(DataType.INT32, 4), "z", of(DataType.INT32, 4)), Map.of())
        .refused("M1", Rule.WHOLE_NUMBERS, "the Neural Engine has no int32");
    one(add, Map.of("x", of(DataType.UINT8, 4), "z", of(DataType.UINT8, 4)), Map.of())
        .refused(
            "M1", Rule.WHOLE_NUMBERS, "the Neural Engine computes in half precision, not in uint8");
    one(new Elementwise.Cast(DataType.FLOAT16), of(DataType.UINT8, 4)).allowed("M1");
    one(RELU, of(DataType.FLOAT64, 4))
        .refused("M1", Rule.NO_SUCH_TYPE, "the Neural Engine has no float64");
  }

  @Test
  void chipWithoutEngine_usesTheGpu() {
    one(RELU, half(1, 8))
        .refused(
            "A11 Bionic",
            Rule.NO_ENGINE,
            "no Core ML program reaches a Neural Engine on A11 Bionic");
  }
}
