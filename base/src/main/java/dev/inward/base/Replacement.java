package dev.inward.base;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/// Puts files and folders under their final names only once they are whole: they are written
/// beside, then moved. Where writing fails, is interrupted, or the process is ended by a signal,
/// what stood there before stays as it was and nothing half-written is left.
public final class Replacement {
  private Replacement() {}

  /// Writes to the path that it is given; that path does not exist yet.
  @FunctionalInterface
  public interface Writer {
    void write(Path beside) throws IOException;
  }

  /// Writes into the folder that it is given, which exists and is empty, and tells of it.
  @FunctionalInterface
  public interface Maker<T> {
    T make(Path beside) throws IOException;
  }

  /// Replaces the file or directory `target` by what `writer` writes.
  ///
  /// @throws InputException where the place cannot be written or the disk is full
  public static void of(Path target, Writer writer) {
    Path place = target.toAbsolutePath().normalize();
    Path beside = place.resolveSibling("." + place.getFileName() + suffix() + ".part");
    Leftovers.add(beside);
    try {
      Files.createDirectories(place.getParent());
      writer.write(beside);
      Leftovers.moving(() -> move(beside, place));
    } catch (IOException e) {
      throw refusal(target, place.resolveSibling("."), e);
    } finally {
      Leftovers.delete(beside);
    }
  }

  /// Puts what `maker` writes into a folder of its own into the folder `target`, all of it or
  /// nothing. What else is in the target stays, but for what is outdated.
  ///
  /// @param outdated names in the target that go where the maker makes no such file anew
  /// @throws InputException where the place cannot be written or the disk is full
  public static <T> T into(Path target, Collection<String> outdated, Maker<T> maker) {
    Path place = target.toAbsolutePath().normalize();
    List<Path> created = new ArrayList<>();
    for (Path p = place; p != null && Files.notExists(p); p = p.getParent()) {
      created.add(p);
      Leftovers.addNew(p);
    }
    // Inside: the folder above may be one in which nothing may be made.
    Path beside = place.resolve(suffix() + ".part");
    Leftovers.add(beside);
    try {
      Files.createDirectories(beside);
      T made = maker.make(beside);
      Leftovers.moving(() -> moveAll(beside, place, outdated));
      return made;
    } catch (IOException e) {
      throw refusal(target, place, e);
    } catch (InputException e) {
      throw e.named(beside, target);
    } finally {
      Leftovers.delete(beside);
      created.forEach(Leftovers::deleteIfEmpty);
    }
  }

  private static String suffix() {
    return "." + ProcessHandle.current().pid();
  }

  private static InputException refusal(Path target, Path folder, IOException e) {
    String name = e.getClass().getSimpleName().replace("Exception", "");
    String reason = e.getMessage() == null ? name : name + ": " + e.getMessage();
    return InputException.at(target.toString(), "cannot be written: %s", reason)
        .hint("check the free space of the disk and the rights on %s", folder);
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
    Leftovers.delete(old);
  }

  private static void moveAll(Path from, Path to, Collection<String> outdated) throws IOException {
    Path old = Files.createDirectory(to.resolve(suffix() + ".old"));
    List<Path> names;
    try (var files = Files.list(from)) {
      names = files.map(Path::getFileName).sorted().toList();
    }
    List<Path> gone =
        outdated.stream().map(Path::of).filter(name -> !names.contains(name)).toList();
    List<Path> begun = new ArrayList<>();
    try {
      for (Path name : gone) {
        if (Files.exists(to.resolve(name))) {
          Files.move(to.resolve(name), old.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        }
        begun.add(name);
      }
      for (Path name : names) {
        if (Files.exists(to.resolve(name))) {
          Files.move(to.resolve(name), old.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        }
        begun.add(name);
        Files.move(from.resolve(name), to.resolve(name), StandardCopyOption.ATOMIC_MOVE);
      }
    } catch (IOException e) {
      for (Path name : begun) {
        Leftovers.delete(to.resolve(name));
        if (Files.exists(old.resolve(name))) {
          Files.move(old.resolve(name), to.resolve(name), StandardCopyOption.ATOMIC_MOVE);
        }
      }
      Leftovers.delete(old);
      throw e;
    }
    Leftovers.delete(old);
  }
}
