package dev.inward.data;

import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;

/// The two ends between which a quantity lies with a given confidence.
record Interval(double low, double high) {
  private static final long SEED = 20_260_101;
  private static final int RESAMPLES = 2_000;

  /// Of a share, `hits` of `count`, each sample on its own.
  ///
  /// Source: Wilson, JASA 22 (1927), 209; Newcombe, Statistics in Medicine 17 (1998), 857, method
  /// 3.
  static Interval wilson(long hits, long count, double confidence) {
    double z = deviate(confidence);
    double n = count;
    double p = hits / n;
    double middle = (p + z * z / (2 * n)) / (1 + z * z / n);
    double half = z / (1 + z * z / n) * Math.sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    return new Interval(
        hits == 0 ? 0 : Math.max(0, middle - half), hits == count ? 1 : Math.min(1, middle + half));
  }

  /// Of the difference of two shares of the same samples, first less second.
  ///
  /// Unlike a resampling it does not shrink to a point where no sample differs.
  ///
  /// Source: Newcombe, Statistics in Medicine 17 (1998), 2635, method 10.
  ///
  /// @param both samples that hit under both
  /// @param first samples that hit under the first only
  /// @param second samples that hit under the second only
  static Interval paired(long both, long first, long second, long count, double confidence) {
    double p1 = (both + first) / (double) count;
    double p2 = (both + second) / (double) count;
    Interval one = wilson(both + first, count, confidence);
    Interval two = wilson(both + second, count, confidence);
    double neither = count - both - first - second;
    double product = both * neither - (double) first * second;
    double scale =
        Math.sqrt(
            (double) (both + first) * (second + neither) * (both + second) * (first + neither));
    double corrected = product > 0 ? Math.max(0, product - count / 2.0) : product;
    double phi = scale == 0 ? 0 : corrected / scale;
    double difference = p1 - p2;
    return new Interval(
        difference - distance(p1 - one.low, two.high - p2, phi),
        difference + distance(one.high - p1, p2 - two.low, phi));
  }

  private static double distance(double a, double b, double phi) {
    return Math.sqrt(Math.max(0, a * a - 2 * phi * a * b + b * b));
  }

  /// Of a statistic of samples, by resampling them 2,000 times with a fixed seed (percentiles).
  ///
  /// Source: Efron, Annals of Statistics 7 (1979), 1; Efron and Tibshirani, 1993, chapter 13.
  ///
  /// @param statistic of the indices that a resample drew
  static Interval bootstrap(int count, double confidence, ToDoubleFunction<int[]> statistic) {
    var random = new SplittableRandom(SEED);
    double[] values = new double[RESAMPLES];
    int[] drawn = new int[count];
    for (int r = 0; r < RESAMPLES; r++) {
      for (int i = 0; i < count; i++) {
        drawn[i] = random.nextInt(count);
      }
      values[r] = statistic.applyAsDouble(drawn);
    }
    Arrays.sort(values);
    int tail = (int) Math.floor((1 - confidence) / 2 * RESAMPLES);
    return new Interval(values[tail], values[RESAMPLES - 1 - tail]);
  }

  /// The same interval, made to hold the value that it is about.
  Interval around(double value) {
    return new Interval(Math.min(low, value), Math.max(high, value));
  }

  /// How many standard deviations to either side of a normal variable's mean hold `confidence` of
  /// it: 1.959964 for 0.95.
  static double deviate(double confidence) {
    if (!(confidence > 0 && confidence < 1)) {
      throw new IllegalArgumentException("a confidence lies between 0 and 1, got " + confidence);
    }
    double low = 0;
    double high = 40;
    for (int i = 0; i < 80; i++) {
      double middle = (low + high) / 2;
      if (within(middle) < confidence) {
        low = middle;
      } else {
        high = middle;
      }
    }
    return low;
  }

  /// The share of a normal variable within `z` standard deviations: the error function's series, `2
  /// phi(z) (z + z^3/3 + z^5/15 + …)`, whose terms are all positive.
  private static double within(double z) {
    if (z > 9) {
      return 1;
    }
    double term = z;
    double sum = z;
    for (int k = 3; term > sum * 1e-17; k += 2) {
      term *= z * z / k;
      sum += term;
    }
    return 2 * sum * Math.exp(-z * z / 2) / Math.sqrt(2 * Math.PI);
  }
}
