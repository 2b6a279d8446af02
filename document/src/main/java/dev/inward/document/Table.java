package dev.inward.document;

import java.util.Arrays;
import java.util.List;

/// Rows under heads. The first column names the row and is its head.
///
/// @param caption what the table holds, printed above it
/// @throws IllegalArgumentException where a row has more or fewer cells than there are columns
public record Table(String caption, List<Column> columns, List<Row> rows) implements Block {
  public Table {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
    for (Row row : rows) {
      if (row.cells().size() != columns.size()) {
        throw new IllegalArgumentException(
            "table '%s' has %d columns, a row has %d cells"
                .formatted(caption, columns.size(), row.cells().size()));
      }
    }
  }

  /// Where the content of a column stands: words at the start, numbers at the end.
  public enum Align {
    START,
    END
  }

  public record Column(String head, Align align) {
    /// A column of words.
    public static Column words(String head) {
      return new Column(head, Align.START);
    }

    /// A column of numbers, right-aligned on digits of one width.
    public static Column numbers(String head) {
      return new Column(head, Align.END);
    }
  }

  /// How much a row asks to be seen.
  public enum Weight {
    PLAIN,
    /// The row that was chosen; say so in words in one of its cells too.
    CHOSEN,
    /// A row that is there to be complete, such as an eliminated candidate.
    FAINT
  }

  public record Row(Weight weight, List<Inline> cells) {
    public Row {
      cells = List.copyOf(cells);
    }

    public static Row of(Inline... cells) {
      return new Row(Weight.PLAIN, Arrays.asList(cells));
    }

    public static Row chosen(Inline... cells) {
      return new Row(Weight.CHOSEN, Arrays.asList(cells));
    }

    public static Row faint(Inline... cells) {
      return new Row(Weight.FAINT, Arrays.asList(cells));
    }
  }
}
