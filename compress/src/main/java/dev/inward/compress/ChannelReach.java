package dev.inward.compress;

import java.util.Arrays;

/// From where to where each channel of an activation reaches, and the mean of its squares; channels
/// are on the last axis. Its size does not depend on how many values there were.
final class ChannelReach {
  final float[] low;
  final float[] high;
  private final double[] squares;
  private long rows;
  private long broken;

  ChannelReach(int channels) {
    this.low = new float[channels];
    this.high = new float[channels];
    this.squares = new double[channels];
  }

  void add(float[] values) {
    int channels = low.length;
    for (int start = 0; start < values.length; start += channels) {
      for (int k = 0; k < channels; k++) {
        float x = values[start + k];
        if (!Float.isFinite(x)) {
          broken++;
          continue;
        }
        low[k] = Math.min(low[k], x);
        high[k] = Math.max(high[k], x);
        squares[k] += (double) x * x;
      }
    }
    rows += values.length / channels;
  }

  int channels() {
    return low.length;
  }

  /// How many values were NaN or infinite.
  long broken() {
    return broken;
  }

  double[] meanSquares() {
    return Arrays.stream(squares).map(s -> s / Math.max(1, rows)).toArray();
  }
}
