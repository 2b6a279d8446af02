package dev.inward.cli;

import dev.inward.base.InputException;
import dev.inward.base.Spelling;
import dev.inward.coreml.Face;
import dev.inward.coreml.Options;
import dev.inward.graph.Graph;
import dev.inward.workbench.Normalisation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import picocli.CommandLine.Option;

/// The options of `convert` that say how a package faces an app.
final class FaceOptions {
  @Option(
      names = "--input-type",
      paramLabel = "NAME=fp16",
      description = "The type of an input: fp32, fp16 (iOS 16), int32, int8 (iOS 26).")
  private List<String> inputTypes = new ArrayList<>();

  @Option(
      names = "--output-type",
      paramLabel = "NAME=fp16",
      description = "The type of an output, likewise.")
  private List<String> outputTypes = new ArrayList<>();

  @Option(
      names = "--image",
      paramLabel = "NAME=rgb",
      description =
          "An input or output [1xCxHxW] is an image: rgb, bgr, gray, gray-fp16. Pixels come as 0 to"
              + " 255.")
  private List<String> images = new ArrayList<>();

  @Option(
      names = "--scale",
      paramLabel = "NAME=1/255",
      description = "The model computes (input * scale - mean) / std first.")
  private List<String> scales = new ArrayList<>();

  @Option(
      names = "--mean",
      paramLabel = "NAME=0.485,0.456,0.406",
      description = "One for all, or one a channel (axis 1).")
  private List<String> means = new ArrayList<>();

  @Option(
      names = "--std",
      paramLabel = "NAME=0.229,0.224,0.225",
      description = "One for all, or one a channel.")
  private List<String> deviations = new ArrayList<>();

  @Option(
      names = "--labels",
      paramLabel = "[OUTPUT=]FILE",
      description = "Makes a classifier: one label a line, in the order of the output.")
  private Optional<String> labels = Optional.empty();

  @Option(names = "--author", paramLabel = "TEXT", description = "Metadata: who made it.")
  private Optional<String> author = Optional.empty();

  @Option(names = "--licence", paramLabel = "TEXT", description = "Metadata: its licence.")
  private Optional<String> licence = Optional.empty();

  @Option(
      names = "--model-version",
      paramLabel = "TEXT",
      description = "Metadata: the version of the model.")
  private Optional<String> version = Optional.empty();

  @Option(names = "--about", paramLabel = "TEXT", description = "Metadata: what the model does.")
  private Optional<String> about = Optional.empty();

  @Option(
      names = "--metadata",
      paramLabel = "KEY=TEXT",
      description = "Further metadata; may be given several times.")
  private List<String> more = new ArrayList<>();

  @Option(
      names = "--describe",
      paramLabel = "NAME=TEXT",
      description = "What an input or output is; may be given for each.")
  private List<String> descriptions = new ArrayList<>();

  /// The face that was read, or a plain one, changed as asked.
  ///
  /// @param graph whose inputs and outputs the options speak of
  Face face(Face before, Graph graph) {
    Map<String, Face.Element> types = new LinkedHashMap<>(before.types());
    types.putAll(named("--input-type", inputTypes, FaceOptions::element));
    types.putAll(named("--output-type", outputTypes, FaceOptions::element));
    Map<String, Face.Colour> colours = new LinkedHashMap<>(before.images());
    var asked = named("--image", images, FaceOptions::colour);
    colours.putAll(asked);
    if (!inputTypes.isEmpty() || !outputTypes.isEmpty()) {
      check("--input-type", inputTypes, graph.inputs().stream().map(i -> i.name()).toList());
      check("--output-type", outputTypes, graph.outputs());
    }
    asked.keySet().forEach(types::remove);
    Map<String, String> texts = new LinkedHashMap<>(before.descriptions());
    texts.putAll(named("--describe", descriptions, (_, text) -> text));
    Face face =
        before
            .types(types)
            .images(colours)
            .metadata(metadata(before.metadata()))
            .descriptions(texts);
    return labels.map(text -> face.classes(classes(text, graph))).orElse(face);
  }

  private static void check(String option, List<String> given, List<String> known) {
    for (String text : given) {
      String name = text.substring(0, text.lastIndexOf('='));
      if (!known.contains(name)) {
        throw InputException.at(option + " " + text, "the model has no '%s' there", name)
            .hint("%s", Spelling.hint(name, known));
      }
    }
  }

  private Options.Metadata metadata(Options.Metadata before) {
    Map<String, String> all = new TreeMap<>(before.more());
    all.putAll(named("--metadata", more, (_, text) -> text));
    return new Options.Metadata(
        author.orElse(before.author()),
        licence.orElse(before.licence()),
        about.orElse(before.description()),
        version.orElse(before.version()),
        all);
  }

  /// The arithmetic before each input.
  Map<String, Normalisation> normalisations() {
    var scale = named("--scale", scales, FaceOptions::number);
    var mean = named("--mean", means, FaceOptions::numbers);
    var std = named("--std", deviations, FaceOptions::numbers);
    std.forEach((name, all) -> {
      if (all.contains(0.0)) {
        throw InputException.at("--std " + name, "a deviation is not 0");
      }
    });
    Map<String, Normalisation> all = new LinkedHashMap<>();
    List<String> names = new ArrayList<>(scale.keySet());
    names.addAll(mean.keySet());
    names.addAll(std.keySet());
    for (String name : names) {
      all.put(
          name,
          Normalisation.NONE.with(
              Optional.ofNullable(scale.get(name)),
              Optional.ofNullable(mean.get(name)),
              Optional.ofNullable(std.get(name))));
    }
    return all;
  }

  private interface Reading<T> {
    T read(String where, String text);
  }

  /// `NAME=VALUE` of an option, by name.
  private static <T> Map<String, T> named(String option, List<String> given, Reading<T> reading) {
    Map<String, T> all = new LinkedHashMap<>();
    for (String text : given) {
      String where = option + " " + text;
      int split =
          option.equals("--describe") || option.equals("--metadata")
              ? text.indexOf('=')
              : text.lastIndexOf('=');
      if (split < 1) {
        throw InputException.at(where, "names nothing").hint("write it as NAME=VALUE");
      }
      if (all.put(text.substring(0, split), reading.read(where, text.substring(split + 1)))
          != null) {
        throw InputException.at(where, "speaks of it a second time");
      }
    }
    return all;
  }

  private static Face.Element element(String where, String text) {
    List<Face.Element> known =
        Arrays.stream(Face.Element.values()).filter(e -> e != Face.Element.FLOAT64).toList();
    return oneOf(where, text, known, Face.Element::text);
  }

  private static Face.Colour colour(String where, String text) {
    return oneOf(where, text, List.of(Face.Colour.values()), Face.Colour::text);
  }

  private static <T> T oneOf(
      String where, String text, List<T> known, Function<T, String> spelling) {
    return known.stream()
        .filter(e -> spelling.apply(e).equals(text.toLowerCase(Locale.ROOT)))
        .findFirst()
        .orElseThrow(() ->
            InputException.at(where, "'%s' is not known", text)
                .hint("there are %s", String.join(", ", known.stream().map(spelling).toList())));
  }

  /// `0.017`, or a fraction such as `1/255`.
  private static Double number(String where, String text) {
    String[] parts = text.split("/", 2);
    try {
      double value =
          parts.length == 2
              ? Double.parseDouble(parts[0]) / Double.parseDouble(parts[1])
              : Double.parseDouble(text);
      if (Double.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw InputException.at(where, "'%s' is no number", text);
  }

  private static List<Double> numbers(String where, String text) {
    return Arrays.stream(text.split(",", -1)).map(part -> number(where, part)).toList();
  }

  private static Face.Classes classes(String text, Graph graph) {
    int split = text.indexOf('=');
    boolean named = split > 0 && graph.outputs().contains(text.substring(0, split));
    if (!named && graph.outputs().size() != 1) {
      throw InputException.at("--labels " + text, "names none of the outputs")
          .hint(
              "write --labels OUTPUT=%s; the outputs are %s",
              text, String.join(", ", graph.outputs()));
    }
    String output = named ? text.substring(0, split) : graph.outputs().getFirst();
    Path file = Path.of(named ? text.substring(split + 1) : text);
    List<String> lines;
    try {
      lines = new ArrayList<>(Files.readAllLines(file, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw InputException.at(
          file.toString(), Files.exists(file) ? "is no text in UTF-8" : "there is no such file");
    }
    while (!lines.isEmpty() && lines.getLast().isBlank()) {
      lines.removeLast();
    }
    if (lines.isEmpty()) {
      throw InputException.at(file.toString(), "has no label in it");
    }
    return Face.Classes.of(output, lines.stream().map(String::strip).toList());
  }
}
