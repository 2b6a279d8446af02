package dev.inward.document;

import dev.inward.document.Chart.Better;
import dev.inward.document.Chart.Join;
import dev.inward.document.Chart.Point;
import dev.inward.document.Chart.Series;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Finds the points that no other point beats.
final class Front {
  private Front() {}

  static Series of(String name, Better x, Better y, List<Point> points) {
    double signX = x == Better.LOWER ? 1 : -1;
    double signY = y == Better.LOWER ? 1 : -1;
    var fromBest =
        points.stream()
            .sorted(
                Comparator.comparingDouble((Point point) -> signX * point.x().value())
                    .thenComparingDouble(point -> signY * point.y().value()))
            .toList();
    var kept = new ArrayList<Point>();
    double best = Double.POSITIVE_INFINITY;
    for (Point point : fromBest) {
      if (signY * point.y().value() < best) {
        kept.add(point);
        best = signY * point.y().value();
      }
    }
    if (x == Better.HIGHER) {
      return new Series(name, Join.STEP_BACK, kept.reversed());
    }
    return new Series(name, Join.STEP, kept);
  }
}
