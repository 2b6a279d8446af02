package dev.inward.base;

import java.util.Optional;

/// The input is valid, and this version cannot do what it asks: the text names the op, the version
/// or the target, and what can be done instead. Exit code 3, no stack trace.
public final class UnsupportedException extends Refusal {
  private UnsupportedException(String where, String what, Optional<String> hint) {
    super(where, what, hint);
  }

  /// A fault at a place, `where: what`; the format is that of [String#format(String, Object...)].
  public static UnsupportedException at(String where, String format, Object... args) {
    return new UnsupportedException(
        where, args.length == 0 ? format : format.formatted(args), Optional.empty());
  }

  /// A fault that has no place of its own.
  public static UnsupportedException of(String format, Object... args) {
    return at("", format, args);
  }

  /// The same fault with a way to mend it.
  public UnsupportedException hint(String format, Object... args) {
    var hinted =
        new UnsupportedException(
            where(), what(), Optional.of(args.length == 0 ? format : format.formatted(args)));
    hinted.setStackTrace(getStackTrace());
    return hinted;
  }

  /// The same fault, seen from further out: `outer: where: what`.
  public UnsupportedException in(String outer) {
    var moved =
        new UnsupportedException(
            where().isEmpty() ? outer : outer + ": " + where(), what(), hint());
    moved.setStackTrace(getStackTrace());
    return moved;
  }

  @Override
  public int exitCode() {
    return 3;
  }
}
