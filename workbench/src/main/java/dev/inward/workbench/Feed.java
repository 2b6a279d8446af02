package dev.inward.workbench;

import dev.inward.base.InputException;
import dev.inward.data.NamedArray;
import dev.inward.data.Samples;
import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Value;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// Where the inputs of a model come from, a sample at a time.
public sealed interface Feed {
  int size();

  /// The class of each sample; empty where there are none.
  int[] labels();

  /// What a person calls it: the file, or that it was generated.
  String about();

  /// The inputs of one sample, the first axis of each 1.
  Map<String, Tensor> inputs(List<Value> wanted, int index);

  /// The inputs of samples `from` to `from + count`, or to the last.
  default List<Map<String, Tensor>> inputs(List<Value> wanted, int from, int count) {
    return java.util.stream.IntStream.range(from, Math.min(size(), from + count))
        .mapToObj(i -> inputs(wanted, i))
        .toList();
  }

  /// A person's data, prepared as the budget says.
  record Prepared(Samples samples) implements Feed {
    @Override
    public int size() {
      return samples.size();
    }

    @Override
    public int[] labels() {
      return samples.labels();
    }

    @Override
    public String about() {
      return String.valueOf(samples.data().place().getFileName());
    }

    @Override
    public Map<String, Tensor> inputs(List<Value> wanted, int index) {
      Map<String, NamedArray> given = new LinkedHashMap<>();
      samples.batch(index, index + 1).forEach(a -> given.put(a.name(), a));
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      for (Value input : wanted) {
        NamedArray array =
            given.size() == 1 && wanted.size() == 1
                ? given.values().iterator().next()
                : given.get(input.name());
        if (array == null) {
          throw InputException.at(
                  "input '" + input.name() + "'", "the data gives no array of that name")
              .hint("it gives %s", String.join(", ", given.keySet()));
        }
        inputs.put(input.name(), tensor(array, input.type()));
      }
      return inputs;
    }

    private static Tensor tensor(NamedArray array, TensorType type) {
      List<Long> dims = array.dims().stream().map(Integer::longValue).toList();
      return switch (array) {
        case NamedArray.Floats floats when type.dtype() == DataType.FLOAT16 ->
            Tensor.dense(DataType.FLOAT16, dims, Storage.of(halves(floats.values())));
        case NamedArray.Floats floats -> Tensor.ofFloats(dims, floats.values());
        case NamedArray.Longs longs when type.dtype() == DataType.INT32 ->
            Tensor.dense(DataType.INT32, dims, Storage.of(ints(longs.values())));
        case NamedArray.Longs longs -> Tensor.ofLongs(dims, longs.values());
      };
    }
  }

  /// Another feed whose first samples are prepared once and kept, up to some memory: every
  /// candidate is run on the same ones.
  final class Kept implements Feed {
    private static final long MOST_BYTES = 128L << 20;

    private final Feed feed;
    private final List<Value> wanted;
    private final AtomicReferenceArray<@Nullable Map<String, Tensor>> samples;

    /// @param wanted the inputs of the model
    public Kept(Feed feed, List<Value> wanted) {
      this.feed = feed;
      this.wanted = List.copyOf(wanted);
      long bytes = feed.inputs(wanted, 0).values().stream().mapToLong(Tensor::storedBytes).sum();
      this.samples =
          new AtomicReferenceArray<>((int) Math.min(feed.size(), MOST_BYTES / Math.max(1, bytes)));
    }

    @Override
    public int size() {
      return feed.size();
    }

    @Override
    public int[] labels() {
      return feed.labels();
    }

    @Override
    public String about() {
      return feed.about();
    }

    @Override
    public Map<String, Tensor> inputs(List<Value> asked, int index) {
      if (index >= samples.length() || !asked.equals(wanted)) {
        return feed.inputs(asked, index);
      }
      var sample = samples.get(index);
      if (sample == null) {
        sample = feed.inputs(asked, index);
        samples.set(index, sample);
      }
      return sample;
    }
  }

  /// Random inputs, for a model without data: reals from a normal distribution, indices anywhere in
  /// the table that they look up, other whole numbers 1.
  record Generated(int size, long seed, Map<String, Long> rows) implements Feed {
    /// Inputs for a graph whose shapes are known but for the first axis.
    public static Generated of(Graph graph, int size) {
      Map<String, Long> rows = new LinkedHashMap<>();
      for (Node node : graph.nodes()) {
        if (node.op() instanceof Movement.Gather(var axis) && axis == 0) {
          graph
              .constant(node.operand(0))
              .ifPresent(t -> rows.merge(node.operand(1), t.dims().getFirst(), Math::min));
        }
      }
      return new Generated(size, 20260101, Map.copyOf(rows));
    }

    @Override
    public int[] labels() {
      return new int[0];
    }

    @Override
    public String about() {
      return "generated inputs";
    }

    @Override
    public Map<String, Tensor> inputs(List<Value> wanted, int index) {
      var random = new Random(seed + index);
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      for (Value input : wanted) {
        var shape = input.type().shape();
        if (!shape.ranked()) {
          throw unbound(input);
        }
        List<Long> dims =
            java.util.stream.IntStream.range(0, shape.rank())
                .mapToObj(axis ->
                    switch (shape.dim(axis)) {
                      case Dim.Known(var known) -> known;
                      case Dim.Symbol _ when axis == 0 -> 1L;
                      case Dim.Symbol _ -> throw unbound(input);
                    })
                .toList();
        inputs.put(input.name(), tensor(input, dims, random));
      }
      return inputs;
    }

    private static InputException unbound(Value input) {
      return InputException.at(
              "input '" + input.name() + "'", "its shape %s is not bound", input.type().shape())
          .hint("state it in the budget file, or give --shape %s=1x…", input.name());
    }

    private Tensor tensor(Value input, List<Long> dims, Random random) {
      int count = Math.toIntExact(dims.stream().reduce(1L, Math::multiplyExact));
      if (input.type().dtype().isFloat()) {
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
          values[i] = (float) random.nextGaussian();
        }
        return input.type().dtype() == DataType.FLOAT16
            ? Tensor.dense(DataType.FLOAT16, dims, Storage.of(halves(values)))
            : Tensor.ofFloats(dims, values);
      }
      long[] values = new long[count];
      long most = rows.getOrDefault(input.name(), 0L);
      for (int i = 0; i < count; i++) {
        values[i] = most > 0 ? random.nextLong(most) : 1;
      }
      return switch (input.type().dtype()) {
        case INT64 -> Tensor.ofLongs(dims, values);
        case INT32 -> Tensor.dense(DataType.INT32, dims, Storage.of(ints(values)));
        case BOOL, INT8, UINT8 -> {
          byte[] bytes = new byte[count];
          for (int i = 0; i < count; i++) {
            bytes[i] = (byte) values[i];
          }
          yield Tensor.dense(input.type().dtype(), dims, Storage.of(bytes));
        }
        default ->
            throw InputException.at(
                "input '" + input.name() + "'",
                "no inputs of type %s are generated; name data in the budget file",
                input.type().dtype().text());
      };
    }
  }

  private static byte[] halves(float[] values) {
    byte[] bytes = new byte[2 * values.length];
    for (int i = 0; i < values.length; i++) {
      short half = Float.floatToFloat16(values[i]);
      bytes[2 * i] = (byte) half;
      bytes[2 * i + 1] = (byte) (half >> 8);
    }
    return bytes;
  }

  private static byte[] ints(long[] values) {
    byte[] bytes = new byte[4 * values.length];
    for (int i = 0; i < values.length; i++) {
      int value = Math.toIntExact(values[i]);
      for (int b = 0; b < 4; b++) {
        bytes[4 * i + b] = (byte) (value >> (8 * b));
      }
    }
    return bytes;
  }
}
