package dev.inward.coreml;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/// Writes an Einstein summation: diagonals and sums of single operands first, then two operands at
/// a time, from the left, as a batched matrix product, or as a plain product where nothing is
/// summed.
final class EinsumLowering {
  private final Site site;
  private final String equation;
  private final List<Character> result;
  private final List<Term> terms = new ArrayList<>();

  /// A value whose axes have names.
  private record Term(Mil.Var value, List<Character> labels) {
    Term {
      labels = List.copyOf(labels);
    }

    long extent(char label) {
      return value.dim(labels.indexOf(label));
    }

    boolean has(char label) {
      return labels.contains(label);
    }
  }

  private EinsumLowering(Site site, String equation) {
    this.site = site;
    this.equation = equation;
    String text = equation.replace(" ", "");
    int arrow = text.indexOf("->");
    String[] left = (arrow < 0 ? text : text.substring(0, arrow)).split(",", -1);
    int hidden = 0;
    for (int i = 0; i < left.length; i++) {
      int under = site.rank(i) - left[i].replace("...", "").length();
      hidden = Math.max(hidden, under);
      terms.add(new Term(site.x(i), labels(left[i], under)));
    }
    result = arrow < 0 ? implied(hidden) : labels(text.substring(arrow + 2), hidden);
  }

  static void lower(Site site, String equation) {
    site.requireExtents();
    new EinsumLowering(site, equation).write();
  }

  /// Axes under an ellipsis are digits, `0` the last.
  private static List<Character> labels(String term, int hidden) {
    List<Character> out = new ArrayList<>();
    for (int i = 0; i < term.length(); i++) {
      if (term.startsWith("...", i)) {
        for (int axis = hidden - 1; axis >= 0; axis--) {
          out.add((char) ('0' + axis));
        }
        i += 2;
      } else {
        out.add(term.charAt(i));
      }
    }
    return out;
  }

  private List<Character> implied(int hidden) {
    Map<Character, Integer> times = new java.util.TreeMap<>();
    terms.forEach(t -> t.labels().forEach(l -> times.merge(l, 1, Integer::sum)));
    List<Character> out = new ArrayList<>(labels("...", hidden));
    times.forEach((label, count) -> {
      if (!Character.isDigit(label) && count == 1) {
        out.add(label);
      }
    });
    return out;
  }

  private void write() {
    for (int i = 0; i < terms.size(); i++) {
      terms.set(i, squeezed(diagonal(terms.get(i)), i));
    }
    for (int i = 0; i < terms.size(); i++) {
      terms.set(i, summed(terms.get(i), i));
    }
    while (terms.size() > 1) {
      Term right = terms.remove(1);
      Term left = terms.remove(0);
      terms.add(0, pair(left, right));
    }
    Term last = terms.getFirst();
    // Labels of extent 1 that were squeezed everywhere come back.
    List<Character> order = new ArrayList<>(last.labels());
    List<Long> dims = new ArrayList<>(last.value().dims());
    for (char label : result) {
      if (!last.has(label)) {
        order.add(label);
        dims.add(1L);
      }
    }
    Term whole = new Term(site.reshape("raised", last.value(), dims), order);
    site.alias(permuted("result", whole, result).value());
  }

  private Term permuted(String hint, Term term, List<Character> order) {
    if (term.labels().equals(order)) {
      return term;
    }
    List<Long> from = order.stream().map(l -> (long) term.labels().indexOf(l)).toList();
    List<Long> dims = from.stream().map(a -> term.value().dim(a.intValue())).toList();
    Mil.Var moved =
        site.step("transpose", hint)
            .in("x", term.value())
            .ints("perm", from)
            .gives(term.value().type(), dims);
    return new Term(moved, order);
  }

  /// A label that stands twice in one term means the diagonal: every `n + 1`th element of the two
  /// axes laid out as one.
  private Term diagonal(Term term) {
    for (char label : term.labels()) {
      int first = term.labels().indexOf(label);
      int second = term.labels().lastIndexOf(label);
      if (first == second) {
        continue;
      }
      long size = term.value().dim(first);
      List<Long> order = new ArrayList<>(LongStream.range(0, term.value().rank()).boxed().toList());
      order.remove(second);
      order.remove(first);
      List<Character> labels = new ArrayList<>();
      List<Long> dims = new ArrayList<>();
      for (long axis : order) {
        labels.add(term.labels().get((int) axis));
        dims.add(term.value().dim((int) axis));
      }
      order.add((long) first);
      order.add((long) second);
      List<Long> moved = order.stream().map(a -> term.value().dim(a.intValue())).toList();
      Mil.Var x =
          site.step("transpose", "moved")
              .in("x", term.value())
              .ints("perm", order)
              .gives(term.value().type(), moved);
      List<Long> flat = new ArrayList<>(dims);
      flat.add(size * size);
      x = site.reshape("flat", x, flat);
      labels.add(label);
      dims.add(size);
      List<Long> strides = new ArrayList<>(Collections.nCopies(dims.size(), 1L));
      strides.set(dims.size() - 1, size + 1);
      Mil.Var picked =
          SliceLowering.call(
                  site.step("slice_by_index", "diagonal"),
                  x,
                  Collections.nCopies(dims.size(), 0L),
                  flat,
                  strides,
                  Collections.nCopies(dims.size(), false),
                  List.of())
              .gives(x.type(), dims);
      return diagonal(new Term(picked, labels));
    }
    return term;
  }

  /// Without the axes of extent 1 that other terms have too.
  private Term squeezed(Term term, int index) {
    List<Character> labels = new ArrayList<>();
    List<Long> dims = new ArrayList<>();
    for (char label : term.labels()) {
      boolean elsewhere = false;
      for (int i = 0; i < terms.size(); i++) {
        elsewhere |= i != index && terms.get(i).has(label);
      }
      if (term.extent(label) != 1 || !elsewhere && result.contains(label)) {
        labels.add(label);
        dims.add(term.extent(label));
      }
    }
    return new Term(shaped("squeezed", term.value(), dims), labels);
  }

  private Mil.Var shaped(String hint, Mil.Var x, List<Long> dims) {
    if (dims.isEmpty() && x.rank() > 0) {
      return site.step("squeeze", hint)
          .in("x", x)
          .ints("axes", LongStream.range(0, x.rank()).boxed().toList())
          .gives(x.type(), List.of());
    }
    if (x.rank() == 0 && !dims.isEmpty()) {
      return site.step("expand_dims", hint)
          .in("x", x)
          .ints("axes", LongStream.range(0, dims.size()).boxed().toList())
          .gives(x.type(), dims);
    }
    return site.reshape(hint, x, dims);
  }

  /// Summed over what neither another term nor the result has.
  private Term summed(Term term, int index) {
    List<Long> axes = new ArrayList<>();
    List<Character> labels = new ArrayList<>();
    List<Long> dims = new ArrayList<>();
    for (int axis = 0; axis < term.labels().size(); axis++) {
      char label = term.labels().get(axis);
      boolean needed = result.contains(label);
      for (int i = 0; i < terms.size(); i++) {
        needed |= i != index && terms.get(i).has(label);
      }
      if (needed) {
        labels.add(label);
        dims.add(term.value().dim(axis));
      } else {
        axes.add((long) axis);
      }
    }
    if (axes.isEmpty()) {
      return term;
    }
    return new Term(
        site.step("reduce_sum", "summed")
            .in("x", term.value())
            .ints("axes", axes)
            .flag("keep_dims", false)
            .gives(term.value().type(), dims),
        labels);
  }

  private Term pair(Term left, Term right) {
    List<Character> batch = new ArrayList<>();
    List<Character> summed = new ArrayList<>();
    List<Character> rows = new ArrayList<>();
    List<Character> columns = new ArrayList<>();
    for (char label : left.labels()) {
      boolean later = result.contains(label) || terms.stream().anyMatch(t -> t.has(label));
      (!right.has(label) ? rows : later ? batch : summed).add(label);
    }
    right.labels().stream().filter(l -> !left.has(l)).forEach(columns::add);
    List<Character> labels = joined(batch, rows, columns);
    if (labels.size() > 5) {
      throw site.refused("the equation '%s' has more than 5 axes on the way", equation);
    }
    var extents = new LinkedHashMap<Character, Long>();
    right.labels().forEach(l -> extents.put(l, right.extent(l)));
    left.labels().forEach(l -> extents.put(l, left.extent(l)));
    List<Long> dims = labels.stream().map(extents::get).toList();
    if (summed.isEmpty()) {
      return new Term(
          site.apply("mul", "product", spread(left, labels), spread(right, labels)), labels);
    }
    Mil.Var x = matrix("left", left, batch, rows, summed);
    Mil.Var y = matrix("right", right, batch, summed, columns);
    List<Long> product = new ArrayList<>(x.dims());
    product.set(product.size() - 1, y.dims().getLast());
    Mil.Var z =
        ProductLowering.matmul(site.step("matmul", "product"), x, y, false, false)
            .gives(x.type(), product);
    return new Term(shaped("parted", z, dims), labels);
  }

  @SafeVarargs
  private static List<Character> joined(List<Character>... parts) {
    List<Character> out = new ArrayList<>();
    for (var part : parts) {
      out.addAll(part);
    }
    return out;
  }

  /// With an axis of extent 1 for each label that it lacks.
  private Mil.Var spread(Term term, List<Character> labels) {
    List<Character> own = labels.stream().filter(term::has).toList();
    Term placed = permuted("placed", term, own);
    List<Long> dims = labels.stream().map(l -> term.has(l) ? term.extent(l) : 1L).toList();
    return shaped("spread", placed.value(), dims);
  }

  /// `[batch, a, b]`, each of the three laid out as one axis; without a batch `[a, b]`.
  private Mil.Var matrix(
      String hint, Term term, List<Character> batch, List<Character> a, List<Character> b) {
    Term placed = permuted(hint, term, joined(batch, a, b));
    List<Long> dims = new ArrayList<>();
    if (!batch.isEmpty()) {
      dims.add(extent(term, batch));
    }
    dims.add(extent(term, a));
    dims.add(extent(term, b));
    return shaped(hint, placed.value(), dims);
  }

  private static long extent(Term term, List<Character> labels) {
    long all = 1;
    for (char label : labels) {
      all *= term.extent(label);
    }
    return all;
  }
}
