package dev.inward.compress;

/// Counts of the values that were seen, in equal bins over a range that doubles when a value falls
/// outside: its size does not depend on how many values there were. Same values in the same order,
/// same counts.
public final class Histogram {
  private static final int HALF = 4096;
  private static final int STEPS = 255;

  private final long[] counts = new long[2 * HALF];
  private double width = Double.MIN_NORMAL;
  private double perUnit = 1 / Double.MIN_NORMAL;
  private float low = Float.POSITIVE_INFINITY;
  private float high = Float.NEGATIVE_INFINITY;
  private long total;
  private long broken;

  /// Counts all values; NaN and the infinities are counted apart.
  public void add(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        broken++;
        continue;
      }
      low = Math.min(low, value);
      high = Math.max(high, value);
      total++;
      counts[bin(value)]++;
    }
  }

  private int bin(float value) {
    if (width == Double.MIN_NORMAL && value != 0) {
      setWidth(Math.abs(value) / HALF);
    }
    double at = value * perUnit + HALF;
    while (at < 0 || at >= 2 * HALF) {
      widen();
      at = value * perUnit + HALF;
    }
    return (int) at;
  }

  private void setWidth(double wanted) {
    width = wanted;
    perUnit = 1 / wanted;
  }

  private void widen() {
    long[] wider = new long[2 * HALF];
    for (int i = 0; i < counts.length; i++) {
      wider[HALF + Math.floorDiv(i - HALF, 2)] += counts[i];
    }
    System.arraycopy(wider, 0, counts, 0, counts.length);
    setWidth(2 * width);
  }

  /// How wide a bin is.
  double width() {
    return width;
  }

  /// How many finite values were counted.
  public long total() {
    return total;
  }

  /// Whether all values were one number.
  boolean isConstant() {
    return total > 0 && low == high;
  }

  /// How many values were NaN or infinite.
  public long broken() {
    return broken;
  }

  /// From the smallest to the largest value.
  public ActivationFormat.Static minMax() {
    return range(low, high);
  }

  /// The range that leaves out at most the given share of the values, half of it on each side.
  public ActivationFormat.Static percentile(double share) {
    if (total == 0) {
      return minMax();
    }
    long out = (long) Math.floor(total * (1 - share) / 2);
    long seen = 0;
    int first = 0;
    while (seen + counts[first] <= out) {
      seen += counts[first++];
    }
    seen = 0;
    int last = counts.length - 1;
    while (seen + counts[last] <= out) {
      seen += counts[last--];
    }
    return range(
        (float) Math.max(low, (first - HALF) * width),
        (float) Math.min(high, (last + 1 - HALF) * width));
  }

  /// The range whose 8-bit rounding and clamping make the smallest squared error over the counted
  /// values, among ranges that shrink both ends of [#minMax] in steps of one percent.
  public ActivationFormat.Static squaredError() {
    var best = minMax();
    double least = error(best);
    for (int up = 100; up >= 20; up--) {
      var shrunk = range(low * up / 100f, high * up / 100f);
      double error = error(shrunk);
      if (error < least) {
        least = error;
        best = shrunk;
      }
    }
    return best;
  }

  /// The range whose 8-bit codes keep most of what the values' distribution says: the least `KL(P
  /// || Q) = sum p log(p/q)` over the bins, among ranges that shrink both ends of [#minMax] in
  /// steps of one percent. P counts what is outside at the outermost bins that hold anything; Q
  /// has, in each of the bins that one code stands for and that hold anything, the same share of
  /// what the code counts inside. Source: Migacz, "8-bit inference with TensorRT", GTC 2017.
  public ActivationFormat.Static entropy() {
    var best = minMax();
    double least = divergence(best);
    for (int up = 99; up >= 20; up--) {
      var shrunk = range(low * up / 100f, high * up / 100f);
      double divergence = divergence(shrunk);
      if (divergence < least) {
        least = divergence;
        best = shrunk;
      }
    }
    return best;
  }

  /// `KL(P || Q)` of a range, in nats; infinite where the range holds no value.
  double divergence(ActivationFormat.Static range) {
    int first = place(range.low());
    int last = place(range.high());
    while (first < last && (counts[first] == 0 || first == HALF)) {
      first++;
    }
    while (last > first && (counts[last] == 0 || last == HALF)) {
      last--;
    }
    double inside = 0;
    double below = 0;
    double above = 0;
    double[] held = new double[STEPS + 1];
    int[] bins = new int[STEPS + 1];
    for (int i = 0; i < counts.length; i++) {
      if (i == HALF) {
        continue;
      }
      if (i < first) {
        below += counts[i];
      } else if (i > last) {
        above += counts[i];
      } else if (counts[i] > 0) {
        inside += counts[i];
        held[code(range, i)] += counts[i];
        bins[code(range, i)]++;
      }
    }
    double all = inside + below + above;
    double sum = 0;
    for (int i = first; i <= last; i++) {
      double p = counts[i] + (i == first ? below : 0) + (i == last ? above : 0);
      if (p > 0 && i != HALF) {
        int code = code(range, i);
        double q = counts[i] > 0 ? held[code] / bins[code] / inside : 0;
        sum += p / all * Math.log(p / all / q);
      }
    }
    return sum;
  }

  private int place(float value) {
    return (int) Math.clamp(Math.floor(value * perUnit) + HALF, 0, counts.length - 1);
  }

  private int code(ActivationFormat.Static range, int bin) {
    double x = (bin - HALF + 0.5) * width;
    return (int) Math.clamp(Math.rint(x / range.scale()) + range.zeroPoint(), 0, STEPS);
  }

  /// The squared error of storing the counted values in a range, each taken at the middle of its
  /// bin.
  double error(ActivationFormat.Static range) {
    double scale = range.scale();
    int zero = range.zeroPoint();
    double sum = 0;
    for (int i = 0; i < counts.length; i++) {
      if (counts[i] > 0) {
        double x = (i - HALF + 0.5) * width;
        double code = Math.max(0, Math.min(STEPS, Math.rint(x / scale) + zero));
        double difference = x - scale * (code - zero);
        sum += counts[i] * difference * difference;
      }
    }
    return sum;
  }

  private ActivationFormat.Static range(float from, float to) {
    float bottom = Math.min(0, from);
    float top = Math.max(0, to);
    return top - bottom > Float.MIN_NORMAL * STEPS && Float.isFinite(top - bottom)
        ? new ActivationFormat.Static(bottom, top)
        : new ActivationFormat.Static(0, 1);
  }
}
