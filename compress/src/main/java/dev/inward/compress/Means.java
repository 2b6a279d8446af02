package dev.inward.compress;

import java.util.Arrays;

/// Clusters of numbers on a line with the least sum of squared distances to their means.
///
/// The best clusters are runs of the sorted numbers, so that they are found by where the runs are
/// cut: `D[q][i] = min over j of D[q - 1][j] + cost(j, i)`, whose best `j` does not decrease with
/// `i`, which halves the work again and again. Up to [#EXACT] numbers that is done over all cuts.
/// For more, numbers that are next to each other are first held together in bins of small width and
/// small weight, among which cuts are searched over all; then about the cuts so found among the
/// numbers, until they stay where they are. Source: Wang & Song, "Ckmeans.1d.dp", R Journal 3/2,
/// 2011; Grønlund et al., arXiv:1701.07204.
final class Means {
  static final int EXACT = 1024;

  /// Bins hold at most this part of the weights, and are at most this part of the range wide.
  private static final int BINS = 1024;

  private static final int BINS_A_RUN = 64;

  /// Bins to either side of a cut in which its place among the numbers is looked for.
  private static final int REACH = 3;

  /* Prefix sums, from 0: weights, and weighted numbers counted from their mean, so that nothing
   * cancels. The sum of squares is the same for all cuts and left out: cost(j, i) = -s^2 / w. */
  private final double[] weight;
  private final double[] sum;
  private final double center;
  private final int count;

  private Means(double[] weight, double[] sum, double center) {
    this.weight = weight;
    this.sum = sum;
    this.center = center;
    this.count = weight.length - 1;
  }

  /// @param numbers rising, times their weights
  /// @param weights above zero
  static Means of(double[] weighted, double[] weights) {
    int n = weights.length;
    double all = 0;
    double total = 0;
    for (int i = 0; i < n; i++) {
      all += weights[i];
      total += weighted[i];
    }
    double center = n == 0 ? 0 : total / all;
    double[] w = new double[n + 1];
    double[] s = new double[n + 1];
    for (int i = 0; i < n; i++) {
      w[i + 1] = w[i] + weights[i];
      s[i + 1] = s[i] + (weighted[i] - center * weights[i]);
    }
    return new Means(w, s, center);
  }

  /// The means of the runs between cuts.
  double[] means(int[] cuts) {
    double[] means = new double[cuts.length - 1];
    for (int q = 0; q < means.length; q++) {
      int from = cuts[q];
      int to = cuts[q + 1];
      means[q] = center + (sum[to] - sum[from]) / (weight[to] - weight[from]);
    }
    return means;
  }

  /// What the cuts leave, less what is the same for all cuts.
  double cost(int[] cuts) {
    double cost = 0;
    for (int q = 1; q < cuts.length; q++) {
      cost += cost(cuts[q - 1], cuts[q]);
    }
    return cost;
  }

  private double cost(int from, int to) {
    double s = sum[to] - sum[from];
    return -s * s / (weight[to] - weight[from]);
  }

  /// Where at most `k` runs begin, and the end: `k + 1` places, or fewer where there are fewer
  /// numbers.
  int[] cuts(int k) {
    if (count <= k) {
      int[] all = new int[count + 1];
      Arrays.setAll(all, i -> i);
      return all;
    }
    return count <= EXACT ? exact(k) : binned(k);
  }

  /// Over all cuts.
  int[] exact(int k) {
    int[] all = new int[count + 1];
    Arrays.setAll(all, i -> i);
    return everywhere(k, all);
  }

  private int[] everywhere(int k, int[] places) {
    int steps = places.length - 1;
    int[] low = new int[k + 1];
    int[] high = new int[k + 1];
    for (int q = 0; q <= k; q++) {
      low[q] = q == k ? steps : q;
      high[q] = q == 0 ? 0 : steps - (k - q);
    }
    return new Layers(low, high, places).cuts();
  }

  private int[] binned(int k) {
    int[] bins = bins(Math.max(BINS, BINS_A_RUN * k));
    int[] all = new int[count + 1];
    Arrays.setAll(all, i -> i);
    int[] cuts = everywhere(k, bins);
    int[] low = new int[k + 1];
    int[] high = new int[k + 1];
    while (true) {
      for (int q = 1; q < k; q++) {
        int bin = Arrays.binarySearch(bins, cuts[q]);
        int before = bin < 0 ? -bin - 2 : bin;
        low[q] = Math.max(q, bins[Math.max(0, before - REACH)]);
        high[q] = Math.min(count - (k - q), bins[Math.min(bins.length - 1, before + 1 + REACH)]);
      }
      low[k] = count;
      high[k] = count;
      int[] found = new Layers(low, high, all).cuts();
      if (Arrays.equals(found, cuts)) {
        return cuts;
      }
      cuts = found;
    }
  }

  /// Where bins begin, and the end.
  private int[] bins(int parts) {
    double width = (number(count - 1) - number(0)) / parts;
    double most = weight[count] / parts;
    int[] places = new int[count + 1];
    int n = 1;
    for (int i = 1; i < count; i++) {
      int start = places[n - 1];
      if (number(i) - number(start) > width || weight[i + 1] - weight[start] > most) {
        places[n++] = i;
      }
    }
    places[n++] = count;
    return Arrays.copyOf(places, n);
  }

  private double number(int i) {
    return (sum[i + 1] - sum[i]) / (weight[i + 1] - weight[i]);
  }

  /// The best cuts, where cut `q` is one of the places from `low[q]` to `high[q]`.
  private final class Layers {
    private final int[] low;
    private final int[] high;
    private final int[] places;
    private final int[][] from;
    private double[] before = {0};
    private double[] now = {0};

    Layers(int[] low, int[] high, int[] places) {
      this.low = low;
      this.high = high;
      this.places = places;
      this.from = new int[low.length][];
    }

    int[] cuts() {
      int k = low.length - 1;
      for (int q = 1; q <= k; q++) {
        int size = high[q] - low[q] + 1;
        from[q] = new int[size];
        now = new double[size];
        fill(q, low[q], high[q], low[q - 1], high[q - 1]);
        before = now;
      }
      int[] cuts = new int[k + 1];
      int at = high[k];
      cuts[k] = places[at];
      for (int q = k; q > 0; q--) {
        at = from[q][at - low[q]];
        cuts[q - 1] = places[at];
      }
      return cuts;
    }

    /// The places from `first` to `last`, whose best cut before lies from `least` to `most`.
    private void fill(int q, int first, int last, int least, int most) {
      if (first > last) {
        return;
      }
      int at = (first + last) >>> 1;
      double w = weight[places[at]];
      double s = sum[places[at]];
      double best = Double.POSITIVE_INFINITY;
      int chosen = least;
      int stop = Math.min(most, at - 1);
      int shift = low[q - 1];
      for (int j = least; j <= stop; j++) {
        int start = places[j];
        double part = s - sum[start];
        double found = before[j - shift] - part * part / (w - weight[start]);
        if (found < best) {
          best = found;
          chosen = j;
        }
      }
      now[at - low[q]] = best;
      from[q][at - low[q]] = chosen;
      fill(q, first, at - 1, least, chosen);
      fill(q, at + 1, last, chosen, most);
    }
  }
}
