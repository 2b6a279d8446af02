package dev.inward.document;

import dev.inward.base.Source;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The sources that a document has cited so far, each once, numbered in the order of first use.
final class References {
  private static final Pattern ADDRESS = Pattern.compile("https?://[^\\s\"<>]*[^\\s\"<>.,;)]");

  private final Map<Source, Integer> numbers = new HashMap<>();
  private final List<Source> sources = new ArrayList<>();

  /// Writes the mark of a source; it leads to the list.
  void mark(Source source, Markup to) {
    mark(source, "mark", to);
  }

  private void mark(Source source, String kind, Markup to) {
    int number = number(source);
    to.open("sup", "class", kind)
        .leaf("a", Integer.toString(number), "href", "#source_" + number, "title", source.text())
        .close();
  }

  /// Writes the marks of several sources, in the order of their numbers.
  void marks(List<Source> several, Markup to) {
    several.forEach(this::number);
    List<Source> sorted = several.stream().sorted(Comparator.comparingInt(this::number)).toList();
    for (int i = 0; i < sorted.size(); i++) {
      mark(sorted.get(i), i == 0 ? "mark" : "mark next", to);
    }
  }

  boolean isEmpty() {
    return sources.isEmpty();
  }

  /// Writes the list to which the marks lead.
  void list(Markup to) {
    to.open("ol", "class", "sources").line();
    for (int i = 0; i < sources.size(); i++) {
      String text = sources.get(i).text();
      int colon = text.indexOf(':');
      to.open("li", "id", "source_" + (i + 1)).leaf("strong", text.substring(0, colon));
      linked(text.substring(colon), to);
      to.close().line();
    }
    to.close().line();
  }

  private int number(Source source) {
    Integer known = numbers.get(source);
    if (known != null) {
      return known;
    }
    sources.add(source);
    numbers.put(source, sources.size());
    return sources.size();
  }

  private static void linked(String text, Markup to) {
    Matcher address = ADDRESS.matcher(text);
    int done = 0;
    while (address.find()) {
      to.text(text.substring(done, address.start()))
          .leaf("a", address.group(), "href", address.group());
      done = address.end();
    }
    to.text(text.substring(done));
  }
}
