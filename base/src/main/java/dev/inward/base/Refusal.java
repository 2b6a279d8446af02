package dev.inward.base;

import java.util.Optional;

/// A request that cannot be served for a reason that its sender can act on. Everything else that is
/// thrown is a bug of ours.
///
/// The text is `where: what`, then, where there is one, a second line ` hint: …`.
public abstract sealed class Refusal extends RuntimeException
    permits InputException, UnsupportedException {
  private final String where;
  private final String what;
  private final Optional<String> hint;

  Refusal(String where, String what, Optional<String> hint) {
    super(where.isEmpty() ? what : where + ": " + what);
    this.where = where;
    this.what = what;
    this.hint = hint;
  }

  /// The place at fault: `file:line:column`, a file, `node 'name'`, or empty.
  public String where() {
    return where;
  }

  /// What is wrong there, with what was found and what was expected.
  public String what() {
    return what;
  }

  /// How to mend it.
  public Optional<String> hint() {
    return hint;
  }

  /// The exit code of a command that ends with this refusal.
  public abstract int exitCode();

  /// The message as a person sees it: the message, and the hint on a line of its own.
  public String text() {
    return getMessage() + hint.map(h -> "\n  hint: " + h).orElse("");
  }
}
