package dev.inward.planning;

import java.util.ArrayList;
import java.util.List;

/// Prices of the lines of a [SelectionTable] under which the parts can be chosen one by one. What
/// that choice comes to is a bound: no choice that keeps the lines loses less.
final class Multipliers {
  /* The bound is concave in the prices. Its maximum, which is that of the linear relaxation, is
   * found by the ellipsoid method with deep cuts (Bland, Goldfarb and Todd, Operations Research 29
   * (1981), 1039): a few hundred steps for a handful of lines, without a step length to tune. */
  private static final double WIDEST = 1e4;
  private static final double SETTLED = 1e-12;
  private static final double[] SHIFTS = {0.5, 0.8, 0.93, 1.07, 1.25, 2};

  private final SelectionTable table;

  private Multipliers(SelectionTable table) {
    this.table = table;
  }

  /// Prices for a search: the best first, then others near them, which are better once some parts
  /// are decided.
  static List<double[]> of(SelectionTable table) {
    double[] best = new Multipliers(table).best();
    List<double[]> all = new ArrayList<>();
    all.add(best);
    for (int line = 0; line < best.length; line++) {
      for (double shift : SHIFTS) {
        double[] near = best.clone();
        near[line] = Math.min(table.price()[line], best[line] * shift);
        if (near[line] != best[line]) {
          all.add(near);
        }
      }
    }
    return all;
  }

  /// The bound at some prices, and into `slope` how it changes with each: by how much the choice
  /// exceeds the line's room.
  private double bound(double[] prices, double[] slope) {
    int lines = table.lines();
    double sum = 0;
    for (int l = 0; l < lines; l++) {
      slope[l] = -table.room()[l];
      sum -= prices[l] * table.room()[l];
    }
    for (int p = 0; p < table.parts(); p++) {
      double[] loss = table.loss()[p];
      double[] cost = table.cost()[p];
      int least = 0;
      double value = Double.POSITIVE_INFINITY;
      for (int o = 0; o < loss.length; o++) {
        double here = loss[o];
        for (int l = 0; l < lines; l++) {
          here += prices[l] * cost[o * lines + l];
        }
        if (here < value) {
          value = here;
          least = o;
        }
      }
      sum += value;
      for (int l = 0; l < lines; l++) {
        slope[l] += cost[least * lines + l];
      }
    }
    return sum;
  }

  private double[] best() {
    int n = table.lines();
    double[] best = new double[n];
    if (n == 0) {
      return best;
    }
    double[] slope = new double[n];
    double most = bound(best, slope);
    double[] centre = new double[n];
    double[][] shape = new double[n][n];
    for (int l = 0; l < n; l++) {
      double half = Math.min(table.price()[l], WIDEST) / 2;
      centre[l] = half;
      shape[l][l] = half * half * n;
    }
    int steps = 80 * n * (n + 1);
    for (int step = 0; step < steps; step++) {
      double[] cut = new double[n];
      double depth = 0;
      int outside = outside(centre);
      if (outside >= 0) {
        cut[outside] = centre[outside] < 0 ? 1 : -1;
      } else {
        double value = bound(centre, cut);
        if (value > most) {
          most = value;
          best = centre.clone();
        }
        depth = most - value;
      }
      double[] along = new double[n];
      double squared = 0;
      for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
          along[i] += shape[i][j] * cut[j];
        }
        squared += along[i] * cut[i];
      }
      double reach = Math.sqrt(squared);
      if (!(reach > SETTLED) || depth >= reach) {
        break;
      }
      shrink(centre, shape, along, reach, depth / reach);
    }
    return best;
  }

  private int outside(double[] prices) {
    for (int l = 0; l < prices.length; l++) {
      if (prices[l] < 0 || prices[l] > table.price()[l]) {
        return l;
      }
    }
    return -1;
  }

  /// The smallest ellipsoid around what of this one lies on the side to keep.
  private static void shrink(
      double[] centre, double[][] shape, double[] along, double reach, double depth) {
    int n = centre.length;
    if (n == 1) {
      centre[0] += along[0] / reach * (1 + depth) / 2;
      shape[0][0] *= (1 - depth) * (1 - depth) / 4;
      return;
    }
    double step = (1 + n * depth) / (n + 1);
    double less = 2 * step / (1 + depth);
    double more = n * (double) n / (n * (double) n - 1) * (1 - depth * depth);
    for (int i = 0; i < n; i++) {
      centre[i] += step * along[i] / reach;
      for (int j = 0; j < n; j++) {
        shape[i][j] = more * (shape[i][j] - less * along[i] / reach * (along[j] / reach));
      }
    }
  }
}
