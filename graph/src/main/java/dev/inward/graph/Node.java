package dev.inward.graph;

import java.util.List;
import java.util.stream.Stream;

/// One application of an op. Operands and results are names of values, not nodes: nodes compare and
/// hash in constant depth, and a graph with shared values stays a flat list.
///
/// @param name unique in a graph; may be the name of its first result
/// @param in operands; the empty string stands for an optional one that is left out
/// @param out results; the empty string stands for one that nobody reads
public record Node(String name, Op op, List<String> in, List<String> out) {
  public Node {
    in = List.copyOf(in);
    out = List.copyOf(out);
  }

  /// A node named after its only result.
  public static Node of(Op op, List<String> in, String out) {
    return new Node(out, op, in, List.of(out));
  }

  /// The operand at a position, the empty string where it is left out.
  public String operand(int index) {
    return index < in.size() ? in.get(index) : "";
  }

  public boolean has(int index) {
    return !operand(index).isEmpty();
  }

  /// The first result.
  public String result() {
    return out.getFirst();
  }

  /// Every value that the node reads, what a body inside it captures included.
  public Stream<String> reads() {
    Stream<String> named = in.stream().filter(name -> !name.isEmpty());
    return op instanceof Opaque opaque ? Stream.concat(named, opaque.captures().stream()) : named;
  }

  /// `y, i = TopK(x, k)`.
  @Override
  public String toString() {
    return "%s = %s(%s)".formatted(String.join(", ", out), op.name(), String.join(", ", in));
  }
}
