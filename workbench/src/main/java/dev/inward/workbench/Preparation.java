package dev.inward.workbench;

import dev.inward.base.InputException;
import dev.inward.data.DataSet;
import dev.inward.data.Preprocessing;
import dev.inward.data.Samples;
import dev.inward.graph.Graph;
import dev.inward.graph.Value;
import dev.inward.planning.Budget;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The inputs for a fit.
///
/// @param calibrate what ranges are learnt from; empty without data
/// @param test what quality is measured on
/// @param fixed the test data padded to the shapes that a package of fixed shape takes
/// @param how the preprocessing with fixed shapes, empty where arrays go in as they are
public record Preparation(
    Optional<Feed> calibrate, Feed test, Feed fixed, Optional<Preprocessing> how) {
  /// How many samples are generated where there is no data.
  static final int GENERATED = 64;

  /// @throws InputException where the data cannot be read or does not fit the preprocessing
  public static Preparation of(Budget budget, Loaded model) {
    Graph graph = model.simplified();
    if (budget.data().isEmpty()) {
      var feed = Feed.Generated.of(graph, GENERATED);
      return new Preparation(Optional.empty(), feed, feed, Optional.empty());
    }
    var data = budget.data().get();
    Preprocessing how = budget.preprocessing().or(model::usual).orElseGet(Preprocessing.None::new);
    Preprocessing padded = fixed(how);
    Feed test = feed(data.test(), how, graph);
    return new Preparation(
        data.calibrate().map(path -> feed(path, how, graph)),
        test,
        padded.equals(how) ? test : feed(data.test(), padded, graph),
        how instanceof Preprocessing.None ? Optional.empty() : Optional.of(padded));
  }

  private static Preprocessing fixed(Preprocessing how) {
    return how instanceof Preprocessing.Text(var tokenizer, var length, _)
        ? new Preprocessing.Text(tokenizer, length, Preprocessing.Padding.FIXED)
        : how;
  }

  private static Feed feed(Path path, Preprocessing how, Graph graph) {
    List<String> inputs = graph.inputs().stream().map(Value::name).toList();
    var prepared = new Feed.Prepared(Samples.of(DataSet.open(path), how, inputs));
    return prepared.size() == 0 ? prepared : new Feed.Kept(prepared, graph.inputs());
  }

  /// The shape of each input for one sample of fixed shape.
  public Map<String, List<Long>> shapes(Graph graph) {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    fixed.inputs(graph.inputs(), 0).forEach((name, tensor) -> shapes.put(name, tensor.dims()));
    return shapes;
  }
}
