package dev.inward.data;

import java.util.Map;
import java.util.TreeMap;

/// A set of strings with ids that finds the longest of them that stands at a place of a text.
final class Pieces {
  /*
   * The strings are kept sorted by UTF-16 unit. Those that share the units read so far are a run of
   * the array; each further unit narrows the run by two binary searches. A lookup therefore reads
   * each unit of the text once and stops where no string goes on: no substring is made, and a text
   * made to be nasty costs no more than its length times the longest string.
   */
  private final String[] sorted;
  private final int[] ids;

  Pieces(Map<String, Integer> pieces) {
    var ordered = new TreeMap<>(pieces);
    sorted = ordered.keySet().toArray(String[]::new);
    ids = ordered.values().stream().mapToInt(id -> id).toArray();
  }

  /// The index of the longest string at `text[from, to)`, or -1.
  int longestAt(CharSequence text, int from, int to) {
    int low = 0;
    int high = sorted.length;
    int best = -1;
    for (int depth = 0; low < high; depth++) {
      if (sorted[low].length() == depth) {
        if (depth > 0) {
          best = low;
        }
        low++;
      }
      if (from + depth == to) {
        break;
      }
      char unit = text.charAt(from + depth);
      low = firstAtLeast(low, high, depth, unit);
      high = firstAtLeast(low, high, depth, unit + 1);
    }
    return best;
  }

  int length(int index) {
    return sorted[index].length();
  }

  int id(int index) {
    return ids[index];
  }

  boolean isEmpty() {
    return sorted.length == 0;
  }

  private int firstAtLeast(int low, int high, int depth, int unit) {
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle].charAt(depth) < unit) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
