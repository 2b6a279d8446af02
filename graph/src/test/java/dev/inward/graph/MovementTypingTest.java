package dev.inward.graph;

import static dev.inward.graph.Nets.refused;
import static dev.inward.graph.Nets.typeOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.inward.base.InputException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class MovementTypingTest {
  @Test
  void reshape_fillsWhatIsLeftOpen() {
    assertThat(typeOf("Reshape", "float32[2x3x4]", "int64[2] = 6, -1")).isEqualTo("float32[6x4]");
    assertThat(typeOf("Reshape", "float32[b x s x 384]", "int64[4] = 0, 0, 12, -1"))
        .isEqualTo("float32[b x s x 12 x 32]");
    assertThat(typeOf("Reshape", "float32[b x s x 384]", "int64[2] = -1, 384"))
        .isEqualTo("float32[b*s x 384]");
    assertThat(typeOf("Reshape", "float32[s x 3]", "int64[2] = -1, 6"))
        .isEqualTo("float32[floor(s/2) x 6]");
    assertThat(typeOf("Reshape", "float32[1]", "int64[0] = ")).isEqualTo("float32[]");
    assertThat(typeOf("Reshape{allowZero}", "float32[0x3]", "int64[2] = 3, 0"))
        .isEqualTo("float32[3x0]");
  }

  @Test
  void reshapeToAnotherNumberOfElements_isRefused() {
    refused(
        "[Reshape] [2x3] has 6 elements, [4x2] has 8",
        "Reshape",
        "float32[2x3]",
        "int64[2] = 4, 2");
    refused(
        "[Reshape] [2x3] has 6 elements, which [4 x -1] does not divide",
        "Reshape",
        "float32[2x3]",
        "int64[2] = 4, -1");
    refused(
        "[Reshape] [-1 x -1] leaves two extents open",
        "Reshape",
        "float32[2x3]",
        "int64[2] = -1, -1");
    refused(
        "[Reshape] [1 x 1 x 0] copies axis 2, which [2x3] has not",
        "Reshape",
        "float32[2x3]",
        "int64[3] = 1, 1, 0");
    var fault =
        catchThrowableOfType(
            InputException.class, () -> Nets.of("Reshape", "float32[2x3]", "int64[2] = 4, -1"));
    assertThat(fault.hint()).contains("6 leaves a remainder when divided by 4");
  }

  @Test
  void axes_comeAndGo() {
    assertThat(typeOf("Unsqueeze{axes=[0, -1]}", "float32[n x 3]"))
        .isEqualTo("float32[1 x n x 3 x 1]");
    assertThat(typeOf("Squeeze{axes=[-1]}", "float32[n x 1]")).isEqualTo("float32[n]");
    assertThat(typeOf("Squeeze", "float32[1x3x1]")).isEqualTo("float32[3]");
    assertThat(typeOf("Squeeze", "float32[n x 1]")).isEqualTo("float32[?]");
    assertThat(typeOf("Flatten{axis=2}", "float32[n x 2 x 3 x 4]")).isEqualTo("float32[2*n x 12]");
    assertThat(typeOf("Transpose{permutation=[0, 2, 1]}", "float32[n x 2 x 3]"))
        .isEqualTo("float32[n x 3 x 2]");
    assertThat(typeOf("Transpose", "float32[n x 2 x 3]")).isEqualTo("float32[3 x 2 x n]");
    refused("[Squeeze] axis 1 of [2x3] is 3, not 1", "Squeeze{axes=[1]}", "float32[2x3]");
    refused(
        "[Transpose] [0, 0] is no order of the axes of [2x3]",
        "Transpose{permutation=[0, 0]}",
        "float32[2x3]");
    refused("[Flatten] axis 3 is out of range for [2x3]", "Flatten{axis=3}", "float32[2x3]");
    refused(
        "[Unsqueeze] axes [0, 0] name one axis twice for [2x3]",
        "Unsqueeze{axes=[0, 0]}",
        "float32[2x3]");
  }

  @Test
  void concatenation_addsUp() {
    assertThat(typeOf("Concat{axis=1}", "float32[n x 2]", "float32[n x 3]"))
        .isEqualTo("float32[n x 5]");
    assertThat(typeOf("Concat{axis=-2}", "float32[b x past x 64]", "float32[b x seq x 64]"))
        .isEqualTo("float32[b x past + seq x 64]");
    assertThat(typeOf("Concat{axis=0}", "float32[n x 2]", "float32[?]"))
        .isEqualTo("float32[y#0 x 2]");
    refused(
        "[Concat] operands differ beside axis 0: [1x2] and [1x3]",
        "Concat{axis=0}",
        "float32[1x2]",
        "float32[1x3]");
    refused("[Concat] axis 2 is out of range for [1x2]", "Concat{axis=2}", "float32[1x2]");
  }

  @Test
  void split_hasItsSizes() {
    var stated = Nets.several("y, z", "Split{axis=0, sizes=[2, 3]}", "float32[5x2]");
    assertThat(Nets.typeOf(stated, "y")).isEqualTo("float32[2x2]");
    assertThat(Nets.typeOf(stated, "z")).isEqualTo("float32[3x2]");
    var equal = Nets.several("y, z", "Split{axis=-1}", "float32[n x 5]");
    assertThat(Nets.typeOf(equal, "y")).isEqualTo("float32[n x 3]");
    assertThat(Nets.typeOf(equal, "z")).isEqualTo("float32[n x 2]");
    refused(
        "[Split] sizes [2] add up to 2, axis 0 of [5x2] is 5",
        "Split{axis=0, sizes=[2]}",
        "float32[5x2]");
  }

  @Test
  void slices_clampTheirEnds() {
    assertThat(typeOf("Slice", "float32[10]", "int64[1] = -3", "int64[1] = 9223372036854775807"))
        .isEqualTo("float32[3]");
    assertThat(typeOf("Slice", "float32[b x s]", "int64[1] = 0", "int64[1] = -1", "int64[1] = 1"))
        .isEqualTo("float32[b x s - 1]");
    assertThat(
            typeOf(
                "Slice",
                "float32[b x s]",
                "int64[1] = 1",
                "int64[1] = 9223372036854775807",
                "int64[1] = -1",
                "int64[1] = 2"))
        .isEqualTo("float32[b x floor(s/2)]");
    assertThat(typeOf("Slice", "float32[s]", "int64[1] = 0", "int64[1] = 5"))
        .isEqualTo("float32[min(5, s)]");
    assertThat(typeOf("Slice", "float32[s]", "int64[1] = 0", "int64[1] = 1"))
        .isEqualTo("float32[1]");
    assertThat(
            typeOf(
                "Slice",
                "float32[s]",
                "int64[1] = -1",
                "int64[1] = -9223372036854775808",
                "int64[1] = 0",
                "int64[1] = -1"))
        .isEqualTo("float32[s]");
    assertThat(typeOf("Slice", "float32[4x5]", "int64[1]", "int64[1]", "int64[1]"))
        .isEqualTo("float32[y#0 x y#1]");
    refused(
        "[Slice] a step is not 0",
        "Slice",
        "float32[4]",
        "int64[1] = 0",
        "int64[1] = 1",
        "int64[1] = 0",
        "int64[1] = 0");
    refused(
        "[Slice] axis 4 is out of range for [4]",
        "Slice",
        "float32[4]",
        "int64[1] = 0",
        "int64[1] = 1",
        "int64[1] = 4");
  }

  /// Against positions that are walked one by one.
  @RepeatedTest(300)
  void slice_hasAsManyElementsAsAWalkOverIt(RepetitionInfo repetition) {
    int seed = repetition.getCurrentRepetition();
    var random = new Random(seed);
    int size = random.nextInt(0, 9);
    int start = random.nextInt(-12, 13);
    int end = random.nextInt(-12, 13);
    int step = random.nextInt(1, 4) * (random.nextBoolean() ? 1 : -1);
    int low = step > 0 ? 0 : -1;
    int high = step > 0 ? size : size - 1;
    int at = Math.min(Math.max(start < 0 ? start + size : start, 0), high);
    int stop = Math.min(Math.max(end < 0 ? end + size : end, low), high);
    int count = 0;
    for (; step > 0 ? at < stop : at > stop; at += step) {
      count++;
    }
    String[] operands = {
      "int64[1] = " + start, "int64[1] = " + end, "int64[1] = 0", "int64[1] = " + step
    };

    assertThat(
            typeOf(
                "Slice",
                "float32[" + size + "]",
                operands[0],
                operands[1],
                operands[2],
                operands[3]))
        .as("seed %d", seed)
        .isEqualTo("float32[" + count + "]");
    // A symbol stands for 1 at least.
    if (size > 0) {
      var open = Nets.of("Slice", "float32[n]", operands[0], operands[1], operands[2], operands[3]);
      assertThat(evaluate(open.shape("y").dim(0).toString(), size))
          .as("seed %d: %s", seed, open.shape("y"))
          .isIn((long) count, -1L);
    }
  }

  /// An extent for a number in place of `n`, or -1 for one that depends on data.
  private static long evaluate(String text, long n) {
    return text.equals("y#0") ? -1 : ExpressionValue.of(text, Map.of("n", n));
  }

  /// A shape with a symbol, bound afterwards, against the shape of the bound input.
  @RepeatedTest(100)
  void symbolicReshape_keepsTheNumberOfElements(RepetitionInfo repetition) {
    int seed = repetition.getCurrentRepetition();
    var random = new Random(seed);
    long n = random.nextLong(1, 9);
    long p = random.nextLong(1, 5);
    long q = random.nextLong(1, 5);
    var graph =
        Nets.of(
            "Reshape",
            "float32[n x %d x %d]".formatted(p * q, q),
            List.of("int64[3] = 0, %d, -1", "int64[2] = -1, %d", "int64[3] = %d, -1, 1")
                .get(random.nextInt(3))
                .formatted(q));
    var bound = graph.bind(Map.of("n", n));

    assertThat(bound.shape("y").elements().orElseThrow())
        .as("seed %d", seed)
        .isEqualTo(n * p * q * q);
    for (int i = 0; i < bound.shape("y").rank(); i++) {
      assertThat(evaluate(graph.shape("y").dim(i).toString(), n))
          .as("seed %d: %s", seed, graph.shape("y"))
          .isEqualTo(bound.shape("y").sizes()[i]);
    }
  }

  @Test
  void picking_putsTheIndicesInPlaceOfTheAxis() {
    assertThat(typeOf("Gather{axis=0}", "float32[30522x384]", "int64[batch x seq]"))
        .isEqualTo("float32[batch x seq x 384]");
    assertThat(typeOf("Gather{axis=1}", "float32[2x3x4]", "int64[] = 1")).isEqualTo("float32[2x4]");
    assertThat(typeOf("GatherElements{axis=1}", "float32[2x3]", "int64[2x5]"))
        .isEqualTo("float32[2x5]");
    assertThat(typeOf("GatherNd{batchDims=1}", "float32[b x 3 x 4]", "int64[b x 2 x 1]"))
        .isEqualTo("float32[b x 2 x 4]");
    assertThat(typeOf("OneHot{axis=-1}", "int64[n]", "int64[] = 7", "float32[2]"))
        .isEqualTo("float32[n x 7]");
    assertThat(typeOf("NonZero", "float32[2x3]")).isEqualTo("int64[2 x y#1]");
    refused(
        "[Gather] index 3 is outside axis 0 of [3x4]",
        "Gather{axis=0}",
        "float32[3x4]",
        "int64[1] = 3");
    refused(
        "[Gather] axis 2 is out of range for [3x4]", "Gather{axis=2}", "float32[3x4]", "int64[1]");
    refused(
        "[GatherNd] 3 indices each are more than x has axes: [2x3] x [1x3]",
        "GatherNd{batchDims=0}",
        "float32[2x3]",
        "int64[1x3]");
  }

  @Test
  void scatter_keepsItsShapeAndChecksTheUpdates() {
    assertThat(typeOf("ScatterNd{combine=replace}", "float32[4x5]", "int64[2x1]", "float32[2x5]"))
        .isEqualTo("float32[4x5]");
    refused(
        "[ScatterNd] updates are [2x5], got [2x4]",
        "ScatterNd{combine=add}",
        "float32[4x5]",
        "int64[2x1]",
        "float32[2x4]");
    refused(
        "[ScatterElements] updates are [2x5], got [2x4]",
        "ScatterElements{axis=0, combine=add}",
        "float32[4x5]",
        "int64[2x5]",
        "float32[2x4]");
  }

  @Test
  void copies_haveTheStatedExtents() {
    assertThat(typeOf("Expand", "float32[3x1]", "int64[3] = 2, 1, 6")).isEqualTo("float32[2x3x6]");
    assertThat(typeOf("Tile", "float32[n x 3]", "int64[2] = 2, 3")).isEqualTo("float32[2*n x 9]");
    assertThat(typeOf("ConstantOfShape{value=int64[1] 7}", "int64[2] = 2, 3"))
        .isEqualTo("int64[2x3]");
    assertThat(typeOf("Range", "int64[] = 1", "int64[] = 8", "int64[] = 3")).isEqualTo("int64[3]");
    assertThat(typeOf("Range", "float32[] = 0.0", "float32[] = 1.0", "float32[] = 0.25"))
        .isEqualTo("float32[4]");
    refused(
        "[Expand] [3x2] does not broadcast to [3x6]", "Expand", "float32[3x2]", "int64[2] = 3, 6");
    refused(
        "[ConstantOfShape] the shape [2 x -3] has a negative extent",
        "ConstantOfShape{value=int64[1] 7}",
        "int64[2] = 2, -3");
    refused("[Range] a step is not 0", "Range", "int64[] = 1", "int64[] = 8", "int64[] = 0");
  }

  @Test
  void sizesThatOverflow_areRefused() {
    refused(
        "[ConstantOfShape] [4294967296x4294967296] has more elements than can be counted",
        "ConstantOfShape{value=int64[1] 7}",
        "int64[2] = 4294967296, 4294967296");
    refused(
        "[Tile] sizes are too large to be counted: [4294967296] x [1]",
        "Tile",
        "float32[4294967296]",
        "int64[1] = 4294967296");
  }

  @Test
  void images_arePaddedResizedAndRearranged() {
    assertThat(
            typeOf(
                "Pad{mode=constant}",
                "float32[1 x 3 x h x 5]",
                "int64[8] = 0, 0, 1, 2, 0, 0, 3, -1"))
        .isEqualTo("float32[1 x 3 x h + 4 x 6]");
    assertThat(typeOf("Pad{mode=edge}", "float32[1x5]", "int64[2] = 1, 2", "", "int64[1] = -1"))
        .isEqualTo("float32[1x8]");
    String resize =
        "Resize{mode=nearest, coordinates=asymmetric, nearest=floor, cubicA=0.0,"
            + " extrapolation=0.0, aspect=stretch}";
    assertThat(typeOf(resize, "float32[1 x 3 x h x 5]", "", "float32[4] = 1.0, 1.0, 2.0, 0.5"))
        .isEqualTo("float32[1 x 3 x 2*h x 2]");
    assertThat(typeOf(resize, "float32[1 x 3 x h x 5]", "", "float32[4] = 1.0, 1.0, 0.5, 1.3"))
        .isEqualTo("float32[1 x 3 x floor(h/2) x 6]");
    assertThat(typeOf(resize, "float32[1x3x4x5]", "", "", "int64[4] = 1, 3, 8, 10"))
        .isEqualTo("float32[1x3x8x10]");
    assertThat(
            typeOf(
                resize.replace("stretch", "not_larger").replace("}", ", axes=[2, 3]}"),
                "float32[1x3x4x5]",
                "",
                "",
                "int64[2] = 8, 20"))
        .isEqualTo("float32[1x3x8x10]");
    assertThat(typeOf("DepthToSpace{block=2}", "float32[1 x 8 x h x w]"))
        .isEqualTo("float32[1 x 2 x 2*h x 2*w]");
    assertThat(typeOf("SpaceToDepth{block=2}", "float32[1x2x6x4]")).isEqualTo("float32[1x8x3x2]");
    assertThat(
            typeOf(
                "GridSample{mode=linear, padding=zeros}",
                "float32[1x3x8x8]",
                "float32[n x 5 x 6 x 2]"))
        .isEqualTo("float32[1x3x5x6]");
    refused(
        "[DepthToSpace] 6 channels do not split into blocks of 2 x 2",
        "DepthToSpace{block=2}",
        "float32[1x6x2x2]");
    refused("[Resize] scales or sizes are given, got neither", resize, "float32[1x3x4x5]");
    refused(
        "[Pad] pads is a vector of 4, got [2]",
        "Pad{mode=constant}",
        "float32[2x3]",
        "int64[2] = 1, 1");
    refused(
        "[GridSample] a grid has a batch, the extents of the result and 2 coordinates:"
            + " [1x3x8x8] x [1x5x6x3]",
        "GridSample{mode=linear, padding=zeros}",
        "float32[1x3x8x8]",
        "float32[1x5x6x3]");
  }

  @Test
  void shapeOf_isAVectorOfItsAxes() {
    assertThat(typeOf("ShapeOf{start=0}", "float32[n x 3 x 4]")).isEqualTo("int64[3]");
    assertThat(typeOf("ShapeOf{start=-2, end=10}", "float32[n x 3 x 4]")).isEqualTo("int64[2]");
    assertThat(Nets.of("ShapeOf{start=1}", "float32[n x 3 x m]").contents("y"))
        .hasToString("Optional[[3, m]]");
    assertThat(Nets.of("Size", "float32[n x 3 x m]").contents("y"))
        .hasToString("Optional[[3*m*n]]");
    assertThat(typeOf("Trilu{upper}", "float32[n x 3]")).isEqualTo("float32[n x 3]");
    assertThat(typeOf("ReverseSequence{batchAxis=1, timeAxis=0}", "float32[9x2x3]", "int64[2]"))
        .isEqualTo("float32[9x2x3]");
  }
}
