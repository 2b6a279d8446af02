package dev.inward.base;

import java.nio.file.Path;
import java.util.Optional;

/// The user's input is wrong: a file that is damaged, a line of a budget that does not read, a
/// shape that contradicts another. Exit code 2, no stack trace.
public final class InputException extends Refusal {
  private InputException(String where, String what, Optional<String> hint) {
    super(where, what, hint);
  }

  /// A fault at a place, `where: what`; the format is that of [String#format(String, Object...)].
  public static InputException at(String where, String format, Object... args) {
    return new InputException(
        where, args.length == 0 ? format : format.formatted(args), Optional.empty());
  }

  /// A fault that has no place of its own.
  public static InputException of(String format, Object... args) {
    return at("", format, args);
  }

  /// The same fault with a way to mend it.
  public InputException hint(String format, Object... args) {
    var hinted =
        new InputException(
            where(), what(), Optional.of(args.length == 0 ? format : format.formatted(args)));
    hinted.setStackTrace(getStackTrace());
    return hinted;
  }

  /// The same fault, seen from further out: `outer: where: what`.
  public InputException in(String outer) {
    var moved =
        new InputException(where().isEmpty() ? outer : outer + ": " + where(), what(), hint());
    moved.setStackTrace(getStackTrace());
    return moved;
  }

  /// The same fault with a path called by another name wherever it is named.
  InputException named(Path path, Path name) {
    String old = path.toString();
    var renamed =
        new InputException(
            where().replace(old, name.toString()),
            what().replace(old, name.toString()),
            hint().map(h -> h.replace(old, name.toString())));
    renamed.setStackTrace(getStackTrace());
    return renamed;
  }

  @Override
  public int exitCode() {
    return 2;
  }
}
