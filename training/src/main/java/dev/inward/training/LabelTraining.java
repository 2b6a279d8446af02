package dev.inward.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import dev.inward.base.InputException;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/// Trains a classifier from the numbers that its graph was built with, by labels. Batch
/// normalisations take the statistics of each batch, and keep the running averages, by which the
/// trained graph normalises.
///
/// With one thread two trainings from the same seed give the same bits.
public final class LabelTraining {
  /* Steps over which the rate rises, as a share of all. */
  private static final double RISE = 0.05;

  /// What it learns from. Samples may be drawn anew each time.
  public interface Examples {
    int size();

    /// The input of a sample, of the same extents each time, the first of them 1.
    Tensor input(int index, Random random);

    /// From 0 to the number of scores less one.
    int label(int index);
  }

  /// @param rate of learning, at its highest
  /// @param decay of the weights, biases and normalisations excepted
  /// @param smoothing the share of the certainty that is spread over all classes
  public record Settings(
      int epochs,
      int batch,
      double rate,
      double momentum,
      double decay,
      double smoothing,
      long seed,
      int threads) {}

  /// Told after each epoch.
  @FunctionalInterface
  public interface Observer {
    void epoch(int epoch, double loss, double accuracy);
  }

  private LabelTraining() {}

  /// The graph with trained constants.
  ///
  /// @param net of one input and one output, scores `[samples, classes]`
  /// @throws InputException where a label is no class, or the loss is no number any more
  public static Graph train(Graph net, Examples examples, Settings settings, Observer observer) {
    if (net.inputs().size() != 1 || net.outputs().size() != 1) {
      throw InputException.of("a classifier has one input and one output, got %s", net);
    }
    try (NDManager manager = Torch.open(settings.threads())) {
      return new Run(net, manager, settings).train(examples, observer);
    }
  }

  private static final class Run implements Forward.Statistics {
    private final Graph net;
    private final NDManager manager;
    private final Settings settings;
    private final Parameters parameters = new Parameters();
    private final Map<String, NDArray> averages = new HashMap<>();
    private final Descent descent;
    private final Random random;

    Run(Graph net, NDManager manager, Settings settings) {
      this.net = net;
      this.manager = manager;
      this.settings = settings;
      this.descent = Descent.nesterov(manager, settings.momentum());
      this.random = new Random(settings.seed());
      for (String name : Parameters.of(net)) {
        parameters.add(name, Torch.reals(manager, net.constant(name).orElseThrow()));
      }
      for (Node node : net.nodes()) {
        if (node.op() instanceof Normalization.BatchNorm) {
          for (int position : List.of(3, 4)) {
            String name = node.operand(position);
            averages.put(name, Torch.reals(manager, net.constant(name).orElseThrow()));
          }
        }
      }
    }

    @Override
    public NDArray normalised(Node node, NDArray x, NDArray scale, NDArray bias, float epsilon) {
      return x.getNDArrayInternal()
          .batchNorm(
              x,
              Objects.requireNonNull(averages.get(node.operand(3))),
              Objects.requireNonNull(averages.get(node.operand(4))),
              scale,
              bias,
              1,
              0.9f,
              epsilon,
              true)
          .singletonOrThrow();
    }

    Graph train(Examples examples, Observer observer) {
      int[] order = new int[examples.size()];
      for (int i = 0; i < order.length; i++) {
        order[i] = i;
      }
      int batches = Math.max(1, order.length / settings.batch());
      int steps = batches * settings.epochs();
      int rising = (int) Math.ceil(RISE * steps);
      try (var forward = Forward.training(net, manager, this)) {
        for (int epoch = 0; epoch < settings.epochs(); epoch++) {
          shuffle(order);
          double loss = 0;
          int right = 0;
          for (int batch = 0; batch < batches; batch++) {
            int from = batch * settings.batch();
            int to = Math.min(order.length, from + settings.batch());
            double rate = Descent.cosine(settings.rate(), epoch * batches + batch, steps, rising);
            var seen = step(forward, examples, order, from, to, rate);
            loss += seen.loss;
            right += seen.right;
            if (!Double.isFinite(seen.loss)) {
              throw InputException.of(
                      "training diverged: the loss is %s in epoch %d, batch %d",
                      seen.loss, epoch + 1, batch + 1)
                  .hint("try a lower rate than %s", settings.rate());
            }
          }
          int shown = Math.min(order.length, batches * settings.batch());
          observer.epoch(epoch + 1, loss / batches, (double) right / shown);
        }
      }
      return trained();
    }

    private record Seen(double loss, int right) {}

    private Seen step(
        Forward forward, Examples examples, int[] order, int from, int to, double rate) {
      List<Tensor> inputs = new ArrayList<>();
      int[] labels = new int[to - from];
      for (int i = from; i < to; i++) {
        inputs.add(examples.input(order[i], random));
        labels[i - from] = examples.label(order[i]);
      }
      String input = net.inputs().getFirst().name();
      Torch.inside().lock();
      try (NDManager step = manager.newSubManager()) {
        Parameters.lend(parameters.all().values(), step);
        Parameters.lend(averages.values(), step);
        parameters.clearGradients();
        double loss;
        NDArray scores;
        try (GradientCollector collector = Torch.engine().newGradientCollector()) {
          scores =
              forward
                  .run(step, Map.of(input, Batch.joined(inputs)), parameters.all())
                  .live(net.outputs().getFirst(), step);
          NDArray certain = Torch.reals(step, wanted(labels, scores.getShape().get(1)));
          NDArray cost = scores.logSoftmax(1).mul(certain).sum().div(-labels.length);
          collector.backward(cost);
          loss = cost.getFloat();
        }
        descent.begin();
        parameters
            .all()
            .forEach((name, array) ->
                descent.move(
                    name,
                    array,
                    array.getGradient(),
                    rate,
                    array.getShape().dimension() > 1 ? settings.decay() : 0));
        return new Seen(loss, right(scores.toFloatArray(), labels));
      } finally {
        Torch.inside().unlock();
      }
    }

    private Tensor wanted(int[] labels, long classes) {
      float[] share = new float[Math.toIntExact(labels.length * classes)];
      java.util.Arrays.fill(share, (float) (settings.smoothing() / classes));
      for (int i = 0; i < labels.length; i++) {
        if (labels[i] < 0 || labels[i] >= classes) {
          throw InputException.of("label %d is none of %d classes", labels[i], classes);
        }
        share[Math.toIntExact(i * classes + labels[i])] += (float) (1 - settings.smoothing());
      }
      return Tensor.ofFloats(List.of((long) labels.length, classes), share);
    }

    private static int right(float[] scores, int[] labels) {
      int classes = scores.length / labels.length;
      int right = 0;
      for (int i = 0; i < labels.length; i++) {
        int best = 0;
        for (int c = 1; c < classes; c++) {
          best = scores[i * classes + c] > scores[i * classes + best] ? c : best;
        }
        right += best == labels[i] ? 1 : 0;
      }
      return right;
    }

    private void shuffle(int[] order) {
      for (int i = order.length - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int one = order[i];
        order[i] = order[j];
        order[j] = one;
      }
    }

    private Graph trained() {
      Map<String, Tensor> constants = new HashMap<>(parameters.tensors());
      averages.forEach((name, array) -> constants.put(name, Torch.tensor(array)));
      return net.withConstants(constants);
    }
  }
}
