package dev.inward.cli;

/// What the exit code of a command says. A [refusal][dev.inward.base.Refusal] brings its own: 2 for
/// wrong input, 3 for what is valid and not supported. Ctrl-C ends with 130.
enum Exit {
  /// Done; where a budget was checked, every line of it is kept.
  KEPT(0),
  /// A line of the budget is broken.
  BROKEN(1),
  /// The request is wrong.
  WRONG(2),
  /// Whether the budget is kept cannot be known from what is here.
  UNDECIDED(4),
  /// A fault of ours.
  BUG(70);

  final int code;

  Exit(int code) {
    this.code = code;
  }
}
