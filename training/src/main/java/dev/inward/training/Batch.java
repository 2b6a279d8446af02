package dev.inward.training;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// Samples joined along their first axis.
final class Batch {
  private Batch() {}

  /// One tensor of all.
  ///
  /// @throws InputException where their types or other extents differ
  static Tensor joined(List<Tensor> samples) {
    Tensor first = samples.getFirst();
    if (samples.size() == 1) {
      return first;
    }
    long rows = 0;
    for (Tensor sample : samples) {
      if (!alike(first, sample)) {
        throw InputException.of(
            "samples are trained on together, but one is %s, another %s",
            first.type(), sample.type());
      }
      rows += sample.dims().getFirst();
    }
    List<Long> dims = new ArrayList<>(first.dims());
    dims.set(0, rows);
    byte[] all = new byte[Math.toIntExact(rows * first.storedBytes() / first.dims().getFirst())];
    int at = 0;
    for (Tensor sample : samples) {
      byte[] one = bytes(sample);
      System.arraycopy(one, 0, all, at, one.length);
      at += one.length;
    }
    return Tensor.dense(first.dtype(), dims, Storage.of(all));
  }

  static boolean alike(Tensor a, Tensor b) {
    return a.dtype() == b.dtype()
        && a.rank() > 0
        && a.rank() == b.rank()
        && a.dims().subList(1, a.rank()).equals(b.dims().subList(1, b.rank()));
  }

  /// The same of every input.
  static Map<String, Tensor> of(List<Map<String, Tensor>> samples) {
    Map<String, Tensor> joined = new LinkedHashMap<>();
    for (String input : samples.getFirst().keySet()) {
      joined.put(
          input, joined(samples.stream().map(s -> Objects.requireNonNull(s.get(input))).toList()));
    }
    return joined;
  }

  private static byte[] bytes(Tensor tensor) {
    if (!(tensor.encoding() instanceof dev.inward.graph.Encoding.Dense(var stored, var data))
        || stored != tensor.dtype()
        || stored == DataType.STRING) {
      throw new IllegalArgumentException("inputs are dense, got " + tensor);
    }
    return data.toArray();
  }
}
