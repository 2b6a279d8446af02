package dev.inward.planning;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Decides the parts of a [SelectionTable] one after the other, all partial choices at once. A
/// partial choice is dropped where its bound shows that it ends no better than what is known, or
/// where another is nowhere worse. Where too many are left, those of the highest bounds are put
/// aside; the lowest of these bounds then is what can be said of all choices. Each pass keeps more
/// than the one before, until nothing is put aside.
final class SelectionSearch {
  private static final int FIRST = 64;
  private static final int GROWTH = 8;
  private static final int LAST = 1 << 18;

  /// With how many others a partial choice is compared, at most.
  private static final int COMPARED = 256;

  private static final double ROUNDING = 1e-12;

  private final SelectionTable table;
  private final long most;
  private final int lines;
  private final int[] order;
  private final List<double[]> prices;

  /// What the parts from a place on come to at the least, at each of the prices.
  private final double[][] rest;

  /// What the parts from a place on may add to each line at the most.
  private final double[][] reach;

  private double best = Double.POSITIVE_INFINITY;
  private int[] picks = new int[0];
  private double bound;
  private long states;

  /// @param picks places in the selection; empty where none was found
  /// @param bound scaled as in the table
  /// @param exhausted whether the bound is the best itself
  record Found(Optional<int[]> picks, double bound, boolean exhausted, long states) {}

  SelectionSearch(SelectionTable table, long most) {
    this.table = table;
    this.most = most;
    this.lines = table.lines();
    this.prices = Multipliers.of(table);
    this.order =
        IntStream.range(0, table.parts())
            .boxed()
            .sorted(Comparator.comparingDouble(this::weight).reversed())
            .mapToInt(Integer::intValue)
            .toArray();
    int parts = order.length;
    this.rest = new double[prices.size()][parts + 1];
    this.reach = new double[parts + 1][lines];
    for (int place = parts - 1; place >= 0; place--) {
      int part = order[place];
      for (int k = 0; k < prices.size(); k++) {
        double least = Double.POSITIVE_INFINITY;
        for (int o = 0; o < table.loss()[part].length; o++) {
          least = Math.min(least, priced(part, o, prices.get(k)));
        }
        rest[k][place] = rest[k][place + 1] + least;
      }
      for (int l = 0; l < lines; l++) {
        double largest = 0;
        for (int o = 0; o < table.loss()[part].length; o++) {
          largest = Math.max(largest, table.cost()[part][o * lines + l]);
        }
        reach[place][l] = reach[place + 1][l] + largest;
      }
    }
    this.bound = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < prices.size(); k++) {
      bound = Math.max(bound, rest[k][0] - roomAt(prices.get(k)));
    }
  }

  private double roomAt(double[] at) {
    double sum = 0;
    for (int l = 0; l < lines; l++) {
      sum += at[l] * table.room()[l];
    }
    return sum;
  }

  private double priced(int part, int option, double[] at) {
    double sum = table.loss()[part][option];
    for (int l = 0; l < lines; l++) {
      sum += at[l] * table.cost()[part][option * lines + l];
    }
    return sum;
  }

  /// Parts of much weight are decided first: what is left can then fill the gaps.
  private double weight(int part) {
    double widest = 0;
    for (int o = 0; o < table.loss()[part].length; o++) {
      double sum = 0;
      for (int l = 0; l < lines; l++) {
        sum += prices.getFirst()[l] * table.cost()[part][o * lines + l];
      }
      widest = Math.max(widest, sum);
    }
    return widest;
  }

  Found run() {
    long options = Arrays.stream(table.loss()).mapToLong(loss -> loss.length).sum();
    for (int width = FIRST; width <= LAST; width *= GROWTH) {
      if (width > FIRST && states + width * options > most) {
        break;
      }
      bound = Math.max(bound, pass(width));
      if (bound >= best || bound == Double.POSITIVE_INFINITY) {
        break;
      }
    }
    boolean found = best < Double.POSITIVE_INFINITY;
    return new Found(
        found ? Optional.of(picks) : Optional.empty(),
        Math.min(bound, best),
        bound >= best,
        states);
  }

  /// One layer of partial choices: the sums so far, and how each came to be.
  private final class Layer {
    double[] loss;
    double[] cost;
    double[] bound;
    int[] parent;
    int[] option;
    int count;

    Layer(int room) {
      loss = new double[room];
      cost = new double[room * lines];
      bound = new double[room];
      parent = new int[room];
      option = new int[room];
    }

    void grow() {
      int room = loss.length * 2;
      loss = Arrays.copyOf(loss, room);
      cost = Arrays.copyOf(cost, room * lines);
      bound = Arrays.copyOf(bound, room);
      parent = Arrays.copyOf(parent, room);
      option = Arrays.copyOf(option, room);
    }

    /// Whether one is nowhere worse than another.
    boolean covers(int one, int other) {
      if (loss[one] > loss[other]) {
        return false;
      }
      for (int l = 0; l < lines; l++) {
        if (cost[one * lines + l] > cost[other * lines + l]) {
          return false;
        }
      }
      return true;
    }

    Layer only(int[] kept, int number) {
      var some = new Layer(Math.max(1, number));
      for (int i = 0; i < number; i++) {
        some.loss[i] = loss[kept[i]];
        some.bound[i] = bound[kept[i]];
        some.parent[i] = parent[kept[i]];
        some.option[i] = option[kept[i]];
        System.arraycopy(cost, kept[i] * lines, some.cost, i * lines, lines);
      }
      some.count = number;
      return some;
    }
  }

  /// Keeps at most so many partial choices of each layer.
  ///
  /// @return the lowest bound of what was put aside; infinite where nothing was
  private double pass(int width) {
    int parts = order.length;
    Layer[] layers = new Layer[parts + 1];
    layers[0] = new Layer(1);
    layers[0].count = 1;
    double aside = Double.POSITIVE_INFINITY;
    for (int place = 0; place < parts; place++) {
      Layer grown = grown(layers[place], place);
      int[] sorted = byBound(grown);
      int[] kept = new int[Math.min(width, sorted.length)];
      int number = 0;
      for (int candidate : sorted) {
        if (covered(grown, kept, number, candidate)) {
          continue;
        }
        if (number == kept.length) {
          aside = Math.min(aside, grown.bound[candidate]);
          break;
        }
        kept[number++] = candidate;
      }
      layers[place + 1] = grown.only(kept, number);
    }
    Layer last = layers[parts];
    for (int i = 0; i < last.count; i++) {
      if (last.bound[i] < best) {
        accept(layers, i);
      }
    }
    return aside;
  }

  private void accept(Layer[] layers, int at) {
    int[] options = new int[order.length];
    double value = layers[order.length].loss[at];
    for (int l = 0; l < lines; l++) {
      double over = layers[order.length].cost[at * lines + l] - table.room()[l];
      if (table.price()[l] < Double.POSITIVE_INFINITY && over > table.rounding()[l]) {
        value += over * table.price()[l];
      }
    }
    for (int place = order.length; place > 0; place--) {
      options[order[place - 1]] = layers[place].option[at];
      at = layers[place].parent[at];
    }
    int[] found = table.picks(options);
    boolean free = lines == 0 || table.price()[0] < Double.POSITIVE_INFINITY;
    if (value < best && (free || table.selection().keeps(found))) {
      best = value;
      picks = found;
    }
  }

  /// The next layer, without what cannot keep the lines or be better than the best known.
  private Layer grown(Layer layer, int place) {
    int part = order[place];
    double[] losses = table.loss()[part];
    double[] costs = table.cost()[part];
    var next = new Layer(Math.max(16, layer.count * 2));
    double limit = best < Double.POSITIVE_INFINITY ? best * (1 - ROUNDING) : best;
    for (int s = 0; s < layer.count; s++) {
      options:
      for (int o = 0; o < losses.length; o++) {
        states++;
        if (next.count == next.loss.length) {
          next.grow();
        }
        int at = next.count;
        double loss = layer.loss[s] + losses[o];
        for (int l = 0; l < lines; l++) {
          double sum = layer.cost[s * lines + l] + costs[o * lines + l];
          if (table.price()[l] == Double.POSITIVE_INFINITY
              && sum > table.room()[l] + table.rounding()[l]) {
            continue options;
          }
          // What a line cannot exceed any more makes no difference.
          next.cost[at * lines + l] = Math.max(sum, table.room()[l] - reach[place + 1][l]);
        }
        double highest = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < prices.size(); k++) {
          double[] price = prices.get(k);
          double here = loss + rest[k][place + 1];
          for (int l = 0; l < lines; l++) {
            here += price[l] * (next.cost[at * lines + l] - table.room()[l]);
          }
          highest = Math.max(highest, here);
          if (highest >= limit) {
            continue options;
          }
        }
        next.loss[at] = loss;
        next.bound[at] = highest;
        next.parent[at] = s;
        next.option[at] = o;
        next.count++;
      }
    }
    return next;
  }

  /// Lowest bound first, to the precision of a float; equals in their order.
  private static int[] byBound(Layer layer) {
    long[] keys = new long[layer.count];
    for (int i = 0; i < keys.length; i++) {
      int bits = Float.floatToIntBits((float) layer.bound[i]);
      keys[i] = (long) (bits >= 0 ? bits : bits ^ 0x7fff_ffff) << 32 | i;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> (int) key).toArray();
  }

  private static boolean covered(Layer layer, int[] kept, int number, int candidate) {
    for (int i = number - 1, left = COMPARED; i >= 0 && left > 0; i--, left--) {
      if (layer.covers(kept[i], candidate)) {
        return true;
      }
    }
    return false;
  }
}
