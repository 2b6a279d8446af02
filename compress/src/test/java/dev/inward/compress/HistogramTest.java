package dev.inward.compress;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.testkit.Chance;
import dev.inward.testkit.Trials;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HistogramTest {
  private static final ActivationFormat.Static ANY = new ActivationFormat.Static(0, 1);

  private static Histogram of(float... values) {
    var histogram = new Histogram();
    histogram.add(values);
    return histogram;
  }

  private static float[] skewed(Chance chance) {
    float[] values = chance.floats(List.of((long) chance.between(200, 4000))).floats();
    float scale = (float) Math.pow(10, chance.between(-6, 6));
    for (int i = 0; i < values.length; i++) {
      values[i] *= scale * Math.abs(values[i]) * (values[i] > 0 ? 3 : 1);
    }
    return values;
  }

  @Test
  void minMax_isExact() {
    assertThat(of(0.1f, -0.3f, 7.7f).minMax()).isEqualTo(new ActivationFormat.Static(-0.3f, 7.7f));
    assertThat(of(2, 3).minMax()).isEqualTo(new ActivationFormat.Static(0, 3));
    assertThat(of(-2, -3).minMax()).isEqualTo(new ActivationFormat.Static(-3, 0));
    assertThat(of(1e-20f, 1e20f, -1e5f).minMax())
        .isEqualTo(new ActivationFormat.Static(-1e5f, 1e20f));
  }

  @Test
  void percentile_leavesOutNoMoreThanItsShare() {
    Trials.run(
        60,
        chance -> {
          float[] values = skewed(chance);
          var histogram = of(values);
          double share = List.of(0.5, 0.9, 0.99, 0.9999).get(chance.between(0, 3));
          var range = histogram.percentile(share);

          float[] sorted = values.clone();
          Arrays.sort(sorted);
          int out = (int) Math.floor(values.length * (1 - share) / 2);
          float reach = Math.max(-sorted[0], sorted[sorted.length - 1]);
          float bin = reach / 2048;
          assertThat(range.low())
              .isBetween(Math.min(0, sorted[out] - bin), Math.min(0, sorted[out]));
          float top = sorted[sorted.length - 1 - out];
          assertThat(range.high()).isBetween(Math.max(0, top), Math.max(0, top + bin));
        });
  }

  @Test
  void squaredError_isNoWorseThanMinMax() {
    int[] better = new int[1];
    Trials.run(
        40,
        chance -> {
          float[] values = skewed(chance);
          var histogram = of(values);
          var range = histogram.squaredError();

          assertThat(histogram.error(range))
              .isLessThanOrEqualTo(histogram.error(histogram.minMax()));
          better[0] += range.equals(histogram.minMax()) ? 0 : 1;
        });
    assertThat(better[0]).as("ranges that shrank").isGreaterThan(5);
  }

  @Test
  void divergence_isThatOfTheDistributions() {
    // Whole numbers: each value has a bin of its own, and with a step of 2 two of them share a
    // code.
    float[] values = new float[2000];
    for (int i = 0; i < values.length; i++) {
      values[i] = 510f * (i % 40) * (i % 7) / 273;
    }
    values[0] = 510;
    var histogram = of(values);
    for (float top : new float[] {510, 300, 101}) {
      var range = new ActivationFormat.Static(0, top);
      // Independently: bins of 510/4096, as the first value other than 0 sets them.
      double width = histogram.width();
      java.util.TreeMap<Long, Integer> bins = new java.util.TreeMap<>();
      for (float x : values) {
        bins.merge((long) Math.floor(x / width), 1, Integer::sum);
      }
      int counted = values.length - java.util.Objects.requireNonNull(bins.remove(0L));
      long last = bins.floorKey((long) Math.floor(top / width));
      double[] mass = new double[256];
      int[] used = new int[256];
      double inside = 0;
      for (var bin : bins.headMap(last, true).entrySet()) {
        int code = (int) Math.min(255, Math.rint((bin.getKey() + 0.5) * width / range.scale()));
        mass[code] += bin.getValue();
        used[code]++;
        inside += bin.getValue();
      }
      double expected = 0;
      double outside = counted - inside;
      for (var bin : bins.headMap(last, true).entrySet()) {
        int code = (int) Math.min(255, Math.rint((bin.getKey() + 0.5) * width / range.scale()));
        double p = (bin.getValue() + (bin.getKey() == last ? outside : 0)) / counted;
        expected += p * Math.log(p / (mass[code] / used[code] / inside));
      }
      assertThat(histogram.divergence(range))
          .isEqualTo(expected, org.assertj.core.data.Offset.offset(1e-9));
    }
  }

  @Test
  void entropy_leavesOutRareLargeValues_andKeepsAPlainDistribution() {
    float[] normal = new Chance(8).floats(List.of(50_000L)).floats();
    var plain = of(normal).entropy();
    normal[17] = 80;
    var clipped = of(normal).entropy();

    assertThat(clipped.high()).isLessThan(0.8f * 80);
    assertThat(plain.high() - plain.low()).isGreaterThan(5);
  }

  @Test
  void error_isThatOfTheRoundedValues() {
    float[] values = new Chance(4).floats(List.of(20000L)).floats();
    var range = new ActivationFormat.Static(-1.5f, 2);
    double expected = 0;
    for (float x : values) {
      double code =
          Math.clamp(Math.rint(x / range.scale()) + range.zeroPoint(), 0, 255) - range.zeroPoint();
      expected += Math.pow(x - range.scale() * code, 2);
    }
    assertThat(of(values).error(range) / expected).isBetween(0.99, 1.01);
  }

  @Test
  void magnitudes_doNotMatter() {
    float[] values = new Chance(5).floats(List.of(5000L)).floats();
    var plain = of(values);
    for (float factor : new float[] {0x1p-60f, 0x1p-7f, 0x1p40f}) {
      float[] scaled = values.clone();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] *= factor;
      }
      var range = plain.percentile(0.99);
      assertThat(of(scaled).percentile(0.99))
          .isEqualTo(new ActivationFormat.Static(range.low() * factor, range.high() * factor));
    }
  }

  @Test
  void orderOfMagnitudes_losesNoValue() {
    float[] rising = new float[70];
    for (int i = 0; i < rising.length; i++) {
      rising[i] = (i % 2 == 0 ? 1 : -1) * (float) Math.pow(10, i / 2.0 - 17);
    }
    float[] falling = rising.clone();
    for (int i = 0; i < falling.length; i++) {
      falling[i] = rising[rising.length - 1 - i];
    }
    var up = of(rising);
    var down = of(falling);

    assertThat(up.total()).isEqualTo(70);
    assertThat(up.minMax()).isEqualTo(down.minMax());
    float bin = up.minMax().high() / 1000;
    assertThat(Math.abs(up.percentile(0.9).high() - down.percentile(0.9).high())).isLessThan(bin);
    assertThat(Math.abs(up.percentile(0.9).low() - down.percentile(0.9).low())).isLessThan(bin);
  }

  @Test
  void sameValuesInPortions_countTheSame() {
    float[] values = new Chance(6).floats(List.of(1000L)).floats();
    var portions = new Histogram();
    for (int i = 0; i < 1000; i += 100) {
      portions.add(Arrays.copyOfRange(values, i, i + 100));
    }
    var whole = of(values);

    assertThat(portions.total()).isEqualTo(1000);
    assertThat(portions.percentile(0.9)).isEqualTo(whole.percentile(0.9));
    assertThat(portions.squaredError()).isEqualTo(whole.squaredError());
    assertThat(portions.error(ANY)).isEqualTo(whole.error(ANY));
  }

  @Test
  void zerosAlone_getARangeThatHoldsThem() {
    var histogram = of(new float[100]);

    assertThat(histogram.total()).isEqualTo(100);
    assertThat(List.of(histogram.minMax(), histogram.percentile(0.99), histogram.squaredError()))
        .containsOnly(ANY);
  }

  @Test
  void nothingSeen_getsThatRangeToo() {
    var histogram = new Histogram();

    assertThat(List.of(histogram.minMax(), histogram.percentile(0.99), histogram.squaredError()))
        .containsOnly(ANY);
  }

  @Test
  void brokenNumbers_areCountedApart() {
    var histogram = of(1, Float.NaN, -1, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY);

    assertThat(histogram.broken()).isEqualTo(3);
    assertThat(histogram.total()).isEqualTo(2);
    assertThat(histogram.minMax()).isEqualTo(new ActivationFormat.Static(-1, 1));
  }
}
