package dev.inward.workbench.diagnosis;

import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.rewrite.DeadNodes;
import dev.inward.runtime.HalfPrecision;
import dev.inward.runtime.Session;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A changed graph cut at every value that stands for one of the reference: each piece reads what
/// the reference computes, so that what it makes differs by its own error only.
final class Isolation implements AutoCloseable {
  private static final String FED = "@reference";
  private static final float LARGEST_HALF = 65504;

  private final Correspondence values;
  private final Graph cut;

  /// Empty where there is nothing to run.
  private final Optional<Session> session;

  private Isolation(Correspondence values, Graph cut) {
    this.values = values;
    this.cut = cut;
    this.session = cut.outputs().isEmpty() ? Optional.empty() : Optional.of(Session.open(cut));
  }

  /// @param lowered the changed graph in the form in which it runs, its values under their names
  /// @param wanted what to give: values that nodes of the lowered graph make
  static Isolation of(Correspondence values, Graph lowered, List<String> wanted) {
    Set<String> fed = new LinkedHashSet<>();
    List<Node> nodes = new ArrayList<>();
    for (Node node : lowered.nodes()) {
      List<String> in = new ArrayList<>();
      for (String operand : node.in()) {
        boolean feeds = values.values().containsKey(operand);
        if (feeds) {
          fed.add(operand);
        }
        in.add(feeds ? operand + FED : operand);
      }
      nodes.add(new Node(node.name(), node.op(), in, node.out()));
    }
    var builder = Graph.builder(lowered.name());
    lowered.inputs().forEach(i -> builder.input(i.name(), i.type()));
    fed.forEach(v ->
        builder.input(
            v + FED,
            lowered.type(v).orElseGet(() -> new TensorType(DataType.FLOAT32, Shape.UNRANKED))));
    lowered.constants().forEach(builder::constant);
    nodes.forEach(builder::node);
    wanted.forEach(builder::output);
    lowered.declared().forEach(builder::declare);
    lowered.opsets().forEach(builder::opset);
    Graph small = new DeadNodes().apply(builder.build());
    Set<String> read = new LinkedHashSet<>();
    small.nodes().forEach(node -> node.reads().forEach(read::add));
    var trimmed = Graph.builder(small.name());
    small.inputs().stream()
        .filter(i -> read.contains(i.name()))
        .forEach(i -> trimmed.input(i.name(), i.type()));
    small.constants().forEach(trimmed::constant);
    small.nodes().forEach(trimmed::node);
    small.outputs().forEach(trimmed::output);
    small.declared().forEach(trimmed::declare);
    small.opsets().forEach(trimmed::opset);
    return new Isolation(values, trimmed.build());
  }

  /// Runs every piece.
  ///
  /// @param inputs of the changed graph
  /// @param reference values of the reference, by name
  Map<String, Tensor> run(Map<String, Tensor> inputs, Map<String, Tensor> reference) {
    Map<String, Tensor> operands = new LinkedHashMap<>();
    for (var input : cut.inputs()) {
      String name = input.name();
      Tensor given = inputs.get(name);
      if (given == null) {
        String value = name.substring(0, name.length() - FED.length());
        String counterpart = Optional.ofNullable(values.values().get(value)).orElseThrow();
        Tensor tensor = Optional.ofNullable(reference.get(counterpart)).orElseThrow();
        if (HalfPrecision.isHalf(values.changed(), value)) {
          tensor = within(tensor);
        }
        Shape shape = input.type().shape();
        given =
            shape.isStatic()
                ? tensor.withDims(java.util.Arrays.stream(shape.sizes()).boxed().toList())
                : tensor;
      }
      operands.put(name, given);
    }
    return session.<Map<String, Tensor>>map(one -> one.run(operands)).orElse(Map.of());
  }

  /// What a half cannot hold is as large as a half can be: that it overflows is no error of those
  /// who read it.
  private static Tensor within(Tensor tensor) {
    float[] floats = tensor.floats();
    boolean beyond = false;
    for (int i = 0; i < floats.length; i++) {
      if (Math.abs(floats[i]) > LARGEST_HALF && Float.isFinite(floats[i])) {
        floats[i] = Math.copySign(LARGEST_HALF, floats[i]);
        beyond = true;
      }
    }
    return beyond ? Tensor.ofFloats(tensor.dims(), floats) : tensor;
  }

  @Override
  public void close() {
    session.ifPresent(Session::close);
  }
}
