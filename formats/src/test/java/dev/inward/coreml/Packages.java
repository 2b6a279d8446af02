package dev.inward.coreml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.inward.graph.DataType;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.graph.evaluation.Evaluation;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// Writes graphs and compares what is read back.
final class Packages {
  private Packages() {}

  static Path path(String name) {
    return Path.of("target", "packages", name + ".mlpackage");
  }

  /// Runs the graph and the one that was read back on the same inputs.
  ///
  /// @param tolerance for reals, relative to the largest magnitude of the output, at least 1
  static void sameOutputs(
      Graph original,
      Graph read,
      Map<String, String> names,
      Map<String, Tensor> inputs,
      double tolerance) {
    var expected = Evaluation.run(original, inputs);
    Map<String, Tensor> given = new LinkedHashMap<>();
    inputs.forEach((name, tensor) -> given.put(names.get(name), facing(tensor)));
    var found = Evaluation.run(read, given);
    assertThat(found.keySet())
        .containsExactlyElementsOf(expected.keySet().stream().map(names::get).toList());
    expected.forEach((name, tensor) -> {
      Tensor other = found.getOrDefault(names.get(name), tensor);
      if (tensor.rank() > 0) {
        assertThat(other.dims()).isEqualTo(tensor.dims());
      }
      float[] a = reals(tensor);
      float[] b = reals(other);
      assertThat(b).hasSameSizeAs(a);
      double largest = 1;
      for (float v : a) {
        largest = Float.isFinite(v) ? Math.max(largest, Math.abs(v)) : largest;
      }
      for (int i = 0; i < a.length; i++) {
        assertThat((double) b[i])
            .as("%s[%d]", name, i)
            .isCloseTo(a[i], within(tolerance * largest));
      }
    });
  }

  private static float[] reals(Tensor tensor) {
    if (tensor.dtype().isFloat()) {
      return tensor.floats();
    }
    long[] wholes = tensor.longs();
    float[] out = new float[wholes.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = wholes[i];
    }
    return out;
  }

  /// An input as the app gives it: whole numbers and booleans as int32, reals as float32, at least
  /// one axis.
  private static Tensor facing(Tensor tensor) {
    var dims = tensor.rank() == 0 ? java.util.List.of(1L) : tensor.dims();
    if (tensor.dtype().isFloat()) {
      return Tensor.ofFloats(dims, tensor.floats());
    }
    return Tensor.dense(DataType.INT32, dims, Constants.whole(MilType.INT32, tensor.longs()));
  }
}
