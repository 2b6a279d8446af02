package dev.inward.graph;

/// The type of one element.
public enum DataType {
  FLOAT32(32, Kind.FLOAT),
  FLOAT16(16, Kind.FLOAT),
  BFLOAT16(16, Kind.FLOAT),
  FLOAT64(64, Kind.FLOAT),
  INT4(4, Kind.SIGNED),
  INT8(8, Kind.SIGNED),
  INT16(16, Kind.SIGNED),
  INT32(32, Kind.SIGNED),
  INT64(64, Kind.SIGNED),
  UINT4(4, Kind.UNSIGNED),
  UINT8(8, Kind.UNSIGNED),
  UINT16(16, Kind.UNSIGNED),
  UINT32(32, Kind.UNSIGNED),
  UINT64(64, Kind.UNSIGNED),
  BOOL(8, Kind.BOOLEAN),
  STRING(0, Kind.TEXT);

  private enum Kind {
    FLOAT,
    SIGNED,
    UNSIGNED,
    BOOLEAN,
    TEXT
  }

  private final int bits;
  private final Kind kind;

  DataType(int bits, Kind kind) {
    this.bits = bits;
    this.kind = kind;
  }

  /// Bits of one stored element; 0 for strings.
  public int bits() {
    return bits;
  }

  public boolean isFloat() {
    return kind == Kind.FLOAT;
  }

  /// Whether it is a signed or unsigned whole number; booleans are not.
  public boolean isInteger() {
    return kind == Kind.SIGNED || kind == Kind.UNSIGNED;
  }

  public boolean isSigned() {
    return kind == Kind.SIGNED || kind == Kind.FLOAT;
  }

  /// Bytes of `count` elements, those of less than a byte packed.
  ///
  /// @throws ArithmeticException where the number does not fit a `long`
  public long bytes(long count) {
    return Math.ceilDiv(Math.multiplyExact(count, bits), 8);
  }

  /// Lower-case name as in the text form: `float32`, `int8`.
  public String text() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
