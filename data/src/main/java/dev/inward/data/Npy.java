package dev.inward.data;

import dev.inward.base.InputException;
import dev.inward.base.Replacement;
import dev.inward.base.UnsupportedException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// An array in NumPy's `.npy` format, versions 1 to 3, mapped and read by parts.
///
/// Source: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".
public final class Npy {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};

  private final String where;
  private final NpyHeader header;
  private final MemorySegment data;

  private Npy(String where, NpyHeader header, MemorySegment data) {
    this.where = where;
    this.header = header;
    this.data = data;
  }

  /// Maps a file.
  ///
  /// @throws InputException where it is no `.npy`, or its length is not what its header states
  /// @throws UnsupportedException where its elements are no plain numbers
  public static Npy open(Path file) {
    String where = file.toString();
    Reading.checkFile(file);
    try (var channel = FileChannel.open(file)) {
      long size = channel.size();
      var start = ByteBuffer.allocate(12).order(ByteOrder.LITTLE_ENDIAN);
      readFully(channel, start, 0);
      start.flip();
      for (byte expected : MAGIC) {
        if (!start.hasRemaining() || start.get() != expected) {
          throw InputException.at(where, "is no .npy file: it does not start with \\x93NUMPY");
        }
      }
      if (start.remaining() < 6) {
        throw InputException.at(where, "ends within its header");
      }
      int version = start.get();
      if (version < 1 || version > 3) {
        throw UnsupportedException.at(
            where, "is in version %d of the .npy format; 1 to 3 are read", version);
      }
      start.get();
      long length = version == 1 ? start.getShort() & 0xFFFF : start.getInt() & 0xFFFFFFFFL;
      long dataStart = (version == 1 ? 10 : 12) + length;
      if (length > 1_000_000 || dataStart > size) {
        throw InputException.at(
            where, "claims a header of %d bytes, the file has %d bytes", length, size);
      }
      var text = ByteBuffer.allocate((int) length);
      readFully(channel, text, dataStart - length);
      var header = NpyHeader.parse(new String(text.array(), StandardCharsets.UTF_8), where);
      if (header.bytes() != size - dataStart) {
        throw InputException.at(
            where,
            "the header states %s of %s, so %d bytes, and %d follow",
            header.shape(),
            header.type().code,
            header.bytes(),
            size - dataStart);
      }
      // The mapping lives as long as this object.
      return new Npy(
          where,
          header,
          channel.map(FileChannel.MapMode.READ_ONLY, dataStart, header.bytes(), Arena.ofAuto()));
    } catch (IOException e) {
      throw Reading.failed(where, e);
    }
  }

  /// The extents; empty for a single number.
  public List<Integer> shape() {
    return header.shape();
  }

  /// Entries `[from, to)` of the first axis, in C order whatever the file's order: as floats where
  /// the file holds floats (float64 is rounded to the nearest float32), else as longs.
  ///
  /// @throws InputException where an unsigned 64-bit number is too large for a long
  public NamedArray rows(String name, int from, int to) {
    List<Integer> shape = header.shape();
    var dims = new ArrayList<>(shape);
    dims.set(0, to - from);
    long width = header.elements() / Math.max(1, shape.getFirst());
    int count = Math.toIntExact(width * (to - from));
    var positions = new Positions(shape, header.fortran(), from);
    if (header.type().real) {
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = real(positions.next());
      }
      return new NamedArray.Floats(name, dims, values);
    }
    long[] values = new long[count];
    for (int i = 0; i < count; i++) {
      values[i] = whole(positions.next());
    }
    return new NamedArray.Longs(name, dims, values);
  }

  /// Writes an array as float32 or int64, little-endian, C order, version 1.
  public static void write(Path file, NamedArray array) {
    String descr =
        switch (array) {
          case NamedArray.Floats _ -> "<f4";
          case NamedArray.Longs _ -> "<i8";
        };
    var dims = new StringBuilder();
    array.dims().forEach(dim -> dims.append(dim).append(", "));
    String text =
        "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }"
            .formatted(descr, array.dims().size() == 1 ? dims.toString().strip() : dims.toString());
    int padded = (10 + text.length() + 1 + 63) / 64 * 64;
    Replacement.of(
        file,
        beside -> {
          try (var out = Files.newOutputStream(beside)) {
            var start = ByteBuffer.allocate(padded).order(ByteOrder.LITTLE_ENDIAN);
            start.put(MAGIC).put((byte) 1).put((byte) 0).putShort((short) (padded - 10));
            start.put(text.getBytes(StandardCharsets.US_ASCII));
            while (start.remaining() > 1) {
              start.put((byte) ' ');
            }
            out.write(start.put((byte) '\n').array());
            var block = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
            switch (array) {
              case NamedArray.Floats(_, _, var values) -> {
                for (float value : values) {
                  flush(out, block.putFloat(value), false);
                }
              }
              case NamedArray.Longs(_, _, var values) -> {
                for (long value : values) {
                  flush(out, block.putLong(value), false);
                }
              }
            }
            flush(out, block, true);
          }
        });
  }

  /// As much as the buffer takes and the file has.
  private static void readFully(FileChannel channel, ByteBuffer into, long from)
      throws IOException {
    while (into.hasRemaining() && channel.read(into, from + into.position()) >= 0) {}
  }

  private static void flush(OutputStream out, ByteBuffer block, boolean last) throws IOException {
    if (last || block.remaining() < 8) {
      out.write(block.array(), 0, block.position());
      block.clear();
    }
  }

  private float real(long at) {
    return switch (header.type()) {
      case F2 -> Float.float16ToFloat(data.get(header.shorts(), 2 * at));
      case F4 -> Float.intBitsToFloat(data.get(header.ints(), 4 * at));
      case F8 -> (float) Double.longBitsToDouble(data.get(header.longs(), 8 * at));
      case B1, I1, I2, I4, I8, U1, U2, U4, U8 -> throw new IllegalStateException("no real type");
    };
  }

  private long whole(long at) {
    return switch (header.type()) {
      case B1, U1 -> data.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
      case I1 -> data.get(ValueLayout.JAVA_BYTE, at);
      case I2 -> data.get(header.shorts(), 2 * at);
      case U2 -> data.get(header.shorts(), 2 * at) & 0xFFFF;
      case I4 -> data.get(header.ints(), 4 * at);
      case U4 -> data.get(header.ints(), 4 * at) & 0xFFFFFFFFL;
      case I8 -> data.get(header.longs(), 8 * at);
      case U8 -> {
        long value = data.get(header.longs(), 8 * at);
        if (value < 0) {
          throw InputException.at(
              where, "element %d is %s, too large", at, Long.toUnsignedString(value));
        }
        yield value;
      }
      case F2, F4, F8 -> throw new IllegalStateException("no whole type");
    };
  }

  /// Where the elements lie in the file, asked for in C order from an entry of the first axis on.
  private static final class Positions {
    private final int[] index;
    private final int[] shape;
    private final long[] strides;

    private Positions(List<Integer> dims, boolean fortran, int from) {
      int rank = dims.size();
      shape = dims.stream().mapToInt(dim -> dim).toArray();
      strides = new long[rank];
      long stride = 1;
      for (int k = 0; k < rank; k++) {
        int axis = fortran ? k : rank - 1 - k;
        strides[axis] = stride;
        stride *= shape[axis];
      }
      index = new int[rank];
      index[0] = from;
    }

    private long next() {
      long position = 0;
      for (int axis = 0; axis < index.length; axis++) {
        position += index[axis] * strides[axis];
      }
      for (int axis = index.length - 1; axis >= 0; axis--) {
        if (++index[axis] < shape[axis] || axis == 0) {
          break;
        }
        index[axis] = 0;
      }
      return position;
    }
  }
}
