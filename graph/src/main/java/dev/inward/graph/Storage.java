package dev.inward.graph;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/// Read-only bytes, little-endian: a slice of a mapped file or of an array that nobody writes to
/// any more. Equal where the bytes are equal.
public final class Storage {
  public static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfFloat FLOAT =
      ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  public static final ValueLayout.OfDouble DOUBLE =
      ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment bytes;

  private Storage(MemorySegment bytes) {
    this.bytes = bytes.asReadOnly();
  }

  /// The array itself, not a copy: it must not be written to afterwards.
  public static Storage of(byte[] bytes) {
    return new Storage(MemorySegment.ofArray(bytes));
  }

  /// The segment itself, not a copy.
  public static Storage of(MemorySegment bytes) {
    return new Storage(bytes);
  }

  public static Storage of(float... values) {
    var bytes = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, 4)]);
    MemorySegment.copy(values, 0, bytes, FLOAT, 0, values.length);
    return new Storage(bytes);
  }

  public static Storage of(long... values) {
    var bytes = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, 8)]);
    MemorySegment.copy(values, 0, bytes, LONG, 0, values.length);
    return new Storage(bytes);
  }

  /// Codes of 1 to 32 bits as a little-endian bit stream, the first one in the lowest bits; of each
  /// code its lowest bits, so those with a sign as their two's complement.
  public static Storage packed(int bits, int... codes) {
    if (bits < 1 || bits > 32) {
      throw new IllegalArgumentException("codes have 1 to 32 bits, got " + bits);
    }
    byte[] out = new byte[Math.toIntExact(((long) codes.length * bits + 7) >>> 3)];
    if (bits == 8) {
      for (int i = 0; i < codes.length; i++) {
        out[i] = (byte) codes[i];
      }
      return of(out);
    }
    long mask = (1L << bits) - 1;
    long pending = 0;
    int held = 0;
    int at = 0;
    for (int code : codes) {
      pending |= (code & mask) << held;
      held += bits;
      for (; held >= 8; held -= 8) {
        out[at++] = (byte) pending;
        pending >>>= 8;
      }
    }
    if (held > 0) {
      out[at] = (byte) pending;
    }
    return of(out);
  }

  /// A whole file, mapped: its pages are read when they are touched. The mapping lives as long as a
  /// slice of it is reachable.
  public static Storage map(Path file) throws IOException {
    try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return new Storage(
          channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto()));
    }
  }

  public long size() {
    return bytes.byteSize();
  }

  /// The bytes, read-only.
  public MemorySegment bytes() {
    return bytes;
  }

  /// A part that shares the bytes.
  ///
  /// @throws IndexOutOfBoundsException where the part is not inside
  public Storage slice(long offset, long size) {
    return new Storage(bytes.asSlice(offset, size));
  }

  /// A copy.
  public byte[] toArray() {
    return bytes.toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Storage that
        && size() == that.size()
        && bytes.mismatch(that.bytes) == -1;
  }

  /// From the size and at most 64 bytes, so that hashing does not read a whole model.
  @Override
  public int hashCode() {
    int hash = Long.hashCode(size());
    long step = Math.max(1, size() / 64);
    for (long i = 0; i < size(); i += step) {
      hash = 31 * hash + bytes.get(ValueLayout.JAVA_BYTE, i);
    }
    return hash;
  }

  @Override
  public String toString() {
    return size() + " bytes";
  }
}
