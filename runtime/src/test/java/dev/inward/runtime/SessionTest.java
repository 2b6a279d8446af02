package dev.inward.runtime;

import static dev.inward.testkit.TensorAssert.assertTensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Opaque;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.evaluation.Evaluation;
import dev.inward.onnx.Onnx;
import dev.inward.testkit.Chance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SessionTest {
  private static final Graph PERCEPTRON =
      GraphText.parse(
          """
          graph perceptron
          input x: float32[batch x 64]
          input shift: float32[32]
          const w: float32[64x32] = random 1
          const v: float32[32x8] = random 2
          h = MatMul(x, w)
          s = Add(h, shift)
          r = Tanh(s)
          y = MatMul(r, v)
          output y
          """);

  private static Map<String, Tensor> sample(int seed) {
    return new Chance(seed).inputs(PERCEPTRON.bind(Map.of("batch", 3L)));
  }

  @Test
  void everyInnerValue_canBeSeen() {
    var names = List.of("s", "y", "h", "r");
    try (var session = Session.open(PERCEPTRON.withOutputs(names))) {
      var seen = session.run(sample(1));

      assertThat(List.copyOf(seen.keySet())).isEqualTo(names);
      var expected = Evaluation.all(PERCEPTRON, sample(1));
      seen.forEach((name, tensor) ->
          assertTensor(tensor).isClose(Objects.requireNonNull(expected.get(name)), 1e-5, 1e-5));
    }
  }

  @Test
  void inputAsAnOutput_isHandedThrough() {
    try (var session = Session.open(PERCEPTRON.withOutputs(List.of("x", "y")))) {
      assertThat(session.run(sample(1)).get("x")).isEqualTo(sample(1).get("x"));
    }
  }

  @Test
  void constantAsAnOutput_isItself() {
    try (var session = Session.open(PERCEPTRON.withOutputs(List.of("w", "y")))) {
      assertThat(session.run(sample(1)).get("w")).isEqualTo(PERCEPTRON.constant("w").orElseThrow());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void runsFromSeveralThreads_giveTheSameBits(int threadsInside) throws Exception {
    try (var session = Session.open(PERCEPTRON, threadsInside);
        var pool = Executors.newFixedThreadPool(4)) {
      List<Map<String, Tensor>> alone =
          IntStream.range(0, 8).<Map<String, Tensor>>mapToObj(i -> session.run(sample(i))).toList();
      List<Future<Map<String, Tensor>>> together = new ArrayList<>();
      for (int i = 0; i < 80; i++) {
        int seed = i % 8;
        together.add(pool.submit(() -> session.run(sample(seed))));
      }
      for (int i = 0; i < 80; i++) {
        assertThat(together.get(i).get()).isEqualTo(alone.get(i % 8));
      }
    }
  }

  @Test
  void threadsInside_doNotChangeTheBits() {
    try (var one = Session.open(PERCEPTRON, 1);
        var two = Session.open(PERCEPTRON, 2)) {
      assertThat(two.run(sample(5))).isEqualTo(one.run(sample(5)));
    }
  }

  @Test
  void heldInputs_areWorthPassedOnes() {
    var sample = sample(4);
    var x = Map.of("x", sample.get("x"));
    var shift = Map.of("shift", sample.get("shift"));
    try (var session = Session.open(PERCEPTRON);
        var held = Session.hold(shift);
        var other = Session.hold(Map.of("shift", Tensor.ofFloats(List.of(32L), new float[32])))) {
      var passed = session.run(sample);

      assertThat(session.run(x, List.of(held))).isEqualTo(passed);
      assertThat(session.run(x, List.of(held))).as("held still").isEqualTo(passed);
      assertThat(session.run(x, List.of(other, held))).as("the later one").isEqualTo(passed);
      assertThat(session.run(x, List.of(held, other))).isNotEqualTo(passed);
      assertThat(session.run(sample, List.of(other))).as("passed wins").isEqualTo(passed);
    }
  }

  @Test
  void wrongInputs_areRefusedByName() {
    try (var session = Session.open(PERCEPTRON)) {
      var x = sample(1).get("x");
      var shift = sample(1).get("shift");
      refused(session, Map.of("x", x), "input 'shift': is missing; the model wants float32[32]");
      refused(
          session,
          Map.of("x", x, "shift", Tensor.ofLongs(List.of(32L), new long[32])),
          "input 'shift': is int64[32], the model wants float32[32]");
      refused(
          session,
          Map.of("x", x, "shift", Tensor.ofFloats(List.of(31L), new float[31])),
          "input 'shift': is float32[31], the model wants float32[32]");
      refused(
          session,
          Map.of("x", shift, "shift", shift),
          "input 'x': is float32[32], the model wants float32[batch x 64]");
      assertThatThrownBy(() -> session.run(Map.of("x", x, "shift", shift, "z", x)))
          .isInstanceOf(InputException.class)
          .hasMessage("input 'z': the model has no such input")
          .extracting(e -> ((InputException) e).hint())
          .isEqualTo(Optional.of("its inputs are [x: float32[batch x 64], shift: float32[32]]"));
    }
  }

  private static void refused(Session session, Map<String, Tensor> operands, String message) {
    assertThatThrownBy(() -> session.run(operands))
        .isInstanceOf(InputException.class)
        .hasMessage(message);
  }

  @Test
  void wrongHeldInput_isRefusedLikeAPassedOne() {
    try (var session = Session.open(PERCEPTRON);
        var held = Session.hold(Map.of("shift", Nets.floats(1, 2)))) {
      assertThatThrownBy(() -> session.run(Map.of("x", sample(1).get("x")), List.of(held)))
          .isInstanceOf(InputException.class)
          .hasMessage("input 'shift': is float32[2], the model wants float32[32]");
    }
  }

  @Test
  void opOfNobody_isNotSupported() {
    var graph =
        Graph.builder("foreign")
            .input("x", TensorType.of(DataType.FLOAT32, 2))
            .opset("com.example", 1)
            .node(
                new Opaque("com.example", "Shuffle", Storage.of(new byte[0]), List.of()),
                List.of("x"),
                "y")
            .declare("y", TensorType.of(DataType.FLOAT32, 2))
            .output("y")
            .build();

    assertThatThrownBy(() -> Session.open(graph))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageStartingWith("ONNX Runtime " + Engine.version() + ": ")
        .hasMessageContaining("Shuffle");
  }

  @Test
  void sessions_leaveNoFileBehind() throws IOException {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    Session.open(PERCEPTRON).close();
    long before = folders(temporary);
    Session.open(PERCEPTRON).close();

    assertThat(folders(temporary)).isEqualTo(before);
  }

  private static long folders(Path folder) throws IOException {
    String name = "inward-session";
    try (var all = Files.list(folder)) {
      return all.filter(f -> f.getFileName().toString().startsWith(name)).count();
    }
  }

  @Test
  void file_runsAsItsGraph(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("model.onnx");
    Onnx.write(PERCEPTRON, file);
    try (var delivered = Session.open(file, PERCEPTRON.inputs(), 1);
        var session = Session.open(PERCEPTRON)) {
      assertThat(delivered.run(sample(2))).isEqualTo(session.run(sample(2)));
    }
  }

  @Test
  void fileThatIsNoModel_isNotSupported(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("model.onnx"), "no model at all");

    assertThatThrownBy(() -> Session.open(file, PERCEPTRON.inputs(), 1))
        .isInstanceOf(UnsupportedException.class)
        .hasMessageStartingWith("ONNX Runtime " + Engine.version() + ": ");
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      mode = EnumSource.Mode.EXCLUDE,
      names = {"INT4", "UINT4", "UINT16", "UINT32", "UINT64", "STRING"})
  void elements_crossTheBorderBothWays(DataType type) {
    List<Long> dims = List.of(2L, 3L);
    byte[] bytes = new byte[(int) type.bytes(6)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (type == DataType.BOOL ? i % 2 : 17 + 31 * i);
    }
    Tensor tensor = Tensor.dense(type, dims, Storage.of(bytes));
    assertThat(transposedTwice(type, tensor)).isEqualTo(tensor);
  }

  private static Tensor transposedTwice(DataType type, Tensor tensor) {
    Graph graph = Nets.node("y", "Transpose{permutation=[0, 1]}", List.of(type.text() + "[2x3]"));
    try (var session = Session.open(graph)) {
      return session.run(Map.of("a", tensor)).firstEntry().getValue();
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = DataType.class,
      names = {"UINT16", "UINT32", "UINT64"})
  void elementsThatOnlyComeOut_areRead(DataType type) {
    Graph graph = Nets.node("y", "Cast{to=" + type.text() + "}", List.of("float32[3]"));
    try (var session = Session.open(graph)) {
      var y = session.run(Map.of("a", Nets.floats(0, 7, 65535))).firstEntry().getValue();

      assertThat(y.dtype()).isEqualTo(type);
      assertThat(y.longs()).containsExactly(0, 7, 65535);
    }
  }

  @Test
  void elementsThatCannotGoIn_areNotSupported() {
    Graph graph = Nets.node("y", "Cast{to=float32}", List.of("uint16[1]"));
    Tensor one = Tensor.dense(DataType.UINT16, List.of(1L), Storage.of(new byte[2]));
    try (var session = Session.open(graph)) {
      assertThatThrownBy(() -> session.run(Map.of("a", one)))
          .isInstanceOf(UnsupportedException.class)
          .hasMessage("ONNX Runtime takes no uint16 tensors through its Java interface");
    }
  }

  @Test
  void strings_areNotSupported() {
    Graph graph = Nets.node("y", "Cast{to=string}", List.of("float32[3]"));
    try (var session = Session.open(graph)) {
      assertThatThrownBy(() -> session.run(Map.of("a", Nets.floats(1, 2, 3))))
          .isInstanceOf(UnsupportedException.class)
          .hasMessage("tensors of type ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING cannot be read");
    }
  }

  @Test
  void nothing_crossesTheBorderToo() {
    Graph relu = Nets.node("y", "Relu", List.of("float32[n x 4]"));
    Tensor empty = Tensor.ofFloats(List.of(0L, 4L));
    Graph places = Nets.node("y", "NonZero", List.of("float32[3]"));
    try (var one = Session.open(relu);
        var other = Session.open(places)) {
      assertThat(one.run(Map.of("a", empty)).get("y")).isEqualTo(empty);
      assertThat(other.run(Map.of("a", Nets.floats(0, 0, 0))).get("y"))
          .isEqualTo(Tensor.ofLongs(List.of(1L, 0L)));
    }
  }

  @Test
  void scalar_crossesTheBorder() {
    var graph =
        Graph.builder("scalar")
            .input("x", TensorType.of(DataType.FLOAT32))
            .node(new Elementwise.Unary(Elementwise.Unary.Function.NEG), List.of("x"), "y")
            .output("y")
            .build();
    try (var session = Session.open(graph)) {
      assertThat(session.run(Map.of("x", Tensor.scalar(2f))).get("y"))
          .isEqualTo(Tensor.scalar(-2f));
    }
  }

  @Test
  void encodedInput_isDecodedOnTheWay() {
    Graph graph = Nets.node("y", "Identity", List.of("float32[3]"));
    try (var session = Session.open(graph)) {
      Tensor half = Tensor.half(List.of(3L), 0.1f, 2, -3);
      assertThat(session.run(Map.of("a", half)).get("y"))
          .isEqualTo(Tensor.ofFloats(List.of(3L), half.floats()));
    }
  }
}
