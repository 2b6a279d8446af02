package dev.inward.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
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
import dev.inward.graph.TensorType;
import dev.inward.graph.Windowed;
import dev.inward.graph.evaluation.Evaluation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A graph as a computation on PyTorch, straight from its nodes: what is real becomes arrays
/// through which gradients flow back to whatever stands for a constant; shapes, indices and masks
/// are computed by the reference evaluator, as is every op whose gradient is zero everywhere.
final class Forward implements AutoCloseable {
  private final Graph graph;
  private final NDManager manager;
  private final Map<String, NDArray> constants = new HashMap<>();
  private final Optional<Statistics> statistics;

  /// The running averages of batch normalisations, where a net is trained afresh.
  interface Statistics {
    /// The normalised value, by the statistics of the batch, which go into the averages.
    NDArray normalised(Node node, NDArray x, NDArray scale, NDArray bias, float epsilon);
  }

  private Forward(Graph graph, NDManager manager, Optional<Statistics> statistics) {
    this.graph = graph;
    this.manager = manager;
    this.statistics = statistics;
  }

  /// A graph to be run.
  static Forward of(Graph graph, NDManager manager) {
    return new Forward(graph, manager.newSubManager(), Optional.empty());
  }

  /// A graph whose batch normalisations take the statistics of each batch.
  static Forward training(Graph graph, NDManager manager, Statistics statistics) {
    return new Forward(graph, manager.newSubManager(), Optional.of(statistics));
  }

  /// Every value of the graph.
  ///
  /// @param step owns what is computed
  /// @param inputs a tensor for each input
  /// @param instead arrays that stand for constants
  /// @throws UnsupportedException for an op without a forward pass, by node and name
  Operands.Values run(NDManager step, Map<String, Tensor> inputs, Map<String, NDArray> instead) {
    var values = new Operands.Values();
    graph
        .inputs()
        .forEach(input -> {
          Tensor given = inputs.get(input.name());
          if (given == null) {
            throw InputException.at("input '" + input.name() + "'", "no tensor is given for it");
          }
          values.put(input.name(), given);
        });
    instead.forEach(values::put);
    for (Node node : graph.nodes()) {
      node.reads().filter(read -> !values.has(read)).forEach(read -> constant(read, values));
      compute(node, new Operands(node, step, values), values);
    }
    graph.outputs().stream()
        .filter(output -> !values.has(output))
        .forEach(output -> constant(output, values));
    return values;
  }

  private void constant(String name, Operands.Values values) {
    Tensor tensor =
        graph
            .constant(name)
            .orElseThrow(() -> new IllegalStateException("value '" + name + "' is not known"));
    if (tensor.dtype() == DataType.FLOAT32) {
      values.put(name, constants.computeIfAbsent(name, _ -> Torch.reals(manager, tensor)));
    }
    values.put(name, tensor);
  }

  private void compute(Node node, Operands in, Operands.Values values) {
    try {
      List<NDArray> made = isReal(node) ? live(node, in) : List.of();
      for (int i = 0; i < node.out().size(); i++) {
        String name = node.out().get(i);
        if (name.isEmpty()) {
          continue;
        }
        if (i < made.size() && node.op() instanceof Quantization.Quantize(var codes, _, _)) {
          values.put(name, made.get(i), codes);
        } else if (i < made.size()) {
          values.put(name, made.get(i));
        } else {
          host(node, in).forEach(values::put);
          return;
        }
      }
    } catch (InputException refusal) {
      throw refusal.in("node '" + node.name() + "'");
    } catch (UnsupportedException refusal) {
      throw refusal.in("node '" + node.name() + "'");
    }
  }

  /// Whether a gradient can flow through the first result.
  private boolean isReal(Node node) {
    if (node.op() instanceof Quantization.Quantize) {
      return true;
    }
    DataType type = graph.type(node.result()).map(TensorType::dtype).orElse(DataType.FLOAT32);
    if (type == DataType.FLOAT16 || type == DataType.BFLOAT16 || type == DataType.FLOAT64) {
      throw UnsupportedException.of("%s of %s is not trained", node.op().name(), type.text())
          .hint("bring the model to float32 first");
    }
    return type == DataType.FLOAT32;
  }

  /// Results that carry no gradient, by the reference evaluator.
  private static Map<String, Tensor> host(Node node, Operands in) {
    if (node.op() instanceof Movement.ShapeOf(long start, var end)) {
      List<Long> dims = in.dims(0);
      int rank = dims.size();
      int first = Math.toIntExact(Math.clamp(start < 0 ? start + rank : start, 0, rank));
      long stop = end.orElse(Long.MAX_VALUE);
      int last = Math.toIntExact(Math.clamp(stop < 0 ? stop + rank : stop, 0, rank));
      return Map.of(
          node.result(),
          Tensor.vector(
              dims.subList(first, Math.max(first, last)).stream()
                  .mapToLong(Long::longValue)
                  .toArray()));
    }
    Map<String, Tensor> operands = new HashMap<>();
    for (int i = 0; i < node.in().size(); i++) {
      if (node.has(i)) {
        operands.put(node.operand(i), in.host(i));
      }
    }
    return Evaluation.node(node, operands);
  }

  /// The real results; fewer than the node has where the rest carry no gradient.
  private List<NDArray> live(Node node, Operands in) {
    return switch (node.op()) {
      case Elementwise op -> ElementwiseForward.of(op, in).map(List::of).orElse(List.of());
      case Product op -> List.of(ProductForward.of(op, in));
      case Windowed op -> List.of(WindowedForward.of(op, in));
      case Normalization.BatchNorm(float epsilon) when statistics.isPresent() ->
          List.of(statistics.get().normalised(node, in.live(0), in.live(1), in.live(2), epsilon));
      case Normalization op -> NormalizationForward.of(op, in).map(List::of).orElse(List.of());
      case Reduction op -> ReductionForward.of(op, in);
      case Movement op -> MovementForward.of(op, in);
      case Quantization op -> List.of(QuantizationForward.of(op, in));
      case Recurrent cell -> RecurrentForward.of(cell, in);
      case Opaque(var domain, var operator, _, _) ->
          throw UnsupportedException.of(
                  "training does not know the op %s",
                  domain.isEmpty() ? operator : domain + "." + operator)
              .hint("it can be compressed without training");
    };
  }

  @Override
  public void close() {
    manager.close();
  }
}
