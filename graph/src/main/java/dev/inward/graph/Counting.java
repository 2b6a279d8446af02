package dev.inward.graph;

import dev.inward.base.InputException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// Counts the work of nodes whose shapes are numbers. Conventions:
///
/// - A *parameter* is an element of a constant of a real type, or of codes: whole numbers of at
///   most eight bits, and wider ones that a quantised op reads as a weight or bias. Shapes, axes
///   and indices are none.
/// - A *multiply-accumulate* is counted for convolutions, matrix products, attention, Einstein sums
///   and recurrent cells, one for each pair that the definition multiplies, also where one of them
///   is padding. Biases are operations.
/// - An *operation* is one function applied to one element, whatever the function: an addition as
///   much as a GELU. Normalisations, pooling and reductions count the steps that [Arithmetic]
///   lists. Moving elements is no operation.
/// - *Bytes* are those of activations by their types: every operand once, every result once. Ops
///   that leave the elements where they are (reshape, squeeze, identity) move none; ops that pick
///   (slice, gather) read as much as they write; a shape is read without the elements.
/// - *Weight bytes* are those of all constants that the node reads, tables and scales included.
public final class Counting {
  private Counting() {}

  /// The work of every node, by the name of the node, in order.
  ///
  /// @throws InputException where a shape holds a symbol or is not known, with what to bind
  /// @throws dev.inward.base.UnsupportedException where an op is not known to this version
  public static SequencedMap<String, Work> of(Graph graph) {
    var all = new LinkedHashMap<String, Work>();
    graph.nodes().forEach(node -> all.put(node.name(), of(graph, node)));
    return Collections.unmodifiableSequencedMap(all);
  }

  /// The work of one node of a graph.
  ///
  /// @throws InputException where a shape holds a symbol or is not known, with what to bind
  /// @throws dev.inward.base.UnsupportedException where the op is not known to this version
  public static Work of(Graph graph, Node node) {
    var sizes = new Sizes(graph, node);
    try {
      var effort = Arithmetic.of(sizes);
      long parameters = 0;
      long weightBytes = 0;
      for (String name : node.reads().collect(Collectors.toCollection(TreeSet::new))) {
        var constant = graph.constant(name);
        if (constant.isPresent()) {
          weightBytes = Math.addExact(weightBytes, constant.get().storedBytes());
          parameters =
              Math.addExact(
                  parameters, isWeight(node, name, constant.get()) ? sizes.elements(name) : 0);
        }
      }
      return new Work(
          parameters, effort.macs(), effort.operations(), read(sizes), written(sizes), weightBytes);
    } catch (ArithmeticException e) {
      throw InputException.at(
          "node '" + node.name() + "'", "[%s] more work than can be counted", node.op().name());
    }
  }

  /// Whether a constant holds parameters, as read by this node.
  static boolean isWeight(Node node, String name, Tensor constant) {
    if (constant.dtype().isFloat()
        || constant.dtype().isInteger() && constant.dtype().bits() <= 8) {
      return true;
    }
    Set<Integer> codes =
        switch (node.op()) {
          case Quantization op ->
              switch (op) {
                case Quantization.Dequantize _ -> Set.of(0);
                case Quantization.MatMulInteger _, Quantization.ConvInteger _ -> Set.of(0, 1);
                case Quantization.QLinearConv _ -> Set.of(3, 8);
                case Quantization.QLinearMatMul _ -> Set.of(0, 3);
                case Quantization.Quantize _, Quantization.DynamicQuantize _ -> Set.of();
              };
          case Elementwise _,
              Product _,
              Windowed _,
              Normalization _,
              Reduction _,
              Movement _,
              Recurrent _,
              Opaque _ ->
              Set.of();
        };
    return constant.dtype().isInteger()
        && codes.stream().anyMatch(i -> node.operand(i).equals(name));
  }

  private static long written(Sizes sizes) {
    if (isView(sizes.node().op())) {
      return 0;
    }
    long bytes = 0;
    for (String out : sizes.node().out()) {
      bytes = Math.addExact(bytes, out.isEmpty() ? 0 : sizes.bytes(out));
    }
    return bytes;
  }

  private static long read(Sizes sizes) {
    var node = sizes.node();
    if (isView(node.op()) || readsNoElements(node.op())) {
      return 0;
    }
    boolean picks = picks(node.op());
    long bytes = 0;
    for (String in : node.reads().distinct().toList()) {
      if (!sizes.graph().constants().containsKey(in)) {
        boolean picked = picks && in.equals(node.operand(0));
        bytes = Math.addExact(bytes, picked ? written(sizes) : sizes.bytes(in));
      }
    }
    return bytes;
  }

  private static boolean isView(Op op) {
    return op instanceof Movement.Reshape
        || op instanceof Movement.Flatten
        || op instanceof Movement.Squeeze
        || op instanceof Movement.Unsqueeze
        || op.equals(new Elementwise.Unary(Elementwise.Unary.Function.IDENTITY));
  }

  private static boolean readsNoElements(Op op) {
    return op instanceof Movement.ShapeOf || op instanceof Movement.Size;
  }

  private static boolean picks(Op op) {
    return op instanceof Movement.Slice
        || op instanceof Movement.Split
        || op instanceof Movement.Gather
        || op instanceof Movement.GatherElements
        || op instanceof Movement.GatherNd;
  }
}
