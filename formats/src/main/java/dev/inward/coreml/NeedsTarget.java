package dev.inward.coreml;

import dev.inward.base.UnsupportedException;

/// A target is too old for the graph. Where the target was not asked for, writing starts again with
/// the one that is needed.
final class NeedsTarget extends RuntimeException {
  private static final long serialVersionUID = 1;

  final Target least;
  final UnsupportedException refusal;

  NeedsTarget(Target least, UnsupportedException refusal) {
    super(refusal.getMessage(), refusal, false, false);
    this.least = least;
    this.refusal = refusal;
  }
}
