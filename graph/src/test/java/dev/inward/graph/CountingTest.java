package dev.inward.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class CountingTest {
  private static Work work(String op, String... operands) {
    var graph = Nets.of(op, operands);
    return Counting.of(graph, graph.nodes().getFirst());
  }

  private static String zeros(String type) {
    return type + " = all 0.0";
  }

  @Test
  void linear_isCountedByItsDefinition() {
    var work =
        work("Linear", "float32[1x128x384]", zeros("float32[384x1536]"), zeros("float32[1536]"));

    assertThat(work)
        .isEqualTo(
            new Work(
                384 * 1536 + 1536,
                128L * 384 * 1536,
                128L * 1536,
                4L * 128 * 384,
                4L * 128 * 1536,
                4L * (384 * 1536 + 1536)));
  }

  @Test
  void halfPrecisionActivations_takeHalfTheBytes() {
    var work = work("Relu", "float16[2x3]");

    assertThat(work).isEqualTo(new Work(0, 0, 6, 12, 12, 0));
  }

  @Test
  void encodedWeight_hasAllItsParametersAndFewerBytes() {
    var codes = Storage.of(new byte[32]);
    var weight =
        new Tensor(
            DataType.FLOAT32,
            List.of(8L, 8L),
            new Encoding.Affine(
                DataType.INT4,
                codes,
                Tensor.ofFloats(List.of(1L, 1L), 1f),
                Tensor.dense(DataType.INT4, List.of(1L, 1L), Storage.of(new byte[1]))));
    var graph =
        Graph.builder("g")
            .input("x", TensorType.of(DataType.FLOAT32, 1, 8))
            .constant("w", weight)
            .node(new Product.MatMul(), List.of("x", "w"), "y")
            .output("y")
            .build();

    assertThat(Counting.of(graph).get("y")).isEqualTo(new Work(64, 64, 0, 32, 32, 32 + 4 + 1));
  }

  /// Against the loops of the definition.
  @RepeatedTest(50)
  void convolution_multipliesAsOftenAsItsLoops(RepetitionInfo repetition) {
    int seed = repetition.getCurrentRepetition();
    var random = new Random(seed);
    int groups = random.nextInt(1, 4);
    int batch = random.nextInt(1, 3);
    int in = groups * random.nextInt(1, 4);
    int out = groups * random.nextInt(1, 4);
    int size = random.nextInt(5, 9);
    int kernel = random.nextInt(1, 4);
    int stride = random.nextInt(1, 3);
    int pad = random.nextInt(0, 2);
    long macs = 0;
    for (int n = 0; n < batch; n++) {
      for (int m = 0; m < out; m++) {
        for (int y = -pad; y + kernel <= size + pad; y += stride) {
          for (int x = -pad; x + kernel <= size + pad; x += stride) {
            for (int c = 0; c < in / groups; c++) {
              macs += (long) kernel * kernel;
            }
          }
        }
      }
    }
    String attributes =
        "strides=[%1$d, %1$d], pads=[%2$d, %2$d, %2$d, %2$d], groups=%3$d"
            .formatted(stride, pad, groups);
    String x = "float32[%dx%dx%dx%d]".formatted(batch, in, size, size);
    String w = zeros("float32[%dx%dx%dx%d]".formatted(out, in / groups, kernel, kernel));
    var graph = Nets.of("Conv{" + attributes + "}", x, w);

    var work = Counting.of(graph, graph.nodes().getFirst());
    assertThat(work.macs()).as("seed %d", seed).isEqualTo(macs);
    assertThat(work.parameters()).isEqualTo((long) out * in / groups * kernel * kernel);

    // The transposed convolution of the same geometry meets the same pairs, but for the padding.
    if (pad == 0 && (size - kernel) % stride == 0) {
      var y = graph.shape("y");
      String back = "ConvTranspose{strides=[%1$d, %1$d], groups=%2$d}".formatted(stride, groups);
      var transposed = Nets.of(back, "float32" + y, w);
      assertThat(transposed.shape("y")).isEqualTo(graph.shape("a"));
      assertThat(Totals.of(transposed).macs()).as("seed %d", seed).isEqualTo(macs);
    }
  }

  @Test
  void products_areCountedAlikeInEveryForm() {
    long macs = 2L * 5 * 7 * 3;
    assertThat(work("MatMul", "float32[2x5x7]", "float32[2x7x3]").macs()).isEqualTo(macs);
    assertThat(work("Einsum{equation=\"bij,bjk->bik\"}", "float32[2x5x7]", "float32[2x7x3]").macs())
        .isEqualTo(macs);
    assertThat(work("MatMulInteger", "uint8[2x5x7]", "int8[2x7x3]").macs()).isEqualTo(macs);
    assertThat(work("Gemm{alpha=1.0, beta=1.0, transA}", "float32[7x5]", "float32[7x3]").macs())
        .isEqualTo(5L * 7 * 3);
    assertThat(
            work("Gemm{alpha=2.0, beta=0.5}", "float32[5x7]", "float32[7x3]", "float32[3]")
                .operations())
        .as("scaling, adding and scaling what is added")
        .isEqualTo(3L * 5 * 3);
    assertThat(work("Einsum{equation=\"ij->i\"}", "float32[5x7]"))
        .isEqualTo(new Work(0, 0, 35, 140, 20, 0));
  }

  @Test
  void attention_isTwoProductsAndASoftmax() {
    var work =
        work(
            "Attention",
            "float32[2x12x10x32]",
            "float32[2x12x20x32]",
            "float32[2x12x20x64]",
            "float32[10x20]");

    long scores = 2L * 12 * 10 * 20;
    assertThat(work.macs()).isEqualTo(scores * 32 + scores * 64);
    assertThat(work.operations()).as("scale, mask, softmax").isEqualTo(7 * scores);
  }

  /// Against a walk over steps, directions, sequences and gates.
  @Test
  void lstm_isCountedStepByStep() {
    long macs = 0;
    for (int direction = 0; direction < 2; direction++) {
      for (int step = 0; step < 7; step++) {
        for (int sequence = 0; sequence < 2; sequence++) {
          for (int gate = 0; gate < 4; gate++) {
            for (int unit = 0; unit < 5; unit++) {
              macs += 3 + 5;
            }
          }
        }
      }
    }
    var work =
        work(
            "LSTM{direction=bidirectional, hidden=5}",
            "float32[7x2x3]",
            zeros("float32[2x20x3]"),
            zeros("float32[2x20x5]"),
            zeros("float32[2x40]"));

    assertThat(work.macs()).isEqualTo(macs);
    assertThat(work.operations()).isEqualTo(2L * 7 * 2 * 5 * (4 * 3 + 5));
    assertThat(work.parameters()).isEqualTo(2 * 20 * (3 + 5 + 2));
  }

  @Test
  void movedElements_areNoOperations() {
    assertThat(work("Reshape", "float32[2x3]", "int64[1] = -1"))
        .as("a view moves nothing; the shape is stored, and is no parameter")
        .isEqualTo(new Work(0, 0, 0, 0, 0, 8));
    assertThat(work("Transpose", "float32[2x3]")).isEqualTo(new Work(0, 0, 0, 24, 24, 0));
    assertThat(work("Gather{axis=0}", zeros("float32[100x3]"), "int64[2]"))
        .as("a table in the weights")
        .isEqualTo(new Work(300, 0, 0, 16, 24, 1200));
    assertThat(work("Gather{axis=0}", "float32[100x3]", "int64[2]"))
        .as("reads what it picks, and the indices")
        .isEqualTo(new Work(0, 0, 0, 16 + 24, 24, 0));
    assertThat(work("ShapeOf{start=0}", "float32[2x3]")).isEqualTo(new Work(0, 0, 0, 0, 16, 0));
  }

  @Test
  void otherOps_countTheStepsOfTheirDefinition() {
    assertThat(work("Softmax{axis=-1}", "float32[2x3]").operations()).isEqualTo(30);
    assertThat(work("MaxPool{kernel=[3, 3], p=0}", "float32[1x2x5x5]").operations())
        .isEqualTo(2 * 9 * 9);
    assertThat(work("GlobalAveragePool{p=0}", "float32[1x2x5x5]").operations()).isEqualTo(50);
    assertThat(work("ReduceL2{axes=[1]}", "float32[2x3]").operations()).isEqualTo(12);
    assertThat(work("Add", "float32[2x1]", "float32[3]"))
        .isEqualTo(new Work(0, 0, 6, 4 * (2 + 3), 24, 0));
    assertThat(work("Sum", "float32[2]", "float32[2]", "float32[2]").operations()).isEqualTo(4);
    assertThat(work("Quantize{to=int8, axis=0, block=0}", "float32[4]", "float32[]"))
        .isEqualTo(new Work(0, 0, 4, 20, 4, 0));
  }

  @Test
  void openExtents_areRefusedWithWhatToBind() {
    var fault =
        catchThrowableOfType(
            InputException.class, () -> work("MatMul", "float32[n x 4]", "float32[4x4]"));

    assertThat(fault).hasMessage("node 'y': [MatMul] cannot be counted: 'y' is float32[n x 4]");
    assertThat(fault.hint()).contains("bind the inputs to numbers: --shape a=nx4");
  }

  @Test
  void opThatIsNotKnown_isRefusedByName() {
    var graph =
        Graph.builder("g")
            .input("x", TensorType.of(DataType.FLOAT32, 2))
            .node(
                new Opaque("com.example", "Fancy", Storage.of(new byte[0]), List.of()),
                List.of("x"),
                "y")
            .output("y")
            .build();

    assertThatThrownBy(() -> Counting.of(graph))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage(
            "node 'y': [Fancy] cannot be counted: this version carries the op com.example.Fancy"
                + " without knowing it");
  }

  @Test
  void sharedWeight_countsOnceInTheTotals() {
    var graph =
        GraphText.parse(
            """
            graph tied
            input x: float32[2x4]
            const w: float32[4x4] = all 1.0
            const unread: float32[100] = all 0.0
            a = MatMul(x, w)
            b = MatMul(a, w)
            y = Add(a, b)
            output y
            """);

    assertThat(Totals.of(graph))
        .isEqualTo(new Totals(16, 64, 2 * 32, 8, 32 + 32 + 64, 3 * 32, 3 * 32, "y"));
  }

  @Test
  void graphWithoutNodes_holdsItsInputs() {
    var graph = GraphText.parse("graph g\ninput x: int64[3]\noutput x\n");

    assertThat(Totals.of(graph)).isEqualTo(new Totals(0, 0, 0, 0, 0, 0, 24, ""));
  }

  /// Random graphs against a simulation that asks at every node for every value whether it is
  /// there.
  @RepeatedTest(50)
  void peak_isThatOfASimulation(RepetitionInfo repetition) {
    int seed = repetition.getCurrentRepetition();
    var random = new Random(seed);
    var builder = Graph.builder("g");
    List<String> values = new ArrayList<>();
    Map<String, Long> bytes = new HashMap<>();
    for (int i = 0; i < 2; i++) {
      long size = random.nextLong(1, 100);
      builder.input("in" + i, TensorType.of(DataType.FLOAT32, size));
      values.add("in" + i);
      bytes.put("in" + i, 4 * size);
    }
    for (int i = 0; i < 15; i++) {
      String from = values.get(random.nextInt(values.size()));
      String other = values.get(random.nextInt(values.size()));
      builder.node(new Movement.Concat(0), List.of(from, other), "v" + i);
      values.add("v" + i);
      bytes.put("v" + i, bytes.getOrDefault(from, 0L) + bytes.getOrDefault(other, 0L));
    }
    builder.output("v14").output("v3");
    var graph = builder.build();
    var nodes = graph.nodes();
    List<Long> expected = new ArrayList<>();
    for (int now = 0; now < nodes.size(); now++) {
      long live = 0;
      for (String value : values) {
        int born = 0;
        int dies = 0;
        for (int i = 0; i < nodes.size(); i++) {
          if (nodes.get(i).out().contains(value)) {
            born = i;
            dies = Math.max(dies, i);
          }
          if (nodes.get(i).in().contains(value)) {
            dies = i;
          }
        }
        if (graph.outputs().contains(value)) {
          dies = Integer.MAX_VALUE;
        }
        live += born <= now && now <= dies ? bytes.getOrDefault(value, 0L) : 0;
      }
      expected.add(live);
    }
    long peak = expected.stream().mapToLong(Long::longValue).max().orElseThrow();

    assertThat(Liveness.bytes(graph)).as("seed %d", seed).isEqualTo(expected);
    assertThat(Totals.of(graph).peakBytes()).isEqualTo(peak);
    assertThat(Totals.of(graph).peakNode()).isEqualTo(nodes.get(expected.indexOf(peak)).name());
  }
}
