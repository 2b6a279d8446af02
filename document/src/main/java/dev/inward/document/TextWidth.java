package dev.inward.document;

/// How wide text will be, without a font at hand.
///
/// An estimate by kinds of letters, a little above common sans-serif fonts, so that room which is
/// kept by it is enough.
final class TextWidth {
  private static final String THIN = "iljI.,:;'|!/\\·` ";
  private static final String BROAD = "mwMW@%…—";

  private static final double BOLD = 1.18;

  private TextWidth() {}

  /// In pixels, at a font size in pixels.
  static double of(String text, double size) {
    double ems = text.codePoints().mapToDouble(TextWidth::ems).sum();
    return ems * size;
  }

  /// In pixels, of bold text.
  static double bold(String text, double size) {
    return of(text, size) * BOLD;
  }

  /// As [#fit(String, double, double)], for bold text.
  static String fitBold(String text, double size, double room) {
    return fit(text, size, room / BOLD);
  }

  /// The text, or as much of its beginning and end as fits, with an ellipsis between.
  static String fit(String text, double size, double room) {
    if (of(text, size) <= room) {
      return text;
    }
    int[] points = text.codePoints().toArray();
    for (int kept = points.length - 1; kept >= 2; kept--) {
      int head = kept / 2;
      int tail = kept - head;
      String cut =
          new String(points, 0, head) + "…" + new String(points, points.length - tail, tail);
      if (of(cut, size) <= room) {
        return cut;
      }
    }
    return "…";
  }

  private static double ems(int point) {
    if (point >= 0x1100) {
      return point >= 0x2000 && point < 0x2E80 ? 0.75 : 1.05;
    }
    if (THIN.indexOf(point) >= 0) {
      return 0.36;
    }
    if ("tfr-()[]{}".indexOf(point) >= 0) {
      return 0.42;
    }
    if (BROAD.indexOf(point) >= 0) {
      return 0.95;
    }
    return Character.isUpperCase(point) ? 0.72 : 0.6;
  }
}
