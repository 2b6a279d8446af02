package dev.inward.coreml;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// Little-endian bit streams of elements of any width: the first element in the lowest bits.
final class Packing {
  private Packing() {}

  /// Element `index` of a stream of `width`-bit elements, `width` at most 8.
  static int get(MemorySegment data, long index, int width) {
    long bit = index * width;
    long at = bit >>> 3;
    int low = data.get(ValueLayout.JAVA_BYTE, at) & 0xff;
    int high = (bit & 7) + width > 8 ? data.get(ValueLayout.JAVA_BYTE, at + 1) & 0xff : 0;
    return ((low | high << 8) >>> (bit & 7)) & ((1 << width) - 1);
  }
}
