package dev.inward.coreml;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Set;

/// The ops of a program while it is built.
final class Body {
  final Target target;
  final Names names;
  private final List<Mil.Operation> operations = new ArrayList<>();

  Body(Target target, Names names) {
    this.target = target;
    this.names = names;
  }

  /// The ops in order, without those that nothing needs: what computed a shape, which is fixed, and
  /// constants of which another form was taken.
  ///
  /// @param outputs names of the results of the whole
  List<Mil.Operation> operations(List<String> outputs) {
    Set<String> needed = new HashSet<>(outputs);
    List<Mil.Operation> live = new ArrayList<>();
    for (Mil.Operation operation : operations.reversed()) {
      if (operation.outputs().stream().anyMatch(o -> needed.contains(o.name()))) {
        live.add(operation);
        operation.inputs().values().stream()
            .flatMap(List::stream)
            .forEach(binding -> {
              if (binding instanceof Mil.Binding.Name(var name)) {
                needed.add(name);
              }
            });
      }
    }
    return List.copyOf(live.reversed());
  }

  /// Whether a value is the only result of the last op.
  boolean endsWith(Mil.Var value) {
    return !operations.isEmpty()
        && operations.getLast().outputs().equals(List.of(value))
        && !operations.getLast().type().equals("const");
  }

  /// The result of the last op under another name.
  Mil.Var renamed(Mil.Var wanted) {
    Mil.Operation last = operations.removeLast();
    operations.add(
        new Mil.Operation(
            last.type(), wanted.name(), last.inputs(), last.attributes(), List.of(wanted)));
    return wanted;
  }

  /// How many ops there are so far.
  int size() {
    return operations.size();
  }

  /// The ops behind the first `made`, in order.
  List<Mil.Operation> from(int made) {
    return List.copyOf(operations.subList(made, operations.size()));
  }

  /// A constant under a name close to `hint`.
  Mil.Var constant(String hint, Mil.Value value) {
    var out = new Mil.Var(names.fresh(hint), value.type(), value.dims());
    var attributes = new LinkedHashMap<String, Mil.Value>();
    attributes.put("val", value);
    operations.add(
        new Mil.Operation("const", out.name(), new LinkedHashMap<>(), attributes, List.of(out)));
    return out;
  }

  Call call(String type, String hint) {
    return new Call(type, hint);
  }

  /// An op that is being put together. Parameters appear in the order of the calls; constants get
  /// names after the op and the parameter.
  final class Call {
    private final String type;
    private final String hint;
    private final LinkedHashMap<String, List<Mil.Binding>> inputs = new LinkedHashMap<>();
    private final LinkedHashMap<String, Mil.Value> attributes = new LinkedHashMap<>();

    private Call(String type, String hint) {
      this.type = type;
      this.hint = hint;
    }

    Call in(String parameter, Mil.Var value) {
      inputs.put(parameter, List.of(new Mil.Binding.Name(value.name())));
      return this;
    }

    Call in(String parameter, List<Mil.Var> values) {
      inputs.put(
          parameter,
          values.stream().<Mil.Binding>map(v -> new Mil.Binding.Name(v.name())).toList());
      return this;
    }

    /// A constant through an op of its own, as all ops but `constexpr_*` take it.
    Call in(String parameter, Mil.Value value) {
      return in(parameter, constant(hint + "_" + parameter, value));
    }

    Call ints(String parameter, List<Long> values) {
      return in(parameter, Constants.ints(values));
    }

    Call ints(String parameter, long... values) {
      return ints(parameter, java.util.Arrays.stream(values).boxed().toList());
    }

    Call integer(String parameter, long value) {
      return in(parameter, Constants.scalar(value));
    }

    Call flag(String parameter, boolean value) {
      return in(parameter, Constants.scalar(value));
    }

    Call text(String parameter, String value) {
      return in(parameter, Mil.Value.text(value));
    }

    Call number(String parameter, MilType type, double value) {
      return in(parameter, Constants.floats(type, List.of(), (float) value));
    }

    /// A constant that stands in the op itself.
    Call literal(String parameter, Mil.Value value) {
      inputs.put(parameter, List.of(new Mil.Binding.Literal(value)));
      return this;
    }

    Call attribute(String parameter, Mil.Value value) {
      attributes.put(parameter, value);
      return this;
    }

    /// Ends the op with one result of a fresh name.
    Mil.Var gives(MilType element, List<Long> dims) {
      return as(new Mil.Var(names.fresh(hint), element, dims));
    }

    /// Ends the op with one result.
    Mil.Var as(Mil.Var result) {
      as(List.of(result));
      return result;
    }

    void as(List<Mil.Var> results) {
      operations.add(
          new Mil.Operation(type, results.getFirst().name(), inputs, attributes, results));
    }
  }
}
