package dev.inward.coreml;

import java.util.ArrayList;
import java.util.List;

/// Lists with one element other.
final class Lists {
  private Lists() {}

  static <T> List<T> with(List<T> list, int index, T value) {
    List<T> out = new ArrayList<>(list);
    out.set(index, value);
    return List.copyOf(out);
  }

  static <T> List<T> without(List<T> list, int index) {
    List<T> out = new ArrayList<>(list);
    out.remove(index);
    return List.copyOf(out);
  }
}
