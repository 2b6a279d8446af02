package dev.inward.coreml.neural;

import dev.inward.base.InputException;
import dev.inward.graph.Storage;
import dev.inward.protobuf.WireReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The fields of a message by number, in any order; one that is not there has its default.
final class Fields {
  private static final Fields NONE = new Fields(WireReader.of(MemorySegment.ofArray(new byte[0])));

  private final WireReader message;

  Fields(WireReader message) {
    this.message = message;
  }

  private WireReader start() {
    return message.again();
  }

  /// The last field of that number, where it is there.
  private Optional<WireReader> last(int field) {
    Optional<WireReader> found = Optional.empty();
    int count = count(field);
    var all = start();
    for (int seen = 0; seen < count && all.next(); ) {
      if (all.number() == field && ++seen == count) {
        found = Optional.of(all);
      }
    }
    return found;
  }

  private int count(int field) {
    int count = 0;
    for (var all = start(); all.next(); ) {
      count += all.number() == field ? 1 : 0;
    }
    return count;
  }

  boolean has(int field) {
    return count(field) > 0;
  }

  long number(int field, long otherwise) {
    return last(field).map(WireReader::varint).orElse(otherwise);
  }

  long number(int field) {
    return number(field, 0);
  }

  boolean flag(int field) {
    return number(field) != 0;
  }

  /// A real; 0 and none are the default.
  float real(int field, double otherwise) {
    float value = last(field).map(WireReader::float32).orElse(0f);
    return value == 0 ? (float) otherwise : value;
  }

  float real(int field) {
    return real(field, 0);
  }

  String text(int field) {
    return last(field).map(WireReader::string).orElse("");
  }

  List<String> texts(int field) {
    List<String> out = new ArrayList<>();
    for (var all = start(); all.next(); ) {
      if (all.number() == field) {
        out.add(all.string());
      }
    }
    return out;
  }

  List<Long> numbers(int field) {
    List<Long> out = new ArrayList<>();
    for (var all = start(); all.next(); ) {
      if (all.number() == field) {
        all.longs(out::add);
      }
    }
    return out;
  }

  /// A repeated field of reals, as a slice where the file has them in one piece.
  Storage reals(int field) {
    List<MemorySegment> parts = new ArrayList<>();
    long bytes = 0;
    for (var all = start(); all.next(); ) {
      if (all.number() == field) {
        parts.add(all.fixedElements(4));
        bytes += parts.getLast().byteSize();
      }
    }
    if (parts.size() == 1) {
      return Storage.of(parts.getFirst());
    }
    var joined = MemorySegment.ofArray(new byte[Math.toIntExact(bytes)]);
    long at = 0;
    for (MemorySegment part : parts) {
      MemorySegment.copy(part, 0, joined, at, part.byteSize());
      at += part.byteSize();
    }
    return Storage.of(joined);
  }

  Optional<MemorySegment> bytes(int field) {
    return last(field).map(WireReader::bytes).filter(bytes -> bytes.byteSize() > 0);
  }

  /// A message; an empty one where it is not there.
  Fields message(int field) {
    return last(field).map(found -> new Fields(found.message())).orElse(NONE);
  }

  List<Fields> messages(int field) {
    List<Fields> out = new ArrayList<>();
    for (var all = start(); all.next(); ) {
      if (all.number() == field) {
        out.add(new Fields(all.message()));
      }
    }
    return out;
  }

  /// The first field from a number on: which of several forms it is.
  int from(int least) {
    for (var all = start(); all.next(); ) {
      if (all.number() >= least) {
        return all.number();
      }
    }
    return 0;
  }

  /// A whole number from 1 to 2^31 - 1.
  static long extent(long value, String what) {
    if (value < 1 || value > Integer.MAX_VALUE) {
      throw InputException.of("%s is %s", what, Long.toUnsignedString(value));
    }
    return value;
  }
}
