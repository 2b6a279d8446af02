package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Windowed;
import dev.inward.graph.Windowed.AutoPad;
import dev.inward.graph.Windowed.ConvTranspose;
import dev.inward.graph.Windowed.Window;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What convolutions and poolings compute.
final class WindowedRule {
  private WindowedRule() {}

  static List<Array> of(Windowed op, Operands in) {
    Array x = in.get(0);
    if (x.rank() < 3 && !(op instanceof Windowed.GlobalPool && x.rank() == 2)) {
      throw InputException.of("expected [N, C, D1, ..], got %d axes", x.rank());
    }
    return switch (op) {
      case Windowed.Conv(var window, var groups) ->
          List.of(conv(x, in.get(1), in.find(2), window, groups, DataType.FLOAT64).cast(x.dtype()));
      case ConvTranspose transpose -> List.of(transpose(transpose, x, in.get(1), in.find(2)));
      case Windowed.Pool pool -> PoolRule.of(pool, x);
      case Windowed.GlobalPool(var kind, long p) -> List.of(PoolRule.global(kind, p, x));
    };
  }

  /// A convolution summed in the type given: float64, or int64 for codes.
  static Array conv(
      Array x, Array w, Optional<Array> bias, Window window, long groups, DataType sums) {
    int[] spatial = Arrays.copyOfRange(x.dims(), 2, x.rank());
    int[] kernel = Arrays.copyOfRange(w.dims(), Math.min(2, w.rank()), w.rank());
    int batch = x.extent(0);
    int channels = x.extent(1);
    int results = w.extent(0);
    if (groups < 1
        || kernel.length != spatial.length
        || w.extent(1) * groups != channels
        || results % groups != 0) {
      throw InputException.of(
          "a weight of %s does not fit %s in %d groups",
          Arrays.toString(w.dims()), Arrays.toString(x.dims()), groups);
    }
    Taps taps = Taps.over(window, kernel, spatial, /* ceil= */ false);
    if (!Arrays.equals(taps.kernel(), kernel)) {
      throw InputException.of(
          "the kernel is stated as %s, the weight has %s",
          window.kernel(), Arrays.toString(kernel));
    }
    int[] table = taps.table();
    int places = taps.outSize();
    int inner = taps.kernelSize();
    int inSize = taps.inSize();
    int perGroup = w.extent(1);
    int[] dims = x.dims();
    dims[1] = results;
    System.arraycopy(taps.out(), 0, dims, 2, spatial.length);
    boolean real = sums.isFloat();
    double[] reals = new double[real ? Array.count(dims) : 0];
    long[] wholes = new long[real ? 0 : Array.count(dims)];
    double[] xr = real ? x.reals() : new double[0];
    double[] wr = real ? w.reals() : new double[0];
    long[] xw = real ? new long[0] : x.wholes();
    long[] ww = real ? new long[0] : w.wholes();
    for (int n = 0; n < batch; n++) {
      for (int m = 0; m < results; m++) {
        int first = m / (results / (int) groups) * perGroup;
        for (int place = 0; place < places; place++) {
          double sum = bias.isPresent() ? bias.get().real(m) : 0;
          long whole = real || bias.isEmpty() ? 0 : bias.get().whole(m);
          for (int c = 0; c < perGroup; c++) {
            int plane = (n * channels + first + c) * inSize;
            int weights = (m * perGroup + c) * inner;
            for (int k = 0; k < inner; k++) {
              int tap = table[place * inner + k];
              if (tap >= 0 && real) {
                sum += xr[plane + tap] * wr[weights + k];
              } else if (tap >= 0) {
                whole += xw[plane + tap] * ww[weights + k];
              }
            }
          }
          int at = (n * results + m) * places + place;
          if (real) {
            reals[at] = sum;
          } else {
            wholes[at] = whole;
          }
        }
      }
    }
    return real ? Array.of(sums, dims, reals) : Array.of(sums, dims, wholes);
  }

  /// The adjoint of the convolution that would bring the result back to `x`: every element of `x`
  /// is spread over the places that its window covers.
  private static Array transpose(ConvTranspose op, Array x, Array w, Optional<Array> bias) {
    int[] spatial = Arrays.copyOfRange(x.dims(), 2, x.rank());
    int[] kernel = Arrays.copyOfRange(w.dims(), Math.min(2, w.rank()), w.rank());
    int groups = Math.toIntExact(op.groups());
    int channels = x.extent(1);
    int perGroup = w.extent(1);
    int results = perGroup * groups;
    if (groups < 1
        || kernel.length != spatial.length
        || w.extent(0) != channels
        || channels % groups != 0) {
      throw InputException.of(
          "a weight of %s does not fit %s in %d groups",
          Arrays.toString(w.dims()), Arrays.toString(x.dims()), groups);
    }
    int[] out = new int[spatial.length];
    long[] begin = new long[spatial.length];
    long[] end = new long[spatial.length];
    for (int a = 0; a < spatial.length; a++) {
      extent(op, a, spatial[a], kernel[a], out, begin, end);
    }
    Taps taps = new Taps(op.window(), kernel, out, spatial, begin, end);
    int[] table = taps.table();
    int inner = taps.kernelSize();
    int[] dims = x.dims();
    dims[1] = results;
    System.arraycopy(out, 0, dims, 2, out.length);
    double[] sums = new double[Array.count(dims)];
    double[] values = x.reals();
    double[] weights = w.reals();
    int inSize = taps.inSize();
    for (int n = 0; n < x.extent(0); n++) {
      for (int c = 0; c < channels; c++) {
        int first = c / (channels / groups) * perGroup;
        for (int m = 0; m < perGroup; m++) {
          int plane = (n * results + first + m) * inSize;
          for (int place = 0; place < taps.outSize(); place++) {
            double value = values[(n * channels + c) * taps.outSize() + place];
            for (int k = 0; k < inner; k++) {
              int tap = table[place * inner + k];
              if (tap >= 0) {
                sums[plane + tap] += value * weights[(c * perGroup + m) * inner + k];
              }
            }
          }
        }
      }
    }
    bias.ifPresent(b -> {
      for (int i = 0; i < sums.length; i++) {
        sums[i] += b.real(i / inSize % results);
      }
    });
    return Array.of(x.dtype(), dims, sums);
  }

  private static void extent(
      ConvTranspose op, int a, int in, int kernel, int[] out, long[] begin, long[] end) {
    Window window = op.window();
    long extra = op.outputPadding().isEmpty() ? 0 : op.outputPadding().get(a);
    long whole = window.stride(a) * (in - 1) + extra + (kernel - 1) * window.dilation(a) + 1;
    boolean same = window.autoPad() == AutoPad.SAME_UPPER || window.autoPad() == AutoPad.SAME_LOWER;
    long size;
    if (same || !op.outputShape().isEmpty()) {
      int skipped = op.outputShape().size() > out.length ? op.outputShape().size() - out.length : 0;
      size = op.outputShape().isEmpty() ? in * window.stride(a) : op.outputShape().get(a + skipped);
      long pad = Math.max(0, whole - size);
      begin[a] = window.autoPad() == AutoPad.SAME_UPPER ? pad / 2 : pad - pad / 2;
      end[a] = pad - begin[a];
    } else {
      boolean padded = window.autoPad() == AutoPad.EXPLICIT;
      begin[a] = padded ? window.padBegin(a) : 0;
      end[a] = padded ? window.padEnd(a) : 0;
      size = whole - begin[a] - end[a];
    }
    if (size < 0) {
      throw InputException.of("the pads %s take more than there is", window.pads());
    }
    out[a] = Math.toIntExact(size);
  }
}
