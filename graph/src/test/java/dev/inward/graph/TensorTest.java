package dev.inward.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class TensorTest {
  private static Storage bytes(int... values) {
    byte[] out = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      out[i] = (byte) values[i];
    }
    return Storage.of(out);
  }

  @Test
  void int4Codes_arePackedLowNibbleFirst() {
    // -8, -1, 0, 1, 7 are f8 10 07 in a little-endian bit stream.
    var tensor =
        new Tensor(
            DataType.FLOAT32,
            List.of(1L, 5L),
            new Encoding.Affine(
                DataType.INT4,
                bytes(0xf8, 0x10, 0x07),
                Tensor.ofFloats(List.of(1L, 1L), 0.5f),
                Tensor.dense(DataType.INT4, List.of(1L, 1L), bytes(0))));

    assertThat(tensor.floats()).containsExactly(-4f, -0.5f, 0f, 0.5f, 3.5f);
    assertThat(tensor.storedBytes()).isEqualTo(3 + 4 + 1);
    assertThat(tensor.how()).isEqualTo("int4 per tensor");
  }

  @Test
  void scalePerChannel_appliesAlongItsAxis() {
    var tensor =
        new Tensor(
            DataType.FLOAT32,
            List.of(2L, 2L),
            new Encoding.Affine(
                DataType.UINT8,
                bytes(0, 255, 10, 20),
                Tensor.ofFloats(List.of(2L, 1L), 1f, 2f),
                Tensor.dense(DataType.UINT8, List.of(2L, 1L), bytes(1, 10))));

    assertThat(tensor.floats()).containsExactly(-1f, 254f, 0f, 20f);
    assertThat(tensor.how()).isEqualTo("uint8 per channel (axis 0)");
  }

  @Test
  void paletteInGroups_readsTheTableOfItsGroup() {
    // 3-bit stream 1 2 3 4 5 6 7 0 5 is d1 58 1f 05.
    var table = new float[16];
    for (int i = 0; i < 16; i++) {
      table[i] = i;
    }
    var tensor =
        new Tensor(
            DataType.FLOAT32,
            List.of(2L, 4L),
            new Encoding.Palette(
                3, bytes(0xd1, 0x58, 0x1f), Tensor.ofFloats(List.of(2L, 1L, 8L), table)));

    assertThat(tensor.floats()).containsExactly(1f, 2f, 3f, 4f, 13f, 14f, 15f, 8f);
  }

  @Test
  void sparseWithInt8Values_isZeroElsewhere() {
    var values =
        new Tensor(
            DataType.FLOAT32,
            List.of(2L),
            new Encoding.Affine(
                DataType.INT8,
                bytes(-3, 4),
                Tensor.ofFloats(List.of(1L), 0.5f),
                Tensor.dense(DataType.INT8, List.of(1L), bytes(0))));
    var tensor =
        new Tensor(DataType.FLOAT32, List.of(4L), new Encoding.Sparse(bytes(0b1010), values));

    assertThat(tensor.floats()).containsExactly(0f, -1.5f, 0f, 2f);
  }

  @Test
  void floatStoredAsHalf_isWidened() {
    var tensor =
        new Tensor(
            DataType.FLOAT32, List.of(1L), new Encoding.Dense(DataType.FLOAT16, bytes(0, 0x3c)));

    assertThat(tensor.floats()).containsExactly(1f);
    assertThat(tensor.how()).isEqualTo("as float16");
  }

  @Test
  void dataOfTheWrongSize_isRefused() {
    assertThatThrownBy(() -> Tensor.dense(DataType.FLOAT32, List.of(2L), bytes(0, 0, 0, 0)))
        .hasMessage("float32[2] takes 8 bytes, got 4");
  }

  @Test
  void extentsThatOverflow_areRefused() {
    assertThatThrownBy(() -> Tensor.dense(DataType.INT8, List.of(1L << 40, 1L << 40), bytes()))
        .isInstanceOf(ArithmeticException.class);
  }

  @Test
  void gridThatDoesNotDivide_isRefused() {
    var tensor =
        new Tensor(
            DataType.FLOAT32,
            List.of(3L),
            new Encoding.Affine(
                DataType.INT8,
                bytes(1, 2, 3),
                Tensor.ofFloats(List.of(2L), 1f, 1f),
                Tensor.dense(DataType.INT8, List.of(2L), bytes(0, 0))));

    assertThatThrownBy(tensor::floats).hasMessage("a grid of [2] does not divide [3]");
  }
}
