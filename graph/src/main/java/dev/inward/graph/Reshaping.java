package dev.inward.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

/// Shapes of ops that keep the elements in order, or repeat them.
final class Reshaping {
  /// More axes than any model has; a guard against damaged files.
  private static final int MOST_AXES = 64;

  private Reshaping() {}

  /// The shape that an operand states: its elements, or fresh symbols where they are not known.
  static Shape stated(Site site, int operand) {
    var contents = target(site, operand);
    if (contents.isEmpty()) {
      return Shape.UNRANKED;
    }
    List<Dim> dims = new ArrayList<>();
    for (var extent : contents.get()) {
      if (extent.isPresent() && isNegative(extent.get())) {
        throw site.fault("the shape %s has a negative extent", words(contents.get()));
      }
      dims.add(site.dim(extent, 0, dims.size()));
    }
    return Shape.of(dims);
  }

  /// The elements of a shape operand, as many as it has.
  private static Optional<List<Optional<Expression>>> target(Site site, int operand) {
    site.rank(operand, 1, "the shape");
    var contents = site.contents(operand);
    if (contents.isPresent() || !site.ranked(operand)) {
      return contents;
    }
    if (!(site.shape(operand).dim(0) instanceof Dim.Known(var length))) {
      return Optional.empty();
    }
    if (length > MOST_AXES) {
      throw site.fault("%d axes are more than any model has", length);
    }
    return Optional.of(Collections.nCopies((int) length, Optional.empty()));
  }

  static boolean isNegative(Expression number) {
    return number.constant().isPresent() && number.constant().getAsLong() < 0;
  }

  /// `[-1x12x?]`.
  private static String words(List<Optional<Expression>> elements) {
    return elements.stream()
        .map(e -> e.map(Expression::toString).orElse("?"))
        .collect(Collectors.joining(" x ", "[", "]"));
  }

  static Shape reshaped(Site site, boolean allowZero) {
    var target = target(site, 1);
    if (target.isEmpty()) {
      return Shape.UNRANKED;
    }
    Shape x = site.shape(0);
    List<Dim> dims = new ArrayList<>();
    int rest = -1;
    for (var element : target.get()) {
      int at = dims.size();
      if (element.isPresent() && element.get().is(0) && !allowZero) {
        if (x.ranked() && at >= x.rank()) {
          throw site.fault("%s copies axis %d, which %s has not", words(target.get()), at, x);
        }
        dims.add(x.ranked() ? x.dim(at) : site.fresh(0, at));
      } else if (element.isPresent() && element.get().is(-1)) {
        if (rest >= 0) {
          throw site.fault("%s leaves two extents open", words(target.get()));
        }
        rest = at;
        dims.add(Dim.of(1));
      } else if (element.isPresent() && isNegative(element.get())) {
        throw site.fault("the shape %s has a negative extent", words(target.get()));
      } else {
        dims.add(site.dim(element, 0, at));
      }
    }
    boolean partial = target.get().stream().anyMatch(Optional::isEmpty);
    if (rest >= 0) {
      dims.set(rest, partial ? site.fresh(0, rest) : leftOver(site, x, dims, rest, target.get()));
    } else if (x.isStatic() && Shape.of(dims).isStatic()) {
      long wanted = Shape.of(dims).elements().orElseThrow();
      long given = x.elements().orElseThrow();
      if (wanted != given) {
        throw site.fault("%s has %d elements, %s has %d", x, given, Shape.of(dims), wanted);
      }
    }
    return Shape.of(dims);
  }

  private static Dim leftOver(
      Site site, Shape x, List<Dim> dims, int rest, List<Optional<Expression>> target) {
    if (!x.ranked()) {
      return site.fresh(0, rest);
    }
    var all = product(x.dims());
    var others = product(dims);
    if (others.is(0)) {
      return site.fresh(0, rest);
    }
    var exact = all.dividedBy(others);
    if (exact.isEmpty() && all.constant().isPresent() && others.constant().isPresent()) {
      throw site.fault("%s has %s elements, which %s does not divide", x, all, words(target))
          .hint("%s leaves a remainder when divided by %s", all, others);
    }
    return site.dim(exact.or(() -> Optional.of(all.floorDividedBy(others))), 0, rest);
  }

  static Expression product(List<Dim> dims) {
    var product = Expression.ONE;
    for (Dim dim : dims) {
      product = product.times(Expression.of(dim));
    }
    return product;
  }

  static Shape flattened(Site site, long axis) {
    if (!site.ranked(0)) {
      return site.freshShape(0, 2);
    }
    var dims = site.shape(0).dims();
    int at =
        axis == dims.size()
            ? dims.size()
            : dims.isEmpty() && axis == 0 ? 0 : site.axis(axis, dims.size(), 0);
    return Shape.of(
        List.of(product(dims.subList(0, at)).dim(), product(dims.subList(at, dims.size())).dim()));
  }

  static Shape squeezed(Site site, List<Long> axes) {
    if (!site.ranked(0)) {
      return Shape.UNRANKED;
    }
    var x = site.shape(0);
    if (axes.isEmpty()) {
      boolean open = x.dims().stream().anyMatch(Dim.Symbol.class::isInstance);
      return open ? Shape.UNRANKED : Shape.of(x.dims().stream().filter(d -> !d.is(1)).toList());
    }
    var gone = positions(site, axes, x.rank(), 0);
    List<Dim> left = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      if (!gone.contains(i)) {
        left.add(x.dim(i));
      } else if (Site.differ(x.dim(i), Dim.of(1))) {
        throw site.fault("axis %d of %s is %s, not 1", i, x, x.dim(i));
      }
    }
    return Shape.of(left);
  }

  static Shape unsqueezed(Site site, List<Long> axes) {
    if (!site.ranked(0)) {
      return Shape.UNRANKED;
    }
    var x = site.shape(0);
    int rank = x.rank() + axes.size();
    if (rank > MOST_AXES) {
      throw site.fault("%d axes are more than any model has", rank);
    }
    var added = positions(site, axes, rank, 0);
    List<Dim> dims = new ArrayList<>();
    var rest = x.dims().iterator();
    for (int i = 0; i < rank; i++) {
      dims.add(added.contains(i) ? Dim.of(1) : rest.next());
    }
    return Shape.of(dims);
  }

  private static TreeSet<Integer> positions(Site site, List<Long> axes, int rank, int operand) {
    var positions = new TreeSet<Integer>();
    for (long axis : axes) {
      if (!positions.add(site.axis(axis, rank, operand))) {
        throw site.fault("axes %s name one axis twice for %s", axes, site.shape(operand));
      }
    }
    return positions;
  }

  static Shape transposed(Site site, List<Long> permutation) {
    var x = site.shape(0);
    if (!x.ranked()) {
      return Shape.UNRANKED;
    }
    if (permutation.isEmpty()) {
      return Shape.of(x.dims().reversed());
    }
    if (permutation.stream().sorted().toList().equals(upTo(x.rank()))) {
      return Shape.of(permutation.stream().map(axis -> x.dim(axis.intValue())).toList());
    }
    throw site.fault("%s is no order of the axes of %s", permutation, x);
  }

  private static List<Long> upTo(int rank) {
    return LongStream.range(0, rank).boxed().toList();
  }

  static Shape expanded(Site site) {
    var target = stated(site, 1);
    return Broadcast.shapes(site.shape(0), target)
        .orElseThrow(() ->
            site.fault("%s does not broadcast to %s", site.shape(0), target)
                .hint("from the last axis on, extents must be equal or 1"));
  }

  static Shape tiled(Site site) {
    site.rank(1, 1, "repeats");
    var x = site.shape(0);
    if (!x.ranked()) {
      return Shape.UNRANKED;
    }
    site.vector(1, Dim.of(x.rank()), "repeats");
    var repeats = site.contents(1);
    if (repeats.isEmpty()) {
      return site.freshShape(0, x.rank());
    }
    List<Dim> dims = new ArrayList<>();
    for (int i = 0; i < x.rank(); i++) {
      var extent = Expression.of(x.dim(i));
      dims.add(site.dim(repeats.get().get(i).map(extent::times), 0, i));
    }
    return Shape.of(dims);
  }
}
