package dev.inward.fuzz;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.TreeMap;

/// What the fuzzer found once, as files in the folder `findings` of the resources, a folder for
/// each target.
final class Findings {
  private Findings() {}

  static SequencedMap<String, byte[]> of(Target target) throws IOException {
    var found = new TreeMap<String, byte[]>();
    try {
      Path all =
          Path.of(Objects.requireNonNull(Findings.class.getResource("findings/README.md")).toURI());
      Path folder = all.resolveSibling(target.key());
      if (Files.isDirectory(folder)) {
        try (var files = Files.list(folder)) {
          for (Path file : files.toList()) {
            found.put(String.valueOf(file.getFileName()), Files.readAllBytes(file));
          }
        }
      }
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    return found;
  }
}
