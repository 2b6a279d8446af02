package dev.inward.coreml;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// How a model that was read faces an app.
final class FaceReader {
  private FaceReader() {}

  static Face of(Model model) {
    Map<String, List<Long>> dims = new LinkedHashMap<>();
    model.program().inputs().forEach(input -> dims.put(input.name(), input.dims()));
    return of(
        Stream.concat(model.inputs().stream(), model.outputs().stream()).toList(),
        model.metadata(),
        dims,
        model.program().classifier());
  }

  /// @param dims of the inputs of several shapes
  static Face of(
      DescriptionReader description,
      Map<String, List<Long>> dims,
      Optional<Mil.Classifier> classifier) {
    return of(
        Stream.concat(description.inputs().stream(), description.outputs().stream()).toList(),
        description.metadata(),
        dims,
        classifier);
  }

  private static Face of(
      List<Model.Feature> features,
      Options.Metadata metadata,
      Map<String, List<Long>> dims,
      Optional<Mil.Classifier> classifier) {
    Map<String, Face.Element> types = new LinkedHashMap<>();
    Map<String, Face.Colour> images = new LinkedHashMap<>();
    Map<String, Face.Extents> extents = new LinkedHashMap<>();
    Map<String, String> descriptions = new LinkedHashMap<>();
    features.forEach(feature -> {
      String name =
          feature.shown() instanceof Model.Shown.Probabilities && classifier.isPresent()
              ? classifier.get().probabilities()
              : feature.name();
      if (!feature.description().isEmpty()) {
        descriptions.put(name, feature.description());
      }
      List<Long> declared = dims.getOrDefault(name, List.of());
      switch (feature.shown()) {
        case Model.Shown.Array array -> {
          types.put(name, array.element());
          array.extents().forEach(e -> put(extents, name, e, declared));
        }
        case Model.Shown.Image image -> {
          images.put(name, image.colour());
          image.extents().forEach(e -> put(extents, name, ofArray(e, image), declared));
        }
        case Model.Shown.Label _, Model.Shown.Probabilities _, Model.Shown.Other _ -> {}
      }
    });
    Face face =
        Face.PLAIN
            .types(types)
            .images(images)
            .extents(extents)
            .metadata(metadata)
            .descriptions(descriptions);
    return classifier
        .map(c ->
            face.classes(
                new Face.Classes(
                    c.probabilities(), c.labels(), c.numbered(), c.label(), c.dictionary())))
        .orElse(face);
  }

  /// A range of one shape only says what the program says.
  private static void put(
      Map<String, Face.Extents> into, String name, Face.Extents extents, List<Long> declared) {
    if (declared.size() == extents.usual().size() && !Mil.isKnown(declared)) {
      into.put(name, extents);
    }
  }

  /// Height and width, as the extents of `[1, C, H, W]`.
  private static Face.Extents ofArray(Face.Extents extents, Model.Shown.Image image) {
    long channels = image.colour().channels();
    return switch (extents) {
      case Face.Extents.Enumerated(var sizes) ->
          new Face.Extents.Enumerated(
              sizes.stream().map(s -> List.of(1L, channels, s.get(0), s.get(1))).toList());
      case Face.Extents.Ranges(var axes) -> {
        List<Face.Range> all = new ArrayList<>();
        all.add(new Face.Range(1, OptionalLong.of(1)));
        all.add(new Face.Range(channels, OptionalLong.of(channels)));
        all.addAll(axes);
        yield new Face.Extents.Ranges(all);
      }
    };
  }
}
