package dev.inward.planning;

import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// A choice, and what it stands on.
///
/// @param subject the candidate, or the part of a model, that is decided about
/// @param step what is decided
/// @param insteadOf what stood directly against it: the runner-up of what is chosen, the one above
///   what is outranked
/// @param because the lines that force it, each with what it takes out; empty where preference
///   alone decides
/// @param on the figures, each once, by subject and kind
/// @param cost what `insteadOf` would have cost, in words; empty where nothing stood against it
public record Decision(
    String subject,
    Step step,
    Optional<String> insteadOf,
    List<Force> because,
    List<Ground> on,
    String cost) {
  /// A line, and the subjects that it takes out or leaves open.
  public record Force(Constraint line, List<String> on) {
    public Force {
      on = List.copyOf(on);
    }
  }

  /// What a decision does with its subject.
  public enum Step {
    /// A line is broken.
    ELIMINATED("eliminated"),
    /// No line is known to be broken, and one is not known to be kept.
    UNDECIDED("undecided"),
    /// Every line is kept, and another candidate is preferred.
    OUTRANKED("outranked"),
    CHOSEN("chosen"),
    /// Would be chosen if what is undecided turns out well.
    FAVOURED("favoured"),
    /// A part of a model is built so.
    SET("set");

    private final String word;

    Step(String word) {
      this.word = word;
    }
  }

  private static final Comparator<Ground> BY_SUBJECT =
      Comparator.comparing(Ground::subject).thenComparing(Ground::kind);

  public Decision {
    because = List.copyOf(because);
    on = on.stream().distinct().sorted(BY_SUBJECT).toList();
  }

  /// The decision in one line.
  public String text() {
    var text = new StringBuilder(subject).append(' ').append(step.word);
    insteadOf.ifPresent(
        other -> text.append(step == Step.OUTRANKED ? " by " : " instead of ").append(other));
    String forces = because.stream().map(this::text).collect(Collectors.joining("; "));
    if (!forces.isEmpty()) {
      text.append(", because ").append(forces);
    }
    return text.append(cost.isEmpty() ? "" : ": " + cost).toString();
  }

  private String text(Force force) {
    String out =
        force.on().equals(List.of(subject)) ? "" : " takes out " + String.join(", ", force.on());
    return "%s (%s)%s".formatted(force.line().text(), force.line().line().where(), out);
  }
}
