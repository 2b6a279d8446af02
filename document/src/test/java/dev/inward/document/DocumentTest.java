package dev.inward.document;

import static dev.inward.document.Inline.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;

final class DocumentTest {
  private static Document of(Block... blocks) {
    return new Document("T", "", List.of(), List.of(Block.Section.of("One", blocks)));
  }

  private static Element page(Block... blocks) {
    return Xml.parse(of(blocks).html());
  }

  @Test
  void sample_isWellFormedAndKeepsItsLinks() {
    Element page = Xml.parse(Sample.document().html());
    var ids = new HashSet<String>();
    for (Element element : Xml.all(page, "*")) {
      String id = element.getAttribute("id");
      assertThat(id.isEmpty() || ids.add(id)).as("id '%s' stands once", id).isTrue();
    }
    List<Element> links = Xml.all(page, "a");
    assertThat(links).hasSizeGreaterThan(50);
    for (Element link : links) {
      String target = link.getAttribute("href");
      assertThat(target.startsWith("https://") || ids.contains(target.substring(1)))
          .as(target)
          .isTrue();
    }
    for (Element svg : Xml.all(page, "svg")) {
      assertThat(svg.getAttribute("aria-labelledby").split(" ")).isSubsetOf(ids);
    }
  }

  @Test
  void sample_needsNothingFromOutsideAndNoScript() {
    Element page = Xml.parse(Sample.document().html());
    for (String name : List.of("script", "link", "img", "iframe", "object", "image", "use")) {
      assertThat(Xml.all(page, name)).as(name).isEmpty();
    }
    for (Element style : Xml.all(page, "style")) {
      assertThat(style.getTextContent()).doesNotContain("url(").doesNotContain("@import");
    }
  }

  @Test
  void sameDocument_givesTheSameBytes() {
    assertThat(Sample.document().html()).isEqualTo(Sample.document().html());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "</title><script>alert(1)</script>",
        "\" onmouseover=\"alert(1)",
        "' x='",
        "]]> <!-- & &amp; &#0;",
        "{{7*7}} ${x} %s %n",
        "</style></svg></pre>",
      })
  void hostileText_isOnlyText(String hostile) {
    Element page = Xml.parse(everywhere(hostile).html());
    Element harmless = Xml.parse(everywhere("plain").html());
    assertThat(shapes(page)).isSubsetOf(shapes(harmless));
    assertThat(Xml.all(page, "h1").getFirst().getTextContent()).isEqualTo(hostile);
    assertThat(Xml.all(page, "code").getFirst().getTextContent()).isEqualTo(hostile);
    assertThat(Xml.all(page, "p", "caption").getFirst().getTextContent()).isEqualTo(hostile);
  }

  /// The elements of a page with the names of their attributes.
  private static Set<String> shapes(Element page) {
    var shapes = new HashSet<String>();
    for (Element element : Xml.all(page, "*")) {
      var attributes = new TreeSet<String>();
      for (int i = 0; i < element.getAttributes().getLength(); i++) {
        attributes.add(element.getAttributes().item(i).getNodeName());
      }
      shapes.add(element.getTagName() + attributes);
    }
    return shapes;
  }

  @Test
  void charactersThatXmlForbids_becomeTheReplacementCharacter() {
    String bad = "a\0b\u001bc\ud800d\udc00e\uffffff\ufffeg\u202eh\u0085i\u007fj";
    String html = everywhere(bad).html();
    Element page = Xml.parse(html);
    assertThat(Xml.all(page, "h1").getFirst().getTextContent()).isEqualTo("a�b�c�d�e�ff�g�h�i�j");
    assertThat(html.chars().anyMatch(c -> c < 0x20 && c != '\n')).isFalse();
  }

  @Test
  void charactersBeyondTheBasicPlane_areKept() {
    assertThat(Xml.all(page(Block.paragraph("𝛼 ≤ 🙂 é\r\nz\ry")), "p").getLast().getTextContent())
        .isEqualTo("𝛼 ≤ 🙂 é\nz\ny");
  }

  @Test
  void randomText_neverBreaksThePage() {
    var random = new Random(11);
    for (int round = 0; round < 200; round++) {
      var any = new StringBuilder();
      for (int i = 0; i < 40; i++) {
        any.append((char) (random.nextInt(4) == 0 ? random.nextInt(0x10000) : random.nextInt(128)));
      }
      Xml.parse(everywhere(any.toString()).html());
    }
  }

  private static Document everywhere(String t) {
    var figure = Figure.counted(1, Unit.COUNT, t);
    var other = new Figure(1, 0, 2, Unit.COUNT, new Source.Published(t));
    return new Document(
        t,
        t,
        List.of(Block.callout(Block.Tone.NOTE, t, Block.paragraph(t))),
        List.of(
            new Block.Section(
                "a",
                t,
                List.of(
                    Block.bullets(text(t), Inline.code(t), Inline.strong(t), Inline.emphasis(t)),
                    new Block.Definitions(List.of(new Block.Definition(t, Inline.faint(t)))),
                    new Block.Listing(t, t),
                    new Block.Listing("Swift", t),
                    Block.folded(t, Block.paragraph(Inline.link("#a", t))),
                    new Block.Tiles(List.of(new Block.Tile(t, text(t), text(t)))),
                    new Table(
                        t,
                        List.of(Table.Column.words(t)),
                        List.of(Table.Row.of(new Inline.Badge(Standing.KEPT, t)))),
                    new Block.Plate(
                        new Chart.Plot(
                            t,
                            Axis.linear(t, Unit.COUNT),
                            Axis.log(t, Unit.COUNT),
                            List.of(
                                Chart.Series.points(t, List.of(Chart.Point.of(figure, other, t)))),
                            List.of(Limit.most(Limit.On.X, 1, t))),
                        text(t)),
                    new Block.Plate(
                        new Chart.Bars(
                            t,
                            Axis.linear(t, Unit.COUNT),
                            t,
                            List.of(new Chart.Bar(t, other, true)),
                            List.of()),
                        text(t)),
                    new Block.Plate(
                        new Chart.Stack(
                            t,
                            Axis.linear(t, Unit.COUNT),
                            List.of(t),
                            List.of(new Chart.Pile(t, List.of(figure)))),
                        text(t))))));
  }

  @Test
  void sources_areNumberedOnceInOrderOfUse() {
    Inline first = Inline.value(Figure.counted(5e6, Unit.BYTES, "the file"));
    Inline second = new Inline.Mark(new Source.Published("Somebody, https://example.org/a?b=1&c."));
    Element page = page(Block.paragraph(first, second), Block.paragraph(first));
    assertThat(Xml.all(page, "sup").stream().map(Element::getTextContent))
        .containsExactly("1", "2", "1");
    List<Element> list = Xml.all(page, "ol", "sources");
    assertThat(list).hasSize(1);
    assertThat(Xml.all(list.getFirst(), "li").stream().map(Element::getTextContent))
        .containsExactly("counted: the file", "published: Somebody, https://example.org/a?b=1&c.");
    assertThat(Xml.all(list.getFirst(), "a").getFirst().getAttribute("href"))
        .isEqualTo("https://example.org/a?b=1&c");
  }

  @Test
  void documentWithoutFigures_hasNoListOfSources() {
    assertThat(of(Block.paragraph("x")).html()).doesNotContain("id=\"sources\"");
  }

  @Test
  void interval_isPrintedWithItsUnitOnce() {
    assertThat(Page.interval(Sample.time(3.2, 5, 9.4))).isEqualTo("3.2 to 9.4 ms");
    assertThat(Page.interval(Sample.time(600, 700, 1400))).isEqualTo("600 ms to 1.4 s");
    var exact = Xml.all(page(Block.paragraph(Inline.number(Sample.bytes(3)))), "span", "interval");
    assertThat(exact).isEmpty();
  }

  @Test
  void tableCells_sayWhatTheyAreHeadedBy() {
    Element page = Xml.parse(Sample.document().html());
    assertThat(Xml.all(page, "th")).isNotEmpty();
    assertThat(Xml.all(page, "th"))
        .allSatisfy(th -> assertThat(th.getAttribute("scope")).isIn("col", "row"));
    for (Element table : Xml.all(page, "table")) {
      int columns = Xml.all(Xml.all(table, "thead").getFirst(), "th").size();
      for (Element row : Xml.all(Xml.all(table, "tbody").getFirst(), "tr")) {
        assertThat(Xml.all(row, "td").size() + Xml.all(row, "th").size()).isEqualTo(columns);
      }
    }
  }

  @Test
  void numbersOfOneColumn_leaveTheSameRoomForTheirMark() {
    var table =
        new Table(
            "c",
            List.of(Table.Column.words("a"), Table.Column.numbers("b")),
            List.of(
                Table.Row.of(text("x"), Inline.number(Sample.bytes(3))),
                Table.Row.of(text("y"), text("50 MB"))));
    Element page = page(table);
    assertThat(Xml.all(page, "sup", "mark")).hasSize(1);
    assertThat(Xml.all(page, "span", "mark")).as("the head and the second row").hasSize(2);
  }

  @Test
  void rowOfAnotherLength_isRefused() {
    assertThatThrownBy(() ->
            new Table(
                "c", List.of(Table.Column.words("a")), List.of(Table.Row.of(text("x"), text("y")))))
        .hasMessage("table 'c' has 1 columns, a row has 2 cells");
  }

  @Test
  void headings_neverSkipALevel() {
    Element page = Xml.parse(Sample.document().html());
    int last = 1;
    for (Element element : Xml.all(page, "*")) {
      if (element.getTagName().matches("h[1-6]")) {
        int level = element.getTagName().charAt(1) - '0';
        assertThat(level).isLessThanOrEqualTo(last + 1);
        last = level;
      }
    }
  }

  @Test
  void sectionsOfOneTitle_haveAnchorsOfTheirOwn() {
    var document =
        new Document(
            "T",
            "",
            List.of(),
            List.of(
                Block.Section.of("Crème brûlée?"),
                Block.Section.of("Creme Brulee"),
                Block.Section.of("creme-brulee 2"),
                Block.Section.of("creme brulee"),
                Block.Section.of("Sources"),
                Block.Section.of("数")));
    assertThat(Xml.all(Xml.parse(document.html()), "h2").stream().map(h -> h.getAttribute("id")))
        .containsExactly(
            "creme-brulee",
            "creme-brulee-2",
            "creme-brulee-2-2",
            "creme-brulee-3",
            "sources-2",
            "section");
  }

  @Test
  void contents_listSectionsTwoLevelsDeep() {
    var deep = Block.Section.of("A", Block.Section.of("B", Block.Section.of("C")));
    Element nav =
        Xml.all(Xml.parse(new Document("T", "", List.of(), List.of(deep)).html()), "nav")
            .getFirst();
    assertThat(Xml.all(nav, "a").stream().map(Element::getTextContent))
        .containsExactly("1 A", "1.1 B");
  }

  @Test
  void linkToNowhere_isRefused() {
    Document document = of(Block.paragraph(Inline.link("#nowhere", "x")));
    assertThatThrownBy(document::html)
        .hasMessage("a link leads to '#nowhere', which no section has");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"javascript:alert(1)", "data:text/html,x", "//host", "#A b", "http://a\"b"})
  void linkThatCouldRun_isRefused(String target) {
    assertThatThrownBy(() -> Inline.link(target, "x"))
        .hasMessage("a link leads to #anchor, http:// or https://, got '" + target + "'");
  }

  @Test
  void sectionInsideACallout_isRefused() {
    Document document = of(Block.callout(Block.Tone.NOTE, "", Block.Section.of("Lost")));
    assertThatThrownBy(document::html)
        .hasMessage("section 'Lost' stands in a block that has no place in the contents");
  }

  @Test
  void file_isWrittenWhole(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("deep/dossier.html");
    Sample.document().write(file);
    assertThat(Files.readString(file)).isEqualTo(Sample.document().html());
    try (var left = Files.list(file.resolveSibling("."))) {
      assertThat(left).hasSize(1);
    }
  }
}
