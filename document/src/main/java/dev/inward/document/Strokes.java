package dev.inward.document;

import static dev.inward.document.Markup.number;

import java.util.List;

/// The shapes that all charts are drawn with.
final class Strokes {
  private final Markup out = new Markup();

  Strokes line(String kind, double x1, double y1, double x2, double y2) {
    out.empty(
            "line",
            "class",
            kind,
            "x1",
            number(x1),
            "y1",
            number(y1),
            "x2",
            number(x2),
            "y2",
            number(y2))
        .line();
    return this;
  }

  Strokes rect(String kind, double left, double top, double right, double bottom) {
    return rect(kind, left, top, right, bottom, "");
  }

  /// @param title shown where a pointer rests on it; empty for none
  Strokes rect(String kind, double left, double top, double right, double bottom, String title) {
    String[] attributes = {
      "class",
      kind,
      "x",
      number(left),
      "y",
      number(top),
      "width",
      number(Math.max(0, right - left)),
      "height",
      number(Math.max(0, bottom - top)),
    };
    return shape("rect", title, attributes);
  }

  Strokes text(String kind, double x, double baseline, String text) {
    out.leaf("text", text, "class", kind, "x", number(x), "y", number(baseline)).line();
    return this;
  }

  /// A horizontal interval with caps at the ends that are true ends.
  Strokes across(String kind, double from, double to, double y, boolean fromCap, boolean toCap) {
    var path = new StringBuilder("M" + number(from) + " " + number(y) + "H" + number(to));
    cap(path, fromCap, from, y - 3, 0, 6);
    cap(path, toCap, to, y - 3, 0, 6);
    out.empty("path", "class", kind, "d", path.toString()).line();
    return this;
  }

  /// A vertical interval, as [#across].
  Strokes upright(String kind, double x, double from, double to, boolean fromCap, boolean toCap) {
    var path = new StringBuilder("M" + number(x) + " " + number(from) + "V" + number(to));
    cap(path, fromCap, x - 3, from, 6, 0);
    cap(path, toCap, x - 3, to, 6, 0);
    out.empty("path", "class", kind, "d", path.toString()).line();
    return this;
  }

  Strokes path(String kind, List<double[]> points) {
    var path = new StringBuilder();
    for (double[] point : points) {
      path.append(path.isEmpty() ? "M" : "L").append(number(point[0])).append(' ');
      path.append(number(point[1]));
    }
    out.empty("path", "class", kind, "d", path.toString()).line();
    return this;
  }

  Strokes ring(double x, double y, double radius) {
    out.empty("circle", "class", "ring", "cx", number(x), "cy", number(y), "r", number(radius))
        .line();
    return this;
  }

  /// The mark of a series; six shapes, so that colour is not needed to tell them apart.
  Strokes mark(int series, double x, double y, String title) {
    String kind = "mark s" + (series % 6 + 1);
    if (series % 6 == 0) {
      return shape("circle", title, "class", kind, "cx", number(x), "cy", number(y), "r", "4.5");
    }
    double[][] corners =
        switch (series % 6) {
          case 1 -> new double[][] {{-4, -4}, {4, -4}, {4, 4}, {-4, 4}};
          case 2 -> new double[][] {{0, -5.5}, {5, 4}, {-5, 4}};
          case 3 -> new double[][] {{0, -5.8}, {5.8, 0}, {0, 5.8}, {-5.8, 0}};
          case 4 -> new double[][] {{0, 5.5}, {5, -4}, {-5, -4}};
          default ->
              new double[][] {
                {-1.7, -5}, {1.7, -5}, {1.7, -1.7}, {5, -1.7}, {5, 1.7}, {1.7, 1.7},
                {1.7, 5}, {-1.7, 5}, {-1.7, 1.7}, {-5, 1.7}, {-5, -1.7}, {-1.7, -1.7},
              };
        };
    var points = new StringBuilder();
    for (double[] corner : corners) {
      points.append(points.isEmpty() ? "" : " ");
      points.append(number(x + corner[0])).append(',').append(number(y + corner[1]));
    }
    return shape("polygon", title, "class", kind, "points", points.toString());
  }

  @Override
  public String toString() {
    return out.toString();
  }

  private Strokes shape(String name, String title, String... attributes) {
    if (title.isEmpty()) {
      out.empty(name, attributes).line();
    } else {
      out.open(name, attributes).leaf("title", title).close().line();
    }
    return this;
  }

  private static void cap(
      StringBuilder path, boolean is, double x, double y, double dx, double dy) {
    if (is) {
      path.append('M').append(number(x)).append(' ').append(number(y));
      path.append('l').append(number(dx)).append(' ').append(number(dy));
    }
  }
}
