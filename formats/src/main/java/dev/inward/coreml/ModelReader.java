package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.base.Spelling;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Storage;
import dev.inward.protobuf.WireReader;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Reads the model file; constants in the weight file become slices of it.
final class ModelReader {
  /// Kinds of models by their field number, for messages.
  private static final Map<Integer, String> OTHER_KINDS =
      Map.of(
          200, "a classifier pipeline",
          201, "a regressor pipeline",
          202, "a pipeline",
          555, "a custom model",
          2000, "a text classifier");

  /// Finds a weight file by the name that the model file uses.
  interface Weights {
    BlobFile open(String name) throws IOException;
  }

  private final Weights weights;
  private final Map<String, BlobFile> opened = new HashMap<>();

  ModelReader(Weights weights) {
    this.weights = weights;
  }

  /// @param function to read; empty: the one that runs where none is named
  static Model read(MemorySegment bytes, Optional<String> function, Weights weights)
      throws IOException {
    return new ModelReader(weights).model(WireReader.of(bytes), function);
  }

  private Model model(WireReader in, Optional<String> wanted) throws IOException {
    long specification = 0;
    Optional<WireReader> program = Optional.empty();
    var description = new DescriptionReader();
    while (in.next()) {
      switch (in.number()) {
        case 1 -> specification = in.varint();
        case 2 -> description.read(in.message());
        case 10 -> {}
        case 502 -> program = Optional.of(in.message());
        default -> {
          if (in.number() >= 200) {
            throw UnsupportedException.of(
                    "the package holds %s, not an ML Program",
                    OTHER_KINDS.getOrDefault(in.number(), "a model of kind " + in.number()))
                .hint("convert it with a tool that writes ML Programs (iOS 15 or later)");
          }
        }
      }
    }
    if (specification < 1 || specification > 10) {
      throw UnsupportedException.of(
          "specification version %d is not known; versions 6 to 10 are", specification);
    }
    if (program.isEmpty()) {
      throw InputException.of("the model file holds no model");
    }
    String function = wanted.orElse(description.defaultFunction());
    var described = description.of(function);
    if (!described.states().isEmpty()) {
      throw UnsupportedException.at(
              "state '" + described.states().getFirst() + "'", "the model keeps it between calls")
          .hint("only models without state are read");
    }
    return new Model(
        (int) specification,
        program(program.get(), function),
        described.inputs(),
        described.outputs(),
        description.metadata());
  }

  private Mil.Program program(WireReader in, String wanted) throws IOException {
    long version = 0;
    Map<String, WireReader> functions = new LinkedHashMap<>();
    while (in.next()) {
      switch (in.number()) {
        case 1 -> version = in.varint();
        case 2 -> entry(in.message(), functions);
        default -> {}
      }
    }
    if (version != 1) {
      throw UnsupportedException.of("ML Program version %d is not known; version 1 is", version);
    }
    String name = wanted.isEmpty() ? "main" : wanted;
    WireReader function = functions.get(name);
    if (function == null && wanted.isEmpty() && functions.size() == 1) {
      function = functions.values().iterator().next();
    }
    if (function == null) {
      throw InputException.of("the program has no function '%s'", name)
          .hint("%s", Spelling.hint(name, functions.keySet()));
    }
    return function(function);
  }

  private static void entry(WireReader in, Map<String, WireReader> into) {
    String key = "";
    Optional<WireReader> value = Optional.empty();
    while (in.next()) {
      switch (in.number()) {
        case 1 -> key = in.string();
        case 2 -> value = Optional.of(in.message());
        default -> {}
      }
    }
    if (value.isEmpty()) {
      throw InputException.of("entry '%s' has no value", key);
    }
    if (into.put(key, value.get()) != null) {
      throw InputException.of("entry '%s' is there twice", key);
    }
  }

  private Mil.Program function(WireReader in) throws IOException {
    List<Mil.Var> inputs = new ArrayList<>();
    String opset = "";
    Map<String, WireReader> blocks = new LinkedHashMap<>();
    while (in.next()) {
      switch (in.number()) {
        case 1 -> inputs.add(named(in.message()));
        case 2 -> opset = in.string();
        case 3 -> entry(in.message(), blocks);
        default -> {}
      }
    }
    WireReader block = blocks.get(opset);
    if (block == null) {
      throw InputException.of(
          "the function has no block for its opset '%s'; it has %s", opset, blocks.keySet());
    }
    List<Mil.Operation> operations = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    Optional<Mil.Classifier> classifier = Optional.empty();
    while (block.next()) {
      switch (block.number()) {
        case 2 -> outputs.add(block.string());
        case 3 -> {
          if (type(block.message()).equals("classify")) {
            if (classifier.isPresent()) {
              throw UnsupportedException.of("the program classifies twice");
            }
            classifier = Optional.of(ClassifierReader.read(block.message()));
          } else {
            operations.add(operation(block.message()));
          }
        }
        default -> {}
      }
    }
    return new Mil.Program(
        opset, inputs, operations, withProbabilities(outputs, classifier), classifier);
  }

  private static String type(WireReader operation) {
    String type = "";
    while (operation.next()) {
      if (operation.number() == 1) {
        type = operation.string();
      }
    }
    return type;
  }

  /// The numbers behind the answers of a classifier stand for them.
  private static List<String> withProbabilities(
      List<String> outputs, Optional<Mil.Classifier> classifier) {
    return outputs.stream()
        .map(output ->
            classifier
                .filter(c -> c.label().equals(output) || c.dictionary().equals(output))
                .map(Mil.Classifier::probabilities)
                .orElse(output))
        .distinct()
        .toList();
  }

  private Mil.Operation operation(WireReader in) throws IOException {
    String type = "";
    Map<String, WireReader> inputs = new LinkedHashMap<>();
    Map<String, WireReader> attributes = new LinkedHashMap<>();
    List<Mil.Var> outputs = new ArrayList<>();
    boolean nested = false;
    while (in.next()) {
      switch (in.number()) {
        case 1 -> type = in.string();
        case 2 -> entry(in.message(), inputs);
        case 3 -> outputs.add(named(in.message()));
        case 4 -> nested = true;
        case 5 -> entry(in.message(), attributes);
        default -> {}
      }
    }
    var bound = new LinkedHashMap<String, List<Mil.Binding>>();
    var fixed = new LinkedHashMap<String, Mil.Value>();
    String place = outputs.isEmpty() ? type : outputs.getFirst().name();
    String name = place;
    try {
      for (var input : inputs.entrySet()) {
        bound.put(input.getKey(), argument(input.getValue()));
      }
      for (var attribute : attributes.entrySet()) {
        Mil.Value value = value(attribute.getValue());
        if (!attribute.getKey().equals("name")) {
          fixed.put(attribute.getKey(), value);
        } else if (value.content() instanceof Mil.Content.Text(var texts) && texts.size() == 1) {
          name = texts.getFirst();
        }
      }
    } catch (InputException e) {
      throw e.in("op '" + place + "' (" + type + ")");
    }
    if (nested) {
      throw UnsupportedException.at(
          "op '" + place + "'", "%s has a body of its own; such ops are not read", type);
    }
    return new Mil.Operation(type, name, bound, fixed, outputs);
  }

  private List<Mil.Binding> argument(WireReader in) throws IOException {
    List<Mil.Binding> bindings = new ArrayList<>();
    while (in.next()) {
      if (in.number() == 1) {
        for (var binding = in.message(); binding.next(); ) {
          switch (binding.number()) {
            case 1 -> bindings.add(new Mil.Binding.Name(binding.string()));
            case 2 -> bindings.add(new Mil.Binding.Literal(value(binding.message())));
            default -> {}
          }
        }
      }
    }
    return bindings;
  }

  private static Mil.Var named(WireReader in) {
    String name = "";
    Optional<TypeReader> type = Optional.empty();
    while (in.next()) {
      switch (in.number()) {
        case 1 -> name = in.string();
        case 2 -> type = Optional.of(TypeReader.read(in.message()));
        default -> {}
      }
    }
    String place = name;
    TypeReader found =
        type.orElseThrow(() -> InputException.at("value '" + place + "'", "it has no type"));
    if (!found.other().isEmpty()) {
      throw UnsupportedException.at(
          "value '" + name + "'", "its type is %s; only tensors are read", found.other());
    }
    return new Mil.Var(name, found.element(), found.dims());
  }

  Mil.Value value(WireReader in) throws IOException {
    Optional<TypeReader> type = Optional.empty();
    Optional<WireReader> immediate = Optional.empty();
    Optional<WireReader> blob = Optional.empty();
    while (in.next()) {
      switch (in.number()) {
        case 2 -> type = Optional.of(TypeReader.read(in.message()));
        case 3 -> immediate = Optional.of(in.message());
        case 5 -> blob = Optional.of(in.message());
        default -> {}
      }
    }
    TypeReader found = type.orElseThrow(() -> InputException.of("a constant has no type"));
    if (!found.other().isEmpty()) {
      throw UnsupportedException.of("a constant is %s; only tensors are read", found.other());
    }
    long count = Mil.elements(found.dims());
    if (blob.isPresent()) {
      return Mil.Value.of(found.element(), found.dims(), blob(blob.get(), found.element(), count));
    }
    if (immediate.isEmpty()) {
      throw InputException.of("a constant of type %s has no value", found);
    }
    return new Mil.Value(
        found.element(),
        found.dims(),
        ImmediateReader.read(immediate.get(), found.element(), count));
  }

  private Storage blob(WireReader in, MilType type, long count) throws IOException {
    String file = "";
    long offset = 0;
    while (in.next()) {
      switch (in.number()) {
        case 1 -> file = in.string();
        case 2 -> offset = in.varint();
        default -> {}
      }
    }
    BlobFile open = opened.get(file);
    if (open == null) {
      open = weights.open(file);
      opened.put(file, open);
    }
    return open.blob(offset, type, count);
  }
}
