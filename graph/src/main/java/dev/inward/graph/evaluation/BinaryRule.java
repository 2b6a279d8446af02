package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise.Binary.Function;

/// What ops of two operands compute.
final class BinaryRule {
  private BinaryRule() {}

  static Array of(Function function, Array x, Array y) {
    if (function != Function.POW) {
      sameType(x, y);
    }
    int[] dims = function == Function.PRELU ? x.dims() : Places.common(x.dims(), y.dims());
    Array left = Places.broadcast(x, dims);
    Array right = Places.broadcast(y, dims);
    int count = left.size();
    if (function.compares()) {
      long[] out = new long[count];
      for (int i = 0; i < count; i++) {
        out[i] = holds(function, left, right, i) ? 1 : 0;
      }
      return Array.of(DataType.BOOL, dims, out);
    }
    if (x.isFloat() || function == Function.POW && y.isFloat()) {
      double[] out = new double[count];
      for (int i = 0; i < count; i++) {
        out[i] = reals(function, left.real(i), right.real(i));
      }
      return Array.of(x.dtype(), dims, out);
    }
    long[] out = new long[count];
    for (int i = 0; i < count; i++) {
      out[i] = wholes(function, x.dtype(), left.whole(i), right.whole(i));
    }
    return Array.of(x.dtype(), dims, out);
  }

  static void sameType(Array x, Array y) {
    if (x.dtype() != y.dtype()) {
      throw InputException.of(
          "operands differ in type: %s and %s", x.dtype().text(), y.dtype().text());
    }
  }

  static int compare(boolean unsigned, long a, long b) {
    return unsigned ? Long.compareUnsigned(a, b) : Long.compare(a, b);
  }

  private static boolean holds(Function function, Array x, Array y, int i) {
    if (x.isFloat()) {
      double a = x.real(i);
      double b = y.real(i);
      return switch (function) {
        case EQUAL -> a == b;
        case LESS -> a < b;
        case LESS_OR_EQUAL -> a <= b;
        case GREATER -> a > b;
        case GREATER_OR_EQUAL -> a >= b;
        default -> throw new IllegalStateException(function.name());
      };
    }
    int order = compare(x.dtype() == DataType.UINT64, x.whole(i), y.whole(i));
    return switch (function) {
      case EQUAL -> order == 0;
      case LESS -> order < 0;
      case LESS_OR_EQUAL -> order <= 0;
      case GREATER -> order > 0;
      case GREATER_OR_EQUAL -> order >= 0;
      default -> throw new IllegalStateException(function.name());
    };
  }

  private static double reals(Function function, double a, double b) {
    return switch (function) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> a / b;
      case POW -> Math.pow(a, b);
      case MOD -> {
        double rest = a % b;
        yield rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
      }
      case FMOD -> a % b;
      case PRELU -> a < 0 ? a * b : a;
      case AND,
          OR,
          XOR,
          EQUAL,
          LESS,
          LESS_OR_EQUAL,
          GREATER,
          GREATER_OR_EQUAL,
          BITWISE_AND,
          BITWISE_OR,
          BITWISE_XOR,
          SHIFT_LEFT,
          SHIFT_RIGHT ->
          throw InputException.of("expected whole numbers or booleans, got floats");
    };
  }

  private static long wholes(Function function, DataType type, long a, long b) {
    boolean unsigned = type == DataType.UINT64;
    return switch (function) {
      case ADD -> a + b;
      case SUB -> a - b;
      case MUL -> a * b;
      case DIV -> unsigned ? Long.divideUnsigned(a, nonzero(b)) : a / nonzero(b);
      case POW -> power(a, b);
      case MOD -> unsigned ? Long.remainderUnsigned(a, nonzero(b)) : Math.floorMod(a, nonzero(b));
      case FMOD -> unsigned ? Long.remainderUnsigned(a, nonzero(b)) : a % nonzero(b);
      case AND, BITWISE_AND -> a & b;
      case OR, BITWISE_OR -> a | b;
      case XOR, BITWISE_XOR -> a ^ b;
      case SHIFT_LEFT -> b < 0 || b >= type.bits() ? 0 : a << b;
      case SHIFT_RIGHT -> {
        // Without a sign zeros come in from the left, with one its copies; by too much, nothing
        // else.
        boolean far = b < 0 || b >= type.bits();
        yield type.isSigned() ? a >> (far ? 63 : b) : far ? 0 : a >>> b;
      }
      case PRELU -> a < 0 && !unsigned ? a * b : a;
      case EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL ->
          throw new IllegalStateException(function.name());
    };
  }

  private static long nonzero(long divisor) {
    if (divisor == 0) {
      throw InputException.of("a whole number is divided by zero");
    }
    return divisor;
  }

  /// Wraps around; a negative exponent gives the power truncated to a whole number.
  private static long power(long base, long exponent) {
    if (exponent < 0) {
      return (long) Math.pow(base, exponent);
    }
    long out = 1;
    long square = base;
    for (long rest = exponent; rest > 0; rest >>= 1) {
      out = (rest & 1) == 1 ? out * square : out;
      square *= square;
    }
    return out;
  }
}
