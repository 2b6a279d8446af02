package dev.inward.coreml;

import dev.inward.graph.Movement.Resize;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Resizing along one axis as a linear map: how much of each element goes into each place of the
/// result.
///
/// @param weights `[out, in]`, row by row
/// @param outside places of the result that lie outside of what is resized, where the op fills them
record AxisWeights(int in, int out, float[] weights, boolean[] outside) {
  /// Linear interpolation at places between 0 and the last index.
  static AxisWeights linear(double[] places, int in) {
    var map = new AxisWeights(in, places.length, new float[places.length * in], new boolean[0]);
    for (int i = 0; i < places.length; i++) {
      int low = (int) Math.floor(places[i]);
      double part = places[i] - low;
      map.add(i, low, 1 - part);
      map.add(i, low + 1, part);
    }
    return map;
  }

  /// ONNX's resizing of an axis.
  ///
  /// @param scale result by input, as the op states it
  /// @param start of the region, as a share of the axis; 0 where there is none
  static AxisWeights of(Resize op, int in, int out, double scale, double start, double end) {
    boolean crop = op.coordinates() == Resize.Coordinates.TF_CROP_AND_RESIZE;
    var map = new AxisWeights(in, out, new float[out * in], new boolean[out]);
    for (int i = 0; i < out; i++) {
      double at = place(op, i, in, out, scale, start, end);
      map.outside[i] = crop && (at < 0 || at > in - 1);
      int low = (int) Math.floor(at);
      switch (op.mode()) {
        case NEAREST -> map.add(i, nearest(op, at), 1);
        case LINEAR -> {
          map.add(i, low, 1 - (at - low));
          map.add(i, low + 1, at - low);
        }
        case CUBIC -> map.cubic(i, low, at - low, op.cubicA(), op.excludeOutside());
      }
    }
    return map;
  }

  /// The element that each place takes, where every place takes exactly one.
  int[] picks() {
    return IntStream.range(0, out)
        .map(i -> {
          int from = 0;
          while (weights[i * in + from] == 0) {
            from++;
          }
          return from;
        })
        .toArray();
  }

  /// The map of the axis onto itself that changes nothing.
  boolean isIdentity() {
    return in == out
        && IntStream.range(0, weights.length)
            .allMatch(i -> weights[i] == (i / in == i % in ? 1 : 0));
  }

  private void add(int place, int from, double weight) {
    weights[place * in + Math.clamp(from, 0, in - 1)] += (float) weight;
  }

  /// The four neighbours. Source: Keys, IEEE Transactions on Acoustics, Speech and Signal
  /// Processing 29(6), 1981.
  private void cubic(int place, int low, double part, double a, boolean insideOnly) {
    double[] four = new double[4];
    for (int i = 0; i < 4; i++) {
      double d = Math.abs(part - (i - 1));
      four[i] =
          d <= 1
              ? (a + 2) * d * d * d - (a + 3) * d * d + 1
              : a * d * d * d - 5 * a * d * d + 8 * a * d - 4 * a;
      if (insideOnly && (low - 1 + i < 0 || low - 1 + i >= in)) {
        four[i] = 0;
      }
    }
    double sum = insideOnly ? Arrays.stream(four).sum() : 1;
    for (int i = 0; i < 4; i++) {
      add(place, low - 1 + i, four[i] / sum);
    }
  }

  private static int nearest(Resize op, double at) {
    return (int)
        switch (op.nearest()) {
          case ROUND_PREFER_FLOOR -> Math.ceil(at - 0.5);
          case ROUND_PREFER_CEIL -> Math.floor(at + 0.5);
          case FLOOR -> Math.floor(at);
          case CEIL -> Math.ceil(at);
        };
  }

  private static double place(
      Resize op, int i, int in, int out, double scale, double start, double end) {
    return switch (op.coordinates()) {
      case HALF_PIXEL -> (i + 0.5) / scale - 0.5;
      case HALF_PIXEL_SYMMETRIC -> in / 2.0 * (1 - out / (in * scale)) + (i + 0.5) / scale - 0.5;
      case PYTORCH_HALF_PIXEL -> out > 1 ? (i + 0.5) / scale - 0.5 : 0;
      case ALIGN_CORNERS -> out == 1 ? 0 : i * (in - 1.0) / (out - 1);
      case ASYMMETRIC -> i / scale;
      case TF_CROP_AND_RESIZE ->
          out > 1
              ? start * (in - 1) + i * (end - start) * (in - 1) / (out - 1)
              : 0.5 * (start + end) * (in - 1);
    };
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof AxisWeights map
        && in == map.in
        && out == map.out
        && Arrays.equals(weights, map.weights)
        && Arrays.equals(outside, map.outside);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(weights);
  }
}
