package dev.inward.workbench.diagnosis;

import dev.inward.base.Progress;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Node;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.runtime.HalfPrecision.Rules;
import dev.inward.workbench.Comparison;
import dev.inward.workbench.Feed;
import java.util.Map;

/// A graph and what something made of it, compared on generated inputs.
record Pair(Graph reference, Graph changed) {
  static Pair of(String reference, String changed) {
    return new Pair(GraphText.parse(reference), GraphText.parse(changed));
  }

  static Pair same(String text) {
    return of(text, text);
  }

  /// The text, and the same in float16 behind a float32 interface.
  static Pair halved(String text) {
    Graph graph = GraphText.parse(text);
    return new Pair(graph, halved(graph));
  }

  Pair with(Map<String, Tensor> constants) {
    return new Pair(reference, changed.withConstants(constants));
  }

  Comparison comparison() {
    return Comparison.of(reference, changed);
  }

  Feed feed() {
    return Feed.Generated.of(reference, 3);
  }

  Diagnosis diagnosis() {
    return Diagnosis.of(comparison(), feed(), 3, Rules.USUAL, Progress.SILENT);
  }

  static Graph halved(Graph graph) {
    var builder = Graph.builder(graph.name());
    graph
        .inputs()
        .forEach(i -> {
          builder.input(i.name(), i.type());
          if (i.type().dtype() == DataType.FLOAT32) {
            builder.node(
                new Elementwise.Cast(DataType.FLOAT16),
                java.util.List.of(i.name()),
                i.name() + "_to_fp16");
          }
        });
    graph
        .constants()
        .forEach((name, tensor) ->
            builder.constant(name, tensor.dtype() == DataType.FLOAT32 ? half(tensor) : tensor));
    for (Node node : graph.nodes()) {
      builder.node(
          new Node(
              node.name(),
              node.op(),
              node.in().stream()
                  .map(in -> graph.isInput(in) && real(graph, in) ? in + "_to_fp16" : in)
                  .map(in -> graph.outputs().contains(in) ? in + "_fp16" : in)
                  .toList(),
              node.out().stream()
                  .map(out ->
                      graph.outputs().contains(out) && real(graph, out) ? out + "_fp16" : out)
                  .toList()));
    }
    graph
        .outputs()
        .forEach(output -> {
          if (real(graph, output)) {
            builder.node(
                new Node(
                    output + "_cast",
                    new Elementwise.Cast(DataType.FLOAT32),
                    java.util.List.of(output + "_fp16"),
                    java.util.List.of(output)));
          }
          builder.output(output);
        });
    return builder.build();
  }

  static boolean real(Graph graph, String value) {
    return graph.typeOf(value).dtype() == DataType.FLOAT32;
  }

  static Tensor half(Tensor tensor) {
    var dense = (Encoding.Dense) Tensor.half(tensor.dims(), tensor.floats()).encoding();
    return Tensor.dense(DataType.FLOAT16, tensor.dims(), dense.data());
  }

  static TensorType half(TensorType type) {
    return new TensorType(DataType.FLOAT16, type.shape());
  }
}
