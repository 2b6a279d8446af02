package dev.inward.protobuf;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/// Collects the fields of one message in the order of the calls. Sizes are known at every moment;
/// long byte fields are kept by reference, or are made only while they are written, so that a model
/// is written without a second copy of its weights.
public final class WireWriter {
  /// Fields up to this size are copied at once instead of being kept by reference.
  private static final int SMALL = 256;

  /// Bytes handed to a channel at a time, so that those of a mapped file go out in pieces.
  private static final long STEP = 1 << 24;

  /// A run of bytes, at hand or to be made when they are needed.
  private record Part(long size, Supplier<MemorySegment> bytes) {}

  private final List<Part> parts = new ArrayList<>();
  private byte[] small = new byte[64];
  private int count;
  private long size;

  /// A whole number; negative ones take ten bytes.
  public WireWriter varint(int field, long value) {
    tag(field, 0);
    putVarint(value);
    return this;
  }

  public WireWriter float32(int field, float value) {
    tag(field, 5);
    putFixed(Float.floatToRawIntBits(value), 4);
    return this;
  }

  public WireWriter float64(int field, double value) {
    tag(field, 1);
    putFixed(Double.doubleToRawLongBits(value), 8);
    return this;
  }

  public WireWriter string(int field, String text) {
    return bytes(field, MemorySegment.ofArray(text.getBytes(StandardCharsets.UTF_8)));
  }

  /// Bytes, kept by reference where they are long: they must not change until all is written.
  public WireWriter bytes(int field, MemorySegment bytes) {
    tag(field, 2);
    putVarint(bytes.byteSize());
    return raw(bytes);
  }

  /// Bytes that are made when they are written, and again at each writing.
  ///
  /// @throws IllegalStateException while writing, where other than `length` bytes are made
  public WireWriter bytes(int field, long length, Supplier<MemorySegment> made) {
    tag(field, 2);
    putVarint(length);
    flush();
    parts.add(new Part(length, made));
    size += length;
    return this;
  }

  public WireWriter message(int field, WireWriter message) {
    tag(field, 2);
    putVarint(message.size);
    return raw(message);
  }

  /// The fields of another message, as fields of this one.
  public WireWriter raw(WireWriter fields) {
    for (Part part : fields.parts) {
      add(part);
    }
    putAll(fields.small, fields.count);
    return this;
  }

  /// The elements of a repeated field, packed; nothing where there are none.
  public WireWriter packed(int field, long... values) {
    return values.length == 0 ? this : bytes(field, varints(values));
  }

  /// The elements of a repeated field, packed; nothing where there are none.
  public WireWriter packed(int field, float... values) {
    if (values.length == 0) {
      return this;
    }
    var body = new WireWriter();
    for (float value : values) {
      body.putFixed(Float.floatToRawIntBits(value), 4);
    }
    return bytes(field, MemorySegment.ofArray(body.toArray()));
  }

  /// Whole fields as [WireReader#field] gave them.
  public WireWriter raw(MemorySegment fields) {
    if (fields.byteSize() <= SMALL) {
      byte[] copy = fields.toArray(ValueLayout.JAVA_BYTE);
      putAll(copy, copy.length);
    } else {
      flush();
      parts.add(new Part(fields.byteSize(), () -> fields));
      size += fields.byteSize();
    }
    return this;
  }

  /// The bytes of the message so far.
  public long size() {
    return size;
  }

  /// Writes the message, not its size.
  public void writeTo(WritableByteChannel channel) throws IOException {
    flush();
    for (Part part : parts) {
      MemorySegment bytes = made(part);
      for (long at = 0; at < part.size; at += STEP) {
        var buffer = bytes.asSlice(at, Math.min(STEP, part.size - at)).asByteBuffer();
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
      }
    }
  }

  /// The message in memory of the arena, of any size.
  public MemorySegment toSegment(Arena arena) {
    return fill(arena.allocate(size));
  }

  /// The message in an array.
  ///
  /// @throws ArithmeticException where it has more than 2^31 - 1 bytes
  public byte[] toArray() {
    byte[] out = new byte[Math.toIntExact(size)];
    fill(MemorySegment.ofArray(out));
    return out;
  }

  private MemorySegment fill(MemorySegment out) {
    flush();
    long at = 0;
    for (Part part : parts) {
      MemorySegment.copy(made(part), 0, out, at, part.size);
      at += part.size;
    }
    return out;
  }

  private static MemorySegment made(Part part) {
    MemorySegment bytes = part.bytes.get();
    if (bytes.byteSize() != part.size) {
      throw new IllegalStateException(
          "%d bytes were announced, %d made".formatted(part.size, bytes.byteSize()));
    }
    return bytes;
  }

  private void add(Part part) {
    flush();
    parts.add(part);
    size += part.size;
  }

  private static MemorySegment varints(long... values) {
    var body = new WireWriter();
    for (long value : values) {
      body.putVarint(value);
    }
    return MemorySegment.ofArray(body.toArray());
  }

  private void tag(int field, int wireType) {
    putVarint((long) field << 3 | wireType);
  }

  private void putVarint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    put((byte) rest);
  }

  private void putFixed(long bits, int width) {
    for (int i = 0; i < width; i++) {
      put((byte) (bits >>> 8 * i));
    }
  }

  private void put(byte value) {
    if (count == small.length) {
      small = Arrays.copyOf(small, Math.multiplyExact(count, 2));
    }
    small[count++] = value;
    size++;
  }

  private void putAll(byte[] values, int length) {
    if (length > small.length - count) {
      small = Arrays.copyOf(small, Math.max(Math.addExact(count, length), small.length * 2));
    }
    System.arraycopy(values, 0, small, count, length);
    count += length;
    size += length;
  }

  private void flush() {
    if (count > 0) {
      var chunk = MemorySegment.ofArray(Arrays.copyOf(small, count)).asReadOnly();
      parts.add(new Part(count, () -> chunk));
      small = new byte[64];
      count = 0;
    }
  }
}
