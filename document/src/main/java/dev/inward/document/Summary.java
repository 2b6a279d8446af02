package dev.inward.document;

import dev.inward.base.Figure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// Says in words what a chart shows, for who cannot see it.
final class Summary {
  private Summary() {}

  static String of(Chart.Plot plot) {
    var text = new StringBuilder(plot.y().label() + " against " + plot.x().label() + ".");
    for (Chart.Series series : plot.series()) {
      List<Figure> xs = series.points().stream().map(Chart.Point::x).toList();
      List<Figure> ys = series.points().stream().map(Chart.Point::y).toList();
      text.append(' ').append(series.name().isEmpty() ? "Points" : series.name());
      text.append(": ").append(count(series.points().size(), "point"));
      if (!xs.isEmpty()) {
        text.append(", ").append(plot.x().label()).append(' ').append(range(xs));
        text.append(", ").append(plot.y().label()).append(' ').append(range(ys));
      }
      text.append('.');
    }
    return text + limits(plot.limits());
  }

  static String of(Chart.Bars bars) {
    List<Figure> values = bars.bars().stream().map(Chart.Bar::value).toList();
    var text = new StringBuilder(bars.value().label() + ": " + count(values.size(), "bar"));
    if (!values.isEmpty()) {
      text.append(", ").append(range(values));
      Chart.Bar longest =
          bars.bars().stream()
              .max(Comparator.comparingDouble(bar -> bar.value().value()))
              .orElseThrow();
      text.append("; the most: ").append(longest.label());
    }
    return text + "." + limits(bars.limits());
  }

  static String of(Chart.Stack stack) {
    var text = new StringBuilder(stack.value().label() + " by part.");
    for (Chart.Pile pile : stack.piles()) {
      var parts = new ArrayList<String>();
      for (int i = 0; i < stack.parts().size(); i++) {
        Figure part = pile.parts().get(i);
        if (part.value() != 0) {
          parts.add(stack.parts().get(i) + " " + part.unit().text(part.value()));
        }
      }
      text.append(' ').append(pile.label()).append(": ");
      text.append(parts.isEmpty() ? "nothing" : String.join(", ", parts)).append('.');
    }
    return text.toString();
  }

  private static String limits(List<Limit> limits) {
    var text = new StringBuilder();
    for (Limit limit : limits) {
      text.append(" Limit: ").append(limit.label()).append('.');
    }
    return text.toString();
  }

  private static String range(List<Figure> figures) {
    var finite = figures.stream().mapToDouble(Figure::value).filter(Double::isFinite);
    var ends = finite.summaryStatistics();
    if (ends.getCount() == 0) {
      return "without end";
    }
    double low = ends.getMin();
    double high = ends.getMax();
    var unit = figures.getFirst().unit();
    return low == high ? unit.text(low) : unit.text(low) + " to " + unit.text(high);
  }

  private static String count(int number, String thing) {
    return number + " " + thing + (number == 1 ? "" : "s");
  }
}
