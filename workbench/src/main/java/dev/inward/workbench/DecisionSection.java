package dev.inward.workbench;

import static dev.inward.document.Inline.faint;
import static dev.inward.document.Inline.run;
import static dev.inward.document.Inline.strong;
import static dev.inward.document.Inline.text;
import static dev.inward.document.Inline.value;

import dev.inward.base.Figure;
import dev.inward.document.Block;
import dev.inward.document.Inline;
import dev.inward.document.Table;
import dev.inward.planning.Budget;
import dev.inward.planning.Candidate;
import dev.inward.planning.Constraint;
import dev.inward.planning.Decision;
import dev.inward.planning.Ground;
import dev.inward.planning.Judgement;
import dev.inward.planning.Outcome;
import dev.inward.planning.Relaxation;
import dev.inward.planning.Trace;
import dev.inward.planning.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// What was decided about each candidate: instead of what, because of which line, on which figures,
/// and what the other would have cost.
record DecisionSection(Fitted fitted) {
  Block.Section section() {
    var blocks = new ArrayList<Block>();
    blocks.add(
        Block.paragraph(
            "A candidate fits where the whole interval of every figure is inside its line. Among those that fit, the budget prefers %s; ties go to the smaller."
                .formatted(Phrases.called(budget(), budget().prefer().kind()))));
    blocks.addAll(candidates());
    if (trace().outcome() == Outcome.BROKEN) {
      trace().nearest().ifPresent(nearest -> blocks.add(wouldFit(nearest)));
    }
    blocks.add(best());
    blocks.add(others());
    measuring().ifPresent(blocks::add);
    return new Block.Section("the-decision", "The decision", blocks);
  }

  private Trace trace() {
    return fitted.trace();
  }

  private Budget budget() {
    return fitted.budget();
  }

  private Judgement judgement(String name) {
    return trace().judgements().stream()
        .filter(judgement -> judgement.candidate().name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no candidate is named " + name));
  }

  /// One row a candidate. What is the same for all stands in a line of its own, not in a column.
  private List<Block> candidates() {
    List<Constraint.Kind> all = Phrases.kinds(budget(), trace().candidates());
    List<Constraint.Kind> kinds = all.stream().filter(kind -> !isSame(kind)).toList();
    var columns = new ArrayList<Table.Column>();
    columns.add(Table.Column.words("Candidate"));
    columns.add(Table.Column.words("Stands"));
    kinds.forEach(
        kind -> columns.add(Table.Column.numbers(Phrases.title(Phrases.called(budget(), kind)))));
    var rows = new ArrayList<Table.Row>();
    for (Judgement judgement : trace().judgements()) {
      var cells = new ArrayList<Inline>();
      cells.add(text(judgement.candidate().name()));
      cells.add(stands(judgement));
      kinds.forEach(kind -> cells.add(cell(judgement, kind)));
      rows.add(new Table.Row(weight(judgement), cells));
    }
    var blocks = new ArrayList<Block>();
    blocks.add(new Table("The candidates, each held against every line", columns, rows));
    Judgement first = trace().judgements().getFirst();
    List<Inline> same =
        all.stream()
            .filter(this::isSame)
            .map(kind -> run(text(Phrases.called(budget(), kind) + " "), cell(first, kind)))
            .toList();
    if (!same.isEmpty()) {
      blocks.add(
          Block.paragraph(text("The same for all: "), Phrases.joined(", ", same), text(".")));
    }
    return blocks;
  }

  private boolean isSame(Constraint.Kind kind) {
    List<Candidate> candidates = trace().candidates();
    return candidates.size() > 1
        && candidates.stream().map(one -> one.figure(kind)).distinct().count() == 1;
  }

  private Table.Weight weight(Judgement judgement) {
    return fitted.chosen().filter(chosen -> is(chosen, judgement)).isPresent()
        ? Table.Weight.CHOSEN
        : judgement.outcome() == Outcome.BROKEN ? Table.Weight.FAINT : Table.Weight.PLAIN;
  }

  private static boolean is(Trial trial, Judgement judgement) {
    return trial.recipe().name().equals(judgement.candidate().name());
  }

  private Inline stands(Judgement judgement) {
    String step = word(trace().decision(judgement.candidate().name()).step());
    String lines = Phrases.kinds(judgement.lines(judgement.outcome()));
    return switch (judgement.outcome()) {
      case KEPT -> run(Phrases.badge(Outcome.KEPT), text(" " + step));
      case BROKEN -> run(Phrases.badge(Outcome.BROKEN), text(" " + lines));
      case UNDECIDED ->
          run(
              Phrases.badge(Outcome.UNDECIDED),
              text(step.equals("undecided") ? "" : " " + step),
              faint(" open: " + lines));
    };
  }

  private static Inline cell(Judgement judgement, Constraint.Kind kind) {
    Optional<Figure> figure = judgement.candidate().figure(kind);
    if (figure.isEmpty()) {
      return faint("not known");
    }
    return judgement.verdicts().stream()
            .filter(verdict -> verdict.constraint().kind() == kind)
            .map(Verdict::outcome)
            .anyMatch(outcome -> outcome != Outcome.KEPT)
        ? run(
            Inline.emphasis(
                judgement.lines(Outcome.BROKEN).stream().anyMatch(line -> line.kind() == kind)
                    ? "✗ "
                    : "? "),
            Phrases.number(figure.get()))
        : Phrases.number(figure.get());
  }

  private static String word(Decision.Step step) {
    return step.name().toLowerCase(Locale.ROOT);
  }

  private Block.Section wouldFit(Relaxation nearest) {
    var rows = new ArrayList<Table.Row>();
    for (Constraint line : nearest.lines()) {
      Constraint before = budget().line(line.kind()).orElseThrow();
      rows.add(
          Table.Row.of(
              run(text(line.kind().key() + " "), faint(Phrases.where(before))),
              text(before.limit().text()),
              text(line.limit().text()),
              Phrases.badge(outcome(nearest.candidate(), line.kind())),
              nearest.candidate().figure(line.kind()).map(Phrases::number).orElse(text("—")),
              before.line().because().map(Inline::text).orElse(faint("no reason given"))));
    }
    return new Block.Section(
        "what-would-fit",
        "What would fit",
        List.of(
            Block.paragraph(
                text("With these lines relaxed and the others as they are, "),
                strong(nearest.candidate().name()),
                text(
                    " keeps the budget for certain. It is the nearest: each limit counts by its change as a share of itself, and the sum is the smallest. Only what is broken must give; what is undecided may turn out well when it is measured. Whether the reason beside a line can bear it is yours to say.")),
            new Table(
                "Lines to relax",
                List.of(
                    Table.Column.words("Line"),
                    Table.Column.words("Asked"),
                    Table.Column.words("Needed"),
                    Table.Column.words("As asked"),
                    Table.Column.numbers("Because it is"),
                    Table.Column.words("The line's reason")),
                rows)));
  }

  private Outcome outcome(Candidate candidate, Constraint.Kind kind) {
    return judgement(candidate.name()).verdicts().stream()
        .filter(verdict -> verdict.constraint().kind() == kind)
        .map(Verdict::outcome)
        .findFirst()
        .orElseThrow();
  }

  /// The last decision of a trace with a choice; where there is none, how each was taken out.
  private Block.Section best() {
    if (trace().chosen().isEmpty()) {
      return new Block.Section(
          "why-nothing",
          "Why nothing fits",
          List.of(
              Block.paragraph(
                  "Each candidate breaks at least one line for certain: the better end of its figure is outside.")));
    }
    Candidate chosen = trace().chosen().get();
    Decision decision = trace().decision(chosen.name());
    var blocks = new ArrayList<Block>();
    blocks.add(details(decision));
    decision
        .insteadOf()
        .ifPresent(other -> blocks.add(comparison(chosen, judgement(other).candidate())));
    return new Block.Section(
        "why",
        "Why " + chosen.name() + (decision.step() == Decision.Step.FAVOURED ? ", for now" : ""),
        blocks);
  }

  private Block details(Decision decision) {
    var entries = new ArrayList<Block.Definition>();
    Judgement judgement = judgement(decision.subject());
    entries.add(
        new Block.Definition(
            "Decision",
            run(Phrases.badge(judgement.outcome()), text(" " + word(decision.step())))));
    decision
        .insteadOf()
        .ifPresent(other ->
            entries.add(
                new Block.Definition(
                    decision.step() == Decision.Step.OUTRANKED ? "By" : "Instead of",
                    text(other))));
    entries.add(new Block.Definition("Because", because(decision)));
    decision
        .insteadOf()
        .map(this::judgement)
        .filter(other -> other.outcome() == judgement.outcome())
        .ifPresent(other ->
            entries.add(
                new Block.Definition(
                    "Put first by",
                    text(Phrases.decides(budget(), judgement.candidate(), other.candidate())))));
    if (decision.step() == Decision.Step.OUTRANKED) {
      cost(decision)
          .ifPresent(cost -> entries.add(new Block.Definition("It would have cost", cost)));
    }
    List<Inline> measures = Phrases.measures(judgement);
    if (!measures.isEmpty()) {
      entries.add(new Block.Definition("To know", Phrases.joined("; ", measures)));
    }
    entries.add(new Block.Definition("Rests on", grounds(decision)));
    return new Block.Definitions(entries);
  }

  private Inline because(Decision decision) {
    if (decision.because().isEmpty()) {
      long kept = trace().judgements().stream().filter(j -> j.outcome() == Outcome.KEPT).count();
      return text(
          kept == 1
              ? "it is the only one known to keep every line"
              : "no line forces it; among what keeps every line, the budget's preference decides");
    }
    return Phrases.joined(
        "; ",
        decision.because().stream()
            .map(force ->
                run(
                    text(force.line().text() + " "),
                    faint(Phrases.where(force.line())),
                    text(
                        force.on().equals(List.of(decision.subject()))
                            ? decision.step() == Decision.Step.ELIMINATED
                                ? " is broken"
                                : " is open"
                            : " takes out " + String.join(", ", force.on()))))
            .toList());
  }

  /// What taking the subject instead of the one above it would have meant.
  private Optional<Inline> cost(Decision decision) {
    if (decision.insteadOf().isEmpty()) {
      return Optional.empty();
    }
    Candidate mine = judgement(decision.subject()).candidate();
    Candidate other = judgement(decision.insteadOf().get()).candidate();
    var parts = new ArrayList<Inline>();
    for (Constraint.Kind kind : Phrases.kinds(budget(), trace().candidates())) {
      Optional<Figure> a = mine.figure(kind);
      Optional<Figure> b = other.figure(kind);
      if (a.isPresent() && b.isPresent() && !printed(a.get()).equals(printed(b.get()))) {
        parts.add(
            run(
                text(Phrases.called(budget(), kind) + " "),
                value(a.get()),
                text(" instead of "),
                value(b.get())));
      }
    }
    return parts.isEmpty() ? Optional.empty() : Optional.of(Phrases.joined("; ", parts));
  }

  private static String printed(Figure figure) {
    return figure.unit().text(figure.value());
  }

  private static Inline grounds(Decision decision) {
    var bySubject = new LinkedHashMap<String, List<Inline>>();
    for (Ground ground : decision.on()) {
      bySubject
          .computeIfAbsent(ground.subject(), _ -> new ArrayList<>())
          .add(run(text(ground.kind().key() + " "), Phrases.number(ground.figure())));
    }
    if (bySubject.isEmpty()) {
      return faint("no figure: nothing is known");
    }
    var parts = new ArrayList<Inline>();
    bySubject.forEach((subject, figures) ->
        parts.add(run(strong(subject), text(": "), Phrases.joined(", ", figures))));
    return Phrases.joined("; ", parts);
  }

  private Block comparison(Candidate chosen, Candidate other) {
    var rows = new ArrayList<Table.Row>();
    for (Constraint.Kind kind : Phrases.kinds(budget(), trace().candidates())) {
      rows.add(
          Table.Row.of(
              text(Phrases.called(budget(), kind)),
              chosen.figure(kind).map(Phrases::number).orElse(faint("not known")),
              other.figure(kind).map(Phrases::number).orElse(faint("not known")),
              budget().line(kind).map(line -> text(Phrases.limit(line))).orElse(faint("no line"))));
    }
    Judgement judgement = judgement(other.name());
    String lines = Phrases.kinds(judgement.lines(judgement.outcome()));
    String not =
        switch (judgement.outcome()) {
          case KEPT -> "";
          case BROKEN -> ", which breaks " + lines;
          case UNDECIDED -> "; whether it keeps " + lines + " is not known";
        };
    return new Table(
        "What %s would have cost%s".formatted(other.name(), not),
        List.of(
            Table.Column.words("Figure"),
            Table.Column.numbers(chosen.name()),
            Table.Column.numbers(other.name()),
            Table.Column.words("Line")),
        rows);
  }

  /// Every other decision, the last first: from what came nearest to what was taken out.
  private Block.Section others() {
    var blocks = new ArrayList<Block>();
    for (Decision decision : trace().decisions().reversed()) {
      if (trace().chosen().map(Candidate::name).filter(decision.subject()::equals).isPresent()) {
        continue;
      }
      Judgement judgement = judgement(decision.subject());
      String by = decision.insteadOf().map(other -> " by " + other).orElse("");
      String lines =
          judgement.outcome() == Outcome.BROKEN
              ? " by " + Phrases.kinds(judgement.lines(Outcome.BROKEN))
              : by;
      blocks.add(
          Block.folded(
              "%s: %s%s".formatted(decision.subject(), word(decision.step()), lines),
              Block.paragraph(judgement.candidate().recipe() + "."),
              details(decision)));
    }
    if (blocks.isEmpty()) {
      blocks.add(Block.paragraph("Nothing else was tried."));
    }
    return new Block.Section(
        "the-others",
        trace().chosen().isPresent() ? "The others, and why not" : "Candidate by candidate",
        blocks);
  }

  private Optional<Block.Section> measuring() {
    List<Judgement> worth = trace().worthMeasuring();
    if (worth.isEmpty()) {
      return Optional.empty();
    }
    var entries =
        worth.stream()
            .map(judgement ->
                new Block.Definition(
                    judgement.candidate().name(),
                    Phrases.joined("; ", Phrases.measures(judgement))))
            .toList();
    return Optional.of(
        new Block.Section(
            "worth-measuring",
            "What measuring could change",
            List.of(
                Block.paragraph(
                    trace().outcome() == Outcome.UNDECIDED
                        ? "None of these is known to fit or to break a line. The best first:"
                        : "These rank before what was chosen and are not known to break a line. If the measurement turns out well, they would be taken:"),
                new Block.Definitions(entries))));
  }
}
