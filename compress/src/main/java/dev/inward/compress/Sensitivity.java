package dev.inward.compress;

import dev.inward.base.Progress;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Quantization;
import dev.inward.graph.Shape;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.runtime.Session;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/// How much one weight or one activation of a recipe alone hurts the outputs.
///
/// @param part the constant's name for a weight, the node's for an activation
/// @param activation whether it is an activation
/// @param decibels signal over error at the first output, all else as in the original; infinite
///   where nothing changed
public record Sensitivity(String part, boolean activation, double decibels) {
  /* One session serves all measurements: every weight of the recipe is an input of the graph, and
   * every activation passes a switch, `where(flag, rounded(x), x)`. A measurement feeds one encoded
   * weight among originals, or sets one flag. */

  /// Measures every part of a recipe, most harmful first; the same figures on any number of
  /// threads.
  public static List<Sensitivity> of(
      Graph graph, Recipe recipe, List<Map<String, Tensor>> samples, Progress progress) {
    Graph encoded =
        Compression.apply(graph, new Recipe("weights", recipe.weights(), new LinkedHashMap<>()));
    Map<String, Tensor> fixed = new HashMap<>();
    Map<String, Tensor> rounded = new LinkedHashMap<>();
    var board = switchboard(graph, recipe, fixed);
    recipe
        .weights()
        .keySet()
        .forEach(name -> {
          Tensor weight = encoded.constant(name).orElseThrow();
          rounded.put(name, Tensor.ofFloats(weight.dims(), weight.floats()));
        });
    List<String> parts = new ArrayList<>(rounded.keySet());
    recipe.activations().keySet().forEach(parts::add);
    int weights = rounded.size();
    var done = new AtomicLong();
    try (var session = Session.open(board);
        var originals = Session.hold(fixed)) {
      List<float[]> reference = run(session, samples, List.of(originals));
      return IntStream.range(0, parts.size())
          .parallel()
          .mapToObj(i -> {
            String part = parts.get(i);
            boolean weight = i < weights;
            try (var change =
                Session.hold(
                    weight
                        ? Map.of(part, rounded.get(part))
                        : Map.of(part + ".switch", bool(true)))) {
              List<float[]> changed = run(session, samples, List.of(originals, change));
              progress.at("sensitivity", done.incrementAndGet(), parts.size());
              return new Sensitivity(part, !weight, ratio(reference, changed));
            }
          })
          .sorted(Comparator.comparingDouble(Sensitivity::decibels))
          .toList();
    }
  }

  private static Graph switchboard(Graph graph, Recipe recipe, Map<String, Tensor> fixed) {
    var builder = graph.toBuilder();
    recipe
        .weights()
        .keySet()
        .forEach(name -> {
          Tensor weight = graph.constant(name).orElseThrow();
          builder.input(name, weight.type());
          fixed.put(name, weight);
        });
    builder.retainConstants(
        graph.constants().keySet().stream().filter(c -> !recipe.weights().containsKey(c)).toList());
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      var format = recipe.activations().get(node.name());
      if (format == null) {
        nodes.add(node);
        continue;
      }
      String x = node.operand(0);
      String stem = node.name();
      builder.input(stem + ".switch", new TensorType(DataType.BOOL, Shape.SCALAR));
      fixed.put(stem + ".switch", bool(false));
      List<String> operands;
      switch (format) {
        case ActivationFormat.Static range -> {
          builder.constant(stem + ".scale", Tensor.scalar(range.scale()));
          builder.constant(
              stem + ".zero",
              Tensor.dense(
                  DataType.UINT8, List.of(), Storage.of(new byte[] {(byte) range.zeroPoint()})));
          operands = List.of(stem + ".codes", stem + ".scale", stem + ".zero");
          nodes.add(
              Node.of(
                  new Quantization.Quantize(DataType.UINT8, 1, 0),
                  List.of(x, stem + ".scale", stem + ".zero"),
                  stem + ".codes"));
        }
        case ActivationFormat.Dynamic() -> {
          operands = List.of(stem + ".codes", stem + ".scale", stem + ".zero");
          nodes.add(
              new Node(stem + ".codes", new Quantization.DynamicQuantize(), List.of(x), operands));
        }
      }
      nodes.add(Node.of(new Quantization.Dequantize(1, 0), operands, stem + ".rounded"));
      nodes.add(
          Node.of(
              new Elementwise.Where(),
              List.of(stem + ".switch", stem + ".rounded", x),
              stem + ".x"));
      var changed = new ArrayList<>(node.in());
      changed.set(0, stem + ".x");
      nodes.add(new Node(node.name(), node.op(), changed, node.out()));
    }
    return builder.nodes(_ -> nodes).build().withOutputs(List.of(graph.outputs().getFirst()));
  }

  private static List<float[]> run(
      Session session, List<Map<String, Tensor>> samples, List<Session.Held> held) {
    return samples.stream()
        .map(sample -> session.run(sample, held).firstEntry().getValue().floats())
        .toList();
  }

  private static double ratio(List<float[]> reference, List<float[]> changed) {
    double signal = 0;
    double error = 0;
    for (int s = 0; s < reference.size(); s++) {
      float[] a = reference.get(s);
      float[] b = changed.get(s);
      for (int i = 0; i < a.length; i++) {
        signal += (double) a[i] * a[i];
        error += ((double) a[i] - b[i]) * ((double) a[i] - b[i]);
      }
    }
    return error == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / error);
  }

  private static Tensor bool(boolean value) {
    return Tensor.dense(DataType.BOOL, List.of(), Storage.of(new byte[] {(byte) (value ? 1 : 0)}));
  }
}
