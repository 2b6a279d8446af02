package dev.inward.testkit;

import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import dev.inward.graph.TensorType;
import dev.inward.graph.Value;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// A seeded source of random values: the same seed gives the same values everywhere.
public final class Chance {
  private final Random random;

  public Chance(long seed) {
    // Neighbouring seeds give similar first values; a scramble parts them.
    random = new Random(seed * 0x9E3779B97F4A7C15L);
  }

  /// From `least` to `most`, both included.
  public int between(int least, int most) {
    return random.nextInt(least, most + 1);
  }

  public boolean flip() {
    return random.nextBoolean();
  }

  public <T> T pick(List<T> choices) {
    return choices.get(random.nextInt(choices.size()));
  }

  /// A real from `least` to `most`.
  public float real(float least, float most) {
    return random.nextFloat(least, most);
  }

  /// So many extents from 1 to `most`.
  public List<Long> dims(int rank, int most) {
    return random.longs(rank, 1, most + 1L).boxed().toList();
  }

  /// Float32 from the normal distribution.
  public Tensor floats(List<Long> dims) {
    float[] values = new float[count(dims)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return Tensor.ofFloats(dims, values);
  }

  /// Whole numbers or booleans from `least` to `most`, both included; of at most 32 bits, or int64.
  public Tensor wholes(DataType type, List<Long> dims, int least, int most) {
    int[] values = random.ints(count(dims), least, most + 1).toArray();
    return type == DataType.INT64
        ? Tensor.ofLongs(dims, Arrays.stream(values).asLongStream().toArray())
        : Tensor.dense(type, dims, Storage.packed(type.bits(), values));
  }

  /// A tensor of a type with a static shape: floats from the normal distribution, booleans, small
  /// whole numbers.
  ///
  /// @throws IllegalArgumentException for types other than float32, bool and whole numbers
  public Tensor tensor(TensorType type) {
    List<Long> dims = Arrays.stream(type.shape().sizes()).boxed().toList();
    return switch (type.dtype()) {
      case FLOAT32 -> floats(dims);
      case BOOL -> wholes(DataType.BOOL, dims, 0, 1);
      case INT4, INT8, INT16, INT32, INT64 -> wholes(type.dtype(), dims, -4, 4);
      case UINT4, UINT8, UINT16, UINT32 -> wholes(type.dtype(), dims, 0, 8);
      case FLOAT16, BFLOAT16, FLOAT64, UINT64, STRING ->
          throw new IllegalArgumentException("no random tensors of " + type);
    };
  }

  /// A tensor for each input of a graph whose inputs have static shapes.
  public Map<String, Tensor> inputs(Graph graph) {
    Map<String, Tensor> inputs = new LinkedHashMap<>();
    for (Value input : graph.inputs()) {
      inputs.put(input.name(), tensor(input.type()));
    }
    return inputs;
  }

  private static int count(List<Long> dims) {
    return Math.toIntExact(dims.stream().reduce(1L, Math::multiplyExact));
  }
}
