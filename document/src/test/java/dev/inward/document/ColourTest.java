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
  /// Dichromatic sight in linear RGB: Vienot, Brettel and Mollon, "Digital video colourmaps for
  /// checking the legibility of displays by dichromats", 1999.
  private static final double[][] NO_RED = {
    {0.11238, 0.88762, 0}, {0.11238, 0.88762, 0}, {0.00401, -0.00401, 1}
  };

  private static final double[][] NO_GREEN = {
    {0.29275, 0.70725, 0}, {0.29275, 0.70725, 0}, {-0.02234, 0.02234, 1}
  };

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

  /// Neighbouring segments, and the first three series, differ also for who sees no red or no
  /// green: by more than 12 in CIE L*a*b*, where about 2 is just noticeable.
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void coloursSideBySide_differForTheColourBlind(boolean dark) {
    Colours fills = chart(dark, "fill");
    for (double[][] sight : new double[][][] {NO_RED, NO_GREEN}) {
      for (int i = 1; i < 8; i++) {
        assertDiffer(fills, "p" + i, "p" + (i + 1), sight);
      }
      assertDiffer(fills, "s1", "s2", sight);
      assertDiffer(fills, "s2", "s3", sight);
      assertDiffer(fills, "s1", "s3", sight);
    }
  }

  private static void assertDiffer(Colours colours, String a, String b, double[][] sight) {
    double[] x = lab(colours.get(a), sight);
    double[] y = lab(colours.get(b), sight);
    assertThat(Math.hypot(Math.hypot(x[0] - y[0], x[1] - y[1]), x[2] - y[2]))
        .as(a + " beside " + b)
        .isGreaterThan(12);
  }

  private static double[] lab(String hex, double[][] sight) {
    double[] seen = times(sight, linear(hex));
    double[][] toXyz = {
      {0.4124, 0.3576, 0.1805}, {0.2126, 0.7152, 0.0722}, {0.0193, 0.1192, 0.9505}
    };
    double[] xyz = times(toXyz, seen);
    double x = root(xyz[0] / 0.9505);
    double y = root(xyz[1]);
    double z = root(xyz[2] / 1.089);
    return new double[] {116 * y - 16, 500 * (x - y), 200 * (y - z)};
  }

  private static double root(double t) {
    return t > 0.008856 ? Math.cbrt(t) : 7.787 * t + 16 / 116.0;
  }

  private static double[] times(double[][] matrix, double[] vector) {
    double[] product = new double[3];
    for (int i = 0; i < 3; i++) {
      for (int j = 0; j < 3; j++) {
        product[i] += matrix[i][j] * vector[j];
      }
    }
    return product;
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
    double[] rgb = linear(hex);
    return 0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2];
  }

  private static double[] linear(String hex) {
    double[] rgb = new double[3];
    for (int i = 0; i < 3; i++) {
      double c = Integer.parseInt(hex.substring(1 + 2 * i, 3 + 2 * i), 16) / 255.0;
      rgb[i] = c <= 0.04045 ? c / 12.92 : Math.pow((c + 0.055) / 1.055, 2.4);
    }
    return rgb;
  }
}
