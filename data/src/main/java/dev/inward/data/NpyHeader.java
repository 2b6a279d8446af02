package dev.inward.data;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// What the header of a `.npy` file states: `{'descr': '<f4', 'fortran_order': False, 'shape': (2,
/// 3), }`, a literal of Python.
record NpyHeader(Type type, ByteOrder order, boolean fortran, List<Integer> shape) {
  enum Type {
    B1(1, false),
    I1(1, false),
    I2(2, false),
    I4(4, false),
    I8(8, false),
    U1(1, false),
    U2(2, false),
    U4(4, false),
    U8(8, false),
    F2(2, true),
    F4(4, true),
    F8(8, true);

    final int bytes;
    final boolean real;
    final String code = name().toLowerCase(Locale.ROOT);

    Type(int bytes, boolean real) {
      this.bytes = bytes;
      this.real = real;
    }
  }

  NpyHeader {
    shape = List.copyOf(shape);
  }

  long elements() {
    long elements = 1;
    for (int extent : shape) {
      elements *= extent;
    }
    return elements;
  }

  long bytes() {
    return elements() * type.bytes;
  }

  ValueLayout.OfShort shorts() {
    return ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order);
  }

  ValueLayout.OfInt ints() {
    return ValueLayout.JAVA_INT_UNALIGNED.withOrder(order);
  }

  ValueLayout.OfLong longs() {
    return ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order);
  }

  static NpyHeader parse(String text, String where) {
    return new Literal(text, where).header();
  }

  /// Reads the literal from left to right.
  private static final class Literal {
    private final String text;
    private final String where;
    private int at;

    private Literal(String text, String where) {
      this.text = text;
      this.where = where;
    }

    private NpyHeader header() {
      String descr = "";
      String fortran = "";
      List<Integer> shape = null;
      expect('{');
      while (!taken('}')) {
        String key = quoted();
        expect(':');
        switch (key) {
          case "descr" -> descr = descr();
          case "fortran_order" -> fortran = word();
          case "shape" -> shape = shape();
          default -> throw fault("a header has no key '%s'".formatted(key));
        }
        if (!taken(',')) {
          expect('}');
          break;
        }
      }
      if (descr.length() < 3 || shape == null) {
        throw fault("a header has descr, fortran_order and shape");
      }
      boolean fortranOrder =
          switch (fortran) {
            case "True" -> true;
            case "False" -> false;
            default -> throw fault("fortran_order is to be True or False");
          };
      ByteOrder order = descr.charAt(0) == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
      return sized(new NpyHeader(type(descr), order, fortranOrder, shape));
    }

    private NpyHeader sized(NpyHeader header) {
      try {
        long bytes = header.type().bytes;
        for (int extent : header.shape()) {
          bytes = Math.multiplyExact(bytes, (long) Math.max(1, extent));
        }
        return header;
      } catch (ArithmeticException _) {
        throw fault("the shape %s is larger than any file".formatted(header.shape()));
      }
    }

    private Type type(String descr) {
      if ("<>|=".indexOf(descr.charAt(0)) >= 0) {
        for (Type type : Type.values()) {
          if (type.code.equals(descr.substring(1))) {
            return type;
          }
        }
      }
      throw UnsupportedException.at(
          where, "elements of type %s are not read; b1, i1 to i8, u1 to u8, f2 to f8 are", descr);
    }

    private String descr() {
      if (taken('[')) {
        throw UnsupportedException.at(where, "records of several fields are not read");
      }
      return quoted();
    }

    private List<Integer> shape() {
      var extents = new ArrayList<Integer>();
      expect('(');
      while (!taken(')')) {
        String digits = word();
        if (!digits.matches("\\d{1,10}") || Long.parseLong(digits) > Integer.MAX_VALUE) {
          throw fault("an extent is to be a whole number below 2^31, got '%s'".formatted(digits));
        }
        extents.add(Integer.parseInt(digits));
        if (!taken(',')) {
          expect(')');
          break;
        }
      }
      if (extents.size() > 32) {
        throw fault("an array has at most 32 axes, got " + extents.size());
      }
      return extents;
    }

    private String word() {
      blanks();
      int from = at;
      while (at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
        at++;
      }
      return text.substring(from, at);
    }

    private String quoted() {
      blanks();
      char quote = at < text.length() ? text.charAt(at) : ' ';
      int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
      if (end < 0) {
        throw fault("expected a text in quotes at character " + at);
      }
      String inner = text.substring(at + 1, end);
      at = end + 1;
      return inner;
    }

    private void expect(char expected) {
      if (!taken(expected)) {
        throw fault("expected '%s' at character %d".formatted(expected, at));
      }
    }

    private boolean taken(char expected) {
      blanks();
      if (at < text.length() && text.charAt(at) == expected) {
        at++;
        return true;
      }
      return false;
    }

    private void blanks() {
      while (at < text.length() && text.charAt(at) <= ' ') {
        at++;
      }
    }

    private InputException fault(String what) {
      return InputException.at(where, "damaged .npy header: %s", what);
    }
  }
}
