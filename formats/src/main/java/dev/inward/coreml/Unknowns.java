package dev.inward.coreml;

import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Expression;
import dev.inward.graph.Shape;
import dev.inward.graph.Value;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Extents that are known only when the program runs, and the ops that compute with them.
final class Unknowns {
  private final Lowering lowering;
  private final Map<String, Integer> ids = new HashMap<>();

  /// `[1]` of int32, by the extent.
  private final Map<Expression, Mil.Var> computed = new HashMap<>();

  /// The shapes of values, by their names in the program.
  private final Map<String, Mil.Var> shapes = new HashMap<>();

  /// Where an extent is to be read off: the first value that has it, and the axis.
  private final Map<String, Place> places = new LinkedHashMap<>();

  private record Place(Mil.Var value, int axis) {}

  Unknowns(Lowering lowering) {
    this.lowering = lowering;
  }

  List<Long> dims(Shape shape) {
    return shape.dims().stream()
        .map(dim ->
            switch (dim) {
              case Dim.Known(var size) -> size;
              case Dim.Symbol(var name) -> {
                Integer next = ids.size();
                Integer known = ids.putIfAbsent(name, next);
                yield Mil.unknown(known == null ? next : known);
              }
            })
        .toList();
  }

  /// A value of the program, from which its extents can be read.
  void offer(String value, Mil.Var made) {
    List<Dim> dims = lowering.graph.shape(value).dims();
    for (int axis = 0; axis < dims.size() && dims.size() == made.rank(); axis++) {
      if (dims.get(axis) instanceof Dim.Symbol(var name)) {
        places.putIfAbsent(name, new Place(made, axis));
      }
    }
  }

  /// The elements of a value of whole numbers that is computed from extents, where one of them is
  /// known only when the program runs.
  Optional<List<Expression>> contents(String value) {
    return lowering
        .graph
        .type(value)
        .filter(t -> t.dtype() == DataType.INT64 || t.dtype() == DataType.INT32)
        .flatMap(_ -> lowering.graph.contents(value))
        .filter(all -> all.stream().anyMatch(e -> e.constant().isEmpty()))
        .filter(all -> all.stream().allMatch(this::isComputable));
  }

  private boolean isComputable(Expression expression) {
    return expression.terms().stream()
        .flatMap(t -> t.symbols().stream())
        .allMatch(this::isReadable);
  }

  private boolean isReadable(String symbol) {
    return places.containsKey(symbol)
        || lowering.graph.inputs().stream()
            .anyMatch(i -> i.type().shape().dims().contains(Dim.of(symbol)))
        || Expression.quotient(symbol).filter(q -> isComputable(q.dividend())).isPresent()
        || Expression.extreme(symbol)
            .filter(e -> isComputable(e.a()) && isComputable(e.b()))
            .isPresent();
  }

  /// A value that [#contents] knows.
  Mil.Var value(String name, MilType wanted) {
    List<Expression> elements = contents(name).orElseThrow();
    Mil.Var vector = vector(name, elements);
    if (lowering.dims(name).isEmpty()) {
      vector =
          lowering
              .body
              .call("squeeze", name + "_scalar")
              .in("x", vector)
              .ints("axes", 0)
              .gives(MilType.INT32, List.of());
    }
    return vector.type() == wanted ? vector : lowering.cast(vector, wanted, name);
  }

  /// The extents of a shape as a vector of int32.
  Mil.Var vector(String hint, Shape shape) {
    return vector(hint, shape.dims().stream().map(Expression::of).toList());
  }

  /// The numbers as a vector of int32.
  Mil.Var vector(String hint, List<Expression> elements) {
    List<Mil.Var> parts = new ArrayList<>();
    List<Long> numbers = new ArrayList<>();
    for (Expression element : elements) {
      if (element.constant().isPresent()) {
        numbers.add(element.constant().getAsLong());
      } else {
        flush(hint, numbers, parts);
        parts.add(one(element));
      }
    }
    flush(hint, numbers, parts);
    return parts.size() == 1
        ? parts.getFirst()
        : lowering
            .body
            .call("concat", hint)
            .in("values", parts)
            .integer("axis", 0)
            .flag("interleave", false)
            .gives(MilType.INT32, List.of((long) elements.size()));
  }

  private void flush(String hint, List<Long> numbers, List<Mil.Var> parts) {
    if (!numbers.isEmpty()) {
      parts.add(lowering.body.constant(hint + "_fixed", Constants.ints(numbers)));
      numbers.clear();
    }
  }

  private Mil.Var one(Expression expression) {
    Mil.Var known = computed.get(expression);
    if (known != null) {
      return known;
    }
    Mil.Var sum = null;
    for (Expression.Term term : expression.terms()) {
      Mil.Var product = null;
      for (String symbol : term.symbols()) {
        product = product == null ? symbol(symbol) : apply("mul", product, symbol(symbol));
      }
      if (product == null) {
        product = number(term.times());
      } else if (term.times() != 1) {
        product = apply("mul", product, number(term.times()));
      }
      sum = sum == null ? product : apply("add", sum, product);
    }
    Mil.Var made = sum == null ? number(0) : sum;
    computed.put(expression, made);
    return made;
  }

  private Mil.Var symbol(String name) {
    var input = input(name).or(() -> Optional.ofNullable(places.get(name)));
    if (input.isPresent()) {
      Mil.Var whole = input.get().value();
      Mil.Var shape =
          shapes.computeIfAbsent(
              whole.name(),
              _ ->
                  lowering
                      .body
                      .call("shape", whole.name() + "_shape")
                      .in("x", whole)
                      .gives(MilType.INT32, List.of((long) whole.rank())));
      return lowering
          .body
          .call("slice_by_size", "extent_" + name)
          .in("x", shape)
          .ints("begin", input.get().axis())
          .ints("size", 1)
          .gives(MilType.INT32, List.of(1L));
    }
    var extreme = Expression.extreme(name);
    if (extreme.isPresent()) {
      return apply(
          extreme.get().least() ? "minimum" : "maximum",
          one(extreme.get().a()),
          one(extreme.get().b()));
    }
    var quotient =
        Expression.quotient(name)
            .orElseThrow(() ->
                UnsupportedException.at(
                        "extent '" + name + "'", "it cannot be computed from the inputs' shapes")
                    .hint("bind the shapes of the inputs to numbers with --shape"));
    return apply("floor_div", one(quotient.dividend()), number(quotient.divisor()));
  }

  private Optional<Place> input(String name) {
    for (Value input : lowering.graph.inputs()) {
      int axis = input.type().shape().dims().indexOf(Dim.of(name));
      if (axis >= 0 && lowering.isMade(input.name())) {
        return Optional.of(new Place(lowering.made(input.name()), axis));
      }
    }
    return Optional.empty();
  }

  private Mil.Var apply(String type, Mil.Var x, Mil.Var y) {
    return lowering
        .body
        .call(type, "extent_" + type)
        .in("x", x)
        .in("y", y)
        .gives(MilType.INT32, List.of(1L));
  }

  private Mil.Var number(long value) {
    return lowering.body.constant("extent_number", Constants.ints(List.of(value)));
  }
}
