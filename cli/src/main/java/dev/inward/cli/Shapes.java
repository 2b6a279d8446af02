package dev.inward.cli;

import dev.inward.base.InputException;
import dev.inward.coreml.Face;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.OptionalLong;
import java.util.SequencedMap;
import picocli.CommandLine.Option;

/// The option `--shape`.
final class Shapes {
  private static final long LARGEST = Integer.MAX_VALUE;
  private static final String RANGE = "..";

  @Option(
      names = "--shape",
      paramLabel = "NAME=1x128",
      description = "Binds the shape of an input; may be given for each.")
  private List<String> given = new ArrayList<>();

  /// The extents of each named input that has one shape.
  ///
  /// @throws InputException where one does not read, or gives several shapes
  SequencedMap<String, List<Long>> bound() {
    var open = open();
    if (!open.isEmpty()) {
      throw wrong(
          open.firstEntry().getKey() + "=" + open.firstEntry().getValue(),
          "gives several shapes; only convert takes these");
    }
    return fixed();
  }

  /// The extents of the named inputs that have one shape, others left out.
  SequencedMap<String, List<Long>> fixed() {
    SequencedMap<String, List<Long>> shapes = new LinkedHashMap<>();
    all()
        .forEach((name, extents) -> {
          if (isFixed(extents)) {
            shapes.put(name, extents.usual());
          }
        });
    return shapes;
  }

  /// The shapes of the named inputs that have several.
  SequencedMap<String, Face.Extents> open() {
    var shapes = all();
    shapes.values().removeIf(Shapes::isFixed);
    return shapes;
  }

  private static boolean isFixed(Face.Extents extents) {
    return switch (extents) {
      case Face.Extents.Enumerated(var shapes) -> shapes.size() == 1;
      case Face.Extents.Ranges(var axes) -> axes.stream().allMatch(Face.Range::fixed);
    };
  }

  private SequencedMap<String, Face.Extents> all() {
    SequencedMap<String, Face.Extents> shapes = new LinkedHashMap<>();
    for (String text : given) {
      int split = text.lastIndexOf('=');
      if (split < 1) {
        throw wrong(text, "names no input");
      }
      String name = text.substring(0, split);
      if (shapes.put(name, extents(text, text.substring(split + 1))) != null) {
        throw wrong(text, "binds '" + name + "' a second time");
      }
    }
    return shapes;
  }

  private static Face.Extents extents(String text, String value) {
    if (!value.contains(RANGE)) {
      List<List<Long>> all = new ArrayList<>();
      for (String shape : value.split(",", -1)) {
        all.add(ranges(text, shape).stream().map(Face.Range::least).toList());
      }
      if (all.stream().map(List::size).distinct().count() > 1) {
        throw wrong(text, "its shapes have different numbers of axes");
      }
      return new Face.Extents.Enumerated(all.stream().distinct().toList());
    }
    if (value.contains(",")) {
      throw wrong(text, "is a list of shapes and a range at once");
    }
    return new Face.Extents.Ranges(ranges(text, value));
  }

  private static List<Face.Range> ranges(String text, String shape) {
    List<Face.Range> axes = new ArrayList<>();
    for (String extent : shape.split("x", -1)) {
      int at = extent.indexOf(RANGE);
      if (at < 0) {
        long size = number(text, extent);
        axes.add(new Face.Range(size, OptionalLong.of(size)));
      } else {
        String most = extent.substring(at + RANGE.length());
        long least = number(text, extent.substring(0, at));
        var end = most.isEmpty() ? OptionalLong.empty() : OptionalLong.of(number(text, most));
        if (end.isPresent() && end.getAsLong() < least) {
          throw wrong(text, "'" + extent + "' ends before it begins");
        }
        axes.add(new Face.Range(least, end));
      }
    }
    return axes;
  }

  private static long number(String text, String extent) {
    if (!extent.matches("[0-9]{1,18}")) {
      throw wrong(text, "'" + extent + "' is no number");
    }
    long size = Long.parseLong(extent);
    if (size < 1 || size > LARGEST) {
      throw wrong(text, "an extent is from 1 to %d, not %d".formatted(LARGEST, size));
    }
    return size;
  }

  private static InputException wrong(String text, String what) {
    return InputException.at("--shape " + text, "%s", what)
        .hint("write the extents with an x between them: --shape input_ids=1x128");
  }
}
