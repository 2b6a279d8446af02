package dev.inward.coreml.neural;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Movement;
import dev.inward.graph.Tensor;
import dev.inward.graph.Windowed;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/// Layers that work on `[.., C, H, W]`, the axes before taken together as the batch.
final class WindowLayers {
  private WindowLayers() {}

  /// Applies what takes four axes to a value of three or more.
  static String spatial(Layer layer, String x, UnaryOperator<String> work) {
    Layers layers = layer.layers();
    List<Long> dims = layers.dims(x);
    int rank = dims.size();
    if (rank == 4) {
      return work.apply(x);
    }
    if (rank < 3) {
      throw InputException.of("its input has %d axes, expected 3 or more", rank);
    }
    long batch = dims.subList(0, rank - 3).stream().reduce(1L, Math::multiplyExact);
    List<Long> four = new ArrayList<>(List.of(batch));
    four.addAll(dims.subList(rank - 3, rank));
    String out = work.apply(layers.reshape(layer.name() + ".batched", x, four));
    List<Long> after = new ArrayList<>(dims.subList(0, rank - 3));
    List<Long> made = layers.dims(out);
    after.addAll(made.subList(1, made.size()));
    return layers.reshape(layer.name(), out, after);
  }

  private static List<Long> pair(List<Long> given, long otherwise) {
    if (!given.isEmpty() && given.size() != 2) {
      throw InputException.of("it has %d numbers, expected one for height and width", given.size());
    }
    given.forEach(v -> Fields.extent(v, "a kernel, stride or dilation"));
    return given.isEmpty() ? List.of(otherwise, otherwise) : given;
  }

  /// Pads as a graph has them: top, left, bottom, right.
  static List<Long> border(Fields amounts) {
    List<Long> begins = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    for (Fields edge : amounts.messages(10)) {
      begins.add(edge.number(1));
      ends.add(edge.number(2));
    }
    if (begins.isEmpty()) {
      return List.of(0L, 0L, 0L, 0L);
    }
    if (begins.size() != 2) {
      throw InputException.of("%d borders, expected one for height and width", begins.size());
    }
    begins.addAll(ends);
    for (long pad : begins) {
      if (pad < 0 || pad > Integer.MAX_VALUE) {
        throw InputException.of("a border of %s", Long.toUnsignedString(pad));
      }
    }
    return begins;
  }

  private static Windowed.AutoPad same(Fields mode) {
    return mode.number(1) == 0 ? Windowed.AutoPad.SAME_UPPER : Windowed.AutoPad.SAME_LOWER;
  }

  static void convolution(Layer layer) {
    Fields params = layer.params();
    if (layer.inputs().size() != 1) {
      throw UnsupportedException.of("its weights are computed");
    }
    boolean transposed = params.flag(60);
    long out = Fields.extent(params.number(1), "its output channels");
    long kernelChannels = Fields.extent(params.number(2), "its kernel channels");
    long groups = Math.max(1, params.number(10));
    List<Long> kernel = pair(params.numbers(20), 3);
    boolean automatic = params.has(51);
    var window =
        new Windowed.Window(
            kernel,
            pair(params.numbers(30), 1),
            pair(params.numbers(40), 1),
            automatic ? List.of() : border(params.message(50).message(1)),
            automatic ? same(params.message(51)) : Windowed.AutoPad.EXPLICIT);
    if (out % groups != 0) {
      throw InputException.of("%d output channels in %d groups", out, groups);
    }
    Tensor weight =
        transposed
            ? layer.weights(90, kernelChannels, out / groups, kernel.get(0), kernel.get(1))
            : layer.weights(90, out, kernelChannels, kernel.get(0), kernel.get(1));
    List<String> in = new ArrayList<>(List.of("", layer.constant("weight", weight)));
    if (params.flag(70)) {
      in.add(layer.constant("bias", layer.weights(91, out)));
    }
    List<Long> shape = params.numbers(100);
    var op =
        transposed
            ? new Windowed.ConvTranspose(window, groups, List.of(), shape)
            : new Windowed.Conv(window, groups);
    layer.done(
        spatial(
            layer,
            layer.x(),
            x -> {
              in.set(0, x);
              return layer.layers().node(layer.name(), op, in.toArray(String[]::new));
            }));
  }

  static void pooling(Layer layer) {
    Fields params = layer.params();
    var kind =
        switch ((int) params.number(1)) {
          case 0 -> Windowed.PoolKind.MAX;
          case 1 -> Windowed.PoolKind.AVERAGE;
          case 2 -> Windowed.PoolKind.LP;
          default -> throw UnsupportedException.of("pooling %d is not known", params.number(1));
        };
    if (params.flag(60)) {
      var op = new Windowed.GlobalPool(kind, 2);
      layer.done(spatial(layer, layer.x(), x -> layer.layers().node(layer.name(), op, x)));
      return;
    }
    boolean ceil = params.has(32);
    List<Long> pads =
        ceil
            ? both(params.message(32).numbers(10))
            : params.has(31) ? List.of() : border(params.message(30).message(1));
    var window =
        new Windowed.Window(
            pair(params.numbers(10), 3),
            pair(params.numbers(20), 1),
            List.of(),
            pads,
            params.has(31) ? same(params.message(31)) : Windowed.AutoPad.EXPLICIT);
    var op = new Windowed.Pool(kind, window, ceil, !params.flag(50), 2, false);
    layer.done(spatial(layer, layer.x(), x -> layer.layers().node(layer.name(), op, x)));
  }

  private static List<Long> both(List<Long> amounts) {
    if (amounts.isEmpty()) {
      return List.of(0L, 0L, 0L, 0L);
    }
    if (amounts.size() != 2 || amounts.stream().anyMatch(a -> a < 0 || a > Integer.MAX_VALUE)) {
      throw InputException.of("it pads by %s", amounts);
    }
    return List.of(amounts.get(0), amounts.get(1), amounts.get(0), amounts.get(1));
  }

  static void padding(Layer layer) {
    Fields params = layer.params();
    var mode =
        params.has(2)
            ? Movement.Pad.Mode.REFLECT
            : params.has(3) ? Movement.Pad.Mode.EDGE : Movement.Pad.Mode.CONSTANT;
    Layers layers = layer.layers();
    int rank = layers.rank(layer.x());
    layer.done(
        new Movement.Pad(mode),
        layer.x(),
        layers.vector(border(params.message(10))),
        layers.scalar(params.message(1).real(1)),
        layers.vector(List.of(rank - 2L, rank - 1L)));
  }

  static void crop(Layer layer) {
    Layers layers = layer.layers();
    String x = layer.x();
    int rank = layers.rank(x);
    long height = layers.dim(x, -2);
    long width = layers.dim(x, -1);
    List<Long> starts;
    List<Long> ends;
    if (layer.inputs().size() == 2) {
      List<Long> offset = layer.params().numbers(5);
      starts = offset.isEmpty() ? List.of(0L, 0L) : offset;
      ends =
          List.of(
              starts.getFirst() + layers.dim(layer.x(1), -2),
              starts.getLast() + layers.dim(layer.x(1), -1));
    } else {
      List<Long> amounts = border(layer.params().message(1));
      starts = amounts.subList(0, 2);
      ends = List.of(height - amounts.get(2), width - amounts.get(3));
    }
    if (starts.size() != 2 || ends.get(0) > height || ends.get(1) > width) {
      throw InputException.of("it crops %s to %s..%s", layers.dims(x), starts, ends);
    }
    layer.done(
        new Movement.Slice(),
        x,
        layers.vector(starts),
        layers.vector(ends),
        layers.vector(List.of(rank - 2L, rank - 1L)));
  }

  static void upsample(Layer layer) {
    Fields params = layer.params();
    Tensor fractional =
        Tensor.dense(
            dev.inward.graph.DataType.FLOAT32,
            List.of(params.reals(7).size() / 4),
            params.reals(7));
    float[] scales = fractional.floats();
    if (scales.length == 0) {
      List<Long> whole = pair(params.numbers(1), 1);
      scales = new float[] {whole.get(0), whole.get(1)};
    }
    if (scales.length != 2) {
      throw InputException.of("it has %d factors, expected 2", scales.length);
    }
    boolean linear = params.number(5) == 1;
    var coordinates =
        switch (linear ? (int) params.number(6) : 0) {
          case 0 -> Movement.Resize.Coordinates.ASYMMETRIC;
          case 1 -> Movement.Resize.Coordinates.ALIGN_CORNERS;
          default -> Movement.Resize.Coordinates.HALF_PIXEL;
        };
    Tensor factors = Tensor.ofFloats(List.of(4L), 1, 1, scales[0], scales[1]);
    layer.done(
        spatial(
            layer,
            layer.x(),
            x ->
                layer
                    .layers()
                    .node(
                        layer.name(),
                        resize(linear, coordinates),
                        x,
                        "",
                        layer.constant("factors", factors))));
  }

  static void resizeBilinear(Layer layer) {
    List<Long> size = pair(layer.params().numbers(1), 1);
    var coordinates =
        switch ((int) layer.params().message(2).number(1)) {
          case 0, 1 -> Movement.Resize.Coordinates.ALIGN_CORNERS;
          case 2 -> Movement.Resize.Coordinates.ASYMMETRIC;
          default -> throw UnsupportedException.of("it samples as regions of interest do");
        };
    layer.done(
        spatial(
            layer,
            layer.x(),
            x -> {
              List<Long> sizes = new ArrayList<>(layer.layers().dims(x).subList(0, 2));
              sizes.addAll(size);
              String wanted = layer.layers().vector(sizes);
              return layer
                  .layers()
                  .node(layer.name(), resize(true, coordinates), x, "", "", wanted);
            }));
  }

  private static Movement.Resize resize(boolean linear, Movement.Resize.Coordinates coordinates) {
    return new Movement.Resize(
        linear ? Movement.Resize.Interpolation.LINEAR : Movement.Resize.Interpolation.NEAREST,
        coordinates,
        Movement.Resize.NearestRounding.FLOOR,
        -0.75f,
        false,
        0,
        false,
        List.of(),
        Movement.Resize.AspectPolicy.STRETCH);
  }
}
