package dev.inward.runtime;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Opaque;
import dev.inward.graph.Product;
import dev.inward.graph.Reduction;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Windowed;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Float16 as a device computes it, on a machine that computes in float32.
///
/// Every value of type float16, weights included, holds a half; each op takes halves, computes in
/// float32, its sums too, and rounds its results to halves, ties to even. Beyond 65,504 lies
/// infinity, denormals are halves like all others. So do the GPU and the Neural Engine: it has
/// accumulators of float32's class in every generation and stores an overflow as infinity; it keeps
/// denormals element by element. Source: sbryngelson/ane-guide, chapter 3, measured on M1 and M5.
///
/// What is not imitated: ops of several steps (softmax, normalisations) compute in float32 inside;
/// tables of activations, as near as half a unit in the last place; the Neural Engine has no NaN
/// (where IEEE arithmetic gives one, it gives 0 or infinity).
public final class HalfPrecision {
  /// Ends the name of a value as it was before it was rounded.
  public static final String WIDE = "~wide";

  private static final float LEAST_NORMAL = 0x1p-14f;

  /// What matrix units do with denormals.
  public enum Denormals {
    KEPT,
    /// Operands and results of products below 2^-14 are zero, as on M1 (the same source; of
    /// generations between M1 and M5 it is not known).
    FLUSHED_IN_PRODUCTS
  }

  /// What the sums of products, convolutions and means are kept in.
  public enum Sums {
    /// Float32, as on the Neural Engine and, unless an app asks for less, on the GPU.
    WIDE,
    /// Float16, as on a GPU with `allowLowPrecisionAccumulationOnGPU`: the running total is rounded
    /// to a half after every 16 terms.
    NARROW
  }

  /// What the machine does that is simulated.
  public record Rules(Denormals denormals, Sums sums) {
    public static final Rules USUAL = new Rules(Denormals.KEPT, Sums.WIDE);

    /// The same with wide sums.
    public Rules wide() {
      return new Rules(denormals, Sums.WIDE);
    }
  }

  private static final long RUN = 16;

  private final Graph graph;
  private final boolean rounding;
  private final Rules rules;
  private final Graph.Builder builder;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, String> renamed = new HashMap<>();
  private final Map<String, String> flushed = new HashMap<>();

  private HalfPrecision(Graph graph, boolean rounding, Rules rules) {
    this.graph = graph;
    this.rounding = rounding;
    this.rules = rules;
    this.builder = Graph.builder(graph.name());
  }

  /// Whether a value of the graph is of type float16.
  public static boolean isIn(Graph graph) {
    return graph.inputs().stream().anyMatch(i -> i.type().dtype() == DataType.FLOAT16)
        || graph.constants().values().stream().anyMatch(t -> t.dtype() == DataType.FLOAT16)
        || graph.nodes().stream()
            .flatMap(node -> node.out().stream())
            .anyMatch(out -> isHalf(graph, out));
  }

  /// Whether a value is of type float16.
  public static boolean isHalf(Graph graph, String value) {
    return graph.type(value).filter(type -> type.dtype() == DataType.FLOAT16).isPresent();
  }

  /// A graph of float32 that computes what the graph computes in float16; the same graph where it
  /// has none. Values keep their names, float16 inputs their types; outputs become float32.
  ///
  /// @throws UnsupportedException where an op that is not known takes or makes float16
  public static Graph simulated(Graph graph) {
    return simulated(graph, Rules.USUAL);
  }

  /// The same, for a machine of other rules.
  public static Graph simulated(Graph graph, Rules rules) {
    return isIn(graph) ? new HalfPrecision(graph, /* rounding= */ true, rules).lowered() : graph;
  }

  /// The same graph with float32 wherever it has float16, and nothing rounded but the constants,
  /// which stay what they are.
  public static Graph widened(Graph graph) {
    return isIn(graph)
        ? new HalfPrecision(graph, /* rounding= */ false, Rules.USUAL).lowered()
        : graph;
  }

  private Graph lowered() {
    graph
        .inputs()
        .forEach(input -> {
          builder.input(input.name(), input.type());
          if (input.type().dtype() == DataType.FLOAT16) {
            String single = input.name() + "~single";
            renamed.put(input.name(), single);
            nodes.add(
                Node.of(new Elementwise.Cast(DataType.FLOAT32), List.of(input.name()), single));
          }
        });
    graph.constants().forEach((name, tensor) -> builder.constant(name, single(tensor)));
    graph.nodes().forEach(this::lower);
    graph.outputs().forEach(output -> builder.output(renamed.getOrDefault(output, output)));
    graph.declared().forEach((value, type) -> builder.declare(value, single(type)));
    graph.opsets().forEach(builder::opset);
    graph.metadata().forEach(builder::metadata);
    nodes.forEach(builder::node);
    return builder.build();
  }

  private static TensorType single(TensorType type) {
    return type.dtype() == DataType.FLOAT16 ? new TensorType(DataType.FLOAT32, type.shape()) : type;
  }

  /// The same halves as float32. Codes are decoded to halves, as the device decodes them.
  private static Tensor single(Tensor tensor) {
    if (tensor.dtype() != DataType.FLOAT16) {
      return tensor;
    }
    return tensor.encoding() instanceof Encoding.Dense dense
        ? new Tensor(DataType.FLOAT32, tensor.dims(), dense)
        : Tensor.half(tensor.dims(), tensor.floats());
  }

  private void lower(Node node) {
    boolean half = node.out().stream().anyMatch(this::isHalf);
    if (node.op() instanceof Opaque && (half || node.reads().anyMatch(this::isHalf))) {
      throw UnsupportedException.at(
          "node '" + node.name() + "'",
          "float16 is not simulated for [%s], which this version does not know",
          node.op().name());
    }
    List<String> in = new ArrayList<>(node.in().stream().map(this::name).toList());
    boolean flushes =
        rules.denormals() == Denormals.FLUSHED_IN_PRODUCTS && half && isProduct(node.op());
    if (flushes) {
      in.replaceAll(this::flush);
    }
    Op op = single(node.op());
    if (!half || isExact(node.op())) {
      nodes.add(new Node(node.name(), op, in, node.out()));
      return;
    }
    if (rules.sums() == Sums.NARROW && rounding) {
      var parts = PartialSums.of(graph, node, in, node.result(), RUN);
      if (parts.isPresent()) {
        narrow(parts.get(), node.result());
        return;
      }
    }
    List<String> wide =
        node.out().stream().map(out -> isHalf(out) && rounding ? out + WIDE : out).toList();
    nodes.add(new Node(node.name(), op, in, wide));
    for (int i = 0; i < wide.size(); i++) {
      String out = node.out().get(i);
      if (!wide.get(i).equals(out)) {
        round(flushes ? flush(wide.get(i)) : wide.get(i), out);
      }
    }
  }

  private boolean isHalf(String value) {
    return isHalf(graph, value);
  }

  private String name(String value) {
    return renamed.getOrDefault(value, value);
  }

  private void round(String wide, String out) {
    String half = out + "~half";
    nodes.add(Node.of(new Elementwise.Cast(DataType.FLOAT16), List.of(wide), half));
    nodes.add(
        new Node(
            out + "~rounded", new Elementwise.Cast(DataType.FLOAT32), List.of(half), List.of(out)));
  }

  /// A running total that is rounded after each part.
  private void narrow(PartialSums parts, String out) {
    nodes.addAll(parts.nodes());
    String total = "";
    for (int i = 0; i < parts.sums().size(); i++) {
      boolean last = i == parts.sums().size() - 1 && parts.divisor() == 1;
      String wide = last ? out + WIDE : out + "~wide" + i;
      nodes.add(
          total.isEmpty()
              ? Node.of(
                  new Elementwise.Unary(Elementwise.Unary.Function.IDENTITY),
                  List.of(parts.sums().get(i)),
                  wide)
              : Node.of(
                  new Elementwise.Binary(Elementwise.Binary.Function.ADD),
                  List.of(total, parts.sums().get(i)),
                  wide));
      total = last ? out : out + "~total" + i;
      round(wide, total);
    }
    if (parts.divisor() > 1) {
      builder.constant(out + "~terms", Tensor.scalar((float) parts.divisor()));
      nodes.add(
          Node.of(
              new Elementwise.Binary(Elementwise.Binary.Function.DIV),
              List.of(total, out + "~terms"),
              out + WIDE));
      round(out + WIDE, out);
    }
  }

  /// Zero where a value is below the least normal half.
  private String flush(String value) {
    if (value.isEmpty() || graph.constant(value).filter(t -> !t.dtype().isFloat()).isPresent()) {
      return value;
    }
    return flushed.computeIfAbsent(
        value,
        key -> {
          String out = key + "~flushed";
          builder.constant(out + "~least", Tensor.scalar(LEAST_NORMAL));
          builder.constant(out + "~zero", Tensor.scalar(0f));
          nodes.add(
              Node.of(
                  new Elementwise.Unary(Elementwise.Unary.Function.ABS),
                  List.of(key),
                  out + "~size"));
          nodes.add(
              Node.of(
                  new Elementwise.Binary(Elementwise.Binary.Function.LESS),
                  List.of(out + "~size", out + "~least"),
                  out + "~small"));
          nodes.add(
              Node.of(new Elementwise.Where(), List.of(out + "~small", out + "~zero", key), out));
          return out;
        });
  }

  private static boolean isProduct(Op op) {
    return op instanceof Product
        || op instanceof Windowed.Conv
        || op instanceof Windowed.ConvTranspose;
  }

  private static Op single(Op op) {
    return switch (op) {
      case Elementwise.Cast(var to) when to == DataType.FLOAT16 ->
          new Elementwise.Cast(DataType.FLOAT32);
      case Movement.ConstantOfShape(var value) when value.dtype() == DataType.FLOAT16 ->
          new Movement.ConstantOfShape(
              Tensor.dense(DataType.FLOAT32, value.dims(), Storage.of(value.floats())));
      default -> op;
    };
  }

  /// Whether the results of halves are halves, so that there is nothing to round.
  static boolean isExact(Op op) {
    return switch (op) {
      case Movement.Resize _, Movement.GridSample _ -> false;
      case Movement.ScatterElements(_, var combine) ->
          combine != Movement.Combine.ADD && combine != Movement.Combine.MUL;
      case Movement.ScatterNd(var combine) ->
          combine != Movement.Combine.ADD && combine != Movement.Combine.MUL;
      case Movement.Range _ -> false;
      case Movement _ -> true;
      case Elementwise.Unary(var function) ->
          switch (function) {
            case IDENTITY, ABS, NEG, FLOOR, CEIL, ROUND, SIGN, RELU, NOT, BITWISE_NOT, IS_NAN ->
                true;
            default -> false;
          };
      case Elementwise.Variadic(var function) ->
          function == Elementwise.Variadic.Function.MAX
              || function == Elementwise.Variadic.Function.MIN;
      case Elementwise.Where _, Elementwise.Clip _ -> true;
      case Windowed.Pool pool -> pool.kind() == Windowed.PoolKind.MAX;
      case Windowed.GlobalPool(var kind, _) -> kind == Windowed.PoolKind.MAX;
      case Reduction.Reduce(var function, _, _) ->
          function == Reduction.Reduce.Function.MAX || function == Reduction.Reduce.Function.MIN;
      case Reduction.TopK _ -> true;
      default -> false;
    };
  }
}
