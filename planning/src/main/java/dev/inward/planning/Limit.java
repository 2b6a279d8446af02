package dev.inward.planning;

import dev.inward.base.Unit;

/// How far a number may go.
///
/// @param value in `unit`
/// @param direction whether the number may be at most or must be at least this
public record Limit(double value, Unit unit, Direction direction) {
  /// Which side of a limit is inside.
  public enum Direction {
    MOST,
    LEAST
  }

  static Limit most(double value, Unit unit) {
    return new Limit(value, unit, Direction.MOST);
  }

  static Limit least(double value, Unit unit) {
    return new Limit(value, unit, Direction.LEAST);
  }

  /// Whether the number keeps the limit; the limit itself does.
  public boolean holds(double number) {
    return switch (direction) {
      case MOST -> number <= value;
      case LEAST -> number >= value;
    };
  }

  /// `at most 50 MB`.
  public String text() {
    return (direction == Direction.MOST ? "at most " : "at least ") + unit.text(value);
  }
}
