package dev.inward.planning;

import dev.inward.base.Unit;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// One option out of several for each part of a model, so that the sum of the losses is least while
/// the sum of each cost stays within its line: a multiple-choice knapsack of any number of lines.
///
/// @param parts at least one
/// @param lines what each cost of an option adds up to; may be none
public record Selection(List<Part> parts, List<Line> lines) {
  /* Source of the method: Lagrangian relaxation after Fisher, Management Science 27 (1981), 1;
   * states and dominance after Dyer, Riha and Walker, EJOR 80 (1995), 172. */

  /// How many partial choices the search looks at where the caller does not say.
  public static final long STATES = 40_000_000;

  /// A part and what it may become.
  ///
  /// @param name short and unique among the parts
  /// @param options at least one
  public record Part(String name, List<Option> options) {
    public Part {
      options = List.copyOf(options);
      if (options.isEmpty()) {
        throw new IllegalArgumentException("part '" + name + "' has no option");
      }
    }
  }

  /// A way to do one part.
  ///
  /// @param loss what it loses, in a unit that adds up over the parts
  /// @param costs one for each line, in the line's unit
  public record Option(String name, double loss, List<Double> costs) {
    public Option {
      costs = List.copyOf(costs);
      if (!Double.isFinite(loss) || !costs.stream().allMatch(Double::isFinite)) {
        throw new IllegalArgumentException(
            "option '%s' loses %s and costs %s".formatted(name, loss, costs));
      }
    }
  }

  /// A limit on the sum of one cost. The limit itself is inside, and so is what exceeds it by a
  /// million-millionth of it or less, the rounding of sums.
  ///
  /// @param most infinite for no limit
  public record Line(String name, double most, Unit unit) {
    static final double ROUNDING = 1e-12;

    public Line {
      if (Double.isNaN(most)) {
        throw new IllegalArgumentException("line '" + name + "' has no limit");
      }
    }

    /// Whether a sum of costs keeps this line.
    public boolean keeps(double sum) {
      return sum <= most + ROUNDING * Math.abs(most);
    }
  }

  public Selection {
    parts = List.copyOf(parts);
    lines = List.copyOf(lines);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("there is no part");
    }
    for (Part part : parts) {
      for (Option option : part.options()) {
        if (option.costs().size() != lines.size()) {
          throw new IllegalArgumentException(
              "option '%s' of '%s' has %d costs for %d lines"
                  .formatted(option.name(), part.name(), option.costs().size(), lines.size()));
        }
      }
    }
  }

  /// The best choice, or the nearest where none keeps every line.
  public Selected solve() {
    return solve(STATES);
  }

  /// The same, looking at so many partial choices at most. The same problem and limit give the same
  /// answer.
  public Selected solve(long states) {
    var hard = SelectionTable.of(this);
    for (int line = 0; line < lines.size(); line++) {
      if (!lines.get(line).keeps(sum(line, cheapest(line)))) {
        return unmet(new SelectionSearch(SelectionTable.excess(this), states).run(), true);
      }
    }
    var found = new SelectionSearch(hard, states).run();
    if (found.picks().isPresent()) {
      return met(hard, found, found.picks().get());
    }
    // Where no choice was found and none was ruled out, the nearest may keep every line after all.
    var nearest = new SelectionSearch(SelectionTable.excess(this), states).run();
    int[] picks = nearest.picks().orElseThrow();
    return keeps(picks) ? met(hard, found, picks) : unmet(nearest, found.exhausted());
  }

  private Selected met(SelectionTable table, SelectionSearch.Found found, int[] picks) {
    double loss = loss(picks);
    double bound = Math.min(loss, table.loss(found.bound()));
    return new Selected.Met(choice(picks), bound, found.exhausted(), found.states());
  }

  /// The choice whose lines must be relaxed least, as [Relaxation] counts it.
  private Selected unmet(SelectionSearch.Found nearest, boolean impossible) {
    return new Selected.Unmet(
        choice(nearest.picks().orElseThrow()),
        least(),
        impossible || nearest.bound() > 0,
        nearest.exhausted());
  }

  /// What each line would be with the option of least cost in every part.
  private List<Double> least() {
    return IntStream.range(0, lines.size()).mapToObj(line -> sum(line, cheapest(line))).toList();
  }

  private int[] cheapest(int line) {
    return parts.stream()
        .mapToInt(part -> {
          int best = 0;
          for (int o = 1; o < part.options().size(); o++) {
            if (cost(part, o, line) < cost(part, best, line)) {
              best = o;
            }
          }
          return best;
        })
        .toArray();
  }

  private static double cost(Part part, int option, int line) {
    return part.options().get(option).costs().get(line);
  }

  Selected.Choice choice(int[] picks) {
    return new Selected.Choice(
        Arrays.stream(picks).boxed().toList(),
        loss(picks),
        IntStream.range(0, lines.size()).mapToObj(line -> sum(line, picks)).toList());
  }

  private double loss(int[] picks) {
    double sum = 0;
    for (int p = 0; p < picks.length; p++) {
      sum += parts.get(p).options().get(picks[p]).loss();
    }
    return sum;
  }

  double sum(int line, int[] picks) {
    double sum = 0;
    for (int p = 0; p < picks.length; p++) {
      sum += cost(parts.get(p), picks[p], line);
    }
    return sum;
  }

  /// Whether a choice keeps every line.
  boolean keeps(int[] picks) {
    for (int line = 0; line < lines.size(); line++) {
      if (!lines.get(line).keeps(sum(line, picks))) {
        return false;
      }
    }
    return true;
  }
}
