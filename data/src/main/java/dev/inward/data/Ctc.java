package dev.inward.data;

import java.util.Arrays;

/// What a recogniser of sequences says, read greedily: the best class of each step, runs of the
/// same class once, and class 0, the blank, not at all. Source: Graves et al., ICML 2006, section
/// 3.2.
final class Ctc {
  private static final int BLANK = 0;

  private Ctc() {}

  /// The classes that are read.
  ///
  /// @param scores `[steps, classes]` from `from` on
  static int[] read(float[] scores, int from, int steps, int classes) {
    int[] read = new int[steps];
    int length = 0;
    int before = BLANK;
    for (int step = 0; step < steps; step++) {
      int start = from + step * classes;
      int best = 0;
      for (int c = 1; c < classes; c++) {
        if (scores[start + c] > scores[start + best]) {
          best = c;
        }
      }
      if (best != BLANK && best != before) {
        read[length++] = best;
      }
      before = best;
    }
    return Arrays.copyOf(read, length);
  }

  /// The fewest insertions, deletions and replacements that make one sequence the other. Source:
  /// Levenshtein, Soviet Physics Doklady 10, 1966.
  static int distance(int[] a, int[] b) {
    int[] row = new int[b.length + 1];
    Arrays.setAll(row, j -> j);
    for (int i = 1; i <= a.length; i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length; j++) {
        int replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[b.length];
  }
}
