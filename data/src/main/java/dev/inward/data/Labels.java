package dev.inward.data;

import java.math.BigInteger;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeSet;

/// The classes of a data set by name, and that of each sample.
final class Labels {
  private static final Comparator<String> BY_NUMBER =
      Comparator.comparing((String name) -> new BigInteger(name))
          .thenComparing(Comparator.naturalOrder());

  private final List<String> names;
  private final int[] classes;

  /// From the label of each sample, in order; none where the list is empty.
  Labels(List<String> ofSamples) {
    boolean numbers = ofSamples.stream().allMatch(name -> name.matches("\\d{1,18}"));
    var sorted = new TreeSet<String>(numbers ? BY_NUMBER : Comparator.naturalOrder());
    sorted.addAll(ofSamples);
    names = List.copyOf(sorted);
    var places = new HashMap<String, Integer>();
    names.forEach(name -> places.put(name, places.size()));
    classes = ofSamples.stream().mapToInt(places::get).toArray();
  }

  List<String> names() {
    return names;
  }

  OptionalInt of(int index) {
    return names.isEmpty() ? OptionalInt.empty() : OptionalInt.of(classes[index]);
  }
}
