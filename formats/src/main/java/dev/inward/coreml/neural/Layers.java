package dev.inward.coreml.neural;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.LongStream;

/// The graph while layers are added to it. Every value is typed when it is made, since what a layer
/// means depends on the rank of its input.
///
/// Blobs of five axes `[sequence, batch, C, H, W]` are values `[sequence, C, H, W]`: an app gives
/// one sample.
final class Layers {
  final Graph.Builder graph;

  /// Whether every blob has the axes of a blob, whatever the interface says.
  final boolean blobs;

  private final Map<String, String> current = new LinkedHashMap<>();
  private final Map<String, TensorType> types = new HashMap<>();
  private final Map<String, Tensor> constants = new HashMap<>();
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Set<String> taken = new HashSet<>();

  Layers(String name, boolean blobs, List<String> reserved) {
    this.graph = Graph.builder(name);
    this.blobs = blobs;
    taken.addAll(reserved);
  }

  String fresh(String hint) {
    String name = hint;
    while (!taken.add(name)) {
      name = hint + "." + numbers.merge(hint, 1, Integer::sum);
    }
    return name;
  }

  /// The value that a layer calls by that name.
  String value(String blob) {
    String value = current.get(blob);
    if (value == null) {
      throw InputException.of("nothing before it makes '%s'", blob);
    }
    return value;
  }

  /// From here on the name stands for the value.
  void define(String blob, String value) {
    current.put(blob, value);
  }

  void input(String name, TensorType type) {
    graph.input(name, type);
    types.put(name, type);
    taken.add(name);
  }

  TensorType type(String value) {
    var type = types.get(value);
    if (type == null) {
      throw InputException.of("the type of '%s' is not known", value);
    }
    return type;
  }

  List<Long> dims(String value) {
    return LongStream.of(type(value).shape().sizes()).boxed().toList();
  }

  int rank(String value) {
    return type(value).shape().rank();
  }

  long dim(String value, int axis) {
    List<Long> dims = dims(value);
    return dims.get(axis < 0 ? axis + dims.size() : axis);
  }

  String constant(String hint, Tensor tensor) {
    String name = fresh(hint);
    graph.constant(name, tensor);
    constants.put(name, tensor);
    types.put(name, tensor.type());
    return name;
  }

  String scalar(double value) {
    return constant("number", Tensor.scalar((float) value));
  }

  /// A node with one result.
  String node(String hint, Op op, String... in) {
    return nodes(hint, op, 1, List.of(in)).getFirst();
  }

  List<String> nodes(String hint, Op op, int results, List<String> in) {
    List<String> out = new ArrayList<>();
    for (int i = 0; i < results; i++) {
      out.add(fresh(hint));
    }
    Node node = new Node(out.getFirst(), op, in, out);
    var alone = Graph.builder("one");
    for (String operand : new HashSet<>(in)) {
      if (operand.isEmpty()) {
        continue;
      }
      Tensor constant = constants.get(operand);
      if (constant == null) {
        alone.input(operand, type(operand));
      } else {
        alone.constant(operand, constant);
      }
    }
    out.forEach(alone::output);
    Graph typed = alone.node(node).build();
    for (String result : out) {
      TensorType type = typed.typeOf(result);
      if (!type.shape().isStatic()) {
        throw UnsupportedException.of("the shape of its result depends on the data");
      }
      types.put(result, type);
    }
    graph.node(node);
    return out;
  }

  String reshape(String hint, String x, List<Long> dims) {
    if (dims(x).equals(dims)) {
      return x;
    }
    long count = dims.stream().reduce(1L, Math::multiplyExact);
    if (count != type(x).shape().elements().orElse(-1)) {
      throw InputException.of("reshapes %s to %s", dims(x), dims);
    }
    return node(hint, new Movement.Reshape(false), x, vector(dims));
  }

  String vector(List<Long> numbers) {
    return constant(
        "numbers", Tensor.vector(numbers.stream().mapToLong(Long::longValue).toArray()));
  }

  String transpose(String hint, String x, Long... permutation) {
    return node(hint, new Movement.Transpose(List.of(permutation)), x);
  }

  String binary(String hint, Elementwise.Binary.Function function, String x, String y) {
    return node(hint, new Elementwise.Binary(function), x, y);
  }

  String unary(String hint, Elementwise.Unary.Function function, String x) {
    return node(hint, new Elementwise.Unary(function), x);
  }

  String plus(String hint, String x, double number) {
    return number == 0 ? x : binary(hint, Elementwise.Binary.Function.ADD, x, scalar(number));
  }

  String times(String hint, String x, double number) {
    return number == 1 ? x : binary(hint, Elementwise.Binary.Function.MUL, x, scalar(number));
  }

  /// An axis of a layer as one of the value, counted from the front.
  int axis(long given, String x) {
    int rank = rank(x);
    long axis = given;
    if (blobs) {
      axis = given < 0 ? given + 5 : given;
      if (axis == 1 || rank != 4) {
        throw UnsupportedException.of("it works along the batch of a blob");
      }
      axis = axis > 1 ? axis - 1 : axis;
    } else if (axis < 0) {
      axis += rank;
    }
    if (axis < 0 || axis >= rank) {
      throw InputException.of("axis %d is out of range for %d axes", given, rank);
    }
    return (int) axis;
  }
}
