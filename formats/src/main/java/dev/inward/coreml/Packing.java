package dev.inward.coreml;

import dev.inward.graph.Storage;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.function.IntUnaryOperator;

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

  /// Sets bits of element `index`, which were zero.
  private static void put(byte[] data, long index, int width, int value) {
    long bit = index * width;
    int at = Math.toIntExact(bit >>> 3);
    int shifted = (value & ((1 << width) - 1)) << (bit & 7);
    data[at] |= (byte) shifted;
    if ((bit & 7) + width > 8) {
      data[at + 1] |= (byte) (shifted >>> 8);
    }
  }

  /// The codes, `width` bits each, at most 8.
  static Storage pack(int[] codes, int width) {
    byte[] out = new byte[Math.toIntExact(Math.ceilDiv((long) codes.length * width, 8))];
    for (int i = 0; i < codes.length; i++) {
      put(out, i, width, codes[i]);
    }
    return Storage.of(out);
  }

  /// `count` elements of `width` bits, element `i` of the result being element `from(i)` of the
  /// source. Widths of 8 and more are whole bytes.
  static Storage pick(Storage source, int width, int count, IntUnaryOperator from) {
    MemorySegment data = source.bytes();
    if (width < 8) {
      byte[] out = new byte[Math.toIntExact(Math.ceilDiv((long) count * width, 8))];
      for (int i = 0; i < count; i++) {
        put(out, i, width, get(data, from.applyAsInt(i), width));
      }
      return Storage.of(out);
    }
    int bytes = width / 8;
    byte[] out = new byte[Math.multiplyExact(count, bytes)];
    for (int i = 0; i < count; i++) {
      MemorySegment.copy(
          data,
          ValueLayout.JAVA_BYTE,
          (long) from.applyAsInt(i) * bytes,
          out,
          Math.multiplyExact(i, bytes),
          bytes);
    }
    return Storage.of(out);
  }
}
