package dev.inward.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Opaque;
import dev.inward.graph.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every operator in its forms: read, written and run again it gives what the runtime gives for the
/// file as it was.
final class OperatorsTest {
  static Stream<OperatorCases.Case> cases() {
    return Stream.of(
            new ElementwiseCases(),
            new ProductCases(),
            new MovementCases(),
            new QuantizationCases())
        .flatMap(family -> family.all.stream());
  }

  @ParameterizedTest
  @MethodSource("cases")
  void operator_computesTheSameOnceReadAndWritten(OperatorCases.Case one) {
    byte[] original = one.model().bytes();
    Graph graph = one.model().read();
    assertThat(graph.nodes()).as("everything maps").noneMatch(n -> n.op() instanceof Opaque);
    Map<String, Tensor> operands = Ort.operands(graph, Map.of(), 1);

    byte[] written = Onnx.bytes(graph);
    List<Tensor> expected = Ort.run(original, operands);
    List<Tensor> actual = Ort.run(written, operands);

    assertThat(actual)
        .extracting(Tensor::type)
        .isEqualTo(expected.stream().map(Tensor::type).toList());
    for (int i = 0; i < expected.size(); i++) {
      float[] values = actual.get(i).floats();
      float[] wanted = expected.get(i).floats();
      for (int k = 0; k < wanted.length; k++) {
        if (one.tolerance() == 0 || Float.isNaN(wanted[k])) {
          assertThat(Float.valueOf(values[k]))
              .as("output %d at %d", i, k)
              .isEqualTo(Float.valueOf(wanted[k]));
        } else {
          assertThat((double) values[k])
              .as("output %d at %d", i, k)
              .isCloseTo(wanted[k], within(one.tolerance() * Math.max(1, Math.abs(wanted[k]))));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void operator_survivesTheRoundTrip(OperatorCases.Case one) {
    Graph graph = one.model().read();
    byte[] written = Onnx.bytes(graph);
    Graph again = Onnx.read(MemorySegment.ofArray(written), "written");

    assertThat(Onnx.bytes(again)).isEqualTo(written);
    boolean same =
        graph.nodes().stream()
            .map(Node::op)
            .toList()
            .equals(again.nodes().stream().map(Node::op).toList());
    if (same) {
      int opset = graph.opsets().getOrDefault("", 0);
      assertThat(again.toBuilder().opset("", opset).build()).isEqualTo(graph);
    } else {
      assertThat(one.tolerance()).as("only what is written in steps changes").isNotZero();
    }
  }
}
