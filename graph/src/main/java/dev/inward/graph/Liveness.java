package dev.inward.graph;

import dev.inward.base.InputException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which activations are in memory while a graph runs node by node. A value lives from the node
/// that makes it (an input: from the start) to the last node that reads it (an output: to the end).
/// No result takes over the memory of an operand. Constants are not counted.
public final class Liveness {
  private Liveness() {}

  /// Bytes that are live while each node runs, in the order of the nodes.
  ///
  /// @throws dev.inward.base.InputException where a shape holds a symbol or is not known
  public static List<Long> bytes(Graph graph) {
    var nodes = graph.nodes();
    int end = nodes.size();
    Map<String, Integer> last = new HashMap<>();
    for (int i = 0; i < end; i++) {
      int at = i;
      nodes.get(i).reads().forEach(r -> last.put(r, at));
    }
    graph.outputs().forEach(o -> last.put(o, end));
    long live = inputBytes(graph);
    List<List<String>> dying = new ArrayList<>();
    nodes.forEach(_ -> dying.add(new ArrayList<>()));
    graph
        .inputs()
        .forEach(i -> {
          int until = last.getOrDefault(i.name(), 0);
          if (until < end) {
            dying.get(until).add(i.name());
          }
        });
    List<Long> all = new ArrayList<>();
    for (int i = 0; i < end; i++) {
      var sizes = new Sizes(graph, nodes.get(i));
      for (String out : nodes.get(i).out()) {
        if (!out.isEmpty()) {
          live = Math.addExact(live, sizes.bytes(out));
          int until = last.getOrDefault(out, i);
          if (until < end) {
            dying.get(until).add(out);
          }
        }
      }
      all.add(live);
      for (String gone : dying.get(i)) {
        live -= sizes.bytes(gone);
      }
    }
    return all;
  }

  /// Bytes of all inputs.
  static long inputBytes(Graph graph) {
    long bytes = 0;
    for (Value input : graph.inputs()) {
      var type = input.type();
      if (!type.shape().isStatic()) {
        throw InputException.at("input '" + input.name() + "'", "cannot be counted: it is %s", type)
            .hint("bind it to numbers with --shape");
      }
      bytes = Math.addExact(bytes, type.dtype().bytes(type.shape().elements().orElseThrow()));
    }
    return bytes;
  }
}
