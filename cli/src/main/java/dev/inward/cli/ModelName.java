package dev.inward.cli;

import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.base.Spelling;
import dev.inward.data.Preprocessing;
import dev.inward.graph.Graph;
import dev.inward.planning.Budget;
import dev.inward.workbench.BundledModel;
import dev.inward.workbench.Loaded;
import dev.inward.workbench.ModelCache;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A model as a person names it: an `.onnx` file, an `.mlpackage` folder, an older `.mlmodel` file,
/// or a bundled example.
///
/// @param text as it was typed
record ModelName(String text) {
  /// Pieces of a text.
  private static final int LENGTH = 128;

  /// The names of all bundled models.
  static List<String> bundled() {
    return BundledModel.ALL.stream().map(BundledModel::name).toList();
  }

  /// What the name stands for; a file of that name comes before a bundled model.
  ///
  /// @throws InputException where there is neither
  Budget.Model model() {
    Path path = Path.of(text);
    if (Files.exists(path)) {
      return new Budget.Model.At(path);
    }
    if (BundledModel.named(text).isPresent()) {
      return new Budget.Model.Bundled(text);
    }
    var fault = InputException.at(text, "there is no such file");
    throw Spelling.nearest(text, bundled())
        .map(near -> fault.hint("did you mean the bundled model '%s'?", near))
        .orElse(fault);
  }

  /// Where it lies; a bundled one is fetched on first use.
  Path file(Terminal terminal) {
    return switch (model()) {
      case Budget.Model.At(var path) -> path;
      case Budget.Model.Bundled(var name) ->
          terminal.watch(progress ->
              ModelCache.of(terminal.environment())
                  .fetch(BundledModel.named(name).orElseThrow(), progress)
                  .model());
    };
  }

  /// The graph in it, with shapes bound.
  Graph graph(Terminal terminal, Map<String, List<Long>> shapes) {
    return open(terminal, shapes, Optional.empty()).graph();
  }

  /// The graph in it, with shapes bound, and how it faces an app.
  ///
  /// @param function of a package of several
  Loaded.Opened open(Terminal terminal, Map<String, List<Long>> shapes, Optional<String> function) {
    var opened = Loaded.open(file(terminal), function);
    return shapes.isEmpty()
        ? opened
        : new Loaded.Opened(opened.graph().bindShapes(shapes), opened.face());
  }

  /// How a bundled model wants its data; others take arrays as they are.
  Preprocessing usual(Terminal terminal) {
    return switch (model()) {
      case Budget.Model.At _ -> new Preprocessing.None();
      case Budget.Model.Bundled(var name) -> {
        var bundled = BundledModel.named(name).orElseThrow();
        var tokenizer =
            ModelCache.of(terminal.environment()).fetch(bundled, Progress.SILENT).tokenizer();
        yield tokenizer
            .<Preprocessing>map(
                file -> new Preprocessing.Text(file, LENGTH, Preprocessing.Padding.FIXED))
            .or(bundled::image)
            .orElseGet(Preprocessing.None::new);
      }
    };
  }
}
