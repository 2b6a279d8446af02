package dev.inward.graph;

import dev.inward.base.InputException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/// Puts nodes into topological order and checks that every value has exactly one definition.
final class Ordering {
  private Ordering() {}

  /// The nodes, each after those that it reads; where that leaves a choice, in the order given.
  static List<Node> topological(
      List<Value> inputs, Collection<String> constants, List<Node> nodes, List<String> outputs) {
    Set<String> known = new HashSet<>(constants);
    for (Value input : inputs) {
      if (!known.add(input.name())) {
        throw InputException.at(
            "value '" + input.name() + "'", "is defined twice, once as an input");
      }
    }
    Map<String, Integer> producer = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String out : nodes.get(i).out()) {
        if (!out.isEmpty() && (known.contains(out) || producer.put(out, i) != null)) {
          throw InputException.at(
              "node '" + nodes.get(i).name() + "'", "defines '%s', which is defined already", out);
        }
      }
    }
    for (String output : outputs) {
      if (!known.contains(output) && !producer.containsKey(output)) {
        throw InputException.at("output '" + output + "'", "nothing defines it");
      }
    }
    return sort(nodes, known, producer);
  }

  private static List<Node> sort(
      List<Node> nodes, Set<String> known, Map<String, Integer> producer) {
    int[] waiting = new int[nodes.size()];
    List<List<Integer>> next = new ArrayList<>(nodes.size());
    nodes.forEach(_ -> next.add(new ArrayList<>()));
    var ready = new PriorityQueue<Integer>();
    for (int i = 0; i < nodes.size(); i++) {
      Node node = nodes.get(i);
      for (String read : node.reads().distinct().toList()) {
        Integer from = producer.get(read);
        if (from != null) {
          waiting[i]++;
          next.get(from).add(i);
        } else if (!known.contains(read)) {
          throw InputException.at(
              "node '" + node.name() + "'",
              "reads '%s', which is no input, no constant and no result of a node",
              read);
        }
      }
      if (waiting[i] == 0) {
        ready.add(i);
      }
    }
    List<Node> sorted = new ArrayList<>(nodes.size());
    while (!ready.isEmpty()) {
      int at = ready.remove();
      sorted.add(nodes.get(at));
      for (int follower : next.get(at)) {
        if (--waiting[follower] == 0) {
          ready.add(follower);
        }
      }
    }
    if (sorted.size() < nodes.size()) {
      var placed = new HashSet<>(sorted);
      Node stuck = nodes.stream().filter(n -> !placed.contains(n)).findFirst().orElseThrow();
      throw InputException.at(
          "node '" + stuck.name() + "'", "is part of a cycle: it needs its own result");
    }
    return List.copyOf(sorted);
  }
}
