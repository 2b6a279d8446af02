package dev.inward.document;

import java.text.Normalizer;
import java.util.List;
import java.util.Locale;

/// What stands between two paragraphs' worth of white space.
public sealed interface Block
    permits Block.Section,
        Block.Paragraph,
        Block.Items,
        Block.Definitions,
        Block.Callout,
        Block.Listing,
        Block.Plate,
        Block.Folded,
        Block.Tiles,
        Table {

  /// A heading and what belongs to it. The level of the heading follows from the nesting.
  ///
  /// @param anchor lower-case letters, digits and hyphens; of two sections with one anchor the
  ///   later is renamed by a number
  record Section(String anchor, String title, List<Block> blocks) implements Block {
    public Section {
      if (!anchor.matches("[a-z0-9][a-z0-9-]*")) {
        throw new IllegalArgumentException(
            "an anchor is lower-case letters, digits and hyphens, got '%s'".formatted(anchor));
      }
      blocks = List.copyOf(blocks);
    }

    /// A section whose anchor is made from its title: `Why int8?` gives `why-int8`.
    public static Section of(String title, Block... blocks) {
      return new Section(anchor(title), title, List.of(blocks));
    }

    /// The anchor that [#of(String, Block...)] gives to a title.
    public static String anchor(String title) {
      String bare =
          Normalizer.normalize(title, Normalizer.Form.NFD)
              .replaceAll("\\p{M}+", "")
              .toLowerCase(Locale.ROOT)
              .replaceAll("[^a-z0-9]+", "-")
              .replaceAll("^-|-$", "");
      return bare.isEmpty() ? "section" : bare;
    }
  }

  record Paragraph(Inline text) implements Block {}

  /// A list, with numbers where the order matters.
  record Items(boolean numbered, List<Inline> items) implements Block {
    public Items {
      items = List.copyOf(items);
    }
  }

  /// Terms and what each of them is.
  record Definitions(List<Definition> entries) implements Block {
    public Definitions {
      entries = List.copyOf(entries);
    }
  }

  record Definition(String term, Inline meaning) {}

  /// A few headline numbers, side by side.
  record Tiles(List<Tile> tiles) implements Block {
    public Tiles {
      tiles = List.copyOf(tiles);
    }
  }

  /// One headline: what it is, the number, and a line below it.
  record Tile(String label, Inline value, Inline below) {}

  /// Set apart from the text around it.
  record Callout(Tone tone, String title, List<Block> blocks) implements Block {
    public Callout {
      blocks = List.copyOf(blocks);
    }
  }

  /// What a callout is for. Each is named in words by the callout's title.
  enum Tone {
    NOTE,
    ANSWER,
    WARNING
  }

  /// Source text, as it is.
  ///
  /// @param language printed above it, such as `Swift`; empty for none
  record Listing(String language, String text) implements Block {}

  /// A chart and what it shows. The sources of the chart's figures are marked after the caption.
  record Plate(Chart chart, Inline caption) implements Block {}

  /// What is there for who wants to look; opened by the reader, always open in print.
  record Folded(String summary, List<Block> blocks) implements Block {
    public Folded {
      blocks = List.copyOf(blocks);
    }
  }

  static Block paragraph(String text) {
    return new Paragraph(new Inline.Text(text));
  }

  static Block paragraph(Inline... pieces) {
    return new Paragraph(Inline.run(pieces));
  }

  static Block bullets(Inline... items) {
    return new Items(false, List.of(items));
  }

  static Block steps(Inline... items) {
    return new Items(true, List.of(items));
  }

  static Block callout(Tone tone, String title, Block... blocks) {
    return new Callout(tone, title, List.of(blocks));
  }

  static Block folded(String summary, Block... blocks) {
    return new Folded(summary, List.of(blocks));
  }
}
