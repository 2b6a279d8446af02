package dev.inward.coreml;

import dev.inward.base.InputException;
import dev.inward.base.UnsupportedException;
import dev.inward.graph.Storage;
import dev.inward.protobuf.WireReader;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Reads the elements of a constant that stands in the model file itself.
final class ImmediateReader {
  private ImmediateReader() {}

  static Mil.Content read(WireReader in, MilType type, long count) {
    while (in.next()) {
      if (in.number() == 1) {
        return tensor(in.message(), type, count);
      }
      throw UnsupportedException.of("a constant is a list, tuple or dictionary");
    }
    throw InputException.of("a constant is empty");
  }

  private static Mil.Content tensor(WireReader in, MilType type, long count) {
    while (in.next()) {
      WireReader values = in.message();
      int form = in.number();
      if (form == 4 && type == MilType.STRING) {
        return new Mil.Content.Text(texts(values, count));
      }
      if (form != expected(type)) {
        throw InputException.of(
            "a constant of type %s is written in field %d, expected %d",
            type.text(), form, expected(type));
      }
      return new Mil.Content.Stored(numbers(values, type, count));
    }
    if (count == 0) {
      return new Mil.Content.Stored(Storage.of(new byte[0]));
    }
    throw InputException.of("a constant of %d elements is empty", count);
  }

  private static int expected(MilType type) {
    return switch (type) {
      case FLOAT32 -> 1;
      case INT32, INT16, UINT16 -> 2;
      case BOOL -> 3;
      case STRING -> 4;
      case INT64, UINT64 -> 5;
      case FLOAT16, INT4, INT8, UINT1, UINT2, UINT3, UINT4, UINT6, UINT8, UINT32 -> 7;
    };
  }

  private static List<String> texts(WireReader in, long count) {
    List<String> texts = new ArrayList<>();
    while (in.next()) {
      if (in.number() == 1) {
        texts.add(in.string());
      }
    }
    check(texts.size(), count, "texts");
    return texts;
  }

  private static void check(long found, long count, String what) {
    if (found != count) {
      throw InputException.of("a constant has %d %s, its type says %d", found, what, count);
    }
  }

  private static Storage numbers(WireReader in, MilType type, long count) {
    List<MemorySegment> raw = new ArrayList<>();
    long found = 0;
    long[] whole = new long[0];
    while (in.next()) {
      if (in.number() != 1) {
        continue;
      }
      switch (type) {
        case FLOAT32 -> raw.add(in.fixedElements(4));
        case FLOAT16, INT4, INT8, UINT1, UINT2, UINT3, UINT4, UINT6, UINT8, UINT32 ->
            raw.add(in.bytes());
        case BOOL, INT16, INT32, INT64, UINT16, UINT64 -> whole = append(whole, in, count);
        case STRING -> throw new IllegalStateException("texts are read elsewhere");
      }
    }
    if (type == MilType.FLOAT32 || expected(type) == 7) {
      for (MemorySegment part : raw) {
        found += part.byteSize();
      }
      check(found, type.bytes(count), "bytes");
      byte[] out = new byte[Math.toIntExact(found)];
      int at = 0;
      for (MemorySegment part : raw) {
        MemorySegment.copy(part, 0, MemorySegment.ofArray(out), at, part.byteSize());
        at += (int) part.byteSize();
      }
      return Storage.of(out);
    }
    check(whole.length, count, "elements");
    return Constants.whole(type, whole);
  }

  private static long[] append(long[] before, WireReader in, long count) {
    long more = in.countLongs();
    if (before.length + more > count) {
      check(before.length + more, count, "elements");
    }
    long[] out = Arrays.copyOf(before, Math.toIntExact(before.length + more));
    int[] at = {before.length};
    in.longs(value -> out[at[0]++] = value);
    return out;
  }
}
