package dev.inward.workbench.diagnosis;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Tensor;
import dev.inward.graph.rewrite.DeadNodes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Nodes of the reference in the place of a region of a changed graph.
final class Grafting {
  private static final String FROM = "reference_";

  private Grafting() {}

  /// The changed graph whose value is computed as the reference computes it, from the values before
  /// it, in the type that the region has.
  ///
  /// @param changed a form of the correspondence's changed graph that has its values
  static Graph of(
      Correspondence values, Graph changed, String value, String counterpart, boolean half) {
    Map<String, String> theirs = new HashMap<>();
    values.values().forEach((mine, name) -> theirs.putIfAbsent(name, mine));
    values.inputs().forEach((mine, name) -> theirs.putIfAbsent(name, mine));
    Graph reference = values.reference();
    var builder = changed.toBuilder();
    List<Node> made = new ArrayList<>();
    Map<String, String> known = new HashMap<>();
    DataType type = half ? DataType.FLOAT16 : DataType.FLOAT32;
    for (Node node : values.origin(value)) {
      List<String> in = new ArrayList<>();
      for (String operand : node.in()) {
        in.add(
            operand.isEmpty()
                ? ""
                : known.computeIfAbsent(
                    operand,
                    name -> {
                      String fresh = FROM + Correspondence.legal(name);
                      Tensor constant = reference.constant(name).orElse(null);
                      if (constant != null) {
                        builder.constant(
                            fresh,
                            constant.dtype() == DataType.FLOAT32
                                ? Halves.as(type, constant)
                                : constant);
                        return fresh;
                      }
                      String there = theirs.get(name);
                      if (there == null) {
                        return fresh;
                      }
                      if (!Correspondence.isReal(changed, there)
                          || changed.typeOf(there).dtype() == type) {
                        return there;
                      }
                      made.add(
                          new Node(
                              fresh, new Elementwise.Cast(type), List.of(there), List.of(fresh)));
                      return fresh;
                    }));
      }
      List<String> out = new ArrayList<>();
      for (String result : node.out()) {
        String name =
            result.equals(value)
                ? FROM + "result_" + counterpart
                : FROM + Correspondence.legal(result);
        if (!result.equals(value)) {
          known.put(result, name);
        }
        out.add(result.isEmpty() ? "" : name);
      }
      made.add(new Node(FROM + Correspondence.legal(node.name()), typed(node.op(), type), in, out));
    }
    DataType wanted = changed.typeOf(counterpart).dtype();
    made.add(
        new Node(
            counterpart + "_exact",
            wanted == type
                ? new Elementwise.Unary(Elementwise.Unary.Function.IDENTITY)
                : new Elementwise.Cast(wanted),
            List.of(FROM + "result_" + counterpart),
            List.of(counterpart)));
    List<Node> nodes = new ArrayList<>();
    for (Node node : changed.nodes()) {
      if (node.out().contains(counterpart)) {
        nodes.addAll(made);
        if (node.out().size() > 1) {
          nodes.add(
              new Node(
                  node.name(),
                  node.op(),
                  node.in(),
                  node.out().stream().map(o -> o.equals(counterpart) ? "" : o).toList()));
        }
      } else {
        nodes.add(node);
      }
    }
    return new DeadNodes().apply(builder.nodes(_ -> nodes).build());
  }

  private static Op typed(Op op, DataType type) {
    return op instanceof Elementwise.Cast(var to) && to == DataType.FLOAT32
        ? new Elementwise.Cast(type)
        : op;
  }
}
