package dev.inward.coreml;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.Expression;
import dev.inward.graph.Node;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import java.util.stream.Stream;

/// A node while it is written: its operands as values of the program, its results to be made.
final class Site {
  final Node node;
  final Lowering lowering;
  final Body body;

  /// What the node computes its reals in.
  final MilType real;

  private final NarrowValues narrow;

  Site(Node node, Lowering lowering, MilType real) {
    this.node = node;
    this.lowering = lowering;
    this.body = lowering.body;
    this.real = real;
    this.narrow = new NarrowValues(this);
  }

  Target target() {
    return body.target;
  }

  /// For what is written out with all its extents.
  ///
  /// @throws ArithmeticException where one is known only when the model runs
  void requireExtents() {
    boolean known =
        Stream.concat(node.in().stream(), node.out().stream())
            .filter(v -> !v.isEmpty())
            .allMatch(v -> Mil.isKnown(lowering.dims(v)));
    if (!known) {
      throw new ArithmeticException("an extent is not known");
    }
  }

  boolean has(int operand) {
    return node.has(operand);
  }

  /// An operand; reals in the type that the node computes in, whole numbers as they are.
  Mil.Var x(int operand) {
    return narrow.widened(lowering.value(node.operand(operand), real));
  }

  /// The extents of an operand.
  List<Long> dims(int operand) {
    return lowering.dims(node.operand(operand));
  }

  /// The extents of a result.
  List<Long> resultDims(int result) {
    return lowering.dims(node.out().get(result));
  }

  List<Long> resultDims() {
    return resultDims(0);
  }

  int rank(int operand) {
    return dims(operand).size();
  }

  /// An axis of an operand, counted from the front.
  int axis(long axis, int operand) {
    return (int) (axis < 0 ? axis + rank(operand) : axis);
  }

  List<Long> axes(List<Long> axes, int operand) {
    return axes.stream().map(a -> (long) axis(a, operand)).sorted().toList();
  }

  Optional<Tensor> constant(int operand) {
    return lowering.graph.constant(node.operand(operand));
  }

  /// The whole numbers of an operand that must be known.
  List<Long> longs(int operand, String what) {
    var constant = constant(operand);
    if (constant.isPresent()) {
      return LongStream.of(constant.get().longs()).boxed().toList();
    }
    return lowering
        .graph
        .contents(node.operand(operand))
        .filter(all -> all.stream().allMatch(e -> e.constant().isPresent()))
        .map(all -> all.stream().map(e -> e.constant().orElseThrow()).toList())
        .orElseThrow(() ->
            refused("its %s is computed when the model runs", what)
                .hint("bind the shapes of the inputs with --shape, so that it becomes a constant"));
  }

  /// The whole numbers of an operand, which follow from the extents of the inputs.
  List<Expression> expressions(int operand, String what) {
    return lowering
        .graph
        .contents(node.operand(operand))
        .orElseThrow(() -> refused("its %s is computed when the model runs", what));
  }

  /// The reals of an operand that must be constant.
  float[] floats(int operand, String what) {
    return constant(operand)
        .map(Tensor::floats)
        .orElseThrow(() -> refused("its %s is computed when the model runs", what));
  }

  float number(int operand, String what) {
    return floats(operand, what)[0];
  }

  /// A tensor made from a constant, in the type that the node computes in.
  Mil.Var tensor(String hint, Tensor tensor) {
    return lowering.weights.tensor(node.name() + "_" + hint, tensor, real, where());
  }

  /// A real constant of the node, broadcast by whoever reads it.
  Mil.Var scalar(String hint, double value) {
    return body.constant(
        node.name() + "_" + hint, Constants.floats(real, List.of(), (float) value));
  }

  Mil.Var whole(String hint, long value) {
    return body.constant(node.name() + "_" + hint, Constants.scalar(value));
  }

  /// An op on the way to the result.
  Body.Call step(String type, String hint) {
    return body.call(type, node.name() + "_" + hint);
  }

  /// The op that makes the result; it ends with [#done].
  Body.Call op(String type) {
    return body.call(type, node.result());
  }

  /// Ends the op with the only result of the node, in the type that it computes in.
  void done(Body.Call call) {
    if (narrow.through(resultType())) {
      alias(call.gives(MilType.INT32, resultDims()));
      return;
    }
    Mil.Var out = lowering.resultVar(node.result(), real);
    lowering.define(node.result(), call.as(out));
  }

  /// A result is this value.
  void define(int result, Mil.Var value) {
    String name = node.out().get(result);
    lowering.alias(name, narrow.back(value, lowering.milType(name, real)), real);
  }

  /// Ends the op with all its results, those that nobody reads included: these get the types given.
  void doneAll(Body.Call call, List<MilType> types, List<List<Long>> dims) {
    List<Mil.Var> results = new ArrayList<>();
    for (int i = 0; i < types.size(); i++) {
      boolean read = i < node.out().size() && !node.out().get(i).isEmpty();
      boolean named = read && !narrow.through(lowering.milType(node.out().get(i), real));
      results.add(
          named
              ? lowering.resultVar(node.out().get(i), real)
              : new Mil.Var(body.names.fresh(node.name() + "_unread"), types.get(i), dims.get(i)));
    }
    call.as(results);
    for (int i = 0; i < node.out().size(); i++) {
      if (!node.out().get(i).isEmpty()) {
        lowering.define(
            node.out().get(i),
            narrow.back(results.get(i), lowering.milType(node.out().get(i), real)));
      }
    }
  }

  /// The result is a value that is there already.
  void alias(Mil.Var value) {
    define(0, value);
  }

  /// The type of the first result in the program.
  MilType resultType() {
    return lowering.milType(node.result(), real);
  }

  Mil.Var cast(Mil.Var value, MilType to, String hint) {
    return value.type() == to
        ? value
        : step("cast", hint).in("x", value).text("dtype", to.text()).gives(to, value.dims());
  }

  /// `unary(x)` or `binary(x, y)` on the way to the result.
  Mil.Var apply(String type, String hint, Mil.Var x) {
    return step(type, hint).in("x", x).gives(x.type(), x.dims());
  }

  Mil.Var apply(String type, String hint, Mil.Var x, Mil.Var y) {
    return step(type, hint).in("x", x).in("y", y).gives(x.type(), broadcast(x.dims(), y.dims()));
  }

  Mil.Var compare(String type, String hint, Mil.Var x, Mil.Var y) {
    return step(type, hint)
        .in("x", x)
        .in("y", y)
        .gives(MilType.BOOL, broadcast(x.dims(), y.dims()));
  }

  Mil.Var select(String hint, Mil.Var condition, Mil.Var a, Mil.Var b) {
    return step("select", hint)
        .in("cond", condition)
        .in("a", a)
        .in("b", b)
        .gives(a.type(), broadcast(condition.dims(), broadcast(a.dims(), b.dims())));
  }

  Mil.Var reshape(String hint, Mil.Var x, List<Long> dims) {
    if (!Mil.isKnown(dims)) {
      throw new ArithmeticException("an extent is not known");
    }
    return x.dims().equals(dims)
        ? x
        : step("reshape", hint).in("x", x).ints("shape", dims).gives(x.type(), dims);
  }

  /// Repeated to the given extents.
  Mil.Var spread(String hint, Mil.Var x, List<Long> dims) {
    if (x.dims().equals(dims)) {
      return x;
    }
    List<Long> full = new ArrayList<>(Collections.nCopies(dims.size() - x.rank(), 1L));
    full.addAll(x.dims());
    Mil.Var raised =
        full.equals(x.dims())
            ? x
            : step("expand_dims", hint)
                .in("x", x)
                .ints("axes", LongStream.range(0, dims.size() - x.rank()).boxed().toList())
                .gives(x.type(), full);
    List<Long> repeats = new ArrayList<>();
    for (int i = 0; i < dims.size(); i++) {
      repeats.add(dims.get(i) / full.get(i));
    }
    return step("tile", hint).in("x", raised).ints("reps", repeats).gives(x.type(), dims);
  }

  static List<Long> broadcast(List<Long> a, List<Long> b) {
    List<Long> out = new ArrayList<>();
    int rank = Math.max(a.size(), b.size());
    for (int i = 0; i < rank; i++) {
      int x = i - rank + a.size();
      int y = i - rank + b.size();
      long left = x < 0 ? 1 : a.get(x);
      long right = y < 0 ? 1 : b.get(y);
      out.add(left == 1 || Mil.isUnknown(left) && right > 1 ? right : left);
    }
    return List.copyOf(out);
  }

  String where() {
    return "node '" + node.name() + "'";
  }

  /// `node 'p': [Resize] for iOS 16: ..`.
  UnsupportedException refused(String format, Object... args) {
    return UnsupportedException.at(
        where(),
        "[%s] cannot be written for %s: %s",
        node.op().name(),
        target().title(),
        format.formatted(args));
  }

  /// Asks for a later target.
  ///
  /// @throws NeedsTarget where that of the program is too old
  void needs(Target least, String what) {
    if (!target().atLeast(least)) {
      throw new NeedsTarget(
          least,
          refused("%s exists from %s on", what, least.title())
              .hint("write for target %s", least.title()));
    }
  }
}
