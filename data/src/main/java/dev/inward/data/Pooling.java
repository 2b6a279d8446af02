package dev.inward.data;

import dev.inward.base.InputException;
import java.util.List;
import java.util.Locale;

/// How a model's output becomes one row a sample.
public enum Pooling {
  /// The output has one row a sample, `[n, ..]`, which is taken flat.
  NONE,
  /// The first of the tokens' rows, `[n, tokens, width]`: that of `[CLS]`.
  FIRST,
  /// The mean of the tokens' rows where the mask is 1, summed in order in double precision.
  MEAN,
  /// A score for each class at each step, `[n, steps, classes]`: the classes that are read when
  /// each step gives its best, runs are taken once and class 0 not at all, then zeros.
  CTC;

  /// As a budget file says it.
  public String key() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The rows of one batch.
  ///
  /// Shapes: `output` is `[n, tokens, width]` for [#FIRST] and [#MEAN]; `mask` is `[n, tokens]`,
  /// and is read by [#MEAN] only.
  ///
  /// @throws InputException where the output has another shape
  public Rows rows(NamedArray.Floats output, long[] mask) {
    List<Integer> dims = output.dims();
    int count = dims.isEmpty() ? 1 : dims.getFirst();
    if (this == NONE) {
      return new Rows(count, output.values().length / Math.max(1, count), output.values());
    }
    if (dims.size() != 3) {
      throw InputException.at(
          "output '" + output.name() + "'",
          "has dims %s; to pool over tokens, [samples, tokens, width] is expected",
          dims);
    }
    int tokens = dims.get(1);
    int width = dims.get(2);
    if (this == CTC) {
      float[] read = new float[count * tokens];
      for (int sample = 0; sample < count; sample++) {
        int[] classes = Ctc.read(output.values(), sample * tokens * width, tokens, width);
        for (int i = 0; i < classes.length; i++) {
          read[sample * tokens + i] = classes[i];
        }
      }
      return new Rows(count, tokens, read);
    }
    if (this == MEAN && mask.length != count * tokens) {
      throw InputException.at(
          "output '" + output.name() + "'",
          "has %d x %d tokens, the attention mask %d",
          count,
          tokens,
          mask.length);
    }
    float[] rows = new float[count * width];
    for (int sample = 0; sample < count; sample++) {
      double[] sum = new double[width];
      int taken = 0;
      for (int token = 0; token < (this == FIRST ? 1 : tokens); token++) {
        int row = sample * tokens + token;
        if (this == FIRST || mask[row] != 0) {
          taken++;
          for (int k = 0; k < width; k++) {
            sum[k] += output.values()[row * width + k];
          }
        }
      }
      for (int k = 0; k < width; k++) {
        rows[sample * width + k] = (float) (sum[k] / Math.max(1, taken));
      }
    }
    return new Rows(count, width, rows);
  }
}
