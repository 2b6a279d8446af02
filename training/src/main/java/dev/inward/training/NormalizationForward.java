package dev.inward.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import dev.inward.graph.Normalization;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/// Normalisations on PyTorch; empty for those without a gradient.
final class NormalizationForward {
  private NormalizationForward() {}

  static Optional<NDArray> of(Normalization op, Operands in) {
    NDArray x = in.live(0);
    int rank = x.getShape().dimension();
    return switch (op) {
      case Normalization.BatchNorm(float epsilon) -> {
        NDArray factor = in.live(1).div(in.live(4).add(epsilon).sqrt());
        NDArray shift = in.live(2).sub(in.live(3).mul(factor));
        yield Optional.of(x.mul(channels(factor, rank)).add(channels(shift, rank)));
      }
      case Normalization.LayerNorm(long axis, float epsilon) -> {
        NDArray made = standardised(x, from(axis, rank), epsilon);
        made = in.has(1) ? made.mul(in.live(1)) : made;
        yield Optional.of(in.has(2) ? made.add(in.live(2)) : made);
      }
      case Normalization.RmsNorm(long axis, float epsilon) -> {
        NDArray made = x.div(mean(x.square(), from(axis, rank)).add(epsilon).sqrt());
        yield Optional.of(in.has(1) ? made.mul(in.live(1)) : made);
      }
      case Normalization.InstanceNorm(float epsilon) ->
          Optional.of(grouped(x, x.getShape().get(1), epsilon, in));
      case Normalization.GroupNorm(long groups, float epsilon) ->
          Optional.of(grouped(x, groups, epsilon, in));
      case Normalization.LpNorm(long axis, long p) -> {
        int[] along = {axis(axis, rank)};
        NDArray norm =
            p == 1
                ? x.abs().sum(along, true)
                : x.square().sum(along, true).add(Float.MIN_NORMAL).sqrt();
        yield Optional.of(x.div(norm.maximum(Float.MIN_NORMAL)));
      }
      case Normalization.LocalResponseNorm lrn -> Optional.of(localResponse(x, lrn));
      case Normalization.MeanVarianceNorm(var axes) -> {
        int[] along = axes.stream().mapToInt(a -> axis(a, rank)).toArray();
        NDArray centred = x.sub(mean(x, along));
        yield Optional.of(centred.div(mean(centred.square(), along).sqrt().add(1e-9f)));
      }
      case Normalization.Softmax(long axis) -> Optional.of(x.softmax(axis(axis, rank)));
      case Normalization.LogSoftmax(long axis) -> Optional.of(x.logSoftmax(axis(axis, rank)));
      case Normalization.Hardmax _ -> Optional.empty();
    };
  }

  static int axis(long axis, int rank) {
    return Math.toIntExact(axis < 0 ? axis + rank : axis);
  }

  private static int[] from(long axis, int rank) {
    return IntStream.range(axis(axis, rank), rank).toArray();
  }

  /// A vector along axis 1 of so many axes.
  static NDArray channels(NDArray vector, int rank) {
    long[] dims = new long[rank];
    Arrays.fill(dims, 1);
    dims[1] = vector.size();
    return vector.reshape(dims);
  }

  private static NDArray standardised(NDArray x, int[] axes, float epsilon) {
    NDArray centred = x.sub(mean(x, axes));
    return centred.div(mean(centred.square(), axes).add(epsilon).sqrt());
  }

  private static NDArray mean(NDArray x, int[] axes) {
    return ReductionForward.mean(x, axes, true);
  }

  private static NDArray grouped(NDArray x, long groups, float epsilon, Operands in) {
    Shape shape = x.getShape();
    NDArray rows = x.reshape(shape.get(0), groups, -1);
    NDArray made = standardised(rows, new int[] {2}, epsilon).reshape(shape);
    int rank = shape.dimension();
    return made.mul(channels(in.live(1), rank)).add(channels(in.live(2), rank));
  }

  private static NDArray localResponse(NDArray x, Normalization.LocalResponseNorm norm) {
    long channels = x.getShape().get(1);
    int rank = x.getShape().dimension();
    long before = (norm.size() - 1) / 2;
    long[] widths = new long[2 * (rank - 1)];
    widths[widths.length - 2] = before;
    widths[widths.length - 1] = norm.size() - 1 - before;
    NDArray squares = x.square().pad(new Shape(widths), 0);
    NDArray sum = null;
    for (long i = 0; i < norm.size(); i++) {
      var index = new ai.djl.ndarray.index.NDIndex().addAllDim(1).addSliceDim(i, i + channels);
      NDArray slice = squares.get(index);
      sum = sum == null ? slice : sum.add(slice);
    }
    NDArray base =
        java.util.Objects.requireNonNull(sum).mul(norm.alpha() / norm.size()).add(norm.bias());
    return x.div(base.pow(norm.beta()));
  }
}
