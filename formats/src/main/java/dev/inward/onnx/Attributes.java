package dev.inward.onnx;

import dev.inward.base.InputException;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.protobuf.WireReader;
import dev.inward.protobuf.WireWriter;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/// The attributes of one node, read when they are asked for. It notes which were: one that nobody
/// asked for means something that the reader of the node does not know.
final class Attributes {
  private static final int FLOAT = 2;
  private static final int INT = 3;
  private static final int TEXT = 4;
  private static final int TENSOR = 5;
  private static final int FLOATS = 7;
  private static final int INTS = 8;
  private static final int TEXTS = 9;
  private static final int SPARSE = 22;

  private final Map<String, WireReader> byName = new LinkedHashMap<>();
  private final Set<String> asked = new HashSet<>();
  private final ExternalData external;

  Attributes(List<WireReader> protos, ExternalData external) {
    this.external = external;
    for (WireReader proto : protos) {
      String name = "";
      for (var fields = proto.again(); fields.next(); ) {
        if (fields.number() == 1) {
          name = fields.string();
        }
      }
      if (byName.put(name, proto) != null) {
        throw InputException.of("the attribute '%s' is given twice", name);
      }
    }
  }

  boolean has(String name) {
    asked.add(name);
    return byName.containsKey(name);
  }

  /// Takes attributes that make no difference to what the node computes.
  void ignore(String... names) {
    asked.addAll(List.of(names));
  }

  ExternalData external() {
    return external;
  }

  /// Whether all that are given were asked for.
  boolean allAsked() {
    return asked.containsAll(byName.keySet());
  }

  OptionalLong number(String name) {
    var found = field(name, INT);
    return found.isPresent() ? OptionalLong.of(found.get().varint()) : OptionalLong.empty();
  }

  long number(String name, long otherwise) {
    return number(name).orElse(otherwise);
  }

  boolean flag(String name, boolean otherwise) {
    return number(name, otherwise ? 1 : 0) != 0;
  }

  float real(String name, float otherwise) {
    return field(name, FLOAT).map(WireReader::float32).orElse(otherwise);
  }

  Optional<String> text(String name) {
    return field(name, TEXT).map(WireReader::string);
  }

  Optional<Tensor> tensor(String name) {
    return field(name, TENSOR).map(f -> TensorReader.read(f.message(), external).tensor());
  }

  Optional<WireReader> sparse(String name) {
    return field(name, SPARSE).map(WireReader::message);
  }

  /// Whole numbers; empty where the attribute is absent.
  List<Long> numbers(String name) {
    List<Long> out = new ArrayList<>();
    each(name, INTS, f -> f.longs(out::add));
    return out;
  }

  List<Float> reals(String name) {
    List<Float> out = new ArrayList<>();
    each(
        name,
        FLOATS,
        f -> {
          var bytes = f.fixedElements(4);
          for (long at = 0; at < bytes.byteSize(); at += 4) {
            out.add(bytes.get(Storage.FLOAT, at));
          }
        });
    return out;
  }

  List<String> texts(String name) {
    List<String> out = new ArrayList<>();
    each(
        name,
        TEXTS,
        f -> out.add(new String(Storage.of(f.bytes()).toArray(), StandardCharsets.UTF_8)));
    return out;
  }

  private interface Sink {
    void take(WireReader field);
  }

  private void each(String name, int number, Sink sink) {
    asked.add(name);
    WireReader proto = byName.get(name);
    if (proto == null) {
      return;
    }
    for (var fields = proto.again(); fields.next(); ) {
      if (fields.number() == number) {
        sink.take(fields);
      } else if (fields.number() >= FLOAT && fields.number() <= 11) {
        throw otherKind(name);
      }
    }
  }

  /// The field of an attribute that holds its value.
  private Optional<WireReader> field(String name, int number) {
    asked.add(name);
    WireReader proto = byName.get(name);
    if (proto == null) {
      return Optional.empty();
    }
    boolean other = false;
    for (var fields = proto.again(); fields.next(); ) {
      if (fields.number() == number) {
        return Optional.of(fields);
      }
      other |= fields.number() >= FLOAT && fields.number() <= 11;
    }
    if (other || number == TENSOR || number == SPARSE) {
      throw otherKind(name);
    }
    return Optional.of(zero(number));
  }

  /// What writers of the third protocol version mean when they leave a value out.
  private static WireReader zero(int number) {
    var message = new WireWriter();
    switch (number) {
      case FLOAT -> message.float32(number, 0);
      case INT -> message.varint(number, 0);
      default -> message.string(number, "");
    }
    var field = WireReader.of(MemorySegment.ofArray(message.toArray()));
    field.next();
    return field;
  }

  private static InputException otherKind(String name) {
    return InputException.of("the attribute '%s' has another kind of value than it must", name);
  }
}
