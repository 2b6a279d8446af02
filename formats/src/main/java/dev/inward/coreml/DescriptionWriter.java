package dev.inward.coreml;

import dev.inward.protobuf.WireWriter;
import java.util.List;

/// The bytes of a model's description: how it faces the app.
final class DescriptionWriter {
  private DescriptionWriter() {}

  static WireWriter write(Model model) {
    var out = new WireWriter();
    model.inputs().forEach(f -> out.message(1, feature(f)));
    model.outputs().forEach(f -> out.message(10, feature(f)));
    model
        .program()
        .classifier()
        .ifPresent(c -> out.string(11, c.label()).string(12, c.dictionary()));
    return out.message(100, metadata(model.metadata()));
  }

  private static WireWriter feature(Model.Feature feature) {
    var out = new WireWriter().string(1, feature.name());
    text(out, 2, feature.description());
    return out.message(
        3,
        switch (feature.shown()) {
          case Model.Shown.Array array -> new WireWriter().message(5, array(array));
          case Model.Shown.Image image -> new WireWriter().message(4, image(image));
          case Model.Shown.Label(var numbered) ->
              new WireWriter().message(numbered ? 1 : 3, new WireWriter());
          case Model.Shown.Probabilities(var numbered) ->
              new WireWriter()
                  .message(6, new WireWriter().message(numbered ? 1 : 2, new WireWriter()));
          case Model.Shown.Other(var what) -> throw new IllegalArgumentException(what);
        });
  }

  private static WireWriter array(Model.Shown.Array array) {
    var out = new WireWriter().packed(1, longs(array.dims())).varint(2, array.element().code());
    for (Face.Extents extents : array.extents()) {
      switch (extents) {
        case Face.Extents.Enumerated(var shapes) -> {
          var all = new WireWriter();
          shapes.forEach(shape -> all.message(1, new WireWriter().packed(1, longs(shape))));
          out.message(21, all);
        }
        case Face.Extents.Ranges(var axes) -> {
          var all = new WireWriter();
          axes.forEach(range -> all.message(1, range(range)));
          out.message(31, all);
        }
      }
    }
    return out;
  }

  private static WireWriter image(Model.Shown.Image image) {
    var out =
        new WireWriter()
            .varint(1, image.width())
            .varint(2, image.height())
            .varint(3, image.colour().code());
    for (Face.Extents extents : image.extents()) {
      switch (extents) {
        case Face.Extents.Enumerated(var sizes) -> {
          var all = new WireWriter();
          sizes.forEach(size ->
              all.message(1, new WireWriter().varint(1, size.get(1)).varint(2, size.get(0))));
          out.message(21, all);
        }
        case Face.Extents.Ranges(var axes) ->
            out.message(
                31, new WireWriter().message(1, range(axes.get(1))).message(2, range(axes.get(0))));
      }
    }
    return out;
  }

  private static WireWriter range(Face.Range range) {
    return new WireWriter().varint(1, range.least()).varint(2, range.most().orElse(-1));
  }

  private static long[] longs(List<Long> values) {
    return values.stream().mapToLong(Long::longValue).toArray();
  }

  private static WireWriter metadata(Options.Metadata metadata) {
    var out = new WireWriter();
    text(out, 1, metadata.description());
    text(out, 2, metadata.version());
    text(out, 3, metadata.author());
    text(out, 4, metadata.licence());
    metadata
        .more()
        .forEach(
            (key, value) -> out.message(100, new WireWriter().string(1, key).string(2, value)));
    return out;
  }

  private static void text(WireWriter out, int field, String text) {
    if (!text.isEmpty()) {
      out.string(field, text);
    }
  }
}
