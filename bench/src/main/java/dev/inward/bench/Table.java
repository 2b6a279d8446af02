package dev.inward.bench;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A table in Markdown, its columns aligned.
final class Table {
  private final List<List<String>> rows = new ArrayList<>();

  Table(String... head) {
    rows.add(List.of(head));
  }

  void row(Object... cells) {
    rows.add(Arrays.stream(cells).map(String::valueOf).toList());
  }

  void print() {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (var row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (int i = 0; i < rows.size(); i++) {
      print(rows.get(i), widths, " ");
      if (i == 0) {
        print(Arrays.stream(widths).mapToObj("-"::repeat).toList(), widths, "-");
      }
    }
  }

  private static void print(List<String> cells, int[] widths, String pad) {
    var line = new StringBuilder("|");
    for (int i = 0; i < widths.length; i++) {
      line.append(pad)
          .append(cells.get(i))
          .append(" ".repeat(widths[i] - cells.get(i).length()))
          .append(pad)
          .append('|');
    }
    System.out.println(line);
  }
}
