package dev.inward.document;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import java.util.List;

/// What stands in a line of text. Text is taken as it is; nothing in it is read as markup.
public sealed interface Inline {
  record Text(String text) implements Inline {}

  record Code(String text) implements Inline {}

  record Strong(Inline inner) implements Inline {}

  record Emphasis(Inline inner) implements Inline {}

  /// Smaller and paler: what supports the line but is not its point.
  record Faint(Inline inner) implements Inline {}

  /// A link to a section of the same document (`#anchor`) or to a web page. The page is never
  /// loaded by the document itself.
  record Link(String target, Inline inner) implements Inline {
    public Link {
      if (!target.matches("#[a-z0-9][a-z0-9-]*|https?://[^\\s\"<>]+")) {
        throw new IllegalArgumentException(
            "a link leads to #anchor, http:// or https://, got '%s'".formatted(target));
      }
    }
  }

  /// A number and the mark of its source.
  ///
  /// @param interval whether the interval is printed too, where there is one
  record Number(Figure figure, boolean interval) implements Inline {}

  /// The mark of a source alone, for text that rests on it.
  record Mark(Source source) implements Inline {}

  /// How something stands, in a word and a sign, coloured besides.
  record Badge(Standing standing, String word) implements Inline {}

  /// Pieces one after another, with nothing between them.
  record Run(List<Inline> pieces) implements Inline {
    public Run {
      pieces = List.copyOf(pieces);
    }
  }

  static Inline text(String text) {
    return new Text(text);
  }

  static Inline code(String text) {
    return new Code(text);
  }

  static Inline strong(String text) {
    return new Strong(new Text(text));
  }

  static Inline emphasis(String text) {
    return new Emphasis(new Text(text));
  }

  static Inline faint(String text) {
    return new Faint(new Text(text));
  }

  static Inline link(String target, String text) {
    return new Link(target, new Text(text));
  }

  /// The number with its interval, if any, and its source.
  static Inline number(Figure figure) {
    return new Number(figure, true);
  }

  /// The number without its interval, and its source.
  static Inline value(Figure figure) {
    return new Number(figure, false);
  }

  static Inline badge(Standing standing) {
    return new Badge(standing, standing.word());
  }

  static Inline run(Inline... pieces) {
    return new Run(List.of(pieces));
  }

  /// The plain words, without marks and links.
  default String plain() {
    return switch (this) {
      case Text(var text) -> text;
      case Code(var text) -> text;
      case Strong(var inner) -> inner.plain();
      case Emphasis(var inner) -> inner.plain();
      case Faint(var inner) -> inner.plain();
      case Link(_, var inner) -> inner.plain();
      case Number(var figure, var interval) ->
          interval ? figure.text() : figure.unit().text(figure.value());
      case Mark _ -> "";
      case Badge(_, var word) -> word;
      case Run(var pieces) -> String.join("", pieces.stream().map(Inline::plain).toList());
    };
  }
}
