package dev.inward.graph;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// A whole number in terms of symbols: a sum of products with whole coefficients, `2*seq + 1`, in
/// canonical form, so that equal sums of products are equal values with equal texts. What is no sum
/// of products is a symbol with arguments: `floor(seq/2)`, `min(512, seq)`, `max(a, b)`,
/// `broadcast(a, b)`.
///
/// A symbol stands for a number of at least 1; what an empty axis makes of a model is known once
/// the shapes are bound to numbers.
///
/// Every operation throws [ArithmeticException] where a coefficient does not fit a `long` or the
/// expression outgrows every use.
public final class Expression {
  private static final int MOST_TERMS = 64;
  private static final int MOST_FACTORS = 16;
  private static final int LONGEST_ATOM = 1000;

  /// By falling degree, then by name: an order in which division works, the constant last.
  private static final Comparator<List<String>> ORDER =
      Comparator.<List<String>>comparingInt(m -> -m.size()).thenComparing(Expression::compareNames);

  public static final Expression ZERO = of(0);
  public static final Expression ONE = of(1);

  /// Products of symbols (sorted, repeated for powers; none for the constant) with their
  /// coefficients, none of which is 0.
  private final TreeMap<List<String>, Long> terms;

  private Expression(TreeMap<List<String>, Long> terms) {
    if (terms.size() > MOST_TERMS) {
      throw new ArithmeticException("an expression of more than " + MOST_TERMS + " terms");
    }
    this.terms = terms;
  }

  public static Expression of(long number) {
    var terms = new TreeMap<List<String>, Long>(ORDER);
    if (number != 0) {
      terms.put(List.of(), number);
    }
    return new Expression(terms);
  }

  /// The extent of an axis; the name of a symbol is read as an expression where it is one.
  public static Expression of(Dim dim) {
    return switch (dim) {
      case Dim.Known(var size) -> of(size);
      case Dim.Symbol(var name) -> ExpressionReader.read(name);
    };
  }

  static Expression symbol(String name) {
    if (name.length() > LONGEST_ATOM) {
      throw new ArithmeticException("a symbol of " + name.length() + " characters");
    }
    var terms = new TreeMap<List<String>, Long>(ORDER);
    terms.put(List.of(name), 1L);
    return new Expression(terms);
  }

  public Expression plus(Expression other) {
    var sum = new TreeMap<>(terms);
    other.terms.forEach((factors, times) -> add(sum, factors, times));
    return new Expression(sum);
  }

  public Expression plus(long number) {
    return number == 0 ? this : plus(of(number));
  }

  public Expression minus(Expression other) {
    return plus(other.times(-1));
  }

  public Expression times(long number) {
    var product = new TreeMap<List<String>, Long>(ORDER);
    if (number != 0) {
      terms.forEach((factors, times) -> product.put(factors, Math.multiplyExact(times, number)));
    }
    return new Expression(product);
  }

  public Expression times(Expression other) {
    var product = new TreeMap<List<String>, Long>(ORDER);
    terms.forEach((mine, m) ->
        other.terms.forEach(
            (its, n) -> add(product, product(mine, its), Math.multiplyExact(m, n))));
    return new Expression(product);
  }

  /// The quotient where the division leaves nothing, whatever the symbols stand for.
  public Optional<Expression> dividedBy(Expression divisor) {
    if (divisor.terms.isEmpty()) {
      return Optional.empty();
    }
    var leading = divisor.terms.firstEntry();
    var quotient = ZERO;
    var rest = this;
    for (int step = 0; !rest.terms.isEmpty(); step++) {
      var first = rest.terms.firstEntry();
      var factors = without(first.getKey(), leading.getKey());
      if (step == MOST_TERMS || factors.isEmpty() || first.getValue() % leading.getValue() != 0) {
        return Optional.empty();
      }
      var terms = new TreeMap<List<String>, Long>(ORDER);
      terms.put(factors.get(), first.getValue() / leading.getValue());
      var part = new Expression(terms);
      quotient = quotient.plus(part);
      rest = rest.minus(part.times(divisor));
    }
    return Optional.of(quotient);
  }

  /// The quotient rounded down.
  ///
  /// @param divisor at least 1
  public Expression floorDividedBy(long divisor) {
    if (divisor < 1) {
      throw new IllegalArgumentException("a divisor is at least 1, got " + divisor);
    }
    var whole = new TreeMap<List<String>, Long>(ORDER);
    var rest = new TreeMap<List<String>, Long>(ORDER);
    terms.forEach((factors, times) -> {
      add(whole, factors, Math.floorDiv(times, divisor));
      add(rest, factors, Math.floorMod(times, divisor));
    });
    long constant = rest.getOrDefault(List.of(), 0L);
    rest.remove(List.of());
    if (rest.isEmpty()) {
      return new Expression(whole);
    }
    long common = divisor;
    for (long times : rest.values()) {
      common = gcd(common, times);
    }
    final long shared = common;
    rest.replaceAll((_, times) -> times / shared);
    add(rest, List.of(), constant / shared);
    return new Expression(whole).plus(floor(new Expression(rest), divisor / shared));
  }

  /// `floor(floor(a/b) + c)/d)` is `floor((a + b*c)/(b*d))`; anything else stays as it is.
  private static Expression floor(Expression dividend, long divisor) {
    if (divisor == 1) {
      return dividend;
    }
    var first = dividend.terms.firstEntry();
    long constant = dividend.terms.getOrDefault(List.of(), 0L);
    if (first.getKey().size() == 1
        && first.getValue() == 1
        && dividend.terms.size() == (constant == 0 ? 1 : 2)) {
      var inner = ExpressionReader.floor(first.getKey().getFirst());
      if (inner.isPresent()) {
        long by = inner.get().divisor();
        return inner
            .get()
            .dividend()
            .plus(Math.multiplyExact(by, constant))
            .floorDividedBy(Math.multiplyExact(by, divisor));
      }
    }
    String over = dividend.terms.size() == 1 ? dividend.toString() : "(" + dividend + ")";
    return symbol("floor(" + over + "/" + divisor + ")");
  }

  /// The quotient rounded down, with a divisor that may hold symbols: exact where it can be, else a
  /// symbol with arguments.
  public Expression floorDividedBy(Expression divisor) {
    var number = divisor.constant();
    if (number.isPresent() && number.getAsLong() >= 1) {
      return floorDividedBy(number.getAsLong());
    }
    return dividedBy(divisor).orElseGet(() -> symbol("floor((" + this + ")/(" + divisor + "))"));
  }

  public Expression ceilDividedBy(long divisor) {
    return plus(divisor - 1).floorDividedBy(divisor);
  }

  public static Expression min(Expression a, Expression b) {
    if (b.minus(a).isAtLeast(0)) {
      return a;
    }
    return a.minus(b).isAtLeast(0) ? b : call("min", a, b);
  }

  public static Expression max(Expression a, Expression b) {
    if (b.minus(a).isAtLeast(0)) {
      return b;
    }
    return a.minus(b).isAtLeast(0) ? a : call("max", a, b);
  }

  private static Expression call(String function, Expression a, Expression b) {
    boolean swap =
        a.constant().isEmpty()
            && (b.constant().isPresent() || a.toString().compareTo(b.toString()) > 0);
    return symbol(function + "(" + (swap ? b : a) + ", " + (swap ? a : b) + ")");
  }

  /// A product of symbols with its coefficient.
  ///
  /// @param symbols none for the constant, repeated for powers
  public record Term(long times, List<String> symbols) {
    public Term {
      symbols = List.copyOf(symbols);
    }
  }

  /// The products that it is the sum of; none for 0.
  public List<Term> terms() {
    return terms.entrySet().stream().map(e -> new Term(e.getValue(), e.getKey())).toList();
  }

  /// `floor(dividend/divisor)`.
  public record Quotient(Expression dividend, long divisor) {}

  /// What a symbol with arguments is the quotient of, rounded down; empty for any other symbol.
  public static Optional<Quotient> quotient(String symbol) {
    return ExpressionReader.floor(symbol).map(f -> new Quotient(f.dividend(), f.divisor()));
  }

  /// `min(a, b)`, or `max(a, b)`.
  public record Extreme(boolean least, Expression a, Expression b) {}

  /// What a symbol with arguments is the least or largest of; empty for any other symbol.
  public static Optional<Extreme> extreme(String symbol) {
    return ExpressionReader.extreme(symbol);
  }

  /// The number, where it holds no symbol.
  public OptionalLong constant() {
    if (terms.isEmpty()) {
      return OptionalLong.of(0);
    }
    return terms.size() == 1 && terms.firstKey().isEmpty()
        ? OptionalLong.of(terms.firstEntry().getValue())
        : OptionalLong.empty();
  }

  public boolean is(long number) {
    return constant().isPresent() && constant().getAsLong() == number;
  }

  /// Whether it is at least that number, whatever the symbols stand for; false where that cannot be
  /// told.
  public boolean isAtLeast(long number) {
    var least = least();
    return least.isPresent() && least.getAsLong() >= number;
  }

  private OptionalLong least() {
    long sum = 0;
    for (Map.Entry<List<String>, Long> term : terms.entrySet()) {
      long product = term.getValue();
      if (product < 0 && !term.getKey().isEmpty()) {
        return OptionalLong.empty();
      }
      for (String factor : term.getKey()) {
        product = Math.multiplyExact(product, least(factor));
      }
      sum = Math.addExact(sum, product);
    }
    return OptionalLong.of(sum);
  }

  /// What a symbol is at least; extents are never negative.
  private static long least(String symbol) {
    if (symbol.startsWith("floor(")) {
      return ExpressionReader.floor(symbol)
          .map(f -> Math.floorDiv(f.dividend().least().orElse(0), f.divisor()))
          .map(n -> Math.max(0, n))
          .orElse(0L);
    }
    return symbol.startsWith("max(") || symbol.startsWith("min(") ? 0 : 1;
  }

  /// This number as the extent of an axis.
  ///
  /// @throws IllegalArgumentException where it is a negative number
  public Dim dim() {
    var number = constant();
    return number.isPresent() ? Dim.of(number.getAsLong()) : Dim.of(toString());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Expression that && terms.equals(that.terms);
  }

  @Override
  public int hashCode() {
    return terms.hashCode();
  }

  /// `2*batch*seq + seq - 1`.
  @Override
  public String toString() {
    if (terms.isEmpty()) {
      return "0";
    }
    if (terms.size() == 1 && terms.firstEntry().getValue() == 1 && terms.firstKey().size() == 1) {
      return terms.firstKey().getFirst();
    }
    var out = new StringBuilder();
    terms.forEach((factors, times) -> {
      if (out.isEmpty()) {
        out.append(times < 0 ? "-" : "");
      } else {
        out.append(times < 0 ? " - " : " + ");
      }
      String number = Long.toString(times).replace("-", "");
      if (factors.isEmpty() || !number.equals("1")) {
        out.append(number).append(factors.isEmpty() ? "" : "*");
      }
      out.append(String.join("*", factors.stream().map(ExpressionReader::quoted).toList()));
    });
    return out.toString();
  }

  private static void add(TreeMap<List<String>, Long> terms, List<String> factors, long times) {
    long sum = Math.addExact(terms.getOrDefault(factors, 0L), times);
    if (sum == 0) {
      terms.remove(factors);
    } else {
      terms.put(factors, sum);
    }
  }

  private static List<String> product(List<String> a, List<String> b) {
    if (a.size() + b.size() > MOST_FACTORS) {
      throw new ArithmeticException("a product of more than " + MOST_FACTORS + " symbols");
    }
    var all = new ArrayList<>(a);
    all.addAll(b);
    all.sort(null);
    return List.copyOf(all);
  }

  private static Optional<List<String>> without(List<String> factors, List<String> divisor) {
    var rest = new ArrayList<>(factors);
    for (String factor : divisor) {
      if (!rest.remove(factor)) {
        return Optional.empty();
      }
    }
    return Optional.of(List.copyOf(rest));
  }

  private static int compareNames(List<String> a, List<String> b) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      int order = a.get(i).compareTo(b.get(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private static long gcd(long a, long b) {
    return b == 0 ? a : gcd(b, a % b);
  }
}
