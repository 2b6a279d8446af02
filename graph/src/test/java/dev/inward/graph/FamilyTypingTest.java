package dev.inward.graph;

import static dev.inward.graph.Nets.refused;
import static dev.inward.graph.Nets.typeOf;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/// Normalisations, reductions, quantisation and recurrent cells.
final class FamilyTypingTest {
  @Test
  void normalization_keepsTheTypeOfX() {
    String c = "float32[8]";
    String x = "float32[n x 8 x h x w]";
    assertThat(typeOf("BatchNorm{epsilon=1.0E-5}", x, c, c, c, c)).isEqualTo(x);
    assertThat(typeOf("InstanceNorm{epsilon=1.0E-5}", x, c, c)).isEqualTo(x);
    assertThat(typeOf("GroupNorm{groups=4, epsilon=1.0E-5}", x, c, c)).isEqualTo(x);
    assertThat(typeOf("LayerNorm{axis=-1, epsilon=1.0E-5}", "float32[b x s x 8]", c, c))
        .isEqualTo("float32[b x s x 8]");
    assertThat(typeOf("RmsNorm{axis=-1, epsilon=1.0E-5}", "float32[b x s x 8]", c))
        .isEqualTo("float32[b x s x 8]");
    assertThat(typeOf("Softmax{axis=-1}", x)).isEqualTo(x);
    assertThat(typeOf("LpNorm{axis=1, p=2}", x)).isEqualTo(x);
    assertThat(typeOf("MeanVarianceNorm{axes=[0, 2, 3]}", x)).isEqualTo(x);
  }

  @Test
  void normalizationWithTheWrongScale_isRefused() {
    refused(
        "[BatchNorm] operand 3 is a vector of 8, got [4]",
        "BatchNorm{epsilon=1.0E-5}",
        "float32[1x8x2x2]",
        "float32[8]",
        "float32[8]",
        "float32[4]",
        "float32[8]");
    refused(
        "[LayerNorm] scale [4] does not broadcast to [8]",
        "LayerNorm{axis=-1, epsilon=0.0}",
        "float32[2x8]",
        "float32[4]");
    refused("[Softmax] axis 2 is out of range for [2x8]", "Softmax{axis=2}", "float32[2x8]");
    refused(
        "[GroupNorm] 8 channels do not split into 3 groups",
        "GroupNorm{groups=3, epsilon=0.0}",
        "float32[1x8x2]",
        "float32[8]",
        "float32[8]");
  }

  @Test
  void reduction_keepsOrDropsAxes() {
    String x = "float32[n x 3 x 4]";
    assertThat(typeOf("ReduceMean{axes=[-1], keepDims}", x)).isEqualTo("float32[n x 3 x 1]");
    assertThat(typeOf("ReduceSum{axes=[0, 2]}", x)).isEqualTo("float32[3]");
    assertThat(typeOf("ReduceLogSumExp", x)).isEqualTo("float32[]");
    assertThat(typeOf("ReduceMax{keepDims}", x)).isEqualTo("float32[1x1x1]");
    assertThat(typeOf("ArgMax{axis=1}", x)).isEqualTo("int64[n x 4]");
    assertThat(typeOf("CumSum{reverse}", x, "int64[] = 1")).isEqualTo(x);
    refused(
        "[ReduceSum] axis -3 is out of range for [2x3]", "ReduceSum{axes=[-3]}", "float32[2x3]");
    refused(
        "[ReduceSum] axes [1, -1] name one axis twice for [2x3]",
        "ReduceSum{axes=[1, -1]}",
        "float32[2x3]");
  }

  @Test
  void topK_hasKAlongItsAxis() {
    var graph =
        Nets.several("y, i", "TopK{axis=-1, largest, sorted}", "float32[n x 9]", "int64[1] = 5");
    assertThat(Nets.typeOf(graph, "y")).isEqualTo("float32[n x 5]");
    assertThat(Nets.typeOf(graph, "i")).isEqualTo("int64[n x 5]");
    assertThat(typeOf("TopK{axis=0}", "float32[9]", "int64[1]")).isEqualTo("float32[y#0]");
    refused(
        "[TopK] k=5 is more than axis 0 of [4] has", "TopK{axis=0}", "float32[4]", "int64[1] = 5");
  }

  @Test
  void quantization_namesItsCodes() {
    assertThat(
            typeOf("Quantize{to=int8, axis=0, block=0}", "float32[n x 4]", "float32[]", "int8[]"))
        .isEqualTo("int8[n x 4]");
    assertThat(typeOf("Dequantize{axis=1, block=0}", "int8[2x4]", "float16[4]", "int8[4]"))
        .isEqualTo("float16[2x4]");
    assertThat(typeOf("Dequantize{axis=1, block=32}", "int4[2x64]", "float32[2x2]"))
        .isEqualTo("float32[2x64]");
    var dynamic = Nets.several("y, s, z", "DynamicQuantize", "float32[n x 4]");
    assertThat(Nets.typeOf(dynamic, "y")).isEqualTo("uint8[n x 4]");
    assertThat(Nets.typeOf(dynamic, "s")).isEqualTo("float32[]");
    assertThat(Nets.typeOf(dynamic, "z")).isEqualTo("uint8[]");
    assertThat(typeOf("MatMulInteger", "uint8[n x 4]", "int8[4x5]", "uint8[]", "int8[]"))
        .isEqualTo("int32[n x 5]");
    assertThat(
            typeOf(
                "QLinearConv{groups=1}",
                "uint8[1x3x8x8]",
                "float32[]",
                "uint8[]",
                "int8[4x3x3x3]",
                "float32[4]",
                "int8[4]",
                "float32[]",
                "uint8[]",
                "int32[4]"))
        .isEqualTo("uint8[1x4x6x6]");
    assertThat(
            typeOf(
                "QLinearMatMul",
                "uint8[2x3]",
                "float32[]",
                "uint8[]",
                "int8[3x4]",
                "float32[]",
                "int8[]",
                "float32[]",
                "uint8[]"))
        .isEqualTo("uint8[2x4]");
    assertThat(typeOf("ConvInteger{groups=1}", "uint8[1x3x8]", "int8[4x3x3]"))
        .isEqualTo("int32[1x4x6]");
    refused(
        "[Dequantize] the scale is a scalar or has axis 0 of x: [2x4] x [3]",
        "Dequantize{axis=0, block=0}",
        "int8[2x4]",
        "float32[3]");
    refused(
        "[Quantize] scale [2] and zero point [3] differ in shape",
        "Quantize{to=int8, axis=0, block=0}",
        "float32[2x4]",
        "float32[2]",
        "int8[3]");
    refused(
        "[Dequantize] the scale has a number for each block of 32 along axis 1: [2x64] x [2x3]",
        "Dequantize{axis=1, block=32}",
        "int4[2x64]",
        "float32[2x3]");
  }

  @Test
  void recurrentCell_hasASequenceAndItsLastStates() {
    var lstm =
        Nets.several(
            "y, h, k",
            "LSTM{direction=bidirectional, hidden=5}",
            "float32[t x b x 3]",
            "float32[2x20x3]",
            "float32[2x20x5]",
            "float32[2x40]");
    assertThat(Nets.typeOf(lstm, "y")).isEqualTo("float32[t x 2 x b x 5]");
    assertThat(Nets.typeOf(lstm, "h")).isEqualTo("float32[2 x b x 5]");
    assertThat(Nets.typeOf(lstm, "k")).isEqualTo("float32[2 x b x 5]");
    var gru =
        Nets.several(
            "y, h",
            "GRU{direction=forward, hidden=5, batchFirst}",
            "float32[b x t x 3]",
            "float32[1x15x3]",
            "float32[1x15x5]");
    assertThat(Nets.typeOf(gru, "y")).isEqualTo("float32[b x t x 1 x 5]");
    assertThat(Nets.typeOf(gru, "h")).isEqualTo("float32[b x 1 x 5]");
    refused(
        "[RNN] R is [1x5x5], got [1x5x4]",
        "RNN{direction=forward, hidden=5}",
        "float32[7x2x3]",
        "float32[1x5x3]",
        "float32[1x5x4]");
    refused(
        "[GRU] takes 3 to 6 operands, got 2",
        "GRU{direction=forward, hidden=5}",
        "float32[7x2x3]",
        "float32[1x15x3]");
    refused(
        "[GRU] a cell has at least one hidden unit, got -5",
        "GRU{direction=forward, hidden=-5}",
        "float32[7x2x3]",
        "float32[1x15x3]",
        "float32[1x15x5]");
    refused(
        "[Dequantize] a block is at least 0, got -2",
        "Dequantize{axis=0, block=-2}",
        "int8[2x4]",
        "float32[2x2]");
  }
}
