package dev.inward.compress;

import dev.inward.graph.Tensor;
import java.util.Arrays;

/// Which elements of a weight stay when the smallest become zeros. Among equals the first go first.
final class Pruning {
  private Pruning() {}

  static boolean[] kept(Tensor weight, float[] values, WeightFormat.Zeros zeros, Axes axes) {
    boolean[] kept = new boolean[values.length];
    switch (zeros) {
      case WeightFormat.Zeros.Share(var share) -> {
        int[] sizes = new int[values.length];
        for (int i = 0; i < values.length; i++) {
          sizes[i] = Float.floatToRawIntBits(Math.abs(values[i]));
        }
        keepLargest(sizes, (int) Math.rint(share * values.length), kept);
      }
      case WeightFormat.Zeros.Below(var magnitude) -> {
        for (int i = 0; i < values.length; i++) {
          kept[i] = Math.abs(values[i]) >= magnitude;
        }
      }
      case WeightFormat.Zeros.OfEach(var some, var of) ->
          ofEach(weight, values, some, of, axes, kept);
      case WeightFormat.Zeros.Blocks(var share, var size) ->
          blocks(weight, values, share, size, axes, kept);
    }
    // What is zero already needs no value.
    for (int i = 0; i < values.length; i++) {
      kept[i] &= values[i] != 0;
    }
    return kept;
  }

  /// Keeps all but the `drop` smallest. Sizes are not negative.
  private static void keepLargest(int[] sizes, int drop, boolean[] kept) {
    // The size of the last that goes: by its high half first, then by its low half.
    int[] counts = new int[1 << 16];
    for (int size : sizes) {
      counts[size >>> 16]++;
    }
    int high = 0;
    int left = drop;
    while (high < counts.length - 1 && left >= counts[high]) {
      left -= counts[high++];
    }
    Arrays.fill(counts, 0);
    for (int size : sizes) {
      if (size >>> 16 == high) {
        counts[size & 0xffff]++;
      }
    }
    int low = 0;
    while (low < counts.length - 1 && left >= counts[low]) {
      left -= counts[low++];
    }
    int limit = high << 16 | low;
    for (int i = 0; i < sizes.length; i++) {
      kept[i] = sizes[i] > limit || sizes[i] == limit && left-- <= 0;
    }
  }

  private static void ofEach(
      Tensor weight, float[] values, int some, int of, Axes axes, boolean[] kept) {
    int axis = axes.input().orElse(weight.rank() - 1);
    int size = Math.toIntExact(weight.dims().get(axis));
    int inner = Axes.product(weight.dims(), axis + 1, weight.rank());
    int outer = Axes.product(weight.dims(), 0, axis);
    Arrays.fill(kept, true);
    for (int o = 0; o < outer; o++) {
      for (int i = 0; i < inner; i++) {
        // A rest that is shorter than a group stays whole.
        for (int first = 0; first + of <= size; first += of) {
          for (int gone = 0; gone < some; gone++) {
            int least = -1;
            for (int e = first; e < first + of; e++) {
              int at = (o * size + e) * inner + i;
              if (kept[at] && (least < 0 || Math.abs(values[at]) < Math.abs(values[least]))) {
                least = at;
              }
            }
            kept[least] = false;
          }
        }
      }
    }
  }

  private static void blocks(
      Tensor weight, float[] values, double share, int size, Axes axes, boolean[] kept) {
    int axis = axes.channel().orElse(0);
    int channels = Math.toIntExact(weight.dims().get(axis));
    int inner = Axes.product(weight.dims(), axis + 1, weight.rank());
    int outer = Axes.product(weight.dims(), 0, axis);
    int rows = Math.ceilDiv(channels, size);
    float[] energy = new float[outer * rows * inner];
    for (int i = 0; i < values.length; i++) {
      energy[block(i, channels, inner, size, rows)] += values[i] * values[i];
    }
    int[] sizes = new int[energy.length];
    for (int b = 0; b < sizes.length; b++) {
      sizes[b] = Float.floatToRawIntBits(energy[b]);
    }
    boolean[] whole = new boolean[sizes.length];
    keepLargest(sizes, (int) Math.rint(share * sizes.length), whole);
    for (int i = 0; i < values.length; i++) {
      kept[i] = whole[block(i, channels, inner, size, rows)];
    }
  }

  private static int block(int i, int channels, int inner, int size, int rows) {
    int channel = i / inner % channels;
    int o = i / inner / channels;
    return (o * rows + channel / size) * inner + i % inner;
  }
}
