package dev.inward.document;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import dev.inward.document.Chart.Bar;
import dev.inward.document.Chart.Better;
import dev.inward.document.Chart.Point;
import dev.inward.document.Chart.Series;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;

final class ChartTest {
  private static final Source SOURCE = new Source.Counted("a test");

  private static Figure figure(double value) {
    return new Figure(value, value, value, Unit.COUNT, SOURCE);
  }

  private static Figure around(double low, double value, double high) {
    return new Figure(value, low, high, Unit.COUNT, SOURCE);
  }

  private static Chart.Plot plot(Axis.Scale scale, List<Point> points) {
    var axis = new Axis("n", Unit.COUNT, scale);
    return new Chart.Plot("t", axis, axis, List.of(Series.points("", points)), List.of());
  }

  private static Element drawn(Chart chart, int width) {
    Drawing drawing = Drawing.of(chart, width);
    String svg = drawing.inside("id");
    Element root = Xml.parse(svg);
    for (Element element : Xml.all(root, "*")) {
      for (int i = 0; i < element.getAttributes().getLength(); i++) {
        String value = element.getAttributes().item(i).getNodeValue();
        if (value.contains("NaN") || value.contains("Infinity")) {
          throw new AssertionError(svg);
        }
      }
    }
    assertThat(root.getAttribute("width")).isEqualTo(Integer.toString(width));
    assertThat(root.getAttribute("height")).matches("[1-9][0-9]*");
    return root;
  }

  /// Where the marks of a plot stand: the middles of its circles.
  private static List<double[]> marks(Element svg) {
    return Xml.all(svg, "circle", "mark").stream()
        .map(circle ->
            new double[] {
              Double.parseDouble(circle.getAttribute("cx")),
              Double.parseDouble(circle.getAttribute("cy"))
            })
        .toList();
  }

  private static double[] frame(Element svg) {
    String[] parts = Xml.all(svg, "path", "frame").getFirst().getAttribute("d").split("[ML ]+");
    return new double[] {
      Double.parseDouble(parts[1]),
      Double.parseDouble(parts[2]),
      Double.parseDouble(parts[5]),
      Double.parseDouble(parts[6])
    };
  }

  @ParameterizedTest
  @EnumSource(Axis.Scale.class)
  void randomPoints_standInsideTheFrame(Axis.Scale scale) {
    var random = new Random(5);
    for (int round = 0; round < 50; round++) {
      double size = Math.pow(10, random.nextInt(-12, 13));
      var points = new ArrayList<Point>();
      for (int i = random.nextInt(1, 30); i > 0; i--) {
        double x =
            size * (scale == Axis.Scale.LOG ? random.nextDouble() + 1e-9 : random.nextGaussian());
        double y = size * Math.pow(10, random.nextInt(4)) * (random.nextDouble() + 1e-9);
        points.add(Point.of(around(x - size, x, x + size), figure(y), "label " + i));
      }
      for (int width : new int[] {Drawing.WIDE, Drawing.NARROW}) {
        Element svg = drawn(plot(scale, points), width);
        double[] frame = frame(svg);
        List<double[]> marks = marks(svg);
        assertThat(marks).hasSize(points.size());
        for (double[] mark : marks) {
          assertThat(mark[0]).isBetween(frame[0], frame[2]);
          assertThat(mark[1]).isBetween(frame[1], frame[3]);
        }
      }
    }
  }

  @Test
  void labels_neverCoverEachOtherOrAMark() {
    var random = new Random(9);
    for (int round = 0; round < 50; round++) {
      var labels = new Labels(new Labels.Box(0, 0, 700, 330));
      var marks = new ArrayList<Labels.Box>();
      var spots = new ArrayList<Labels.Box>();
      double[][] at = new double[40][2];
      for (double[] point : at) {
        point[0] = 5 + random.nextDouble() * 690;
        point[1] = 5 + random.nextDouble() * 320;
        var box = new Labels.Box(point[0] - 5, point[1] - 5, point[0] + 5, point[1] + 5);
        marks.add(box);
        labels.keepFree(box);
      }
      List<Labels.Wanted> wanted =
          Stream.of(at)
              .map(point -> new Labels.Wanted(point[0], point[1], 5, 30 + random.nextInt(60)))
              .toList();
      labels.beside(wanted).forEach(spot -> spot.ifPresent(found -> spots.add(found.box())));
      assertThat(spots).as("most find room").hasSizeGreaterThan(30);
      for (int i = 0; i < spots.size(); i++) {
        Labels.Box box = spots.get(i);
        assertThat(marks).noneMatch(box::meets);
        assertThat(spots.subList(i + 1, spots.size())).noneMatch(box::meets);
        assertThat(box.within(new Labels.Box(0, 0, 700, 330))).isTrue();
      }
    }
  }

  @Test
  void everyLabelOfTheSample_isPrinted() {
    Element svg = drawn(Sample.curveChart(), Drawing.WIDE);
    List<String> texts = Xml.all(svg, "text").stream().map(Element::getTextContent).toList();
    assertThat(texts).contains("fp32", "fp16", "int8 mixed", "int8 static", "2-bit", "size, 50 MB");
    assertThat(texts).noneMatch(text -> text.contains("lack of room"));
  }

  @Test
  void labelsWithoutRoom_areCountedInWords() {
    var crowd = IntStream.range(0, 200).mapToObj(i -> Point.of(figure(1), figure(1), "p" + i));
    Element svg = drawn(plot(Axis.Scale.LINEAR, crowd.toList()), Drawing.WIDE);
    long names = Xml.all(svg, "text", "name").size();
    assertThat(Xml.all(svg, "text").getLast().getTextContent())
        .isEqualTo((200 - names) + " without a label, for lack of room.");
    assertThat(names).isGreaterThan(5);
  }

  @ParameterizedTest
  @EnumSource(Axis.Scale.class)
  void noPoints_giveAFrameThatSaysSo(Axis.Scale scale) {
    assertThat(
            Xml.all(drawn(plot(scale, List.of()), 800), "text").stream()
                .map(Element::getTextContent))
        .contains("Nothing to show.");
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1, -7.5, 3e-200, -1e-310, 1e149, 4.9e-324})
  void oneOrManyEqualValues_areDrawn(double value) {
    for (int count : new int[] {1, 5}) {
      var points = new ArrayList<Point>();
      var bars = new ArrayList<Bar>();
      for (int i = 0; i < count; i++) {
        points.add(Point.of(figure(value), figure(value), ""));
        bars.add(Bar.of("b", figure(value)));
      }
      assertThat(marks(drawn(plot(Axis.Scale.LINEAR, points), 800))).hasSize(count);
      drawn(plot(Axis.Scale.LOG, points), 800);
      drawn(new Chart.Bars("t", Axis.linear("n", Unit.COUNT), "", bars, List.of()), 800);
      drawn(new Chart.Bars("t", Axis.log("n", Unit.COUNT), "", bars, List.of()), 800);
    }
  }

  @Test
  void valuesWithoutAPlace_areLeftOutAndCounted() {
    var points =
        List.of(
            Point.of(figure(1), figure(1), "a"),
            Point.of(figure(0), figure(1), "b"),
            Point.of(
                figure(2), around(1, Double.POSITIVE_INFINITY, Double.POSITIVE_INFINITY), "c"));
    Element svg = drawn(plot(Axis.Scale.LOG, points), 800);
    assertThat(marks(svg)).hasSize(1);
    assertThat(Xml.all(svg, "text").getLast().getTextContent())
        .isEqualTo("2 not drawn: no place on these axes.");
  }

  @Test
  void intervalWithoutEnd_reachesTheEdgeWithoutACap() {
    var open = around(1, 2, Double.POSITIVE_INFINITY);
    var points = List.of(Point.of(figure(1), open, ""), Point.of(figure(3), figure(4), ""));
    Element svg = drawn(plot(Axis.Scale.LINEAR, points), 800);
    String path = Xml.all(svg, "path", "error").getFirst().getAttribute("d");
    assertThat(path.chars().filter(c -> c == 'l').count()).as("caps").isEqualTo(1);
  }

  @Test
  void limit_shadesTheForbiddenSide() {
    var axis = Axis.linear("n", Unit.COUNT);
    var points = List.of(Point.of(figure(0), figure(0), ""), Point.of(figure(10), figure(10), ""));
    var series = List.of(Series.points("", points));
    Element most =
        drawn(
            new Chart.Plot("t", axis, axis, series, List.of(Limit.most(Limit.On.X, 5, "l"))), 800);
    Element least =
        drawn(
            new Chart.Plot("t", axis, axis, series, List.of(Limit.least(Limit.On.Y, 5, "l"))), 800);
    double[] frame = frame(most);
    Element right = Xml.all(most, "rect", "forbidden").getFirst();
    double line = Double.parseDouble(Xml.all(most, "line", "limit").getFirst().getAttribute("x1"));
    assertThat(Double.parseDouble(right.getAttribute("x"))).isEqualTo(line);
    assertThat(line).isBetween(frame[0] + 100, frame[2] - 100);
    assertThat(line + Double.parseDouble(right.getAttribute("width"))).isEqualTo(frame[2]);
    Element below = Xml.all(least, "rect", "forbidden").getFirst();
    assertThat(
            Double.parseDouble(below.getAttribute("y"))
                + Double.parseDouble(below.getAttribute("height")))
        .isEqualTo(frame[3]);
  }

  @Test
  void bars_areAsLongAsTheirValues() {
    var bars = List.of(Bar.of("a", figure(10)), Bar.of("b", figure(5)), Bar.of("c", figure(-5)));
    Element svg =
        drawn(new Chart.Bars("t", Axis.linear("n", Unit.COUNT), "", bars, List.of()), 800);
    double[] widths =
        Xml.all(svg, "rect", "s1").stream()
            .mapToDouble(rect -> Double.parseDouble(rect.getAttribute("width")))
            .toArray();
    assertThat(widths[0]).isCloseTo(2 * widths[1], org.assertj.core.data.Offset.offset(0.3));
    assertThat(widths[2]).isCloseTo(widths[1], org.assertj.core.data.Offset.offset(0.3));
  }

  @Test
  void hundredBars_standInTwoColumnsOnAPage() {
    Element svg = drawn(Sample.layersChart(100), Drawing.WIDE);
    long bars =
        Xml.all(svg, "rect").stream()
            .filter(rect -> rect.getElementsByTagName("title").getLength() == 1)
            .count();
    assertThat(bars).isEqualTo(100);
    assertThat(Integer.parseInt(svg.getAttribute("height"))).isLessThan(1010);
  }

  @Test
  void segments_fillTheWholeInOrder() {
    Element svg = drawn(Sample.timeChart(), Drawing.WIDE);
    List<Element> parts =
        Xml.all(svg, "rect", "part").stream()
            .filter(rect -> rect.getElementsByTagName("title").getLength() > 0)
            .toList();
    assertThat(parts).as("three bars of eight colours").hasSize(24);
    for (int i = 1; i < 8; i++) {
      double end =
          Double.parseDouble(parts.get(i - 1).getAttribute("x"))
              + Double.parseDouble(parts.get(i - 1).getAttribute("width"));
      assertThat(Double.parseDouble(parts.get(i).getAttribute("x")))
          .isCloseTo(end, org.assertj.core.data.Offset.offset(0.11));
    }
    assertThat(Xml.all(svg, "text").stream().map(Element::getTextContent))
        .contains("3 others", "20.5 ms");
  }

  @Test
  void front_keepsExactlyThePointsThatNoneBeats() {
    var random = new Random(2);
    for (Better x : Better.values()) {
      for (Better y : Better.values()) {
        var points = new ArrayList<Point>();
        for (int i = 0; i < 60; i++) {
          points.add(Point.of(figure(random.nextInt(20)), figure(random.nextInt(20)), "p" + i));
        }
        List<Point> front = Series.front("f", x, y, points).points();
        for (Point point : points) {
          boolean beaten = points.stream().anyMatch(other -> beats(other, point, x, y));
          boolean onFront =
              front.stream().anyMatch(f -> f.x().equals(point.x()) && f.y().equals(point.y()));
          assertThat(onFront).isEqualTo(!beaten);
        }
        assertThat(front)
            .isSortedAccordingTo((a, b) -> Double.compare(a.x().value(), b.x().value()));
      }
    }
  }

  private static boolean beats(Point a, Point b, Better x, Better y) {
    double dx = (a.x().value() - b.x().value()) * (x == Better.LOWER ? -1 : 1);
    double dy = (a.y().value() - b.y().value()) * (y == Better.LOWER ? -1 : 1);
    return dx >= 0 && dy >= 0 && (dx > 0 || dy > 0);
  }

  @Test
  void figureInAnotherUnit_isRefused() {
    assertThatThrownBy(() ->
            new Chart.Bars(
                "t",
                Axis.linear("Size", Unit.BYTES),
                "",
                List.of(Bar.of("a", figure(1))),
                List.of()))
        .hasMessage("axis 'Size' is in BYTES, got a figure in COUNT");
  }

  @Test
  void chartOfItsOwn_hasStyleTitleAndDescription() {
    String text = Sample.curveChart().svg();
    Element svg = Xml.parse(text);
    assertThat(Xml.all(svg, "style")).hasSize(1);
    assertThat(Xml.all(svg, "title").getFirst().getTextContent()).isEqualTo("Quality against size");
    assertThat(Xml.all(svg, "desc").getFirst().getTextContent())
        .isEqualTo(
            "Nearest in ten against Size. candidates: 12 points, Size 6.1 MB to 90.9 MB, Nearest in"
                + " ten 71.30 % to 100.00 %. best for their size: 8 points, Size 6.1 MB to 45.5 MB,"
                + " Nearest in ten 71.30 % to 100.00 %. Limit: size, 50 MB. Limit: quality, 98 %.");
    assertThat(text).isEqualTo(Sample.curveChart().svg());
  }

  @Test
  void sources_ofAChartAreListedOnce() {
    assertThat(Sample.curveChart().sources()).containsExactly(Sample.FILE, Sample.HERE);
  }
}
