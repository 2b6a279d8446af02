package dev.inward.coreml;

import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;

/// A small graph with what its inputs may be: one case of the round trip.
///
/// @param low smallest element of the inputs
/// @param high largest element
record OpCase(String name, Graph graph, double low, double high, Target least) {
  OpCase from(Target target) {
    return new OpCase(name, graph, low, high, target);
  }

  /// Random inputs of the graph's types, whole numbers rounded.
  Map<String, Tensor> inputs() {
    var random = new Random(name.hashCode());
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (var input : graph.inputs()) {
      List<Long> dims = LongStream.of(input.type().shape().sizes()).boxed().toList();
      inputs.put(input.name(), random(random, input.type().dtype(), dims, low, high));
    }
    return inputs;
  }

  /// Reals are whole multiples of 1/128: float16 holds them too, so that rounding them changes no
  /// comparison.
  static Tensor random(Random random, DataType type, List<Long> dims, double low, double high) {
    int count = (int) dims.stream().mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
    float[] reals = new float[count];
    long[] wholes = new long[count];
    for (int i = 0; i < count; i++) {
      double real = low + (high - low) * random.nextDouble();
      wholes[i] = Math.round(real);
      reals[i] = Math.round(real * 128) / 128f;
    }
    return switch (type) {
      case FLOAT32 -> Tensor.ofFloats(dims, reals);
      case FLOAT16 -> Tensor.dense(type, dims, Constants.halves(reals));
      case INT64 -> Tensor.ofLongs(dims, wholes);
      case INT32 -> Tensor.dense(type, dims, Constants.whole(MilType.INT32, wholes));
      case BOOL -> {
        for (int i = 0; i < count; i++) {
          wholes[i] &= 1;
        }
        yield Tensor.dense(type, dims, Constants.whole(MilType.BOOL, wholes));
      }
      default -> throw new IllegalArgumentException(type.text());
    };
  }

  /// Builds cases of one node (or a few).
  static final class Maker {
    private final String name;
    private final Graph.Builder graph;
    private final Random random;
    private final List<String> in = new ArrayList<>();
    private double low = -3;
    private double high = 3;
    private int next;

    Maker(String name) {
      this.name = name;
      this.graph = Graph.builder(name);
      this.random = new Random(name.hashCode() + 1);
    }

    Maker range(double least, double most) {
      low = least;
      high = most;
      return this;
    }

    Maker x(long... dims) {
      return x(DataType.FLOAT32, dims);
    }

    Maker x(DataType type, long... dims) {
      String value = "x" + next++;
      graph.input(value, TensorType.of(type, dims));
      in.add(value);
      return this;
    }

    /// A random constant.
    Maker w(long... dims) {
      return c(random(random, DataType.FLOAT32, LongStream.of(dims).boxed().toList(), -1, 1));
    }

    Maker positive(long... dims) {
      return c(random(random, DataType.FLOAT32, LongStream.of(dims).boxed().toList(), 0.5, 2));
    }

    Maker c(Tensor tensor) {
      String value = "c" + next++;
      graph.constant(value, tensor);
      in.add(value);
      return this;
    }

    Maker ints(long... values) {
      return c(Tensor.vector(values));
    }

    Maker none() {
      in.add("");
      return this;
    }

    OpCase op(Op op) {
      return op(op, 1);
    }

    OpCase op(Op op, int results) {
      List<String> out = new ArrayList<>();
      for (int i = 0; i < results; i++) {
        out.add("y" + i);
        graph.output("y" + i);
      }
      graph.node(new Node("the_node", op, in, out));
      return new OpCase(name, graph.build(), low, high, Target.IOS15);
    }

    /// Several nodes; the last value is the output.
    OpCase nodes(List<Node> nodes) {
      nodes.forEach(graph::node);
      graph.output(nodes.getLast().result());
      return new OpCase(name, graph.build(), low, high, Target.IOS15);
    }
  }

  static Maker of(String name) {
    return new Maker(name);
  }

  static Tensor codes(DataType type, List<Long> dims, Storage data) {
    return Tensor.dense(type, dims, data);
  }

  @Override
  public String toString() {
    return name;
  }
}
