package dev.inward.compress;

import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;
import dev.inward.graph.Tensor;
import dev.inward.testkit.Chance;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Graphs that recipes are tried on, and samples for them.
final class Trial {
  /// A residual, a weight that two nodes share, a grouped convolution, a small weight that stays.
  static final Graph NET =
      GraphText.parse(
          """
          graph net
          input x: float32[2x8x8x8]
          const c: float32[16x4x3x3] = random 1
          const cb: float32[16] = random 2
          const w: float32[64x64] = random 3
          const l: float32[64x64] = random 4
          const lb: float32[64] = random 5
          const g: float32[10x1024] = random 6
          const gb: float32[10] = random 7
          const to: int64[3] = 0, 16, 64
          const flat: int64[2] = 2, -1
          a = Conv{pads=[1, 1, 1, 1], groups=2}(x, c, cb)
          b = Relu(a)
          r = Reshape(b, to)
          m = MatMul(r, w)
          n = Tanh(m)
          o = MatMul(n, w)
          s = Add(o, r)
          p = Linear(s, l, lb)
          q = Gelu(p)
          u = Reshape(q, flat)
          y = Gemm{alpha=1.0, beta=1.0, transB}(u, g, gb)
          output y
          """);

  /// A table that is looked up, then products.
  static final Graph TEXT =
      GraphText.parse(
          """
          graph text
          input ids: int64[2x5]
          const table: float32[80x32] = random 1
          const w: float32[32x48] = random 2
          const b: float32[48] = random 3
          const v: float32[48x16] = random 4
          e = Gather{axis=0}(table, ids)
          h = Linear(e, w, b)
          t = Tanh(h)
          y = MatMul(t, v)
          output y
          """);

  private Trial() {}

  static List<Map<String, Tensor>> samples(Graph graph, int count) {
    return IntStream.range(0, count).mapToObj(i -> new Chance(i).inputs(graph)).toList();
  }

  /// Ten times the decimal logarithm of signal power over error power.
  static double decibels(Tensor reference, Tensor changed) {
    float[] x = reference.floats();
    float[] y = changed.floats();
    double signal = 0;
    double error = 0;
    for (int i = 0; i < x.length; i++) {
      signal += (double) x[i] * x[i];
      error += Math.pow((double) x[i] - y[i], 2);
    }
    return error == 0 ? Double.POSITIVE_INFINITY : 10 * Math.log10(signal / error);
  }
}
