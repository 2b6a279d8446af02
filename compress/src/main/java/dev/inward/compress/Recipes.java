package dev.inward.compress;

import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Product;
import dev.inward.graph.Windowed;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Predicate;

/// The recipes that are tried on every model, from the gentlest to the smallest.
public final class Recipes {
  private Recipes() {}

  /// Every weight in one format, activations as they are.
  public static Recipe weights(Graph graph, String name, WeightFormat format) {
    SequencedMap<String, WeightFormat> weights = new LinkedHashMap<>();
    Weight.of(graph).forEach(w -> weights.put(w.name(), format));
    return new Recipe(name, weights, new LinkedHashMap<>());
  }

  /// int8 weights per channel, and activations with a range taken at run time, where a node is a
  /// product with a constant matrix.
  public static Recipe dynamic(Graph graph, String name) {
    return dynamic(graph, name, WeightFormat.INT8_PER_CHANNEL);
  }

  /// The same with matrices in another format; tables keep int8 a row.
  public static Recipe dynamic(Graph graph, String name, WeightFormat matrices) {
    SequencedMap<String, ActivationFormat> activations = new LinkedHashMap<>();
    products(graph).forEach(n -> activations.put(n, new ActivationFormat.Dynamic()));
    SequencedMap<String, WeightFormat> weights = new LinkedHashMap<>();
    Weight.of(graph)
        .forEach(w -> weights.put(w.name(), w.table() ? WeightFormat.INT8_PER_CHANNEL : matrices));
    return new Recipe(name, weights, activations);
  }

  /// int8 weights per channel, and activations with a calibrated range.
  public static Recipe calibrated(
      Graph graph, String name, Calibration calibration, Calibration.Method method) {
    SequencedMap<String, ActivationFormat> activations = new LinkedHashMap<>();
    calibration.byNode().keySet().forEach(n -> activations.put(n, calibration.range(n, method)));
    return new Recipe(
        name, weights(graph, name, WeightFormat.INT8_PER_CHANNEL).weights(), activations);
  }

  /// Weights in one format, and activations with the ranges that were chosen for them.
  ///
  /// @param ranges by name of the node
  public static Recipe calibrated(
      Graph graph,
      String name,
      WeightFormat format,
      SequencedMap<String, ActivationFormat.Static> ranges) {
    return new Recipe(name, weights(graph, name, format).weights(), new LinkedHashMap<>(ranges));
  }

  /// int8 weights, and activations with the ranges that were chosen for them. Matrices have
  /// asymmetric codes, what a window slides over has symmetric ones: of the text recogniser, all
  /// convolutions and few matrices, asymmetric codes lose 2.6 points of its characters where
  /// symmetric ones lose none; of MiniLM, all matrices, symmetric ones lose a point more of
  /// overlap.
  ///
  /// @param ranges by name of the node
  public static Recipe eightBits(
      Graph graph, String name, SequencedMap<String, ActivationFormat.Static> ranges) {
    Set<String> windowed = new HashSet<>();
    graph.nodes().stream()
        .filter(n -> n.op() instanceof Windowed)
        .forEach(n -> windowed.add(n.name()));
    SequencedMap<String, WeightFormat> weights = new LinkedHashMap<>();
    Weight.of(graph)
        .forEach(w ->
            weights.put(
                w.name(),
                w.nodes().stream().anyMatch(windowed::contains)
                    ? WeightFormat.INT8_PER_CHANNEL
                    : WeightFormat.INT8_ASYMMETRIC));
    return new Recipe(name, weights, new LinkedHashMap<>(ranges));
  }

  /// The recipe with the most harmful parts taken out: activations left as they are, weights left
  /// at float16.
  ///
  /// @param ranking most harmful first
  /// @param count how many parts to take out
  public static Recipe relieved(String name, Recipe recipe, List<Sensitivity> ranking, int count) {
    var weights = new LinkedHashMap<>(recipe.weights());
    var activations = new LinkedHashMap<>(recipe.activations());
    ranking.stream()
        .limit(count)
        .forEach(s -> {
          if (s.activation()) {
            activations.remove(s.part());
          } else {
            weights.put(s.part(), WeightFormat.FLOAT16);
          }
        });
    return new Recipe(name, weights, activations);
  }

  /// Where a recipe's blocks or groups do not divide a weight, and what is done instead: a line for
  /// each such weight.
  public static List<String> departures(Graph graph, Recipe recipe) {
    List<String> departures = new ArrayList<>();
    for (Weight weight : Weight.of(graph)) {
      WeightFormat format = recipe.weights().get(weight.name());
      var dims = graph.constant(weight.name()).orElseThrow().dims();
      while (format instanceof WeightFormat.Sparse sparse) {
        format = sparse.values();
      }
      if (format instanceof WeightFormat.Searched(_, int block)
          && block > 0
          && weight.inputAxis().isPresent()) {
        departure(
            weight, "block", block, "inputs", dims.get(weight.inputAxis().getAsInt()), departures);
      } else if (format instanceof WeightFormat.Palette palette
          && palette.group() > 0
          && weight.channelAxis().isPresent()) {
        departure(
            weight,
            "group",
            palette.group(),
            "channels",
            dims.get(weight.channelAxis().getAsInt()),
            departures);
      }
    }
    return departures;
  }

  private static void departure(
      Weight weight, String what, int size, String of, long count, List<String> departures) {
    int taken = Axes.divisor(count, size);
    if (taken != size && taken != count) {
      String instead =
          taken > 0
              ? "%ss of %d are taken".formatted(what, taken)
              : what.equals("block") ? "all of a channel share a scale" : "one table is taken";
      departures.add(
          "weight '%s': %ss of %d do not divide its %d %s, %s"
              .formatted(weight.name(), what, size, count, of, instead));
    }
  }

  /// Names of the nodes whose first operand can be stored in eight bits with a calibrated range:
  /// products and convolutions with a constant weight that is compressed.
  public static List<String> quantizable(Graph graph) {
    return readers(graph, op -> op instanceof Product || op instanceof Windowed);
  }

  /// Names of the products with a constant matrix that is compressed, for which there is an integer
  /// form with a range taken at run time.
  static List<String> products(Graph graph) {
    return readers(graph, op -> op instanceof Product.Linear || op instanceof Product.MatMul);
  }

  private static List<String> readers(Graph graph, Predicate<Op> kind) {
    Set<String> readers = new HashSet<>();
    Weight.of(graph).forEach(w -> readers.addAll(w.nodes()));
    return graph.nodes().stream()
        .filter(n -> readers.contains(n.name()) && kind.test(n.op()))
        .map(Node::name)
        .toList();
  }
}
