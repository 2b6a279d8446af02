package dev.inward.coreml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Movement.GridSample;
import dev.inward.graph.Movement.Resize;
import dev.inward.graph.Op;
import dev.inward.graph.Opaque;
import dev.inward.graph.Product;
import dev.inward.graph.Quantization;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Windowed;
import dev.inward.graph.Windowed.AutoPad;
import dev.inward.graph.Windowed.PoolKind;
import dev.inward.graph.Windowed.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// All that is not written: each op by name, with its node, the target and the reason.
final class RefusalTest {
  record Refused(String message, Graph graph) {
    @Override
    public String toString() {
      return message;
    }
  }

  private static TensorType reals(long... dims) {
    return TensorType.of(DataType.FLOAT32, dims);
  }

  private static Refused of(String message, Op op, Object... operands) {
    var graph = Graph.builder("refused");
    List<String> in = new ArrayList<>();
    for (Object operand : operands) {
      String name = "v" + in.size();
      switch (operand) {
        case TensorType type -> graph.input(name, type);
        case Tensor tensor -> graph.constant(name, tensor);
        default -> name = "";
      }
      in.add(name);
    }
    return new Refused(message, graph.node(op, in, "y").output("y").build());
  }

  private static Window window(List<Long> kernel, List<Long> dilations) {
    return new Window(kernel, List.of(), dilations, List.of(), AutoPad.EXPLICIT);
  }

  static Stream<Refused> cases() {
    var conv = new Windowed.Conv(window(List.of(), List.of(2L, 2L)), 1);
    var cubic = new GridSample(Resize.Interpolation.CUBIC, GridSample.Padding.ZEROS, false);
    var linear = new GridSample(Resize.Interpolation.LINEAR, GridSample.Padding.ZEROS, false);
    var shrink =
        new Resize(
            Resize.Interpolation.CUBIC,
            Resize.Coordinates.HALF_PIXEL,
            Resize.NearestRounding.FLOOR,
            -0.75f,
            false,
            0,
            true,
            List.of(),
            Resize.AspectPolicy.STRETCH);
    var clipped =
        new Recurrent(
            Recurrent.Kind.RNN,
            Recurrent.Direction.FORWARD,
            2,
            List.of(),
            List.of(),
            List.of(),
            OptionalDouble.of(3),
            false,
            false,
            false);
    return Stream.of(
        of(
            "[GridSample] cannot be written for iOS 18: Core ML samples the nearest pixel or"
                + " between two, not cubic",
            cubic,
            reals(1, 1, 4, 4),
            reals(1, 2, 2, 2)),
        of(
            "[GridSample] cannot be written for iOS 18: Core ML samples images with two axes, x has"
                + " 3",
            linear,
            reals(1, 1, 4, 4, 4),
            reals(1, 2, 2, 2, 3)),
        of(
            "[Resize] cannot be written for iOS 18: Core ML shrinks without a filter against"
                + " aliasing",
            shrink,
            reals(1, 1, 8, 8),
            "",
            "",
            Tensor.vector(1, 1, 4, 4)),
        of(
            "[Conv] cannot be written for iOS 18: the weight of a dilated convolution must be"
                + " constant",
            conv,
            reals(1, 1, 8, 8),
            reals(1, 1, 3, 3)),
        of(
            "[MaxPool] cannot be written for iOS 18: Core ML pools and convolves reals, x is int32",
            new Windowed.Pool(PoolKind.MAX, window(List.of(2L), List.of()), false, false, 2, false),
            TensorType.of(DataType.INT8, 1, 1, 4)),
        of(
            "[AveragePool] cannot be written for iOS 18: Core ML's pooling has no counterpart, and"
                + " a window of 144 elements is too large to write out (at most 128)",
            new Windowed.Pool(
                PoolKind.AVERAGE,
                window(List.of(12L, 12L), List.of(2L, 2L)),
                false,
                true,
                2,
                false),
            reals(1, 1, 30, 30)),
        of(
            "[RNN] cannot be written for iOS 18: Core ML has no op for its form, and 300 steps are"
                + " too many to write out (at most 256)",
            clipped,
            reals(300, 1, 2),
            Tensor.ofFloats(List.of(1L, 2L, 2L), 1, 2, 3, 4),
            Tensor.ofFloats(List.of(1L, 2L, 2L), 1, 2, 3, 4)),
        of(
            "[RNN] cannot be written for iOS 18: its weights are computed when the model runs",
            clipped,
            reals(3, 1, 2),
            reals(1, 2, 2),
            reals(1, 2, 2)),
        of(
            "[Einsum] cannot be written for iOS 18: the equation 'abc,def,adbfe->c' has more"
                + " than 5 axes on the way",
            new Product.Einsum("abc,def,adbfe->c"),
            reals(2, 2, 2),
            reals(2, 2, 2),
            reals(2, 2, 2, 2, 2)),
        of(
            "[BitwiseAnd] cannot be written for iOS 18: bits of a value with 5 axes are an axis too"
                + " many",
            new Binary(Binary.Function.BITWISE_AND),
            TensorType.of(DataType.INT32, 1, 1, 1, 1, 2),
            TensorType.of(DataType.INT32, 2)),
        of(
            "[Quantize] cannot be written for iOS 18: activations have no scales in blocks",
            new Quantization.Quantize(DataType.INT8, 0, 2),
            reals(4),
            Tensor.ofFloats(List.of(2L), 1, 2),
            Tensor.dense(DataType.INT8, List.of(2L), Storage.of(new byte[2]))),
        of(
            "[Quantize] cannot be written for iOS 18: activations have codes of type int8 or uint8,"
                + " got int16",
            new Quantization.Quantize(DataType.INT16, 0, 0),
            reals(4),
            Tensor.scalar(1f)),
        of(
            "[Tea] cannot be written for iOS 18: it is an operator of domain 'com.kitchen' that is"
                + " not known",
            new Opaque("com.kitchen", "Tea", Storage.of(new byte[0]), List.of()),
            reals(2)),
        of(
            "[Pad] cannot be written for iOS 18: its list of pads is computed when the model runs",
            new Movement.Pad(Movement.Pad.Mode.CONSTANT),
            reals(2),
            TensorType.of(DataType.INT64, 2)),
        of(
            "[NonZero] cannot be written for iOS 18: the extent of its result depends on the data",
            new Movement.NonZero(),
            reals(4)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void refusal_namesOpNodeTargetAndReason(Refused refused) {
    assertThatThrownBy(() ->
            CoreMl.write(
                refused.graph(),
                Packages.path("never-written"),
                Options.DEFAULT.target(Target.IOS18)))
        .isInstanceOf(UnsupportedException.class)
        .hasMessage("node 'y': " + refused.message());
    assertThat(Packages.path("never-written")).doesNotExist();
  }
}
