package dev.inward.workbench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.Progress;
import dev.inward.compress.Compression;
import dev.inward.compress.Recipes;
import dev.inward.compress.RuntimeForm;
import dev.inward.data.Rows;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Tensor;
import dev.inward.runtime.Session;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class InferenceTest {
  private static final Graph NET =
      GraphText.parse(
          """
          graph net
          input x: float32[n x 2 x 32]
          const w: float32[32x48] = random 1
          const b: float32[48] = random 2
          const v: float32[48x16] = random 3
          h = Linear(x, w, b)
          t = Tanh(h)
          y = MatMul(t, v)
          output y
          """);

  private static final Feed FEED = Feed.Generated.of(NET, 40);

  private static float[] alone(Graph graph, Map<String, Tensor> sample) {
    try (var session = Session.open(graph)) {
      return Objects.requireNonNull(session.run(sample).get("y")).floats();
    }
  }

  @Test
  void samplesThatRunTogether_giveWhatEachGivesAlone() {
    Rows rows = Inference.of(NET, Optional.empty()).rows(NET, FEED, 40, "testing", Progress.SILENT);
    assertThat(rows.count()).isEqualTo(40);
    for (int i = 0; i < 40; i++) {
      float[] expected = alone(NET, FEED.inputs(NET.inputs(), i));
      assertThat(rows.width()).isEqualTo(expected.length);
      for (int k = 0; k < expected.length; k++) {
        assertThat(rows.at(i, k)).isCloseTo(expected[k], within(1e-5f));
      }
    }
  }

  @Test
  void rangesTakenAtRunTime_areThoseOfOneSample() {
    var recipe = Recipes.dynamic(NET, "dynamic");
    Graph form = RuntimeForm.of(Compression.apply(NET, recipe), recipe);
    Rows rows =
        Inference.of(NET, Optional.empty()).rows(form, FEED, 12, "testing", Progress.SILENT);
    for (int i = 0; i < 12; i++) {
      float[] expected = alone(form, FEED.inputs(NET.inputs(), i));
      for (int k = 0; k < expected.length; k++) {
        assertThat(rows.at(i, k)).isEqualTo(expected[k]);
      }
    }
  }

  @Test
  void keptSamples_areMadeOnce() {
    var kept = new Feed.Kept(FEED, NET.inputs());
    assertThat(kept.size()).isEqualTo(40);
    for (int i = 0; i < kept.size(); i++) {
      var first = kept.inputs(NET.inputs(), i);
      assertThat(first).isEqualTo(FEED.inputs(NET.inputs(), i));
      assertThat(kept.inputs(NET.inputs(), i)).isSameAs(first);
    }
  }
}
