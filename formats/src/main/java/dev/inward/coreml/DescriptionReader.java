package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.protobuf.WireReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SequencedMap;

/// Reads how a model faces an app.
final class DescriptionReader {
  private final List<Model.Feature> inputs = new ArrayList<>();
  private final List<Model.Feature> outputs = new ArrayList<>();
  private final List<String> states = new ArrayList<>();
  private final SequencedMap<String, DescriptionReader> functions = new LinkedHashMap<>();
  private Options.Metadata metadata = Options.Metadata.NONE;
  private String defaultFunction = "";
  private String predicted = "";
  private String probabilities = "";

  void read(WireReader in) {
    while (in.next()) {
      switch (in.number()) {
        case 1 -> inputs.add(feature(in.message()));
        case 10 -> outputs.add(feature(in.message()));
        case 11 -> predicted = in.string();
        case 12 -> probabilities = in.string();
        case 13 -> states.add(feature(in.message()).name());
        case 20 -> function(in.message());
        case 21 -> defaultFunction = in.string();
        case 100 -> metadata = metadata(in.message());
        default -> {}
      }
    }
  }

  /// The description of one function of several.
  private void function(WireReader in) {
    var description = new DescriptionReader();
    String name = "";
    while (in.next()) {
      switch (in.number()) {
        case 1 -> name = in.string();
        case 2 -> description.inputs.add(feature(in.message()));
        case 3 -> description.outputs.add(feature(in.message()));
        case 6 -> description.states.add(feature(in.message()).name());
        default -> {}
      }
    }
    description.metadata = metadata;
    functions.put(name, description);
  }

  private static Model.Feature feature(WireReader in) {
    String name = "";
    String description = "";
    Model.Shown shown = new Model.Shown.Other("nothing");
    while (in.next()) {
      switch (in.number()) {
        case 1 -> name = in.string();
        case 2 -> description = in.string();
        case 3 -> shown = shown(in.message());
        default -> {}
      }
    }
    return new Model.Feature(name, description, shown);
  }

  private static Model.Shown shown(WireReader in) {
    Model.Shown shown = new Model.Shown.Other("nothing");
    while (in.next()) {
      shown =
          switch (in.number()) {
            case 1 -> new Model.Shown.Label(true);
            case 2 -> new Model.Shown.Other("a number");
            case 3 -> new Model.Shown.Label(false);
            case 4 -> image(in.message());
            case 5 -> array(in.message());
            case 6 -> {
              boolean numbered = false;
              for (var key = in.message(); key.next(); ) {
                numbered |= key.number() == 1;
              }
              yield new Model.Shown.Probabilities(numbered);
            }
            case 7 -> new Model.Shown.Other("a sequence");
            case 8 -> new Model.Shown.Other("a state");
            default -> shown;
          };
    }
    return shown;
  }

  private static Model.Shown array(WireReader in) {
    List<Long> dims = new ArrayList<>();
    List<Face.Extents> extents = new ArrayList<>();
    long code = Face.Element.FLOAT32.code();
    while (in.next()) {
      switch (in.number()) {
        case 1 -> in.longs(dims::add);
        case 2 -> code = in.varint();
        case 21 -> {
          List<List<Long>> shapes = new ArrayList<>();
          for (var all = in.message(); all.next(); ) {
            if (all.number() == 1) {
              List<Long> shape = new ArrayList<>();
              for (var one = all.message(); one.next(); ) {
                if (one.number() == 1) {
                  one.longs(shape::add);
                }
              }
              shapes.add(shape);
            }
          }
          enumerated(shapes, extents);
        }
        case 31 -> ranges(in.message(), extents);
        default -> {}
      }
    }
    long wanted = code;
    Face.Element element =
        Arrays.stream(Face.Element.values())
            .filter(e -> e.code() == wanted)
            .findFirst()
            .orElse(Face.Element.FLOAT32);
    return new Model.Shown.Array(element, dims, usualFirst(dims, extents));
  }

  private static void enumerated(List<List<Long>> shapes, List<Face.Extents> extents) {
    if (!shapes.isEmpty()) {
      extents.add(new Face.Extents.Enumerated(shapes));
    }
  }

  private static void ranges(WireReader in, List<Face.Extents> extents) {
    List<Face.Range> axes = new ArrayList<>();
    while (in.next()) {
      if (in.number() == 1) {
        axes.add(range(in.message()));
      }
    }
    if (!axes.isEmpty()) {
      extents.add(new Face.Extents.Ranges(axes));
    }
  }

  /// The first of enumerated shapes is the one that the model is loaded for.
  private static List<Face.Extents> usualFirst(List<Long> usual, List<Face.Extents> extents) {
    return extents.stream()
        .<Face.Extents>map(e ->
            switch (e) {
              case Face.Extents.Enumerated(var shapes) when shapes.contains(usual) -> {
                List<List<Long>> ordered = new ArrayList<>(shapes);
                ordered.remove(usual);
                ordered.addFirst(usual);
                yield new Face.Extents.Enumerated(ordered);
              }
              default -> e;
            })
        .toList();
  }

  private static Face.Range range(WireReader in) {
    long least = 0;
    long most = 0;
    while (in.next()) {
      switch (in.number()) {
        case 1 -> least = in.varint();
        case 2 -> most = in.varint();
        default -> {}
      }
    }
    if (least < 0 || most >= 0 && most < least) {
      throw InputException.of("a shape ranges from %s to %d", Long.toUnsignedString(least), most);
    }
    return new Face.Range(least, most < 0 ? OptionalLong.empty() : OptionalLong.of(most));
  }

  private static Model.Shown image(WireReader in) {
    long width = 0;
    long height = 0;
    long code = 0;
    List<Face.Extents> extents = new ArrayList<>();
    while (in.next()) {
      switch (in.number()) {
        case 1 -> width = in.varint();
        case 2 -> height = in.varint();
        case 3 -> code = in.varint();
        case 21 -> {
          List<List<Long>> sizes = new ArrayList<>();
          for (var all = in.message(); all.next(); ) {
            if (all.number() == 1) {
              long[] size = new long[3];
              for (var one = all.message(); one.next(); ) {
                if (one.number() == 1 || one.number() == 2) {
                  size[one.number()] = one.varint();
                }
              }
              sizes.add(List.of(size[2], size[1]));
            }
          }
          enumerated(sizes, extents);
        }
        case 31 -> {
          Face.Range[] axes = new Face.Range[3];
          for (var one = in.message(); one.next(); ) {
            if (one.number() == 1 || one.number() == 2) {
              axes[one.number()] = range(one.message());
            }
          }
          if (axes[1] != null && axes[2] != null) {
            extents.add(new Face.Extents.Ranges(List.of(axes[2], axes[1])));
          }
        }
        default -> {}
      }
    }
    long wanted = code;
    var colour = Arrays.stream(Face.Colour.values()).filter(c -> c.code() == wanted).findFirst();
    if (colour.isEmpty()) {
      return new Model.Shown.Other("an image of colours %d".formatted(code));
    }
    return new Model.Shown.Image(
        colour.get(), height, width, usualFirst(List.of(height, width), extents));
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

  /// The description of the function that is read.
  DescriptionReader of(String function) {
    return functions.getOrDefault(function, this);
  }

  List<Model.Feature> inputs() {
    return List.copyOf(inputs);
  }

  List<Model.Feature> outputs() {
    return List.copyOf(outputs);
  }

  /// The output with the label of a classifier; empty where it is none.
  String predicted() {
    return predicted;
  }

  /// The output with the probabilities of all labels; empty where there is none.
  String probabilities() {
    return probabilities;
  }

  /// What the model keeps between calls.
  List<String> states() {
    return List.copyOf(states);
  }

  Options.Metadata metadata() {
    return metadata;
  }

  /// The function that a package of several runs where none is named; empty where it has one.
  String defaultFunction() {
    return defaultFunction;
  }
}
