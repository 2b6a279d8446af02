package dev.inward.onnx;

import dev.inward.graph.DataType;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/// The element types by their numbers in `TensorProto.DataType`.
final class OnnxTypes {
  private static final Map<DataType, Integer> CODES = new EnumMap<>(DataType.class);
  private static final Map<Integer, DataType> TYPES = new HashMap<>();

  /// Types that a file may name and a graph cannot hold.
  private static final Map<Integer, String> FOREIGN =
      Map.of(
          14, "complex64",
          15, "complex128",
          17, "float8e4m3fn",
          18, "float8e4m3fnuz",
          19, "float8e5m2",
          20, "float8e5m2fnuz",
          23, "float4e2m1",
          24, "float8e8m0",
          25, "uint2",
          26, "int2");

  static {
    add(1, DataType.FLOAT32);
    add(2, DataType.UINT8);
    add(3, DataType.INT8);
    add(4, DataType.UINT16);
    add(5, DataType.INT16);
    add(6, DataType.INT32);
    add(7, DataType.INT64);
    add(8, DataType.STRING);
    add(9, DataType.BOOL);
    add(10, DataType.FLOAT16);
    add(11, DataType.FLOAT64);
    add(12, DataType.UINT32);
    add(13, DataType.UINT64);
    add(16, DataType.BFLOAT16);
    add(21, DataType.UINT4);
    add(22, DataType.INT4);
  }

  private OnnxTypes() {}

  private static void add(int code, DataType type) {
    CODES.put(type, code);
    TYPES.put(code, type);
  }

  /// Empty for types that a graph cannot hold.
  static Optional<DataType> of(long code) {
    return Optional.ofNullable(TYPES.get((int) code)).filter(_ -> code == (int) code);
  }

  static int code(DataType type) {
    return Objects.requireNonNull(CODES.get(type));
  }

  /// Whether the format knows the number at all.
  static boolean isKnown(long code) {
    return of(code).isPresent() || FOREIGN.containsKey((int) code);
  }

  /// A name for messages.
  static String name(long code) {
    return of(code)
        .map(DataType::text)
        .orElseGet(() -> FOREIGN.getOrDefault((int) code, "type " + code));
  }
}
