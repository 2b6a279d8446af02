package dev.inward.workbench;

import static dev.inward.document.Inline.faint;
import static dev.inward.document.Inline.run;
import static dev.inward.document.Inline.strong;
import static dev.inward.document.Inline.text;

import dev.inward.base.Figure;
import dev.inward.base.Unit;
import dev.inward.document.Block;
import dev.inward.document.Inline;
import dev.inward.document.Table;
import dev.inward.planning.Budget;
import dev.inward.planning.Candidate;
import dev.inward.planning.Constraint;
import dev.inward.planning.Decision;
import dev.inward.planning.Judgement;
import dev.inward.planning.Outcome;
import dev.inward.planning.Relaxation;
import dev.inward.planning.Trace;
import dev.inward.planning.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The first screen of a dossier: the answer in a sentence, the headline figures, and the budget
/// line by line.
///
/// @param subject the candidate whose figures are shown
record Answer(Fitted fitted, Trial subject) {
  private static final List<Constraint.Kind> HEADLINES =
      List.of(
          Constraint.Kind.SIZE,
          Constraint.Kind.LATENCY,
          Constraint.Kind.QUALITY,
          Constraint.Kind.MEMORY);

  List<Block> lead() {
    var blocks = new ArrayList<Block>();
    blocks.add(answer());
    if (trace().outcome() == Outcome.BROKEN) {
      blocks.add(
          Block.paragraph(
              faint("The figures below are those of "),
              strong(name()),
              faint(
                  trace().nearest().isPresent()
                      ? ", which comes nearest to the budget."
                      : ", the first that was tried.")));
    }
    blocks.add(tiles());
    blocks.add(budget());
    return blocks;
  }

  private Trace trace() {
    return fitted.trace();
  }

  private Budget limits() {
    return fitted.budget();
  }

  private String name() {
    return subject.recipe().name();
  }

  private Judgement judgement() {
    return trace().judgements().stream()
        .filter(judgement -> judgement.candidate().name().equals(name()))
        .findFirst()
        .orElseThrow();
  }

  private Block answer() {
    return switch (trace().outcome()) {
      case KEPT ->
          new Block.Callout(
              Block.Tone.ANSWER,
              "It fits: " + name(),
              List.of(new Block.Paragraph(sentence()), new Block.Paragraph(why())));
      case UNDECIDED -> undecided();
      case BROKEN -> broken();
    };
  }

  private Block undecided() {
    var blocks = new ArrayList<Block>();
    blocks.add(new Block.Paragraph(sentence()));
    long open = judgement().lines(Outcome.UNDECIDED).size();
    blocks.add(
        Block.paragraph(
            "No line is known to be broken, but %s not known to be kept: the limit lies inside the interval of what is known. To know:"
                .formatted(open == 1 ? "one is" : open + " are")));
    blocks.add(new Block.Items(false, Phrases.measures(judgement())));
    trace()
        .nearest()
        .ifPresent(nearest -> {
          blocks.add(
              Block.paragraph(
                  "Or allow more: the nearest budget that is known to be kept, by %s, has"
                      .formatted(nearest.candidate().name())));
          blocks.add(relaxed(nearest));
        });
    return new Block.Callout(Block.Tone.NOTE, "It may fit: " + name(), blocks);
  }

  private Block broken() {
    var blocks = new ArrayList<Block>();
    blocks.add(
        Block.paragraph(
            "Each of the %d candidates breaks a line of the budget: %s."
                .formatted(trace().judgements().size(), takenOut())));
    Optional<Relaxation> nearest = trace().nearest();
    if (nearest.isPresent()) {
      blocks.add(
          Block.paragraph(
              text("The nearest budget that is known to be kept, by "),
              strong(nearest.get().candidate().name()),
              text(", has")));
      blocks.add(relaxed(nearest.get()));
      blocks.add(
          Block.paragraph(
              text("See "), Inline.link("#what-would-fit", "what would fit"), text(".")));
    } else {
      blocks.add(
          Block.paragraph(
              "No budget near it would be kept: each candidate breaks a line that is not up for trade, or a figure is missing."));
    }
    return new Block.Callout(Block.Tone.WARNING, "Nothing fits this budget", blocks);
  }

  /// The lines that must give: `size at most 61.2 MB instead of 50 MB`.
  private Block relaxed(Relaxation nearest) {
    var items = new ArrayList<Inline>();
    for (Constraint line : nearest.lines()) {
      Constraint before = limits().line(line.kind()).orElseThrow();
      Outcome outcome =
          Judgement.of(limits(), nearest.candidate()).verdicts().stream()
              .filter(verdict -> verdict.constraint().equals(before))
              .map(Verdict::outcome)
              .findFirst()
              .orElseThrow();
      items.add(
          run(
              strong(line.kind().key() + " " + line.limit().text()),
              text(
                  " instead of "
                      + before.limit().unit().text(before.limit().value())
                      + (outcome == Outcome.UNDECIDED ? ", or measured and found inside" : ""))));
    }
    return new Block.Items(false, items);
  }

  /// `size (budget.yaml:5:7) takes out all, memory (budget.yaml:8:9) takes out 2`.
  private String takenOut() {
    var parts = new ArrayList<String>();
    for (Constraint line : limits().constraints()) {
      long out =
          trace().judgements().stream()
              .filter(judgement -> judgement.lines(Outcome.BROKEN).contains(line))
              .count();
      if (out > 0) {
        parts.add(
            "%s (%s) takes out %s"
                .formatted(
                    line.kind().key(),
                    Phrases.where(line),
                    out == trace().judgements().size() ? "all" : Long.toString(out)));
      }
    }
    return String.join(", ", parts);
  }

  /// The figures that a hurried reader asks for, in one sentence.
  private Inline sentence() {
    var parts = new ArrayList<Inline>();
    Candidate candidate = subject.candidate();
    candidate.figure(Constraint.Kind.SIZE).ifPresent(size -> parts.add(size(size)));
    candidate.figure(Constraint.Kind.LATENCY).ifPresent(time -> parts.add(latency(time)));
    candidate.figure(Constraint.Kind.QUALITY).ifPresent(lost -> parts.add(quality(lost)));
    return run(strong(name()), text(" "), Phrases.enumerated(parts), text("."));
  }

  private Inline size(Figure size) {
    return run(text("takes "), Phrases.number(size), text(allowed(Constraint.Kind.SIZE, " of %s")));
  }

  private Inline latency(Figure time) {
    String at =
        limits().line(Constraint.Latency.class).map(line -> " at " + line.at().key()).orElse("");
    return run(
        text(Phrases.isMeasured(time) ? "answers in " : "is expected to answer in "),
        Phrases.number(time),
        text(at + " on " + Phrases.devices(limits())),
        text(allowed(Constraint.Kind.LATENCY, " where %s are allowed")));
  }

  private Inline quality(Figure lost) {
    String metric =
        limits()
            .line(Constraint.Quality.class)
            .map(line -> line.metric().key())
            .or(() -> subject.quality().map(quality -> quality.metric().key()))
            .orElse("quality");
    if (lost.unit() == Unit.SHARE) {
      return run(
          text("has "),
          Phrases.number(lost),
          text(" of " + metric),
          text(allowed(Constraint.Kind.QUALITY, " where %s are allowed")));
    }
    return lost.unit() == Unit.DECIBELS
        ? run(
            text("keeps "),
            Phrases.number(lost),
            text(" of " + metric),
            text(allowed(Constraint.Kind.QUALITY, " where %s are asked")))
        : run(
            text("gives up "),
            Phrases.number(lost),
            text(" of " + metric),
            text(allowed(Constraint.Kind.QUALITY, " where %s are allowed")));
  }

  private String allowed(Constraint.Kind kind, String form) {
    return limits()
        .line(kind)
        .map(line -> form.formatted(line.limit().unit().text(line.limit().value())))
        .orElse("");
  }

  private Inline why() {
    Decision decision = trace().decision(name());
    var pieces = new ArrayList<Inline>();
    long kept = trace().judgements().stream().filter(j -> j.outcome() == Outcome.KEPT).count();
    pieces.add(
        text(
            kept == 1
                ? "It is the only candidate known to keep every line."
                : "Of the %d candidates that keep every line it comes first by %s, which the budget prefers."
                    .formatted(kept, Phrases.called(limits(), limits().prefer().kind()))));
    for (Decision.Force force : decision.because()) {
      pieces.add(
          text(
              " %s (%s) rules out %s."
                  .formatted(
                      Phrases.title(force.line().text()),
                      Phrases.where(force.line()),
                      String.join(", ", force.on()))));
    }
    decision
        .insteadOf()
        .ifPresent(other -> {
          pieces.add(text(" The runner-up is "));
          pieces.add(strong(other));
          pieces.add(text("; "));
          pieces.add(Inline.link("#the-decision", "what it would have cost"));
          pieces.add(text("."));
        });
    return Phrases.run(pieces);
  }

  private Block tiles() {
    var tiles = new ArrayList<Block.Tile>();
    for (Constraint.Kind kind : HEADLINES) {
      Optional<Figure> figure = subject.candidate().figure(kind);
      if (figure.isPresent()) {
        Optional<Verdict> verdict =
            judgement().verdicts().stream()
                .filter(one -> one.constraint().kind() == kind)
                .findFirst();
        tiles.add(
            new Block.Tile(
                Phrases.title(Phrases.called(limits(), kind)),
                Phrases.number(figure.get()),
                verdict
                    .map(one ->
                        run(
                            Phrases.badge(one.outcome()),
                            text(" " + Phrases.limit(one.constraint()))))
                    .orElse(faint("no line of the budget"))));
      }
    }
    return new Block.Tiles(tiles);
  }

  private Block budget() {
    var rows = new ArrayList<Table.Row>();
    for (Verdict verdict : judgement().verdicts()) {
      Constraint line = verdict.constraint();
      rows.add(
          Table.Row.of(
              run(text(line.text()), text(" "), faint(Phrases.where(line))),
              verdict.known().map(Phrases::number).orElse(faint("not known")),
              Phrases.badge(verdict.outcome()),
              line.line().because().map(Inline::text).orElse(faint("no reason given"))));
    }
    return new Table(
        "The budget, line by line, held against " + name(),
        List.of(
            Table.Column.words("Line"),
            Table.Column.numbers("Here"),
            Table.Column.words("Stands"),
            Table.Column.words("Because")),
        rows);
  }
}
