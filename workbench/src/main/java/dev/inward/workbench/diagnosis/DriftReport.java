package dev.inward.workbench.diagnosis;

import static dev.inward.document.Inline.text;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import dev.inward.document.Axis;
import dev.inward.document.Block;
import dev.inward.document.Chart;
import dev.inward.document.Document;
import dev.inward.document.Inline;
import dev.inward.document.Table;
import dev.inward.workbench.Comparison;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A diagnosis as one page.
public record DriftReport(
    String reference,
    String changed,
    int samples,
    String inputs,
    Diagnosis diagnosis,
    Optional<Mending> mending) {
  private static final int ROWS = 400;

  /// @throws dev.inward.base.InputException where the file cannot be written
  public void write(Path file) {
    document().write(file);
  }

  Document document() {
    List<Block.Section> sections = new ArrayList<>();
    sections.add(flow());
    if (!diagnosis.findings().isEmpty()) {
      sections.add(causes());
    }
    mending.ifPresent(done -> sections.add(mends(done)));
    if (!diagnosis.speed().isEmpty()) {
      sections.add(speed());
    }
    return new Document(
        "%s against %s".formatted(name(changed), name(reference)),
        "Where the two models drift apart, and why",
        lead(),
        sections);
  }

  private static String name(String model) {
    Path last = Path.of(model).getFileName();
    return last == null ? model : last.toString();
  }

  private Source source() {
    return new Source.Measured(
        inputs,
        samples,
        diagnosis.simulated()
            ? "signal power over the power of the difference, float16 simulated"
            : "signal power over the power of the difference");
  }

  private Figure decibels(double value) {
    return new Figure(value, value, value, Unit.DECIBELS, source());
  }

  private List<Block> lead() {
    List<Block.Tile> tiles = new ArrayList<>();
    for (Comparison.Output output : diagnosis.outputs()) {
      double value = output.signalToNoise().value();
      tiles.add(
          new Block.Tile(
              output.name(),
              Double.isFinite(value)
                  ? Inline.value(decibels(value))
                  : text(value > 0 ? "equal" : "not finite"),
              text(
                  Double.isFinite(output.worst())
                      ? String.format(Locale.ROOT, "at most %.3g apart", output.worst())
                      : "not finite where the other is")));
    }
    return List.of(
        new Block.Tiles(tiles),
        Block.callout(
            Block.Tone.ANSWER,
            diagnosis.first().isPresent() ? "Drift begins here" : "No single cause",
            Block.paragraph(
                diagnosis
                    .first()
                    .map(found ->
                        "%s (%s): %s"
                            .formatted(
                                found.step().value(), found.step().op(), found.cause().text()))
                    .orElse(
                        equal()
                            ? "Nothing differs."
                            : "Each node only rounds, and the errors add up along the way."))));
  }

  private boolean equal() {
    return diagnosis.steps().stream()
        .allMatch(step -> step.accumulated().decibels() == Double.POSITIVE_INFINITY);
  }

  private Block.Section flow() {
    List<Chart.Point> accumulated = new ArrayList<>();
    List<Chart.Point> own = new ArrayList<>();
    Set<String> marked =
        diagnosis.findings().stream()
            .map(finding -> finding.step().value())
            .collect(Collectors.toSet());
    List<Table.Row> rows = new ArrayList<>();
    for (int i = 0; i < diagnosis.steps().size(); i++) {
      Step step = diagnosis.steps().get(i);
      Figure place = Figure.counted(i + 1, Unit.COUNT, "values that both compute, in order");
      boolean chosen = marked.contains(step.value());
      String label = chosen ? step.value() : "";
      if (Double.isFinite(step.accumulated().decibels())) {
        accumulated.add(
            new Chart.Point(place, decibels(step.accumulated().decibels()), label, chosen));
      }
      if (Double.isFinite(step.local().decibels())) {
        own.add(Chart.Point.of(place, decibels(step.local().decibels()), ""));
      }
      if (i < ROWS) {
        rows.add(row(step, chosen));
      }
    }
    var chart =
        new Chart.Plot(
            "Signal over error along the flow",
            Axis.linear("value, in the order of the reference", Unit.COUNT),
            Axis.linear("signal over error", Unit.DECIBELS),
            List.of(
                Chart.Series.line("as it comes out", accumulated),
                Chart.Series.points("its own error only", own)),
            List.of());
    return Block.Section.of(
        "Along the flow",
        Block.paragraph(
            "Each value that both models compute, as it comes out, and as it would be if everything before it were as in the reference. Values that are equal or not finite have no place on the plot."),
        new Block.Plate(chart, text("Ringed: values with a cause of their own.")),
        Block.folded(
            "All %d values".formatted(diagnosis.steps().size()),
            new Table(
                "Values in the order of the reference",
                List.of(
                    Table.Column.words("value"),
                    Table.Column.words("op"),
                    Table.Column.numbers("as it comes out"),
                    Table.Column.numbers("own"),
                    Table.Column.numbers("worst"),
                    Table.Column.numbers("share")),
                rows)));
  }

  private static Table.Row row(Step step, boolean chosen) {
    List<Inline> cells =
        List.of(
            Inline.code(step.value()),
            text(step.op() + (chosen ? ", has a cause" : "")),
            text(db(step.accumulated().decibels())),
            text(db(step.local().decibels())),
            text(String.format(Locale.ROOT, "%.3g", step.accumulated().worst())),
            text(
                step.share().isPresent()
                    ? String.format(Locale.ROOT, "%.1f %%", 100 * step.share().getAsDouble())
                    : ""));
    return new Table.Row(chosen ? Table.Weight.CHOSEN : Table.Weight.PLAIN, cells);
  }

  private static String db(double decibels) {
    return decibels == Double.POSITIVE_INFINITY
        ? "equal"
        : Double.isFinite(decibels) ? Unit.DECIBELS.text(decibels) : "not finite";
  }

  private Block.Section causes() {
    return Block.Section.of(
        "Causes",
        new Table(
            "The values that matter, the largest share of the error first",
            List.of(
                Table.Column.words("value"),
                Table.Column.words("cause and evidence"),
                Table.Column.words("mend")),
            diagnosis.findings().stream()
                .map(finding ->
                    Table.Row.of(
                        Inline.code(finding.step().value()),
                        text(finding.cause().text()),
                        text(
                            finding.mends().stream()
                                .map(Mend::text)
                                .collect(Collectors.joining("; or ")))))
                .toList()));
  }

  private Block.Section mends(Mending done) {
    return Block.Section.of(
        "Mends",
        Block.paragraph(
            "The least exact output had %s and has %s with the mends that are kept."
                .formatted(db(done.before()), db(done.after()))),
        new Table(
            "What was tried, in order",
            List.of(
                Table.Column.words("mend"),
                Table.Column.words(""),
                Table.Column.numbers("before"),
                Table.Column.numbers("after"),
                Table.Column.numbers("bytes"),
                Table.Column.numbers("float32 nodes")),
            done.trials().stream()
                .map(trial ->
                    new Table.Row(
                        trial.kept() ? Table.Weight.CHOSEN : Table.Weight.FAINT,
                        List.of(
                            text(trial.mend().text()),
                            text(trial.kept() ? "kept" : "left"),
                            text(db(trial.before())),
                            text(db(trial.after())),
                            text("%+d".formatted(trial.bytes())),
                            text("%+d".formatted(trial.float32())))))
                .toList()));
  }

  private Block.Section speed() {
    return Block.Section.of(
        "What will cost time on a device",
        Block.paragraph("Expected by rules, not measured; what a device does shows there only."),
        new Table(
            "Causes of lost speed",
            List.of(
                Table.Column.words("cause"),
                Table.Column.words("nodes"),
                Table.Column.words("rule"),
                Table.Column.words("change"),
                Table.Column.words("source")),
            diagnosis.speed().stream()
                .map(cause ->
                    Table.Row.of(
                        text(cause.kind().title()),
                        text(String.join(", ", cause.nodes().stream().limit(8).toList())),
                        text(cause.evidence()),
                        text(cause.change()),
                        text(cause.source())))
                .toList()));
  }
}
