package dev.inward.onnx;

import dev.inward.base.InputException;
import dev.inward.base.Refusal;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.TensorType;
import dev.inward.protobuf.WireReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One `GraphProto` that is the model's main graph.
///
/// Initialisers are constants whether or not they stand among the inputs. Constants that nothing
/// reads once the nodes are brought to our form are left out.
final class GraphReader {
  private final Map<String, Integer> opsets;
  private final Set<String> functions;
  private final ExternalData external;
  private final Scope scope = new Scope();
  private final Symbols symbols = new Symbols();
  private final List<ValueInfo> inputs = new ArrayList<>();
  private final List<ValueInfo> outputs = new ArrayList<>();
  private final List<ValueInfo> values = new ArrayList<>();
  private final List<Read> nodes = new ArrayList<>();
  private String name = "";

  /// @param type empty where the file states none
  private record ValueInfo(String name, Optional<WireReader> type) {}

  private record Read(NodeProto proto, List<String> captures) {}

  GraphReader(Map<String, Integer> opsets, Set<String> functions, ExternalData external) {
    this.opsets = opsets;
    this.functions = functions;
    this.external = external;
  }

  Graph read(WireReader graph, Map<String, String> metadata, String fallbackName) {
    fields(graph);
    Graph.Builder builder = Graph.builder(name.isEmpty() ? fallbackName : name);
    opsets.forEach(builder::opset);
    metadata.forEach(builder::metadata);
    inputs(builder);
    Set<String> results = new HashSet<>();
    nodes.forEach(n -> results.addAll(n.proto.out()));
    for (ValueInfo value : values) {
      declare(builder, value, results);
    }
    for (ValueInfo output : outputs) {
      declare(builder, output, results);
      builder.output(output.name);
      scope.read.add(output.name);
    }
    scope.read.remove("");
    nodes(builder);
    return FlattenedSoftmax.unflatten(builder.build());
  }

  private void fields(WireReader graph) {
    while (graph.next()) {
      switch (graph.number()) {
        case 1 -> nodes.add(node(graph.message()));
        case 2 -> name = graph.string();
        case 5 -> initializer(TensorReader.read(graph.message(), external));
        case 11 -> inputs.add(valueInfo(graph.message()));
        case 12 -> outputs.add(valueInfo(graph.message()));
        case 13 -> values.add(valueInfo(graph.message()));
        case 15 -> initializer(SparseReader.read(graph.message(), external));
        default -> {}
      }
    }
  }

  private Read node(WireReader message) {
    var proto = NodeProto.of(message);
    try {
      var captures = List.copyOf(Bodies.of(proto.attributes()).captures);
      scope.read.addAll(proto.in());
      scope.read.addAll(captures);
      proto.out().forEach(scope::take);
      return new Read(proto, captures);
    } catch (InputException e) {
      throw e.in(proto.where());
    }
  }

  private void initializer(TensorReader.Named constant) {
    if (constant.name().isEmpty()) {
      throw InputException.of("an initialiser has no name");
    }
    if (scope.constants.put(constant.name(), constant.tensor()) != null) {
      throw InputException.at(
          "value '" + constant.name() + "'", "is defined twice, both times as an initialiser");
    }
    scope.take(constant.name());
  }

  private static ValueInfo valueInfo(WireReader message) {
    String name = "";
    Optional<WireReader> type = Optional.empty();
    while (message.next()) {
      switch (message.number()) {
        case 1 -> name = message.string();
        case 2 -> type = Optional.of(message.message());
        default -> {}
      }
    }
    return new ValueInfo(name, type);
  }

  private void inputs(Graph.Builder builder) {
    inputs.removeIf(i -> scope.constants.containsKey(i.name));
    inputs.forEach(i -> i.type.ifPresent(symbols::note));
    for (ValueInfo input : inputs) {
      if (input.name.isEmpty()) {
        throw InputException.of("an input has no name");
      }
      TensorType type =
          input
              .type
              .flatMap(t -> symbols.type(input.name, t, true))
              .orElseThrow(() ->
                  UnsupportedException.at(
                      "input '" + input.name + "'",
                      "is no tensor of a type that this version can hold"));
      builder.input(input.name, type);
      scope.types.put(input.name, type);
      scope.take(input.name);
    }
  }

  /// Types are kept for results of nodes only: all others are known.
  private void declare(Graph.Builder builder, ValueInfo value, Set<String> results) {
    if (value.type.isPresent() && results.contains(value.name)) {
      var type = symbols.type(value.name, value.type.get(), false);
      type.ifPresent(t -> {
        builder.declare(value.name, t);
        scope.types.put(value.name, t);
      });
    }
  }

  private void nodes(Graph.Builder builder) {
    Set<String> names = new HashSet<>();
    List<Node> decoded = new ArrayList<>();
    for (Read read : nodes) {
      if (isConstant(read.proto)) {
        decoded.addAll(decode(read, names));
      }
    }
    for (Read read : nodes) {
      if (!isConstant(read.proto)) {
        decoded.addAll(decode(read, names));
      }
    }
    decoded.forEach(builder::node);
    Set<String> used = new HashSet<>();
    decoded.forEach(n -> n.reads().forEach(used::add));
    outputs.forEach(o -> used.add(o.name));
    scope.constants.forEach((constant, tensor) -> {
      if (used.contains(constant)) {
        builder.constant(constant, tensor);
      }
    });
  }

  private static boolean isConstant(NodeProto node) {
    return node.operator().equals("Constant") && node.domain().isEmpty();
  }

  private List<Node> decode(Read read, Set<String> names) {
    var proto = read.proto;
    try {
      if (proto.firstResult().isEmpty()) {
        throw InputException.of("has no result");
      }
      if (proto.domain().isEmpty() && !opsets.containsKey("")) {
        throw InputException.of(
            "applies ONNX's own %s, and the model names no opset of ONNX", proto.operator());
      }
      String unique = unique(proto, names);
      var attributes = new Attributes(proto.attributes(), external);
      int version = opsets.getOrDefault(proto.domain(), 1);
      var form = new Form(proto, unique, version, attributes, read.captures, scope);
      if (functions.contains(proto.domain() + "::" + proto.operator())) {
        return form.opaque();
      }
      return Decoders.find(proto.domain(), proto.operator(), version)
          .map(form::decode)
          .orElseGet(form::opaque);
    } catch (InputException e) {
      throw located(e, e.in(proto.where()));
    } catch (UnsupportedException e) {
      throw located(e, e.in(proto.where()));
    }
  }

  private static Refusal located(Refusal inner, Refusal outer) {
    return inner.where().startsWith("node '") ? inner : outer;
  }

  private static String unique(NodeProto proto, Set<String> names) {
    for (String candidate : List.of(proto.name(), proto.firstResult())) {
      if (!candidate.isEmpty() && names.add(candidate)) {
        return candidate;
      }
    }
    for (int i = 1; ; i++) {
      if (names.add(proto.firstResult() + "." + i)) {
        return proto.firstResult() + "." + i;
      }
    }
  }
}
