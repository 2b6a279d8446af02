package dev.inward.base;

/// Where a number comes from. No number reaches a person without it.
public sealed interface Source {
  /// Exact, read off the graph or the file that is delivered.
  record Counted(String of) implements Source {}

  /// Observed: on which machine or data, in how many runs or samples, and how.
  record Measured(String on, int samples, String how) implements Source {}

  /// Computed by a model, with what is known of that model's error.
  record Modelled(String model, String error) implements Source {}

  /// Somebody else's printed number.
  record Published(String citation) implements Source {}

  /// One word for a table: `counted`, `measured`, `modelled`, `published`.
  default String kind() {
    return switch (this) {
      case Counted _ -> "counted";
      case Measured _ -> "measured";
      case Modelled _ -> "modelled";
      case Published _ -> "published";
    };
  }

  /// The whole source in one line.
  default String text() {
    return switch (this) {
      case Counted(var of) -> "counted: " + of;
      case Measured(var on, var samples, var how) ->
          "measured: " + how + ", n = " + samples + ", on " + on;
      case Modelled(var model, var error) -> "modelled: " + model + "; " + error;
      case Published(var citation) -> "published: " + citation;
    };
  }
}
