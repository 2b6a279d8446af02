package dev.inward.compress;

import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Quantization;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Applies a recipe: the graph stays the same graph, its constants are encoded. A static activation
/// format adds a quantize and a dequantize before the node; a dynamic one adds nothing here, since
/// only a runtime form can carry it ([RuntimeForm]).
public final class Compression {
  private record Key(String weight, WeightFormat format) {}

  private final Graph graph;
  private final Map<String, Weight> weights;
  private final Map<Key, Tensor> known = new ConcurrentHashMap<>();

  private Compression(Graph graph) {
    this.graph = graph;
    this.weights =
        Weight.of(graph).stream().collect(Collectors.toMap(Weight::name, Function.identity()));
  }

  /// For several recipes: what they have in common is encoded once, and held once.
  public static Compression of(Graph graph) {
    return new Compression(graph);
  }

  /// The encoded graph.
  ///
  /// @throws dev.inward.base.InputException where a weight cannot be encoded
  public static Graph apply(Graph graph, Recipe recipe) {
    return of(graph).apply(recipe);
  }

  public Graph graph() {
    return graph;
  }

  /// The encoded graph. Several threads may ask.
  ///
  /// @throws dev.inward.base.InputException where a weight cannot be encoded
  public Graph apply(Recipe recipe) {
    Map<String, Tensor> encoded = new LinkedHashMap<>();
    recipe
        .weights()
        .forEach((name, format) -> {
          Weight weight = weights.get(name);
          if (weight == null) {
            throw new IllegalArgumentException("recipe names '" + name + "', which is no weight");
          }
          encoded.put(
              name,
              known.computeIfAbsent(
                  new Key(name, format),
                  _ ->
                      WeightEncoder.encode(
                          name, graph.constant(name).orElseThrow(), format, weight.axes())));
        });
    return quantizeActivations(graph.withConstants(encoded), recipe);
  }

  private static Graph quantizeActivations(Graph graph, Recipe recipe) {
    Map<String, ActivationFormat.Static> ranges = new HashMap<>();
    recipe
        .activations()
        .forEach((node, format) -> {
          if (format instanceof ActivationFormat.Static range) {
            ranges.put(node, range);
          }
        });
    if (ranges.isEmpty()) {
      return graph;
    }
    var builder = graph.toBuilder();
    // One pair a value and range, however many nodes read it.
    record Ranged(String value, ActivationFormat.Static range) {}
    Map<Ranged, String> made = new HashMap<>();
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      var range = ranges.get(node.name());
      if (range == null) {
        nodes.add(node);
        continue;
      }
      var ranged = new Ranged(node.operand(0), range);
      String rounded = made.get(ranged);
      if (rounded == null) {
        rounded = node.name() + ".x";
        made.put(ranged, rounded);
        nodes.addAll(pair(builder, node.operand(0), range, rounded));
      }
      var operands = new ArrayList<>(node.in());
      operands.set(0, rounded);
      nodes.add(new Node(node.name(), node.op(), operands, node.out()));
    }
    return builder.nodes(_ -> nodes).build();
  }

  static List<Node> pair(
      Graph.Builder builder, String value, ActivationFormat.Static range, String rounded) {
    String scale = rounded + ".scale";
    String zero = rounded + ".zero";
    String codes = rounded + ".codes";
    builder.constant(scale, Tensor.scalar(range.scale()));
    builder.constant(
        zero,
        Tensor.dense(DataType.UINT8, List.of(), Storage.of(new byte[] {(byte) range.zeroPoint()})));
    return List.of(
        Node.of(
            new Quantization.Quantize(DataType.UINT8, 1, 0), List.of(value, scale, zero), codes),
        Node.of(new Quantization.Dequantize(1, 0), List.of(codes, scale, zero), rounded));
  }
}
