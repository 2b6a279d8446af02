package dev.inward.workbench;

import dev.inward.base.Figure;
import dev.inward.compress.Recipe;
import dev.inward.data.Quality;
import dev.inward.graph.Graph;
import dev.inward.planning.Candidate;
import dev.inward.planning.Constraint;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A recipe that was carried out, and what is known of the result.
///
/// @param encoded the simplified graph with the recipe applied
/// @param screening the signal-to-noise ratio of its outputs on a few calibration samples
/// @param quality what the budget's metric says of it, empty where it was not measured
/// @param beside further metrics on the same samples, for the reader
/// @param figures what the lines of the budget are held against
public record Trial(
    Recipe recipe,
    String about,
    Graph encoded,
    Optional<Quality> screening,
    Optional<Quality> quality,
    List<Quality> beside,
    Map<Constraint.Kind, Figure> figures) {
  public Trial {
    beside = List.copyOf(beside);
    figures = Map.copyOf(figures);
  }

  public Candidate candidate() {
    return new Candidate(recipe.name(), about, figures);
  }

  Trial with(Map<Constraint.Kind, Figure> other) {
    return new Trial(recipe, about, encoded, screening, quality, beside, other);
  }

  Trial screened(Quality screened) {
    return new Trial(recipe, about, encoded, Optional.of(screened), quality, beside, figures);
  }

  /// The same trial with its quality measured.
  Trial measured(Quality measured, List<Quality> more) {
    var all = new EnumMap<Constraint.Kind, Figure>(Constraint.Kind.class);
    all.putAll(figures);
    all.put(Constraint.Kind.QUALITY, measured.drop().orElse(measured.value()));
    return new Trial(recipe, about, encoded, screening, Optional.of(measured), more, all);
  }
}
