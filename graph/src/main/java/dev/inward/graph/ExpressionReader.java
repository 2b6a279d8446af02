package dev.inward.graph;

import java.util.Optional;

/// Reads the text of an [Expression]: sums (`+`, and `-` between spaces), products (`*`), numbers,
/// names, symbols with arguments, parentheses. Files name extents that way too: `past + seq`. A
/// text that is none of it is one symbol.
final class ExpressionReader {
  private static final int DEEPEST = 16;
  private static final int DEEPEST_CALL = 8;
  private static final int LONGEST = 1000;

  /// `floor(dividend/divisor)`.
  record Floor(Expression dividend, long divisor) {}

  private final String text;
  private int at;
  private int depth;
  private boolean failed;

  private ExpressionReader(String text) {
    this.text = text;
  }

  static Expression read(String text) {
    if (isName(text)) {
      return Expression.symbol(text);
    }
    return parse(text).orElseGet(() -> Expression.symbol(text));
  }

  /// The parts of a symbol `floor(../n)`, empty for any other.
  static Optional<Floor> floor(String symbol) {
    int slash = symbol.lastIndexOf('/');
    if (!symbol.startsWith("floor(") || !symbol.endsWith(")") || slash < 0) {
      return Optional.empty();
    }
    String divisor = symbol.substring(slash + 1, symbol.length() - 1);
    if (divisor.length() > 18 || !divisor.chars().allMatch(Character::isDigit)) {
      return Optional.empty();
    }
    long by = divisor.isEmpty() ? 0 : Long.parseLong(divisor);
    return by < 1
        ? Optional.empty()
        : parse(symbol.substring("floor(".length(), slash)).map(e -> new Floor(e, by));
  }

  /// The parts of a symbol `min(.., ..)` or `max(.., ..)`, empty for any other.
  static Optional<Expression.Extreme> extreme(String symbol) {
    boolean least = symbol.startsWith("min(");
    if (!least && !symbol.startsWith("max(") || !symbol.endsWith(")")) {
      return Optional.empty();
    }
    int open = 0;
    for (int i = 4; i < symbol.length() - 1; i++) {
      char c = symbol.charAt(i);
      open += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (open == 0 && c == ',') {
        var a = parse(symbol.substring(4, i));
        var b = parse(symbol.substring(i + 1, symbol.length() - 1).strip());
        return a.flatMap(x -> b.map(y -> new Expression.Extreme(least, x, y)));
      }
    }
    return Optional.empty();
  }

  /// A symbol as it stands within a larger text.
  static String quoted(String symbol) {
    boolean plain = isName(symbol) || symbol.endsWith(")") && isCall(symbol);
    return plain ? symbol : "'" + symbol.replace("'", "''") + "'";
  }

  private static Optional<Expression> parse(String text) {
    if (text.length() > LONGEST) {
      return Optional.empty();
    }
    try {
      var reader = new ExpressionReader(text);
      var sum = reader.sum();
      return reader.failed || reader.at < text.length() ? Optional.empty() : Optional.of(sum);
    } catch (ArithmeticException e) {
      return Optional.empty();
    }
  }

  private Expression sum() {
    boolean negative = skip("-");
    var sum = product();
    if (negative) {
      sum = sum.times(-1);
    }
    while (!failed) {
      if (skip(" + ") || skip("+")) {
        sum = sum.plus(product());
      } else if (skip(" - ")) {
        sum = sum.minus(product());
      } else {
        break;
      }
    }
    return sum;
  }

  private Expression product() {
    var product = factor();
    while (!failed && (skip(" * ") || skip("*"))) {
      product = product.times(factor());
    }
    return product;
  }

  private Expression factor() {
    if (++depth > DEEPEST) {
      return fail();
    }
    Expression factor;
    if (skip("(")) {
      factor = sum();
      failed |= !skip(")");
    } else if (skip("'")) {
      factor = quotation();
    } else {
      int start = at;
      while (at < text.length() && isNamePart(text.charAt(at))) {
        at++;
      }
      String name = text.substring(start, at);
      if (name.isEmpty()) {
        return fail();
      }
      if (at < text.length() && text.charAt(at) == '(') {
        factor = call(start);
      } else if (name.chars().allMatch(c -> c >= '0' && c <= '9')) {
        factor = name.length() > 18 ? fail() : Expression.of(Long.parseLong(name));
      } else {
        factor = Expression.symbol(name);
      }
    }
    depth--;
    return factor;
  }

  /// A symbol with arguments, up to its closing parenthesis; `floor` is brought to canonical form.
  private Expression call(int start) {
    int open = 0;
    boolean inQuotes = false;
    do {
      char c = text.charAt(at++);
      inQuotes ^= c == '\'';
      open += inQuotes ? 0 : c == '(' ? 1 : c == ')' ? -1 : 0;
    } while ((open > 0 || text.charAt(at - 1) != ')')
        && open <= DEEPEST_CALL
        && at < text.length());
    if (open != 0) {
      return fail();
    }
    String symbol = text.substring(start, at);
    return floor(symbol)
        .map(f -> f.dividend().floorDividedBy(f.divisor()))
        .orElseGet(() -> Expression.symbol(symbol));
  }

  private Expression quotation() {
    var name = new StringBuilder();
    while (at < text.length()) {
      if (skip("''")) {
        name.append('\'');
      } else if (skip("'")) {
        return Expression.symbol(name.toString());
      } else {
        name.append(text.charAt(at++));
      }
    }
    return fail();
  }

  private Expression fail() {
    failed = true;
    return Expression.ZERO;
  }

  private boolean skip(String token) {
    boolean here = text.startsWith(token, at);
    at += here ? token.length() : 0;
    return here;
  }

  private static boolean isName(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (!isNamePart(text.charAt(i))) {
        return false;
      }
    }
    return !text.isEmpty()
        && text.charAt(0) != '-'
        && text.chars().anyMatch(c -> c < '0' || c > '9');
  }

  private static boolean isCall(String text) {
    var reader = new ExpressionReader(text);
    while (reader.at < text.length() && isNamePart(text.charAt(reader.at))) {
      reader.at++;
    }
    if (reader.at == 0 || reader.at == text.length() || text.charAt(reader.at) != '(') {
      return false;
    }
    reader.call(0);
    return !reader.failed && reader.at == text.length();
  }

  /// A leading `-` is a sign; elsewhere without spaces it is part of a name: `batch-size`.
  private static boolean isNamePart(char c) {
    return switch (c) {
      case ' ', '(', ')', '*', '/', '+', ',', '\'' -> false;
      default -> true;
    };
  }
}
