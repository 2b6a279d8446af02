package dev.inward.workbench.diagnosis;

/// How far values are from those of a reference, over all samples.
///
/// @param decibels of signal power over error power; infinite where nothing differs, minus infinite
///   where an element is NaN or infinite in one and not the same in the other
/// @param worst the largest absolute difference
/// @param largest the largest finite absolute value in the reference
/// @param least the smallest absolute value in the reference that is not zero; 0 where all are
/// @param broken elements that are NaN or infinite in one and not the same in the other
/// @param beyond elements of the reference that a half cannot hold
public record Gap(
    double decibels, double worst, double largest, double least, long broken, long beyond) {
  /// Whether every element is as finite as in the reference.
  public boolean finite() {
    return broken == 0;
  }

  /// Adds up samples in double precision, in order.
  static final class Sums {
    private static final float LARGEST_HALF = 65504;

    private double signal;
    private double error;
    private double worst;
    private double largest;
    private double least = Double.POSITIVE_INFINITY;
    private long broken;
    private long beyond;

    void add(float[] reference, float[] changed) {
      for (int i = 0; i < reference.length; i++) {
        double x = reference[i];
        double difference = x - changed[i];
        double size = Math.abs(x);
        beyond += size > LARGEST_HALF ? 1 : 0;
        if (size > LARGEST_HALF
            && Float.isFinite(changed[i])
            && changed[i] == LARGEST_HALF * Math.signum(x)) {
          continue; // A number that stands for "as far as it goes", such as that of a mask.
        }
        if (Double.isFinite(x)) {
          signal += x * x;
          largest = Math.max(largest, size);
          least = size > 0 && size < least ? size : least;
        }
        if (Double.isFinite(difference)) {
          error += difference * difference;
          worst = Math.max(worst, Math.abs(difference));
        } else if (Float.compare(reference[i], changed[i]) != 0) {
          broken++;
        }
      }
    }

    double error() {
      return broken > 0 ? Double.POSITIVE_INFINITY : error;
    }

    /// The energy of the error over that of the signal; infinite where something breaks.
    double relative() {
      return broken > 0 ? Double.POSITIVE_INFINITY : error == 0 ? 0 : error / signal;
    }

    Gap gap() {
      double ratio =
          broken > 0
              ? Double.NEGATIVE_INFINITY
              : error == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / error);
      return new Gap(
          ratio,
          broken > 0 ? Double.POSITIVE_INFINITY : worst,
          largest,
          Double.isInfinite(least) ? 0 : least,
          broken,
          beyond);
    }
  }

  static Gap between(float[] reference, float[] changed) {
    var sums = new Sums();
    sums.add(reference, changed);
    return sums.gap();
  }
}
