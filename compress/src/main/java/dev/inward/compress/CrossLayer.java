package dev.inward.compress;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Product;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.Windowed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes the channels between two layers equally large in the weights of both, without any data.
/// Where `f(s x) = s f(x)` for positive `s`, the output channels of the first layer may be divided
/// by a factor each and the input channels of the second multiplied by it:
///
/// ```text
/// w2 * f(w1 * x + b1) = (w2 s) * f((w1/s) * x + b1/s)      s_i = sqrt(r1_i / r2_i)
/// ```
///
/// with the largest magnitudes `r1_i` and `r2_i` of channel `i` in either weight. Pairs are gone
/// through in turn until no factor is far from one, so that chains of depthwise convolutions come
/// to rest too. Between the layers there may be ReLU, leaky and parametric ReLU, pooling, padding
/// with zeros and a flattening of single places; a clip at zero and above becomes a ReLU and a
/// minimum a channel, since the bound moves with the channel. A value that something else reads,
/// and a weight that two nodes share, stay as they are. Source: Nagel et al., ICCV 2019, eq. 7 and
/// 11.
public final class CrossLayer {
  private static final int ROUNDS = 40;

  /// A factor nearer to one than this changes nothing.
  private static final double STILL = 1e-3;

  /// A pair whose channels differ by less than this is left alone: rounding hardly sees it.
  private static final double UNEQUAL = 2;

  private static final double LEAST = 1e-8;

  /// @param path the nodes between, in order
  /// @param factors what the output channels of the first have been divided by, in all
  private record Pair(Node first, Node second, List<Node> path, double[] factors) {}

  private final Graph graph;
  private final Map<String, float[]> values = new HashMap<>();

  private CrossLayer(Graph graph) {
    this.graph = graph;
  }

  /// The equalised graph, which computes the same but for rounding; the graph itself where there is
  /// no pair of layers whose channels differ.
  public static Graph of(Graph graph) {
    return new CrossLayer(graph).equalised();
  }

  private Graph equalised() {
    List<Pair> pairs = new ArrayList<>();
    for (Node node : graph.nodes()) {
      pair(node).ifPresent(pairs::add);
    }
    pairs.removeIf(pair -> !isUnequal(pair));
    if (pairs.isEmpty()) {
      return graph;
    }
    for (int round = 0; round < ROUNDS; round++) {
      double most = 0;
      for (Pair pair : pairs) {
        most = Math.max(most, step(pair));
      }
      if (most < STILL) {
        break;
      }
    }
    return built(pairs);
  }

  private boolean isUnequal(Pair pair) {
    double[] factors = factors(pair);
    double most = Arrays.stream(factors).max().orElse(1);
    double least = Arrays.stream(factors).min().orElse(1);
    return most > UNEQUAL * least;
  }

  /// Moves the factors of a pair; how far the one that is furthest from one is from it.
  private double step(Pair pair) {
    double[] factors = factors(pair);
    scaleOutputs(pair.first(), factors);
    float[] w = values(pair.second().operand(1));
    double most = 0;
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) (w[i] * factors[inputChannel(pair.second(), i)]);
    }
    for (int c = 0; c < factors.length; c++) {
      pair.factors()[c] *= factors[c];
      most = Math.max(most, Math.abs(Math.log(factors[c])));
    }
    return most;
  }

  private void scaleOutputs(Node node, double[] factors) {
    float[] w = values(node.operand(1));
    for (int i = 0; i < w.length; i++) {
      w[i] = (float) (w[i] / factors[outputChannel(node, i)]);
    }
    if (node.has(2)) {
      float[] b = values(node.operand(2));
      for (int c = 0; c < b.length; c++) {
        b[c] = (float) (b[c] / factors[c]);
      }
    }
  }

  /// Equation 11; 1 for a channel that either side leaves at zero.
  private double[] factors(Pair pair) {
    double[] first = new double[pair.factors().length];
    double[] second = new double[first.length];
    float[] w = values(pair.first().operand(1));
    for (int i = 0; i < w.length; i++) {
      int c = outputChannel(pair.first(), i);
      first[c] = Math.max(first[c], Math.abs(w[i]));
    }
    w = values(pair.second().operand(1));
    for (int i = 0; i < w.length; i++) {
      int c = inputChannel(pair.second(), i);
      second[c] = Math.max(second[c], Math.abs(w[i]));
    }
    double[] factors = new double[first.length];
    for (int c = 0; c < factors.length; c++) {
      boolean usable = first[c] > LEAST && second[c] > LEAST;
      factors[c] = usable ? Math.sqrt(first[c] / second[c]) : 1;
    }
    return factors;
  }

  private Graph built(List<Pair> pairs) {
    Map<String, Tensor> changed = new HashMap<>();
    values.forEach((name, w) ->
        changed.put(name, Tensor.ofFloats(graph.constant(name).orElseThrow().dims(), w)));
    var builder = graph.withConstants(changed).toBuilder();
    Map<String, double[]> clips = new HashMap<>();
    Set<String> spatial = new HashSet<>();
    for (Pair pair : pairs) {
      for (Node node : pair.path()) {
        if (node.op() instanceof Elementwise.Clip) {
          clips.put(node.name(), pair.factors());
          if (pair.first().op() instanceof Windowed) {
            spatial.add(node.name());
          }
        }
      }
    }
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      double[] factors = clips.get(node.name());
      if (factors == null) {
        nodes.add(node);
        continue;
      }
      float bound = graph.constant(node.operand(2)).orElseThrow().floats()[0];
      float[] bounds = new float[factors.length];
      for (int c = 0; c < bounds.length; c++) {
        bounds[c] = (float) (bound / factors[c]);
      }
      int rank = graph.shape(node.operand(0)).rank();
      List<Long> dims = new ArrayList<>(List.of((long) bounds.length));
      for (int axis = 2; axis < rank && spatial.contains(node.name()); axis++) {
        dims.add(1L);
      }
      String relu = node.name() + ".positive";
      builder.constant(node.name() + ".bounds", Tensor.ofFloats(dims, bounds));
      nodes.add(
          Node.of(
              new Elementwise.Unary(Elementwise.Unary.Function.RELU),
              List.of(node.operand(0)),
              relu));
      nodes.add(
          new Node(
              node.name(),
              new Elementwise.Variadic(Elementwise.Variadic.Function.MIN),
              List.of(relu, node.name() + ".bounds"),
              node.out()));
    }
    return builder.nodes(_ -> nodes).build();
  }

  private float[] values(String constant) {
    return values.computeIfAbsent(constant, c -> graph.constant(c).orElseThrow().floats());
  }

  /// The pair that begins at a node.
  private Optional<Pair> pair(Node first) {
    if (!isLayer(first) || first.has(2) && !isOwn(first.operand(2))) {
      return Optional.empty();
    }
    int channels = outputChannel(first, Math.toIntExact(weight(first).elements()) - 1) + 1;
    if (first.has(2) && weightElements(first.operand(2)) != channels) {
      return Optional.empty();
    }
    List<Node> path = new ArrayList<>();
    String value = first.result();
    while (graph.hasOneUse(value) && !graph.outputs().contains(value)) {
      Node next = graph.readers(value).getFirst();
      if (isLayer(next)) {
        int inputs = 0;
        for (int i = 0; i < weight(next).elements(); i++) {
          inputs = Math.max(inputs, inputChannel(next, i) + 1);
        }
        return next.operand(0).equals(value)
                && inputs == channels
                && meets(first, path, value, next)
            ? Optional.of(new Pair(first, next, path, ones(channels)))
            : Optional.empty();
      }
      if (!commutes(next, value, channels)) {
        return Optional.empty();
      }
      path.add(next);
      value = next.result();
    }
    return Optional.empty();
  }

  /// Whether the channels that a product sums over, on the last axis, are those of the first layer.
  private boolean meets(Node first, List<Node> path, String value, Node second) {
    boolean windows = first.op() instanceof Windowed;
    if (windows == second.op() instanceof Windowed) {
      return windows || path.stream().allMatch(n -> n.op() instanceof Elementwise);
    }
    Shape shape = graph.shape(value);
    return windows && shape.ranked() && shape.rank() == 2;
  }

  private static double[] ones(int count) {
    double[] ones = new double[count];
    Arrays.fill(ones, 1);
    return ones;
  }

  private long weightElements(String constant) {
    return graph.constant(constant).map(Tensor::elements).orElse(0L);
  }

  private Tensor weight(Node node) {
    return graph.constant(node.operand(1)).orElseThrow();
  }

  private boolean isLayer(Node node) {
    boolean kind =
        switch (node.op()) {
          case Windowed.Conv _, Product.Linear() -> true;
          case Product.Gemm gemm -> !gemm.transA();
          default -> false;
        };
    return kind
        && isOwn(node.operand(1))
        && weight(node).elements() > 0
        && graph.constant(node.operand(0)).isEmpty();
  }

  /// A float32 constant that nothing else reads.
  private boolean isOwn(String value) {
    Tensor tensor = graph.constant(value).orElse(null);
    return tensor != null
        && tensor.dtype() == DataType.FLOAT32
        && tensor.encoding() instanceof Encoding.Dense
        && graph.readers(value).size() == 1
        && !graph.outputs().contains(value);
  }

  private static final Set<Windowed.PoolKind> POOLS =
      Set.of(Windowed.PoolKind.MAX, Windowed.PoolKind.AVERAGE);

  /// Whether a node does to a channel times a factor what it does to the channel, times the factor,
  /// and leaves channels where they are.
  private boolean commutes(Node node, String value, int channels) {
    boolean first = node.operand(0).equals(value);
    return first
        && switch (node.op()) {
          case Elementwise.Unary(var function) ->
              function == Elementwise.Unary.Function.RELU
                  || function == Elementwise.Unary.Function.IDENTITY;
          case Elementwise.LeakyRelu _ -> true;
          case Elementwise.Binary(var function) ->
              function == Elementwise.Binary.Function.PRELU
                  && graph.constant(node.operand(1)).isPresent();
          case Elementwise.Clip() -> isReluWithBound(node);
          case Windowed.Pool pool -> POOLS.contains(pool.kind()) && node.out().size() == 1;
          case Windowed.GlobalPool(var kind, _) -> POOLS.contains(kind);
          case Movement.Pad(var mode) ->
              graph.shape(node.result()).ranked()
                  && graph.shape(node.result()).rank() > 1
                  && graph.shape(node.result()).dim(1).is(channels)
                  && (mode != Movement.Pad.Mode.CONSTANT
                      || !node.has(2)
                      || graph
                          .constant(node.operand(2))
                          .map(t -> t.floats()[0] == 0)
                          .orElse(false));
          case Movement.Flatten _, Movement.Reshape _, Movement.Squeeze _ ->
              singlePlaces(graph.shape(value), graph.shape(node.result()), channels);
          default -> false;
        };
  }

  private boolean isReluWithBound(Node node) {
    return node.has(1)
        && node.has(2)
        && graph.shape(node.operand(0)).ranked()
        && graph.shape(node.operand(0)).rank() >= 2
        && graph.constant(node.operand(1)).map(t -> t.floats()[0] == 0).orElse(false)
        && graph.constant(node.operand(2)).map(t -> t.floats()[0] > 0).orElse(false);
  }

  /// `[n, c, 1, 1] -> [n, c]`.
  private static boolean singlePlaces(Shape from, Shape to, int channels) {
    if (!from.ranked() || !to.ranked() || from.rank() < 2 || to.rank() != 2) {
      return false;
    }
    return from.dims().stream().skip(2).allMatch(d -> d.is(1))
        && from.dim(1).is(channels)
        && to.dim(1).is(channels);
  }

  private int outputChannel(Node node, int index) {
    Tensor weight = weight(node);
    return switch (node.op()) {
      case Windowed.Conv _ -> index / Math.toIntExact(weight.elements() / weight.dims().getFirst());
      case Product.Gemm gemm when gemm.transB() -> index / Math.toIntExact(weight.dims().get(1));
      default -> index % Math.toIntExact(weight.dims().get(1));
    };
  }

  private int inputChannel(Node node, int index) {
    Tensor weight = weight(node);
    int columns = Math.toIntExact(weight.dims().get(1));
    return switch (node.op()) {
      case Windowed.Conv(_, long groups) -> {
        int rows = Math.toIntExact(weight.dims().getFirst());
        int inner = Math.toIntExact(weight.elements() / rows / columns);
        int group = index / inner / columns / (rows / Math.toIntExact(groups));
        yield group * columns + index / inner % columns;
      }
      case Product.Gemm gemm when gemm.transB() -> index % columns;
      default -> index / columns;
    };
  }
}
