package dev.inward.compress;

import dev.inward.graph.Storage;

/// Codes one a byte, before they are packed.
final class Codes {
  private Codes() {}

  /// As a little-endian bit stream, the first code in the lowest bits.
  static Storage packed(byte[] codes, int bits) {
    return switch (bits) {
      case 8 -> Storage.of(codes);
      case 4 -> {
        byte[] out = new byte[Math.ceilDiv(codes.length, 2)];
        for (int i = 0; i < codes.length / 2; i++) {
          out[i] = (byte) (codes[2 * i] & 15 | codes[2 * i + 1] << 4);
        }
        if (codes.length % 2 == 1) {
          out[codes.length / 2] = (byte) (codes[codes.length - 1] & 15);
        }
        yield Storage.of(out);
      }
      default -> {
        byte[] out = new byte[Math.toIntExact(((long) codes.length * bits + 7) >>> 3)];
        int mask = (1 << bits) - 1;
        int pending = 0;
        int held = 0;
        int at = 0;
        for (byte code : codes) {
          pending |= (code & mask) << held;
          held += bits;
          if (held >= 8) {
            out[at++] = (byte) pending;
            pending >>>= 8;
            held -= 8;
          }
        }
        if (held > 0) {
          out[at] = (byte) pending;
        }
        yield Storage.of(out);
      }
    };
  }

  /// Those that are kept, in order.
  static byte[] kept(byte[] codes, boolean[] kept, int count) {
    byte[] out = new byte[count];
    int at = 0;
    for (int i = 0; i < codes.length; i++) {
      if (kept[i]) {
        out[at++] = codes[i];
      }
    }
    return out;
  }
}
