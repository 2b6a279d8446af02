package dev.inward.workbench;

import static dev.inward.document.Inline.faint;
import static dev.inward.document.Inline.text;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import dev.inward.compress.Recipe;
import dev.inward.compress.Sensitivity;
import dev.inward.compress.WeightFormat;
import dev.inward.data.Metric;
import dev.inward.data.Quality;
import dev.inward.document.Axis;
import dev.inward.document.Block;
import dev.inward.document.Chart;
import dev.inward.document.Inline;
import dev.inward.document.Limit;
import dev.inward.document.Table;
import dev.inward.planning.Budget;
import dev.inward.planning.Constraint;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/// What each candidate loses for its size, and which parts of the model are the ones that hurt.
record QualitySection(Fitted fitted) {
  private static final int BARS = 40;

  Block.Section section() {
    var blocks = new ArrayList<Block>();
    blocks.addAll(plots());
    blocks.add(metrics());
    if (fitted.trials().stream().anyMatch(trial -> trial.quality().isEmpty())) {
      blocks.add(
          Block.paragraph(
              "%s is measured where it can still change the decision, and not of a candidate that gains less than 5 %% in what the budget prefers with ten times the error of another that fits. Signal over error is measured of every candidate, on %s."
                  .formatted(
                      Phrases.title(metric()),
                      Phrases.counted(
                          Math.min(Fit.SCREENED, screened().size()), "calibration sample"))));
    }
    blocks.add(sensitivity());
    return new Block.Section("quality", "Quality against size", blocks);
  }

  private Budget budget() {
    return fitted.budget();
  }

  private String metric() {
    return fitted.trials().stream()
        .flatMap(trial -> trial.quality().stream())
        .findFirst()
        .map(quality -> quality.metric().key())
        .orElse("quality");
  }

  /// A drop is drawn as a change, so that better is up; decibels are as they are.
  private static Figure upward(Figure figure) {
    return figure.unit() == Unit.DECIBELS
        ? figure
        : new Figure(
            0 - figure.value(),
            0 - figure.high(),
            0 - figure.low(),
            figure.unit(),
            figure.source());
  }

  /// One plot where every candidate was measured; else what the budget asks for of those that were,
  /// and the signal over the error of all.
  private List<Block> plots() {
    var plots = new ArrayList<Block>();
    plot(
            metric(),
            trial -> trial.candidate().figure(Constraint.Kind.QUALITY),
            budget().line(Constraint.Quality.class))
        .ifPresent(plots::add);
    if (fitted.trials().stream().anyMatch(trial -> trial.quality().isEmpty())) {
      plot(
              Metric.SIGNAL_TO_NOISE.key(),
              trial -> trial.screening().map(Quality::value),
              Optional.empty())
          .ifPresent(plots::add);
    }
    return plots;
  }

  private Optional<Block> plot(
      String metric, Function<Trial, Optional<Figure>> of, Optional<Constraint.Quality> limit) {
    var points = new ArrayList<Chart.Point>();
    for (Trial trial : fitted.trials()) {
      var size = trial.candidate().figure(Constraint.Kind.SIZE);
      var quality = of.apply(trial).filter(figure -> Double.isFinite(figure.value()));
      if (size.isPresent() && quality.isPresent()) {
        points.add(
            new Chart.Point(
                size.get(),
                upward(quality.get()),
                trial.recipe().name(),
                fitted.chosen().filter(trial::equals).isPresent()));
      }
    }
    if (points.isEmpty()) {
      return Optional.empty();
    }
    Unit unit = points.getFirst().y().unit();
    var limits = new ArrayList<Limit>();
    budget()
        .line(Constraint.Size.class)
        .ifPresent(line ->
            limits.add(
                Limit.most(Limit.On.X, line.bytes(), "size, " + Unit.BYTES.text(line.bytes()))));
    limit.ifPresent(line ->
        limits.add(
            Limit.least(
                Limit.On.Y,
                unit == Unit.DECIBELS ? line.bound() : 0 - line.bound(),
                "quality, " + unit.text(line.bound()))));
    String label = unit == Unit.DECIBELS ? Phrases.title(metric) : "Change of " + metric;
    var chart =
        new Chart.Plot(
            Phrases.title(metric) + " against size",
            Axis.linear("Size of what is delivered", Unit.BYTES),
            Axis.linear(label, unit),
            List.of(
                Chart.Series.points("candidates", points),
                Chart.Series.front(
                    "best for their size", Chart.Better.LOWER, Chart.Better.HIGHER, points)),
            limits);
    return Optional.of(
        new Block.Plate(
            chart,
            text(
                "%s against the original on the same samples; the upright bars are the intervals%s. What is shaded breaks a line of the budget.%s"
                    .formatted(
                        unit == Unit.DECIBELS
                            ? "Each candidate by its size and by how much larger the output is than what it lost"
                            : "Each candidate that was measured, by its size and by what it changes",
                        limit.map(line -> " that the verdict goes by").orElse(""),
                        fitted.chosen().isPresent() ? " What was chosen is ringed." : ""))));
  }

  private Block metrics() {
    var heads = new LinkedHashMap<String, List<Optional<Figure>>>();
    List<Trial> trials = fitted.trials();
    for (int i = 0; i < trials.size(); i++) {
      for (Quality quality : all(trials.get(i))) {
        put(heads, Phrases.title(quality.metric().key()), i, Optional.of(quality.value()));
        if (quality.drop().isPresent() && quality == trials.get(i).quality().orElse(quality)) {
          put(heads, "Drop", i, quality.drop());
        }
      }
    }
    var columns = new ArrayList<Table.Column>();
    columns.add(Table.Column.words("Candidate"));
    heads.keySet().forEach(head -> columns.add(Table.Column.numbers(head)));
    columns.add(Table.Column.words("What is done"));
    var rows = new ArrayList<Table.Row>();
    for (int i = 0; i < trials.size(); i++) {
      var cells = new ArrayList<Inline>();
      cells.add(text(trials.get(i).recipe().name()));
      for (var column : heads.values()) {
        cells.add(column.get(i).map(Phrases::number).orElse(faint("—")));
      }
      cells.add(text(trials.get(i).about()));
      rows.add(
          new Table.Row(
              fitted.chosen().filter(trials.get(i)::equals).isPresent()
                  ? Table.Weight.CHOSEN
                  : Table.Weight.PLAIN,
              cells));
    }
    return new Table("What was measured of each candidate", columns, rows);
  }

  private Feed screened() {
    return fitted.data().calibrate().orElse(fitted.data().test());
  }

  private static List<Quality> all(Trial trial) {
    var all = new ArrayList<>(trial.screening().stream().toList());
    all.addAll(trial.quality().stream().toList());
    all.addAll(trial.beside());
    return all;
  }

  private void put(
      LinkedHashMap<String, List<Optional<Figure>>> heads,
      String head,
      int row,
      Optional<Figure> figure) {
    heads
        .computeIfAbsent(
            head,
            _ -> {
              var column = new ArrayList<Optional<Figure>>();
              fitted.trials().forEach(_ -> column.add(Optional.empty()));
              return column;
            })
        .set(row, figure);
  }

  private Block.Section sensitivity() {
    List<Sensitivity> all = fitted.sensitivities();
    List<Sensitivity> harmful =
        all.stream().filter(one -> Double.isFinite(one.decibels())).toList();
    if (harmful.isEmpty()) {
      return new Block.Section(
          "sensitivity",
          "Sensitivity of the parts",
          List.of(
              Block.paragraph(
                  all.isEmpty()
                      ? "Not measured: no part of this model can be stored in eight bits at run time."
                      : "No part changed the output at all when it alone was stored in eight bits.")));
    }
    Feed feed = screened();
    var source =
        new Source.Measured(
            feed.about(),
            Math.min(Fit.PROBED, feed.size()),
            "energy of the first output over that of the error, one part alone in eight bits");
    Optional<Trial> eased = eased(harmful);
    var bars =
        harmful.stream()
            .limit(BARS)
            .map(one ->
                new Chart.Bar(
                    label(one),
                    figure(one, source),
                    eased.filter(trial -> spares(trial.recipe(), one)).isPresent()))
            .toList();
    var blocks = new ArrayList<Block>();
    String shown =
        harmful.size() > BARS
            ? "the %d most harmful of %d parts".formatted(BARS, harmful.size())
            : Phrases.counted(harmful.size(), "part");
    blocks.add(
        new Block.Plate(
            new Chart.Bars(
                "What stays of the signal when one part alone goes to eight bits",
                Axis.linear("Signal over error", Unit.DECIBELS),
                eased.map(trial -> "left in more bits by " + trial.recipe().name()).orElse(""),
                bars,
                List.of()),
            text(
                "Shown are %s, the most harmful first: a short bar hurts. Weights go by the name of the constant, activations by the node that they enter."
                    .formatted(shown))));
    long silent = all.size() - harmful.size();
    if (silent > 0) {
      blocks.add(
          Block.paragraph(
              "%s changed nothing at the output and %s not drawn."
                  .formatted(Phrases.counted(silent, "part"), silent == 1 ? "is" : "are")));
    }
    if (harmful.size() > BARS) {
      blocks.add(
          Block.folded(
              "The other %d parts".formatted(harmful.size() - BARS),
              table(harmful.subList(BARS, harmful.size()), source)));
    }
    return new Block.Section("sensitivity", "Sensitivity of the parts", blocks);
  }

  private static Block table(List<Sensitivity> parts, Source source) {
    return new Table(
        "Signal over error with one part alone in eight bits",
        List.of(Table.Column.words("Part"), Table.Column.numbers("Signal over error")),
        parts.stream()
            .map(one -> Table.Row.of(text(label(one)), Phrases.number(figure(one, source))))
            .toList());
  }

  private static String label(Sensitivity one) {
    return one.activation() ? one.part() + ", activation" : one.part();
  }

  private static Figure figure(Sensitivity one, Source source) {
    return new Figure(one.decibels(), one.decibels(), one.decibels(), Unit.DECIBELS, source);
  }

  /// The last candidate that leaves some of the parts alone and not all of them.
  private Optional<Trial> eased(List<Sensitivity> parts) {
    return fitted.trials().reversed().stream()
        .filter(trial -> {
          long spared = parts.stream().filter(one -> spares(trial.recipe(), one)).count();
          return !trial.recipe().activations().isEmpty()
              && spared > 0
              && spared < parts.size() / 2.0;
        })
        .findFirst();
  }

  private static boolean spares(Recipe recipe, Sensitivity one) {
    return one.activation()
        ? !recipe.activations().containsKey(one.part())
        : !(recipe.weights().get(one.part()) instanceof WeightFormat.Affine);
  }
}
