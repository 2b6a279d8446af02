package dev.inward.onnx;

import dev.inward.base.InputException;
import dev.inward.graph.Dim;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Opaque;
import dev.inward.graph.TensorType;
import dev.inward.protobuf.WireWriter;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A graph as the bytes of a `ModelProto`.
///
/// @param data the tensors that belong into the file beside the model
/// @param notes what is written otherwise than it is encoded
record ModelWriter(WireWriter model, TensorWriter data, List<String> notes) {
  /// @param dataFile the name of the file beside the model, empty where all goes into the model
  static ModelWriter of(Graph graph, Optional<String> dataFile) {
    int opset = OpsetChoice.of(graph);
    var emit = new Emit(graph, opset, new TensorWriter(dataFile));
    graph.constants().forEach((name, tensor) -> ConstantWriter.write(emit, name, tensor));
    graph.nodes().forEach(node -> OpWriter.write(emit, node));
    var body = new WireWriter();
    body.raw(emit.nodes);
    body.string(2, graph.name());
    body.raw(emit.initializers);
    graph.inputs().forEach(i -> body.message(11, value(i.name(), Optional.of(i.type()))));
    graph.outputs().forEach(o -> body.message(12, value(o, graph.type(o))));
    for (String declared : declared(graph)) {
      body.message(13, value(declared, Optional.ofNullable(graph.declared().get(declared))));
    }
    var model = new WireWriter().varint(1, fileVersion(opset));
    metadata(graph, model, body);
    opsets(graph, opset)
        .forEach((domain, version) ->
            model.message(8, new WireWriter().string(1, domain).varint(2, version)));
    return new ModelWriter(model, emit.tensors, List.copyOf(emit.notes));
  }

  /// Types that the file stated for results of nodes and that readers cannot all derive.
  private static List<String> declared(Graph graph) {
    List<String> names = new ArrayList<>();
    for (Node node : graph.nodes()) {
      for (String out : node.out()) {
        if (graph.declared().containsKey(out) && !graph.outputs().contains(out)) {
          names.add(out);
        }
      }
    }
    return names;
  }

  private static WireWriter value(String name, Optional<TensorType> type) {
    var info = new WireWriter().string(1, name);
    type.ifPresent(t -> {
      var tensor = new WireWriter().varint(1, OnnxTypes.code(t.dtype()));
      if (t.shape().ranked()) {
        var shape = new WireWriter();
        for (Dim dim : t.shape().dims()) {
          shape.message(
              1,
              switch (dim) {
                case Dim.Known(long size) -> new WireWriter().varint(1, size);
                case Dim.Symbol(var symbol) -> new WireWriter().string(2, symbol);
              });
        }
        tensor.message(2, shape);
      }
      info.message(2, new WireWriter().message(1, tensor));
    });
    return info;
  }

  /// The version of the file format that came with an opset.
  private static int fileVersion(int opset) {
    if (opset <= 18) {
      return 8;
    }
    return switch (opset) {
      case 19, 20 -> 9;
      case 21, 22 -> 10;
      case 23 -> 11;
      case 24 -> 12;
      default -> 13;
    };
  }

  private static void metadata(Graph graph, WireWriter model, WireWriter body) {
    Map<String, String> properties = new LinkedHashMap<>(graph.metadata());
    for (int field : List.of(2, 3, 4)) {
      text(properties, field).ifPresent(t -> model.string(field, t));
    }
    Optional.ofNullable(properties.get(ModelReader.MODEL_VERSION))
        .filter(v -> v.matches("-?\\d{1,18}"))
        .ifPresent(v -> {
          model.varint(5, Long.parseLong(v));
          properties.remove(ModelReader.MODEL_VERSION);
        });
    text(properties, 6).ifPresent(t -> model.string(6, t));
    model.message(7, body);
    String functions = properties.remove(ModelReader.FUNCTIONS);
    properties.forEach(
        (key, value) -> model.message(14, new WireWriter().string(1, key).string(2, value)));
    if (functions != null) {
      try {
        model.raw(MemorySegment.ofArray(Base64.getDecoder().decode(functions)));
      } catch (IllegalArgumentException e) {
        throw InputException.of("the metadata under '%s' are no Base64", ModelReader.FUNCTIONS);
      }
    }
  }

  private static Optional<String> text(Map<String, String> properties, int field) {
    return Optional.ofNullable(properties.remove(ModelReader.TEXTS.get(field)));
  }

  private static Map<String, Integer> opsets(Graph graph, int opset) {
    Map<String, Integer> opsets = new LinkedHashMap<>();
    opsets.put("", opset);
    graph.opsets().forEach(opsets::putIfAbsent);
    Set<String> domains = new LinkedHashSet<>();
    for (Node node : graph.nodes()) {
      if (node.op() instanceof Opaque opaque) {
        domains.add(opaque.domain());
      }
    }
    domains.forEach(domain -> opsets.putIfAbsent(domain, 1));
    return opsets;
  }
}
