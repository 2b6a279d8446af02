package dev.inward.training;

import ai.djl.ndarray.NDArray;
import dev.inward.graph.Node;
import dev.inward.graph.Reduction;
import dev.inward.graph.Reduction.Reduce;
import dev.inward.graph.Tensor;
import dev.inward.graph.evaluation.Evaluation;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Reductions on PyTorch; ranks and places are found by the reference evaluator.
final class ReductionForward {
  private ReductionForward() {}

  static List<NDArray> of(Reduction op, Operands in) {
    NDArray x = in.live(0);
    return switch (op) {
      case Reduce(var function, var axes, boolean keep) -> {
        int rank = x.getShape().dimension();
        int[] along =
            axes.isEmpty()
                ? IntStream.range(0, rank).toArray()
                : axes.stream().mapToInt(a -> NormalizationForward.axis(a, rank)).toArray();
        yield List.of(along.length == 0 ? x : reduced(function, x, along, keep));
      }
      case Reduction.ArgReduce _ -> List.of();
      case Reduction.TopK top -> {
        Tensor places =
            Evaluation.node(
                    new Node("top", top, List.of("x", "k"), List.of("values", "places")),
                    Map.of("x", in.host(0), "k", in.host(1)))
                .lastEntry()
                .getValue();
        int axis = NormalizationForward.axis(top.axis(), x.getShape().dimension());
        NDArray index = Torch.wholes(in.step(), places.dims(), places.longs());
        yield List.of(x.gather(index, axis));
      }
      case Reduction.CumSum(boolean exclusive, boolean reverse) -> {
        int axis = NormalizationForward.axis(in.wholes(1)[0], x.getShape().dimension());
        NDArray ordered = reverse ? x.flip(axis) : x;
        NDArray sums = ordered.cumSum(axis);
        sums = exclusive ? sums.sub(ordered) : sums;
        yield List.of(reverse ? sums.flip(axis) : sums);
      }
    };
  }

  private static NDArray reduced(Reduce.Function function, NDArray x, int[] axes, boolean keep) {
    return switch (function) {
      case SUM -> x.sum(axes, keep);
      case MEAN -> mean(x, axes, keep);
      case MAX -> most(x, axes, keep);
      case MIN -> most(x.neg(), axes, keep).neg();
      case PROD -> product(x, axes, keep);
      case L1 -> x.abs().sum(axes, keep);
      case L2 -> x.square().sum(axes, keep).sqrt();
      case LOG_SUM -> x.sum(axes, keep).log();
      case LOG_SUM_EXP -> {
        NDArray most = most(x, axes, true).stopGradient();
        NDArray sum = x.sub(most).exp().sum(axes, true).log().add(most);
        yield keep ? sum : sum.squeeze(axes);
      }
      case SUM_SQUARE -> x.square().sum(axes, keep);
    };
  }

  static NDArray mean(NDArray x, int[] axes, boolean keep) {
    long count = 1;
    for (int axis : axes) {
      count *= x.getShape().get(axis);
    }
    return x.sum(axes, keep).div(count);
  }

  static NDArray most(NDArray x, int[] axes, boolean keep) {
    int[] last = axes.clone();
    Arrays.sort(last);
    NDArray made = x;
    for (int i = last.length - 1; i >= 0; i--) {
      made = made.max(new int[] {last[i]}, keep);
    }
    return made;
  }

  private static NDArray product(NDArray x, int[] axes, boolean keep) {
    int[] last = axes.clone();
    Arrays.sort(last);
    NDArray made = x;
    for (int i = last.length - 1; i >= 0; i--) {
      made = made.prod(new int[] {last[i]}, keep);
    }
    return made;
  }
}
