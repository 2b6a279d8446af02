package dev.inward.protobuf;

import dev.inward.base.InputException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.LongConsumer;

/// Walks the fields of one message. [#next] moves to a field; the accessors then read that field,
/// as often as wanted. Nothing is copied but strings: a length-delimited field is a slice.
///
/// ```java
/// for (var fields = WireReader.of(bytes); fields.next(); ) {
///   switch (fields.number()) {
///     case 1 -> name = fields.string();
///     case 2 -> fields.longs(dims::add);
///     case 3 -> body = read(fields.message());
///     default -> {}
///   }
/// }
/// ```
///
/// Every length is checked against what is there, and messages nest at most [#DEEPEST] levels.
/// Damage is an [InputException] at `byte N`, counted from the start of the outermost message.
public final class WireReader {
  /// Levels of nesting that are followed, as protobuf's own readers do.
  public static final int DEEPEST = 100;

  /// How a field is written.
  public enum Kind {
    VARINT("a varint"),
    FIXED64("8 bytes"),
    LENGTH("length-delimited"),
    FIXED32("4 bytes");

    private final String words;

    Kind(String words) {
      this.words = words;
    }
  }

  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final MemorySegment bytes;
  private final long first;
  private final long end;
  private final int depth;
  private long at;
  private long start;
  private int number;
  private Kind kind = Kind.VARINT;
  private long value;
  private long body;

  private WireReader(MemorySegment bytes, long at, long end, int depth) {
    this.bytes = bytes;
    this.first = at;
    this.at = at;
    this.end = end;
    this.depth = depth;
  }

  /// The fields of the message that fills the segment.
  public static WireReader of(MemorySegment bytes) {
    return new WireReader(bytes, 0, bytes.byteSize(), 0);
  }

  /// The same message from its start, as a walk of its own.
  public WireReader again() {
    return new WireReader(bytes, first, end, depth);
  }

  /// Moves to the next field; false at the end of the message.
  ///
  /// @throws InputException where the field does not read or does not fit the message
  public boolean next() {
    if (at == end) {
      return false;
    }
    start = at;
    long tag = takeVarint();
    long wide = tag >>> 3;
    if (wide == 0 || wide > 0x1fff_ffffL) {
      throw damaged("is no field: its number is %d", wide);
    }
    number = (int) wide;
    switch ((int) tag & 7) {
      case 0 -> {
        kind = Kind.VARINT;
        body = at;
        value = takeVarint();
      }
      case 1 -> fixed(Kind.FIXED64, 8);
      case 2 -> {
        kind = Kind.LENGTH;
        value = takeVarint();
        body = at;
        if (value < 0 || value > end - at) {
          throw damaged(
              "field %d takes %s bytes, %d are left",
              number, Long.toUnsignedString(value), end - at);
        }
        at += value;
      }
      case 5 -> fixed(Kind.FIXED32, 4);
      default -> throw damaged("field %d has wire type %d, which is not known", number, tag & 7);
    }
    return true;
  }

  private void fixed(Kind width, int size) {
    kind = width;
    body = at;
    if (end - at < size) {
      throw damaged("field %d takes %d bytes, %d are left", number, size, end - at);
    }
    value = size == 8 ? bytes.get(LONG, at) : bytes.get(INT, at);
    at += size;
  }

  /// The number of the field.
  public int number() {
    return number;
  }

  public Kind kind() {
    return kind;
  }

  /// A whole number of any width; one of 32 bits is sign-extended, as the wire has it.
  public long varint() {
    expect(Kind.VARINT);
    return value;
  }

  public boolean bool() {
    return varint() != 0;
  }

  public float float32() {
    expect(Kind.FIXED32);
    return Float.intBitsToFloat((int) value);
  }

  public double float64() {
    expect(Kind.FIXED64);
    return Double.longBitsToDouble(value);
  }

  /// The bytes of a length-delimited field, shared.
  public MemorySegment bytes() {
    expect(Kind.LENGTH);
    return bytes.asSlice(body, value);
  }

  /// The text of a field; bytes that are no UTF-8 become the replacement character.
  public String string() {
    expect(Kind.LENGTH);
    if (value > Integer.MAX_VALUE - 8) {
      throw damaged("field %d is a text of %d bytes", number, value);
    }
    return new String(bytes().toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  /// The fields of a message inside this one.
  public WireReader message() {
    expect(Kind.LENGTH);
    if (depth == DEEPEST) {
      throw damaged("messages are nested more than %d deep", DEEPEST);
    }
    return new WireReader(bytes, body, body + value, depth + 1);
  }

  /// The whole field, tag and length included, shared: what [WireWriter#raw] takes.
  public MemorySegment field() {
    return bytes.asSlice(start, at - start);
  }

  /// Where the field starts, counted from the start of the outermost message.
  public long position() {
    return start;
  }

  /// The elements of a repeated field of varints, packed or one by one.
  public void longs(LongConsumer sink) {
    if (kind == Kind.VARINT) {
      sink.accept(value);
      return;
    }
    expect(Kind.LENGTH);
    var packed = new WireReader(bytes, body, body + value, depth);
    while (packed.at < packed.end) {
      packed.start = packed.at;
      sink.accept(packed.takeVarint());
    }
  }

  /// The number of elements that [#longs] gives, without reading them.
  public long countLongs() {
    if (kind == Kind.VARINT) {
      return 1;
    }
    expect(Kind.LENGTH);
    long count = 0;
    for (long i = body; i < body + value; i++) {
      count += bytes.get(ValueLayout.JAVA_BYTE, i) >= 0 ? 1 : 0;
    }
    return count;
  }

  /// The little-endian bytes of a repeated field of 4- or 8-byte elements, packed or one by one,
  /// shared.
  public MemorySegment fixedElements(int size) {
    if (kind == (size == 8 ? Kind.FIXED64 : Kind.FIXED32)) {
      return bytes.asSlice(body, size);
    }
    expect(Kind.LENGTH);
    if (value % size != 0) {
      throw damaged("field %d has %d bytes of %d-byte elements", number, value, size);
    }
    return bytes.asSlice(body, value);
  }

  private long takeVarint() {
    long result = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at == end) {
        throw damaged("ends inside a number");
      }
      byte next = bytes.get(ValueLayout.JAVA_BYTE, at++);
      result |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return result;
      }
    }
    throw damaged("has a number of more than 10 bytes");
  }

  private void expect(Kind expected) {
    if (kind != expected) {
      throw damaged("field %d is %s, expected %s", number, kind.words, expected.words);
    }
  }

  private InputException damaged(String format, Object... args) {
    return InputException.at("byte " + start, format, args);
  }
}
