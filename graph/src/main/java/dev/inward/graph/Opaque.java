package dev.inward.graph;

import java.util.List;

/// An op that this version does not know, or knows only in another form, kept so that a model
/// survives a round trip unchanged. It can be carried and run; it cannot be typed, counted or
/// written to another format.
///
/// @param attributes the attributes byte for byte, as the format of origin writes them
/// @param captures values of the graph that a body inside the attributes reads without naming them
///   as operands
public record Opaque(String domain, String operator, Storage attributes, List<String> captures)
    implements Op {
  public Opaque {
    captures = List.copyOf(captures);
  }
}
