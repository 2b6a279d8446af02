package dev.inward.planning;

import dev.inward.base.Figure;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One way to build the model, and what is known of it.
///
/// @param name short and unique among the candidates, such as `int8-channel`
/// @param recipe what is done, in words
/// @param figures at most one of a kind; [Constraint.Kind#QUALITY] is the drop, or the decibels, in
///   the unit of the budget's metric; [Constraint.Kind#PRIVACY] the bytes that leave the device, or
///   the epsilon that is spent
public record Candidate(String name, String recipe, Map<Constraint.Kind, Figure> figures) {
  public Candidate {
    var ordered = new EnumMap<Constraint.Kind, Figure>(Constraint.Kind.class);
    ordered.putAll(figures);
    figures = Collections.unmodifiableMap(ordered);
  }

  public Optional<Figure> figure(Constraint.Kind kind) {
    return Optional.ofNullable(figures.get(kind));
  }

  /// The same candidate with one figure not known.
  public Candidate without(Constraint.Kind kind) {
    var rest = new EnumMap<Constraint.Kind, Figure>(Constraint.Kind.class);
    rest.putAll(figures);
    rest.remove(kind);
    return new Candidate(name, recipe, rest);
  }

  /// The highest of several figures of one kind, one for each device of a fleet that must all pass:
  /// interval by interval, with the source of the one that reaches highest.
  public static Figure highest(List<Figure> figures) {
    Figure highest = figures.getFirst();
    for (Figure figure : figures) {
      if (figure.unit() != highest.unit()) {
        throw new IllegalArgumentException("%s beside %s".formatted(figure, highest));
      }
      highest =
          new Figure(
              Math.max(highest.value(), figure.value()),
              Math.max(highest.low(), figure.low()),
              Math.max(highest.high(), figure.high()),
              figure.unit(),
              figure.high() > highest.high() ? figure.source() : highest.source());
    }
    return highest;
  }
}
