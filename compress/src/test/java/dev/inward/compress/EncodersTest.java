package dev.inward.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inward.graph.Encoding;
import dev.inward.graph.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ForkJoinPool;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What the encoders that need no data promise: least error, and the same bits always.
final class EncodersTest {
  private static final Axes CONV = Axes.of(0, 1);

  private static Tensor gaussian(long seed, Long... dims) {
    var random = new Random(seed);
    int count = (int) Stream.of(dims).mapToLong(d -> d).reduce(1, (a, b) -> a * b);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] =
          Float.float16ToFloat(Float.floatToFloat16((float) (random.nextGaussian() * 0.05)));
    }
    return Tensor.half(List.of(dims), values);
  }

  private static Tensor encode(Tensor weight, WeightFormat format) {
    return WeightEncoder.encode("w", weight, format, CONV);
  }

  private static double error(Tensor a, Tensor b) {
    float[] x = a.floats();
    float[] y = b.floats();
    double sum = 0;
    for (int i = 0; i < x.length; i++) {
      sum += ((double) x[i] - y[i]) * ((double) x[i] - y[i]);
    }
    return sum;
  }

  static Stream<WeightFormat> formats() {
    return Stream.of(
        WeightFormat.INT8_PER_CHANNEL,
        WeightFormat.INT8_ASYMMETRIC,
        WeightFormat.INT4_IN_BLOCKS_OF_32,
        new WeightFormat.Searched(4, 0),
        new WeightFormat.Searched(8, 16),
        WeightFormat.Palette.of(1),
        WeightFormat.Palette.of(3),
        WeightFormat.Palette.of(8),
        WeightFormat.Palette.grouped(4, 8),
        new WeightFormat.Palette(4, 8, 2, false, false),
        new WeightFormat.Palette(4, 0, 4, true, true),
        new WeightFormat.Palette(4, 8, 1, true, false),
        new WeightFormat.Palette(6, 0, 1, false, true),
        new WeightFormat.Sparse(new WeightFormat.Zeros.Share(0.5), WeightFormat.FLOAT16),
        new WeightFormat.Sparse(new WeightFormat.Zeros.OfEach(2, 4), WeightFormat.INT8_PER_CHANNEL),
        new WeightFormat.Sparse(
            new WeightFormat.Zeros.Below(0.03), WeightFormat.INT4_IN_BLOCKS_OF_32),
        new WeightFormat.Sparse(
            new WeightFormat.Zeros.Blocks(0.5, 4), WeightFormat.Palette.grouped(4, 8)));
  }

  /// The anchor divides by the largest magnitude: codes -7 to 7.
  private static double errorOfLargest(Tensor weight, int block) {
    float[] values = weight.floats();
    double sum = 0;
    for (int first = 0; first < values.length; first += block) {
      float most = 0;
      for (int e = 0; e < block; e++) {
        most = Math.max(most, Math.abs(values[first + e]));
      }
      float scale = Float.float16ToFloat(Float.floatToFloat16(most / 7));
      for (int e = 0; e < block; e++) {
        double x = values[first + e];
        double code = Math.clamp(Math.rint(x / scale), -7, 7);
        sum += (x - code * scale) * (x - code * scale);
      }
    }
    return sum;
  }

  @Test
  void fourBitsInBlocksOf32_haveAFifthLessErrorThanScalingByTheLargest() {
    Tensor weight = gaussian(1, 256L, 256L, 1L, 1L);
    Tensor encoded = encode(weight, WeightFormat.INT4_IN_BLOCKS_OF_32);
    var affine = (Encoding.Affine) encoded.encoding();

    assertThat(affine.scale().dims()).isEqualTo(List.of(256L, 8L, 1L, 1L));
    assertThat(affine.data().size()).isEqualTo(256 * 256 / 2);
    assertThat(error(weight, encoded) / errorOfLargest(weight, 32)).isBetween(0.76, 0.795);

    // With the places of a kernel, 288 elements share a scale, as in the anchor's blocks.
    Tensor kernels = gaussian(13, 64L, 64L, 3L, 3L);
    Tensor inBlocks = encode(kernels, WeightFormat.INT4_IN_BLOCKS_OF_32);
    assertThat(((Encoding.Affine) inBlocks.encoding()).scale().dims())
        .isEqualTo(List.of(64L, 2L, 1L, 1L));
    assertThat(error(kernels, inBlocks) / errorOfLargest(kernels, 288)).isBetween(0.6, 0.7);
  }

  @Test
  void scales_areNoWorseThanAFineSearch() {
    Tensor weight = gaussian(2, 72L, 32L, 1L, 1L);
    Tensor encoded = encode(weight, WeightFormat.INT4_IN_BLOCKS_OF_32);
    float[] values = weight.floats();
    double best = 0;
    for (int g = 0; g < 72; g++) {
      int first = g * 32;
      double least = Double.MAX_VALUE;
      for (int s = 1; s < 4000; s++) {
        double scale = s * 1e-5;
        double sum = 0;
        for (int e = 0; e < 32; e++) {
          double x = values[first + e];
          double difference = x - scale * Math.clamp(Math.rint(x / scale), -8, 7);
          sum += difference * difference;
        }
        least = Math.min(least, sum);
      }
      best += least;
    }
    assertThat(error(weight, encoded)).isLessThan(1.01 * best);
  }

  @Test
  void palettes_haveTheLeastErrorThatAnyTableHas() {
    Tensor weight = gaussian(3, 8L, 8L, 3L, 3L);
    for (int bits : new int[] {1, 2, 3, 4}) {
      float[] values = weight.floats();
      Arrays.sort(values);
      assertThat(error(weight, encode(weight, WeightFormat.Palette.of(bits))))
          // The entries are rounded to half precision after the search.
          .isCloseTo(leastError(values, 1 << bits), within(1e-3 * leastError(values, 1 << bits)));
    }
  }

  /// By trying every cut.
  private static double leastError(float[] sorted, int k) {
    int n = sorted.length;
    double[] sum = new double[n + 1];
    double[] square = new double[n + 1];
    for (int i = 0; i < n; i++) {
      sum[i + 1] = sum[i] + sorted[i];
      square[i + 1] = square[i] + (double) sorted[i] * sorted[i];
    }
    double[] before = new double[n + 1];
    Arrays.fill(before, Double.POSITIVE_INFINITY);
    before[0] = 0;
    for (int q = 0; q < k; q++) {
      double[] now = new double[n + 1];
      Arrays.fill(now, Double.POSITIVE_INFINITY);
      for (int i = 1; i <= n; i++) {
        for (int j = 0; j < i; j++) {
          double s = sum[i] - sum[j];
          now[i] = Math.min(now[i], before[j] + square[i] - square[j] - s * s / (i - j));
        }
      }
      before = now;
    }
    return before[n];
  }

  @Test
  void cutsFromBins_areAllButThoseOfAllCuts() {
    for (int seed = 0; seed < 30; seed++) {
      var random = new Random(seed);
      int n = 1025 + random.nextInt(4000);
      double[] numbers = new double[n];
      double[] weights = new double[n];
      int shape = seed % 6;
      for (int i = 0; i < n; i++) {
        double g = random.nextGaussian();
        numbers[i] =
            switch (shape) {
              case 0 -> g;
              case 1 -> random.nextDouble();
              case 2 -> g * g * g;
              case 3 -> random.nextInt(5) + 0.05 * g;
              case 4 -> Math.exp(2 * g);
              default -> Math.signum(g) * -Math.log(random.nextDouble());
            };
        weights[i] = random.nextInt(1, 40);
      }
      Arrays.sort(numbers);
      double[] weighted = new double[n];
      Arrays.setAll(weighted, i -> numbers[i] * weights[i]);
      double mean = Arrays.stream(weighted).sum() / Arrays.stream(weights).sum();
      double spread = 0;
      for (int i = 0; i < n; i++) {
        spread += weights[i] * (numbers[i] - mean) * (numbers[i] - mean);
      }
      var means = Means.of(weighted, weights);
      for (int k : new int[] {2, 4, 16}) {
        // Costs leave out the spread, which is the same for all cuts.
        double least = spread + means.cost(means.exact(k));
        double found = spread + means.cost(means.cuts(k));
        assertThat(found)
            .as("seed %d, %d clusters", seed, k)
            .isBetween(least * (1 - 1e-9), least * (shape < 2 ? 1 + 1e-9 : 1 + 2e-4));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("formats")
  void anyNumberOfThreads_givesTheSameBits(WeightFormat format) throws Exception {
    Tensor weight = gaussian(4, 32L, 32L, 3L, 3L);
    Tensor alone;
    Tensor many;
    try (var one = new ForkJoinPool(1);
        var four = new ForkJoinPool(4)) {
      alone = one.submit(() -> encode(weight, format)).get();
      many = four.submit(() -> encode(weight, format)).get();
    }

    assertThat(many).isEqualTo(alone);
    assertThat(encode(weight, format)).isEqualTo(alone);
    assertThat(alone.dims()).isEqualTo(weight.dims());
    assertThat(error(weight, alone)).isLessThan(error(weight, gaussianZero(weight)));
  }

  private static Tensor gaussianZero(Tensor weight) {
    return Tensor.ofFloats(weight.dims(), new float[(int) weight.elements()]);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void channelOfZeros_comesBackAsZerosWithAScaleAboveZero(WeightFormat format) {
    float[] values = gaussian(5, 16L, 32L, 3L, 3L).floats();
    Arrays.fill(values, 2 * 288, 3 * 288, 0);
    Tensor encoded = encode(Tensor.ofFloats(List.of(16L, 32L, 3L, 3L), values), format);
    scales(encoded.encoding())
        .forEach(scale -> {
          for (float s : scale.floats()) {
            assertThat(s).isPositive().isFinite();
          }
        });
    float[] decoded = encoded.floats();
    for (float value : decoded) {
      assertThat(value).isFinite();
    }
    if (format instanceof WeightFormat.Affine
        || format instanceof WeightFormat.Searched
        || format instanceof WeightFormat.Sparse) {
      assertThat(Arrays.copyOfRange(decoded, 2 * 288, 3 * 288)).containsOnly(0);
    }
  }

  private static List<Tensor> scales(Encoding encoding) {
    return switch (encoding) {
      case Encoding.Dense _ -> List.of();
      case Encoding.Affine affine -> List.of(affine.scale());
      case Encoding.Palette palette -> scales(palette.table().encoding());
      case Encoding.Vectors vectors -> scales(vectors.table().encoding());
      case Encoding.Scaled(_, var scale) -> List.of(scale);
      case Encoding.Sparse sparse -> scales(sparse.values());
    };
  }

  /// The anchor divides such a weight by its scales and then leaves it so.
  @Test
  void groupThatDoesNotDivideTheChannels_isNarrowedOrDroppedNeverCorrupted() {
    Tensor weight = gaussian(6, 30L, 8L, 3L, 3L);
    Tensor narrowed = encode(weight, new WeightFormat.Palette(4, 8, 1, true, false));
    var inner = ((Encoding.Scaled) narrowed.encoding()).values();
    assertThat(((Encoding.Palette) inner.encoding()).table().dims())
        .isEqualTo(List.of(5L, 1L, 1L, 1L, 16L));
    Tensor prime = gaussian(7, 31L, 8L, 3L, 3L);
    Tensor dropped = encode(prime, new WeightFormat.Palette(4, 8, 1, false, false));
    assertThat(((Encoding.Palette) dropped.encoding()).table().dims())
        .isEqualTo(List.of(1L, 1L, 1L, 1L, 16L));

    for (var pair : List.of(List.of(weight, narrowed), List.of(prime, dropped))) {
      assertThat(error(pair.get(0), pair.get(1)) / error(pair.get(0), gaussianZero(pair.get(0))))
          .isLessThan(0.02);
    }
  }

  @Test
  void blockThatDoesNotDivideTheInputs_isNarrowedOrTheWholeChannel() {
    Tensor narrowed = encode(gaussian(8, 4L, 48L, 1L, 1L), WeightFormat.INT4_IN_BLOCKS_OF_32);
    assertThat(((Encoding.Affine) narrowed.encoding()).scale().dims())
        .isEqualTo(List.of(4L, 2L, 1L, 1L));
    Tensor whole = encode(gaussian(9, 4L, 37L, 1L, 1L), WeightFormat.INT4_IN_BLOCKS_OF_32);
    assertThat(((Encoding.Affine) whole.encoding()).scale().dims())
        .isEqualTo(List.of(4L, 1L, 1L, 1L));
  }

  @Test
  void zeros_areTheSmallestAndAsManyAsAsked() {
    Tensor weight = gaussian(10, 8L, 8L, 3L, 3L);
    float[] values = weight.floats();
    float[] half =
        encode(
                weight,
                new WeightFormat.Sparse(new WeightFormat.Zeros.Share(0.5), WeightFormat.FLOAT16))
            .floats();
    float least = Float.MAX_VALUE;
    float most = 0;
    int zeros = 0;
    for (int i = 0; i < half.length; i++) {
      if (half[i] == 0) {
        zeros++;
        most = Math.max(most, Math.abs(values[i]));
      } else {
        assertThat(half[i]).isEqualTo(values[i]);
        least = Math.min(least, Math.abs(values[i]));
      }
    }
    assertThat(zeros).isEqualTo(288);
    assertThat(most).isLessThanOrEqualTo(least);

    float[] ofFour =
        encode(
                weight,
                new WeightFormat.Sparse(new WeightFormat.Zeros.OfEach(2, 4), WeightFormat.FLOAT16))
            .floats();
    for (int o = 0; o < 8; o++) {
      for (int g = 0; g < 2; g++) {
        for (int p = 0; p < 9; p++) {
          int kept = 0;
          for (int e = 0; e < 4; e++) {
            kept += ofFour[(o * 8 + g * 4 + e) * 9 + p] == 0 ? 0 : 1;
          }
          assertThat(kept).isEqualTo(2);
        }
      }
    }
  }

  @Test
  void scaledPalette_beatsThePlainOneWhereChannelsDifferInSize() {
    Tensor weight = gaussian(11, 32L, 16L, 3L, 3L);
    float[] values = weight.floats();
    for (int i = 0; i < values.length; i++) {
      values[i] *= 1 << i / 144 % 6;
    }
    Tensor uneven = Tensor.ofFloats(weight.dims(), values);

    assertThat(error(uneven, encode(uneven, new WeightFormat.Palette(4, 0, 1, true, false))))
        .isLessThan(0.6 * error(uneven, encode(uneven, WeightFormat.Palette.of(4))));
  }

  @Test
  void hugeAndTinyWeights_stayFinite() {
    for (float size : new float[] {1e37f, 1e-30f, 1e-42f}) {
      float[] values = gaussian(12, 8L, 32L, 1L, 1L).floats();
      for (int i = 0; i < values.length; i++) {
        values[i] *= size;
      }
      Tensor weight = Tensor.ofFloats(List.of(8L, 32L, 1L, 1L), values);
      formats()
          .filter(
              f -> !(f instanceof WeightFormat.Sparse s && s.values() instanceof WeightFormat.Half))
          .forEach(format -> {
            for (float value : encode(weight, format).floats()) {
              assertThat(value).as("%s of %s", format.text(), size).isFinite();
            }
          });
    }
  }
}
