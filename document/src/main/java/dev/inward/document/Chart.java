package dev.inward.document;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import java.util.List;
import java.util.stream.Stream;

/// A picture of figures, as a value. Drawn as SVG text, the same bytes for the same chart.
///
/// What cannot be placed (an infinite value, a value that is not positive on a logarithmic axis) is
/// left out, and the chart says so below the axis.
public sealed interface Chart {
  String title();

  /// Figures against figures: points, lines and fronts, with their intervals as bars.
  record Plot(String title, Axis x, Axis y, List<Series> series, List<Limit> limits)
      implements Chart {
    public Plot {
      series = List.copyOf(series);
      limits = List.copyOf(limits);
      for (Series one : series) {
        for (Point point : one.points()) {
          x.check(point.x());
          y.check(point.y());
        }
      }
    }
  }

  /// One horizontal bar for each label, from the top down in the order given. More than forty stand
  /// in two columns.
  ///
  /// @param chosen what the chosen bars have in common, for the legend; empty where none is chosen
  /// @param limits those on the value axis, so [Limit.On#X] only
  record Bars(String title, Axis value, String chosen, List<Bar> bars, List<Limit> limits)
      implements Chart {
    public Bars {
      bars = List.copyOf(bars);
      limits = List.copyOf(limits);
      bars.forEach(bar -> value.check(bar.value()));
      if (limits.stream().anyMatch(limit -> limit.on() != Limit.On.X)) {
        throw new IllegalArgumentException("the limits of bars stand on x, their value axis");
      }
    }
  }

  /// A whole and its parts: one bar a row, one segment a part. Parts beyond the seven largest are
  /// drawn as one.
  record Stack(String title, Axis value, List<String> parts, List<Pile> piles) implements Chart {
    public Stack {
      parts = List.copyOf(parts);
      piles = List.copyOf(piles);
      if (value.scale() != Axis.Scale.LINEAR) {
        throw new IllegalArgumentException("parts add up on a linear axis only");
      }
      for (Pile pile : piles) {
        if (pile.parts().size() != parts.size()) {
          throw new IllegalArgumentException(
              "'%s' has %d parts, the chart names %d"
                  .formatted(pile.label(), pile.parts().size(), parts.size()));
        }
        for (Figure part : pile.parts()) {
          value.check(part);
          if (part.value() < 0) {
            throw new IllegalArgumentException(
                "a part is not negative, '%s' has %s".formatted(pile.label(), part.text()));
          }
        }
      }
    }
  }

  /// A figure at a figure.
  ///
  /// @param label printed beside the point where there is room; empty for none
  /// @param chosen whether it is ringed
  record Point(Figure x, Figure y, String label, boolean chosen) {
    public static Point of(Figure x, Figure y, String label) {
      return new Point(x, y, label, false);
    }
  }

  /// Points that belong together: one colour and one shape.
  record Series(String name, Join join, List<Point> points) {
    public Series {
      points = List.copyOf(points);
    }

    public static Series points(String name, List<Point> points) {
      return new Series(name, Join.NONE, points);
    }

    public static Series line(String name, List<Point> points) {
      return new Series(name, Join.LINE, points);
    }

    /// The border of what the points reach: through those that no other point beats on both axes. A
    /// line only; the points themselves stand in a series of their own.
    public static Series front(String name, Better x, Better y, List<Point> points) {
      return Front.of(name, x, y, points);
    }
  }

  /// How the points of a series are joined.
  enum Join {
    NONE,
    LINE,
    /// Along x first, then along y.
    STEP,
    /// Along y first, then along x.
    STEP_BACK
  }

  /// Which end of an axis is the good one.
  enum Better {
    LOWER,
    HIGHER
  }

  record Bar(String label, Figure value, boolean chosen) {
    public static Bar of(String label, Figure value) {
      return new Bar(label, value, false);
    }
  }

  /// One row of a [Stack], its figures in the order of the chart's parts.
  record Pile(String label, List<Figure> parts) {
    public Pile {
      parts = List.copyOf(parts);
    }
  }

  /// A picture that stands alone, 832 wide, on a background of its own.
  default String svg() {
    return Drawing.of(this, Drawing.WIDE).alone();
  }

  /// Where the figures come from, each source once, in the order of the chart.
  default List<Source> sources() {
    Stream<Figure> figures =
        switch (this) {
          case Plot plot ->
              plot.series().stream()
                  .flatMap(series -> series.points().stream())
                  .flatMap(point -> Stream.of(point.x(), point.y()));
          case Bars bars -> bars.bars().stream().map(Bar::value);
          case Stack stack -> stack.piles().stream().flatMap(pile -> pile.parts().stream());
        };
    return figures.map(Figure::source).distinct().toList();
  }
}
