package dev.inward.base;

/// Told how long work is getting on. Steps may come from any thread.
@FunctionalInterface
public interface Progress {
  /// Says nothing.
  Progress SILENT = (_, _, _) -> {};

  /// `done` of `total` units of the named stage are done; `total` is 0 where it is not known.
  void at(String stage, long done, long total);
}
