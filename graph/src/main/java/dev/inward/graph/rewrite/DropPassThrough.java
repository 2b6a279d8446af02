package dev.inward.graph.rewrite;

import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/// Takes away nodes whose result is their first operand, element by element: identities, casts to
/// the same type, reshapes to the same shape, transpositions that move nothing, concatenations of
/// one value.
///
/// ```text
/// y = f(x); z = identity(y); w = g(z)   ->   y = f(x); w = g(y)
/// y = f(x); z = identity(y), an output  ->   z = f(x)
/// ```
///
/// An output that is an input, or that shares its value with another output, keeps an identity.
final class DropPassThrough implements Pass {
  private static final Elementwise.Unary IDENTITY =
      new Elementwise.Unary(Elementwise.Unary.Function.IDENTITY);

  @Override
  public Graph apply(Graph graph) {
    Set<String> pinned = Renaming.pinned(graph);
    Map<String, String> same = new HashMap<>();
    Map<String, String> renamed = new HashMap<>();
    Set<Node> gone = new HashSet<>();
    Map<Node, Node> replaced = new HashMap<>();
    for (Node node : graph.nodes()) {
      if (!passesOn(graph, node)) {
        continue;
      }
      String out = node.result();
      String in = same.getOrDefault(node.operand(0), node.operand(0));
      if (!pinned.contains(out)) {
        same.put(out, in);
        gone.add(node);
      } else if (graph.producer(in).isPresent()
          && !pinned.contains(in)
          && !renamed.containsKey(in)) {
        renamed.put(in, out);
        gone.add(node);
      } else if (!node.op().equals(IDENTITY)) {
        replaced.put(node, new Node(node.name(), IDENTITY, List.of(in), node.out()));
      }
    }
    if (gone.isEmpty() && replaced.isEmpty()) {
      return graph;
    }
    Map<String, String> operands = new HashMap<>(renamed);
    same.forEach((from, to) -> operands.put(from, renamed.getOrDefault(to, to)));
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      if (!gone.contains(node)) {
        nodes.add(Renaming.of(replaced.getOrDefault(node, node), operands, renamed));
      }
    }
    return graph.toBuilder().nodes(_ -> nodes).build();
  }

  private static boolean passesOn(Graph graph, Node node) {
    if (node.out().size() != 1 || node.in().isEmpty()) {
      return false;
    }
    var type = graph.type(node.operand(0));
    boolean sameType =
        type.isPresent() && type.get().shape().ranked() && type.equals(graph.type(node.result()));
    return switch (node.op()) {
      case Elementwise.Unary op -> op.equals(IDENTITY);
      case Elementwise.Cast(var to) -> type.isPresent() && type.get().dtype() == to;
      case Elementwise.Variadic _, Movement.Concat _ -> node.in().size() == 1;
      case Elementwise.Clip _ -> !node.has(1) && !node.has(2);
      case Movement.Split _ -> true;
      case Movement.Reshape _,
          Movement.Flatten _,
          Movement.Squeeze _,
          Movement.Unsqueeze _,
          Movement.Expand _ ->
          sameType;
      case Movement.Tile _ -> sameType && all(graph, node.operand(1), 1);
      case Movement.Pad _ -> sameType && all(graph, node.operand(1), 0);
      case Movement.Slice _ -> sameType && (!node.has(4) || all(graph, node.operand(4), 1));
      case Movement.Transpose(var permutation) ->
          sameType
              && (permutation.isEmpty()
                  ? type.get().shape().rank() < 2
                  : IntStream.range(0, permutation.size()).allMatch(i -> permutation.get(i) == i));
      default -> false;
    };
  }

  private static boolean all(Graph graph, String value, long number) {
    Tensor tensor = graph.constant(value).orElse(null);
    return tensor != null
        && IntStream.range(0, (int) tensor.elements()).allMatch(i -> tensor.longs()[i] == number);
  }
}
