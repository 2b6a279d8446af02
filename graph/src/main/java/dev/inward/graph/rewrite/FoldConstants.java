package dev.inward.graph.rewrite;

import dev.inward.base.Refusal;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Encoding;
import dev.inward.graph.Expression;
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
import dev.inward.graph.Windowed;
import dev.inward.graph.evaluation.Evaluation;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Turns nodes into constants where all operands are constants, or where the contents of the result
/// follow from the types (`Shape` of a static value, and what is computed from it).
///
/// Does not fire where a constant would grow the model by more than 64 KiB, where an operand is
/// encoded and the op would have to decode it, or where the work is out of proportion (products and
/// windows on more than 64 KiB).
final class FoldConstants implements Pass {
  private static final long SMALL = 64 << 10;

  @Override
  public Graph apply(Graph graph) {
    Map<String, Tensor> known = new HashMap<>(graph.constants());
    Map<String, Tensor> made = new LinkedHashMap<>();
    Set<Node> gone = new HashSet<>();
    for (Node node : graph.nodes()) {
      var results = fold(graph, node, known);
      if (results.isPresent()) {
        known.putAll(results.get());
        made.putAll(results.get());
        gone.add(node);
      }
    }
    if (gone.isEmpty()) {
      return graph;
    }
    var builder =
        graph.toBuilder().nodes(all -> all.stream().filter(n -> !gone.contains(n)).toList());
    made.forEach(builder::constant);
    return builder.build();
  }

  private static Optional<Map<String, Tensor>> fold(
      Graph graph, Node node, Map<String, Tensor> known) {
    if (node.op() instanceof Opaque) {
      return Optional.empty();
    }
    if (!node.reads().allMatch(known::containsKey)) {
      return contents(graph, node);
    }
    var kept = EncodedFolding.of(graph, node, known);
    if (kept.isPresent()) {
      return Optional.of(Map.of(node.result(), kept.get()));
    }
    if (!node.reads().allMatch(r -> isPlain(known, r)) || !worthwhile(graph, node, known)) {
      return Optional.empty();
    }
    try {
      Map<String, Tensor> results = Evaluation.node(node, known);
      boolean typed =
          results.entrySet().stream()
              .allMatch(r ->
                  graph.type(r.getKey()).map(t -> t.equals(r.getValue().type())).orElse(true)
                      || !graph.shape(r.getKey()).isStatic());
      return typed ? Optional.of(results) : Optional.empty();
    } catch (Refusal refusal) {
      // What the node says when the model runs is the business of whoever runs it.
      return Optional.empty();
    }
  }

  private static boolean isPlain(Map<String, Tensor> known, String name) {
    Tensor tensor = known.get(name);
    return tensor != null
        && tensor.encoding() instanceof Encoding.Dense(var stored, _)
        && stored == tensor.dtype()
        && stored != DataType.STRING;
  }

  /// Whole numbers and booleans whose values follow from the types.
  private static Optional<Map<String, Tensor>> contents(Graph graph, Node node) {
    Map<String, Tensor> results = new HashMap<>();
    for (String out : node.out()) {
      if (out.isEmpty()) {
        continue;
      }
      var type = graph.type(out).filter(t -> !t.dtype().isFloat() && t.shape().isStatic());
      var contents = graph.contents(out);
      if (type.isEmpty()
          || contents.isEmpty()
          || contents.get().stream().anyMatch(e -> e.constant().isEmpty())) {
        return Optional.empty();
      }
      results.put(out, tensor(type.get().dtype(), type.get().shape().sizes(), contents.get()));
    }
    return results.isEmpty() ? Optional.empty() : Optional.of(results);
  }

  private static Tensor tensor(DataType type, long[] sizes, List<Expression> contents) {
    long[] values = contents.stream().mapToLong(e -> e.constant().orElseThrow()).toArray();
    Tensor wide = Tensor.ofLongs(java.util.Arrays.stream(sizes).boxed().toList(), values);
    if (type == DataType.INT64) {
      return wide;
    }
    var cast = Node.of(new Elementwise.Cast(type), List.of("wide"), "cast");
    return Evaluation.node(cast, Map.of("wide", wide)).values().iterator().next();
  }

  private static boolean worthwhile(Graph graph, Node node, Map<String, Tensor> known) {
    long results = 0;
    for (String out : node.out()) {
      if (out.isEmpty()) {
        continue;
      }
      var shape = graph.shape(out);
      var type = graph.type(out);
      if (node.op() instanceof Movement.NonZero) {
        // At most an index an axis for each element.
        Tensor operand = tensor(known, node.operand(0));
        results += 8 * operand.rank() * operand.elements();
      } else if (type.isEmpty() || !shape.isStatic()) {
        return false;
      } else {
        results += type.get().dtype().bytes(shape.elements().orElseThrow());
      }
    }
    long operands = 0;
    long vanishing = 0;
    for (String read : node.reads().distinct().toList()) {
      long bytes = tensor(known, read).storedBytes();
      operands += bytes;
      boolean onlyHere = graph.readers(read).size() == 1 && !graph.outputs().contains(read);
      vanishing += onlyHere ? bytes : 0;
    }
    return results <= vanishing + SMALL && (isCheap(node) || operands + results <= SMALL);
  }

  private static Tensor tensor(Map<String, Tensor> known, String name) {
    Tensor tensor = known.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("no constant: " + name);
    }
    return tensor;
  }

  /// Whether the work is in proportion to the operands and results.
  private static boolean isCheap(Node node) {
    return switch (node.op()) {
      case Elementwise _, Normalization _, Reduction _ -> true;
      case Movement op -> !(op instanceof Movement.Resize) && !(op instanceof Movement.GridSample);
      case Product _, Windowed _, Recurrent _, Quantization _, Opaque _ -> false;
    };
  }
}
