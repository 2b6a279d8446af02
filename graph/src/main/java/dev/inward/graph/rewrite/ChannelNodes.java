package dev.inward.graph.rewrite;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary.Function;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Op;
import dev.inward.graph.Product;
import dev.inward.graph.Quantization;
import dev.inward.graph.Reduction;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.Windowed;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes the nodes of a region in the layout `[batch, channels, 1, positions]`, with what brings
/// values into it and out of it.
final class ChannelNodes {
  /// `[b c h w] x [b w h u] -> [b c h u]`, the product that Core ML's `einsum` is made for.
  private static final Op PRODUCT = new Product.Einsum("nchw,nwhu->nchu");

  private static final Windowed.Window POINT =
      new Windowed.Window(
          List.of(1L, 1L), List.of(), List.of(), List.of(), Windowed.AutoPad.EXPLICIT);

  private final Graph graph;
  private final ChannelForm form;
  private final Map<String, Tensor> constants = new LinkedHashMap<>();
  private final List<Node> nodes = new ArrayList<>();

  /// The value in the layout, by the value of the graph.
  private final Map<String, String> moved = new HashMap<>();

  /// The thirds of values that hold query, key and value.
  private final Map<String, List<String>> parts = new HashMap<>();

  private final Set<String> names;

  ChannelNodes(Graph graph, ChannelForm form) {
    this.graph = graph;
    this.form = form;
    this.names = new HashSet<>(graph.constants().keySet());
    graph.inputs().forEach(input -> names.add(input.name()));
    graph
        .nodes()
        .forEach(node -> {
          names.add(node.name());
          names.addAll(node.out());
        });
  }

  Map<String, Tensor> constants() {
    return constants;
  }

  /// Says a node of the region in the layout.
  void node(Node node) {
    int rank = graph.shape(node.result()).rank();
    switch (node.op()) {
      case Product _ -> convolution(node);
      case Normalization.LayerNorm(_, var epsilon) -> normalisation(node, epsilon);
      case Normalization.Softmax _ ->
          result(node, new Normalization.Softmax(1), List.of(in(node.operand(0))));
      case Movement.Gather _ -> position(node);
      case Elementwise.Clip _, Quantization.Quantize _, Quantization.Dequantize _ -> {
        List<String> operands = new ArrayList<>(node.in());
        operands.set(0, in(node.operand(0)));
        result(node, node.op(), operands);
      }
      default ->
          result(
              node,
              node.op(),
              node.in().stream()
                  .map(value ->
                      graph
                          .constant(value)
                          .map(tensor ->
                              constant(value, ChannelForm.constant(tensor, rank).orElseThrow()))
                          .orElseGet(() -> in(value)))
                  .toList());
    }
  }

  private void convolution(Node node) {
    List<String> operands = new ArrayList<>();
    operands.add(in(node.operand(0)));
    operands.add(constant(node.operand(1), form.kernel(node).orElseThrow()));
    if (node.has(2)) {
      operands.add(constant(node.operand(2), form.bias(node).orElseThrow()));
    }
    result(node, new Windowed.Conv(POINT, 1), operands);
  }

  private void normalisation(Node node, float epsilon) {
    String x = in(node.operand(0));
    Op mean = new Reduction.Reduce(Reduction.Reduce.Function.MEAN, List.of(1L), true);
    String centred = step(node, "centred", Function.SUB, x, step(node, "mean", mean, x));
    String square = step(node, "square", Function.MUL, centred, centred);
    String variance = step(node, "variance", mean, square);
    String safe =
        step(
            node,
            "safe",
            Function.ADD,
            variance,
            constant(node.name() + ".epsilon", number(node.result(), epsilon)));
    String deviation =
        step(node, "deviation", new Elementwise.Unary(Elementwise.Unary.Function.SQRT), safe);
    boolean scaled = node.has(1);
    boolean shifted = node.has(2);
    int rank = graph.shape(node.result()).rank();
    String value = scaled || shifted ? step(node, "normal", Function.DIV, centred, deviation) : "";
    if (!scaled && !shifted) {
      result(node, new Elementwise.Binary(Function.DIV), List.of(centred, deviation));
      return;
    }
    if (scaled) {
      String factor = parameter(node.operand(1), rank);
      if (!shifted) {
        result(node, new Elementwise.Binary(Function.MUL), List.of(value, factor));
        return;
      }
      value = step(node, "scaled", Function.MUL, value, factor);
    }
    result(
        node,
        new Elementwise.Binary(Function.ADD),
        List.of(value, parameter(node.operand(2), rank)));
  }

  private String parameter(String name, int rank) {
    return constant(
        name, ChannelForm.constant(graph.constant(name).orElseThrow(), rank).orElseThrow());
  }

  /// One position of the sequence: `[b, c, 1, s] -> [b, c, 1, 1]`.
  private void position(Node node) {
    long at = graph.constant(node.operand(1)).orElseThrow().longs()[0];
    long positions = graph.shape(node.operand(0)).sizes()[1];
    long start = Math.floorMod(at, positions);
    result(
        node,
        new Movement.Slice(),
        List.of(
            in(node.operand(0)),
            constant(node.name() + ".start", Tensor.vector(start)),
            constant(node.name() + ".end", Tensor.vector(start + 1)),
            constant(node.name() + ".axis", Tensor.vector(3))));
  }

  /// Says an attention block head by head.
  void attention(AttentionBlock block) {
    Node core = block.core();
    String query = part(block.query());
    if (block.scale() != 1) {
      String scale = constant(core.name() + ".scale", number(block.query().value(), block.scale()));
      query = step(core, "query", Function.MUL, query, scale);
    }
    String key =
        step(core, "key", new Movement.Transpose(List.of(0L, 3L, 2L, 1L)), part(block.key()));
    List<String> queries = heads(core, "query", query, 1, block);
    List<String> keys = heads(core, "key", key, 3, block);
    List<String> values = heads(core, "value", part(block.value()), 1, block);
    Optional<String> mask =
        block.mask().isEmpty() ? Optional.empty() : Optional.of(mask(block.mask()));
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < block.heads(); i++) {
      String scores = step(core, "scores", PRODUCT, keys.get(i), queries.get(i));
      if (mask.isPresent()) {
        scores = step(core, "masked", Function.ADD, scores, mask.get());
      }
      String weights = step(core, "weights", new Normalization.Softmax(1), scores);
      parts.add(step(core, "head", PRODUCT, values.get(i), weights));
    }
    result(block.root(), new Movement.Concat(1), parts);
  }

  /// A number in the type of a value of the graph; in half precision one that is not zero stays so.
  private Tensor number(String value, double number) {
    List<Long> dims = List.of(1L, 1L, 1L, 1L);
    if (graph.typeOf(value).dtype() != DataType.FLOAT16) {
      return Tensor.ofFloats(dims, (float) number);
    }
    double kept = Math.abs(number) < 0x1p-24 ? Math.copySign(0x1p-24, number) : number;
    short half = Float.floatToFloat16((float) kept);
    return Tensor.dense(
        DataType.FLOAT16, dims, Storage.of(new byte[] {(byte) half, (byte) (half >> 8)}));
  }

  private List<String> heads(
      Node core, String what, String value, long axis, AttentionBlock block) {
    List<String> parts = new ArrayList<>();
    for (int i = 0; i < block.heads(); i++) {
      parts.add(fresh(core.name() + "." + what));
    }
    if (block.heads() == 1) {
      return List.of(value);
    }
    List<Long> sizes = Collections.nCopies((int) block.heads(), block.width());
    nodes.add(new Node(parts.getFirst(), new Movement.Split(axis, sizes), List.of(value), parts));
    return parts;
  }

  /// A whole value, or a third of its channels.
  private String part(AttentionBlock.Part part) {
    String whole = in(part.value());
    if (part.third().isEmpty()) {
      return whole;
    }
    List<String> thirds =
        parts.computeIfAbsent(
            part.value(),
            value -> {
              long channels = graph.shape(value).sizes()[2] / 3;
              List<String> names =
                  List.of(
                      fresh(value + ".first"), fresh(value + ".second"), fresh(value + ".third"));
              nodes.add(
                  new Node(
                      names.getFirst(),
                      new Movement.Split(1, List.of(channels, channels, channels)),
                      List.of(whole),
                      names));
              return names;
            });
    return thirds.get(part.third().getAsInt());
  }

  /// A mask `[b, 1, q, k]` as `[b, k, 1, q]`, once for all who read it.
  private String mask(String mask) {
    String known = moved.get(mask + "'");
    if (known != null) {
      return known;
    }
    String made = fresh(mask + ".channels");
    nodes.add(Node.of(new Movement.Transpose(List.of(0L, 3L, 1L, 2L)), List.of(mask), made));
    moved.put(mask + "'", made);
    return made;
  }

  /// A value of the graph in the layout; one from outside of the region enters here.
  private String in(String value) {
    String known = moved.get(value);
    if (known != null) {
      return known;
    }
    String made = fresh(value + ".channels");
    moved.put(value, made);
    if (graph.shape(value).rank() == 2) {
      nodes.add(Node.of(new Movement.Unsqueeze(List.of(2L, 3L)), List.of(value), made));
    } else {
      String turned = fresh(value + ".turned");
      nodes.add(Node.of(new Movement.Transpose(List.of(0L, 2L, 1L)), List.of(value), turned));
      nodes.add(Node.of(new Movement.Unsqueeze(List.of(2L)), List.of(turned), made));
    }
    return made;
  }

  private void result(Node node, Op op, List<String> operands) {
    String made = fresh(node.result() + ".channels");
    moved.put(node.result(), made);
    nodes.add(new Node(node.name(), op, operands, List.of(made)));
  }

  private String step(Node node, String what, Function function, String a, String b) {
    return step(node, what, new Elementwise.Binary(function), a, b);
  }

  private String step(Node node, String what, Op op, String... operands) {
    String made = fresh(node.name() + "." + what);
    nodes.add(Node.of(op, List.of(operands), made));
    return made;
  }

  /// A constant under a name after the one that it was made from; equal ones are one.
  private String constant(String name, Tensor tensor) {
    String wanted = name + ".channels";
    if (tensor.equals(constants.get(wanted))) {
      return wanted;
    }
    String made = fresh(wanted);
    constants.put(made, tensor);
    return made;
  }

  private String fresh(String hint) {
    String name = hint;
    for (int i = 1; !names.add(name); i++) {
      name = hint + "." + i;
    }
    return name;
  }

  /// All nodes in the layout, and those that bring values out of it which others read.
  ///
  /// @param inside the values that the region makes
  /// @param outside the nodes that stay as they were
  List<Node> all(Collection<String> inside, List<Node> outside) {
    Set<String> read = new HashSet<>(graph.outputs());
    outside.forEach(node -> node.reads().forEach(read::add));
    List<Node> every = new ArrayList<>(nodes);
    for (Node node : graph.nodes()) {
      String value = node.result();
      if (!inside.contains(value) || !read.contains(value)) {
        continue;
      }
      String channels = moved.get(value);
      if (channels == null) {
        throw new IllegalStateException("'" + value + "' was not made");
      }
      if (graph.shape(value).rank() == 2) {
        every.add(Node.of(new Movement.Squeeze(List.of(2L, 3L)), List.of(channels), value));
      } else {
        String flat = fresh(value + ".flat");
        every.add(Node.of(new Movement.Squeeze(List.of(2L)), List.of(channels), flat));
        every.add(
            new Node(
                fresh(value + ".back"),
                new Movement.Transpose(List.of(0L, 2L, 1L)),
                List.of(flat),
                List.of(value)));
      }
    }
    return every;
  }
}
