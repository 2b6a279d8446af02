package dev.inward.planning;

import java.util.ArrayList;
import java.util.List;

/// What a [Selection] comes to.
public sealed interface Selected {
  /// An option for each part.
  ///
  /// @param options the place of the option taken, for each part in order
  /// @param loss the sum over the parts
  /// @param costs the sums over the parts, for each line in order
  record Choice(List<Integer> options, double loss, List<Double> costs) {
    public Choice {
      options = List.copyOf(options);
      costs = List.copyOf(costs);
    }
  }

  /// A choice that keeps every line.
  ///
  /// @param bound no choice that keeps every line loses less, up to the rounding of sums
  /// @param proved whether the search ended by itself: nothing loses less
  /// @param states partial choices that were looked at
  record Met(Choice choice, double bound, boolean proved, long states) implements Selected {
    /// How far the loss may be above the least possible, as a share of the loss; 0 where proved.
    public double gap() {
      double above = choice.loss() - bound;
      return proved || above <= 0 ? 0 : above / Math.abs(choice.loss());
    }
  }

  /// No choice that keeps every line was found.
  ///
  /// @param nearest the choice for which the sum of relative changes of the lines is least
  /// @param least what each line would be at least, all others free
  /// @param impossible whether it is proved that there is none
  /// @param proved whether it is proved that no choice is nearer
  record Unmet(Choice nearest, List<Double> least, boolean impossible, boolean proved)
      implements Selected {
    public Unmet {
      least = List.copyOf(least);
    }

    /// For each line that the nearest choice breaks, by how much, in words: `size: 52 MB is 2 MB
    /// more than 50 MB`; with `no choice is below 51 MB` where the line cannot be kept at all.
    public List<String> text(Selection selection) {
      var texts = new ArrayList<String>();
      for (int line = 0; line < selection.lines().size(); line++) {
        var limit = selection.lines().get(line);
        double sum = nearest.costs().get(line);
        if (!limit.keeps(sum)) {
          texts.add(
              "%s: %s is %s more than %s%s"
                  .formatted(
                      limit.name(),
                      limit.unit().text(sum),
                      limit.unit().text(sum - limit.most()),
                      limit.unit().text(limit.most()),
                      limit.keeps(least.get(line))
                          ? ""
                          : ", no choice is below " + limit.unit().text(least.get(line))));
        }
      }
      return texts;
    }
  }
}
