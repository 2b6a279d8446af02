package dev.inward.cli;

import dev.inward.base.Json;
import dev.inward.base.Progress;
import java.io.PrintStream;
import java.util.Map;
import java.util.function.Function;

/// Where a command was started: where its results go, where it talks to a person, and what the
/// environment says.
///
/// @param out takes results and nothing else
/// @param err takes messages and progress
/// @param watched whether a person sees `err` as it is written
record Terminal(
    PrintStream out, PrintStream err, boolean watched, Map<String, String> environment) {

  /// Prints one result.
  void print(Json result) {
    out.println(result.pretty());
  }

  /// Does long work; while it lasts, a person who watches sees how far it is.
  <T> T watch(Function<Progress, T> work) {
    if (!watched) {
      return work.apply(Progress.SILENT);
    }
    try (var bar = new Bar(err)) {
      return work.apply(bar);
    }
  }
}
