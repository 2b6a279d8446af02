package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Opaque;
import dev.inward.graph.Product;
import dev.inward.graph.Quantization;
import dev.inward.graph.Recurrent;
import dev.inward.graph.Reduction;
import dev.inward.graph.Tensor;
import dev.inward.graph.Value;
import dev.inward.graph.Windowed;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.BiConsumer;

/// Runs a graph in plain Java, clear rather than fast: the computation against which everything
/// else is tested.
///
/// Every op computes in double precision (whole numbers in 64 bits) and rounds its results to their
/// type once, ties to even; sums go in row-major order. So a result differs from that of a float32
/// runtime by that runtime's own rounding, and two runs are equal to the bit.
public final class Evaluation {
  private Evaluation() {}

  /// The outputs of the graph, by name, in its order; dense.
  ///
  /// @throws InputException where an input is missing or contradicts the graph, or where the
  ///   operands of a node contradict each other
  /// @throws UnsupportedException for opaque ops, by name, and for what a rule refuses
  public static SequencedMap<String, Tensor> run(Graph graph, Map<String, Tensor> inputs) {
    Map<String, Tensor> seen = new HashMap<>();
    run(
        graph,
        inputs,
        (name, array) -> {
          if (graph.outputs().contains(name)) {
            seen.put(name, array.tensor());
          }
        });
    var outputs = new LinkedHashMap<String, Tensor>();
    for (String output : graph.outputs()) {
      outputs.put(output, seen.get(output));
    }
    return outputs;
  }

  /// Every value that a node computes, by name, in order of computation; dense.
  public static SequencedMap<String, Tensor> all(Graph graph, Map<String, Tensor> inputs) {
    var all = new LinkedHashMap<String, Tensor>();
    run(
        graph,
        inputs,
        (name, array) -> {
          if (graph.producer(name).isPresent()) {
            all.put(name, array.tensor());
          }
        });
    return all;
  }

  /// The results of one node on the given operands, by name; results that nobody reads are left
  /// out.
  public static SequencedMap<String, Tensor> node(Node node, Map<String, Tensor> operands) {
    Map<String, Array> values = new HashMap<>();
    node.reads()
        .forEach(name -> {
          if (operands.containsKey(name)) {
            values.put(name, Array.of(operands.get(name)));
          }
        });
    var results = new LinkedHashMap<String, Tensor>();
    compute(node, values, (name, array) -> results.put(name, array.tensor()));
    return results;
  }

  private static void run(
      Graph graph, Map<String, Tensor> inputs, BiConsumer<String, Array> observer) {
    Map<String, Array> values = new HashMap<>();
    Map<String, Integer> uses = new HashMap<>();
    graph.nodes().forEach(n -> n.reads().forEach(r -> uses.merge(r, 1, Integer::sum)));
    for (Value input : graph.inputs()) {
      Array array = Array.of(checked(input, inputs));
      values.put(input.name(), array);
      observer.accept(input.name(), array);
    }
    for (String output : graph.outputs()) {
      graph.constant(output).ifPresent(c -> observer.accept(output, Array.of(c)));
    }
    for (Node node : graph.nodes()) {
      node.reads()
          .forEach(read ->
              graph.constant(read).ifPresent(c -> values.computeIfAbsent(read, _ -> Array.of(c))));
      compute(
          node,
          values,
          (name, array) -> {
            values.put(name, array);
            observer.accept(name, array);
          });
      // A value is let go with its last reader, decoded weights included.
      node.reads()
          .forEach(read -> {
            if (uses.merge(read, -1, Integer::sum) == 0) {
              values.remove(read);
            }
          });
    }
  }

  private static Tensor checked(Value input, Map<String, Tensor> inputs) {
    Tensor tensor = inputs.get(input.name());
    if (tensor == null) {
      throw InputException.at("input '" + input.name() + "'", "no tensor is given for it");
    }
    var shape = input.type().shape();
    boolean fits = tensor.dtype() == input.type().dtype();
    if (shape.ranked()) {
      fits &= shape.rank() == tensor.rank();
      for (int axis = 0; fits && axis < tensor.rank(); axis++) {
        fits =
            shape.dim(axis) instanceof dev.inward.graph.Dim.Symbol
                || shape.dim(axis).is(tensor.dims().get(axis));
      }
    }
    if (!fits) {
      throw InputException.at(
          "input '" + input.name() + "'", "expected %s, got %s", input.type(), tensor.type());
    }
    return tensor;
  }

  private static void compute(
      Node node, Map<String, Array> values, BiConsumer<String, Array> results) {
    String where = "node '" + node.name() + "'";
    var operands = new Operands(node, values);
    List<Array> made;
    try {
      made = evaluate(node, operands);
    } catch (InputException refusal) {
      throw refusal.in(where);
    } catch (UnsupportedException refusal) {
      throw refusal.in(where);
    } catch (IndexOutOfBoundsException | NegativeArraySizeException | ArithmeticException fault) {
      var refusal =
          InputException.at(
              where, "%s cannot take operands of %s", node.op().name(), operands.described());
      refusal.initCause(fault);
      throw refusal;
    }
    for (int i = 0; i < node.out().size(); i++) {
      if (node.out().get(i).isEmpty()) {
        continue;
      }
      if (i >= made.size()) {
        throw InputException.at(
            where, "%s has no result %d ('%s')", node.op().name(), i, node.out().get(i));
      }
      results.accept(node.out().get(i), made.get(i));
    }
  }

  private static List<Array> evaluate(Node node, Operands in) {
    return switch (node.op()) {
      case Elementwise op -> List.of(ElementwiseRule.of(op, in));
      case Product op -> List.of(ProductRule.of(op, in));
      case Windowed op -> WindowedRule.of(op, in);
      case Normalization op -> List.of(NormalizationRule.of(op, in));
      case Reduction op -> ReductionRule.of(op, in);
      case Movement op -> MovementRule.of(op, in);
      case Quantization op -> QuantizationRule.of(op, in);
      case Recurrent cell -> RecurrentRule.of(cell, in);
      case Opaque(var domain, var operator, _, _) ->
          throw UnsupportedException.of(
                  "the reference evaluator does not know the op %s",
                  domain.isEmpty() ? operator : domain + "." + operator)
              .hint("run the model on ONNX Runtime instead");
    };
  }
}
