package dev.inward.document;

import dev.inward.base.Figure;
import dev.inward.base.Unit;
import dev.inward.document.Chart.Pile;
import dev.inward.document.Chart.Stack;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// Draws wholes and their parts.
final class StackDrawing {
  private static final int COLOURS = 8;
  private static final double FONT = 12;
  private static final double BAR = 28;

  private final Stack stack;
  private final int width;
  private final Strokes strokes = new Strokes();

  /// One colour: the parts that it stands for.
  private record Share(String name, List<Integer> parts) {
    double of(Pile pile) {
      double sum = 0;
      for (int part : parts) {
        sum += placed(pile.parts().get(part));
      }
      return sum;
    }

    private static double placed(Figure figure) {
      return figure.value() <= 1e150 ? figure.value() : 0;
    }
  }

  StackDrawing(Stack stack, int width) {
    this.stack = stack;
    this.width = width;
  }

  Drawing draw() {
    boolean narrow = width < 500;
    strokes.text("title", 0, 14, TextWidth.fitBold(stack.title(), 14, width));
    List<Share> shares = shares();
    List<Double> totals = stack.piles().stream().map(pile -> total(pile, shares)).toList();
    Unit unit = stack.value().unit();
    double labelRoom = 0;
    double totalRoom = 0;
    for (int i = 0; i < totals.size(); i++) {
      labelRoom = Math.max(labelRoom, TextWidth.of(stack.piles().get(i).label(), FONT));
      totalRoom = Math.max(totalRoom, TextWidth.bold(unit.text(totals.get(i)), FONT));
    }
    double from = narrow ? 0 : Math.min(labelRoom, width * 0.35) + 10;
    double to = width - Math.max(14, totalRoom + 10);
    Scale scale = Scale.of(stack.value(), totals, true, from, to, (int) ((to - from) / 55));
    strokes.text("faint", 0, 36, scale.label());
    double top = 62;
    double row = narrow ? BAR + 26 : BAR + 10;
    double bottom = top + totals.size() * row;
    for (Scale.Tick tick : scale.ticks()) {
      double at = scale.at(tick.value());
      strokes.line("grid", at, top - 4, at, bottom);
      strokes.text(at < 8 ? "faint" : "faint mid", at, top - 9, tick.text());
    }
    for (int i = 0; i < totals.size(); i++) {
      Pile pile = stack.piles().get(i);
      double bar = top + i * row + (narrow ? 20 : 4);
      if (narrow) {
        strokes.text("name", 0, bar - 5, TextWidth.fit(pile.label(), FONT, width));
      } else {
        String label = TextWidth.fit(pile.label(), FONT, from - 10);
        strokes.text("end", from - 10, bar + BAR / 2 + 4, label);
      }
      double end = segments(pile, shares, scale, bar);
      strokes.text("bold", end + 6, bar + BAR / 2 + 4, unit.text(totals.get(i)));
    }
    if (totals.isEmpty()) {
      strokes.text("faint mid", width / 2.0, top + 10, "Nothing to show.");
      bottom = top + 20;
    }
    double below = legend(shares, bottom + 22);
    return new Drawing(stack.title(), Summary.of(stack), width, (int) below, strokes.toString());
  }

  private double segments(Pile pile, List<Share> shares, Scale scale, double top) {
    Unit unit = stack.value().unit();
    double sum = 0;
    for (int i = 0; i < shares.size(); i++) {
      double value = shares.get(i).of(pile);
      if (value == 0) {
        continue;
      }
      double left = scale.at(sum);
      sum += value;
      double right = scale.at(sum);
      String text = unit.text(value);
      int colour = colour(i, shares);
      strokes.rect(
          "part p" + colour, left, top, right, top + BAR, shares.get(i).name() + ": " + text);
      if (TextWidth.of(text, FONT) + 6 <= right - left) {
        String ink = colour == 1 ? "on-dark mid" : "on-light mid";
        strokes.text(ink, (left + right) / 2, top + BAR / 2 + 4, text);
      }
    }
    return scale.at(sum);
  }

  private double legend(List<Share> shares, double baseline) {
    double at = 0;
    double line = baseline;
    for (int i = 0; i < shares.size(); i++) {
      String name = TextWidth.fit(shares.get(i).name(), FONT, width - 24);
      double span = 20 + TextWidth.of(name, FONT) + 16;
      if (at > 0 && at + span - 16 > width) {
        at = 0;
        line += 20;
      }
      strokes.rect("part p" + colour(i, shares), at, line - 10, at + 14, line + 1);
      strokes.text("name", at + 20, line, name);
      at += span;
    }
    return line + 12;
  }

  private List<Share> shares() {
    List<String> names = stack.parts();
    if (names.size() <= COLOURS) {
      return IntStream.range(0, names.size())
          .mapToObj(part -> new Share(names.get(part), List.of(part)))
          .toList();
    }
    List<Integer> bySize =
        IntStream.range(0, names.size())
            .boxed()
            .sorted(Comparator.comparingDouble((Integer part) -> -sum(part)))
            .toList();
    var shares = new ArrayList<Share>();
    for (int part : bySize.subList(0, COLOURS - 1)) {
      shares.add(new Share(names.get(part), List.of(part)));
    }
    List<Integer> rest = bySize.subList(COLOURS - 1, bySize.size());
    shares.add(new Share("%d others".formatted(rest.size()), rest));
    return shares;
  }

  /// The grey is for what is left over only.
  private int colour(int share, List<Share> shares) {
    return share == shares.size() - 1 && stack.parts().size() > COLOURS ? COLOURS : share + 1;
  }

  private double sum(int part) {
    return stack.piles().stream().mapToDouble(pile -> Share.placed(pile.parts().get(part))).sum();
  }

  private static double total(Pile pile, List<Share> shares) {
    return shares.stream().mapToDouble(share -> share.of(pile)).sum();
  }
}
