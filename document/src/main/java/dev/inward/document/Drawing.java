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
    return element(id, "");
  }

  /// As a file of its own.
  String alone() {
    Markup style = new Markup();
    style.open("style").line().finished(Page.resource("chart.css")).close().line();
    style
        .empty(
            "rect",
            "class",
            "paper",
            "width",
            Integer.toString(width),
            "height",
            Integer.toString(height))
        .line();
    return element("chart", style.toString());
  }

  private String element(String id, String first) {
    Markup out = new Markup();
    out.open(
            "svg",
            "xmlns",
            "http://www.w3.org/2000/svg",
            "class",
            "chart",
            "width",
            Integer.toString(width),
            "height",
            Integer.toString(height),
            "viewBox",
            "0 0 " + width + " " + height,
            "role",
            "img",
            "aria-labelledby",
            id + "_title " + id + "_desc")
        .line();
    out.leaf("title", title, "id", id + "_title").line();
    out.leaf("desc", text, "id", id + "_desc").line();
    return out.finished(first).finished(body).close().line().toString();
  }
}
