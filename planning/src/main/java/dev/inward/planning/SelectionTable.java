package dev.inward.planning;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// A [Selection] as the search sees it: every loss and cost counted from the least in its part and
/// scaled by a power of two to sums of at most 1, so that whole numbers stay exact; options that
/// another of the same part beats in everything are left out, and lines that nothing can break.
///
/// @param loss by part and option
/// @param cost by part, and by option times [#lines] plus line
/// @param origin the place of each option among those of the selection
/// @param room how much of each line is left for what exceeds the least
/// @param rounding how far a sum may exceed its room
/// @param price what each line costs when it is broken, for each unit; infinite where it must be
///   kept
/// @param lossScale what a loss here is worth there
record SelectionTable(
    Selection selection,
    double[][] loss,
    double[][] cost,
    int[][] origin,
    double[] room,
    double[] rounding,
    double[] price,
    double leastLoss,
    double lossScale) {
  /// Every line must be kept.
  static SelectionTable of(Selection selection) {
    return of(selection, false);
  }

  /// No line must be kept; the loss is the sum of relative changes of the lines.
  static SelectionTable excess(Selection selection) {
    return of(selection, true);
  }

  private static SelectionTable of(Selection selection, boolean excess) {
    var parts = selection.parts();
    int count = selection.lines().size();
    double[] least = new double[count];
    double[] range = new double[count];
    double leastLoss = 0;
    double lossRange = 0;
    for (var part : parts) {
      for (int l = 0; l < count; l++) {
        int line = l;
        var of = part.options().stream().mapToDouble(o -> o.costs().get(line)).summaryStatistics();
        least[l] += of.getMin();
        range[l] += of.getMax() - of.getMin();
      }
      var of = part.options().stream().mapToDouble(Selection.Option::loss).summaryStatistics();
      leastLoss += of.getMin();
      lossRange += of.getMax() - of.getMin();
    }
    double lossScale = scale(lossRange);
    int[] lines =
        IntStream.range(0, count)
            .filter(l -> !selection.lines().get(l).keeps(least[l] + range[l]))
            .toArray();
    int m = lines.length;
    double[] scale = Arrays.stream(lines).mapToDouble(l -> scale(range[l])).toArray();
    double[] room = new double[m];
    double[] rounding = new double[m];
    double[] price = new double[m];
    for (int l = 0; l < m; l++) {
      double most = selection.lines().get(lines[l]).most();
      room[l] = (most - least[lines[l]]) / scale[l];
      rounding[l] = Selection.Line.ROUNDING * Math.abs(most) / scale[l];
      price[l] = excess ? scale[l] / (most == 0 ? 1 : Math.abs(most)) : Double.POSITIVE_INFINITY;
    }
    double[][] loss = new double[parts.size()][];
    double[][] cost = new double[parts.size()][];
    int[][] origin = new int[parts.size()][];
    for (int p = 0; p < parts.size(); p++) {
      var options = parts.get(p).options();
      double floorLoss = options.stream().mapToDouble(Selection.Option::loss).min().orElseThrow();
      List<double[]> rows = new ArrayList<>();
      for (var option : options) {
        double[] row = new double[m + 1];
        row[m] = excess ? 0 : (option.loss() - floorLoss) / lossScale;
        for (int l = 0; l < m; l++) {
          int line = lines[l];
          double floor = options.stream().mapToDouble(o -> o.costs().get(line)).min().orElseThrow();
          row[l] = (option.costs().get(line) - floor) / scale[l];
        }
        rows.add(row);
      }
      origin[p] =
          IntStream.range(0, rows.size())
              .filter(o -> IntStream.range(0, rows.size()).noneMatch(b -> beats(rows, b, o)))
              .toArray();
      loss[p] = Arrays.stream(origin[p]).mapToDouble(o -> rows.get(o)[m]).toArray();
      cost[p] =
          Arrays.stream(origin[p])
              .boxed()
              .flatMapToDouble(o -> Arrays.stream(rows.get(o), 0, m))
              .toArray();
    }
    return new SelectionTable(
        selection, loss, cost, origin, room, rounding, price, leastLoss, lossScale);
  }

  /// Whether one option is nowhere worse than another and somewhere better; of equals, the first.
  private static boolean beats(List<double[]> rows, int one, int other) {
    boolean better = one < other;
    for (int k = 0; k < rows.get(one).length; k++) {
      if (rows.get(one)[k] > rows.get(other)[k]) {
        return false;
      }
      better |= rows.get(one)[k] < rows.get(other)[k];
    }
    return one != other && better;
  }

  private static double scale(double range) {
    return range > 0 ? Math.scalb(1.0, Math.getExponent(range) + 1) : 1;
  }

  int parts() {
    return loss.length;
  }

  int lines() {
    return room.length;
  }

  /// The loss of the selection that is `scaled` here.
  double loss(double scaled) {
    return leastLoss + scaled * lossScale;
  }

  /// The places in the selection of options of this table.
  int[] picks(int[] options) {
    return IntStream.range(0, options.length).map(p -> origin[p][options[p]]).toArray();
  }
}
