package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Movement.Resize;
import dev.inward.graph.Movement.Resize.Interpolation;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Resizing, one axis after the other: interpolation is separable.
final class ResizeRule {
  private final Resize op;
  private final int[] dims;
  private final double[] scales;
  private final int[] sizes;
  private final double[] starts;
  private final double[] ends;

  private ResizeRule(Resize op, int[] dims) {
    this.op = op;
    this.dims = dims;
    scales = new double[dims.length];
    Arrays.fill(scales, 1);
    sizes = dims.clone();
    starts = new double[dims.length];
    ends = new double[dims.length];
    Arrays.fill(ends, 1);
  }

  /// @throws UnsupportedException for shrinking with a filter against aliasing
  static Array of(Resize op, Operands in) {
    Array x = in.get(0);
    var resize = new ResizeRule(op, x.dims());
    int[] axes =
        op.axes().isEmpty()
            ? IntStream.range(0, x.rank()).toArray()
            : op.axes().stream().mapToInt(x::axis).toArray();
    in.find(1)
        .filter(roi -> roi.size() == 2 * axes.length)
        .ifPresent(roi -> {
          for (int i = 0; i < axes.length; i++) {
            resize.starts[axes[i]] = roi.real(i);
            resize.ends[axes[i]] = roi.real(axes.length + i);
          }
        });
    if (in.has(2) && in.get(2).size() > 0) {
      resize.byScales(axes, in.get(2));
    } else {
      resize.bySizes(axes, in.get(3));
    }
    return resize.run(x, axes);
  }

  private void byScales(int[] axes, Array wanted) {
    expect(axes, wanted);
    for (int i = 0; i < axes.length; i++) {
      scales[axes[i]] = wanted.real(i);
      sizes[axes[i]] =
          Array.dims((long) Math.floor((float) dims[axes[i]] * (float) wanted.real(i)))[0];
      if (!(wanted.real(i) > 0)) {
        throw InputException.of("a scale is above 0, got %s", wanted.real(i));
      }
    }
  }

  private void bySizes(int[] axes, Array wanted) {
    expect(axes, wanted);
    double common = Double.NaN;
    for (int i = 0; i < axes.length; i++) {
      double scale = wanted.real(i) / dims[axes[i]];
      scales[axes[i]] = scale;
      sizes[axes[i]] = Array.dims(wanted.whole(i))[0];
      common =
          Double.isNaN(common)
              ? scale
              : switch (op.aspect()) {
                case STRETCH -> scale;
                case NOT_LARGER -> Math.min(common, scale);
                case NOT_SMALLER -> Math.max(common, scale);
              };
    }
    if (op.aspect() != Resize.AspectPolicy.STRETCH) {
      for (int axis : axes) {
        scales[axis] = common;
        sizes[axis] = (int) Math.floor(common * dims[axis] + 0.5);
      }
    }
  }

  private static void expect(int[] axes, Array wanted) {
    if (wanted.size() != axes.length) {
      throw InputException.of("%d numbers for %d axes", wanted.size(), axes.length);
    }
  }

  private Array run(Array x, int[] axes) {
    double[] values = x.reals();
    int[] now = dims.clone();
    boolean crop = op.coordinates() == Resize.Coordinates.TF_CROP_AND_RESIZE;
    boolean[][] outside = new boolean[dims.length][];
    for (int axis : axes) {
      if (sizes[axis] == dims[axis] && scales[axis] == 1 && !crop) {
        continue;
      }
      if (op.antialias() && scales[axis] < 1 && op.mode() != Interpolation.NEAREST) {
        throw UnsupportedException.of(
            "Resize with antialias that shrinks is not known to the reference evaluator");
      }
      if (dims[axis] == 0 && sizes[axis] > 0) {
        throw InputException.of("axis %d has no elements to resize", axis);
      }
      int[][] taps = new int[sizes[axis]][];
      double[][] weights = new double[sizes[axis]][];
      outside[axis] = new boolean[sizes[axis]];
      for (int i = 0; i < sizes[axis]; i++) {
        double at = coordinate(axis, i);
        outside[axis][i] = crop && (at < 0 || at > dims[axis] - 1);
        taps(at, dims[axis], i, taps, weights);
      }
      values = along(values, now, axis, taps, weights);
      now[axis] = sizes[axis];
    }
    if (crop) {
      int[] marks =
          Places.map(
              now,
              at -> {
                for (int axis : axes) {
                  if (outside[axis][at[axis]]) {
                    return 1;
                  }
                }
                return 0;
              });
      for (int i = 0; i < marks.length; i++) {
        values[i] = marks[i] == 1 ? op.extrapolation() : values[i];
      }
    }
    if (!x.isFloat()) {
      for (int i = 0; i < values.length; i++) {
        values[i] = Math.rint(values[i]);
      }
    }
    return Array.of(x.dtype(), now, values);
  }

  private double coordinate(int axis, int place) {
    double scale = scales[axis];
    int length = dims[axis];
    int size = sizes[axis];
    return switch (op.coordinates()) {
      case HALF_PIXEL -> (place + 0.5) / scale - 0.5;
      case HALF_PIXEL_SYMMETRIC -> {
        double adjustment = size / (length * scale);
        yield length / 2.0 * (1 - adjustment) + (place + 0.5) / scale - 0.5;
      }
      case PYTORCH_HALF_PIXEL -> size > 1 ? (place + 0.5) / scale - 0.5 : 0;
      case ALIGN_CORNERS -> size == 1 ? 0 : place * (length - 1.0) / (size - 1);
      case ASYMMETRIC -> place / scale;
      case TF_CROP_AND_RESIZE ->
          size > 1
              ? starts[axis] * (length - 1)
                  + place * (ends[axis] - starts[axis]) * (length - 1) / (size - 1)
              : 0.5 * (starts[axis] + ends[axis]) * (length - 1);
    };
  }

  private void taps(double at, int length, int place, int[][] taps, double[][] weights) {
    switch (op.mode()) {
      case NEAREST -> {
        double near =
            switch (op.nearest()) {
              case ROUND_PREFER_FLOOR -> Math.ceil(at - 0.5);
              case ROUND_PREFER_CEIL -> Math.floor(at + 0.5);
              case FLOOR -> Math.floor(at);
              case CEIL -> Math.ceil(at);
            };
        taps[place] = new int[] {Math.clamp((long) near, 0, length - 1)};
        weights[place] = new double[] {1};
      }
      case LINEAR -> {
        int low = (int) Math.floor(at);
        double part = at - low;
        taps[place] = clamped(low, 2, length);
        weights[place] = new double[] {1 - part, part};
      }
      case CUBIC -> {
        int low = (int) Math.floor(at);
        double part = at - low;
        taps[place] = clamped(low - 1, 4, length);
        weights[place] = cubic(part, op.cubicA());
        if (op.excludeOutside()) {
          double sum = 0;
          for (int i = 0; i < 4; i++) {
            boolean inside = low - 1 + i >= 0 && low - 1 + i < length;
            weights[place][i] = inside ? weights[place][i] : 0;
            sum += weights[place][i];
          }
          for (int i = 0; i < 4; i++) {
            weights[place][i] /= sum;
          }
        }
      }
    }
  }

  private static int[] clamped(int first, int count, int length) {
    return IntStream.range(first, first + count).map(i -> Math.clamp(i, 0, length - 1)).toArray();
  }

  /// Weights of the four neighbours. Source: Keys, IEEE Transactions on Acoustics, Speech and
  /// Signal Processing 29(6), 1981.
  static double[] cubic(double part, double a) {
    double[] weights = new double[4];
    for (int i = 0; i < 4; i++) {
      double d = Math.abs(part + 1 - i);
      weights[i] =
          d <= 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : ((a * d - 5 * a) * d + 8 * a) * d - 4 * a;
    }
    return weights;
  }

  private static double[] along(
      double[] values, int[] dims, int axis, int[][] taps, double[][] weights) {
    int length = dims[axis];
    int inner = 1;
    for (int a = axis + 1; a < dims.length; a++) {
      inner *= dims[a];
    }
    int size = taps.length;
    int[] result = dims.clone();
    result[axis] = size;
    double[] out = new double[Array.count(result)];
    for (int i = 0; i < out.length; i++) {
      int place = i / inner % size;
      int start = i / inner / size * length * inner + i % inner;
      double sum = 0;
      for (int t = 0; t < taps[place].length; t++) {
        sum += weights[place][t] * values[start + taps[place][t] * inner];
      }
      out[i] = sum;
    }
    return out;
  }
}
