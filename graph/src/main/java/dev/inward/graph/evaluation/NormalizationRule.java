package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.graph.Normalization;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What normalisations compute; means and variances in double, the variance by a second pass.
final class NormalizationRule {
  private NormalizationRule() {}

  static Array of(Normalization op, Operands in) {
    Array x = in.get(0);
    return switch (op) {
      case Normalization.BatchNorm(float epsilon) -> batch(x, in, epsilon);
      case Normalization.LayerNorm(long axis, float epsilon) -> {
        int inner = x.between(x.axis(axis), x.rank());
        double[] out = x.reals();
        standardise(out, inner, epsilon);
        yield affine(x, out, in.find(1), in.find(2));
      }
      case Normalization.RmsNorm(long axis, float epsilon) -> {
        int inner = x.between(x.axis(axis), x.rank());
        double[] out = x.reals();
        for (int start = 0; start < out.length; start += inner) {
          double square = 0;
          for (int i = start; i < start + inner; i++) {
            square += out[i] * out[i];
          }
          double factor = 1 / Math.sqrt(square / inner + epsilon);
          for (int i = start; i < start + inner; i++) {
            out[i] *= factor;
          }
        }
        yield affine(x, out, in.find(1), Optional.empty());
      }
      case Normalization.InstanceNorm(float epsilon) -> grouped(x, in, x.extent(1), epsilon);
      case Normalization.GroupNorm(long groups, float epsilon) -> grouped(x, in, groups, epsilon);
      case Normalization.LpNorm(long axis, long p) ->
          along(
              x,
              axis,
              line -> {
                double norm = 0;
                for (double v : line) {
                  norm += p == 1 ? Math.abs(v) : v * v;
                }
                norm = p == 1 ? norm : Math.sqrt(norm);
                for (int i = 0; i < line.length; i++) {
                  line[i] = norm == 0 ? 0 : line[i] / norm;
                }
              });
      case Normalization.LocalResponseNorm lrn -> localResponse(x, lrn);
      case Normalization.MeanVarianceNorm(var axes) -> meanVariance(x, axes);
      case Normalization.Softmax(long axis) -> along(x, axis, line -> softmax(line, line.length));
      case Normalization.LogSoftmax(long axis) ->
          along(
              x,
              axis,
              line -> {
                double most = Double.NEGATIVE_INFINITY;
                for (double v : line) {
                  most = Math.max(most, v);
                }
                double sum = 0;
                for (double v : line) {
                  sum += Math.exp(v - most);
                }
                for (int i = 0; i < line.length; i++) {
                  line[i] = line[i] - most - Math.log(sum);
                }
              });
      case Normalization.Hardmax(long axis) ->
          along(
              x,
              axis,
              line -> {
                int best = 0;
                for (int i = 1; i < line.length; i++) {
                  best = line[i] > line[best] ? i : best;
                }
                for (int i = 0; i < line.length; i++) {
                  line[i] = i == best ? 1 : 0;
                }
              });
    };
  }

  /// Softmax in place, of each run of `width` elements.
  static void softmax(double[] values, int width) {
    for (int start = 0; start < values.length; start += width) {
      double most = Double.NEGATIVE_INFINITY;
      for (int i = start; i < start + width; i++) {
        most = Math.max(most, values[i]);
      }
      double sum = 0;
      for (int i = start; i < start + width; i++) {
        values[i] = Math.exp(values[i] - most);
        sum += values[i];
      }
      for (int i = start; i < start + width; i++) {
        values[i] /= sum;
      }
    }
  }

  private interface Line {
    void change(double[] values);
  }

  /// Each line along an axis, changed in place.
  private static Array along(Array x, long named, Line change) {
    int axis = x.axis(named);
    int length = x.extent(axis);
    int stride = x.between(axis + 1, x.rank());
    double[] out = x.reals();
    double[] line = new double[length];
    for (int i = 0; i < out.length / Math.max(1, length); i++) {
      int start = i / stride * stride * length + i % stride;
      for (int j = 0; j < length; j++) {
        line[j] = out[start + j * stride];
      }
      change.change(line);
      for (int j = 0; j < length; j++) {
        out[start + j * stride] = line[j];
      }
    }
    return Array.of(x.dtype(), x.dims(), out);
  }

  /// Each run of `width` elements brought to mean 0 and variance 1.
  private static void standardise(double[] values, int width, double epsilon) {
    for (int start = 0; start < values.length; start += width) {
      double mean = 0;
      for (int i = start; i < start + width; i++) {
        mean += values[i];
      }
      mean /= width;
      double variance = 0;
      for (int i = start; i < start + width; i++) {
        variance += (values[i] - mean) * (values[i] - mean);
      }
      double factor = 1 / Math.sqrt(variance / width + epsilon);
      for (int i = start; i < start + width; i++) {
        values[i] = (values[i] - mean) * factor;
      }
    }
  }

  private static Array affine(
      Array x, double[] values, Optional<Array> scale, Optional<Array> bias) {
    scale.ifPresent(s -> {
      Array spread = Places.broadcast(s, x.dims());
      for (int i = 0; i < values.length; i++) {
        values[i] *= spread.real(i);
      }
    });
    bias.ifPresent(b -> {
      Array spread = Places.broadcast(b, x.dims());
      for (int i = 0; i < values.length; i++) {
        values[i] += spread.real(i);
      }
    });
    return Array.of(x.dtype(), x.dims(), values);
  }

  private static Array batch(Array x, Operands in, float epsilon) {
    int inner = x.between(Math.min(2, x.rank()), x.rank());
    int channels = x.extent(1);
    double[] out = x.reals();
    for (int i = 0; i < out.length; i++) {
      int c = i / inner % channels;
      out[i] =
          (out[i] - in.get(3).real(c)) / Math.sqrt(in.get(4).real(c) + epsilon) * in.get(1).real(c)
              + in.get(2).real(c);
    }
    return Array.of(x.dtype(), x.dims(), out);
  }

  private static Array grouped(Array x, Operands in, long groups, float epsilon) {
    int channels = x.extent(1);
    if (groups < 1 || channels % groups != 0) {
      throw InputException.of("%d channels do not split into %d groups", channels, groups);
    }
    int inner = x.between(2, x.rank());
    double[] out = x.reals();
    standardise(out, Math.toIntExact(inner * (channels / groups)), epsilon);
    for (int i = 0; i < out.length; i++) {
      int c = i / inner % channels;
      out[i] = out[i] * in.get(1).real(c) + in.get(2).real(c);
    }
    return Array.of(x.dtype(), x.dims(), out);
  }

  private static Array localResponse(Array x, Normalization.LocalResponseNorm norm) {
    int channels = x.extent(1);
    int inner = x.between(2, x.rank());
    double[] out = new double[x.size()];
    for (int i = 0; i < out.length; i++) {
      int c = i / inner % channels;
      long first = Math.max(0, c - (norm.size() - 1) / 2);
      long last = Math.min(channels - 1, c + norm.size() / 2);
      double sum = 0;
      for (long other = first; other <= last; other++) {
        double v = x.real(i + Math.toIntExact(other - c) * inner);
        sum += v * v;
      }
      out[i] =
          x.real(i)
              / Math.pow(norm.bias() + (double) norm.alpha() / norm.size() * sum, norm.beta());
    }
    return Array.of(x.dtype(), x.dims(), out);
  }

  private static Array meanVariance(Array x, List<Long> axes) {
    List<Integer> reduced = new ArrayList<>(axes.stream().map(x::axis).toList());
    int[] small = x.dims();
    reduced.forEach(axis -> small[axis] = 1);
    int[] group = Places.broadcast(small, x.dims());
    double[] out = x.reals();
    int groups = Array.count(small);
    double[] mean = means(out, group, groups);
    for (int i = 0; i < out.length; i++) {
      out[i] -= mean[group[i]];
    }
    double[] square = new double[out.length];
    for (int i = 0; i < out.length; i++) {
      square[i] = out[i] * out[i];
    }
    double[] variance = means(square, group, groups);
    for (int i = 0; i < out.length; i++) {
      out[i] /= Math.sqrt(variance[group[i]]) + 1e-9;
    }
    return Array.of(x.dtype(), x.dims(), out);
  }

  private static double[] means(double[] values, int[] group, int groups) {
    double[] sum = new double[groups];
    int[] count = new int[groups];
    for (int i = 0; i < values.length; i++) {
      sum[group[i]] += values[i];
      count[group[i]]++;
    }
    for (int i = 0; i < groups; i++) {
      sum[i] /= count[i];
    }
    return sum;
  }
}
