package dev.inward.workbench;

import dev.inward.base.InputException;
import dev.inward.base.Json;
import dev.inward.base.Replacement;
import dev.inward.data.Preprocessing;
import dev.inward.graph.Graph;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;

/// What an app developer needs beside the model: the vocabulary, the preprocessing as a file and as
/// code, and the licence.
///
/// @param out the folder to write to
record Companions(Loaded model, Preparation data, Path out) {
  void write() {
    data.how()
        .ifPresent(how -> {
          text("preprocessing.json", json(how).pretty() + "\n");
          if (how instanceof Preprocessing.Text(var tokenizer, _, _)) {
            copy(tokenizer, String.valueOf(tokenizer.getFileName()));
          }
        });
    text(typeName() + ".swift", swift());
    text(
        "LICENCE.txt",
        model
            .licence()
            .map(l ->
                "Licence of the model " + model.name() + ", as its makers state it: " + l + "\n")
            .orElse(
                "The licence of the model "
                    + model.name()
                    + " is not known to this program. See where the model came from: "
                    + model.file().getFileName()
                    + "\n"));
  }

  private void text(String name, String content) {
    Replacement.of(out.resolve(name), beside -> Files.writeString(beside, content));
  }

  private void copy(Path from, String name) {
    if (Files.notExists(from)) {
      throw InputException.at(from.toString(), "there is no such file");
    }
    Replacement.of(out.resolve(name), beside -> Files.copy(from, beside));
  }

  static Json json(Preprocessing how) {
    return switch (how) {
      case Preprocessing.None() -> Json.obj("kind", "none");
      case Preprocessing.Text(var tokenizer, var length, _) ->
          Json.obj(
              "kind",
              "text",
              "tokenizer",
              String.valueOf(tokenizer.getFileName()),
              "length",
              length,
              "padding",
              "right, to the length, with the padding piece and a mask of 0");
      case Preprocessing.Image image ->
          Json.obj(
              "kind", "image",
              "height", image.height(),
              "width", image.width(),
              "resize", image.resize().key(),
              "channels", image.channels().key(),
              "layout", image.layout().key(),
              "scale", image.scale(),
              "mean", image.mean(),
              "std", image.std());
    };
  }

  /// The name of the class that Xcode makes of the package.
  String typeName() {
    String name =
        java.util.Arrays.stream(model.name().split("[^A-Za-z0-9]+"))
            .filter(s -> !s.isEmpty())
            .map(s -> Character.toUpperCase(s.charAt(0)) + s.substring(1))
            .collect(Collectors.joining());
    return name.isEmpty() || Character.isDigit(name.charAt(0)) ? "Model" + name : name;
  }

  private String swift() {
    Graph graph = model.original();
    String parameters =
        graph.inputs().stream()
            .map(i -> swiftName(i.name()) + ": MLMultiArray")
            .collect(Collectors.joining(", "));
    String features =
        graph.inputs().stream()
            .map(i -> "      \"" + legal(i.name()) + "\": " + swiftName(i.name()))
            .collect(Collectors.joining(",\n"));
    String output = legal(graph.outputs().getFirst());
    return """
    import CoreML

    /// Loads %1$s and answers on the device: no data leaves it.
    final class %2$s {
      private let model: MLModel

      init() throws {
        let place = Bundle.main.url(forResource: "%1$s", withExtension: "mlmodelc")!
        let configuration = MLModelConfiguration()
        configuration.computeUnits = .all
        model = try MLModel(contentsOf: place, configuration: configuration)
      }

      /// Inputs: %3$s.
      func answer(%4$s) throws -> MLMultiArray {
        let inputs = try MLDictionaryFeatureProvider(dictionary: [
    %5$s
        ])
        return try model.prediction(from: inputs).featureValue(for: "%6$s")!.multiArrayValue!
      }
    }
    """
        .formatted(
            model.name(),
            typeName(),
            data.shapes(graph).entrySet().stream()
                .map(e -> e.getKey() + " " + e.getValue())
                .collect(Collectors.joining(", ")),
            parameters,
            features,
            output);
  }

  private static String swiftName(String name) {
    List<String> words = List.of(legal(name).split("_+"));
    String joined =
        words.stream()
            .filter(w -> !w.isEmpty())
            .map(w -> Character.toUpperCase(w.charAt(0)) + w.substring(1))
            .collect(Collectors.joining());
    return joined.isEmpty()
        ? "value"
        : Character.toLowerCase(joined.charAt(0)) + joined.substring(1);
  }

  private static String legal(String name) {
    return name.replaceAll("[^A-Za-z0-9_]", "_").replaceAll("^(?=[0-9])", "_");
  }
}
