package dev.inward.compress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.inward.base.InputException;
import dev.inward.compress.WeightFormat.Granularity;
import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Tensor;
import dev.inward.testkit.Chance;
import dev.inward.testkit.Trials;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class WeightEncoderTest {
  static Stream<WeightFormat.Affine> formats() {
    return Stream.of(4, 7, 8)
        .flatMap(bits ->
            Stream.of(Granularity.values())
                .flatMap(
                    g -> Stream.of(true, false).map(a -> new WeightFormat.Affine(bits, g, a))));
  }

  private static Encoding.Affine affine(Tensor encoded) {
    return (Encoding.Affine) encoded.encoding();
  }

  private static Tensor encode(Tensor weight, WeightFormat format, int axis) {
    return WeightEncoder.encode("w", weight, format, OptionalInt.of(axis));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void codes_areTheNearestAndInRange(WeightFormat.Affine format) {
    Trials.run(
        40,
        chance -> {
          List<Long> dims = chance.dims(chance.between(1, 4), 5);
          int axis = chance.between(0, dims.size() - 1);
          float[] values = chance.floats(dims).floats();
          float shift = chance.flip() ? 0 : chance.real(-3, 3);
          for (int i = 0; i < values.length; i++) {
            values[i] += shift;
          }
          Tensor weight = Tensor.ofFloats(dims, values);
          Tensor encoded = encode(weight, format, axis);

          assertThat(encoded.type()).isEqualTo(weight.type());
          var encoding = affine(encoded);
          assertThat(encoding.codes()).isEqualTo(format.bits() > 4 ? DataType.INT8 : DataType.INT4);
          boolean channels = format.granularity() == Granularity.CHANNEL;
          for (int d = 0; d < dims.size(); d++) {
            assertThat(encoding.scale().dims().get(d))
                .isEqualTo(channels && d == axis ? dims.get(d) : 1);
          }
          for (float scale : encoding.scale().floats()) {
            if (scale >= 0x1p-14f) {
              assertThat(Float.float16ToFloat(Float.floatToFloat16(scale)))
                  .as("half precision holds it")
                  .isEqualTo(scale);
            }
          }
          long[] codes = Tensor.dense(encoding.codes(), dims, encoding.data()).longs();
          long[] zeros = encoding.zeroPoint().longs();
          float[] scales = encoding.scale().floats();
          float[] decoded = encoded.floats();
          int least =
              format.asymmetric() ? -(1 << (format.bits() - 1)) : 1 - (1 << (format.bits() - 1));
          int most = (1 << (format.bits() - 1)) - 1;
          for (int i = 0; i < values.length; i++) {
            int group = channels ? channel(dims, axis, i) : 0;
            double scale = scales[group];
            assertThat(codes[i]).isBetween((long) least, (long) most);
            assertThat((double) decoded[i])
                .isCloseTo(scale * (codes[i] - zeros[group]), within(1e-6 * Math.abs(values[i])));
            double error = Math.abs(values[i] - scale * (codes[i] - zeros[group]));
            assertThat(error).as("element %d", i).isLessThanOrEqualTo(scale * (0.5 + 1e-4));
            for (int other = least; other <= most; other++) {
              assertThat(error)
                  .isLessThanOrEqualTo(Math.abs(values[i] - scale * (other - zeros[group])));
            }
          }
        });
  }

  /// The place along an axis of the element at a flat index.
  private static int channel(List<Long> dims, int axis, int index) {
    long inner = dims.subList(axis + 1, dims.size()).stream().reduce(1L, (a, b) -> a * b);
    return (int) (index / inner % dims.get(axis));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void zeros_comeBackExact(WeightFormat.Affine format) {
    float[] values = new Chance(1).floats(List.of(4L, 9L)).floats();
    Arrays.fill(values, 9, 18, 0);
    float[] decoded = encode(Tensor.ofFloats(List.of(4L, 9L), values), format, 0).floats();

    assertThat(Arrays.copyOfRange(decoded, 9, 18)).containsOnly(0);
    assertThat(encode(Tensor.ofFloats(List.of(2L, 2L), new float[4]), format, 0).floats())
        .containsOnly(0);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void equalElements_comeBackButForTheRoundingOfTheScale(WeightFormat.Affine format) {
    for (float constant : new float[] {0.1f, -0.1f, 1, -7.3f, 3e-20f, 1e30f}) {
      float[] values = new float[6];
      Arrays.fill(values, constant);
      float[] decoded = encode(Tensor.ofFloats(List.of(2L, 3L), values), format, 1).floats();
      for (float value : decoded) {
        assertThat(value).isCloseTo(constant, within(Math.abs(constant) * 0x1p-10f));
      }
    }
  }

  @Test
  void oneOutlier_costsItsChannelOnly() {
    float[] values = new Chance(2).floats(List.of(8L, 64L)).floats();
    values[3 * 64] = 1000;
    Tensor weight = Tensor.ofFloats(List.of(8L, 64L), values);
    Tensor channel = encode(weight, WeightFormat.INT8_PER_CHANNEL, 0);
    Tensor whole = encode(weight, WeightFormat.INT8_PER_TENSOR, 0);

    float[] scales = affine(channel).scale().floats();
    for (int i = 0; i < 8; i++) {
      assertThat(scales[i] > 1).as("channel %d", i).isEqualTo(i == 3);
    }
    assertThat(channel.floats()[3 * 64]).isCloseTo(1000, within(1f));
    assertThat(affine(whole).scale().floats()).containsExactly(7.875f);
    assertThat(worst(weight, whole, 0)).isGreaterThan(20 * worst(weight, channel, 0));
  }

  private static double worst(Tensor a, Tensor b, int channel) {
    double worst = 0;
    for (int i = channel * 64; i < channel * 64 + 64; i++) {
      worst = Math.max(worst, Math.abs(a.floats()[i] - b.floats()[i]));
    }
    return worst;
  }

  @Test
  void asymmetricRange_runsFromTheLeastToTheLargest() {
    var format = new WeightFormat.Affine(8, Granularity.TENSOR, true);
    Tensor weight = Tensor.ofFloats(List.of(4L), -1, 0, 2, 4.1f);
    Tensor encoded = encode(weight, format, 0);

    assertThat(affine(encoded).scale().floats()).containsExactly(1311 * 0x1p-16f);
    assertThat(encoded.floats()[0]).isCloseTo(-1, within(0.0101f));
    assertThat(encoded.floats()[1]).isEqualTo(0);
    assertThat(encoded.floats()[3]).isCloseTo(4.1f, within(0.0101f));
  }

  @ParameterizedTest
  @MethodSource("formats")
  void largeFloats_stayFinite(WeightFormat.Affine format) {
    Tensor weight = Tensor.ofFloats(List.of(1L, 3L), 2e38f, -2e38f, 0);
    float[] decoded = encode(weight, format, 0).floats();

    assertThat((double) decoded[0]).isCloseTo(2e38, within(2e37));
    assertThat((double) decoded[1]).isCloseTo(-2e38, within(2e37));
    assertThat(decoded[2]).isEqualTo(0);
  }

  @ParameterizedTest
  @MethodSource("formats")
  void smallestFloats_becomeZeroOrStay(WeightFormat.Affine format) {
    float[] decoded =
        encode(Tensor.ofFloats(List.of(1L, 2L), 1e-42f, -9.8e-45f), format, 0).floats();

    assertThat(decoded[0]).isBetween(0f, 2e-42f);
    assertThat(decoded[1]).isBetween(-1e-42f, 1e-42f);
  }

  @Test
  void formatPerChannelWithoutAnAxis_hasOneScale() {
    Tensor weight = new Chance(3).floats(List.of(4L, 5L));

    assertThat(
            WeightEncoder.encode("w", weight, WeightFormat.INT8_PER_CHANNEL, OptionalInt.empty()))
        .isEqualTo(encode(weight, WeightFormat.INT8_PER_TENSOR, 0));
  }

  @Test
  void half_isTheNearest() {
    Tensor weight = Tensor.ofFloats(List.of(4L), 0.1f, -65504, 1 + 1f / 2048, 1e-9f);
    Tensor encoded = encode(weight, WeightFormat.FLOAT16, 0);

    assertThat(encoded.type()).isEqualTo(weight.type());
    assertThat(encoded.storedBytes()).isEqualTo(8);
    assertThat(encoded.floats()).containsExactly(0.099975586f, -65504, 1, 0);
  }

  @Test
  void numbersThatCannotBeHeld_areRefusedByName() {
    for (var format :
        List.of(
            WeightFormat.FLOAT16, WeightFormat.INT8_PER_TENSOR, WeightFormat.INT8_PER_CHANNEL)) {
      refused("weight 'w': holds NaN and cannot be encoded", format, 1, Float.NaN);
      refused(
          "weight 'w': holds Infinity and cannot be encoded", format, Float.POSITIVE_INFINITY, 0);
    }
    refused(
        "weight 'w': holds 65520.0, more than half precision can", WeightFormat.FLOAT16, 1, 65520);
  }

  private static void refused(String message, WeightFormat format, float... values) {
    assertThatThrownBy(() -> encode(Tensor.ofFloats(List.of(2L), values), format, 0))
        .isInstanceOf(InputException.class)
        .hasMessage(message);
  }

  @Test
  void otherBits_areRefused() {
    assertThatThrownBy(() -> new WeightFormat.Affine(3, Granularity.TENSOR, false))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("affine codes have 4, 7 or 8 bits, got 3");
  }
}
