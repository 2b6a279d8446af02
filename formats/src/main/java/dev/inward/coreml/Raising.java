package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Op;
import dev.inward.graph.Shape;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Makes a graph of a program. Every op becomes one node or a few; constants become constants where
/// a node reads them, and attributes where an op has them as such.
final class Raising {
  private final Mil.Program program;
  private final Graph.Builder graph;
  private final Map<String, Mil.Var> vars = new LinkedHashMap<>();
  private final Map<String, Mil.Value> literals = new HashMap<>();

  /// Constants that are computed when the model is loaded: `constexpr_*`.
  private final Map<String, Tensor> encoded = new HashMap<>();

  /// Masks that come with the values of a sparse constant.
  private final Map<String, Mil.Value> masks = new HashMap<>();

  private final Set<String> inGraph = new HashSet<>();
  private final Set<String> names = new HashSet<>();
  private final Set<String> nodeNames = new HashSet<>();

  /// Whether large constants have extents only.
  final boolean blank;

  private Raising(Mil.Program program, String name, boolean blank) {
    this.program = program;
    this.blank = blank;
    this.graph = Graph.builder(name);
  }

  static Graph graph(Model model, String name) {
    return new Raising(model.program(), name, /* blank= */ false).run(model.metadata());
  }

  /// The same without the elements of large constants.
  static Graph blank(Model model, String name) {
    return new Raising(Blank.of(model).program(), name, /* blank= */ true).run(model.metadata());
  }

  private Graph run(Options.Metadata metadata) {
    for (Mil.Var input : program.inputs()) {
      define(input, "input '" + input.name() + "'");
      graph.input(
          input.name(),
          new TensorType(
              input
                  .type()
                  .graphType()
                  .orElseThrow(() ->
                      UnsupportedException.at(
                          "input '" + input.name() + "'",
                          "inputs of type %s are not read",
                          input.type().text())),
              shape(input)));
      inGraph.add(input.name());
    }
    for (Mil.Operation operation : program.operations()) {
      read(operation);
    }
    for (String output : program.outputs()) {
      value(new Mil.Binding.Name(output), "output '" + output + "'");
      graph.output(output);
    }
    texts(metadata, graph);
    Graph built = graph.build();
    vars.values().forEach(declared -> check(built, declared));
    return built;
  }

  /// An extent that is not known is named after the input and the axis.
  private static Shape shape(Mil.Var value) {
    List<Dim> dims = new ArrayList<>();
    for (long size : value.dims()) {
      dims.add(Mil.isUnknown(size) ? Dim.of(value.name() + "_" + dims.size()) : Dim.of(size));
    }
    return Shape.of(dims);
  }

  /// Texts about the model; empty ones are left out.
  static void texts(Options.Metadata metadata, Graph.Builder graph) {
    Map<String, String> all = new LinkedHashMap<>();
    all.put("author", metadata.author());
    all.put("licence", metadata.licence());
    all.put("description", metadata.description());
    all.put("version", metadata.version());
    all.putAll(metadata.more());
    all.forEach((key, text) -> {
      if (!text.isEmpty()) {
        graph.metadata(key, text);
      }
    });
  }

  /// Compares a type that the file states with what follows from the ops.
  private static void check(Graph graph, Mil.Var declared) {
    var found = graph.type(declared.name());
    if (found.isEmpty() || !found.get().shape().isStatic() || !Mil.isKnown(declared.dims())) {
      return;
    }
    var stated =
        declared.type().graphType().map(t -> new TensorType(t, Shape.ofKnown(declared.dims())));
    if (stated.isPresent() && !stated.get().equals(found.get())) {
      throw InputException.at(
          "value '" + declared.name() + "'",
          "the file says it is %s, its op makes %s",
          stated.get(),
          found.get());
    }
  }

  private void define(Mil.Var value, String where) {
    if (value.name().isEmpty()) {
      throw InputException.at(where, "a value has no name");
    }
    if (vars.putIfAbsent(value.name(), value) != null) {
      throw InputException.at(where, "'%s' is defined twice", value.name());
    }
    names.add(value.name());
  }

  private void read(Mil.Operation operation) {
    var source = new Source(operation, this);
    try {
      read(operation, source);
    } catch (ArithmeticException e) {
      throw source.refused("it needs an extent that is known only when the model runs");
    }
  }

  private void read(Mil.Operation operation, Source source) {
    String where = source.where();
    if (operation.type().equals("const")) {
      literals.put(source.result().name(), source.fixed("val"));
    } else if (operation.type().startsWith("constexpr_")) {
      ConstantRaising.raise(source, encoded, masks);
    } else if (!(ElementwiseRaising.raise(source)
        || ProductRaising.raise(source)
        || WindowedRaising.raise(source)
        || NormalizationRaising.raise(source)
        || ReductionRaising.raise(source)
        || MovementRaising.raise(source)
        || PickingRaising.raise(source)
        || ResamplingRaising.raise(source)
        || RecurrentRaising.raise(source))) {
      throw unread(source);
    }
    if (!source.unread().isEmpty()) {
      throw source.refused("its parameters %s are not known", source.unread());
    }
    operation.outputs().forEach(value -> define(value, where));
  }

  /// An op that is known and has no counterpart, or one that is not known.
  private static UnsupportedException unread(Source source) {
    return switch (source.type()) {
      case "random_uniform", "random_normal", "random_bernoulli", "random_categorical" ->
          source.refused("a graph gives the same outputs for the same inputs");
      case "read_state", "write_state", "coreml_update_state" ->
          source.refused("a graph keeps no state between runs");
      case "list_gather", "list_length", "list_read", "list_scatter", "list_write", "make_list" ->
          source.refused("a graph has no lists");
      case "cond", "while_loop" -> source.refused("a graph has no branches and loops");
      case "non_maximum_suppression" ->
          source.refused("how many boxes it keeps depends on the data");
      case "conv_quantized" -> source.refused("an op of another format, which no package has");
      default -> source.refused("this op is not known");
    };
  }

  void node(String name, Op op, List<String> in, List<String> out) {
    String unique = nodeNames.add(name) ? name : out.getFirst();
    nodeNames.add(unique);
    graph.node(new Node(unique, op, in, out));
    inGraph.addAll(out);
  }

  /// A name that no value of the program has or gets.
  String fresh(String hint) {
    String name = hint;
    for (int i = 1; !names.add(name); i++) {
      name = hint + "." + i;
    }
    return name;
  }

  void constant(String name, Tensor tensor) {
    graph.constant(name, tensor);
    inGraph.add(name);
  }

  Mil.Var var(Mil.Binding binding, String where) {
    return switch (binding) {
      case Mil.Binding.Name(var name) -> {
        var found = vars.get(name);
        if (found == null) {
          throw InputException.at(where, "reads '%s', which nothing before it defines", name);
        }
        yield found;
      }
      case Mil.Binding.Literal(var value) -> new Mil.Var("", value.type(), value.dims());
    };
  }

  /// The name of a value in the graph; a constant enters it here.
  String value(Mil.Binding binding, String where) {
    if (binding instanceof Mil.Binding.Name(var name)) {
      var(binding, where);
      if (!inGraph.contains(name)) {
        constant(name, constant(binding, where).orElseThrow());
      }
      return name;
    }
    String name = fresh("literal");
    constant(name, constant(binding, where).orElseThrow());
    return name;
  }

  /// The constant behind a binding, empty where it is computed.
  Optional<Tensor> constant(Mil.Binding binding, String where) {
    return switch (binding) {
      case Mil.Binding.Literal(var value) -> Optional.of(tensor(value, where));
      case Mil.Binding.Name(var name) -> {
        var(binding, where);
        if (literals.containsKey(name)) {
          yield Optional.of(tensor(literals.get(name), where));
        }
        yield Optional.ofNullable(encoded.get(name));
      }
    };
  }

  Mil.Value literal(Mil.Binding binding, String where, String parameter) {
    return switch (binding) {
      case Mil.Binding.Literal(var value) -> value;
      case Mil.Binding.Name(var name) -> {
        var(binding, where);
        var found = literals.get(name);
        if (found == null) {
          throw UnsupportedException.at(
              where, "its parameter '%s' is computed when the model runs", parameter);
        }
        yield found;
      }
    };
  }

  /// A constant of the program as one of a graph.
  Tensor tensor(Mil.Value value, String where) {
    DataType type =
        value
            .type()
            .graphType()
            .filter(t -> t != DataType.STRING)
            .orElseThrow(() ->
                UnsupportedException.at(
                    where, "constants of type %s are not read", value.type().text()));
    return Tensor.dense(type, value.dims(), Constants.bytes(value.content()));
  }
}
