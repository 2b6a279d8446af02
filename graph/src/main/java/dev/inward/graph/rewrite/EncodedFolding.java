package dev.inward.graph.rewrite;

import dev.inward.graph.DataType;
import dev.inward.graph.Elementwise;
import dev.inward.graph.Encoding;
import dev.inward.graph.Graph;
import dev.inward.graph.Movement;
import dev.inward.graph.Node;
import dev.inward.graph.Quantization;
import dev.inward.graph.Shape;
import dev.inward.graph.Storage;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// Results that are constants in the same encoding as the operand, of any size: nothing is decoded,
/// and most share the operand's bytes.
///
/// ```text
/// reshape(w), transpose(w)      ->  w with other extents, or its axes moved
/// cast(w: float16; float32)     ->  w as float32 stored as float16
/// dequantize(codes, s, z)       ->  w with an affine encoding
/// ```
final class EncodedFolding {
  private EncodedFolding() {}

  static Optional<Tensor> of(Graph graph, Node node, Map<String, Tensor> known) {
    Tensor x = known.get(node.operand(0));
    if (x == null || x.dtype() == DataType.STRING || x.elements() > Integer.MAX_VALUE - 8) {
      return Optional.empty();
    }
    return switch (node.op()) {
      case Elementwise.Unary(var function) when function == Elementwise.Unary.Function.IDENTITY ->
          Optional.of(x);
      case Elementwise.Cast(var to) -> cast(x, to);
      case Movement.Transpose(var permutation) -> transposed(x, permutation);
      case Movement.Reshape _, Movement.Flatten _, Movement.Squeeze _, Movement.Unsqueeze _ ->
          reshaped(x, graph.shape(node.result()));
      case Quantization.Dequantize(var axis, var block) ->
          Optional.ofNullable(known.get(node.operand(1)))
              .flatMap(scale ->
                  dequantized(
                      x, scale, Optional.ofNullable(known.get(node.operand(2))), axis, block));
      default -> Optional.empty();
    };
  }

  private static Optional<Tensor> cast(Tensor x, DataType to) {
    if (to == x.dtype()) {
      return Optional.of(x);
    }
    boolean widens =
        to == DataType.FLOAT32
            && (x.dtype() == DataType.FLOAT16 || x.dtype() == DataType.BFLOAT16)
            && x.encoding() instanceof Encoding.Dense;
    return widens ? Optional.of(new Tensor(to, x.dims(), x.encoding())) : Optional.empty();
  }

  private static Optional<Tensor> transposed(Tensor x, List<Long> permutation) {
    if (x.encoding() instanceof Encoding.Sparse) {
      return Optional.empty();
    }
    List<Integer> axes =
        permutation.isEmpty()
            ? IntStream.range(0, x.rank()).map(i -> x.rank() - 1 - i).boxed().toList()
            : permutation.stream()
                .map(axis -> Math.toIntExact(axis < 0 ? axis + x.rank() : axis))
                .toList();
    return Optional.of(x.transposed(axes));
  }

  private static Optional<Tensor> reshaped(Tensor x, Shape shape) {
    return shape.isStatic()
        ? x.reshaped(Arrays.stream(shape.sizes()).boxed().toList())
        : Optional.empty();
  }

  private static Optional<Tensor> dequantized(
      Tensor codes, Tensor scale, Optional<Tensor> zero, long named, long block) {
    if (!(codes.encoding() instanceof Encoding.Dense(var stored, var data))
        || !stored.isInteger()
        || stored.bits() > 16
        || scale.dtype() != DataType.FLOAT32
        || !(scale.encoding() instanceof Encoding.Dense(var how, _))
        || how != DataType.FLOAT32) {
      return Optional.empty();
    }
    List<Long> grid = new ArrayList<>(Collections.nCopies(codes.rank(), 1L));
    int axis = Math.toIntExact(named < 0 ? named + codes.rank() : named);
    if (block > 0) {
      grid = scale.dims();
    } else if (scale.elements() > 1) {
      if (axis < 0 || axis >= codes.rank()) {
        return Optional.empty();
      }
      grid.set(axis, scale.elements());
    }
    boolean divides = grid.size() == codes.rank();
    for (int a = 0; divides && a < grid.size(); a++) {
      long groups = grid.get(a);
      divides =
          groups > 0
              && codes.dims().get(a) % groups == 0
              && (block == 0 || groups * (a == axis ? block : 1) == codes.dims().get(a));
    }
    if (!divides) {
      return Optional.empty();
    }
    var dims = List.copyOf(grid);
    int zeros = Math.toIntExact(stored.bytes(scale.elements()));
    Tensor offset =
        zero.map(z -> z.withDims(dims))
            .orElseGet(() -> Tensor.dense(stored, dims, Storage.of(new byte[zeros])));
    if (offset.dtype() != stored) {
      return Optional.empty();
    }
    return Optional.of(
        new Tensor(
            DataType.FLOAT32,
            codes.dims(),
            new Encoding.Affine(stored, data, scale.withDims(dims), offset)));
  }
}
