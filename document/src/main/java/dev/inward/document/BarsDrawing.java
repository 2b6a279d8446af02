package dev.inward.document;

import dev.inward.base.Figure;
import dev.inward.document.Chart.Bar;
import dev.inward.document.Chart.Bars;
import java.util.ArrayList;
import java.util.List;

/// Draws horizontal bars, in two columns where there are many and the page is wide.
final class BarsDrawing {
  private static final int MOST_IN_ONE_COLUMN = 40;
  private static final double GAP = 28;
  private static final double LABEL_SHARE = 0.45;

  private final Bars bars;
  private final int width;
  private final Strokes strokes = new Strokes();
  private final double font;
  private final double row;
  private int shared;

  BarsDrawing(Bars bars, int width) {
    this.bars = bars;
    this.width = width;
    boolean few = bars.bars().size() <= 15;
    font = few ? 12 : 11;
    row = few ? 24 : 17;
  }

  Drawing draw() {
    strokes.text("title", 0, 14, TextWidth.fitBold(bars.title(), 14, width));
    List<Bar> all = bars.bars();
    int columns = width >= 700 && all.size() > MOST_IN_ONE_COLUMN ? 2 : 1;
    int most = (all.size() + columns - 1) / columns;
    double span = (width - GAP * (columns - 1)) / columns;
    shared = shared(span * LABEL_SHARE);
    double top = 64;
    for (int column = 0; column < columns; column++) {
      int from = Math.min(all.size(), column * most);
      int to = Math.min(all.size(), from + most);
      column(all.subList(from, to), column * (span + GAP), span, top, top + most * row + 4);
    }
    if (all.isEmpty()) {
      strokes.text("faint mid", width / 2.0, top + 10, "Nothing to show.");
      return new Drawing(bars.title(), Summary.of(bars), width, (int) top + 30, strokes.toString());
    }
    double below = legend(top + most * row + 14);
    return new Drawing(bars.title(), Summary.of(bars), width, (int) below, strokes.toString());
  }

  private void column(List<Bar> some, double left, double span, double top, double bottom) {
    double labelRoom = 0;
    double valueRoom = 0;
    for (Bar bar : bars.bars()) {
      double wide = bar.chosen() ? TextWidth.bold(name(bar), font) : TextWidth.of(name(bar), font);
      labelRoom = Math.max(labelRoom, wide);
      valueRoom = Math.max(valueRoom, TextWidth.of(value(bar), font));
    }
    labelRoom = Math.min(labelRoom, span * LABEL_SHARE);
    double from = left + labelRoom + 8;
    double to = left + span - valueRoom - 12;
    Scale scale = Scale.of(bars.value(), values(), true, from, to, (int) ((to - from) / 40));
    if (left == 0) {
      strokes.text("faint", 0, 36, scale.label());
    }
    for (Limit limit : drawn()) {
      double at = scale.at(limit.value());
      boolean above = limit.forbidden() == Limit.Side.ABOVE;
      strokes.rect("forbidden", above ? at : from, top - 4, above ? to : at, bottom);
    }
    for (Scale.Tick tick : scale.ticks()) {
      double at = scale.at(tick.value());
      strokes.line("grid", at, top - 4, at, bottom);
      strokes.text("faint mid", at, top - 9, tick.text());
    }
    double base = scale.at(bars.value().scale() == Axis.Scale.LOG ? scale.low() : 0);
    for (int i = 0; i < some.size(); i++) {
      bar(some.get(i), left + labelRoom, left + span, top + i * row, base, scale, labelRoom);
    }
    strokes.line("frame", base, top - 4, base, bottom);
    for (Limit limit : drawn()) {
      double at = scale.at(limit.value());
      strokes.line("limit", at, top - 4, at, bottom);
    }
  }

  private void bar(
      Bar bar, double labelEnd, double end, double top, double base, Scale scale, double room) {
    double middle = top + row / 2;
    double baseline = middle + font * 0.35;
    Figure figure = bar.value();
    String label =
        bar.chosen()
            ? TextWidth.fitBold(name(bar), font, room)
            : TextWidth.fit(name(bar), font, room);
    String size = font < 12 ? "small " : "";
    strokes.text(size + (bar.chosen() ? "bold end" : "end"), labelEnd, baseline, label);
    strokes.text(size + "faint end", end, baseline, value(bar));
    if (!bars.value().holds(figure.value())) {
      return;
    }
    double at = scale.at(figure.value());
    double half = row * 0.32;
    strokes.rect(
        bar.chosen() ? "s2" : "s1",
        Math.min(base, at),
        middle - half,
        Math.max(base, at),
        middle + half,
        bar.label() + ": " + figure.text());
    if (!figure.exact()) {
      strokes.across(
          "whisker",
          scale.at(figure.low()),
          scale.at(figure.high()),
          middle,
          bars.value().holds(figure.low()),
          bars.value().holds(figure.high()));
    }
  }

  private double legend(double top) {
    double line = top + 8;
    if (!bars.chosen().isEmpty() && bars.bars().stream().anyMatch(Bar::chosen)) {
      strokes.rect("s2", 0, line - 9, 18, line);
      strokes.text("name", 26, line, TextWidth.fit(bars.chosen() + " (in bold)", 12, width - 26));
      line += 20;
    }
    for (Limit limit : drawn()) {
      strokes.line("limit", 0, line - 4, 18, line - 4);
      strokes.text("limit-text", 26, line, TextWidth.fitBold(limit.label(), 12, width - 26));
      line += 20;
    }
    return line - 8;
  }

  private List<Limit> drawn() {
    return bars.limits().stream().filter(limit -> bars.value().holds(limit.value())).toList();
  }

  private List<Double> values() {
    var values = new ArrayList<Double>();
    for (Bar bar : bars.bars()) {
      if (bars.value().holds(bar.value().value())) {
        values.addAll(List.of(bar.value().value(), bar.value().low(), bar.value().high()));
      }
    }
    bars.limits().forEach(limit -> values.add(limit.value()));
    return values;
  }

  private String name(Bar bar) {
    return shared == 0 ? bar.label() : "…" + bar.label().substring(shared);
  }

  /// How much of their beginning all labels share, up to a dot or a slash: it is left out where the
  /// longest would not fit with it.
  private int shared(double room) {
    List<String> labels = bars.bars().stream().map(Bar::label).toList();
    if (labels.size() < 2
        || labels.stream().allMatch(label -> TextWidth.bold(label, font) <= room)) {
      return 0;
    }
    String first = labels.getFirst();
    int same = first.length();
    for (String label : labels) {
      int i = 0;
      while (i < Math.min(same, label.length()) && label.charAt(i) == first.charAt(i)) {
        i++;
      }
      same = i;
    }
    String start = first.substring(0, same);
    return Math.max(start.lastIndexOf('.'), start.lastIndexOf('/')) + 1;
  }

  private static String value(Bar bar) {
    return bar.value().unit().text(bar.value().value());
  }
}
