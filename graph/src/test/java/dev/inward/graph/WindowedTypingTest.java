package dev.inward.graph;

import static dev.inward.graph.Nets.refused;
import static dev.inward.graph.Nets.typeOf;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.Test;

final class WindowedTypingTest {
  private static final String CONV = "Conv{strides=[2, 2], pads=[1, 1, 1, 1], groups=1}";

  @Test
  void convolution_hasTheExtentsOfItsWindow() {
    assertThat(typeOf(CONV, "float32[1x3x224x224]", "float32[16x3x3x3]", "float32[16]"))
        .isEqualTo("float32[1x16x112x112]");
    assertThat(typeOf("Conv{groups=16}", "float32[1x16x8]", "float32[16x1x3]"))
        .isEqualTo("float32[1x16x6]");
    assertThat(
            typeOf(
                "Conv{strides=[2, 3], autoPad=same_upper, groups=1}",
                "float32[n x 3 x 7 x 8]",
                "float32[4x3x5x5]"))
        .isEqualTo("float32[n x 4 x 4 x 3]");
  }

  @Test
  void symbolicExtents_areExpressions() {
    assertThat(typeOf(CONV, "float32[n x 3 x h x w]", "float32[16x3x3x3]"))
        .isEqualTo("float32[n x 16 x floor((h + 1)/2) x floor((w + 1)/2)]");
    assertThat(typeOf("Conv{pads=[1, 1], groups=1}", "float32[1 x 3 x t]", "float32[8x3x3]"))
        .isEqualTo("float32[1 x 8 x t]");
    assertThat(
            typeOf(
                "ConvTranspose{strides=[2, 2], groups=1}",
                "float32[1 x 8 x h x w]",
                "float32[8x4x2x2]"))
        .isEqualTo("float32[1 x 4 x 2*h x 2*w]");
  }

  @Test
  void channelsThatDoNotMatch_areRefused() {
    refused(
        "[Conv] x has 4 channels, the weight wants 3: [1x4x8x8] x [16x3x3x3]",
        CONV,
        "float32[1x4x8x8]",
        "float32[16x3x3x3]");
    refused(
        "[Conv] x has 4 channels, the weight wants 8: [1x4x8] x [16x4x3] in 2 groups",
        "Conv{groups=2}",
        "float32[1x4x8]",
        "float32[16x4x3]");
    refused(
        "[Conv] 15 output channels do not split into 2 groups",
        "Conv{groups=2}",
        "float32[1x4x8]",
        "float32[15x2x3]");
    refused(
        "[Conv] the bias is a vector of 16, got [3]",
        CONV,
        "float32[1x3x8x8]",
        "float32[16x3x3x3]",
        "float32[3]");
    refused(
        "[ConvTranspose] x has 3 channels, the weight wants 8: [1x3x8x8] x [8x4x2x2]",
        "ConvTranspose{groups=1}",
        "float32[1x3x8x8]",
        "float32[8x4x2x2]");
  }

  @Test
  void windowThatDoesNotFit_isRefused() {
    refused(
        "[Conv] a window of 7 does not fit into 5 with pads 0 and 1",
        "Conv{pads=[0, 1], groups=1}",
        "float32[1x3x5]",
        "float32[4x3x7]");
    refused(
        "[Conv] strides [2] are not 2 numbers, as [1x3x5x5] needs",
        "Conv{strides=[2], groups=1}",
        "float32[1x3x5x5]",
        "float32[4x3x3x3]");
    refused(
        "[Conv] the kernel [5, 5] is not that of the weight [4x3x3x3]",
        "Conv{kernel=[5, 5], groups=1}",
        "float32[1x3x5x5]",
        "float32[4x3x3x3]");
    refused(
        "[Conv] x and weight differ in rank: [1x3x5x5] x [4x3x3]",
        "Conv{groups=1}",
        "float32[1x3x5x5]",
        "float32[4x3x3]");
    refused(
        "[MaxPool] x has a batch, a channel and a spatial axis at least, got [3x5]",
        "MaxPool{kernel=[2], p=0}",
        "float32[3x5]");
  }

  @Test
  void pools_keepBatchAndChannels() {
    assertThat(typeOf("MaxPool{kernel=[3, 3], strides=[2, 2], p=0}", "float32[1x8x9x9]"))
        .isEqualTo("float32[1x8x4x4]");
    var graph =
        Nets.several("y, i", "MaxPool{kernel=[2], strides=[2], ceil, p=0}", "float32[1x8x9]");
    assertThat(Nets.typeOf(graph, "y")).isEqualTo("float32[1x8x5]");
    assertThat(Nets.typeOf(graph, "i")).isEqualTo("int64[1x8x5]");
    assertThat(typeOf("GlobalAveragePool{p=0}", "float32[n x 8 x h x w]"))
        .isEqualTo("float32[n x 8 x 1 x 1]");
  }

  @Test
  void poolRoundedUp_hasNoWindowInThePaddingAlone() {
    // 5 long, stride 3: windows start at 0, 3 and 6, and 6 is not inside 5 + pad 0.
    assertThat(typeOf("MaxPool{kernel=[1], strides=[3], pads=[0, 2], ceil, p=0}", "float32[1x1x5]"))
        .isEqualTo("float32[1x1x2]");
    assertThat(typeOf("MaxPool{kernel=[3], strides=[2], ceil, p=0}", "float32[1 x 1 x t]"))
        .isEqualTo("float32[1 x 1 x floor(t/2)]");
    assertThat(
            typeOf(
                "MaxPool{kernel=[1], strides=[3], pads=[0, 2], ceil, p=0}", "float32[1 x 1 x t]"))
        .isEqualTo("float32[1 x 1 x y#2]");
  }

  /// Against windows that are laid out one by one.
  @RepeatedTest(200)
  void extent_isTheNumberOfWindowsThatFit(RepetitionInfo repetition) {
    int seed = repetition.getCurrentRepetition();
    var random = new Random(seed);
    int in = random.nextInt(1, 40);
    int kernel = random.nextInt(1, 6);
    int dilation = random.nextInt(1, 4);
    int stride = random.nextInt(1, 5);
    int begin = random.nextInt(0, 4);
    int end = random.nextInt(0, 4);
    int reach = (kernel - 1) * dilation + 1;
    int windows = 0;
    for (int start = -begin; start + reach <= in + end; start += stride) {
      windows++;
    }
    if (windows == 0) {
      return;
    }
    String attributes =
        "strides=[%d], dilations=[%d], pads=[%d, %d]".formatted(stride, dilation, begin, end);
    String w = "float32[2x1x%d]".formatted(kernel);

    assertThat(typeOf("Conv{" + attributes + ", groups=1}", "float32[1x1x" + in + "]", w))
        .as("seed %d", seed)
        .isEqualTo("float32[1x2x" + windows + "]");
    var symbolic = Nets.of("Conv{" + attributes + ", groups=1}", "float32[1 x 1 x t]", w);
    assertThat(symbolic.bind(java.util.Map.of("t", (long) in)).shape("y"))
        .as("seed %d", seed)
        .isEqualTo(Shape.of(1, 2, windows));
  }

  /// Against the elements that each input element reaches.
  @RepeatedTest(200)
  void transposedExtent_reachesAsFarAsItsWindows(RepetitionInfo repetition) {
    int seed = repetition.getCurrentRepetition();
    var random = new Random(seed);
    int in = random.nextInt(1, 20);
    int kernel = random.nextInt(1, 6);
    int dilation = random.nextInt(1, 4);
    int stride = random.nextInt(1, 5);
    int last = 0;
    for (int i = 0; i < in; i++) {
      for (int k = 0; k < kernel; k++) {
        last = Math.max(last, i * stride + k * dilation);
      }
    }
    int pads = Math.min(random.nextInt(0, 3), last);
    String op =
        "ConvTranspose{strides=[%d], dilations=[%d], pads=[%d, 0], groups=1}"
            .formatted(stride, dilation, pads);

    assertThat(typeOf(op, "float32[1x1x" + in + "]", "float32[1x1x%d]".formatted(kernel)))
        .as("seed %d", seed)
        .isEqualTo("float32[1x1x" + (last + 1 - pads) + "]");
  }
}
