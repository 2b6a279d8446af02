package dev.inward.document;

import dev.inward.base.Figure;
import dev.inward.document.Chart.Join;
import dev.inward.document.Chart.Plot;
import dev.inward.document.Chart.Point;
import dev.inward.document.Chart.Series;
import dev.inward.document.Labels.Box;
import dev.inward.document.Labels.Spot;
import dev.inward.document.Labels.Wanted;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// Draws figures against figures.
final class PlotDrawing {
  private static final double FONT = 12;
  private static final double RADIUS = 5;
  private static final int MOST_LABELS = 150;

  private final Plot plot;
  private final int width;
  private final Strokes strokes = new Strokes();
  private final double left;
  private final double right;
  private final double top;
  private final double bottom;
  private final Scale x;
  private final Scale y;
  private final Labels labels;

  PlotDrawing(Plot plot, int width) {
    this.plot = plot;
    this.width = width;
    boolean narrow = width < 500;
    top = 54;
    bottom = top + (narrow ? 290 : 330);
    y =
        Scale.of(
            plot.y(), values(Limit.On.Y), false, bottom - RADIUS, top + RADIUS, narrow ? 6 : 7);
    left = 8 + y.textWidth(FONT) + 8;
    double wide = width - 14.0;
    // The text of the last tick stands half beyond the frame; it is known only once laid out.
    double last = TextWidth.of(across(left, wide).ticks().getLast().text(), FONT) / 2;
    right = Math.min(wide, width - last + RADIUS);
    x = across(left, right);
    labels = new Labels(new Box(left + 2, top - 9, right - 2, bottom - 2));
  }

  Drawing draw() {
    strokes.text("title", 0, 14, TextWidth.fitBold(plot.title(), 14, width));
    strokes.text("faint", 0, 38, y.label());
    shade();
    frame();
    List<Runnable> limitTexts = limits();
    List<Series> series = plot.series();
    for (int i = 0; i < series.size(); i++) {
      join(series.get(i), i);
    }
    for (int i = 0; i < series.size(); i++) {
      if (!isFront(series.get(i))) {
        errors(series.get(i), i);
      }
    }
    for (int i = 0; i < series.size(); i++) {
      if (!isFront(series.get(i))) {
        marks(series.get(i), i);
      }
    }
    limitTexts.forEach(Runnable::run);
    int unlabelled = names();
    double below = bottom + 20;
    for (Scale.Tick tick : x.ticks()) {
      strokes.text("faint mid", x.at(tick.value()), below, tick.text());
    }
    strokes.text("faint end", right, below + 20, x.label());
    below = legend(below + 20 + 22);
    below = remarks(below, unlabelled);
    return new Drawing(plot.title(), Summary.of(plot), width, (int) below, strokes.toString());
  }

  private Scale across(double from, double to) {
    int wanted = (int) ((to - from) / 60);
    return Scale.of(plot.x(), values(Limit.On.X), false, from + RADIUS, to - RADIUS, wanted);
  }

  private List<Double> values(Limit.On on) {
    var values = new ArrayList<Double>();
    shown()
        .map(point -> on == Limit.On.X ? point.x() : point.y())
        .flatMap(figure -> Stream.of(figure.value(), figure.low(), figure.high()))
        .forEach(values::add);
    plot.limits().stream().filter(limit -> limit.on() == on).map(Limit::value).forEach(values::add);
    return values;
  }

  private Stream<Point> shown() {
    return plot.series().stream().flatMap(series -> series.points().stream()).filter(this::isShown);
  }

  private boolean isShown(Point point) {
    return plot.x().holds(point.x().value()) && plot.y().holds(point.y().value());
  }

  private static boolean isFront(Series series) {
    return series.join() == Join.STEP || series.join() == Join.STEP_BACK;
  }

  private void frame() {
    for (Scale.Tick tick : x.ticks()) {
      strokes.line("grid", x.at(tick.value()), top, x.at(tick.value()), bottom);
    }
    for (Scale.Tick tick : y.ticks()) {
      strokes.line("grid", left, y.at(tick.value()), right, y.at(tick.value()));
      strokes.text("faint end", left - 8, y.at(tick.value()) + 4, tick.text());
    }
    strokes.path("frame", List.of(at(left, top), at(left, bottom), at(right, bottom)));
  }

  private void shade() {
    for (Limit limit : drawn()) {
      boolean above = limit.forbidden() == Limit.Side.ABOVE;
      if (limit.on() == Limit.On.X) {
        double at = x.at(limit.value());
        strokes.rect("forbidden", above ? at : left, top, above ? right : at, bottom);
      } else {
        double at = y.at(limit.value());
        strokes.rect("forbidden", left, above ? top : at, right, above ? at : bottom);
      }
    }
  }

  private List<Limit> drawn() {
    return plot.limits().stream()
        .filter(limit -> (limit.on() == Limit.On.X ? plot.x() : plot.y()).holds(limit.value()))
        .toList();
  }

  /// Draws the lines; their texts come once the marks are known.
  private List<Runnable> limits() {
    var texts = new ArrayList<Runnable>();
    for (Limit limit : drawn()) {
      double span = TextWidth.bold(limit.label(), FONT);
      var places = new ArrayList<Box>();
      if (limit.on() == Limit.On.X) {
        double at = x.at(limit.value());
        strokes.line("limit", at, top, at, bottom);
        labels.avoid(new Box(at - 1, top, at + 1, bottom));
        for (double down = top + 3; down < bottom - 20; down += 15) {
          places.add(new Box(at + 5, down, at + 5 + span, down + 14));
          places.add(new Box(at - 5 - span, down, at - 5, down + 14));
        }
      } else {
        double at = y.at(limit.value());
        strokes.line("limit", left, at, right, at);
        labels.avoid(new Box(left, at - 1, right, at + 1));
        for (double end = right - 4; end > left + span; end -= 20) {
          places.add(new Box(end - span, at - 16, end, at - 2));
          places.add(new Box(end - span, at + 2, end, at + 16));
        }
      }
      if (!places.isEmpty()) {
        texts.add(() -> {
          Box box = labels.firstFree(places);
          strokes.text("limit-text", box.left(), box.bottom() - 3.5, limit.label());
        });
      }
    }
    return texts;
  }

  private void join(Series series, int index) {
    List<Point> points = series.points().stream().filter(this::isShown).toList();
    if (series.join() == Join.NONE || points.size() < 2) {
      return;
    }
    var path = new ArrayList<double[]>();
    for (Point point : points) {
      double[] next = at(x.at(point.x().value()), y.at(point.y().value()));
      if (!path.isEmpty()) {
        double[] last = path.getLast();
        if (series.join() == Join.STEP) {
          path.add(at(next[0], last[1]));
        } else if (series.join() == Join.STEP_BACK) {
          path.add(at(last[0], next[1]));
        }
        avoidAlong(path.getLast(), next);
        avoidAlong(last, path.getLast());
      }
      path.add(next);
    }
    strokes.path("join j" + (index % 6 + 1), path);
  }

  /// Keeps labels off a line as well as small boxes along it can.
  private void avoidAlong(double[] a, double[] b) {
    int parts = (int) Math.min(60, Math.max(1, Math.hypot(b[0] - a[0], b[1] - a[1]) / 8));
    for (int i = 0; i <= parts; i++) {
      double px = a[0] + (b[0] - a[0]) * i / parts;
      double py = a[1] + (b[1] - a[1]) * i / parts;
      labels.avoid(new Box(px - 2, py - 2, px + 2, py + 2));
    }
  }

  private void errors(Series series, int index) {
    String kind = "error j" + (index % 6 + 1);
    for (Point point : series.points()) {
      if (!isShown(point)) {
        continue;
      }
      double px = x.at(point.x().value());
      double py = y.at(point.y().value());
      Figure fx = point.x();
      Figure fy = point.y();
      if (!fx.exact()) {
        double from = x.at(fx.low());
        double to = x.at(fx.high());
        strokes.across(kind, from, to, py, plot.x().holds(fx.low()), plot.x().holds(fx.high()));
        labels.avoid(new Box(from, py - 3, to, py + 3));
      }
      if (!fy.exact()) {
        double from = y.at(fy.low());
        double to = y.at(fy.high());
        strokes.upright(kind, px, from, to, plot.y().holds(fy.low()), plot.y().holds(fy.high()));
        labels.avoid(new Box(px - 3, to, px + 3, from));
      }
    }
  }

  private void marks(Series series, int index) {
    for (Point point : series.points()) {
      if (!isShown(point)) {
        continue;
      }
      double px = x.at(point.x().value());
      double py = y.at(point.y().value());
      String name = point.label().isEmpty() ? "" : point.label() + ": ";
      strokes.mark(index, px, py, name + point.x().text() + ", " + point.y().text());
      double radius = radius(point);
      if (point.chosen()) {
        strokes.ring(px, py, radius);
      }
      labels.keepFree(new Box(px - radius, py - radius, px + radius, py + radius));
    }
  }

  /// Writes the labels of points, the chosen first; returns for how many there was no room.
  private int names() {
    List<Point> all = shown().filter(point -> !point.label().isEmpty()).distinct().toList();
    List<Point> named =
        Stream.concat(
                all.stream().filter(Point::chosen), all.stream().filter(point -> !point.chosen()))
            .limit(MOST_LABELS)
            .toList();
    int first = (int) named.stream().filter(Point::chosen).count();
    return all.size() - names(named.subList(0, first)) - names(named.subList(first, named.size()));
  }

  /// Writes those labels for which there is room; returns how many.
  private int names(List<Point> points) {
    List<Optional<Spot>> spots = labels.beside(points.stream().map(this::wanted).toList());
    int written = 0;
    for (int i = 0; i < points.size(); i++) {
      if (spots.get(i).isPresent()) {
        name(points.get(i), spots.get(i).get());
        written++;
      }
    }
    return written;
  }

  private Wanted wanted(Point point) {
    double span =
        point.chosen() ? TextWidth.bold(label(point), FONT) : TextWidth.of(label(point), FONT);
    return new Wanted(x.at(point.x().value()), y.at(point.y().value()), radius(point), span);
  }

  private void name(Point point, Spot spot) {
    if (spot.far()) {
      double px = x.at(point.x().value());
      double py = y.at(point.y().value());
      double dx = spot.tipX() - px;
      double dy = spot.tipY() - py;
      double start = Math.min(1, (radius(point) + 1) / Math.hypot(dx, dy));
      strokes.line("leader", px + dx * start, py + dy * start, spot.tipX(), spot.tipY());
    }
    String kind = point.chosen() ? "bold" : "name";
    strokes.text(kind, spot.box().left(), spot.baseline(), label(point));
  }

  private String label(Point point) {
    return TextWidth.fit(point.label(), FONT, (right - left) * 0.6);
  }

  private static double radius(Point point) {
    return point.chosen() ? 9 : RADIUS;
  }

  private double legend(double baseline) {
    List<Series> series = plot.series();
    if (series.stream().noneMatch(one -> !one.name().isEmpty())) {
      return baseline - 12;
    }
    double at = left;
    double line = baseline;
    for (int i = 0; i < series.size(); i++) {
      String name = TextWidth.fit(series.get(i).name(), FONT, width - left - 40);
      double span = 26 + TextWidth.of(name, FONT) + 18;
      if (at > left && at + span - 18 > width) {
        at = left;
        line += 20;
      }
      if (series.get(i).join() != Join.NONE) {
        strokes.line("join j" + (i % 6 + 1), at, line - 4, at + 20, line - 4);
      }
      if (!isFront(series.get(i))) {
        strokes.mark(i, at + 10, line - 4, "");
      }
      strokes.text("name", at + 26, line, name);
      at += span;
    }
    return line + 12;
  }

  private double remarks(double below, int unlabelled) {
    long all =
        plot.series().stream().flatMap(series -> series.points().stream()).distinct().count();
    long hidden = all - shown().distinct().count();
    double line = below;
    if (all == hidden) {
      strokes.text("faint mid", (left + right) / 2, (top + bottom) / 2, "Nothing to show.");
    }
    if (hidden > 0) {
      line += 8;
      strokes.text("faint", left, line, hidden + " not drawn: no place on these axes.");
      line += 10;
    }
    if (unlabelled > 0) {
      line += 8;
      strokes.text("faint", left, line, unlabelled + " without a label, for lack of room.");
      line += 10;
    }
    return line;
  }

  private static double[] at(double x, double y) {
    return new double[] {x, y};
  }
}
