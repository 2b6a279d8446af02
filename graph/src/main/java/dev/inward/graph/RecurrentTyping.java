package dev.inward.graph;

import java.util.List;

/// Types of recurrent cells.
final class RecurrentTyping {
  private RecurrentTyping() {}

  static List<Inferred> of(Recurrent cell, Site site) {
    site.rank(0, 3, "x");
    if (cell.hidden() < 1) {
      throw site.fault("a cell has at least one hidden unit, got %d", cell.hidden());
    }
    Dim hidden = Dim.of(cell.hidden());
    Dim directions = Dim.of(cell.direction().count());
    var x = site.shape(0);
    Dim length = x.ranked() ? x.dim(cell.batchFirst() ? 1 : 0) : site.fresh(0, 0);
    Dim batch = x.ranked() ? x.dim(cell.batchFirst() ? 0 : 1) : site.fresh(0, 2);
    Dim width = x.ranked() ? x.dim(2) : site.fresh(0, 3);
    Dim gates = Dim.of(Math.multiplyExact(cell.hidden(), cell.kind().gates()));
    Dim biases = Dim.of(Math.multiplyExact(cell.hidden(), 2L * cell.kind().gates()));
    expect(site, 1, "W", directions, gates, width);
    expect(site, 2, "R", directions, gates, hidden);
    expect(site, 3, "the bias", directions, biases);
    expect(site, 4, "lengths", batch);
    Dim[] state =
        cell.batchFirst()
            ? new Dim[] {batch, directions, hidden}
            : new Dim[] {directions, batch, hidden};
    expect(site, 5, "initial h", state);
    expect(site, 6, "initial c", state);
    expect(site, 7, "peepholes", directions, Dim.of(Math.multiplyExact(cell.hidden(), 3L)));
    var all =
        cell.batchFirst()
            ? List.of(batch, length, directions, hidden)
            : List.of(length, directions, batch, hidden);
    var last = new Inferred(site.dtype(0), x.ranked() ? Shape.of(List.of(state)) : Shape.UNRANKED);
    return List.of(
        new Inferred(site.dtype(0), x.ranked() ? Shape.of(all) : Shape.UNRANKED), last, last);
  }

  private static void expect(Site site, int operand, String what, Dim... extents) {
    var shape = site.shape(operand);
    if (!shape.ranked()) {
      return;
    }
    boolean fits = shape.rank() == extents.length;
    for (int i = 0; fits && i < extents.length; i++) {
      fits = !Site.differ(shape.dim(i), extents[i]);
    }
    if (!fits) {
      throw site.fault("%s is %s, got %s", what, Shape.of(List.of(extents)), shape);
    }
  }
}
