package dev.inward.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.rewrite.ConstantFolding;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/// What constant folding leaves of a real model.
final class FoldedModelsTest {
  private static Graph bound(String resource, Long... shape) throws IOException {
    try (InputStream in =
        Objects.requireNonNull(FoldedModelsTest.class.getResourceAsStream(resource))) {
      Graph graph = Onnx.read(MemorySegment.ofArray(in.readAllBytes()), resource);
      Map<String, List<Long>> shapes = new HashMap<>();
      graph.inputs().forEach(i -> shapes.put(i.name(), List.of(shape)));
      return graph.bindShapes(shapes);
    }
  }

  @Test
  void boundSentenceEncoder_losesItsShapeSubgraphs() throws IOException {
    Graph bound = bound("/all-minilm-l6-v2.onnx", 1L, 128L);

    Graph folded = new ConstantFolding().apply(bound);

    assertThat(folded.inputs()).isEqualTo(bound.inputs());
    assertThat(folded.outputs()).isEqualTo(bound.outputs());
    assertThat(folded.isStatic()).isTrue();
    assertThat(folded.nodes()).hasSizeLessThan(330);
    assertThat(folded.nodes())
        .extracting(Node::op)
        .doesNotHaveAnyElementsOfTypes(
            Movement.ShapeOf.class, Movement.Concat.class, Movement.ConstantOfShape.class);
    long before = weightBytes(bound);
    assertThat(weightBytes(folded)).as("no constant grows").isLessThanOrEqualTo(before);
    assertThat(new ConstantFolding().apply(folded)).isSameAs(folded);
  }

  private static long weightBytes(Graph graph) {
    return graph.constants().values().stream().mapToLong(t -> t.storedBytes()).sum();
  }
}
