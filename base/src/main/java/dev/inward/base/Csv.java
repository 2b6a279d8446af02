package dev.inward.base;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;

/// One of our own tables: comma-separated, a heading line, quotes around cells that hold a comma.
public final class Csv {
  private Csv() {}

  /// A line of a table by heading.
  public record Row(Map<String, String> cells) {
    public String text(String heading) {
      return Objects.requireNonNull(cells.get(heading), heading);
    }

    public double number(String heading) {
      return Double.parseDouble(text(heading));
    }

    /// Empty where the cell is.
    public OptionalDouble known(String heading) {
      return text(heading).isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(number(heading));
    }
  }

  /// The rows of the resource of that name beside a class.
  public static List<Row> read(Class<?> beside, String resource) {
    try (InputStream in = Objects.requireNonNull(beside.getResourceAsStream(resource), resource)) {
      return parse(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Row> parse(String text) {
    List<String> lines = text.lines().toList();
    List<String> headings = cells(lines.getFirst());
    var rows = new ArrayList<Row>();
    for (String line : lines.subList(1, lines.size())) {
      List<String> cells = cells(line);
      if (cells.size() != headings.size()) {
        throw new IllegalStateException(
            "%d cells, not %d: %s".formatted(cells.size(), headings.size(), line));
      }
      var row = new LinkedHashMap<String, String>();
      for (int i = 0; i < cells.size(); i++) {
        row.put(headings.get(i), cells.get(i));
      }
      rows.add(new Row(row));
    }
    return List.copyOf(rows);
  }

  private static List<String> cells(String line) {
    var cells = new ArrayList<String>();
    var cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        cells.add(cell.toString());
        cell.setLength(0);
      } else {
        cell.append(c);
      }
    }
    cells.add(cell.toString());
    return cells;
  }
}
