package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.graph.Movement.GridSample;
import dev.inward.graph.Movement.GridSample.Padding;
import dev.inward.graph.Movement.Resize.Interpolation;
import java.util.Arrays;

/// Samples `[N, C, D1, .., Dn]` at the places of a grid `[N, E1, .., En, n]`, whose coordinates run
/// from -1 to 1, the last axis first.
final class GridRule {
  private static final double CUBIC_A = -0.75;

  private GridRule() {}

  static Array of(GridSample op, Array x, Array grid) {
    int axes = x.rank() - 2;
    if (grid.rank() != x.rank() || axes < 1 || grid.extent(-1) != axes) {
      throw InputException.of(
          "a grid of %s does not fit %s", Arrays.toString(grid.dims()), Arrays.toString(x.dims()));
    }
    int[] spatial = Arrays.copyOfRange(x.dims(), 2, x.rank());
    int[] dims = grid.dims();
    System.arraycopy(grid.dims(), 1, dims, 2, axes);
    dims[1] = x.extent(1);
    int places = grid.between(1, grid.rank() - 1);
    int plane = x.between(2, x.rank());
    double[] out = new double[Array.count(dims)];
    for (int n = 0; n < x.extent(0); n++) {
      for (int place = 0; place < places; place++) {
        double[] at = new double[axes];
        for (int a = 0; a < axes; a++) {
          double c = grid.real((n * places + place) * axes + axes - 1 - a);
          at[a] = unfolded(op, c, spatial[a]);
        }
        for (int c = 0; c < x.extent(1); c++) {
          int channel = n * x.extent(1) + c;
          out[channel * places + place] = sample(op, x, channel * plane, spatial, at);
        }
      }
    }
    return Array.of(x.dtype(), dims, out);
  }

  /// From `[-1, 1]` to places, brought inside as the padding says.
  private static double unfolded(GridSample op, double c, int length) {
    double at = op.alignCorners() ? (c + 1) / 2 * (length - 1) : ((c + 1) * length - 1) / 2;
    return switch (op.padding()) {
      case ZEROS -> at;
      case BORDER -> op.mode() == Interpolation.CUBIC ? at : Math.clamp(at, 0.0, length - 1.0);
      case REFLECTION -> op.mode() == Interpolation.CUBIC ? at : reflected(op, at, length);
    };
  }

  private static double reflected(GridSample op, double at, int length) {
    double low = op.alignCorners() ? 0 : -0.5;
    double span = op.alignCorners() ? length - 1 : length;
    if (span == 0) {
      return 0;
    }
    double turn = Math.abs(at - low) % (2 * span);
    return low + Math.min(turn, 2 * span - turn);
  }

  private static double sample(GridSample op, Array x, int plane, int[] spatial, double[] at) {
    int taps =
        switch (op.mode()) {
          case NEAREST -> 1;
          case LINEAR -> 2;
          case CUBIC -> 4;
        };
    int[] first = new int[at.length];
    double[][] weights = new double[at.length][];
    for (int a = 0; a < at.length; a++) {
      int low = (int) Math.floor(at[a]);
      double part = at[a] - low;
      switch (op.mode()) {
        case NEAREST -> {
          first[a] = (int) Math.rint(at[a]);
          weights[a] = new double[] {1};
        }
        case LINEAR -> {
          first[a] = low;
          weights[a] = new double[] {1 - part, part};
        }
        case CUBIC -> {
          first[a] = low - 1;
          weights[a] = ResizeRule.cubic(part, CUBIC_A);
        }
      }
    }
    double sum = 0;
    int corners = (int) Math.pow(taps, at.length);
    for (int corner = 0; corner < corners; corner++) {
      double weight = 1;
      int index = 0;
      boolean inside = true;
      int rest = corner;
      for (int a = 0; a < at.length; a++) {
        int tap = rest % taps;
        rest /= taps;
        weight *= weights[a][tap];
        int place = first[a] + tap;
        if (place < 0 || place >= spatial[a]) {
          inside &= op.padding() != Padding.ZEROS;
          place =
              op.padding() == Padding.REFLECTION ? (int) reflected(op, place, spatial[a]) : place;
          place = Math.clamp(place, 0, spatial[a] - 1);
        }
        index = index * spatial[a] + place;
      }
      sum += inside && weight != 0 ? weight * x.real(plane + index) : 0;
    }
    return sum;
  }
}
