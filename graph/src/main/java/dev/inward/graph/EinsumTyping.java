package dev.inward.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// The shape of an Einstein summation: letters name axes, `...` stands for axes that broadcast.
final class EinsumTyping {
  private EinsumTyping() {}

  /// One side of an equation.
  ///
  /// @param letters the letters in order
  /// @param ellipsis how many letters stand before `...`, or -1 where there is none
  record Term(String letters, int ellipsis) {}

  /// The equation read: a term an operand, and the result.
  record Equation(List<Term> terms, Term result) {}

  static Shape of(String text, Site site) {
    var equation = read(text, site);
    Map<Character, Dim> extents = new HashMap<>();
    var shared = Shape.SCALAR;
    for (int i = 0; i < site.operands(); i++) {
      var term = equation.terms().get(i);
      if (!site.ranked(i)) {
        if (term.ellipsis() >= 0) {
          shared = Shape.UNRANKED;
        }
        continue;
      }
      shared = bind(site, i, term, extents, shared);
    }
    if (equation.result().ellipsis() >= 0 && !shared.ranked()) {
      return Shape.UNRANKED;
    }
    List<Dim> dims = new ArrayList<>();
    var result = equation.result();
    for (int i = 0; i <= result.letters().length(); i++) {
      if (i == result.ellipsis()) {
        dims.addAll(shared.dims());
      }
      if (i < result.letters().length()) {
        var extent = extents.get(result.letters().charAt(i));
        dims.add(extent == null ? site.fresh(0, dims.size()) : extent);
      }
    }
    return Shape.of(dims);
  }

  private static Shape bind(
      Site site, int operand, Term term, Map<Character, Dim> extents, Shape shared) {
    var shape = site.shape(operand);
    int hidden = shape.rank() - term.letters().length();
    if (hidden < 0 || hidden > 0 && term.ellipsis() < 0) {
      throw site.fault(
          "operand %d has %d letters and the shape %s", operand, term.letters().length(), shape);
    }
    for (int i = 0; i < term.letters().length(); i++) {
      char letter = term.letters().charAt(i);
      var dim = shape.dim(term.ellipsis() >= 0 && i >= term.ellipsis() ? i + hidden : i);
      var before = extents.get(letter);
      extents.put(
          letter,
          before == null
              ? dim
              : Broadcast.dims(before, dim)
                  .orElseThrow(
                      () -> site.fault("'%s' is %s and %s: %s", letter, before, dim, all(site))));
    }
    if (term.ellipsis() < 0) {
      return shared;
    }
    var middle = Shape.of(shape.dims().subList(term.ellipsis(), term.ellipsis() + hidden));
    return Broadcast.shapes(shared, middle)
        .orElseThrow(() -> site.fault("the axes of '...' do not broadcast: %s", all(site)));
  }

  private static String all(Site site) {
    return site.shapes(IntStream.range(0, site.operands()).toArray());
  }

  /// The equation with its result, which is written or follows from the letters that occur once.
  static Equation read(String text, Site site) {
    String plain = text.replace(" ", "");
    int arrow = plain.indexOf("->");
    String[] left = (arrow < 0 ? plain : plain.substring(0, arrow)).split(",", -1);
    if (left.length != site.operands()) {
      throw site.fault("'%s' speaks of %d operands, got %d", text, left.length, site.operands());
    }
    List<Term> terms = new ArrayList<>();
    for (String term : left) {
      terms.add(term(term, text, site));
    }
    if (arrow < 0) {
      return new Equation(terms, implied(terms));
    }
    var result = term(plain.substring(arrow + 2), text, site);
    for (char letter : result.letters().toCharArray()) {
      if (terms.stream().noneMatch(t -> t.letters().indexOf(letter) >= 0)
          || result.letters().indexOf(letter) != result.letters().lastIndexOf(letter)) {
        throw site.fault("'%s' in the result of '%s' names no axis, or twice", letter, text);
      }
    }
    return new Equation(terms, result);
  }

  private static Term implied(List<Term> terms) {
    var times = new TreeMap<Character, Integer>();
    for (Term term : terms) {
      for (char letter : term.letters().toCharArray()) {
        times.merge(letter, 1, Integer::sum);
      }
    }
    var once = new StringBuilder();
    times.forEach((letter, count) -> once.append(count == 1 ? letter.toString() : ""));
    boolean shared = terms.stream().anyMatch(t -> t.ellipsis() >= 0);
    return new Term(once.toString(), shared ? 0 : -1);
  }

  private static Term term(String term, String text, Site site) {
    int ellipsis = term.indexOf("...");
    String letters =
        ellipsis < 0 ? term : term.substring(0, ellipsis) + term.substring(ellipsis + 3);
    for (char c : letters.toCharArray()) {
      if (!(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z')) {
        throw site.fault("'%s' in '%s' is no letter", c, text);
      }
    }
    return new Term(letters, ellipsis);
  }
}
