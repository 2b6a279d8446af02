package dev.inward.cli;

import dev.inward.base.Json;
import dev.inward.coreml.CoreMl;
import dev.inward.coreml.Face;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// How a package faces an app, for people and for machines.
final class FaceText {
  private static final int SHOWN = 5;

  private FaceText() {}

  static List<String> lines(CoreMl.Read read) {
    Face face = read.face();
    List<String> lines = new ArrayList<>();
    lines.add(
        "format   Core ML specification %d%s"
            .formatted(
                read.specification(),
                read.target().map(t -> ", " + t.title() + " and newer").orElse("")));
    face.images()
        .forEach((name, colour) -> lines.add("image    %s: %s".formatted(name, colour.text())));
    face.extents()
        .forEach((name, extents) -> lines.add("shapes   %s: %s".formatted(name, extents)));
    face.classes()
        .ifPresent(classes ->
            lines.add(
                "labels   %d of '%s': %s%s"
                    .formatted(
                        classes.labels().size(),
                        classes.output(),
                        classes.labels().stream().limit(SHOWN).collect(Collectors.joining(", ")),
                        classes.labels().size() > SHOWN ? ", ..." : "")));
    texts(face).forEach((key, text) -> lines.add("%-8s %s".formatted(key, text)));
    face.descriptions().forEach((name, text) -> lines.add("about    %s: %s".formatted(name, text)));
    return lines;
  }

  private static Map<String, String> texts(Face face) {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("about", face.metadata().description());
    texts.put("author", face.metadata().author());
    texts.put("licence", face.metadata().licence());
    texts.put("version", face.metadata().version());
    texts.putAll(face.metadata().more());
    texts.values().removeIf(String::isEmpty);
    return texts;
  }

  static Json json(CoreMl.Read read) {
    Face face = read.face();
    Map<String, String> types = new LinkedHashMap<>();
    face.types().forEach((name, type) -> types.put(name, type.text()));
    Map<String, String> images = new LinkedHashMap<>();
    face.images().forEach((name, colour) -> images.put(name, colour.text()));
    Map<String, String> shapes = new LinkedHashMap<>();
    face.extents().forEach((name, extents) -> shapes.put(name, extents.toString()));
    return Json.obj(
        "specification", read.specification(),
        "types", types,
        "images", images,
        "shapes", shapes,
        "labels",
            face.classes()
                .map(classes ->
                    Json.obj(
                        "output", classes.output(),
                        "count", classes.labels().size(),
                        "names", classes.labels())),
        "metadata", texts(face),
        "descriptions", face.descriptions());
  }
}
