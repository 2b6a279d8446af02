package dev.inward.graph;

import java.util.Map;

/// Texts of expressions with numbers for the symbols, read on their own.
final class ExpressionValue {
  private final String text;
  private final Map<String, Long> numbers;
  private int at;

  private ExpressionValue(String text, Map<String, Long> numbers) {
    this.text = text;
    this.numbers = numbers;
  }

  static long of(String text, Map<String, Long> numbers) {
    var value = new ExpressionValue(text, numbers);
    long sum = value.sum();
    if (value.at < text.length()) {
      throw new IllegalArgumentException(text + " does not end at " + value.at);
    }
    return sum;
  }

  private long sum() {
    long sum = text.startsWith("-", at) ? 0 : quotient();
    while (at < text.length()) {
      if (text.startsWith(" + ", at)) {
        at += 3;
        sum += quotient();
      } else if (text.startsWith(" - ", at)) {
        at += 3;
        sum -= quotient();
      } else if (text.startsWith("-", at)) {
        at++;
        sum -= quotient();
      } else {
        break;
      }
    }
    return sum;
  }

  private long quotient() {
    long value = factor();
    while (at < text.length() && "*/".indexOf(text.charAt(at)) >= 0) {
      value = text.charAt(at++) == '*' ? value * factor() : Math.floorDiv(value, factor());
    }
    return value;
  }

  private long factor() {
    if (text.startsWith("floor(", at) || text.startsWith("(", at)) {
      at = text.indexOf('(', at) + 1;
      long value = sum();
      at++;
      return value;
    }
    if (text.startsWith("min(", at) || text.startsWith("max(", at)) {
      boolean least = text.charAt(at + 1) == 'i';
      at += 4;
      long first = sum();
      at += 2;
      long second = sum();
      at++;
      return least ? Math.min(first, second) : Math.max(first, second);
    }
    int start = at;
    while (at < text.length() && Character.isLetterOrDigit(text.charAt(at))) {
      at++;
    }
    String word = text.substring(start, at);
    return numbers.containsKey(word) ? numbers.get(word) : Long.parseLong(word);
  }
}
