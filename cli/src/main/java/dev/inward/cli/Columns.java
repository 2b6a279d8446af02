package dev.inward.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;

/// A table for a terminal: columns as wide as their widest cell, two blanks between them.
final class Columns {
  private static final String GAP = "  ";

  private final List<String> head;
  private final List<List<String>> rows = new ArrayList<>();

  /// @param head the columns' titles; one that starts with `>` stands, with its cells, on the right
  Columns(String... head) {
    this.head = List.of(head);
  }

  Columns row(Object... cells) {
    List<String> row = new ArrayList<>();
    for (Object cell : cells) {
      row.add(String.valueOf(cell));
    }
    rows.add(row);
    return this;
  }

  void print(PrintStream out) {
    print(out, head.stream().map(Columns::title).toList());
    rows.forEach(row -> print(out, row));
  }

  private void print(PrintStream out, List<String> row) {
    var line = new StringBuilder();
    for (int c = 0; c < row.size(); c++) {
      String blanks = " ".repeat(Math.max(0, width(c) - row.get(c).length()));
      boolean right = head.get(c).startsWith(">");
      line.append(c == 0 ? "" : GAP)
          .append(right ? blanks : "")
          .append(row.get(c))
          .append(right ? "" : blanks);
    }
    out.println(line.toString().stripTrailing());
  }

  private int width(int column) {
    int width = title(head.get(column)).length();
    for (List<String> row : rows) {
      width = Math.max(width, row.get(column).length());
    }
    return width;
  }

  private static String title(String head) {
    return head.startsWith(">") ? head.substring(1) : head;
  }
}
