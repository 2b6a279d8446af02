package dev.inward.device;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/// Finds the constants of a unit on a grid, by least mean absolute error of the logarithm, and the
/// interval from quantiles of the errors.
record Fit(double[] peaks, double[] bandwidths, double[] floors, double tail) {
  static final Fit NEURAL_ENGINE =
      new Fit(steps(0.10, 0.60, 0.01), steps(0.30, 1.50, 0.05), steps(0.5, 4, 0.25), 0.02);

  static final Fit GPU =
      new Fit(steps(0.10, 1, 0.02), steps(0.10, 1.50, 0.05), steps(0, 12, 0.5), 0.02);
  static final Fit CPU =
      new Fit(steps(0.10, 0.60, 0.01), steps(0.10, 1.50, 0.05), steps(0, 12, 0.5), 0.02);

  static double[] steps(double from, double to, double step) {
    int count = (int) Math.round((to - from) / step) + 1;
    double[] values = new double[count];
    for (int i = 0; i < count; i++) {
      values[i] = Math.round((from + i * step) * 1e6) / 1e6;
    }
    return values;
  }

  LatencyModel.Constants constants(List<PublishedRow> rows) {
    var best = new LatencyModel.Constants(1, 1, 1, 1, 1);
    double least = Double.POSITIVE_INFINITY;
    for (double peak : peaks) {
      for (double bandwidth : bandwidths) {
        double[] work = new double[rows.size()];
        var bare = new LatencyModel.Constants(peak, bandwidth, 0, 1, 1);
        for (int i = 0; i < work.length; i++) {
          work[i] = LatencyModel.work(rows.get(i).chip(), rows.get(i).segment(), bare);
        }
        for (double floor : floors) {
          var constants = new LatencyModel.Constants(peak, bandwidth, floor, 1, 1);
          double sum = 0;
          for (int i = 0; i < work.length; i++) {
            PublishedRow row = rows.get(i);
            double ms = work[i] + LatencyModel.floor(row.chip(), row.segment().unit(), constants);
            sum += Math.abs(Math.log(row.ms() / ms));
          }
          if (sum < least) {
            least = sum;
            best = constants;
          }
        }
      }
    }
    double[] ratios = new double[rows.size()];
    for (int i = 0; i < ratios.length; i++) {
      ratios[i] = ratio(rows.get(i), best);
    }
    Arrays.sort(ratios);
    return best.within(quantile(ratios, tail), quantile(ratios, 1 - tail));
  }

  static double ratio(PublishedRow row, LatencyModel.Constants constants) {
    Segment segment = row.segment();
    return row.ms()
        / (LatencyModel.work(row.chip(), segment, constants)
            + LatencyModel.floor(row.chip(), segment.unit(), constants));
  }

  /// Between two of the sorted values in proportion.
  static double quantile(double[] sorted, double share) {
    double at = share * (sorted.length - 1);
    int below = (int) Math.floor(at);
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
  }

  static boolean inside(PublishedRow row, LatencyModel.Constants constants, double wide) {
    double ratio = ratio(row, constants);
    return constants.low() / wide <= ratio && ratio <= constants.high() * wide;
  }

  /// The rows that fall inside when their group is left out of the fit.
  List<PublishedRow> coveredHeldOut(
      List<PublishedRow> rows, Function<PublishedRow, String> group, double wide) {
    var covered = new ArrayList<PublishedRow>();
    for (String name : rows.stream().map(group).distinct().toList()) {
      List<PublishedRow> others =
          rows.stream().filter(row -> !group.apply(row).equals(name)).toList();
      LatencyModel.Constants constants = constants(others);
      rows.stream()
          .filter(row -> group.apply(row).equals(name) && inside(row, constants, wide))
          .forEach(covered::add);
    }
    return covered;
  }
}
