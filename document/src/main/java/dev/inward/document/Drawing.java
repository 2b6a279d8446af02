package dev.inward.document;

/// A chart drawn at a width; its height follows from what it holds.
///
/// @param text what the picture shows, for who cannot see it
/// @param body the SVG elements
record Drawing(String title, String text, int width, int height, String body) {
  /// The width for a page, in pixels.
  static final int WIDE = 800;

  /// The width for a phone held upright.
  static final int NARROW = 360;

  private static final int MARGIN = 16;

  static Drawing of(Chart chart, int width) {
    return switch (chart) {
      case Chart.Plot plot -> new PlotDrawing(plot, width).draw();
      case Chart.Bars bars -> new BarsDrawing(bars, width).draw();
      case Chart.Stack stack -> new StackDrawing(stack, width).draw();
    };
  }

  /// As an element of a page that has the style of charts.
  ///
  /// @param id not used by anything else on the page
  String inside(String id) {
    return element(id, 0, "");
  }

  /// As a file of its own.
  String alone() {
    Markup paper = new Markup();
    paper.open("style").line().finished(Page.resource("chart.css")).close().line();
    String corner = Integer.toString(-MARGIN);
    paper
        .empty(
            "rect", "class", "paper", "x", corner, "y", corner, "width", "100%", "height", "100%")
        .line();
    return element("chart", MARGIN, paper.toString());
  }

  private String element(String id, int margin, String first) {
    int outerWidth = width + 2 * margin;
    int outerHeight = height + 2 * margin;
    Markup out = new Markup();
    String[] attributes = {
      "xmlns",
      "http://www.w3.org/2000/svg",
      "class",
      "chart",
      "width",
      Integer.toString(outerWidth),
      "height",
      Integer.toString(outerHeight),
      "viewBox",
      "%d %d %d %d".formatted(-margin, -margin, outerWidth, outerHeight),
      "role",
      "img",
      "aria-labelledby",
      id + "_title " + id + "_desc",
    };
    out.open("svg", attributes).line();
    out.leaf("title", title, "id", id + "_title").line();
    out.leaf("desc", text, "id", id + "_desc").line();
    return out.finished(first).finished(body).close().line().toString();
  }
}
