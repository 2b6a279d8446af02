package dev.inward.onnx;

import dev.inward.base.InputException;
import dev.inward.base.Refusal;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.DataType;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.protobuf.WireReader;
import dev.inward.protobuf.WireWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One `TensorProto`. Raw bytes and packed fields of the width of the elements stay slices of the
/// file; other fields are converted, after their number has been compared with the extents.
final class TensorReader {
  /// Axes that a tensor may have; ours and the runtime's loops expect few.
  private static final int MOST_AXES = 64;

  private final ExternalData external;
  private final List<Long> dims = new ArrayList<>();
  private final List<MemorySegment> pieces = new ArrayList<>();
  private final WireReader proto;
  private String name = "";
  private long typeCode;
  private boolean raw;
  private boolean outside;
  private String location = "";
  private long offset;
  private Optional<Long> length = Optional.empty();

  private TensorReader(WireReader proto, ExternalData external) {
    this.proto = proto;
    this.external = external;
  }

  /// A tensor and the name that it bears in the file, which may be empty.
  record Named(String name, Tensor tensor) {}

  static Named read(WireReader proto, ExternalData external) {
    var reader = new TensorReader(proto, external);
    reader.header();
    try {
      return new Named(reader.name, reader.tensor());
    } catch (InputException e) {
      throw e.in("tensor '" + reader.name + "'");
    } catch (UnsupportedException e) {
      throw e.in("tensor '" + reader.name + "'");
    }
  }

  private void header() {
    for (var fields = proto.again(); fields.next(); ) {
      switch (fields.number()) {
        case 1 -> fields.longs(dims::add);
        case 2 -> typeCode = fields.varint();
        case 8 -> name = fields.string();
        case 9 -> {
          raw = true;
          pieces.clear();
          pieces.add(fields.bytes());
        }
        case 13 -> external(fields.message());
        case 14 -> outside = fields.varint() == 1;
        default -> {}
      }
    }
  }

  private void external(WireReader entry) {
    String key = "";
    String text = "";
    while (entry.next()) {
      switch (entry.number()) {
        case 1 -> key = entry.string();
        case 2 -> text = entry.string();
        default -> {}
      }
    }
    switch (key) {
      case "location" -> location = text;
      case "offset" -> offset = number(key, text);
      case "length" -> length = Optional.of(number(key, text));
      default -> {}
    }
  }

  private static long number(String key, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw InputException.of("its external %s is '%s', expected a number", key, text);
    }
  }

  private Tensor tensor() {
    DataType type = OnnxTypes.of(typeCode).orElseThrow(this::otherType);
    long count = count();
    if (type == DataType.STRING) {
      return Tensor.dense(type, dims, strings(count));
    }
    long expected;
    try {
      expected = type.bytes(count);
    } catch (ArithmeticException e) {
      throw InputException.of("its extents %s do not fit into memory", dims);
    }
    if (outside) {
      Storage data = external.slice(location, offset, length);
      return Tensor.dense(type, dims, exactly(data, expected));
    }
    if (raw) {
      return Tensor.dense(type, dims, exactly(Storage.of(pieces.getFirst()), expected));
    }
    return Tensor.dense(type, dims, typed(type, count, expected));
  }

  private Refusal otherType() {
    if (OnnxTypes.isKnown(typeCode)) {
      return UnsupportedException.of(
          "its elements are %s, which this version cannot hold", OnnxTypes.name(typeCode));
    }
    return InputException.of("its elements have the type %d, which ONNX does not know", typeCode);
  }

  private long count() {
    if (dims.size() > MOST_AXES) {
      throw InputException.of("it has %d axes, at most %d are read", dims.size(), MOST_AXES);
    }
    long count = 1;
    for (long size : dims) {
      if (size < 0) {
        throw InputException.of("its extents %s are negative", dims);
      }
      try {
        count = Math.multiplyExact(count, size);
      } catch (ArithmeticException e) {
        throw InputException.of("its extents %s do not fit into memory", dims);
      }
    }
    return count;
  }

  private Storage exactly(Storage data, long expected) {
    if (data.size() != expected) {
      throw InputException.of(
          "%s%s takes %d bytes, the file has %d",
          OnnxTypes.name(typeCode), dims, expected, data.size());
    }
    return data;
  }

  /// The elements from the field of their type.
  private Storage typed(DataType type, long count, long expected) {
    return switch (type) {
      case FLOAT32 -> fixed(4, 4, expected);
      case FLOAT64 -> fixed(10, 8, expected);
      case INT64 -> varints(7, 8, count, expected);
      case UINT32 -> varints(11, 4, count, expected);
      case UINT64 -> varints(11, 8, count, expected);
      case INT32 -> varints(5, 4, count, expected);
      case INT16, UINT16, FLOAT16, BFLOAT16 -> varints(5, 2, count, expected);
      case INT8, UINT8, BOOL -> varints(5, 1, count, expected);
      case INT4, UINT4 -> varints(5, 1, Math.ceilDiv(count, 2), expected);
      case STRING -> throw new IllegalStateException("strings are read elsewhere");
    };
  }

  private Storage fixed(int field, int width, long expected) {
    long found = 0;
    for (var fields = proto.again(); fields.next(); ) {
      if (fields.number() == field) {
        MemorySegment piece = fields.fixedElements(width);
        pieces.add(piece);
        found += piece.byteSize();
      }
    }
    if (found != expected) {
      throw InputException.of(
          "%s%s takes %d bytes, the file has %d", OnnxTypes.name(typeCode), dims, expected, found);
    }
    if (pieces.size() == 1) {
      return Storage.of(pieces.getFirst());
    }
    var all = new WireWriter();
    pieces.forEach(all::raw);
    return Storage.of(all.toArray());
  }

  private Storage varints(int field, int width, long count, long expected) {
    long found = 0;
    for (var fields = proto.again(); fields.next(); ) {
      found += fields.number() == field ? fields.countLongs() : 0;
    }
    if (found != count) {
      throw InputException.of(
          "%s%s takes %d numbers, the file has %d", OnnxTypes.name(typeCode), dims, count, found);
    }
    if (expected > Integer.MAX_VALUE - 8) {
      throw UnsupportedException.of("more than 2 GiB in a typed field are not read")
          .hint("save the model with raw or external data");
    }
    var out = MemorySegment.ofArray(new byte[(int) expected]);
    long[] at = new long[1];
    for (var fields = proto.again(); fields.next(); ) {
      if (fields.number() == field) {
        fields.longs(value -> {
          switch (width) {
            case 1 -> out.set(ValueLayout.JAVA_BYTE, at[0], (byte) value);
            case 2 -> out.set(Storage.SHORT, at[0], (short) value);
            case 4 -> out.set(Storage.INT, at[0], (int) value);
            default -> out.set(Storage.LONG, at[0], value);
          }
          at[0] += width;
        });
      }
    }
    return Storage.of(out);
  }

  /// Strings stay as the fields that hold them.
  private Storage strings(long count) {
    long found = 0;
    var all = new WireWriter();
    for (var fields = proto.again(); fields.next(); ) {
      if (fields.number() == 6) {
        all.raw(fields.field());
        found++;
      }
    }
    if (found != count) {
      throw InputException.of("string%s takes %d texts, the file has %d", dims, count, found);
    }
    return Storage.of(all.toArray());
  }
}
