package dev.inward.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/// Shapes that are brought together as in numpy: from the last axis on, extents are equal, or one
/// of them is 1.
final class Broadcast {
  private static final String CALL = "broadcast(";

  private Broadcast() {}

  /// The common shape of operands; unranked where one of them is.
  static Shape of(Site site, int... operands) {
    Shape all = Shape.SCALAR;
    for (int operand : operands) {
      var next = shapes(all, site.shape(operand));
      all =
          next.orElseThrow(() ->
              site.fault("shapes do not broadcast: %s", site.shapes(operands))
                  .hint("from the last axis on, extents must be equal or 1"));
    }
    return all;
  }

  /// Checks that a shape broadcasts to another without changing it.
  static void into(Site site, Shape shape, Shape target, String what) {
    if (!shape.ranked() || !target.ranked()) {
      return;
    }
    boolean fits = shape.rank() <= target.rank();
    for (int i = 1; fits && i <= shape.rank(); i++) {
      fits = shape.dim(-i).is(1) || !Site.differ(shape.dim(-i), target.dim(-i));
    }
    if (!fits) {
      throw site.fault("%s %s does not broadcast to %s", what, shape, target);
    }
  }

  /// Empty where two extents contradict.
  static Optional<Shape> shapes(Shape a, Shape b) {
    if (!a.ranked() || !b.ranked()) {
      return Optional.of(Shape.UNRANKED);
    }
    if (a.rank() < b.rank()) {
      return shapes(b, a);
    }
    if (b.rank() == 0 || a.equals(b)) {
      return Optional.of(a);
    }
    List<Dim> dims = new ArrayList<>(a.dims());
    int shift = a.rank() - b.rank();
    for (int i = 0; i < b.rank(); i++) {
      var dim = dims(a.dim(shift + i), b.dim(i));
      if (dim.isEmpty()) {
        return Optional.empty();
      }
      dims.set(shift + i, dim.get());
    }
    return Optional.of(Shape.of(dims));
  }

  /// Empty where the extents are numbers that contradict.
  static Optional<Dim> dims(Dim a, Dim b) {
    if (a.equals(b) || b.is(1)) {
      return Optional.of(a);
    }
    if (a.is(1)) {
      return Optional.of(b);
    }
    if (Site.differ(a, b)) {
      return Optional.empty();
    }
    if (a instanceof Dim.Known) {
      return Optional.of(a);
    }
    if (b instanceof Dim.Known) {
      return Optional.of(b);
    }
    return Optional.of(symbolic(Expression.of(a), Expression.of(b)));
  }

  /// Either may be 1 when the model runs, so neither can be taken for the result, except that
  /// `min(n, e)` with `n` above 1 meets `e` only where it is `e`.
  private static Dim symbolic(Expression a, Expression b) {
    var parts = new TreeSet<String>();
    parts.addAll(parts(a.toString()));
    parts.addAll(parts(b.toString()));
    parts.removeIf(part ->
        part.startsWith("min(") && parts.stream().anyMatch(other -> isMinimum(part, other)));
    return parts.size() == 1
        ? Dim.of(parts.first())
        : Expression.symbol(CALL + String.join(", ", parts) + ")").dim();
  }

  private static boolean isMinimum(String part, String of) {
    int comma = part.indexOf(", ");
    return part.endsWith(", " + of + ")")
        && comma == part.length() - of.length() - 3
        && !part.startsWith("min(1,")
        && part.substring("min(".length(), comma).chars().allMatch(Character::isDigit);
  }

  private static List<String> parts(String text) {
    if (!text.startsWith(CALL) || !text.endsWith(")")) {
      return List.of(text);
    }
    var parts = new ArrayList<String>();
    int open = 0;
    int start = CALL.length();
    for (int i = start; i < text.length(); i++) {
      char c = text.charAt(i);
      open += c == '(' ? 1 : c == ')' ? -1 : 0;
      if (open < 0 && i < text.length() - 1) {
        return List.of(text); // `broadcast(a, b)*broadcast(c, d)`
      }
      if (open < 0 || open == 0 && c == ',') {
        parts.add(text.substring(start, i));
        start = i + 2;
      }
    }
    return parts.isEmpty() ? Arrays.asList(text) : parts;
  }
}
