package dev.inward.workbench;

import dev.inward.base.Progress;
import dev.inward.data.NamedArray;
import dev.inward.data.Pooling;
import dev.inward.data.Rows;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.runtime.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/// What is looked at in the outputs of a model: one row a sample.
///
/// @param output position of the output
/// @param pooling how it becomes a row
public record Inference(int output, Pooling pooling) {
  private static final String MASK = "attention_mask";

  /// The first output; that of a text model with one row a token is averaged over the tokens that
  /// the attention mask keeps.
  public static Inference of(Graph graph) {
    var shape = graph.shape(graph.outputs().getFirst());
    boolean tokens =
        shape.ranked()
            && shape.rank() == 3
            && graph.inputs().stream().anyMatch(i -> i.name().equals(MASK));
    return new Inference(0, tokens ? Pooling.MEAN : Pooling.NONE);
  }

  /// Runs the first `count` samples, one at a time as an app would. The rows are the same bits on
  /// any number of threads.
  public Rows rows(Graph graph, Feed feed, int count, String stage, Progress progress) {
    try (var session = Session.open(graph)) {
      var done = new AtomicLong();
      List<float[]> rows =
          IntStream.range(0, count)
              .parallel()
              .mapToObj(i -> {
                var inputs = feed.inputs(graph.inputs(), i);
                float[] row = row(session.run(inputs), inputs);
                progress.at(stage, done.incrementAndGet(), count);
                return row;
              })
              .toList();
      int width = rows.getFirst().length;
      float[] all = new float[Math.multiplyExact(count, width)];
      for (int i = 0; i < count; i++) {
        System.arraycopy(rows.get(i), 0, all, i * width, width);
      }
      return new Rows(count, width, all);
    }
  }

  private float[] row(Map<String, Tensor> results, Map<String, Tensor> inputs) {
    Tensor result = new ArrayList<>(results.values()).get(output);
    var array =
        new NamedArray.Floats(
            "output", result.dims().stream().map(Math::toIntExact).toList(), result.floats());
    long[] mask =
        pooling == Pooling.MEAN ? Objects.requireNonNull(inputs.get(MASK)).longs() : new long[0];
    Rows rows = pooling.rows(array, mask);
    float[] row = new float[rows.width()];
    for (int i = 0; i < row.length; i++) {
      row[i] = rows.at(0, i);
    }
    return row;
  }
}
