package dev.inward.document;

import dev.inward.base.Replacement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A document as a value: what it says, not how it looks. [#html()] gives it the one look.
///
/// @param subtitle one line below the title; empty for none
/// @param lead what a hurried reader must see, before the table of contents
/// @param sections numbered in the table of contents; they may nest
public record Document(
    String title, String subtitle, List<Block> lead, List<Block.Section> sections) {
  public Document {
    lead = List.copyOf(lead);
    sections = List.copyOf(sections);
  }

  /// The whole document as one XHTML page that is valid HTML too: no script, nothing from outside,
  /// the same bytes for the same document.
  ///
  /// @throws IllegalArgumentException where a link names an anchor that no section has
  public String html() {
    return Page.of(this);
  }

  /// Writes [#html()] to a file, whole or not at all.
  ///
  /// @throws dev.inward.base.InputException where the file cannot be written
  public void write(Path file) {
    String html = html();
    Replacement.of(file, beside -> Files.writeString(beside, html));
  }
}
