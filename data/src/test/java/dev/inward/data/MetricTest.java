package dev.inward.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.Figure;
import dev.inward.base.InputException;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class MetricTest {
  private static final int[] NO_LABELS = {};

  private static Rows random(int count, int width, long seed) {
    var random = new Random(seed);
    float[] values = new float[count * width];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return new Rows(count, width, values);
  }

  private static Rows disturbed(Rows rows, double by, long seed) {
    var random = new Random(seed);
    float[] values = rows.values().clone();
    for (int i = 0; i < values.length; i++) {
      values[i] += (float) (by * random.nextGaussian());
    }
    return new Rows(rows.count(), rows.width(), values);
  }

  private static Rows withRow(Rows rows, int row, float value) {
    float[] values = rows.values().clone();
    java.util.Arrays.fill(values, row * rows.width(), (row + 1) * rows.width(), value);
    return new Rows(rows.count(), rows.width(), values);
  }

  private static Quality of(Metric metric, Rows original, Rows candidate) {
    return metric.of(original, candidate, NO_LABELS, 0.95, "test");
  }

  /// All pairs in double precision, sorted: slow and plain.
  private static List<Integer> nearest(Rows rows, int query) {
    double[] cosines = new double[rows.count()];
    for (int other = 0; other < rows.count(); other++) {
      double product = 0;
      double a = 0;
      double b = 0;
      for (int k = 0; k < rows.width(); k++) {
        product += (double) rows.at(query, k) * rows.at(other, k);
        a += (double) rows.at(query, k) * rows.at(query, k);
        b += (double) rows.at(other, k) * rows.at(other, k);
      }
      cosines[other] = product / Math.sqrt(a * b);
    }
    return IntStream.range(0, rows.count())
        .filter(other -> other != query)
        .boxed()
        .sorted(Comparator.comparing((Integer other) -> -cosines[other]))
        .limit(10)
        .toList();
  }

  @Test
  void theOriginalItself_losesNothingAndThatIsKnown() {
    float[] values = new float[20 * 4];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i * i);
    }
    var rows = new Rows(20, 4, values);
    int[] labels = new int[20];
    int[] texts = new int[40];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = i % 2 == 0 ? 'a' : -1;
    }
    for (Metric metric : Metric.values()) {
      int[] needed =
          metric == Metric.CHARACTER_ACCURACY ? texts : metric.needsLabels() ? labels : new int[0];
      Quality known = metric.ofOriginal(rows, needed, 0.95, "here");
      Quality measured = metric.of(rows, rows, needed, 0.95, "here");
      assertThat(known.value().value()).as(metric.key()).isEqualTo(measured.value().value());
      assertThat(known.drop().map(Figure::text)).isIn(Optional.empty(), Optional.of("0.00 pp"));
      assertThat(known.drop().isPresent()).isEqualTo(measured.drop().isPresent());
      assertThat(known.value().exact()).isEqualTo(metric != Metric.ACCURACY);
    }
  }

  private static Rows texts(int width, String... texts) {
    float[] rows = new float[texts.length * width];
    for (int i = 0; i < texts.length; i++) {
      int[] points = texts[i].codePoints().toArray();
      for (int k = 0; k < points.length; k++) {
        rows[i * width + k] = points[k];
      }
    }
    return new Rows(texts.length, width, rows);
  }

  @Test
  void characterAccuracy_isOneLessTheEditsACharacter() {
    Rows original = texts(8, "kitten", "x", "日本");
    Rows candidate = texts(8, "sitting", "", "日本");
    int[] written = LineTexts.codePoints(List.of("kitten", "xy", "日本"));
    Quality of = Metric.CHARACTER_ACCURACY.of(original, candidate, written, 0.95, "here");

    // Three edits for kitten, two for what is missing, of ten characters; the original lacks one.
    assertThat(of.value().value()).isCloseTo(0.5, within(1e-12));
    assertThat(of.drop().orElseThrow().value()).isCloseTo(0.4, within(1e-12));
    Quality alone = Metric.CHARACTER_ACCURACY.of(original, candidate, new int[0], 0.95, "here");
    assertThat(alone.value().value()).isCloseTo(1 - 4 / 9.0, within(1e-12));
  }

  @Test
  void characterAccuracy_withoutATextForEachSample_isRefused() {
    Rows rows = texts(4, "a", "b", "c");
    assertThatThrownBy(() ->
            Metric.CHARACTER_ACCURACY.of(
                rows, rows, LineTexts.codePoints(List.of("a", "b")), 0.95, "here"))
        .isInstanceOf(InputException.class)
        .hasMessage("character-accuracy needs a text for each of 3 samples, got 2");
    assertThatThrownBy(() ->
            Metric.CHARACTER_ACCURACY.of(
                rows, rows, LineTexts.codePoints(List.of("", "", "")), 0.95, "here"))
        .isInstanceOf(InputException.class)
        .hasMessage("character-accuracy needs a character at least, all texts are empty");
  }

  @Test
  void neighbours_areThoseOfAPlainSearch() {
    Rows original = random(700, 37, 1);
    Rows candidate = disturbed(original, 0.3, 2);
    int kept = 0;
    int common = 0;
    for (int query = 0; query < 700; query++) {
      List<Integer> before = nearest(original, query);
      List<Integer> after = nearest(candidate, query);
      kept += after.contains(before.getFirst()) ? 1 : 0;
      common += (int) before.stream().filter(after::contains).count();
    }
    assertThat(kept).isBetween(100, 690);

    assertThat(of(Metric.NEAREST_IN_10, original, candidate).value().value())
        .isEqualTo(kept / 700.0);
    assertThat(of(Metric.TOP_TEN_OVERLAP, original, candidate).value().value())
        .isCloseTo(common / 7000.0, within(1e-12));
  }

  @Test
  void unchangedModel_losesNothing_butTheIntervalStaysHonest() {
    Rows rows = random(400, 16, 3);
    Quality kept = of(Metric.NEAREST_IN_10, rows, disturbed(rows, 0, 1));
    // Wilson with all of n: the lower end is n / (n + z^2).
    double low = 400 / (400 + 1.959964 * 1.959964);
    assertThat(kept.value().value()).isEqualTo(1);
    assertThat(kept.value().low()).isCloseTo(low, within(1e-7));
    assertThat(kept.value().high()).isEqualTo(1);
    assertThat(kept.value().unit()).isEqualTo(Unit.SHARE);
    assertThat(kept.value().source())
        .isEqualTo(
            new Source.Measured(
                "test", 400, "nearest-in-10 against the original, Wilson 95 % interval"));
    Figure drop = kept.drop().orElseThrow();
    assertThat(drop.value()).isZero();
    assertThat(drop.high()).isCloseTo(1 - low, within(1e-7));
    assertThat(drop.unit()).isEqualTo(Unit.SHARE_POINTS);
    assertThat(of(Metric.TOP_TEN_OVERLAP, rows, rows).value().low()).isCloseTo(low, within(1e-7));
    assertThat(of(Metric.SIGNAL_TO_NOISE, rows, rows).value().value())
        .isEqualTo(Double.POSITIVE_INFINITY);
  }

  @Test
  void rowsThatAreNoNumbers_countAsLost() {
    Rows rows = random(50, 8, 4);
    for (float value : new float[] {Float.NaN, 0, Float.POSITIVE_INFINITY}) {
      Rows broken = rows;
      for (int row = 0; row < 50; row++) {
        broken = withRow(broken, row, value);
      }
      assertThat(of(Metric.NEAREST_IN_10, rows, broken).value().value()).isZero();
      assertThat(of(Metric.TOP_TEN_OVERLAP, rows, broken).value().value()).isZero();
      assertThat(of(Metric.EMBEDDING_ERROR, rows, broken).value().value()).isEqualTo(1);
    }
    assertThat(of(Metric.AGREEMENT, rows, withRow(rows, 7, Float.NaN)).value().value())
        .isEqualTo(0.98);
  }

  @Test
  void embeddingError_isOneLessCosine() {
    var original = new Rows(2, 2, new float[] {1, 0, 0, 2});
    var candidate = new Rows(2, 2, new float[] {3, 0, 2, 2});
    // cos 0 = 1, cos 45 degrees = 0.7071.
    assertThat(of(Metric.EMBEDDING_ERROR, original, candidate).value().value())
        .isCloseTo((1 - Math.sqrt(0.5)) / 2, within(1e-12));
  }

  @Test
  void signalToNoise_isTheRatioOfEnergies() {
    var original = new Rows(2, 2, new float[] {3, 4, 0, 5});
    var candidate = new Rows(2, 2, new float[] {3, 4.5f, 0.5f, 5});
    // 50 against 0.5: 20 dB.
    assertThat(of(Metric.SIGNAL_TO_NOISE, original, candidate).value().value())
        .isCloseTo(20, within(1e-12));
    assertThat(of(Metric.SIGNAL_TO_NOISE, original, candidate).drop()).isEmpty();
  }

  @Test
  void accuracy_countsLabels_andItsDropIsPaired() {
    // 1,000 samples: 900 right under both, 30 under the original only, 10 under the candidate only.
    float[] before = new float[2000];
    float[] after = new float[2000];
    int[] labels = new int[1000];
    for (int i = 0; i < 1000; i++) {
      before[2 * i] = i < 930 ? 1 : -1;
      after[2 * i] = i < 900 || i >= 990 ? 1 : -1;
    }
    Quality quality =
        Metric.ACCURACY.of(
            new Rows(1000, 2, before), new Rows(1000, 2, after), labels, 0.95, "lines");
    assertThat(quality.value().value()).isEqualTo(0.91);
    // Wilson: centre 0.908431, half width 0.017773.
    assertThat(quality.value().low()).isCloseTo(0.890658, within(2e-6));
    assertThat(quality.value().high()).isCloseTo(0.926204, within(2e-6));
    Figure drop = quality.drop().orElseThrow();
    assertThat(drop.value()).isCloseTo(0.02, within(1e-12));
    // The plain normal interval of a paired difference: 0.02 ± 1.96 sqrt((40 - 20^2/1000)) / 1000.
    double half = 1.959964 * Math.sqrt(40 - 0.4) / 1000;
    assertThat(drop.low()).isCloseTo(0.02 - half, within(0.003));
    assertThat(drop.high()).isCloseTo(0.02 + half, within(0.003));
  }

  @Test
  void accuracyDropOfAnUnchangedModel_hasAnInterval() {
    Rows rows = random(500, 3, 9);
    int[] labels = IntStream.range(0, 500).map(rows::largest).toArray();
    labels[3] = (labels[3] + 1) % 3;
    Figure drop = Metric.ACCURACY.of(rows, rows, labels, 0.95, "x").drop().orElseThrow();
    assertThat(drop.value()).isZero();
    assertThat(drop.high()).isBetween(0.001, 0.02);
  }

  @Test
  void labelBeyondTheScores_isRefused() {
    Rows rows = random(4, 2, 1);
    assertThatThrownBy(() -> Metric.ACCURACY.of(rows, rows, new int[] {0, 1, 2, 0}, 0.95, "x"))
        .isInstanceOf(InputException.class)
        .hasMessage("sample 2 is of class 2, but the model gives 2 scores");
    assertThatThrownBy(() -> of(Metric.ACCURACY, rows, rows))
        .isInstanceOf(InputException.class)
        .hasMessage("accuracy needs a label for each of 4 samples, got 0");
  }

  @Test
  void tooFewSamplesForTen_areRefused() {
    Rows rows = random(10, 2, 1);
    assertThatThrownBy(() -> of(Metric.NEAREST_IN_10, rows, rows))
        .isInstanceOf(InputException.class)
        .hasMessage("nearest-in-10 needs more than 10 samples, got 10");
  }

  @Test
  void rowsThatDoNotMatch_areRefused() {
    assertThatThrownBy(() -> of(Metric.AGREEMENT, random(20, 2, 1), random(20, 3, 1)))
        .isInstanceOf(InputException.class)
        .hasMessage(
            "agreement compares rows one by one, but the original gave 20 of 2 numbers, the"
                + " candidate 20 of 3");
  }

  @ParameterizedTest
  @EnumSource(Metric.class)
  void result_isTheSameBitsOnAnyNumberOfThreads(Metric metric) throws Exception {
    Rows original = random(600, 24, 5);
    int[] labels =
        metric == Metric.CHARACTER_ACCURACY
            ? IntStream.range(0, 1200).map(i -> i % 2 == 0 ? i % 24 : -1).toArray()
            : IntStream.range(0, 600).map(i -> i % 24).toArray();
    Quality here =
        metric.of(disturbed(original, 0, 0), disturbed(original, 0.1, 6), labels, 0.95, "x");
    for (int threads : new int[] {1, 7}) {
      try (var pool = new ForkJoinPool(threads)) {
        Quality there =
            pool.submit(() ->
                    metric.of(
                        disturbed(original, 0, 0), disturbed(original, 0.1, 6), labels, 0.95, "x"))
                .get();
        assertThat(there).isEqualTo(here);
      }
    }
  }

  @Test
  void name_isReadBack_andAnUnknownOneListsAll() {
    for (Metric metric : Metric.values()) {
      assertThat(Metric.named(metric.key())).isEqualTo(metric);
    }
    assertThatThrownBy(() -> Metric.named("f1"))
        .isInstanceOf(InputException.class)
        .hasMessage("there is no metric 'f1'")
        .satisfies(e ->
            assertThat(((InputException) e).hint())
                .hasValue(
                    "the metrics are nearest-in-10, top-ten-overlap, embedding-error,"
                        + " accuracy, agreement, character-accuracy, signal-to-noise"));
  }
}
