package dev.inward.coreml;

import dev.inward.graph.Storage;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// A Core ML program (ML Program, "MIL") as a value: one function, one block, ops in order, every
/// name defined once and before it is read.
final class Mil {
  private Mil() {}

  /// Extents from here down are not known before the program runs; equal ones are equal extents.
  /// They are so far out that what is computed with one by mistake shows.
  private static final long UNKNOWN = Long.MIN_VALUE >> 4;

  /// An extent that is known only when the program runs.
  ///
  /// @param id the same for extents that are always equal
  static long unknown(int id) {
    return UNKNOWN - id;
  }

  /// Whether it is an extent that [#unknown] made, or something computed from one.
  static boolean isUnknown(long extent) {
    return extent < UNKNOWN >> 4;
  }

  static boolean isKnown(List<Long> dims) {
    return dims.stream().noneMatch(Mil::isUnknown);
  }

  /// @param opset as in [Target#opset]
  /// @param classifier the `classify` at its end, whose operand is one of the outputs
  record Program(
      String opset,
      List<Var> inputs,
      List<Operation> operations,
      List<String> outputs,
      Optional<Classifier> classifier) {
    Program {
      inputs = List.copyOf(inputs);
      operations = List.copyOf(operations);
      outputs = List.copyOf(outputs);
    }
  }

  /// Names the class of the largest probability.
  ///
  /// @param probabilities the value of the program
  record Classifier(
      String probabilities,
      List<String> labels,
      boolean numbered,
      String label,
      String dictionary) {
    Classifier {
      labels = List.copyOf(labels);
    }
  }

  /// A named value with its type.
  record Var(String name, MilType type, List<Long> dims) {
    Var {
      dims = List.copyOf(dims);
    }

    int rank() {
      return dims.size();
    }

    long dim(int axis) {
      return dims.get(axis < 0 ? axis + dims.size() : axis);
    }

    long elements() {
      return Mil.elements(dims);
    }

    @Override
    public String toString() {
      return name + ": " + Mil.typeText(type, dims);
    }
  }

  /// One application of an op.
  ///
  /// @param inputs by parameter; a list of several bindings for a variadic parameter
  /// @param attributes fixed values, `name` left out
  record Operation(
      String type,
      String name,
      SequencedMap<String, List<Binding>> inputs,
      SequencedMap<String, Value> attributes,
      List<Var> outputs) {
    Operation {
      inputs = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(inputs));
      attributes = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(attributes));
      outputs = List.copyOf(outputs);
    }
  }

  /// What a parameter is bound to.
  sealed interface Binding {
    record Name(String name) implements Binding {}

    record Literal(Value value) implements Binding {}
  }

  /// A constant with its type.
  record Value(MilType type, List<Long> dims, Content content) {
    Value {
      dims = List.copyOf(dims);
    }

    long elements() {
      return Mil.elements(dims);
    }

    static Value of(MilType type, List<Long> dims, Storage bytes) {
      return new Value(type, dims, new Content.Stored(bytes));
    }

    static Value text(String text) {
      return new Value(MilType.STRING, List.of(), new Content.Text(List.of(text)));
    }
  }

  /// The elements of a constant.
  sealed interface Content {
    /// Little-endian, packed as in the weight file; booleans one byte each.
    record Stored(Storage bytes) implements Content {}

    /// Made where it is written, so that a whole model is never held twice.
    record Made(Supplier<Storage> bytes) implements Content {}

    record Text(List<String> values) implements Content {
      public Text {
        values = List.copyOf(values);
      }
    }
  }

  static long elements(List<Long> dims) {
    long count = 1;
    for (long size : dims) {
      if (isUnknown(size)) {
        throw new ArithmeticException("an extent is not known");
      }
      count = Math.multiplyExact(count, size);
    }
    return count;
  }

  /// `fp16[1x384]`.
  static String typeText(MilType type, List<Long> dims) {
    return type.text()
        + dims.stream()
            .map(d -> isUnknown(d) ? "?" : String.valueOf(d))
            .collect(Collectors.joining("x", "[", "]"));
  }

  static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
