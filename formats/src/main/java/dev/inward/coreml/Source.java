package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Op;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/// An op of a program while it is read: its parameters, and the nodes that are made of it.
///
/// Parameters that nobody asked for are an error at the end, so that no meaning is lost silently.
final class Source {
  final Mil.Operation operation;
  private final Raising raising;
  private final Set<String> asked = new HashSet<>();

  Source(Mil.Operation operation, Raising raising) {
    this.operation = operation;
    this.raising = raising;
  }

  String type() {
    return operation.type();
  }

  boolean has(String parameter) {
    return operation.inputs().containsKey(parameter)
        || operation.attributes().containsKey(parameter);
  }

  /// The parameters that have not been asked for.
  Set<String> unread() {
    var rest = new HashSet<>(operation.inputs().keySet());
    rest.addAll(operation.attributes().keySet());
    rest.removeAll(asked);
    return rest;
  }

  private List<Mil.Binding> bindings(String parameter) {
    asked.add(parameter);
    var bindings = operation.inputs().get(parameter);
    if (bindings == null || bindings.isEmpty()) {
      throw InputException.at(where(), "the parameter '%s' is missing", parameter);
    }
    return bindings;
  }

  private Mil.Binding binding(String parameter) {
    var bindings = bindings(parameter);
    if (bindings.size() != 1) {
      throw InputException.at(
          where(), "the parameter '%s' has %d values, expected 1", parameter, bindings.size());
    }
    return bindings.getFirst();
  }

  /// What a parameter is bound to, with its type.
  Mil.Var var(String parameter) {
    return raising.var(binding(parameter), where());
  }

  /// The name of a parameter's value in the graph.
  String x(String parameter) {
    return raising.value(binding(parameter), where());
  }

  List<String> xs(String parameter) {
    return bindings(parameter).stream().map(b -> raising.value(b, where())).toList();
  }

  List<Mil.Var> vars(String parameter) {
    return bindings(parameter).stream().map(b -> raising.var(b, where())).toList();
  }

  /// The same, cast where it has another type of reals than the given one: Core ML lets parameters
  /// be of another, ONNX does not.
  String x(String parameter, DataType wanted) {
    String value = x(parameter);
    MilType found = var(parameter).type();
    if (found.graphType().filter(wanted::equals).isPresent()) {
      return value;
    }
    return step(parameter, new Elementwise.Cast(wanted), List.of(value));
  }

  /// Whole numbers as int64, for the operands that ONNX has only so.
  String x64(String parameter) {
    var constant = constant(parameter);
    if (constant.isPresent() && constant.get().dtype().isInteger()) {
      return constant(parameter, Tensor.ofLongs(constant.get().dims(), constant.get().longs()));
    }
    return step(parameter, new Elementwise.Cast(DataType.INT64), List.of(x(parameter)));
  }

  /// The constant that a parameter is bound to, empty where it is computed.
  Optional<Tensor> constant(String parameter) {
    return raising.constant(binding(parameter), where());
  }

  private Optional<Mil.Value> value(String parameter) {
    asked.add(parameter);
    var attribute = operation.attributes().get(parameter);
    if (attribute != null) {
      return Optional.of(attribute);
    }
    return has(parameter)
        ? Optional.of(raising.literal(binding(parameter), where(), parameter))
        : Optional.empty();
  }

  Mil.Value fixed(String parameter) {
    return value(parameter)
        .orElseThrow(() -> InputException.at(where(), "the parameter '%s' is missing", parameter));
  }

  List<Long> longs(String parameter) {
    return LongStream.of(raising.tensor(fixed(parameter), where()).longs()).boxed().toList();
  }

  List<Long> longs(String parameter, List<Long> otherwise) {
    return value(parameter).isPresent() ? longs(parameter) : otherwise;
  }

  long integer(String parameter, long otherwise) {
    return value(parameter).isPresent() ? integer(parameter) : otherwise;
  }

  long integer(String parameter) {
    List<Long> all = longs(parameter);
    if (all.size() != 1) {
      throw InputException.at(
          where(), "the parameter '%s' has %d numbers, expected 1", parameter, all.size());
    }
    return all.getFirst();
  }

  boolean flag(String parameter, boolean otherwise) {
    return integer(parameter, otherwise ? 1 : 0) != 0;
  }

  List<Boolean> flags(String parameter, int count) {
    var none = new ArrayList<Long>();
    for (int i = 0; i < count; i++) {
      none.add(0L);
    }
    return longs(parameter, none).stream().map(v -> v != 0).toList();
  }

  String text(String parameter, String otherwise) {
    return value(parameter).isPresent() ? text(parameter) : otherwise;
  }

  String text(String parameter) {
    if (fixed(parameter).content() instanceof Mil.Content.Text(var texts) && texts.size() == 1) {
      return texts.getFirst();
    }
    throw InputException.at(where(), "the parameter '%s' is no text", parameter);
  }

  float number(String parameter) {
    var tensor = raising.tensor(fixed(parameter), where());
    if (tensor.elements() != 1) {
      throw InputException.at(where(), "the parameter '%s' is no single number", parameter);
    }
    return tensor.floats()[0];
  }

  float number(String parameter, double otherwise) {
    return value(parameter).isPresent() ? number(parameter) : (float) otherwise;
  }

  Mil.Var result() {
    if (operation.outputs().isEmpty()) {
      throw InputException.at(where(), "it has no result");
    }
    return operation.outputs().getFirst();
  }

  /// An axis counted from the front.
  int axis(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw InputException.at(where(), "axis %d is out of range for %d axes", axis, rank);
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /// The type of the graph's elements for a value's.
  DataType real(Mil.Var value) {
    return value
        .type()
        .graphType()
        .orElseThrow(() -> refused("values of type %s", value.type().text()));
  }

  /// The node that makes the results.
  void add(Op op, List<String> in) {
    raising.node(
        operation.name(), op, in, operation.outputs().stream().map(Mil.Var::name).toList());
  }

  void add(Op op, String... in) {
    add(op, List.of(in));
  }

  /// The node that makes two results, the second of which is int64 in the graph and another type of
  /// whole numbers here.
  void pair(Op op, List<String> in, DataType second) {
    String index = raising.fresh(result().name() + ".index");
    raising.node(operation.name(), op, in, List.of(result().name(), index));
    String name = operation.outputs().get(1).name();
    raising.node(name, new Elementwise.Cast(second), List.of(index), List.of(name));
  }

  /// The node that makes one of several results, or none where the op does not state it.
  void result(int index, Op op, List<String> in) {
    if (index < operation.outputs().size()) {
      String name = operation.outputs().get(index).name();
      raising.node(index == 0 ? operation.name() : name, op, in, List.of(name));
    }
  }

  /// A node on the way with several results.
  List<String> steps(String hint, Op op, List<String> in, int results) {
    List<String> out = new ArrayList<>();
    for (int i = 0; i < results; i++) {
      out.add(raising.fresh(result().name() + "." + hint));
    }
    raising.node(out.getFirst(), op, in, out);
    return List.copyOf(out);
  }

  /// A node on the way.
  String step(String hint, Op op, List<String> in) {
    String name = raising.fresh(result().name() + "." + hint);
    raising.node(name, op, in, List.of(name));
    return name;
  }

  String constant(String hint, Tensor tensor) {
    String name = raising.fresh(result().name() + "." + hint);
    raising.constant(name, tensor);
    return name;
  }

  /// A matrix with rows and columns traded; of one whose elements are not asked for, only those.
  Tensor turned(Tensor matrix) {
    return raising.blank && Blank.isLarge(matrix)
        ? matrix.withDims(matrix.dims().reversed())
        : matrix.transposed(List.of(1, 0));
  }

  /// A scalar of reals in the type of a value.
  String scalar(String hint, DataType type, double value) {
    return constant(hint, filled(type, List.of(), (float) value));
  }

  /// A tensor of equal reals.
  static Tensor filled(DataType type, List<Long> dims, float value) {
    float[] all = new float[Math.toIntExact(Mil.elements(dims))];
    java.util.Arrays.fill(all, value);
    return reals(type, dims, all);
  }

  static Tensor reals(DataType type, List<Long> dims, float... values) {
    return Tensor.dense(
        type,
        dims,
        type == DataType.FLOAT16 ? Constants.halves(values) : dev.inward.graph.Storage.of(values));
  }

  /// Whole numbers as int32, for indices that are narrower here.
  String index(String parameter) {
    return var(parameter).type() == MilType.INT32
        ? x(parameter)
        : step(parameter, new Elementwise.Cast(DataType.INT32), List.of(x(parameter)));
  }

  /// A vector of int64.
  String vector(String hint, long... values) {
    return constant(hint, Tensor.vector(values));
  }

  /// `x` under other extents.
  String reshaped(String hint, String x, List<Long> dims) {
    String shape = vector("shape", dims.stream().mapToLong(Long::longValue).toArray());
    return step(hint, new dev.inward.graph.Movement.Reshape(false), List.of(x, shape));
  }

  /// The result of the op under the extents that the file states.
  void reshapedResult(String x) {
    long[] dims = result().dims().stream().mapToLong(Long::longValue).toArray();
    add(new dev.inward.graph.Movement.Reshape(false), x, vector("shape", dims));
  }

  String where() {
    return "op '" + operation.name() + "'";
  }

  UnsupportedException refused(String format, Object... args) {
    return UnsupportedException.at(
        where(), "%s cannot be read: %s", operation.type(), format.formatted(args));
  }
}
