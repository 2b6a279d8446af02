package dev.inward.cli;

import dev.inward.base.InputException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import picocli.CommandLine.Option;

/// The option `--shape`.
final class Shapes {
  private static final long LARGEST = Integer.MAX_VALUE;

  @Option(
      names = "--shape",
      paramLabel = "NAME=1x128",
      description = "Binds the shape of an input; may be given for each.")
  private List<String> given = new ArrayList<>();

  /// The extents of each named input.
  ///
  /// @throws InputException where one does not read
  SequencedMap<String, List<Long>> bound() {
    SequencedMap<String, List<Long>> shapes = new LinkedHashMap<>();
    for (String text : given) {
      int split = text.lastIndexOf('=');
      if (split < 1) {
        throw wrong(text, "names no input");
      }
      List<Long> extents = new ArrayList<>();
      for (String extent : text.substring(split + 1).split("x", -1)) {
        if (!extent.matches("[0-9]{1,18}")) {
          throw wrong(text, "'" + extent + "' is no number");
        }
        long size = Long.parseLong(extent);
        if (size < 1 || size > LARGEST) {
          throw wrong(text, "an extent is from 1 to %d, not %d".formatted(LARGEST, size));
        }
        extents.add(size);
      }
      String name = text.substring(0, split);
      if (shapes.put(name, List.copyOf(extents)) != null) {
        throw wrong(text, "binds '" + name + "' a second time");
      }
    }
    return shapes;
  }

  private static InputException wrong(String text, String what) {
    return InputException.at("--shape " + text, "%s", what)
        .hint("write the extents with an x between them: --shape input_ids=1x128");
  }
}
