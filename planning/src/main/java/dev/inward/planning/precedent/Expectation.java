package dev.inward.planning.precedent;

import dev.inward.base.Figure;
import java.util.List;
import java.util.Locale;

/// What published results let expect of a model under a treatment.
///
/// @param chance that at most [#ACCEPTED] points are lost
/// @param drop of the accuracy on the model's task; its interval holds two of three results
/// @param rests the rows that weigh most
public record Expectation(
    Traits traits, Treatment treatment, double chance, Figure drop, List<Rest> rests) {
  /// What counts as enough, in percentage points: what results are usually judged by.
  public static final double ACCEPTED = 1;

  /// How many rows are shown.
  static final int ROWS = 5;

  /// How far a chance must be from even to say anything.
  private static final double EVEN = 0.06;

  /// A row and its weight in the expected drop. Weights may be below nothing: a row then speaks for
  /// what others share with it and this case does not.
  public record Rest(Precedent row, double weight) {}

  /// What to do.
  public enum Advice {
    /// Without training, at most a point is lost.
    ENOUGH("post-training is enough"),
    TRAIN("train"),
    UNKNOWN("do not know");

    private final String words;

    Advice(String words) {
      this.words = words;
    }

    public String text() {
      return words;
    }
  }

  public Expectation {
    rests = List.copyOf(rests);
  }

  public Advice advice() {
    return Math.abs(chance - 0.5) < EVEN
        ? Advice.UNKNOWN
        : chance > 0.5 ? Advice.ENOUGH : Advice.TRAIN;
  }

  /// `post-training is enough: 0.2 pp (0 pp to 0.6 pp) expected to be lost, 84 % chance of at most
  /// 1 point`.
  public String text() {
    return "%s: %s expected to be lost, %s chance of at most 1 point"
        .formatted(
            advice().text(), drop.text(), String.format(Locale.ROOT, "%.0f %%", 100 * chance));
  }
}
