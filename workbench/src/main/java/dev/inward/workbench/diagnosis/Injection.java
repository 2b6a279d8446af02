package dev.inward.workbench.diagnosis;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A graph in which values can be replaced: each of some is taken from an input while a switch is
/// on.
final class Injection {
  private static final String OTHER = "@other";
  private static final String ON = "@on";
  private static final String PURE = "@pure";

  private Injection() {}

  /// @param values that nodes make, of known types
  static Graph into(Graph graph, List<String> values) {
    var builder = graph.toBuilder();
    values.forEach(value -> {
      builder.input(value + OTHER, graph.typeOf(value));
      builder.input(value + ON, TensorType.of(DataType.BOOL));
    });
    return builder
        .nodes(nodes -> {
          List<Node> all = new ArrayList<>();
          for (Node node : nodes) {
            all.add(
                new Node(
                    node.name(),
                    node.op(),
                    node.in(),
                    node.out().stream()
                        .map(out -> values.contains(out) ? out + PURE : out)
                        .toList()));
            for (String out : node.out()) {
              if (values.contains(out)) {
                all.add(
                    new Node(
                        out + OTHER,
                        new Elementwise.Where(),
                        List.of(out + ON, out + OTHER, out + PURE),
                        List.of(out)));
              }
            }
          }
          return all;
        })
        .build();
  }

  /// Everything left as it is.
  static Map<String, Tensor> off(Map<String, Tensor> values) {
    Map<String, Tensor> operands = new LinkedHashMap<>();
    values.forEach((value, tensor) -> {
      operands.put(value + OTHER, tensor);
      operands.put(value + ON, flag(0));
    });
    return operands;
  }

  /// One of the values replaced by the one that was given to [#off].
  static Map<String, Tensor> on(String value) {
    return Map.of(value + ON, flag(1));
  }

  private static Tensor flag(int on) {
    return Tensor.dense(DataType.BOOL, List.of(), Storage.of(new byte[] {(byte) on}));
  }
}
