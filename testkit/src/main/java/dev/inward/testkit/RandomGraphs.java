package dev.inward.testkit;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Elementwise.Unary;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Normalization;
import dev.inward.graph.Op;
import dev.inward.graph.Product;
import dev.inward.graph.Reduction;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Small valid graphs of static shapes with what passes must cope with: constants and nodes on
/// constants, shape subgraphs, repeated and useless nodes, values with several readers, outputs
/// that are read inside.
public final class RandomGraphs {
  private static final List<Unary.Function> UNARY =
      List.of(
          Unary.Function.RELU,
          Unary.Function.IDENTITY,
          Unary.Function.SIGMOID,
          Unary.Function.TANH,
          Unary.Function.NEG,
          Unary.Function.ABS,
          Unary.Function.HARD_SWISH,
          Unary.Function.ERF);
  private static final List<Binary.Function> BINARY =
      List.of(Binary.Function.ADD, Binary.Function.SUB, Binary.Function.MUL);

  private final Chance chance;
  private final List<String> floats = new ArrayList<>();
  private Graph graph;
  private int names;

  private RandomGraphs(Chance chance) {
    this.chance = chance;
    var builder = Graph.builder("random");
    int inputs = chance.between(1, 2);
    for (int i = 0; i < inputs; i++) {
      List<Long> dims = chance.dims(chance.between(1, 4), 4);
      builder.input("x" + i, new TensorType(DataType.FLOAT32, Shape.ofKnown(dims)));
      floats.add("x" + i);
    }
    graph = builder.build();
  }

  /// A graph of about so many nodes, float32 inputs and one to three outputs.
  public static Graph of(Chance chance, int nodes) {
    var made = new RandomGraphs(chance);
    while (made.graph.nodes().size() < nodes) {
      made.grow();
    }
    var outputs = new ArrayList<String>();
    outputs.add(made.graph.nodes().getLast().result());
    for (int i = chance.between(0, 2); i > 0; i--) {
      String other = chance.pick(made.graph.nodes()).result();
      if (!outputs.contains(other)) {
        outputs.add(other);
      }
    }
    return made.graph.withOutputs(outputs);
  }

  private String name() {
    return "v" + names++;
  }

  private String constant(Tensor tensor) {
    String name = name();
    graph = graph.toBuilder().constant(name, tensor).build();
    return name;
  }

  private String node(Op op, String... in) {
    String name = name();
    graph = graph.toBuilder().node(op, List.of(in), name).build();
    return name;
  }

  private List<Long> dims(String value) {
    return LongStream.of(graph.shape(value).sizes()).boxed().toList();
  }

  private void grow() {
    String x = chance.pick(floats);
    List<Long> dims = dims(x);
    int rank = dims.size();
    String made =
        switch (chance.between(0, 13)) {
          case 0, 1 -> node(new Unary(chance.pick(UNARY)), x);
          case 2, 3 -> node(new Binary(chance.pick(BINARY)), x, operand(dims));
          case 4 -> {
            // The same node twice.
            var op = new Unary(chance.pick(UNARY));
            yield node(new Binary(Binary.Function.ADD), node(op, x), node(op, x));
          }
          case 5 -> onConstants();
          case 6 -> flattened(x);
          case 7 -> node(new Movement.Transpose(permutation(rank)), x);
          case 8 -> rank == 0 ? x : sliced(x, rank);
          case 9 -> rank == 0 ? x : node(new Movement.Concat(chance.between(-rank, rank - 1)), x);
          case 10 -> rank == 0 ? x : node(new Normalization.Softmax(-1), x);
          case 11 ->
              rank == 0
                  ? x
                  : node(
                      new Reduction.Reduce(
                          chance.flip()
                              ? Reduction.Reduce.Function.MEAN
                              : Reduction.Reduce.Function.MAX,
                          List.of((long) chance.between(-rank, rank - 1)),
                          /* keepDims= */ true),
                      x);
          case 12 -> {
            if (rank < 2) {
              yield node(new Elementwise.Cast(DataType.FLOAT32), x);
            }
            List<Long> weight = List.of(dims.getLast(), (long) chance.between(1, 4));
            yield node(new Product.MatMul(), x, constant(chance.floats(weight)));
          }
          default -> node(new Elementwise.Gelu(chance.flip()), x);
        };
    floats.add(made);
  }

  /// A value of the same shape, or a constant that broadcasts to it.
  private String operand(List<Long> dims) {
    var alike = floats.stream().filter(v -> dims(v).equals(dims)).toList();
    if (chance.flip()) {
      return chance.pick(alike);
    }
    List<Long> some = dims.stream().map(d -> chance.flip() ? d : 1L).toList();
    return constant(chance.floats(some.subList(chance.between(0, some.size()), some.size())));
  }

  private String onConstants() {
    List<Long> dims = chance.dims(chance.between(0, 3), 4);
    String a = constant(chance.floats(dims));
    String b = chance.flip() ? a : constant(chance.floats(dims));
    return node(new Binary(chance.pick(BINARY)), a, b);
  }

  /// To a vector, by a constant or by a subgraph on the shape.
  private String flattened(String x) {
    boolean scalar = graph.shape(x).rank() == 0;
    if (chance.flip() || scalar) {
      return node(new Movement.Reshape(false), x, constant(Tensor.vector(-1)));
    }
    String shape = node(new Movement.ShapeOf(0, OptionalLong.empty()), x);
    String size =
        node(
            new Reduction.Reduce(Reduction.Reduce.Function.PROD, List.of(0L), /* keepDims= */ true),
            shape);
    return node(new Movement.Reshape(false), x, size);
  }

  private List<Long> permutation(int rank) {
    var axes = new ArrayList<>(IntStream.range(0, rank).mapToObj(a -> (long) a).toList());
    for (int i = rank - 1; i > 0; i--) {
      java.util.Collections.swap(axes, i, chance.between(0, i));
    }
    return axes;
  }

  private String sliced(String x, int rank) {
    int axis = chance.between(0, rank - 1);
    long end = chance.flip() ? Long.MAX_VALUE : 1;
    return node(
        new Movement.Slice(),
        x,
        constant(Tensor.vector(0)),
        constant(Tensor.vector(end)),
        constant(Tensor.vector(axis)));
  }
}
