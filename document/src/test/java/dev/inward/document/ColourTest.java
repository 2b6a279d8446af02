package dev.inward.document;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Reads the colours out of the style sheets and measures them as WCAG 2.2 asks: 4.5 to 1 for text
/// (1.4.3), 3 to 1 for the lines and marks of a chart (1.4.11).
final class ColourTest {
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void text_standsOutFromWhatIsBehindIt(boolean dark) {
    Colours colours = variables(dark);
    for (String text : List.of("ink", "faint", "link", "string", "keyword")) {
      for (String behind : List.of("paper", "soft", "chosen")) {
        check(colours, text, behind);
      }
    }
    for (String standing : List.of("kept", "broken", "undecided")) {
      check(colours, standing, standing + "-soft");
    }
    check(colours, "link", "undecided-soft");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void linesAndMarks_standOutFromThePaper(boolean dark) {
    Colours fills = chart(dark, "fill");
    Colours strokes = chart(dark, "stroke");
    String paper = fills.get("paper");
    assertThat(paper).isEqualTo(variables(dark).get("paper"));
    for (int i = 1; i <= 6; i++) {
      assertThat(contrast(fills.get("s" + i), paper)).as("s" + i).isGreaterThanOrEqualTo(3);
      assertThat(strokes.get("j" + i)).isEqualTo(fills.get("s" + i));
    }
    assertThat(contrast(strokes.get("limit"), paper)).isGreaterThanOrEqualTo(3);
    assertThat(contrast(fills.get("limit-text"), paper)).isGreaterThanOrEqualTo(4.5);
    assertThat(contrast(fills.get("faint"), paper)).isGreaterThanOrEqualTo(4.5);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void textOnASegment_canBeRead(boolean dark) {
    Colours fills = chart(dark, "fill");
    for (int i = 1; i <= 8; i++) {
      String ink = fills.get(i == 1 ? "on-dark" : "on-light");
      assertThat(contrast(ink, fills.get("p" + i))).as("p" + i).isGreaterThanOrEqualTo(4.5);
    }
  }

  private static void check(Colours colours, String text, String behind) {
    assertThat(contrast(colours.get(text), colours.get(behind)))
        .as(text + " on " + behind)
        .isGreaterThanOrEqualTo(4.5);
  }

  private static Colours variables(boolean dark) {
    return read("document.css", "--([a-z-]+)(): (#[0-9a-f]{6})", dark);
  }

  private static Colours chart(boolean dark, String property) {
    return read(
        "chart.css",
        "\\.chart (?:\\.[a-z-]+, )?\\.([a-z0-9-]+) (\\{)[^}]*?\\b" + property + ": (#[0-9a-f]{6})",
        dark);
  }

  private static Colours read(String sheet, String pattern, boolean dark) {
    String css = Page.resource(sheet);
    int darkFrom = css.indexOf("@media screen and (prefers-color-scheme: dark)");
    Matcher matcher = Pattern.compile(pattern).matcher(css);
    var colours = new HashMap<String, String>();
    while (matcher.find()) {
      if (dark || matcher.start() < darkFrom) {
        colours.put(matcher.group(1), matcher.group(3));
      }
    }
    return new Colours(colours);
  }

  private record Colours(Map<String, String> byName) {
    String get(String name) {
      return Optional.ofNullable(byName.get(name)).orElseThrow(() -> new AssertionError(name));
    }
  }

  private static double contrast(String a, String b) {
    double x = luminance(a);
    double y = luminance(b);
    return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
  }

  private static double luminance(String hex) {
    double[] weights = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
      double c = Integer.parseInt(hex.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
      sum += weights[i] * (c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
  }
}
