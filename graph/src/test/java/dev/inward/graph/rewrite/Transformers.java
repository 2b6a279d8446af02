package dev.inward.graph.rewrite;

import dev.inward.graph.Graph;
import dev.inward.graph.GraphText;

/// Encoder transformers as exporters write them, with weights from seeds.
final class Transformers {
  private Transformers() {}

  /// Layers with attention of several heads, a mask, and a head on the first position.
  static Graph encoder(int layers, int positions, int heads, int width) {
    return GraphText.parse(text(layers, positions, heads, width));
  }

  static String text(int layers, int positions, int heads, int width) {
    int channels = heads * width;
    int wide = 2 * channels;
    var text = new StringBuilder("graph encoder\n");
    text.append("input x: float32[1x%dx%d]\n".formatted(positions, channels));
    text.append("input mask: float32[1x1x1x%d]\n".formatted(positions));
    text.append("const scale: float32[] = %s\n".formatted(1 / Math.sqrt(width)));
    text.append("const heads: int64[4] = 1, %d, %d, %d\n".formatted(positions, heads, width));
    text.append("const whole: int64[3] = 1, %d, %d\n".formatted(positions, channels));
    int seed = 1;
    String x = "x";
    for (int i = 0; i < layers; i++) {
      for (String name : new String[] {"q", "k", "v", "o"}) {
        text.append(constant("w" + name + i, channels + "x" + channels, seed++));
        text.append(constant("b" + name + i, "" + channels, seed++));
      }
      text.append(constant("wu" + i, channels + "x" + wide, seed++));
      text.append(constant("bu" + i, "" + wide, seed++));
      text.append(constant("wd" + i, wide + "x" + channels, seed++));
      text.append(constant("bd" + i, "" + channels, seed++));
      for (String name : new String[] {"g1", "s1", "g2", "s2"}) {
        text.append(constant(name + i, "" + channels, seed++));
      }
      for (String name : new String[] {"q", "k", "v"}) {
        text.append(
            """
            $n$i = Linear(@x, w$n$i, b$n$i)
            $n$i.r = Reshape($n$i, heads)
            $n$i.t = Transpose{permutation=[0, 2, 1, 3]}($n$i.r)
            """
                .replace("$n", name)
                .replace("$i", "" + i)
                .replace("@x", x));
      }
      text.append(
          """
          k$i.tt = Transpose{permutation=[0, 1, 3, 2]}(k$i.t)
          s$i = MatMul(q$i.t, k$i.tt)
          ss$i = Mul(s$i, scale)
          sm$i = Add(ss$i, mask)
          p$i = Softmax{axis=-1}(sm$i)
          a$i = MatMul(p$i, v$i.t)
          a$i.t = Transpose{permutation=[0, 2, 1, 3]}(a$i)
          a$i.r = Reshape(a$i.t, whole)
          o$i = Linear(a$i.r, wo$i, bo$i)
          r1$i = Add(o$i, @x)
          n1$i = LayerNorm{axis=-1, epsilon=1e-5}(r1$i, g1$i, s1$i)
          u$i = Linear(n1$i, wu$i, bu$i)
          e$i = Gelu(u$i)
          d$i = Linear(e$i, wd$i, bd$i)
          r2$i = Add(d$i, n1$i)
          n2$i = LayerNorm{axis=-1, epsilon=1e-5}(r2$i, g2$i, s2$i)
          """
              .replace("$i", "" + i)
              .replace("@x", x));
      x = "n2" + i;
    }
    text.append("const first: int64[] = 0\n");
    text.append(constant("wp", channels + "x4", seed++));
    text.append("c = Gather{axis=1}(%s, first)\n".formatted(x));
    text.append("l = MatMul(c, wp)\n");
    text.append("y = Tanh(l)\n");
    text.append("output %s\noutput y\n".formatted(x));
    return text.toString();
  }

  private static String constant(String name, String dims, int seed) {
    return "const %s: float32[%s] = random %d\n".formatted(name, dims, seed);
  }
}
