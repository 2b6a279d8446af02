package dev.inward.graph.evaluation;

import dev.inward.graph.DataType;

/// Brings numbers to the precision of a type.
final class Rounding {
  private Rounding() {}

  /// To the nearest float of the type, ties to even, rounded once.
  static double to(DataType type, double value) {
    return switch (type) {
      case FLOAT64 -> value;
      case FLOAT32 -> (float) value;
      case FLOAT16 -> Float.float16ToFloat(Float.floatToFloat16(toOdd(value)));
      case BFLOAT16 -> {
        int bits = Float.floatToIntBits(toOdd(value));
        yield Double.isNaN(value)
            ? Double.NaN
            : Float.intBitsToFloat(bits + 0x7fff + (bits >>> 16 & 1) & 0xffff0000);
      }
      default -> throw new IllegalStateException("not a float: " + type.text());
    };
  }

  /// A float that keeps, in an odd last bit, that something was cut off: rounding it again to fewer
  /// bits gives what rounding once would. Source: Boldo and Melquiond, IEEE Transactions on
  /// Computers 57(4), 2008.
  private static float toOdd(double value) {
    float near = (float) value;
    int bits = Float.floatToRawIntBits(near);
    if (near == value || Double.isNaN(value) || (bits & 1) == 1) {
      return near;
    }
    return Float.intBitsToFloat(Math.abs(value) > Math.abs(near) ? bits + 1 : bits - 1);
  }

  /// The low bits of a whole number, read as the type does.
  static long wrap(DataType type, long value) {
    return switch (type) {
      case INT64, UINT64 -> value;
      case INT32 -> (int) value;
      case UINT32 -> value & 0xffffffffL;
      case INT16 -> (short) value;
      case UINT16 -> value & 0xffff;
      case INT8 -> (byte) value;
      case UINT8 -> value & 0xff;
      case INT4 -> ((value & 15) ^ 8) - 8;
      case UINT4 -> value & 15;
      case BOOL -> value & 1;
      default -> throw new IllegalStateException("not a whole number: " + type.text());
    };
  }

  /// The smallest and largest code of a type.
  static long least(DataType type) {
    return type.isSigned() ? -1L << (type.bits() - 1) : 0;
  }

  static long most(DataType type) {
    return (1L << (type.isSigned() ? type.bits() - 1 : type.bits())) - 1;
  }

  /// A whole real brought into the range of a type of at most 32 bits.
  static long saturated(DataType type, double value) {
    return (long) Math.max(least(type), Math.min(most(type), value));
  }
}
