package dev.inward.onnx;

import dev.inward.graph.DataType;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// Repeats a tensor along its axes of extent less than the wanted one.
final class Repetition {
  private Repetition() {}

  static Tensor of(Tensor tensor, List<Long> wanted) {
    long count = wanted.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
    if (tensor.dtype().isFloat()) {
      float[] from = tensor.floats();
      float[] to = new float[Math.toIntExact(count)];
      for (int i = 0; i < to.length; i++) {
        to[i] = from[source(i, tensor.dims(), wanted)];
      }
      return Tensor.ofFloats(wanted, to);
    }
    long[] from = tensor.longs();
    long[] to = new long[Math.toIntExact(count)];
    for (int i = 0; i < to.length; i++) {
      to[i] = from[source(i, tensor.dims(), wanted)];
    }
    return Tensor.dense(tensor.dtype(), wanted, packed(tensor.dtype(), to));
  }

  private static int source(int element, List<Long> dims, List<Long> wanted) {
    long rest = element;
    long at = 0;
    long stride = 1;
    for (int axis = wanted.size() - 1; axis >= 0; axis--) {
      long block = wanted.get(axis) / dims.get(axis);
      at += rest % wanted.get(axis) / block * stride;
      stride *= dims.get(axis);
      rest /= wanted.get(axis);
    }
    return (int) at;
  }

  private static Storage packed(DataType type, long[] values) {
    var out = MemorySegment.ofArray(new byte[Math.toIntExact(type.bytes(values.length))]);
    for (int i = 0; i < values.length; i++) {
      switch (type.bits()) {
        case 4 -> {
          byte before = out.get(ValueLayout.JAVA_BYTE, i / 2);
          out.set(ValueLayout.JAVA_BYTE, i / 2, (byte) (before | (values[i] & 15) << i % 2 * 4));
        }
        case 8 -> out.set(ValueLayout.JAVA_BYTE, i, (byte) values[i]);
        case 16 -> out.set(Storage.SHORT, 2L * i, (short) values[i]);
        case 32 -> out.set(Storage.INT, 4L * i, (int) values[i]);
        default -> out.set(Storage.LONG, 8L * i, values[i]);
      }
    }
    return Storage.of(out);
  }
}
