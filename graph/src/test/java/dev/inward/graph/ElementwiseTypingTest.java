package dev.inward.graph;

import static dev.inward.graph.Nets.refused;
import static dev.inward.graph.Nets.typeOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.inward.base.InputException;
import org.junit.jupiter.api.Test;

final class ElementwiseTypingTest {
  @Test
  void oneOperand_keepsItsType() {
    for (String op :
        new String[] {
          "Relu",
          "Gelu{tanh}",
          "LeakyRelu{alpha=0.1}",
          "Elu{alpha=1.0}",
          "Selu{alpha=1.0, gamma=1.0}",
          "Celu{alpha=1.0}",
          "ThresholdedRelu{alpha=1.0}",
          "HardSigmoid{alpha=0.2, beta=0.5}",
          "Shrink{lambda=0.5, bias=0.0}",
          "Swish{alpha=1.0}",
          "HardSwish"
        }) {
      assertThat(typeOf(op, "float16[2 x seq]")).as(op).isEqualTo("float16[2 x seq]");
      assertThat(typeOf(op, "float32[?]")).as(op).isEqualTo("float32[?]");
    }
    assertThat(typeOf("IsNan", "float32[2]")).isEqualTo("bool[2]");
    assertThat(typeOf("Cast{to=int32}", "float32[2 x seq]")).isEqualTo("int32[2 x seq]");
  }

  @Test
  void twoOperands_broadcast() {
    assertThat(typeOf("Add", "float32[2x1x4]", "float32[3x1]")).isEqualTo("float32[2x3x4]");
    assertThat(typeOf("Add", "float32[batch x 1 x 1 x seq]", "float32[batch x 12 x seq x seq]"))
        .isEqualTo("float32[batch x 12 x seq x seq]");
    assertThat(typeOf("Mul", "float32[]", "float32[n]")).isEqualTo("float32[n]");
    assertThat(typeOf("Less", "int64[4]", "int64[1]")).isEqualTo("bool[4]");
    assertThat(typeOf("Pow", "float32[4]", "int64[]")).isEqualTo("float32[4]");
    assertThat(typeOf("Add", "float32[?]", "float32[2]")).isEqualTo("float32[?]");
  }

  @Test
  void symbolAgainstNumber_isTheNumber() {
    assertThat(typeOf("Add", "float32[n]", "float32[5]")).isEqualTo("float32[5]");
    assertThat(typeOf("Add", "float32[n]", "float32[1]")).isEqualTo("float32[n]");
  }

  @Test
  void twoSymbols_areNotTakenForOneAnother() {
    assertThat(typeOf("Add", "float32[n]", "float32[m]")).isEqualTo("float32[broadcast(m, n)]");
    assertThat(typeOf("Sum", "float32[n]", "float32[m]", "float32[n]", "float32[k]"))
        .isEqualTo("float32[broadcast(k, m, n)]");
    assertThat(typeOf("Add", "float32[a + 1]", "float32[1 + a]")).isEqualTo("float32[a + 1]");
  }

  @Test
  void shapesThatDoNotBroadcast_areRefused() {
    refused("[Add] shapes do not broadcast: [2x3] x [2]", "Add", "float32[2x3]", "float32[2]");
    refused(
        "[Where] shapes do not broadcast: [2] x [2] x [3]",
        "Where",
        "bool[2]",
        "float32[2]",
        "float32[3]");
    var fault =
        catchThrowableOfType(
            InputException.class, () -> Nets.of("Add", "float32[2x3]", "float32[2]"));
    assertThat(fault.hint()).contains("from the last axis on, extents must be equal or 1");
  }

  @Test
  void typesThatDiffer_areRefused() {
    refused(
        "[Add] operands are float32 and int64, and must be of one type",
        "Add",
        "float32[2]",
        "int64[2]");
    refused(
        "[Where] the condition is bool, got float32",
        "Where",
        "float32[2]",
        "float32[2]",
        "float32[2]");
  }

  @Test
  void wrongNumberOfOperands_isRefused() {
    refused("[Add] takes 2 operands, got 1", "Add", "float32[2]");
    refused("[Relu] takes 1 operand, got 2", "Relu", "float32[2]", "float32[2]");
    refused("[Clip] takes 1 to 3 operands, got 0", "Clip");
    refused("[Add] operand 1 is left out, and is required", "Add", "float32[2]", "");
  }

  @Test
  void slopeOfPrelu_broadcastsToX() {
    assertThat(typeOf("Prelu", "float32[1x8x4x4]", "float32[8x1x1]")).isEqualTo("float32[1x8x4x4]");
    refused(
        "[Prelu] the slope [8x1x1] does not broadcast to [1x4x4x4]",
        "Prelu",
        "float32[1x4x4x4]",
        "float32[8x1x1]");
  }

  @Test
  void boundsOfClip_areScalars() {
    assertThat(typeOf("Clip", "float32[3]", "", "float32[]")).isEqualTo("float32[3]");
    refused("[Clip] a bound is a scalar, got [2]", "Clip", "float32[2]", "float32[2]");
  }
}
