package dev.inward.graph.evaluation;

import static dev.inward.graph.evaluation.Run.bytes;
import static dev.inward.graph.evaluation.Run.dims;
import static dev.inward.graph.evaluation.Run.vector;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.graph.DataType;
import dev.inward.graph.Quantization;
import dev.inward.graph.Tensor;
import dev.inward.graph.Windowed;
import java.util.List;
import org.junit.jupiter.api.Test;

final class QuantizationRuleTest {
  private static final Windowed.Window PLAIN =
      new Windowed.Window(List.of(), List.of(), List.of(), List.of(), Windowed.AutoPad.EXPLICIT);

  @Test
  void codes_roundToEvenAndSaturate() {
    var op = new Quantization.Quantize(DataType.UINT8, 1, 0);
    Tensor y =
        Run.of(op, vector(-9, 1, 3, 5, 1e9f), Tensor.scalar(2f), bytes(DataType.INT8, dims(), 1));

    assertThat(y.dtype()).as("the zero point tells the type").isEqualTo(DataType.INT8);
    assertThat(y.longs()).containsExactly(-3, 1, 3, 3, 127);
    assertThat(Run.of(op, vector(-1, 300), Tensor.scalar(1f)).longs()).containsExactly(0, 255);
  }

  @Test
  void narrowAndWideCodes_work() {
    assertThat(quantize(DataType.INT4)).containsExactly(-8, 7);
    assertThat(quantize(DataType.UINT4)).containsExactly(0, 15);
    assertThat(quantize(DataType.INT16)).containsExactly(-32768, 32767);
    assertThat(quantize(DataType.UINT16)).containsExactly(0, 65535);
  }

  private static long[] quantize(DataType to) {
    return Run.of(new Quantization.Quantize(to, 1, 0), vector(-1e6f, 1e6f), Tensor.scalar(1f))
        .longs();
  }

  @Test
  void scalesPerChannelAndPerBlock_applyWhereTheyShould() {
    Tensor x = bytes(DataType.INT8, dims(2, 3), 1, 2, 3, 4, 5, 6);
    Tensor zero = bytes(DataType.INT8, 0, 1);

    assertThat(Run.of(new Quantization.Dequantize(0, 0), x, vector(1, 10), zero).floats())
        .containsExactly(1, 2, 3, 30, 40, 50);
    Tensor blocks = Tensor.ofFloats(dims(2, 2), 1, 10, 100, 1000);
    assertThat(Run.of(new Quantization.Dequantize(1, 2), x, blocks).floats())
        .containsExactly(1, 2, 30, 400, 500, 6000);
    assertThatThrownBy(() -> Run.of(new Quantization.Dequantize(1, 1), x, blocks))
        .hasMessage("node 'n': blocks of 1 along axis 1 need scales of [2, 3], got [2, 2]");
    assertThatThrownBy(() -> Run.of(new Quantization.Dequantize(1, 0), x, vector(1, 2)))
        .hasMessage("node 'n': scales of [2] do not fit 3 channels");
  }

  @Test
  void dynamicCodes_coverTheRangeWithZero() {
    var y = Run.all(new Quantization.DynamicQuantize(), 3, vector(0, 2, -3, -2.5f, 1.34f, 0.5f));

    assertThat(y.get(0).longs()).containsExactly(153, 255, 0, 26, 221, 179);
    assertThat(y.get(1).floats()[0]).isEqualTo(5f / 255);
    assertThat(y.get(2).longs()).containsExactly(153);
    var zeros = Run.all(new Quantization.DynamicQuantize(), 3, vector(0, 0));
    assertThat(zeros.get(1).floats()).containsExactly(1);
  }

  @Test
  void integerProducts_areCentredPerRowAndColumn() {
    Tensor a = bytes(DataType.UINT8, dims(2, 2), 1, 2, 3, 4);
    Tensor b = bytes(DataType.INT8, dims(2, 2), 1, -1, 2, -2);
    Tensor aZero = bytes(DataType.UINT8, 1, 3);
    Tensor bZero = bytes(DataType.INT8, 1, 0);

    Tensor y = Run.of(new Quantization.MatMulInteger(), a, b, aZero, bZero);
    // [[0, 1], [0, 1]] x [[0, -1], [1, -2]]
    assertThat(y).isEqualTo(Tensor.dense(DataType.INT32, dims(2, 2), ints(1, -2, 1, -2)));
  }

  private static dev.inward.graph.Storage ints(int... values) {
    var bytes = java.lang.foreign.MemorySegment.ofArray(new byte[4 * values.length]);
    for (int i = 0; i < values.length; i++) {
      bytes.set(dev.inward.graph.Storage.INT, 4L * i, values[i]);
    }
    return dev.inward.graph.Storage.of(bytes);
  }

  @Test
  void integerConvolution_padsWithTheZeroPoint() {
    var padded =
        new Windowed.Window(List.of(), List.of(), List.of(), dims(1, 0), Windowed.AutoPad.EXPLICIT);
    Tensor x = bytes(DataType.UINT8, dims(1, 1, 2), 12, 13);
    Tensor w = bytes(DataType.UINT8, dims(1, 1, 2), 1, 2);

    Tensor y =
        Run.of(new Quantization.ConvInteger(padded, 1), x, w, bytes(DataType.UINT8, dims(), 10));
    assertThat(y.longs()).containsExactly(4, 2 + 6);
  }

  @Test
  void quantizedProducts_roundOnce() {
    Tensor scale = Tensor.scalar(0.5f);
    Tensor zero = bytes(DataType.UINT8, dims(), 10);
    Tensor a = bytes(DataType.UINT8, dims(1, 2), 12, 14);
    Tensor b = bytes(DataType.UINT8, dims(2, 1), 13, 15);

    // (2*3 + 4*5) * 0.25 / 0.5 = 13, plus 10.
    Tensor y =
        Run.of(new Quantization.QLinearMatMul(), a, scale, zero, b, scale, zero, scale, zero);
    assertThat(y).isEqualTo(bytes(DataType.UINT8, dims(1, 1), 23));
    Tensor conv =
        Run.of(
            new Quantization.QLinearConv(PLAIN, 1),
            a.withDims(dims(1, 1, 2)),
            scale,
            zero,
            bytes(DataType.INT8, dims(2, 1, 1), 1, -2),
            vector(1, 2),
            bytes(DataType.INT8, 0, 0),
            scale,
            zero,
            Tensor.dense(DataType.INT32, dims(2), ints(1, 0)));
    // Channel 0: (2 + 1, 4 + 1) * 1; channel 1: (-4, -8) * 2, below zero.
    assertThat(conv.longs()).containsExactly(13, 15, 2, 0);
  }
}
