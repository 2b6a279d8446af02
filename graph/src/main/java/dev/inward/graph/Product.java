package dev.inward.graph;

import java.util.OptionalDouble;

/// Sums of products over a shared axis, without a window.
public sealed interface Product extends Op {
  /// Matrix product over the last two axes; leading axes broadcast; vectors as in numpy.
  ///
  /// Shapes: `[.., m, k] x [.., k, n] -> [.., m, n]`.
  record MatMul() implements Product {}

  /// `x*w + b`, made by a rewrite from a product and a sum.
  ///
  /// Shapes: `[.., k] x [k, n] x [n] -> [.., n]`.
  record Linear() implements Product {}

  /// `alpha * A'*B' + beta * C`, with the operands transposed where asked. Operands: A, B, C?.
  ///
  /// Shapes: `[m, k] x [k, n] x broadcastable to [m, n] -> [m, n]` after transposition.
  record Gemm(float alpha, float beta, boolean transA, boolean transB) implements Product {}

  record Einsum(String equation) implements Product {}

  /// `softmax(scale * q*k' + mask) * v`. Operands: query, key, value, mask?. A boolean mask keeps
  /// where true; a float mask is added.
  ///
  /// Shapes: `[.., s, e] x [.., t, e] x [.., t, v] x broadcastable to [.., s, t] -> [.., s, v]`.
  /// Source: Vaswani et al., NIPS 2017, eq. 1.
  ///
  /// @param scale empty means `1/sqrt(e)`
  record Attention(OptionalDouble scale, boolean causal) implements Product {}
}
