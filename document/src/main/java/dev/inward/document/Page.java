package dev.inward.document;

import dev.inward.base.Figure;
import dev.inward.base.Unit;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Writes a document as a page.
final class Page {
  private static final int LEVELS_IN_CONTENTS = 2;
  private static final int LONG_TABLE = 24;

  private final Markup out = new Markup();
  private final References references = new References();
  private final Anchors anchors;
  private int charts;

  /// From how many columns on a table is set closer, so that it needs no scrolling on a desk.
  private static final int MANY_COLUMNS = 7;

  private int tables;

  private Page(Document document) {
    anchors = new Anchors(document.sections());
  }

  static String of(Document document) {
    return new Page(document).page(document);
  }

  private String page(Document document) {
    out.finished("<!DOCTYPE html>").line();
    out.open("html", "xmlns", "http://www.w3.org/1999/xhtml", "lang", "en").line();
    out.open("head").line();
    out.empty("meta", "charset", "utf-8").line();
    out.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1").line();
    out.empty("meta", "name", "color-scheme", "content", "light dark").line();
    out.empty(
            "meta",
            "http-equiv",
            "Content-Security-Policy",
            "content",
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:")
        .line();
    out.leaf("title", document.title()).line();
    out.open("style").line().finished(resource("document.css")).finished(resource("chart.css"));
    out.close().line().close().line();
    out.open("body").line();
    out.open("header").leaf("h1", document.title()).line();
    if (!document.subtitle().isEmpty()) {
      out.leaf("p", document.subtitle(), "class", "subtitle").line();
    }
    out.close().line();
    if (!document.lead().isEmpty()) {
      out.open("div", "class", "lead").line();
      blocks(document.lead(), 2);
      out.close().line();
    }
    // The contents stand before the sections but list the sources only if any were cited, which is
    // known after them.
    Markup contents = new Markup();
    int at = out.length();
    out.open("main").line();
    blocks(document.sections(), 2);
    if (!references.isEmpty()) {
      out.open("section", "class", "references", "aria-labelledby", Anchors.SOURCES).line();
      out.leaf("h2", "Sources", "id", Anchors.SOURCES).line();
      references.list(out);
      out.close().line();
    }
    out.close().line();
    if (!document.sections().isEmpty()) {
      contents(document.sections(), contents);
      out.insert(at, contents);
    }
    out.close().line().close().line();
    return out.toString();
  }

  private void contents(List<Block.Section> sections, Markup to) {
    to.open("nav", "class", "contents", "aria-label", "Contents").line();
    to.leaf("p", "Contents", "class", "head").line();
    to.open("ol").line();
    entries(sections, 1, to);
    if (!references.isEmpty()) {
      to.open("li").leaf("a", "Sources", "href", "#" + Anchors.SOURCES).close().line();
    }
    to.close().line().close().line();
  }

  private void entries(List<? extends Block> blocks, int level, Markup to) {
    for (Block block : blocks) {
      if (block instanceof Block.Section section) {
        Anchors.Place place = anchors.of(section);
        to.open("li").open("a", "href", "#" + place.id());
        to.leaf("span", place.number(), "class", "no").text(" " + section.title()).close();
        boolean deeper = section.blocks().stream().anyMatch(Block.Section.class::isInstance);
        if (deeper && level < LEVELS_IN_CONTENTS) {
          to.line().open("ol").line();
          entries(section.blocks(), level + 1, to);
          to.close();
        }
        to.close().line();
      }
    }
  }

  private void blocks(List<? extends Block> blocks, int level) {
    for (Block block : blocks) {
      block(block, level);
      out.line();
    }
  }

  private void block(Block block, int level) {
    switch (block) {
      case Block.Section section -> section(section, level);
      case Block.Paragraph(var text) -> wrapped("p", text);
      case Block.Items(var numbered, var items) -> {
        out.open(numbered ? "ol" : "ul").line();
        for (Inline item : items) {
          wrapped("li", item);
          out.line();
        }
        out.close();
      }
      case Block.Definitions(var entries) -> {
        out.open("dl").line();
        for (Block.Definition entry : entries) {
          out.leaf("dt", entry.term());
          wrapped("dd", entry.meaning());
          out.line();
        }
        out.close();
      }
      case Block.Tiles(var tiles) -> tiles(tiles);
      case Block.Callout(var tone, var title, var inner) -> {
        out.open("div", "class", "callout " + word(tone), "role", "note").line();
        if (!title.isEmpty()) {
          out.leaf("p", title, "class", "head").line();
        }
        blocks(inner, level);
        out.close();
      }
      case Block.Listing(var language, var text) -> {
        out.open("div", "class", "listing");
        if (!language.isEmpty()) {
          out.leaf("p", language, "class", "head");
        }
        out.open("pre", "tabindex", "0").open("code");
        Highlight.write(language, text, out);
        out.close().close().close();
      }
      case Block.Plate(var chart, var caption) -> plate(chart, caption);
      case Block.Folded(var summary, var inner) -> {
        out.open("details").leaf("summary", summary).line();
        blocks(inner, level);
        out.close();
      }
      case Table table -> table(table);
    }
  }

  private void section(Block.Section section, int level) {
    Anchors.Place place = anchors.of(section);
    out.open("section", "class", "level" + level, "aria-labelledby", place.id()).line();
    out.open("h" + Math.min(level, 6), "id", place.id());
    out.leaf("span", place.number(), "class", "no").text(" " + section.title()).close().line();
    blocks(section.blocks(), level + 1);
    out.close();
  }

  private void tiles(List<Block.Tile> tiles) {
    out.open("dl", "class", "tiles").line();
    for (Block.Tile tile : tiles) {
      out.open("div").leaf("dt", tile.label());
      out.open("dd", "class", "value");
      inline(tile.value(), false);
      out.close();
      wrapped("dd", tile.below());
      out.close().line();
    }
    out.close();
  }

  private void plate(Chart chart, Inline caption) {
    charts++;
    out.open("figure").line();
    out.open("div", "class", "wide")
        .finished(Drawing.of(chart, Drawing.WIDE).inside("chart_" + charts))
        .close()
        .line();
    out.open("div", "class", "narrow")
        .finished(Drawing.of(chart, Drawing.NARROW).inside("chart_" + charts + "_narrow"))
        .close()
        .line();
    out.open("figcaption");
    inline(caption, false);
    references.marks(chart.sources(), out);
    out.close().line().close();
  }

  private void table(Table table) {
    tables++;
    String id = "table_" + tables;
    boolean tall = table.rows().size() > LONG_TABLE;
    // The caption stands outside, so that it does not scroll away with a table that is too wide.
    out.leaf("p", table.caption(), "class", "caption", "id", id).line();
    out.open(
        "div",
        "class",
        "table" + (tall ? " tall" : "") + (table.columns().size() >= MANY_COLUMNS ? " dense" : ""),
        "role",
        "region",
        "tabindex",
        "0",
        "aria-labelledby",
        id);
    out.open("table", "aria-labelledby", id).line();
    out.open("thead").open("tr");
    boolean[] marked = marked(table);
    for (int i = 0; i < marked.length; i++) {
      Table.Column column = table.columns().get(i);
      out.open("th", "scope", "col", "class", side(column)).text(column.head());
      if (marked[i]) {
        out.leaf("span", "", "class", "mark");
      }
      out.close();
    }
    out.close().close().line().open("tbody").line();
    for (Table.Row row : table.rows()) {
      out.open("tr", "class", word(row.weight()));
      for (int i = 0; i < row.cells().size(); i++) {
        Inline cell = row.cells().get(i);
        String side = side(table.columns().get(i));
        if (i == 0) {
          out.open("th", "scope", "row", "class", side);
        } else {
          out.open("td", "class", side);
        }
        inline(cell, true);
        if (marked[i] && !endsMarked(cell)) {
          out.leaf("span", "", "class", "mark");
        }
        out.close();
      }
      out.close().line();
    }
    out.close().close().close();
  }

  /// Which columns of numbers carry marks: their other cells leave the same room, so that digits
  /// stay under digits.
  private static boolean[] marked(Table table) {
    boolean[] marked = new boolean[table.columns().size()];
    for (int i = 0; i < marked.length; i++) {
      int column = i;
      marked[i] =
          table.columns().get(i).align() == Table.Align.END
              && table.rows().stream().anyMatch(row -> endsMarked(row.cells().get(column)));
    }
    return marked;
  }

  private static boolean endsMarked(Inline inline) {
    return switch (inline) {
      case Inline.Number _, Inline.Mark _ -> true;
      case Inline.Strong(var inner) -> endsMarked(inner);
      case Inline.Emphasis(var inner) -> endsMarked(inner);
      case Inline.Faint(var inner) -> endsMarked(inner);
      case Inline.Run(var pieces) -> !pieces.isEmpty() && endsMarked(pieces.getLast());
      case Inline.Text _, Inline.Code _, Inline.Link _, Inline.Badge _ -> false;
    };
  }

  private void wrapped(String element, Inline inner) {
    out.open(element);
    inline(inner, false);
    out.close();
  }

  private void inline(Inline inline, boolean inCell) {
    switch (inline) {
      case Inline.Text(var text) -> out.text(text);
      case Inline.Code(var text) -> out.leaf("code", text);
      case Inline.Strong(var inner) -> within("strong", inner, inCell);
      case Inline.Emphasis(var inner) -> within("em", inner, inCell);
      case Inline.Faint(var inner) -> within("small", inner, inCell);
      case Inline.Link(var target, var inner) -> {
        if (target.startsWith("#")) {
          anchors.check(target.substring(1));
        }
        out.open("a", "href", target);
        inline(inner, inCell);
        out.close();
      }
      case Inline.Number(var figure, var interval) -> number(figure, interval, inCell);
      case Inline.Mark(var source) -> references.mark(source, out);
      case Inline.Badge(var standing, var word) -> {
        out.open("span", "class", "badge " + standing.word());
        out.leaf("span", standing.sign(), "aria-hidden", "true").text(" " + word).close();
      }
      case Inline.Run(var pieces) -> pieces.forEach(piece -> inline(piece, inCell));
    }
  }

  private void within(String element, Inline inner, boolean inCell) {
    out.open(element);
    inline(inner, inCell);
    out.close();
  }

  private void number(Figure figure, boolean interval, boolean inCell) {
    Unit unit = figure.unit();
    out.leaf("span", unit.text(figure.value()), "class", "number");
    references.mark(figure.source(), out);
    if (interval && !figure.exact()) {
      String text = interval(figure);
      out.text(" ").leaf("span", inCell ? text : "(" + text + ")", "class", "interval");
    }
  }

  /// `3.2 to 9.4 ms`; both ends with their unit where it differs.
  static String interval(Figure figure) {
    Unit unit = figure.unit();
    String low = unit.text(figure.low());
    String tail = " " + unit.step(figure.high()).symbol();
    boolean shared = unit.step(figure.low()).equals(unit.step(figure.high()));
    if (shared && tail.length() > 1 && low.endsWith(tail)) {
      low = low.substring(0, low.length() - tail.length());
    }
    return low + " to " + unit.text(figure.high());
  }

  private static String side(Table.Column column) {
    return switch (column.align()) {
      case START -> "w";
      case END -> "n";
    };
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(java.util.Locale.ROOT);
  }

  static String resource(String name) {
    try (InputStream in = Page.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("missing from the jar: " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
