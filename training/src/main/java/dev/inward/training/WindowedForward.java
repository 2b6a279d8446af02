package dev.inward.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Windowed;
import dev.inward.graph.Windowed.AutoPad;
import dev.inward.graph.Windowed.PoolKind;
import dev.inward.graph.Windowed.Window;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Convolutions and poolings on PyTorch.
final class WindowedForward {
  private WindowedForward() {}

  static NDArray of(Windowed op, Operands in) {
    NDArray x = in.live(0);
    return switch (op) {
      case Windowed.Conv(var window, long groups) -> conv(x, in, window, groups);
      case Windowed.ConvTranspose transpose -> transposed(transpose, x, in);
      case Windowed.Pool pool -> pool(pool, x);
      case Windowed.GlobalPool(var kind, long p) -> {
        int[] axes = IntStream.range(2, x.getShape().dimension()).toArray();
        yield switch (kind) {
          case AVERAGE -> ReductionForward.mean(x, axes, true);
          case MAX -> ReductionForward.most(x, axes, true);
          case LP -> x.abs().pow(p).sum(axes, true).pow((float) (1.0 / p));
        };
      }
    };
  }

  /// The pads of each spatial axis, all begins, then all ends.
  private static long[] pads(Window window, long[] spatial, long[] kernel) {
    int axes = spatial.length;
    long[] pads = new long[2 * axes];
    for (int a = 0; a < axes; a++) {
      if (window.autoPad() == AutoPad.EXPLICIT) {
        pads[a] = window.padBegin(a);
        pads[axes + a] = window.padEnd(a);
      } else if (window.autoPad() != AutoPad.VALID) {
        long out = Math.ceilDiv(spatial[a], window.stride(a));
        long covered = (kernel[a] - 1) * window.dilation(a) + 1;
        long all = Math.max(0, (out - 1) * window.stride(a) + covered - spatial[a]);
        long less = all / 2;
        pads[a] = window.autoPad() == AutoPad.SAME_UPPER ? less : all - less;
        pads[axes + a] = all - pads[a];
      }
    }
    return pads;
  }

  private static long[] spatial(NDArray x) {
    return Arrays.copyOfRange(x.getShape().getShape(), 2, x.getShape().dimension());
  }

  /// With the spatial axes wider by the pads, negative ones narrower.
  private static NDArray padded(NDArray x, long[] pads, double value) {
    int axes = pads.length / 2;
    long[] widths = new long[2 * axes];
    for (int a = 0; a < axes; a++) {
      // The last axis comes first.
      widths[2 * (axes - 1 - a)] = pads[a];
      widths[2 * (axes - 1 - a) + 1] = pads[axes + a];
    }
    NDArray made = x;
    if (Arrays.stream(widths).anyMatch(w -> w < 0)) {
      var inner = new NDIndex().addAllDim(2);
      for (int a = 0; a < axes; a++) {
        inner.addSliceDim(
            Math.max(0, -pads[a]), x.getShape().get(2 + a) + Math.min(0, pads[axes + a]));
      }
      made = x.get(inner);
      widths = Arrays.stream(widths).map(w -> Math.max(0, w)).toArray();
    }
    return Arrays.stream(widths).allMatch(w -> w == 0) ? made : made.pad(new Shape(widths), value);
  }

  private static Shape each(int axes, java.util.function.IntToLongFunction of) {
    return new Shape(IntStream.range(0, axes).mapToLong(of).toArray());
  }

  private static NDArray conv(NDArray x, Operands in, Window window, long groups) {
    NDArray weight = in.live(1);
    long[] kernel = spatial(weight);
    int axes = kernel.length;
    long[] pads = pads(window, spatial(x), kernel);
    boolean even =
        IntStream.range(0, axes).allMatch(a -> pads[a] == pads[axes + a] && pads[a] >= 0);
    NDArray given = even ? x : padded(x, pads, 0);
    return convolved(
        given,
        weight,
        in.find(2).orElse(null),
        each(axes, window::stride),
        each(axes, a -> even ? pads[a] : 0),
        each(axes, window::dilation),
        groups);
  }

  private static NDArray convolved(
      NDArray x,
      NDArray weight,
      @org.jspecify.annotations.Nullable NDArray bias,
      Shape stride,
      Shape pads,
      Shape dilation,
      long groups) {
    if (stride.dimension() > 3) {
      throw UnsupportedException.of(
          "a convolution over %d axes is not trained", stride.dimension());
    }
    return x.getNDArrayInternal()
        .convolution(x, weight, bias, stride, pads, dilation, Math.toIntExact(groups))
        .singletonOrThrow();
  }

  /// The adjoint of a convolution: `x` with zeros between its elements, convolved with the kernel
  /// turned about.
  private static NDArray transposed(Windowed.ConvTranspose op, NDArray x, Operands in) {
    NDArray weight = in.live(1);
    Window window = op.window();
    long[] kernel = spatial(weight);
    long[] extents = spatial(x);
    int axes = kernel.length;
    int groups = Math.toIntExact(op.groups());
    long[] pads = new long[2 * axes];
    for (int a = 0; a < axes; a++) {
      long extra = op.outputPadding().isEmpty() ? 0 : op.outputPadding().get(a);
      long covered = (kernel[a] - 1) * window.dilation(a);
      long whole = window.stride(a) * (extents[a] - 1) + extra + covered + 1;
      boolean same =
          window.autoPad() == AutoPad.SAME_UPPER || window.autoPad() == AutoPad.SAME_LOWER;
      long begin = window.autoPad() == AutoPad.EXPLICIT ? window.padBegin(a) : 0;
      long end = window.autoPad() == AutoPad.EXPLICIT ? window.padEnd(a) : 0;
      if (same || !op.outputShape().isEmpty()) {
        int skipped = Math.max(0, op.outputShape().size() - axes);
        long size =
            op.outputShape().isEmpty()
                ? extents[a] * window.stride(a)
                : op.outputShape().get(a + skipped);
        long pad = Math.max(0, whole - size);
        begin = window.autoPad() == AutoPad.SAME_UPPER ? pad / 2 : pad - pad / 2;
        end = pad - begin;
      }
      pads[a] = covered - begin;
      pads[axes + a] = covered - end + extra;
    }
    NDArray given = padded(spread(x, window, axes), pads, 0);
    long in0 = weight.getShape().get(0);
    long perGroup = weight.getShape().get(1);
    // [C, M/g, ..] -> [g, C/g, M/g, ..] -> [g, M/g, C/g, ..] -> [M, C/g, ..], turned about.
    long[] split = new long[3 + axes];
    split[0] = groups;
    split[1] = in0 / groups;
    split[2] = perGroup;
    System.arraycopy(kernel, 0, split, 3, axes);
    int[] order = IntStream.range(0, split.length).toArray();
    order[1] = 2;
    order[2] = 1;
    long[] joined = new long[2 + axes];
    joined[0] = groups * perGroup;
    joined[1] = in0 / groups;
    System.arraycopy(kernel, 0, joined, 2, axes);
    NDArray turned =
        weight
            .reshape(split)
            .transpose(order)
            .reshape(joined)
            .flip(IntStream.range(2, 2 + axes).toArray());
    return convolved(
        given,
        turned,
        in.find(2).orElse(null),
        each(axes, _ -> 1),
        each(axes, _ -> 0),
        each(axes, window::dilation),
        groups);
  }

  /// With `stride - 1` zeros after each element but the last, along each spatial axis.
  private static NDArray spread(NDArray x, Window window, int axes) {
    NDArray made = x;
    for (int a = 0; a < axes; a++) {
      long stride = window.stride(a);
      if (stride == 1) {
        continue;
      }
      int axis = 2 + a;
      int rank = made.getShape().dimension();
      long extent = made.getShape().get(axis);
      // Padded along a new axis behind it, which is then joined to it.
      long[] widths = new long[2 * (rank - axis)];
      widths[widths.length - 1] = stride - 1;
      long[] dims = made.getShape().getShape();
      dims[axis] = extent * stride;
      NDArray wider = made.expandDims(axis + 1).pad(new Shape(widths), 0).reshape(dims);
      made = wider.get(new NDIndex().addAllDim(axis).addSliceDim(0, (extent - 1) * stride + 1));
    }
    return made;
  }

  /// As the maximum, or the sum, of the input moved by each place of the window.
  private static NDArray pool(Windowed.Pool pool, NDArray x) {
    Window window = pool.window();
    long[] kernel = window.kernel().stream().mapToLong(Long::longValue).toArray();
    long[] extents = spatial(x);
    int axes = kernel.length;
    long[] pads = pads(window, extents, kernel);
    long[] out = new long[axes];
    long[] wider = new long[2 * axes];
    for (int a = 0; a < axes; a++) {
      long covered = (kernel[a] - 1) * window.dilation(a) + 1;
      long room = extents[a] + pads[a] + pads[axes + a] - covered;
      long stride = window.stride(a);
      out[a] = (pool.ceil() ? Math.ceilDiv(room, stride) : Math.floorDiv(room, stride)) + 1;
      if (pool.ceil() && (out[a] - 1) * stride >= extents[a] + pads[a]) {
        out[a]--;
      }
      long reached = (out[a] - 1) * stride + covered;
      wider[a] = pads[a];
      wider[axes + a] = Math.max(pads[axes + a], reached - extents[a] - pads[a]);
    }
    boolean most = pool.kind() == PoolKind.MAX;
    NDArray given = pool.kind() == PoolKind.LP ? x.abs().pow(pool.p()) : x;
    NDArray made =
        moved(padded(given, wider, most ? -Float.MAX_VALUE : 0), window, kernel, out, most);
    return switch (pool.kind()) {
      case MAX -> made;
      case LP -> made.pow((float) (1.0 / pool.p()));
      case AVERAGE -> {
        // How many places count is what the same sum gives of ones.
        NDArray ones = x.getManager().ones(new Shape(concat(new long[] {1, 1}, extents)));
        NDArray counted = pool.countPadding() ? padded(ones.sub(1), pads, 0).add(1) : ones;
        long[] rest = wider.clone();
        for (int i = 0; i < rest.length; i++) {
          rest[i] -= pool.countPadding() ? pads[i] : 0;
        }
        yield made.div(moved(padded(counted, rest, 0), window, kernel, out, false));
      }
    };
  }

  private static NDArray moved(NDArray x, Window window, long[] kernel, long[] out, boolean most) {
    int places = (int) Arrays.stream(kernel).reduce(1, Math::multiplyExact);
    NDArray made = null;
    for (int place = 0; place < places; place++) {
      var index = new NDIndex().addAllDim(2);
      int rest = place;
      for (int a = 0; a < kernel.length; a++) {
        int inner = 1;
        for (int b = a + 1; b < kernel.length; b++) {
          inner *= (int) kernel[b];
        }
        long from = rest / inner * window.dilation(a);
        rest %= inner;
        index.addSliceDim(from, from + (out[a] - 1) * window.stride(a) + 1, window.stride(a));
      }
      NDArray slice = x.get(index);
      made = made == null ? slice : most ? made.maximum(slice) : made.add(slice);
    }
    return java.util.Objects.requireNonNull(made);
  }

  private static long[] concat(long[] a, long[] b) {
    long[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }
}
