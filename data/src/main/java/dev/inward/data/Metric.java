package dev.inward.data;

import dev.inward.base.Figure;
import dev.inward.base.InputException;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntToDoubleFunction;
import java.util.stream.Collectors;

/// How well a candidate does what the original does, from what both give on the same samples.
///
/// Figures are measured; their intervals have the confidence that is asked for. Samples are taken
/// as independent, which sentences of one document are not quite. Results are the same bits on any
/// number of threads.
public enum Metric {
  /// The share of samples whose nearest neighbour under the original (by cosine, among the other
  /// samples) is one of the ten nearest under the candidate. The original has 1. Wilson interval.
  NEAREST_IN_10,
  /// The mean share of the original's ten nearest that are among the candidate's ten nearest. The
  /// original has 1. Bootstrap interval.
  TOP_TEN_OVERLAP,
  /// The mean of `1 - cos` between a sample's row under the original and under the candidate.
  /// Bootstrap interval.
  EMBEDDING_ERROR,
  /// The share of samples whose largest score is at their label. Wilson interval; the drop is the
  /// paired difference from the original.
  ACCURACY,
  /// The share of samples whose largest score is where the original's is. Wilson interval.
  AGREEMENT,
  /// One less the mean edit distance between what is read and what is written, in characters: `1 -
  /// sum of distances / sum of lengths`, at least 0. Rows are code points, then zeros; the labels
  /// are the code points of all samples, each sample's followed by -1, or none for what the
  /// original reads. Bootstrap interval; the drop is the paired difference from the original.
  CHARACTER_ACCURACY,
  /// The energy of the original's rows over that of the difference, `10 log10(sum x^2 / sum
  /// (x-y)^2)`, in dB. Bootstrap interval.
  SIGNAL_TO_NOISE;

  /// The name in a budget file: `nearest-in-10`.
  public String key() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /// Whether samples must have labels.
  public boolean needsLabels() {
    return this == ACCURACY || this == CHARACTER_ACCURACY;
  }

  /// The unit of what a budget limits: points for a metric of which the original has all, or of
  /// which it has a share, since the drop is limited; a share for an error, decibels for a ratio.
  public Unit unit() {
    return switch (this) {
      case NEAREST_IN_10, TOP_TEN_OVERLAP, ACCURACY, AGREEMENT, CHARACTER_ACCURACY ->
          Unit.SHARE_POINTS;
      case EMBEDDING_ERROR -> Unit.SHARE;
      case SIGNAL_TO_NOISE -> Unit.DECIBELS;
    };
  }

  /// What a budget limits, in words: `accuracy drop`, `signal-to-noise`.
  public String limited() {
    return unit() == Unit.SHARE_POINTS ? key() + " drop" : key();
  }

  /// The metric of that name.
  ///
  /// @throws InputException where there is none, naming all
  public static Metric named(String name) {
    for (Metric metric : values()) {
      if (metric.key().equals(name)) {
        return metric;
      }
    }
    throw InputException.of("there is no metric '%s'", name)
        .hint(
            "the metrics are %s",
            Arrays.stream(values()).map(Metric::key).collect(Collectors.joining(", ")));
  }

  /// The metric of a candidate.
  ///
  /// @param labels the class of each sample; empty unless [#needsLabels]
  /// @param confidence that the value lies in the interval, between 0 and 1; an end taken by itself
  ///   then holds with `(1 + confidence) / 2`
  /// @param on what to name as the place of the measurement: the data, and the machine where that
  ///   matters
  /// @throws InputException where rows differ in number or width, or are too few
  public Quality of(Rows original, Rows candidate, int[] labels, double confidence, String on) {
    if (original.count() != candidate.count() || original.width() != candidate.width()) {
      throw InputException.of(
          "%s compares rows one by one, but the original gave %d of %d numbers, the candidate %d of %d",
          key(), original.count(), original.width(), candidate.count(), candidate.width());
    }
    var measure = new Measure(this, original, candidate, labels, confidence, on);
    return switch (this) {
      case NEAREST_IN_10 -> measure.nearestInTen();
      case TOP_TEN_OVERLAP -> measure.overlap();
      case EMBEDDING_ERROR -> measure.embeddingError();
      case ACCURACY -> measure.accuracy();
      case AGREEMENT -> measure.agreement();
      case CHARACTER_ACCURACY -> measure.characters();
      case SIGNAL_TO_NOISE -> measure.signalToNoise();
    };
  }

  /// The metric of the original itself, whose drop is none: that is known, not measured.
  ///
  /// @throws InputException as for [#of]
  public Quality ofOriginal(Rows original, int[] labels, double confidence, String on) {
    Quality measured = of(original, original, labels, confidence, on);
    String how = "the original itself";
    Figure value = measured.value();
    Figure known =
        needsLabels() && labels.length > 0
            ? value
            : Figure.counted(value.value(), value.unit(), how);
    return new Quality(
        this, known, measured.drop().map(drop -> Figure.counted(0, drop.unit(), how)));
  }

  private record Measure(
      Metric metric, Rows original, Rows candidate, int[] labels, double confidence, String on) {
    private int count() {
      return original.count();
    }

    private Quality nearestInTen() {
      enoughForTen();
      int kept = 0;
      for (int i = 0; i < count(); i++) {
        kept += candidate.neighbours().holds(i, original.neighbours().at(i, 0)) ? 1 : 0;
      }
      return share(kept);
    }

    private Quality overlap() {
      enoughForTen();
      double[] shares = new double[count()];
      int whole = 0;
      for (int i = 0; i < count(); i++) {
        int common = 0;
        for (int rank = 0; rank < Neighbours.TEN; rank++) {
          common += candidate.neighbours().holds(i, original.neighbours().at(i, rank)) ? 1 : 0;
        }
        shares[i] = common / (double) Neighbours.TEN;
        whole += common == Neighbours.TEN ? 1 : 0;
      }
      double mean = mean(i -> shares[i]);
      // Where no sample lost any, resampling shows no spread; a sample can lose at most all.
      Interval interval =
          whole == count()
              ? Interval.wilson(whole, count(), confidence)
              : Interval.bootstrap(count(), confidence, drawn -> mean(drawn, shares)).around(mean);
      return ofOne(mean, interval, whole == count() ? "Wilson" : "bootstrap");
    }

    private Quality embeddingError() {
      double[] errors = new double[count()];
      for (int i = 0; i < count(); i++) {
        errors[i] = 1 - cosine(i);
      }
      double mean = mean(i -> errors[i]);
      Interval interval =
          Interval.bootstrap(count(), confidence, drawn -> mean(drawn, errors)).around(mean);
      return new Quality(metric, figure(mean, interval, Unit.SHARE, "bootstrap"), Optional.empty());
    }

    private Quality accuracy() {
      if (labels.length != count()) {
        throw InputException.of(
            "accuracy needs a label for each of %d samples, got %d", count(), labels.length);
      }
      int both = 0;
      int first = 0;
      int second = 0;
      for (int i = 0; i < count(); i++) {
        if (labels[i] < 0 || labels[i] >= original.width()) {
          throw InputException.of(
              "sample %d is of class %d, but the model gives %d scores",
              i, labels[i], original.width());
        }
        boolean right = original.largest(i) == labels[i];
        boolean still = candidate.largest(i) == labels[i];
        both += right && still ? 1 : 0;
        first += right && !still ? 1 : 0;
        second += !right && still ? 1 : 0;
      }
      double share = (both + second) / (double) count();
      double lost = (first - second) / (double) count();
      return new Quality(
          metric,
          figure(share, Interval.wilson(both + second, count(), confidence), Unit.SHARE, "Wilson"),
          Optional.of(
              figure(
                  lost,
                  Interval.paired(both, first, second, count(), confidence).around(lost),
                  Unit.SHARE_POINTS,
                  "Newcombe's paired")));
    }

    private Quality agreement() {
      int same = 0;
      for (int i = 0; i < count(); i++) {
        int largest = original.largest(i);
        same += largest >= 0 && largest == candidate.largest(i) ? 1 : 0;
      }
      return share(same);
    }

    private Quality characters() {
      int[][] written = written();
      double[] length = new double[count()];
      double[] first = new double[count()];
      double[] second = new double[count()];
      double all = 0;
      for (int i = 0; i < count(); i++) {
        length[i] = written[i].length;
        first[i] = Ctc.distance(read(original, i), written[i]);
        second[i] = Ctc.distance(read(candidate, i), written[i]);
        all += length[i];
      }
      if (all == 0) {
        throw InputException.of(
            "character-accuracy needs a character at least, all texts are empty");
      }
      double share = Math.max(0, 1 - sum(i -> second[i]) / sum(i -> length[i]));
      double lost = (sum(i -> second[i]) - sum(i -> first[i])) / all;
      return new Quality(
          metric,
          figure(
              share,
              Interval.bootstrap(
                      count(),
                      confidence,
                      drawn -> Math.max(0, 1 - mean(drawn, second) / mean(drawn, length)))
                  .around(share),
              Unit.SHARE,
              "bootstrap"),
          Optional.of(
              figure(
                  lost,
                  Interval.bootstrap(
                          count(),
                          confidence,
                          drawn -> (mean(drawn, second) - mean(drawn, first)) / mean(drawn, length))
                      .around(lost),
                  Unit.SHARE_POINTS,
                  "paired bootstrap")));
    }

    private static int[] read(Rows rows, int row) {
      int length = 0;
      while (length < rows.width() && rows.at(row, length) != 0) {
        length++;
      }
      int[] read = new int[length];
      for (int k = 0; k < length; k++) {
        read[k] = (int) rows.at(row, k);
      }
      return read;
    }

    private int[][] written() {
      int[][] written = new int[count()][];
      int sample = 0;
      int start = 0;
      for (int i = 0; i < labels.length; i++) {
        if (labels[i] == LineTexts.END) {
          if (sample == count()) {
            throw InputException.of(
                "character-accuracy needs a text for each of %d samples, got more", count());
          }
          written[sample++] = Arrays.copyOfRange(labels, start, i);
          start = i + 1;
        }
      }
      if (labels.length > 0 && sample < count()) {
        throw InputException.of(
                "character-accuracy needs a text for each of %d samples, got %d", count(), sample)
            .hint("texts.txt beside the images has a line each: the image's name, a tab, the text");
      }
      for (int i = 0; i < count() && labels.length == 0; i++) {
        written[i] = read(original, i);
      }
      return written;
    }

    private Quality signalToNoise() {
      double[] signal = new double[count()];
      double[] noise = new double[count()];
      for (int i = 0; i < count(); i++) {
        for (int k = 0; k < original.width(); k++) {
          double x = original.at(i, k);
          double lost = x - candidate.at(i, k);
          signal[i] += x * x;
          noise[i] += lost * lost;
        }
      }
      double whole = decibels(sum(i -> signal[i]), sum(i -> noise[i]));
      Interval interval =
          Interval.bootstrap(
                  count(), confidence, drawn -> decibels(mean(drawn, signal), mean(drawn, noise)))
              .around(whole);
      return new Quality(
          metric, figure(whole, interval, Unit.DECIBELS, "bootstrap"), Optional.empty());
    }

    /// No energy at all counts as no signal: NaN is nowhere in order.
    private static double decibels(double signal, double noise) {
      double ratio = signal / noise;
      return noise == 0
          ? Double.POSITIVE_INFINITY
          : Double.isNaN(ratio) ? Double.NEGATIVE_INFINITY : 10 * Math.log10(ratio);
    }

    private double cosine(int row) {
      double product = 0;
      double ones = 0;
      double others = 0;
      for (int k = 0; k < original.width(); k++) {
        double x = original.at(row, k);
        double y = candidate.at(row, k);
        product += x * y;
        ones += x * x;
        others += y * y;
      }
      double cosine = product / Math.sqrt(ones * others);
      // A row without direction, or one that is not finite, points nowhere near the original's.
      return Double.isNaN(cosine) ? 0 : Math.clamp(cosine, -1, 1);
    }

    private void enoughForTen() {
      if (count() <= Neighbours.TEN) {
        throw InputException.of(
            "%s needs more than %d samples, got %d", metric.key(), Neighbours.TEN, count());
      }
    }

    private Quality share(int hits) {
      return ofOne(hits / (double) count(), Interval.wilson(hits, count(), confidence), "Wilson");
    }

    /// A share of which the original has all.
    private Quality ofOne(double value, Interval interval, String kind) {
      Figure share = figure(value, interval, Unit.SHARE, kind);
      Figure drop =
          figure(
              1 - value,
              new Interval(1 - interval.high(), 1 - interval.low()),
              Unit.SHARE_POINTS,
              kind);
      return new Quality(metric, share, Optional.of(drop));
    }

    private Figure figure(double value, Interval interval, Unit unit, String kind) {
      String how =
          "%s against the original, %s %s %% interval"
              .formatted(
                  metric.key(),
                  kind,
                  new BigDecimal(Double.toString(confidence))
                      .movePointRight(2)
                      .stripTrailingZeros()
                      .toPlainString());
      return new Figure(
          value,
          Math.min(value, interval.low()),
          Math.max(value, interval.high()),
          unit,
          new Source.Measured(on, count(), how));
    }

    private double mean(IntToDoubleFunction of) {
      return sum(of) / count();
    }

    private double sum(IntToDoubleFunction of) {
      double sum = 0;
      for (int i = 0; i < count(); i++) {
        sum += of.applyAsDouble(i);
      }
      return sum;
    }

    private static double mean(int[] drawn, double[] values) {
      double sum = 0;
      for (int index : drawn) {
        sum += values[index];
      }
      return sum / drawn.length;
    }
  }
}
