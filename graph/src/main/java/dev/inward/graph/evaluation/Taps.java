package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.graph.Windowed.AutoPad;
import dev.inward.graph.Windowed.Window;
import java.util.Arrays;
import java.util.List;

/// A window laid over the spatial extents of an operand: for every place of the result and every
/// place of the kernel, the flat spatial index that meets there.
///
/// @param in spatial extents under the window
/// @param out spatial extents of the result
/// @param begin what is padded before each axis
/// @param end what is padded after each axis
record Taps(Window window, int[] kernel, int[] in, int[] out, long[] begin, long[] end) {
  /// The taps of a convolution or pooling; the kernel of the window where it states one.
  static Taps over(Window window, int[] weightKernel, int[] in, boolean ceil) {
    int axes = in.length;
    int[] kernel =
        window.kernel().isEmpty()
            ? weightKernel
            : window.kernel().stream().mapToInt(Math::toIntExact).toArray();
    if (kernel.length != axes
        || !fits(window.strides(), axes)
        || !fits(window.dilations(), axes)
        || !fits(window.pads(), 2 * axes)) {
      throw InputException.of("the window %s does not have %d spatial axes", window, axes);
    }
    int[] out = new int[axes];
    long[] begin = new long[axes];
    long[] end = new long[axes];
    for (int a = 0; a < axes; a++) {
      long reach = (kernel[a] - 1) * window.dilation(a) + 1;
      long stride = window.stride(a);
      boolean same =
          window.autoPad() == AutoPad.SAME_UPPER || window.autoPad() == AutoPad.SAME_LOWER;
      long size;
      if (same) {
        size = Math.ceilDiv(in[a], stride);
        long pad = Math.max(0, (size - 1) * stride + reach - in[a]);
        begin[a] = window.autoPad() == AutoPad.SAME_UPPER ? pad / 2 : pad - pad / 2;
        end[a] = pad - begin[a];
      } else {
        boolean padded = window.autoPad() == AutoPad.EXPLICIT;
        begin[a] = padded ? window.padBegin(a) : 0;
        end[a] = padded ? window.padEnd(a) : 0;
        long room = in[a] + begin[a] + end[a] - reach;
        if (room < 0) {
          throw InputException.of(
              "a window that reaches over %d does not fit into %d with pads %d and %d",
              reach, in[a], begin[a], end[a]);
        }
        size = (ceil ? Math.ceilDiv(room, stride) : room / stride) + 1;
        if (ceil && (size - 1) * stride >= in[a] + begin[a]) {
          size--; // The last window would lie in the padding after the end.
        }
      }
      out[a] = Math.toIntExact(size);
    }
    return new Taps(window, kernel, in, out, begin, end);
  }

  private static boolean fits(List<Long> numbers, int count) {
    return numbers.isEmpty() || numbers.size() == count;
  }

  int kernelSize() {
    return Array.count(kernel);
  }

  int inSize() {
    return Array.count(in);
  }

  int outSize() {
    return Array.count(out);
  }

  /// At `place * kernelSize() + k`: the flat spatial index into the operand, -1 in the padding, -2
  /// beyond it (where the last window of a rounded-up size overhangs).
  int[] table() {
    int[] both = Arrays.copyOf(out, out.length + kernel.length);
    System.arraycopy(kernel, 0, both, out.length, kernel.length);
    return Places.map(
        both,
        at -> {
          int index = 0;
          int missing = 0;
          for (int a = 0; a < in.length; a++) {
            long x = at[a] * window.stride(a) - begin[a] + at[in.length + a] * window.dilation(a);
            if (x >= in[a] + end[a]) {
              missing = -2;
            } else if ((x < 0 || x >= in[a]) && missing == 0) {
              missing = -1;
            }
            index = index * in[a] + (int) x;
          }
          return missing < 0 ? missing : index;
        });
  }
}
