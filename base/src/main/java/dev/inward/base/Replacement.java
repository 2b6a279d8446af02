package dev.inward.base;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Puts a file or a directory under its final name only once it is whole: it is written beside,
/// then moved. Where writing fails, is interrupted, or the process is ended by a signal, what stood
/// there before stays as it was and nothing half-written is left.
public final class Replacement {
  private static final Set<Path> UNFINISHED = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> UNFINISHED.forEach(Replacement::deleteQuietly)));
  }

  private Replacement() {}

  /// Writes to the path that it is given; that path does not exist yet.
  @FunctionalInterface
  public interface Writer {
    void write(Path beside) throws IOException;
  }

  /// Replaces the file or directory `target` by what `writer` writes.
  ///
  /// @throws InputException where the place cannot be written or the disk is full
  public static void of(Path target, Writer writer) {
    Path place = target.toAbsolutePath().normalize();
    Path beside =
        place.resolveSibling(
            "." + place.getFileName() + "." + ProcessHandle.current().pid() + ".part");
    UNFINISHED.add(beside);
    try {
      Files.createDirectories(place.getParent());
      writer.write(beside);
      move(beside, place);
    } catch (IOException e) {
      throw InputException.at(target.toString(), "cannot be written: %s", reason(e))
          .hint("check the free space of the disk and the rights on %s", place.resolveSibling("."));
    } finally {
      deleteQuietly(beside);
      UNFINISHED.remove(beside);
    }
  }

  private static String reason(IOException e) {
    String name = e.getClass().getSimpleName().replace("Exception", "");
    return e.getMessage() == null ? name : name + ": " + e.getMessage();
  }

  private static void move(Path from, Path to) throws IOException {
    if (!Files.isDirectory(to)) {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
      return;
    }
    Path old = from.resolveSibling(from.getFileName() + ".old");
    Files.move(to, old, StandardCopyOption.ATOMIC_MOVE);
    try {
      Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.move(old, to, StandardCopyOption.ATOMIC_MOVE);
      throw e;
    }
    deleteQuietly(old);
  }

  private static void deleteQuietly(Path path) {
    try {
      if (Files.notExists(path)) {
        return;
      }
      Files.walkFileTree(
          path,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(
                Path directory, @org.jspecify.annotations.Nullable IOException fault)
                throws IOException {
              Files.delete(directory);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      System.getLogger(Replacement.class.getName())
          .log(System.Logger.Level.WARNING, "left behind: " + path, e);
    }
  }
}
