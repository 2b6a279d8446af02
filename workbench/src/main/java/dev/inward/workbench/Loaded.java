package dev.inward.workbench;

import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.coreml.CoreMl;
import dev.inward.data.Preprocessing;
import dev.inward.graph.Graph;
import dev.inward.graph.rewrite.Rewriting;
import dev.inward.graph.rewrite.Simplification;
import dev.inward.onnx.Onnx;
import dev.inward.planning.Budget;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// A model that was read, in the form of its file and simplified.
///
/// @param file where it lies
/// @param original as the file has it
/// @param simplified the same with constants folded and patterns fused
/// @param steps the fusions that were made
/// @param tokenizer what comes with a bundled text model
/// @param licence of the model, where it is known
public record Loaded(
    String name,
    Path file,
    Graph original,
    Graph simplified,
    List<Rewriting.Step> steps,
    Optional<Path> tokenizer,
    Optional<String> licence) {
  private static final int USUAL_LENGTH = 128;

  /// The preprocessing that a bundled model is known to want.
  Optional<Preprocessing> usual() {
    return tokenizer
        .<Preprocessing>map(
            file -> new Preprocessing.Text(file, USUAL_LENGTH, Preprocessing.Padding.LONGEST))
        .or(() -> BundledModel.named(name).flatMap(BundledModel::image));
  }

  /// Reads the model that a budget names; a bundled one is fetched on first use.
  ///
  /// @param cache where bundled models lie; not asked for any other
  /// @throws InputException where it cannot be read, or lacks an input or output that is named
  public static Loaded of(Budget budget, Supplier<ModelCache> cache, Progress progress) {
    return switch (budget.model()) {
      case Budget.Model.At(var path) ->
          of(stem(path), path, budget, Optional.empty(), Optional.empty());
      case Budget.Model.Bundled(var name) -> {
        BundledModel bundled =
            BundledModel.named(name)
                .orElseThrow(() -> InputException.of("no bundled model is named '%s'", name));
        var fetched = cache.get().fetch(bundled, progress);
        yield of(
            name, fetched.model(), budget, fetched.tokenizer(), Optional.of(bundled.licence()));
      }
    };
  }

  private static Loaded of(
      String name, Path path, Budget budget, Optional<Path> tokenizer, Optional<String> licence) {
    Graph read = read(path);
    Graph bound = budget.shapes().isEmpty() ? read : read.bindShapes(budget.shapes());
    Graph original =
        budget.outputs().isEmpty() ? bound : bound.withOutputs(known(bound, budget.outputs()));
    var simplified = Simplification.of(original);
    return new Loaded(
        name, path, original, simplified.graph(), simplified.steps(), tokenizer, licence);
  }

  private static List<String> known(Graph graph, List<String> outputs) {
    for (String name : outputs) {
      if (!graph.outputs().contains(name)) {
        throw InputException.of("the model has no output '%s'", name)
            .hint("outputs: %s", String.join(", ", graph.outputs()));
      }
    }
    return outputs;
  }

  /// Reads an ONNX file or a Core ML package, told apart by what it is.
  ///
  /// @throws InputException where there is no such file or it is neither
  public static Graph read(Path path) {
    return open(path, Optional.empty()).graph();
  }

  /// A model as its file has it.
  ///
  /// @param face how it faces an app; empty for ONNX
  public record Opened(Graph graph, Optional<CoreMl.Read> face) {}

  /// Reads an ONNX file, a Core ML package or an older `.mlmodel`, told apart by what it is.
  ///
  /// @param function of a package to read; empty: the one that runs where none is named
  /// @throws InputException where there is no such file or it is none of these
  public static Opened open(Path path, Optional<String> function) {
    if (Files.notExists(path)) {
      throw InputException.at(path.toString(), "there is no such file");
    }
    if (Files.isDirectory(path) || path.toString().endsWith(".mlmodel")) {
      var read = CoreMl.open(path, function);
      return new Opened(read.graph(), Optional.of(read));
    }
    if (function.isPresent()) {
      throw InputException.at(path.toString(), "is no Core ML package; only these have functions");
    }
    return new Opened(Onnx.read(path), Optional.empty());
  }

  private static String stem(Path path) {
    String file = String.valueOf(path.getFileName());
    int dot = file.lastIndexOf('.');
    return dot > 0 ? file.substring(0, dot) : file;
  }
}
