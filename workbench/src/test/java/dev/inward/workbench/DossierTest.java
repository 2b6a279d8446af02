package dev.inward.workbench;

import static org.assertj.core.api.Assertions.assertThat;

import dev.inward.base.Json;
import dev.inward.planning.Candidate;
import dev.inward.planning.Constraint;
import dev.inward.planning.Outcome;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;

final class DossierTest {
  /// A number with one of the units that figures have.
  private static final Pattern QUANTITY =
      Pattern.compile("[0-9.]+ (?:B|kB|MB|GB|ms|s|mJ|J|pp|dB|%|%/h|k?M?G?MAC)(?![A-Za-z])");

  @TempDir Path root;
  private Path folder;

  @BeforeEach
  void secretFolder() throws Exception {
    folder = Files.createDirectories(root.resolve("secret-home"));
  }

  private Fitted fit(Outcome outcome) {
    Fitted fitted = TinyFit.of(TinyFit.budget(folder, outcome), folder);
    assertThat(fitted.trace().outcome()).isEqualTo(outcome);
    return fitted;
  }

  private String html(Fitted fitted) throws Exception {
    Path file = folder.resolve("dossier.html");
    Dossier.write(fitted, file);
    return Files.readString(file);
  }

  private static Element parse(String html) throws Exception {
    var factory = DocumentBuilderFactory.newInstance();
    factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
    return factory
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(html)))
        .getDocumentElement();
  }

  private static String words(Node node) {
    return node.getTextContent().replaceAll("\\s+", " ");
  }

  @ParameterizedTest
  @EnumSource(Outcome.class)
  void everyLineAndCandidate_isSaidInAWellFormedPage(Outcome outcome) throws Exception {
    Fitted fitted = fit(outcome);
    String text = words(parse(html(fitted)));
    for (Constraint line : fitted.budget().constraints()) {
      assertThat(text).contains(line.text() + " " + Phrases.where(line));
      line.line().because().ifPresent(why -> assertThat(text).contains(why));
    }
    for (Candidate candidate : fitted.trace().candidates()) {
      assertThat(text).contains(candidate.name() + " ");
      assertThat(text).contains(candidate.recipe());
    }
    assertThat(text).contains("budget.yaml:4:7");
  }

  /// Numbers stand in the page as figures with the mark of a source; as bare text only the limits
  /// that the budget itself sets, or the nearest one that would do.
  @ParameterizedTest
  @EnumSource(Outcome.class)
  void everyNumber_hasTheMarkOfItsSource(Outcome outcome) throws Exception {
    Fitted fitted = fit(outcome);
    Element page = parse(html(fitted));
    List<Element> numbers = withClass(page, "number");
    assertThat(numbers).hasSizeGreaterThan(40);
    for (Element number : numbers) {
      assertThat(number.getNextSibling()).isInstanceOf(Element.class);
      assertThat(((Element) number.getNextSibling()).getAttribute("class")).isEqualTo("mark");
    }
    for (Element figure : elements(page, "figcaption")) {
      assertThat(withClass(figure, "mark")).isNotEmpty();
    }
    var limits = new ArrayList<String>();
    fitted.budget().constraints().forEach(line -> limits.add(line.text() + line.limit().text()));
    fitted
        .trace()
        .nearest()
        .ifPresent(nearest -> nearest.lines().forEach(line -> limits.add(line.text())));
    for (String kind : List.of("number", "interval", "listing", "sources")) {
      withClass(page, kind).forEach(element -> element.setTextContent(" "));
    }
    for (String name : List.of("svg", "style")) {
      elements(page, name).forEach(element -> element.setTextContent(" "));
    }
    var bare = QUANTITY.matcher(words(page));
    while (bare.find()) {
      assertThat(String.join("; ", limits)).contains(bare.group());
    }
  }

  @ParameterizedTest
  @EnumSource(Outcome.class)
  void foldersOfTheMachine_areNowhereInPageOrReport(Outcome outcome) throws Exception {
    Fitted fitted = fit(outcome);
    assertThat(html(fitted)).doesNotContain("secret-home");
    assertThat(FitReport.of(fitted).pretty()).doesNotContain("secret-home");
  }

  @Test
  void sameFit_givesTheSameBytes() throws Exception {
    Fitted fitted = fit(Outcome.KEPT);
    String first = html(fitted);
    assertThat(html(fitted)).isEqualTo(first);
    assertThat(html(fit(Outcome.KEPT))).isEqualTo(first);
    assertThat(FitReport.of(fitted).pretty()).isEqualTo(FitReport.of(fitted).pretty());
  }

  @Test
  void kept_saysWhatWasChosenAndInsteadOfWhat() throws Exception {
    Fitted fitted = fit(Outcome.KEPT);
    String text = words(parse(html(fitted)));
    assertThat(text)
        .contains("It fits: int8-channel")
        .contains("The runner-up is float16")
        .contains("one-sided budget.yaml:7:10 takes out int8-tensor")
        .contains("What float16 would have cost")
        .contains("final class Tiny {")
        .contains("No Core ML package: cannot write tiny.mlpackage")
        .doesNotContain("What would fit");
  }

  @Test
  void undecided_saysWhatToMeasure() throws Exception {
    String text = words(parse(html(fit(Outcome.UNDECIDED))));
    assertThat(text)
        .contains("It may fit: int8-channel")
        .contains("No line is known to be broken, but one is not known to be kept")
        .contains("measure its latency on the device")
        .contains("What measuring could change")
        .contains("Or allow more: the nearest budget that is known to be kept");
  }

  @Test
  void broken_saysWhichLineToRelax() throws Exception {
    Fitted fitted = fit(Outcome.BROKEN);
    var nearest = fitted.trace().nearest().orElseThrow();
    String text = words(parse(html(fitted)));
    assertThat(text)
        .contains("Nothing fits this budget")
        .contains(
            "Each of the 4 candidates breaks a line of the budget: size (budget.yaml:4:7) takes out all")
        .contains("known to be kept, by " + nearest.candidate().name())
        .contains(nearest.lines().getFirst().limit().text() + " instead of 2 kB")
        .contains("What would fit")
        .contains("Nothing was delivered")
        .doesNotContain("It fits");
  }

  @Test
  void report_holdsWhatTheTraceHolds() {
    Fitted fitted = fit(Outcome.KEPT);
    Json report = Json.parse(FitReport.of(fitted).pretty(), "fit.json");
    assertThat(report.get("outcome").flatMap(Json::text)).contains("kept");
    assertThat(report.get("chosen").flatMap(Json::text)).contains("int8-channel");
    assertThat(report.get("budget").orElseThrow().items()).hasSize(5);
    assertThat(report.get("candidates").orElseThrow().items()).hasSize(4);
    assertThat(report.get("decisions").orElseThrow().items())
        .hasSameSizeAs(fitted.trace().decisions());
    Json size =
        report
            .get("candidates")
            .map(all -> all.items().get(2))
            .flatMap(one -> one.get("figures"))
            .flatMap(figures -> figures.get("size"))
            .orElseThrow();
    assertThat(size.get("value").flatMap(Json::number).orElseThrow().doubleValue())
        .isEqualTo(
            fitted.trials().get(2).candidate().figure(Constraint.Kind.SIZE).orElseThrow().value());
    assertThat(size.get("source").flatMap(Json::text).orElseThrow()).startsWith("counted: ");
    assertThat(report.get("nearest")).isEmpty();
    assertThat(report.get("files").orElseThrow().items().getFirst().get("name"))
        .contains(new Json.Text("tiny.onnx"));
  }

  private static List<Element> elements(Element root, String name) {
    var found = root.getElementsByTagName(name);
    var elements = new ArrayList<Element>();
    for (int i = 0; i < found.getLength(); i++) {
      elements.add((Element) found.item(i));
    }
    return elements;
  }

  private static List<Element> withClass(Element root, String kind) {
    return elements(root, "*").stream()
        .filter(element -> List.of(element.getAttribute("class").split(" ")).contains(kind))
        .toList();
  }
}
