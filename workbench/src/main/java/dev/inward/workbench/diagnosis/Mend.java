package dev.inward.workbench.diagnosis;

import java.util.List;
import java.util.Locale;

/// A change to a model that takes a cause away.
public sealed interface Mend {
  /// Computes nodes in float32: they leave the Neural Engine, and a cast stands on each border.
  ///
  /// @param nodes of the changed model
  /// @param exact whether their weights are taken from the reference as they are there
  record KeepFloat32(List<String> nodes, boolean exact) implements Mend {
    public KeepFloat32 {
      nodes = List.copyOf(nodes);
    }
  }

  /// Multiplies what is squared by a power of two, so that the squares fit; the root takes it back.
  ///
  /// @param value the square
  /// @param by the power of two
  record Rescale(String value, double by) implements Mend {}

  /// One scale a channel.
  record PerChannel(String weight, int axis, int bits) implements Mend {}

  /// Stores a weight with more bits: 8 a channel, 16 or 32.
  record MoreBits(String weight, int axis, int bits) implements Mend {}

  /// A range of codes that holds all values of the samples.
  record WiderRange(String node, double least, double most) implements Mend {}

  /// No codes for an activation.
  record NoCodes(String node) implements Mend {}

  /// The nodes of the reference in place of those that mean something else.
  record ExactForm(String value, String counterpart) implements Mend {}

  /// A sum in parts, each with a running total of its own.
  record SplitSum(String node, int parts) implements Mend {}

  /// A short name for machines: `keep-float32`.
  default String key() {
    return getClass()
        .getSimpleName()
        .replaceAll("(?<=[a-z])([A-Z]|[0-9]+)", "-$1")
        .toLowerCase(Locale.ROOT)
        .replace("float-32", "float32");
  }

  /// What is done, in words.
  default String text() {
    return switch (this) {
      case KeepFloat32(var nodes, var exact) ->
          "keep %s in float32%s"
              .formatted(
                  nodes.size() <= 2
                      ? String.join(", ", nodes)
                      : "%s and %d more nodes".formatted(nodes.getFirst(), nodes.size() - 1),
                  exact ? ", weights as in the reference" : "");
      case Rescale(var value, var by) ->
          "scale what is squared in '%s' by %s, and its root back".formatted(value, by);
      case PerChannel(var weight, _, var bits) ->
          "one int%d scale a channel for '%s'".formatted(bits, weight);
      case MoreBits(var weight, _, var bits) ->
          bits == 8
              ? "int8 with one scale a channel for '%s'".formatted(weight)
              : "float%d for '%s'".formatted(bits, weight);
      case WiderRange(var node, var least, var most) ->
          String.format(Locale.ROOT, "a range from %.3g to %.3g for '%s'", least, most, node);
      case NoCodes(var node) -> "no codes at '%s'".formatted(node);
      case ExactForm(var value, _) -> "the nodes of the reference for '%s'".formatted(value);
      case SplitSum(var node, var parts) -> "sum '%s' in %d parts".formatted(node, parts);
    };
  }
}
