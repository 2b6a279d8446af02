package dev.inward.document;

import java.util.ArrayDeque;
import java.util.Deque;

/// Writes markup that is well-formed XML and reads the same as HTML: every element is closed, every
/// character is one that XML allows.
final class Markup {
  private final StringBuilder out = new StringBuilder();
  private final Deque<String> open = new ArrayDeque<>();

  /// Opens an element; `attributes` are names and values in turn.
  Markup open(String name, String... attributes) {
    tag(name, attributes).append('>');
    open.push(name);
    return this;
  }

  /// Closes the element that was opened last.
  Markup close() {
    out.append("</").append(open.pop()).append('>');
    return this;
  }

  /// An element that never has content.
  Markup empty(String name, String... attributes) {
    tag(name, attributes).append(" />");
    return this;
  }

  /// An element that holds only text.
  Markup leaf(String name, String text, String... attributes) {
    return open(name, attributes).text(text).close();
  }

  Markup text(String text) {
    escape(text, out);
    return this;
  }

  /// A line break of the file, where white space means nothing.
  Markup line() {
    out.append('\n');
    return this;
  }

  /// How much is written so far; what is written later can be put here.
  int length() {
    return out.length();
  }

  Markup insert(int at, Markup finished) {
    out.insert(at, finished.toString());
    return this;
  }

  /// Markup that is finished already.
  Markup finished(String markup) {
    out.append(markup);
    return this;
  }

  @Override
  public String toString() {
    if (!open.isEmpty()) {
      throw new IllegalStateException("not closed: " + open);
    }
    return out.toString();
  }

  /// A length in pixels, to a tenth.
  static String number(double value) {
    long tenths = Math.round(value * 10);
    long rest = Math.abs(tenths % 10);
    String sign = tenths < 0 ? "-" : "";
    return sign + Math.abs(tenths / 10) + (rest == 0 ? "" : "." + rest);
  }

  private StringBuilder tag(String name, String... attributes) {
    out.append('<').append(name);
    for (int i = 0; i < attributes.length; i += 2) {
      out.append(' ').append(attributes[i]).append("=\"");
      escape(attributes[i + 1], out);
      out.append('"');
    }
    return out;
  }

  private static void escape(String text, StringBuilder to) {
    int i = 0;
    while (i < text.length()) {
      int point = text.codePointAt(i);
      i += Character.charCount(point);
      switch (point) {
        case '&' -> to.append("&amp;");
        case '<' -> to.append("&lt;");
        case '>' -> to.append("&gt;");
        case '"' -> to.append("&quot;");
        case '\'' -> to.append("&#39;");
        case '\r' -> {
          if (i >= text.length() || text.charAt(i) != '\n') {
            to.append('\n');
          }
        }
        default -> to.appendCodePoint(printable(point) ? point : 0xFFFD);
      }
    }
  }

  /// XML 1.0, section 2.2, without the characters that it discourages, and without those that turn
  /// the direction of what follows them.
  private static boolean printable(int point) {
    if (point == '\t' || point == '\n') {
      return true;
    }
    boolean control = point < 0x20 || (point >= 0x7F && point <= 0x9F);
    boolean surrogate = point >= 0xD800 && point <= 0xDFFF;
    boolean nothing = (point & 0xFFFE) == 0xFFFE || (point >= 0xFDD0 && point <= 0xFDEF);
    boolean turning = (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
    return !(control || surrogate || nothing || turning);
  }
}
