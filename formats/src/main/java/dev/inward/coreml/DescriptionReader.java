package dev.inward.coreml;

import dev.inward.base.UnsupportedException;
import dev.inward.protobuf.WireReader;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the parts of a model's description that a graph keeps.
final class DescriptionReader {
  private final List<Model.Feature> inputs = new ArrayList<>();
  private final List<Model.Feature> outputs = new ArrayList<>();
  private Options.Metadata metadata = Options.Metadata.NONE;
  private String defaultFunction = "";

  void read(WireReader in) {
    while (in.next()) {
      switch (in.number()) {
        case 1 -> inputs.add(feature(in.message()));
        case 10 -> outputs.add(feature(in.message()));
        case 13 ->
            throw UnsupportedException.of("the model keeps a state between calls")
                .hint("only models without state are read");
        case 21 -> defaultFunction = in.string();
        case 100 -> metadata = metadata(in.message());
        default -> {}
      }
    }
  }

  private static Model.Feature feature(WireReader in) {
    String name = "";
    String description = "";
    while (in.next()) {
      switch (in.number()) {
        case 1 -> name = in.string();
        case 2 -> description = in.string();
        default -> {}
      }
    }
    return new Model.Feature(new Mil.Var(name, MilType.FLOAT32, List.of()), description);
  }

  private static Options.Metadata metadata(WireReader in) {
    String[] texts = {"", "", "", "", ""};
    Map<String, String> more = new LinkedHashMap<>();
    while (in.next()) {
      if (in.number() >= 1 && in.number() <= 4) {
        texts[in.number()] = in.string();
      } else if (in.number() == 100) {
        String key = "";
        String value = "";
        for (var entry = in.message(); entry.next(); ) {
          switch (entry.number()) {
            case 1 -> key = entry.string();
            case 2 -> value = entry.string();
            default -> {}
          }
        }
        more.put(key, value);
      }
    }
    return new Options.Metadata(texts[3], texts[4], texts[1], texts[2], more);
  }

  List<Model.Feature> inputs() {
    return List.copyOf(inputs);
  }

  List<Model.Feature> outputs() {
    return List.copyOf(outputs);
  }

  Options.Metadata metadata() {
    return metadata;
  }

  /// The function that a package of several runs where none is named; empty where it has one.
  String defaultFunction() {
    return defaultFunction;
  }
}
