package dev.inward.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/// A folder for the files of one reading. Every reading has files of its own: one that is mapped
/// must not be cut short under its reader.
final class Scratch implements AutoCloseable {
  private final Path folder;

  Scratch() throws IOException {
    folder = Files.createTempDirectory("inward-fuzz");
  }

  Path fresh(String name) {
    return folder.resolve(name);
  }

  Path write(String name, byte[] bytes) throws IOException {
    return Files.write(fresh(name), bytes);
  }

  @Override
  public void close() throws IOException {
    List<Path> all;
    try (var paths = Files.walk(folder)) {
      all = paths.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path path : all) {
      Files.delete(path);
    }
  }
}
