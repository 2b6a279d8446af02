package dev.inward.coreml;

import dev.inward.graph.DataType;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The type of one element in a Core ML program, with its codes in the model file and in the weight
/// file.
enum MilType {
  BOOL("bool", 1, 0, 8, DataType.BOOL),
  STRING("string", 2, 0, 0, DataType.STRING),
  FLOAT16("fp16", 10, 1, 16, DataType.FLOAT16),
  FLOAT32("fp32", 11, 2, 32, DataType.FLOAT32),
  INT4("int4", 25, 8, 4, DataType.INT4),
  INT8("int8", 21, 4, 8, DataType.INT8),
  INT16("int16", 22, 6, 16, DataType.INT16),
  INT32("int32", 23, 14, 32, DataType.INT32),
  INT64("int64", 24, 0, 64, DataType.INT64),
  UINT1("uint1", 37, 9, 1, null),
  UINT2("uint2", 36, 10, 2, null),
  UINT3("uint3", 39, 12, 3, null),
  UINT4("uint4", 35, 11, 4, DataType.UINT4),
  UINT6("uint6", 38, 13, 6, null),
  UINT8("uint8", 31, 3, 8, DataType.UINT8),
  UINT16("uint16", 32, 7, 16, DataType.UINT16),
  UINT32("uint32", 33, 15, 32, DataType.UINT32),
  UINT64("uint64", 34, 0, 64, DataType.UINT64);

  private final String text;
  private final int code;
  private final int blobCode;
  private final int bits;
  private final @Nullable DataType graphType;

  MilType(String text, int code, int blobCode, int bits, @Nullable DataType graphType) {
    this.text = text;
    this.code = code;
    this.blobCode = blobCode;
    this.bits = bits;
    this.graphType = graphType;
  }

  /// The name that `cast` and messages use: `fp16`.
  String text() {
    return text;
  }

  /// The number in the model file.
  int code() {
    return code;
  }

  /// The number in the weight file; 0 for types that it cannot hold.
  int blobCode() {
    return blobCode;
  }

  int bits() {
    return bits;
  }

  boolean isFloat() {
    return this == FLOAT16 || this == FLOAT32;
  }

  /// Bytes of `count` elements, packed.
  ///
  /// @throws ArithmeticException where the number does not fit a `long`
  long bytes(long count) {
    return Math.ceilDiv(Math.multiplyExact(count, bits), 8);
  }

  /// The type of a graph's elements, empty for codes that only an encoding uses.
  Optional<DataType> graphType() {
    return Optional.ofNullable(graphType);
  }

  static Optional<MilType> ofCode(long code) {
    return Arrays.stream(values()).filter(t -> t.code == code).findFirst();
  }

  static Optional<MilType> ofText(String text) {
    return Arrays.stream(values()).filter(t -> t.text.equals(text)).findFirst();
  }

  /// The unsigned code of the given width: 1, 2, 3, 4, 6 or 8 bits.
  static MilType unsigned(int bits) {
    return switch (bits) {
      case 1 -> UINT1;
      case 2 -> UINT2;
      case 3 -> UINT3;
      case 4 -> UINT4;
      case 6 -> UINT6;
      case 8 -> UINT8;
      default -> throw new IllegalArgumentException("no code of " + bits + " bits");
    };
  }
}
