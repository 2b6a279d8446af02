package dev.inward.workbench.diagnosis;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.rewrite.DeadNodes;
import dev.inward.runtime.HalfPrecision;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Some nodes of a float16 graph computed in float32, with casts on the borders.
final class Float32 {
  private final Graph graph;
  private final Map<String, float[]> weights;
  private final Graph.Builder builder;
  private final List<Node> nodes = new ArrayList<>();

  /// The names of values in float32.
  private final Map<String, String> wide = new HashMap<>();

  private final Set<String> taken = new HashSet<>();

  private Float32(Graph graph, Map<String, float[]> weights) {
    this.graph = graph;
    this.weights = weights;
    this.builder = graph.toBuilder();
    taken.addAll(graph.constants().keySet());
    graph.inputs().forEach(input -> taken.add(input.name()));
    graph.nodes().forEach(node -> taken.addAll(node.out()));
  }

  /// @param kept names of nodes
  /// @param weights what constants are to hold in place of their halves
  static Graph keep(Graph graph, Set<String> kept, Map<String, float[]> weights) {
    return new Float32(graph, weights).lowered(kept);
  }

  private Graph lowered(Set<String> kept) {
    for (Node node : graph.nodes()) {
      if (kept.contains(node.name())) {
        widen(node);
      } else {
        nodes.add(node);
      }
    }
    return new DeadNodes().apply(builder.nodes(_ -> nodes).build());
  }

  private void widen(Node node) {
    List<String> in = node.in().stream().map(this::single).toList();
    List<String> out = new ArrayList<>();
    List<Node> back = new ArrayList<>();
    for (String value : node.out()) {
      if (value.isEmpty() || !HalfPrecision.isHalf(graph, value)) {
        out.add(value);
        continue;
      }
      String name = fresh(value + "_fp32");
      wide.put(value, name);
      out.add(name);
      back.add(
          new Node(
              fresh(value + "_to_fp16"),
              new Elementwise.Cast(DataType.FLOAT16),
              List.of(name),
              List.of(value)));
    }
    nodes.add(new Node(node.name(), single(node.op()), in, out));
    nodes.addAll(back);
  }

  private static Op single(Op op) {
    return switch (op) {
      case Elementwise.Cast(var to) when to.isFloat() ->
          new Elementwise.Unary(Elementwise.Unary.Function.IDENTITY);
      case Movement.ConstantOfShape(var value) when value.dtype() == DataType.FLOAT16 ->
          new Movement.ConstantOfShape(
              Tensor.dense(DataType.FLOAT32, value.dims(), Storage.of(value.floats())));
      default -> op;
    };
  }

  private String single(String value) {
    if (value.isEmpty() || !HalfPrecision.isHalf(graph, value)) {
      return value;
    }
    return wide.computeIfAbsent(
        value,
        key -> {
          String name = fresh(key + "_fp32");
          Tensor tensor = graph.constant(key).orElse(null);
          if (tensor == null) {
            nodes.add(
                new Node(
                    name, new Elementwise.Cast(DataType.FLOAT32), List.of(key), List.of(name)));
          } else {
            float[] exact = weights.get(key);
            builder.constant(
                name,
                exact == null
                    ? new Tensor(DataType.FLOAT32, tensor.dims(), tensor.encoding())
                    : Tensor.ofFloats(tensor.dims(), exact));
          }
          return name;
        });
  }

  private String fresh(String hint) {
    String name = hint;
    for (int i = 1; !taken.add(name); i++) {
      name = hint + "_" + i;
    }
    return name;
  }
}
