package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.protobuf.WireReader;
import java.util.ArrayList;
import java.util.List;

/// Reads the op `classify`, the only one whose operand is a list and whose results are no tensors.
final class ClassifierReader {
  private final List<String> labels = new ArrayList<>();
  private boolean numbered;

  private ClassifierReader() {}

  static Mil.Classifier read(WireReader in) {
    var reader = new ClassifierReader();
    String probabilities = "";
    List<String> outputs = new ArrayList<>();
    while (in.next()) {
      switch (in.number()) {
        case 2 -> {
          String key = "";
          for (var entry = in.message(); entry.next(); ) {
            if (entry.number() == 1) {
              key = entry.string();
            } else if (entry.number() == 2 && key.equals("probabilities")) {
              probabilities = name(entry.message());
            } else if (entry.number() == 2 && key.equals("classes")) {
              reader.labels(entry.message());
            }
          }
        }
        case 3 -> {
          for (var output = in.message(); output.next(); ) {
            if (output.number() == 1) {
              outputs.add(output.string());
            }
          }
        }
        default -> {}
      }
    }
    if (outputs.size() != 2 || probabilities.isEmpty() || reader.labels.isEmpty()) {
      throw InputException.at(
          "op 'classify'", "it needs probabilities, labels that stand in it, and two results");
    }
    return new Mil.Classifier(
        probabilities, reader.labels, reader.numbered, outputs.getFirst(), outputs.getLast());
  }

  private static String name(WireReader argument) {
    String name = "";
    while (argument.next()) {
      for (var binding = argument.message(); binding.next(); ) {
        if (binding.number() == 1) {
          name = binding.string();
        }
      }
    }
    return name;
  }

  /// argument > binding > value > immediate > list > values
  private void labels(WireReader argument) {
    for (var binding : inside(argument, 1)) {
      for (var value : inside(binding, 2)) {
        for (var immediate : inside(value, 3)) {
          for (var list : inside(immediate, 3)) {
            inside(list, 1).forEach(this::label);
          }
        }
      }
    }
  }

  private static List<WireReader> inside(WireReader message, int field) {
    List<WireReader> found = new ArrayList<>();
    while (message.next()) {
      if (message.number() == field) {
        found.add(message.message());
      }
    }
    return found;
  }

  private void label(WireReader value) {
    for (var immediate : inside(value, 3)) {
      for (var tensor : inside(immediate, 1)) {
        while (tensor.next()) {
          numbered |= tensor.number() == 5;
          boolean whole = tensor.number() == 5;
          for (var values = tensor.message(); values.next(); ) {
            if (values.number() == 1 && whole) {
              values.longs(number -> labels.add(Long.toString(number)));
            } else if (values.number() == 1) {
              labels.add(values.string());
            }
          }
        }
      }
    }
  }
}
