package dev.inward.workbench;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import dev.inward.data.Metric;
import dev.inward.device.Device;
import dev.inward.document.Inline;
import dev.inward.document.Standing;
import dev.inward.planning.Budget;
import dev.inward.planning.Candidate;
import dev.inward.planning.Constraint;
import dev.inward.planning.Judgement;
import dev.inward.planning.Outcome;
import dev.inward.planning.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What the sections of a dossier say in the same words.
final class Phrases {
  private static final Pattern PLACE = Pattern.compile(".*[/\\\\]([^/\\\\]+:\\d+:\\d+)");

  private static final List<Constraint.Kind> ORDER =
      List.of(
          Constraint.Kind.SIZE,
          Constraint.Kind.QUALITY,
          Constraint.Kind.LATENCY,
          Constraint.Kind.ENERGY,
          Constraint.Kind.MEMORY,
          Constraint.Kind.UPDATE,
          Constraint.Kind.PRIVACY);

  private Phrases() {}

  /// `budget.yaml:6:10`: the file without its folder.
  static String where(Constraint line) {
    var place = PLACE.matcher(line.line().where());
    return place.matches() ? place.group(1) : line.line().where();
  }

  static Standing standing(Outcome outcome) {
    return switch (outcome) {
      case KEPT -> Standing.KEPT;
      case BROKEN -> Standing.BROKEN;
      case UNDECIDED -> Standing.UNDECIDED;
    };
  }

  static Inline badge(Outcome outcome) {
    return Inline.badge(standing(outcome));
  }

  /// What a figure of that kind is called in this budget: `accuracy drop`.
  static String called(Budget budget, Constraint.Kind kind) {
    return kind == Constraint.Kind.QUALITY
        ? budget
            .line(Constraint.Quality.class)
            .map(Constraint.Quality::metric)
            .map(Metric::limited)
            .orElse("quality lost")
        : kind.key();
  }

  /// `at most 50 MB`; nothing may leave the device where that is the limit.
  static String limit(Constraint line) {
    return line instanceof Constraint.OnDevice ? "nothing leaves" : line.limit().text();
  }

  /// `iPhone 11`, `iPhone 11 and iPhone 13`.
  static String devices(Budget budget) {
    List<String> names = budget.devices().stream().map(Device::name).toList();
    return names.size() == 1
        ? names.getFirst()
        : String.join(", ", names.subList(0, names.size() - 1)) + " and " + names.getLast();
  }

  static String title(String text) {
    return text.isEmpty() ? text : Character.toUpperCase(text.charAt(0)) + text.substring(1);
  }

  static String counted(long count, String noun) {
    return count + " " + noun + (count == 1 ? "" : "s");
  }

  static Inline run(List<Inline> pieces) {
    return new Inline.Run(pieces);
  }

  /// The pieces with a separator between them.
  static Inline joined(String between, List<Inline> pieces) {
    var all = new ArrayList<Inline>();
    for (Inline piece : pieces) {
      if (!all.isEmpty()) {
        all.add(Inline.text(between));
      }
      all.add(piece);
    }
    return run(all);
  }

  static Inline enumerated(List<Inline> pieces) {
    return pieces.size() < 2
        ? joined("", pieces)
        : Inline.run(
            joined(", ", pieces.subList(0, pieces.size() - 1)),
            Inline.text(" and "),
            pieces.getLast());
  }

  /// The kinds of figures that a table of this budget's candidates shows: what is limited, and what
  /// is known besides; what tells candidates apart comes first.
  static List<Constraint.Kind> kinds(Budget budget, List<Candidate> candidates) {
    return ORDER.stream()
        .filter(kind ->
            budget.line(kind).isPresent()
                || (kind != Constraint.Kind.PRIVACY
                    && kind != Constraint.Kind.UPDATE
                    && candidates.stream().anyMatch(one -> one.figure(kind).isPresent())))
        .toList();
  }

  /// What would have to be measured for a candidate's open lines, each with the source of what is
  /// known now.
  static List<Inline> measures(Judgement judgement) {
    var measures = new ArrayList<Inline>();
    for (Verdict verdict : judgement.verdicts()) {
      if (verdict instanceof Verdict.Undecided(_, var known, var measure)) {
        measures.add(
            known
                .map(Figure::source)
                .map(source -> Inline.run(Inline.text(measure), new Inline.Mark(source)))
                .orElse(Inline.text(measure)));
      }
    }
    return measures;
  }

  /// Which figure puts one candidate before another that keeps the same lines.
  static String decides(Budget budget, Candidate a, Candidate b) {
    for (var kind : List.of(budget.prefer().kind(), Constraint.Kind.SIZE)) {
      var mine = a.figure(kind).map(Figure::value);
      var other = b.figure(kind).map(Figure::value);
      if (!mine.equals(other)) {
        return called(budget, kind);
      }
    }
    return "the name: every figure that is compared is the same";
  }

  static String kinds(List<Constraint> lines) {
    return lines.stream().map(line -> line.kind().key()).collect(Collectors.joining(", "));
  }

  /// The figure with its interval; outputs without any error are said to be so.
  static Inline number(Figure figure) {
    return Double.isInfinite(figure.value()) && figure.unit() == Unit.DECIBELS
        ? Inline.run(Inline.text("no error"), new Inline.Mark(figure.source()))
        : Inline.number(figure);
  }

  /// Whether the figure was seen, not computed.
  static boolean isMeasured(Figure figure) {
    return figure.source() instanceof Source.Measured;
  }
}
