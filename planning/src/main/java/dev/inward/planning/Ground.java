package dev.inward.planning;

import dev.inward.base.Figure;

/// A figure that a decision stands on.
///
/// @param subject the candidate, or the part of a model, whose figure it is
public record Ground(String subject, Constraint.Kind kind, Figure figure) {
  /// `int8-channel: size 22.7 MB`.
  public String text() {
    return "%s: %s %s".formatted(subject, kind.key(), figure.text());
  }
}
