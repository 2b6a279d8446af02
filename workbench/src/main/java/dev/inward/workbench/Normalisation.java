package dev.inward.workbench;

import dev.inward.base.InputException;
import dev.inward.base.Spelling;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Opaque;
import dev.inward.graph.Shape;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What becomes of the numbers of an input before the model sees them: `(x * scale - mean) / std`.
///
/// @param scale a factor for all
/// @param mean one for all, or one a channel (axis 1)
/// @param std one for all, or one a channel; not 0
public record Normalisation(double scale, List<Double> mean, List<Double> std) {
  public static final Normalisation NONE = new Normalisation(1, List.of(0.0), List.of(1.0));

  public Normalisation {
    mean = List.copyOf(mean);
    std = List.copyOf(std);
  }

  /// The graph with the arithmetic before it, as one factor and one summand.
  ///
  /// @throws InputException where there is no such input, or it has another number of channels
  public Graph into(Graph graph, String input) {
    Value value =
        graph.inputs().stream()
            .filter(i -> i.name().equals(input))
            .findFirst()
            .orElseThrow(() ->
                InputException.at("input '" + input + "'", "the model has no such input")
                    .hint(
                        "%s",
                        Spelling.hint(input, graph.inputs().stream().map(Value::name).toList())));
    if (!value.type().dtype().isFloat()) {
      throw InputException.at(
          "input '" + input + "'", "is %s; only reals are normalised", value.type());
    }
    int count = Math.max(mean.size(), std.size());
    Shape shape = value.type().shape();
    if (count > 1 && !(shape.ranked() && shape.rank() > 1 && shape.dim(1).is(count))) {
      throw InputException.at(
          "input '" + input + "'", "is %s; %d channels are normalised", value.type(), count);
    }
    float[] factors = new float[count];
    float[] summands = new float[count];
    for (int i = 0; i < count; i++) {
      double deviation = std.get(std.size() == 1 ? 0 : i);
      factors[i] = (float) (scale / deviation);
      summands[i] = (float) (-mean.get(mean.size() == 1 ? 0 : i) / deviation);
    }
    return before(graph, value, factors, summands);
  }

  private static Graph before(Graph graph, Value input, float[] factors, float[] summands) {
    Set<String> taken = new HashSet<>(graph.constants().keySet());
    graph.inputs().forEach(i -> taken.add(i.name()));
    graph
        .nodes()
        .forEach(n -> {
          taken.add(n.name());
          taken.addAll(n.out());
        });
    List<Long> dims = new ArrayList<>();
    if (factors.length > 1) {
      for (int axis = 0; axis < input.type().shape().rank(); axis++) {
        dims.add(axis == 1 ? (long) factors.length : 1L);
      }
    }
    var builder = graph.toBuilder();
    List<Node> first = new ArrayList<>();
    String at = input.name();
    at =
        step(
            builder,
            first,
            taken,
            input,
            at,
            "scaled",
            Elementwise.Binary.Function.MUL,
            dims,
            factors,
            1);
    at =
        step(
            builder,
            first,
            taken,
            input,
            at,
            "shifted",
            Elementwise.Binary.Function.ADD,
            dims,
            summands,
            0);
    String prepared = at;
    return builder
        .nodes(all -> {
          List<Node> nodes = new ArrayList<>(first);
          all.forEach(node -> nodes.add(reading(node, input.name(), prepared)));
          return nodes;
        })
        .build();
  }

  private static String step(
      Graph.Builder builder,
      List<Node> nodes,
      Set<String> taken,
      Value input,
      String operand,
      String what,
      Elementwise.Binary.Function function,
      List<Long> dims,
      float[] values,
      float nothing) {
    boolean idle = true;
    for (float value : values) {
      idle &= value == nothing;
    }
    if (idle) {
      return operand;
    }
    String constant = fresh(taken, input.name() + "." + what + ".by");
    String result = fresh(taken, input.name() + "." + what);
    Tensor tensor = Tensor.ofFloats(dims, values);
    builder.constant(constant, typed(tensor, input.type()));
    nodes.add(Node.of(new Elementwise.Binary(function), List.of(operand, constant), result));
    return result;
  }

  private static Tensor typed(Tensor tensor, TensorType type) {
    if (type.dtype() == tensor.dtype()) {
      return tensor;
    }
    float[] values = tensor.floats();
    short[] halves = new short[values.length];
    for (int i = 0; i < values.length; i++) {
      halves[i] = Float.floatToFloat16(values[i]);
    }
    byte[] bytes = new byte[2 * halves.length];
    java.nio.ByteBuffer.wrap(bytes)
        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
        .asShortBuffer()
        .put(halves);
    return Tensor.dense(type.dtype(), tensor.dims(), Storage.of(bytes));
  }

  private static String fresh(Set<String> taken, String hint) {
    String name = hint;
    for (int i = 1; !taken.add(name); i++) {
      name = hint + "." + i;
    }
    return name;
  }

  private static Node reading(Node node, String input, String prepared) {
    if (node.op() instanceof Opaque opaque && opaque.captures().contains(input)) {
      throw InputException.at(
          "input '" + input + "'",
          "is read inside of node '%s', which is not understood; it cannot be normalised",
          node.name());
    }
    return new Node(
        node.name(),
        node.op(),
        node.in().stream().map(in -> in.equals(input) ? prepared : in).toList(),
        node.out());
  }

  /// The same with another part.
  public Normalisation with(
      Optional<Double> factor, Optional<List<Double>> means, Optional<List<Double>> deviations) {
    return new Normalisation(factor.orElse(scale), means.orElse(mean), deviations.orElse(std));
  }
}
