package dev.inward.base;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Files that must not be there when the process has ended, however it ends.
final class Leftovers {
  /* At the end they are deleted while other threads may still write. Nothing is moved into place any
   * more by then: half of what is moved could already be deleted. */
  private static final Set<Path> KNOWN = ConcurrentHashMap.newKeySet();
  private static final Set<Path> NEW_FOLDERS = ConcurrentHashMap.newKeySet();
  private static final ReentrantLock MOVING = new ReentrantLock();
  private static final int TRIES = 5;

  static {
    Runtime.getRuntime().addShutdownHook(new Thread(Leftovers::deleteAll));
  }

  private Leftovers() {}

  static void add(Path path) {
    KNOWN.add(path);
  }

  /// Deletes a file or folder, which may be gone already.
  static void delete(Path path) {
    try {
      deleteTree(path);
    } catch (IOException e) {
      System.getLogger(Leftovers.class.getName())
          .log(System.Logger.Level.WARNING, "left behind: " + path, e);
    }
    KNOWN.remove(path);
  }

  /// A folder that was made for what is to come, and goes if nothing comes.
  static void addNew(Path folder) {
    NEW_FOLDERS.add(folder);
  }

  static void deleteIfEmpty(Path folder) {
    NEW_FOLDERS.remove(folder);
    try {
      Files.deleteIfExists(folder);
    } catch (IOException e) {
      // Somebody has put something into it, or it is not ours.
    }
  }

  interface Move {
    void run() throws IOException;
  }

  /// Moves files into place, as one step for a process that is being ended.
  static void moving(Move move) throws IOException {
    MOVING.lock();
    try {
      move.run();
    } finally {
      MOVING.unlock();
    }
  }

  private static void deleteAll() {
    MOVING.lock(); // for good: who wants to move now waits until the process is gone
    for (int i = 0; i < TRIES; i++) {
      for (Path path : KNOWN) {
        try {
          deleteTree(path);
        } catch (IOException e) {
          // Another thread has just written into it; the next try finds that too.
        }
      }
    }
    // The innermost first.
    NEW_FOLDERS.stream()
        .sorted(Comparator.comparingInt(Path::getNameCount).reversed())
        .forEach(Leftovers::deleteIfEmpty);
  }

  private static void deleteTree(Path path) throws IOException {
    if (Files.notExists(path)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException fault)
              throws IOException {
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
