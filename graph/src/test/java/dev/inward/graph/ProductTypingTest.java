package dev.inward.graph;

import static dev.inward.graph.Nets.refused;
import static dev.inward.graph.Nets.typeOf;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ProductTypingTest {
  @Test
  void matrixProduct_followsNumpy() {
    assertThat(typeOf("MatMul", "float32[2x3]", "float32[3x4]")).isEqualTo("float32[2x4]");
    assertThat(typeOf("MatMul", "float32[batch x seq x 384]", "float32[384x1536]"))
        .isEqualTo("float32[batch x seq x 1536]");
    assertThat(typeOf("MatMul", "float32[b x 12 x s x 32]", "float32[b x 12 x 32 x s]"))
        .isEqualTo("float32[b x 12 x s x s]");
    assertThat(typeOf("MatMul", "float32[3]", "float32[3]")).isEqualTo("float32[]");
    assertThat(typeOf("MatMul", "float32[3]", "float32[5x3x4]")).isEqualTo("float32[5x4]");
    assertThat(typeOf("MatMul", "float32[5x2x3]", "float32[3]")).isEqualTo("float32[5x2]");
    assertThat(typeOf("MatMul", "float32[?]", "float32[3x4]")).isEqualTo("float32[?]");
  }

  @Test
  void innerExtentsThatDiffer_areRefusedWithBothShapes() {
    refused(
        "[MatMul] inner extents differ: [4x8] x [7x3] has k=8 on the left, k=7 on the right",
        "MatMul",
        "float32[4x8]",
        "float32[7x3]");
    refused(
        "[MatMul] leading extents do not broadcast: [2x4x8] x [3x8x3]",
        "MatMul",
        "float32[2x4x8]",
        "float32[3x8x3]");
    refused(
        "[MatMul] operands are vectors at least, got [] x [7x3]",
        "MatMul",
        "float32[]",
        "float32[7x3]");
    refused(
        "[MatMul] operands are float32 and float16, and must be of one type",
        "MatMul",
        "float32[4x8]",
        "float16[8x3]");
  }

  @Test
  void linear_wantsAWeightAndABias() {
    assertThat(typeOf("Linear", "float32[b x s x 8]", "float32[8x4]", "float32[4]"))
        .isEqualTo("float32[b x s x 4]");
    refused(
        "[Linear] the bias is a vector of 4, got [8]",
        "Linear",
        "float32[2x8]",
        "float32[8x4]",
        "float32[8]");
    refused(
        "[Linear] the weight has 2 axes, got [2x8x4]",
        "Linear",
        "float32[2x8]",
        "float32[2x8x4]",
        "float32[4]");
  }

  @Test
  void gemm_transposesWhereAsked() {
    String gemm = "Gemm{alpha=1.0, beta=1.0, transB}";
    assertThat(typeOf(gemm, "float32[n x 8]", "float32[4x8]", "float32[4]"))
        .isEqualTo("float32[n x 4]");
    refused(
        "[Gemm] inner extents differ: [2x8] x [8x4]' has k=8 on the left, k=4 on the right",
        gemm,
        "float32[2x8]",
        "float32[8x4]");
    refused(
        "[Gemm] C [3] does not broadcast to [2x4]",
        gemm,
        "float32[2x8]",
        "float32[4x8]",
        "float32[3]");
    refused("[Gemm] A has 2 axes, got [2x8x1]", gemm, "float32[2x8x1]", "float32[4x8]");
  }

  @Test
  void einsum_namesAxes() {
    assertThat(
            typeOf(
                "Einsum{equation=\"bhid,bhjd->bhij\"}",
                "float32[b x 2 x s x 4]",
                "float32[b x 2 x t x 4]"))
        .isEqualTo("float32[b x 2 x s x t]");
    assertThat(typeOf("Einsum{equation=\"ij,jk\"}", "float32[2x3]", "float32[3x4]"))
        .isEqualTo("float32[2x4]");
    assertThat(typeOf("Einsum{equation=\"...ij,jk->...ki\"}", "float32[5x2x3]", "float32[3x4]"))
        .isEqualTo("float32[5x4x2]");
    assertThat(typeOf("Einsum{equation=\"ii->i\"}", "float32[3x3]")).isEqualTo("float32[3]");
    assertThat(typeOf("Einsum{equation=\"i,i->\"}", "float32[3]", "float32[3]"))
        .isEqualTo("float32[]");
  }

  @Test
  void einsumThatContradicts_isRefused() {
    refused(
        "[Einsum] 'j' is 3 and 4: [2x3] x [4x5]",
        "Einsum{equation=\"ij,jk->ik\"}",
        "float32[2x3]",
        "float32[4x5]");
    refused(
        "[Einsum] operand 0 has 3 letters and the shape [2x3]",
        "Einsum{equation=\"ijk->i\"}",
        "float32[2x3]");
    refused(
        "[Einsum] 'ij,jk->ik' speaks of 2 operands, got 1",
        "Einsum{equation=\"ij,jk->ik\"}",
        "float32[2x3]");
    refused(
        "[Einsum] 'z' in the result of 'ij->iz' names no axis, or twice",
        "Einsum{equation=\"ij->iz\"}",
        "float32[2x3]");
  }

  @Test
  void attention_hasTheLengthOfTheQueryAndTheWidthOfTheValue() {
    assertThat(
            typeOf(
                "Attention{causal}",
                "float32[b x 12 x s x 32]",
                "float32[b x 12 x t x 32]",
                "float32[b x 12 x t x 64]",
                "bool[b x 1 x 1 x t]"))
        .isEqualTo("float32[b x 12 x s x 64]");
    refused(
        "[Attention] key and value differ in length: [2x3x4] x [2x5x4] x [2x6x4]",
        "Attention",
        "float32[2x3x4]",
        "float32[2x5x4]",
        "float32[2x6x4]");
    refused(
        "[Attention] the mask [5x3] does not broadcast to [2x3x5]",
        "Attention",
        "float32[2x3x4]",
        "float32[2x5x4]",
        "float32[2x5x4]",
        "float32[5x3]");
  }
}
