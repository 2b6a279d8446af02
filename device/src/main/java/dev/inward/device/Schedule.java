package dev.inward.device;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Puts placed nodes in an order with few crossings between units.
final class Schedule {
  private Schedule() {}

  /// The nodes in runs of one unit: an order that respects who reads whom and stays on a unit for
  /// as long as a node of it is ready. The same placement gives the same order.
  static List<List<Placement.Placed>> runs(List<Placement.Placed> nodes) {
    Map<String, Integer> producer = new HashMap<>();
    for (int i = 0; i < nodes.size(); i++) {
      for (String out : nodes.get(i).node().out()) {
        producer.put(out, i);
      }
    }
    int[] missing = new int[nodes.size()];
    List<List<Integer>> readers = new ArrayList<>();
    nodes.forEach(_ -> readers.add(new ArrayList<>()));
    for (int i = 0; i < nodes.size(); i++) {
      for (int from :
          nodes
              .get(i)
              .node()
              .reads()
              .map(producer::get)
              .filter(Objects::nonNull)
              .distinct()
              .toList()) {
        readers.get(from).add(i);
        missing[i]++;
      }
    }
    Map<ComputeUnit, TreeSet<Integer>> ready = new EnumMap<>(ComputeUnit.class);
    for (ComputeUnit unit : ComputeUnit.values()) {
      ready.put(unit, new TreeSet<>());
    }
    for (int i = 0; i < missing.length; i++) {
      if (missing[i] == 0) {
        Objects.requireNonNull(ready.get(nodes.get(i).unit())).add(i);
      }
    }
    var runs = new ArrayList<List<Placement.Placed>>();
    for (Optional<ComputeUnit> next = next(ready); next.isPresent(); next = next(ready)) {
      var queue = Objects.requireNonNull(ready.get(next.get()));
      var run = new ArrayList<Placement.Placed>();
      while (!queue.isEmpty()) {
        int i = Objects.requireNonNull(queue.pollFirst());
        run.add(nodes.get(i));
        for (int reader : readers.get(i)) {
          if (--missing[reader] == 0) {
            Objects.requireNonNull(ready.get(nodes.get(reader).unit())).add(reader);
          }
        }
      }
      runs.add(List.copyOf(run));
    }
    return runs;
  }

  /// The CPU first: what it prepares, lookups and masks, the others then find ready.
  private static Optional<ComputeUnit> next(Map<ComputeUnit, TreeSet<Integer>> ready) {
    return Stream.of(ComputeUnit.CPU, ComputeUnit.GPU, ComputeUnit.NEURAL_ENGINE)
        .filter(unit -> !Objects.requireNonNull(ready.get(unit)).isEmpty())
        .findFirst();
  }
}
