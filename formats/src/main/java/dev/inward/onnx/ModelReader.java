package dev.inward.onnx;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Graph;
import dev.inward.protobuf.WireReader;
import dev.inward.protobuf.WireWriter;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// One `ModelProto`: versions, free text and the graph.
final class ModelReader {
  /// The oldest and the newest version of ONNX's own operators that are read.
  static final int OLDEST = 7;

  static final int NEWEST = 26;

  /// Under this key the metadata keep the bodies of a model's own functions, which a graph cannot
  /// hold, as Base64 of their fields, so that the nodes that call them can be written back.
  static final String FUNCTIONS = "onnx.functions";

  /// Metadata that are fields of the model in the file, by the number of the field.
  static final Map<Integer, String> TEXTS =
      Map.of(2, "producer_name", 3, "producer_version", 4, "domain", 6, "doc_string");

  static final String MODEL_VERSION = "model_version";

  private final ExternalData external;
  private final Map<String, Integer> opsets = new LinkedHashMap<>();
  private final Map<String, String> metadata = new LinkedHashMap<>();
  private final Map<String, String> properties = new LinkedHashMap<>();
  private final Set<String> functions = new HashSet<>();
  private final WireWriter functionBytes = new WireWriter();
  private Optional<WireReader> graph = Optional.empty();
  private boolean versioned;

  private ModelReader(ExternalData external) {
    this.external = external;
  }

  static Graph read(WireReader model, ExternalData external, String fallbackName) {
    var reader = new ModelReader(external);
    try {
      reader.fields(model);
    } catch (InputException e) {
      throw e.hint("the file is cut short or damaged, or it is no ONNX file");
    }
    reader.check();
    return new GraphReader(reader.opsets, reader.functions, external)
        .read(reader.graph.orElseThrow(), reader.allMetadata(), fallbackName);
  }

  private void fields(WireReader model) {
    while (model.next()) {
      switch (model.number()) {
        case 1 -> {
          model.varint();
          versioned = true;
        }
        case 2, 3, 4, 6 -> {
          if (!model.string().isEmpty()) {
            metadata.put(TEXTS.get(model.number()), model.string());
          }
        }
        case 5 -> {
          if (model.varint() != 0) {
            metadata.put(MODEL_VERSION, Long.toString(model.varint()));
          }
        }
        case 7 -> graph = Optional.of(model.message());
        case 8 -> opset(model.message());
        case 14 -> property(model.message());
        case 25 -> {
          functions.add(functionName(model.message()));
          functionBytes.raw(model.field());
        }
        default -> {}
      }
    }
  }

  private void opset(WireReader opset) {
    String domain = "";
    long version = 1;
    while (opset.next()) {
      switch (opset.number()) {
        case 1 -> domain = opset.string();
        case 2 -> version = opset.varint();
        default -> {}
      }
    }
    if (version < 0 || version > Integer.MAX_VALUE) {
      throw InputException.of("opset %d of domain '%s' is no version", version, domain);
    }
    opsets.put(domain.equals("ai.onnx") ? "" : domain, (int) version);
  }

  private void property(WireReader entry) {
    String key = "";
    String value = "";
    while (entry.next()) {
      switch (entry.number()) {
        case 1 -> key = entry.string();
        case 2 -> value = entry.string();
        default -> {}
      }
    }
    properties.put(key, value);
  }

  private static String functionName(WireReader function) {
    String name = "";
    String domain = "";
    while (function.next()) {
      switch (function.number()) {
        case 1 -> name = function.string();
        case 10 -> domain = function.string();
        default -> {}
      }
    }
    return domain + "::" + name;
  }

  private void check() {
    if (graph.isEmpty() || !versioned && opsets.isEmpty()) {
      throw InputException.of(
          "is no ONNX model: it has %s", graph.isEmpty() ? "no graph" : "no version");
    }
    int version = opsets.getOrDefault("", opsets.isEmpty() ? 1 : NEWEST);
    if (version < OLDEST) {
      throw UnsupportedException.of(
              "uses opset %d of ONNX, this version reads %d to %d", version, OLDEST, NEWEST)
          .hint("convert the model to a newer opset, for example by onnx.version_converter");
    }
    if (version > NEWEST) {
      throw UnsupportedException.of(
              "uses opset %d of ONNX, this version reads %d to %d", version, OLDEST, NEWEST)
          .hint("export the model with an older opset");
    }
  }

  private Map<String, String> allMetadata() {
    Map<String, String> all = new LinkedHashMap<>(properties);
    metadata.forEach(all::putIfAbsent);
    if (functionBytes.size() > 0) {
      all.put(FUNCTIONS, Base64.getEncoder().encodeToString(functionBytes.toArray()));
    }
    return all;
  }
}
