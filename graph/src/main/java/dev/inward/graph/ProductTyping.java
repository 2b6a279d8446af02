package dev.inward.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Types of products over a shared axis.
final class ProductTyping {
  private ProductTyping() {}

  static Inferred of(Product op, Site site) {
    return switch (op) {
      case Product.MatMul _ -> {
        site.sameType(0, 1);
        yield new Inferred(dtype(site), matrixProduct(site, 0, 1));
      }
      case Product.Linear _ -> {
        site.sameType(0, 1, 2);
        site.rank(1, 2, "the weight");
        var shape = matrixProduct(site, 0, 1);
        if (site.ranked(1)) {
          site.vector(2, site.shape(1).dim(1), "the bias");
        }
        yield new Inferred(dtype(site), shape);
      }
      case Product.Gemm gemm -> {
        site.sameType(0, 1, 2);
        yield new Inferred(dtype(site), gemm(gemm, site));
      }
      case Product.Einsum(var equation) ->
          new Inferred(dtype(site), EinsumTyping.of(equation, site));
      case Product.Attention _ -> {
        site.sameType(0, 1, 2);
        yield new Inferred(dtype(site), attention(site));
      }
    };
  }

  private static Optional<DataType> dtype(Site site) {
    return site.dtype(0).or(() -> site.dtype(1));
  }

  /// `[.., m, k] x [.., k, n] -> [.., m, n]`; a vector on the left is a row, on the right a column,
  /// and its axis of extent 1 is not in the result.
  static Shape matrixProduct(Site site, int left, int right) {
    Shape a = site.shape(left);
    Shape b = site.shape(right);
    if (a.ranked() && a.rank() == 0 || b.ranked() && b.rank() == 0) {
      throw site.fault("operands are vectors at least, got %s", site.shapes(left, right));
    }
    if (!a.ranked() || !b.ranked()) {
      return Shape.UNRANKED;
    }
    Dim k = a.dim(-1);
    Dim l = b.dim(b.rank() == 1 ? 0 : -2);
    if (Site.differ(k, l)) {
      throw site.fault(
          "inner extents differ: %s has k=%s on the left, k=%s on the right",
          site.shapes(left, right), k, l);
    }
    var leading =
        Broadcast.shapes(front(a, 2), front(b, 2))
            .orElseThrow(() ->
                site.fault("leading extents do not broadcast: %s", site.shapes(left, right))
                    .hint("before the last two axes, extents must be equal or 1"));
    List<Dim> dims = new ArrayList<>(leading.dims());
    if (a.rank() > 1) {
      dims.add(a.dim(-2));
    }
    if (b.rank() > 1) {
      dims.add(b.dim(-1));
    }
    return Shape.of(dims);
  }

  private static Shape front(Shape shape, int without) {
    return Shape.of(shape.dims().subList(0, Math.max(0, shape.rank() - without)));
  }

  private static Shape gemm(Product.Gemm gemm, Site site) {
    site.rank(0, 2, "A");
    site.rank(1, 2, "B");
    if (!site.ranked(0) || !site.ranked(1)) {
      return Shape.UNRANKED;
    }
    Dim m = site.shape(0).dim(gemm.transA() ? 1 : 0);
    Dim k = site.shape(0).dim(gemm.transA() ? 0 : 1);
    Dim l = site.shape(1).dim(gemm.transB() ? 1 : 0);
    Dim n = site.shape(1).dim(gemm.transB() ? 0 : 1);
    if (Site.differ(k, l)) {
      throw site.fault(
          "inner extents differ: %s%s x %s%s has k=%s on the left, k=%s on the right",
          site.shape(0), gemm.transA() ? "'" : "", site.shape(1), gemm.transB() ? "'" : "", k, l);
    }
    var shape = Shape.of(List.of(m, n));
    Broadcast.into(site, site.shape(2), shape, "C");
    return shape;
  }

  private static Shape attention(Site site) {
    Shape q = site.shape(0);
    Shape k = site.shape(1);
    Shape v = site.shape(2);
    if (!q.ranked() || !k.ranked() || !v.ranked()) {
      return Shape.UNRANKED;
    }
    String shapes = site.shapes(0, 1, 2);
    if (q.rank() < 2 || k.rank() < 2 || v.rank() < 2) {
      throw site.fault("query, key and value have two axes at least, got %s", shapes);
    }
    if (Site.differ(q.dim(-1), k.dim(-1))) {
      throw site.fault("query and key differ in their last extent: %s", shapes);
    }
    if (Site.differ(k.dim(-2), v.dim(-2))) {
      throw site.fault("key and value differ in length: %s", shapes);
    }
    var leading =
        Broadcast.shapes(front(q, 2), front(k, 2))
            .flatMap(s -> Broadcast.shapes(s, front(v, 2)))
            .orElseThrow(() -> site.fault("leading extents do not broadcast: %s", shapes));
    List<Dim> scores = new ArrayList<>(leading.dims());
    scores.add(q.dim(-2));
    scores.add(k.dim(-2));
    Broadcast.into(site, site.shape(3), Shape.of(scores), "the mask");
    List<Dim> dims = new ArrayList<>(leading.dims());
    dims.add(q.dim(-2));
    dims.add(v.dim(-1));
    return Shape.of(dims);
  }
}
