package dev.inward.onnx;

import dev.inward.graph.DataType;
import dev.inward.graph.Encoding;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.protobuf.WireWriter;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/// Writes tensors into the model, or, where it has a file for them, long ones beside it.
final class TensorWriter {
  /// Tensors up to this size stay in the model.
  private static final long INLINE = 1024;

  /// Where a tensor may start in the file beside the model, so that it can be mapped by pages.
  private static final long PAGE = 4096;

  private final Optional<String> dataFile;
  private final List<Piece> pieces = new ArrayList<>();
  private long end;

  private record Piece(long offset, long size, Supplier<MemorySegment> bytes) {}

  /// @param dataFile the name of the file beside the model, empty where all goes into the model
  TensorWriter(Optional<String> dataFile) {
    this.dataFile = dataFile;
  }

  /// A tensor that is stored as what it is.
  WireWriter dense(String name, Tensor tensor) {
    var dense = (Encoding.Dense) tensor.encoding();
    if (dense.stored() == DataType.STRING) {
      return inline(name, tensor);
    }
    return raw(
        name, dense.stored(), tensor.dims(), dense.data().size(), () -> dense.data().bytes());
  }

  /// A tensor whose bytes are made while they are written.
  WireWriter raw(
      String name, DataType type, List<Long> dims, long size, Supplier<MemorySegment> bytes) {
    var proto = header(type, dims).string(8, name);
    if (dataFile.isEmpty() || size <= INLINE) {
      return proto.bytes(9, size, bytes);
    }
    long offset = Math.ceilDiv(end, PAGE) * PAGE;
    pieces.add(new Piece(offset, size, bytes));
    end = offset + size;
    return proto
        .message(13, entry("location", dataFile.get()))
        .message(13, entry("offset", Long.toString(offset)))
        .message(13, entry("length", Long.toString(size)))
        .varint(14, 1);
  }

  /// A small tensor, always inside the model.
  static WireWriter inline(String name, Tensor tensor) {
    var dense = (Encoding.Dense) tensor.encoding();
    var proto = header(dense.stored(), tensor.dims());
    if (dense.stored() == DataType.STRING) {
      proto.raw(dense.data().bytes());
    } else {
      proto.bytes(9, dense.data().bytes());
    }
    return name.isEmpty() ? proto : proto.string(8, name);
  }

  private static WireWriter header(DataType type, List<Long> dims) {
    var proto = new WireWriter();
    dims.forEach(d -> proto.varint(1, d));
    return proto.varint(2, OnnxTypes.code(type));
  }

  private static WireWriter entry(String key, String value) {
    return new WireWriter().string(1, key).string(2, value);
  }

  /// Writes what belongs into the file beside the model.
  void writeData(FileChannel channel) throws IOException {
    for (Piece piece : pieces) {
      channel.position(piece.offset);
      MemorySegment bytes = piece.bytes.get();
      for (long at = 0; at < piece.size; at += 1 << 24) {
        ByteBuffer part = bytes.asSlice(at, Math.min(1 << 24, piece.size - at)).asByteBuffer();
        while (part.hasRemaining()) {
          channel.write(part);
        }
      }
    }
  }

  /// Elements as bytes of a float type.
  static MemorySegment bytesOf(DataType type, float[] values) {
    return switch (type) {
      case FLOAT32 -> Storage.of(values).bytes();
      case FLOAT16, BFLOAT16 -> {
        var out = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, 2)]);
        for (int i = 0; i < values.length; i++) {
          out.set(Storage.SHORT, 2L * i, narrow(type, values[i]));
        }
        yield out;
      }
      case FLOAT64 -> {
        var out = MemorySegment.ofArray(new byte[Math.multiplyExact(values.length, 8)]);
        for (int i = 0; i < values.length; i++) {
          out.set(Storage.DOUBLE, 8L * i, values[i]);
        }
        yield out;
      }
      default -> throw new IllegalArgumentException("no float type: " + type.text());
    };
  }

  private static short narrow(DataType type, float value) {
    if (type == DataType.FLOAT16) {
      return Float.floatToFloat16(value);
    }
    int bits = Float.floatToRawIntBits(value);
    return Float.isNaN(value)
        ? (short) 0x7fc0
        : (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >> 16);
  }

  /// A scalar of a float type.
  static Tensor scalar(DataType type, float value) {
    return Tensor.dense(type, List.of(), Storage.of(bytesOf(type, new float[] {value})));
  }
}
