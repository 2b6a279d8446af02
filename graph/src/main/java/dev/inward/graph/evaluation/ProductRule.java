package dev.inward.graph.evaluation;

import dev.inward.base.InputException;
import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise.Binary.Function;
import dev.inward.graph.Product;
import java.util.Arrays;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// What sums of products compute. Floats are summed in double and rounded once, whole numbers wrap
/// around.
final class ProductRule {
  private ProductRule() {}

  static Array of(Product op, Operands in) {
    return switch (op) {
      case Product.MatMul _ -> matMul(in.get(0), in.get(1), Optional.empty());
      case Product.Linear _ -> matMul(in.get(0), in.get(1), in.find(2));
      case Product.Gemm gemm -> gemm(gemm, in);
      case Product.Einsum(var equation) -> EinsumRule.of(equation, in.all());
      case Product.Attention(var scale, var causal) -> attention(scale, causal, in);
    };
  }

  static Array matMul(Array a, Array b, Optional<Array> bias) {
    BinaryRule.sameType(a, b);
    if (!a.isFloat()) {
      var product = product(a, b, a.dtype());
      return bias.map(c -> BinaryRule.of(Function.ADD, product, c)).orElse(product);
    }
    // Carried in double up to the bias, so that the result is rounded once.
    var product = product(a, b, DataType.FLOAT64);
    return bias.map(c -> BinaryRule.of(Function.ADD, product, c.cast(DataType.FLOAT64)))
        .orElse(product)
        .cast(a.dtype());
  }

  /// The matrix product as numpy defines it, in the type given.
  static Array product(Array a, Array b, DataType type) {
    if (a.rank() == 0 || b.rank() == 0) {
      throw InputException.of("a matrix product takes no scalars");
    }
    int[] left = a.rank() == 1 ? new int[] {1, a.extent(0)} : a.dims();
    int[] right = b.rank() == 1 ? new int[] {b.extent(0), 1} : b.dims();
    int m = left[left.length - 2];
    int k = left[left.length - 1];
    int n = right[right.length - 1];
    if (right[right.length - 2] != k) {
      throw InputException.of(
          "inner extents differ: %s x %s has %d on the left, %d on the right",
          Arrays.toString(a.dims()), Arrays.toString(b.dims()), k, right[right.length - 2]);
    }
    int[] leftBatch = Arrays.copyOf(left, left.length - 2);
    int[] rightBatch = Arrays.copyOf(right, right.length - 2);
    int[] batch = Places.common(leftBatch, rightBatch);
    int[] fromLeft = Places.broadcast(leftBatch, batch);
    int[] fromRight = Places.broadcast(rightBatch, batch);
    int[] dims =
        IntStream.concat(
                Arrays.stream(batch),
                IntStream.concat(
                    a.rank() == 1 ? IntStream.empty() : IntStream.of(m),
                    b.rank() == 1 ? IntStream.empty() : IntStream.of(n)))
            .toArray();
    int count = Array.count(dims);
    if (type.isFloat()) {
      double[] x = a.reals();
      double[] w = b.reals();
      double[] out = new double[count];
      for (int i = 0; i < fromLeft.length; i++) {
        multiply(x, fromLeft[i] * m * k, w, fromRight[i] * k * n, out, i * m * n, m, k, n);
      }
      return Array.of(type, dims, out);
    }
    long[] x = a.wholes();
    long[] w = b.wholes();
    long[] out = new long[count];
    for (int i = 0; i < fromLeft.length; i++) {
      for (int row = 0; row < m; row++) {
        for (int inner = 0; inner < k; inner++) {
          long factor = x[(fromLeft[i] * m + row) * k + inner];
          int from = (fromRight[i] * k + inner) * n;
          int to = (i * m + row) * n;
          for (int column = 0; column < n; column++) {
            out[to + column] += factor * w[from + column];
          }
        }
      }
    }
    return Array.of(type, dims, out);
  }

  private static void multiply(
      double[] a, int aAt, double[] b, int bAt, double[] c, int cAt, int m, int k, int n) {
    for (int row = 0; row < m; row++) {
      int to = cAt + row * n;
      for (int inner = 0; inner < k; inner++) {
        double factor = a[aAt + row * k + inner];
        int from = bAt + inner * n;
        for (int column = 0; column < n; column++) {
          c[to + column] += factor * b[from + column];
        }
      }
    }
  }

  private static Array gemm(Product.Gemm gemm, Operands in) {
    Array a = gemm.transA() ? transposed(in.get(0)) : in.get(0);
    Array b = gemm.transB() ? transposed(in.get(1)) : in.get(1);
    BinaryRule.sameType(a, b);
    if (a.rank() != 2 || b.rank() != 2) {
      throw InputException.of("Gemm takes matrices");
    }
    Array product = product(a, b, DataType.FLOAT64);
    double[] out = product.reals();
    double[] c =
        in.find(2).map(t -> Places.broadcast(t, product.dims()).reals()).orElse(new double[0]);
    for (int i = 0; i < out.length; i++) {
      out[i] = gemm.alpha() * out[i] + (c.length == 0 ? 0 : gemm.beta() * c[i]);
    }
    return Array.of(a.dtype(), product.dims(), out);
  }

  /// With the last two axes exchanged.
  static Array transposed(Array x) {
    int rank = x.rank();
    if (rank < 2) {
      throw InputException.of("a transposition takes a matrix, got %d axes", rank);
    }
    int[] dims = x.dims();
    dims[rank - 1] = x.extent(rank - 2);
    dims[rank - 2] = x.extent(rank - 1);
    int[] strides = Places.strides(x.dims());
    int last = strides[rank - 1];
    strides[rank - 1] = strides[rank - 2];
    strides[rank - 2] = last;
    return x.pick(dims, Places.map(dims, at -> Places.dot(at, strides)));
  }

  private static Array attention(OptionalDouble scale, boolean causal, Operands in) {
    Array query = in.get(0);
    double factor = scale.orElse(1 / Math.sqrt(query.extent(-1)));
    Array scores = product(query, transposed(in.get(1)), DataType.FLOAT64);
    double[] logits = scores.reals();
    for (int i = 0; i < logits.length; i++) {
      logits[i] *= factor;
    }
    int columns = scores.extent(-1);
    in.find(3)
        .ifPresent(mask -> {
          Array spread = Places.broadcast(mask, scores.dims());
          for (int i = 0; i < logits.length; i++) {
            if (mask.dtype() != DataType.BOOL) {
              logits[i] += spread.real(i);
            } else if (spread.whole(i) == 0) {
              logits[i] = Double.NEGATIVE_INFINITY;
            }
          }
        });
    if (causal) {
      int rows = scores.extent(-2);
      for (int i = 0; i < logits.length; i++) {
        if (i % columns > i / columns % rows) {
          logits[i] = Double.NEGATIVE_INFINITY;
        }
      }
    }
    boolean[] blind = new boolean[columns == 0 ? 0 : logits.length / columns];
    Arrays.fill(blind, true);
    for (int i = 0; i < logits.length; i++) {
      blind[i / columns] &= logits[i] == Double.NEGATIVE_INFINITY;
    }
    NormalizationRule.softmax(logits, columns);
    for (int i = 0; i < logits.length; i++) {
      // A query that may see no key at all gets zeros, as ONNX has it.
      logits[i] = Double.isNaN(logits[i]) && blind[i / columns] ? 0 : logits[i];
    }
    return product(Array.of(DataType.FLOAT64, scores.dims(), logits), in.get(2), DataType.FLOAT64)
        .cast(query.dtype());
  }
}
