package dev.inward.planning;

import dev.inward.base.Figure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The order of candidates that keep the same lines: by the preferred figure's value, ties by size,
/// then by name. A figure that is not known ranks last.
///
/// @param prefer the figure that is compared first
/// @param more whether more of it is better
record Ranking(Constraint.Kind prefer, boolean more) implements Comparator<Candidate> {
  static Ranking of(Budget budget) {
    boolean more =
        budget.prefer() == Budget.Preference.QUALITY
            && budget
                .line(Constraint.Kind.QUALITY)
                .filter(line -> line.limit().direction() == Limit.Direction.LEAST)
                .isPresent();
    return new Ranking(budget.prefer().kind(), more);
  }

  @Override
  public int compare(Candidate a, Candidate b) {
    return compare(a, b, new LinkedHashSet<>());
  }

  /// Compares, and notes the figures that it looked at.
  int compare(Candidate a, Candidate b, Set<Ground> looked) {
    for (Constraint.Kind kind : keys()) {
      int order = compare(kind, a, b, looked);
      if (order != 0) {
        return order;
      }
    }
    return a.name().compareTo(b.name());
  }

  /// What the comparison of the two comes down to: a kind of figure, or the name.
  String decides(Candidate a, Candidate b) {
    for (Constraint.Kind kind : keys()) {
      if (compare(kind, a, b, new LinkedHashSet<>()) != 0) {
        return kind.key() + " decides";
      }
    }
    return "the name decides";
  }

  private Set<Constraint.Kind> keys() {
    var keys = new LinkedHashSet<Constraint.Kind>();
    keys.add(prefer);
    keys.add(Constraint.Kind.SIZE);
    return keys;
  }

  private int compare(Constraint.Kind kind, Candidate a, Candidate b, Set<Ground> looked) {
    Optional<Figure> mine = a.figure(kind);
    Optional<Figure> other = b.figure(kind);
    mine.ifPresent(figure -> looked.add(new Ground(a.name(), kind, figure)));
    other.ifPresent(figure -> looked.add(new Ground(b.name(), kind, figure)));
    return Double.compare(last(kind, mine), last(kind, other));
  }

  private double last(Constraint.Kind kind, Optional<Figure> figure) {
    double sign = more && kind == prefer ? -1 : 1;
    return figure.map(f -> sign * f.value()).orElse(Double.POSITIVE_INFINITY);
  }

  /// What taking `other` instead of `taken` would cost or save, for every figure that both have and
  /// that the budget limits or the order looks at; those that it names are noted.
  String difference(Candidate taken, Candidate other, Budget budget, Set<Ground> named) {
    var parts = new ArrayList<String>();
    for (Constraint.Kind kind : Constraint.Kind.values()) {
      if (!keys().contains(kind) && budget.line(kind).isEmpty()) {
        continue;
      }
      Optional<Figure> mine = taken.figure(kind);
      Optional<Figure> its = other.figure(kind);
      if (mine.isPresent() && its.isPresent() && !mine.get().text().equals(its.get().text())) {
        named.add(new Ground(taken.name(), kind, mine.get()));
        named.add(new Ground(other.name(), kind, its.get()));
        parts.add("%s %s instead of %s".formatted(kind.key(), its.get().text(), mine.get().text()));
      }
    }
    return parts.isEmpty() ? "" : other.name() + " would mean " + String.join(", ", parts);
  }

  List<Candidate> order(List<Candidate> candidates) {
    return candidates.stream().sorted(this).toList();
  }
}
