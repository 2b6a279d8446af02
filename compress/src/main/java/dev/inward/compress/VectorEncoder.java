package dev.inward.compress;

import dev.inward.graph.Encoding;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/// Palettes of vectors of neighbouring channels: seeds drawn far from each other, then means and
/// nearest seeds in turn. The draw has a fixed seed and sums have a fixed order, so that the same
/// weight gives the same table. Source: Arthur & Vassilvitskii, "k-means++", SODA 2007; Lloyd, IEEE
/// TIT 28, 1982.
final class VectorEncoder {
  private static final int ROUNDS = 25;
  private static final int LEARN_FROM = 1 << 15;
  private static final long SEED = 20_220_919;

  private final int width;
  private final int entries;

  private VectorEncoder(int width, int entries) {
    this.width = width;
    this.entries = entries;
  }

  static Tensor encode(Tensor weight, float[] given, WeightFormat.Palette format, int axis) {
    int channels = Math.toIntExact(weight.dims().get(axis));
    int width = format.vector();
    int wanted = format.group() > 0 ? Axes.divisor(channels, format.group()) : channels;
    int group = wanted == 0 || wanted % width != 0 ? channels : wanted;
    int outer = Axes.product(weight.dims(), 0, axis);
    int inner = Axes.product(weight.dims(), axis + 1, weight.rank());
    int groups = channels / group;
    int entries = 1 << format.bits();
    float[] scale = new float[format.scaled() ? channels : 0];
    float[] values = format.scaled() ? scaled(given, scale, outer, channels, inner) : given;
    float[] table = new float[groups * entries * width];
    byte[] codes = new byte[values.length / width];
    var encoder = new VectorEncoder(width, entries);
    IntStream.range(0, groups)
        .parallel()
        .forEach(g -> {
          int[] places = new int[outer * (group / width) * inner];
          int[] index = new int[places.length];
          int n = 0;
          for (int o = 0; o < outer; o++) {
            for (int v = 0; v < group / width; v++) {
              int vector = g * (group / width) + v;
              for (int i = 0; i < inner; i++) {
                places[n] = (o * channels + vector * width) * inner + i;
                index[n++] = (o * (channels / width) + vector) * inner + i;
              }
            }
          }
          float[] own = encoder.learn(values, places, inner);
          System.arraycopy(own, 0, table, g * own.length, own.length);
          for (int i = 0; i < places.length; i++) {
            codes[index[i]] = (byte) encoder.nearest(own, values, places[i], inner);
          }
        });
    List<Long> dims = new ArrayList<>(Axes.grid(weight.rank(), axis, groups));
    dims.add((long) entries);
    dims.add((long) width);
    var vectors =
        new Encoding.Vectors(
            format.bits(),
            Codes.packed(codes, format.bits()),
            format.int8Table()
                ? WeightEncoder.encode(
                    "table",
                    Tensor.ofFloats(dims, table),
                    WeightFormat.INT8_PER_TENSOR,
                    Axes.NONE.channel())
                : Tensor.ofFloats(dims, table),
            axis);
    var palette = new Tensor(weight.dtype(), weight.dims(), vectors);
    return format.scaled()
        ? new Tensor(
            weight.dtype(),
            weight.dims(),
            new Encoding.Scaled(
                palette, Tensor.ofFloats(Axes.grid(weight.rank(), axis, channels), scale)))
        : palette;
  }

  private static float[] scaled(float[] given, float[] scale, int outer, int channels, int inner) {
    for (int run = 0; run < outer * channels; run++) {
      for (int i = run * inner; i < (run + 1) * inner; i++) {
        scale[run % channels] = Math.max(scale[run % channels], Math.abs(given[i]));
      }
    }
    for (int c = 0; c < channels; c++) {
      scale[c] = WeightEncoder.nearestHalf(WeightEncoder.nonZero(scale[c]));
    }
    float[] values = new float[given.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = given[i] / scale[i / inner % channels];
    }
    return values;
  }

  private float[] learn(float[] values, int[] places, int stride) {
    int step = Math.ceilDiv(places.length, LEARN_FROM);
    int[] sample = new int[Math.ceilDiv(places.length, step)];
    for (int i = 0; i < sample.length; i++) {
      sample[i] = places[i * step];
    }
    float[] table = seeds(values, sample, stride);
    for (int round = 0; round < ROUNDS; round++) {
      // The last rounds see every vector.
      int[] seen = round < ROUNDS - 2 ? sample : places;
      double[] sums = new double[table.length];
      int[] members = new int[entries];
      for (int place : seen) {
        int e = nearest(table, values, place, stride);
        members[e]++;
        for (int k = 0; k < width; k++) {
          sums[e * width + k] += values[place + k * stride];
        }
      }
      for (int e = 0; e < entries; e++) {
        for (int k = 0; k < width && members[e] > 0; k++) {
          table[e * width + k] =
              WeightEncoder.nearestHalf((float) (sums[e * width + k] / members[e]));
        }
      }
    }
    return table;
  }

  private float[] seeds(float[] values, int[] sample, int stride) {
    var random = new Random(SEED);
    float[] table = new float[entries * width];
    double[] distance = new double[sample.length];
    Arrays.fill(distance, Double.MAX_VALUE);
    int chosen = random.nextInt(sample.length);
    for (int e = 0; e < entries; e++) {
      double all = 0;
      for (int k = 0; k < width; k++) {
        table[e * width + k] = values[sample[chosen] + k * stride];
      }
      for (int i = 0; i < sample.length; i++) {
        distance[i] = Math.min(distance[i], distance(table, e, values, sample[i], stride));
        all += distance[i];
      }
      double drawn = random.nextDouble() * all;
      chosen = 0;
      while (chosen < sample.length - 1 && (drawn -= distance[chosen]) > 0) {
        chosen++;
      }
    }
    return table;
  }

  private double distance(float[] table, int e, float[] values, int place, int stride) {
    double sum = 0;
    for (int k = 0; k < width; k++) {
      double d = (double) table[e * width + k] - values[place + k * stride];
      sum += d * d;
    }
    return sum;
  }

  private int nearest(float[] table, float[] values, int place, int stride) {
    int best = 0;
    double least = Double.POSITIVE_INFINITY;
    for (int e = 0; e < entries; e++) {
      double distance = distance(table, e, values, place, stride);
      if (distance < least) {
        least = distance;
        best = e;
      }
    }
    return best;
  }
}
