package dev.inward.planning.precedent;

import dev.inward.base.Figure;
import dev.inward.base.Source;
import dev.inward.base.Unit;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// What published results say of a model and a treatment before either is run: a Gaussian process
/// over the rows, so that every expectation is a weighted sum of published numbers.
///
/// Source: Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006, algorithm 2.1.
public final class Precedents {
  /* Drops are compared as log2(drop + 0.3), between none and forty points: a factor counts alike
   * everywhere, and what is below the noise of an evaluation counts as little. */
  private static final double NOISE = 0.3;
  private static final double MOST = 40;
  private static final double MIDDLE = scaled(Expectation.ACCEPTED);

  private final List<Precedent> rows;
  private final double[][] factor;
  private final double[] strengths;

  private Precedents(List<Precedent> rows) {
    this.rows = List.copyOf(rows);
    int n = rows.size();
    double[][] covariance = new double[n][n];
    double[] drops = new double[n];
    for (int i = 0; i < n; i++) {
      Precedent row = rows.get(i);
      drops[i] = scaled(row.drop()) - MIDDLE;
      for (int j = 0; j <= i; j++) {
        Precedent other = rows.get(j);
        covariance[i][j] =
            likeness(row.traits(), row.treatment(), other)
                + (row.origin().equals(other.origin()) ? Likeness.ORIGIN : 0);
      }
      covariance[i][i] += row.remembered() ? Likeness.REMEMBERED : Likeness.CHANCE;
    }
    this.factor = cholesky(covariance);
    this.strengths = backward(forward(drops));
  }

  /// All rows of the table.
  public static Precedents all() {
    return of(Precedent.all());
  }

  /// Some rows.
  static Precedents of(List<Precedent> rows) {
    return new Precedents(rows);
  }

  public List<Precedent> rows() {
    return rows;
  }

  /// What to expect of a model under a treatment.
  public Expectation expect(Traits traits, Treatment treatment) {
    int n = rows.size();
    double[] like = new double[n];
    double mean = MIDDLE;
    for (int i = 0; i < n; i++) {
      like[i] = likeness(traits, treatment, rows.get(i));
      mean += like[i] * strengths[i];
    }
    double[] half = forward(like);
    double variance =
        Likeness.of(traits, treatment, traits, treatment) + Likeness.ORIGIN + Likeness.CHANCE;
    for (double h : half) {
      variance -= h * h;
    }
    double spread = Math.sqrt(Math.max(variance, Likeness.CHANCE));
    double[] weights = backward(half);
    var rests =
        IntStream.range(0, n)
            .boxed()
            .sorted(Comparator.comparingDouble((Integer i) -> weights[i]).reversed())
            .limit(Expectation.ROWS)
            .map(i -> new Expectation.Rest(rows.get(i), weights[i]))
            .toList();
    return new Expectation(
        traits,
        treatment,
        normal((MIDDLE - mean) / spread),
        new Figure(
            points(mean) / 100,
            points(mean - spread) / 100,
            points(mean + spread) / 100,
            Unit.SHARE_POINTS,
            new Source.Modelled(
                "a Gaussian process over %d published results".formatted(n),
                "two of three results lie in the interval")),
        rests);
  }

  private static double likeness(Traits traits, Treatment treatment, Precedent row) {
    return Likeness.of(traits, treatment, row.traits(), row.treatment());
  }

  private static double scaled(double points) {
    return Math.log(Math.clamp(points, 0, MOST) + NOISE) / Math.log(2);
  }

  private static double points(double scaled) {
    return Math.max(0, Math.pow(2, scaled) - NOISE);
  }

  /// The lower factor.
  private static double[][] cholesky(double[][] a) {
    int n = a.length;
    double[][] l = new double[n][];
    for (int i = 0; i < n; i++) {
      l[i] = new double[i + 1];
      for (int j = 0; j <= i; j++) {
        double sum = a[i][j];
        for (int k = 0; k < j; k++) {
          sum -= l[i][k] * l[j][k];
        }
        l[i][j] = i == j ? Math.sqrt(sum) : sum / l[j][j];
      }
    }
    return l;
  }

  private double[] forward(double[] b) {
    double[] x = new double[b.length];
    for (int i = 0; i < b.length; i++) {
      double sum = b[i];
      for (int k = 0; k < i; k++) {
        sum -= factor[i][k] * x[k];
      }
      x[i] = sum / factor[i][i];
    }
    return x;
  }

  private double[] backward(double[] b) {
    double[] x = new double[b.length];
    for (int i = b.length - 1; i >= 0; i--) {
      double sum = b[i];
      for (int k = i + 1; k < b.length; k++) {
        sum -= factor[k][i] * x[k];
      }
      x[i] = sum / factor[i][i];
    }
    return x;
  }

  /// The share of a normal variable below `z`, to 1.5e-7: Abramowitz and Stegun, 7.1.26.
  private static double normal(double z) {
    double x = Math.abs(z) / Math.sqrt(2);
    double t = 1 / (1 + 0.3275911 * x);
    double tail =
        t
            * (0.254829592
                + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
            * Math.exp(-x * x)
            / 2;
    return z > 0 ? 1 - tail : tail;
  }
}
