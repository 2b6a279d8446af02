package dev.inward.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A folder for files that nobody keeps. It is gone when it is closed, and when the process ends.
public record Scratch(Path folder) implements AutoCloseable {
  /// A new, empty folder where the system keeps temporary files.
  ///
  /// @throws InputException where none can be made
  public static Scratch open() {
    try {
      Path folder = Files.createTempDirectory("inward");
      Leftovers.add(folder);
      return new Scratch(folder);
    } catch (IOException e) {
      throw InputException.at(
              System.getProperty("java.io.tmpdir"),
              "takes no temporary files: %s",
              String.valueOf(e.getMessage()))
          .hint("make room there, or name another folder: JAVA_TOOL_OPTIONS=-Djava.io.tmpdir=DIR");
    }
  }

  @Override
  public void close() {
    Leftovers.delete(folder);
  }
}
