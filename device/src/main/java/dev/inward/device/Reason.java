package dev.inward.device;

/// Why a node is expected where it is.
///
/// @param text the rule applied to the node at hand, with its numbers
public record Reason(Rule rule, String text) {
  static Reason of(Rule rule, String format, Object... args) {
    return new Reason(rule, format.formatted(args));
  }
}
