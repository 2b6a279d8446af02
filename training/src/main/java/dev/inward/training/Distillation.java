package dev.inward.training;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.training.GradientCollector;
import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.compress.Trainer;
import dev.inward.graph.DataType;
import dev.inward.graph.Dim;
import dev.inward.graph.Elementwise.Binary;
import dev.inward.graph.Graph;
import dev.inward.graph.Node;
import dev.inward.graph.Normalization;
import dev.inward.graph.Quantization;
import dev.inward.graph.Tensor;
import dev.inward.graph.Value;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/// Quantisation-aware training by distillation: the encoded graph is run on PyTorch beside the
/// original, and what its encodings hold moves against the gradient of the difference. Rounding is
/// passed straight through. Source: Bengio et al., arXiv:1308.3432; Hinton et al.,
/// arXiv:1503.02531.
public final class Distillation implements Trainer {
  /* Steps over which the rate rises, as a share of all. */
  private static final double RISE = 0.05;
  private static final float TINY = 1e-7f;

  @Override
  public Trained train(
      Graph original,
      Graph encoded,
      List<Map<String, Tensor>> samples,
      int[] labels,
      Settings settings,
      Progress progress) {
    check(original, samples, labels);
    if (!original.outputs().equals(encoded.outputs())) {
      throw new IllegalArgumentException(
          "outputs %s are taught by %s".formatted(encoded.outputs(), original.outputs()));
    }
    try (NDManager manager = Torch.open(settings.threads())) {
      return new Run(original, encoded, samples, labels, settings, manager).train(progress);
    }
  }

  private static void check(Graph graph, List<Map<String, Tensor>> samples, int[] labels) {
    if (samples.isEmpty()) {
      throw InputException.of("training has no samples")
          .hint("name calibration data; a few hundred samples are enough");
    }
    if (labels.length > 0 && labels.length != samples.size()) {
      throw InputException.of("%d labels are given for %d samples", labels.length, samples.size());
    }
    for (int i = 0; i < samples.size(); i++) {
      for (Value input : graph.inputs()) {
        Tensor given = samples.get(i).get(input.name());
        String where = "sample %d, input '%s'".formatted(i, input.name());
        if (given == null) {
          throw InputException.at(where, "is missing; the model wants %s", input.type());
        }
        if (!fits(given, input)) {
          throw InputException.at(where, "is %s, the model wants %s", given.type(), input.type());
        }
        if (given.dtype() == DataType.FLOAT32) {
          for (float value : given.floats()) {
            if (!Float.isFinite(value)) {
              throw InputException.at(where, "holds %s, which nothing can be learnt from", value);
            }
          }
        }
      }
    }
  }

  private static boolean fits(Tensor given, Value input) {
    var shape = input.type().shape();
    boolean fits =
        given.dtype() == input.type().dtype() && (!shape.ranked() || shape.rank() == given.rank());
    for (int axis = 0; fits && shape.ranked() && axis < given.rank(); axis++) {
      fits = shape.dim(axis) instanceof Dim.Symbol || shape.dim(axis).is(given.dims().get(axis));
    }
    return fits;
  }

  private static final class Run {
    private final Graph original;
    private final Graph encoded;
    private final List<Map<String, Tensor>> samples;
    private final int[] labels;
    private final Settings settings;
    private final NDManager manager;
    private final Parameters parameters = new Parameters();
    private final Map<String, EncodedWeight> weights = new LinkedHashMap<>();
    private final List<String> scales = new ArrayList<>();
    private final Map<String, Double> rates = new HashMap<>();
    private final List<String> features;
    private final Descent descent;
    private final Random random;

    Run(
        Graph original,
        Graph encoded,
        List<Map<String, Tensor>> samples,
        int[] labels,
        Settings settings,
        NDManager manager) {
      this.original = original;
      this.encoded = encoded;
      this.samples = samples;
      this.labels = labels;
      this.settings = settings;
      this.manager = manager;
      this.descent = Descent.adam(manager);
      this.random = new Random(settings.seed());
      this.features = settings.features() > 0 ? sums() : List.of();
      for (String name : Parameters.of(encoded)) {
        Tensor start = encoded.constant(name).orElseThrow();
        Tensor taught = original.constant(name).orElse(start);
        weights.put(name, EncodedWeight.of(name, taught, start, parameters, manager));
      }
      for (Node node : encoded.nodes()) {
        String scale = node.operand(1);
        if (node.op() instanceof Quantization.Quantize
            && encoded.constant(scale).isPresent()
            && !scales.contains(scale)) {
          scales.add(scale);
          Tensor start = encoded.constant(scale).get();
          float[] logs = start.floats();
          for (int i = 0; i < logs.length; i++) {
            logs[i] = (float) Math.log(logs[i]);
          }
          parameters.add(scale, Torch.reals(manager, Tensor.ofFloats(start.dims(), logs)));
        }
      }
      parameters
          .all()
          .forEach((name, array) ->
              // A logarithm moves by a share of what it is the logarithm of.
              rates.put(
                  name,
                  settings.rate()
                      * (name.endsWith("/scale") || scales.contains(name) ? 1 : size(array))));
    }

    private static double size(NDArray array) {
      double square = 0;
      float[] values = array.toFloatArray();
      for (float value : values) {
        square += (double) value * value;
      }
      double size = Math.sqrt(square / values.length);
      return size > 0 ? size : 0.01;
    }

    /// The sums of two computed values that both graphs have.
    private List<String> sums() {
      return encoded.nodes().stream()
          .filter(n ->
              n.op() instanceof Binary(var function)
                  && function == Binary.Function.ADD
                  && encoded.constant(n.operand(0)).isEmpty()
                  && encoded.constant(n.operand(1)).isEmpty())
          .map(Node::result)
          .filter(v -> original.producer(v).isPresent() && !encoded.outputs().contains(v))
          .toList();
    }

    Trained train(Progress progress) {
      try (var teacher = Forward.of(original, manager);
          var student = Forward.of(encoded, manager)) {
        double before = loss(teacher, student);
        if (!Double.isFinite(before)) {
          throw InputException.of("the outputs differ by %s before training", before)
              .hint("the model gives NaN or infinities on a calibration sample");
        }
        List<List<Integer>> first = batches(order());
        int steps = first.size() * settings.epochs();
        int rising = (int) Math.ceil(RISE * steps);
        int step = 0;
        for (int epoch = 0; epoch < settings.epochs(); epoch++) {
          for (List<Integer> batch : epoch == 0 ? first : batches(order())) {
            double share = Descent.cosine(1, step, steps, rising);
            double loss = step(teacher, student, batch, share);
            if (!Double.isFinite(loss)) {
              throw InputException.of(
                      "training diverged: the loss is %s in step %d of %d", loss, step + 1, steps)
                  .hint("try a lower rate than %s", settings.rate());
            }
            progress.at("training", ++step, steps);
          }
        }
        double after = loss(teacher, student);
        return after < before
            ? new Trained(trained(), before, after)
            : new Trained(encoded, before, before);
      }
    }

    private int[] order() {
      int[] order = new int[samples.size()];
      Arrays.setAll(order, i -> i);
      for (int i = order.length - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int one = order[i];
        order[i] = order[j];
        order[j] = one;
      }
      return order;
    }

    /// Samples of the same extents together, in the order given.
    private List<List<Integer>> batches(int[] order) {
      Map<List<List<Long>>, List<Integer>> open = new LinkedHashMap<>();
      List<List<Integer>> batches = new ArrayList<>();
      for (int i : order) {
        List<List<Long>> extents =
            original.inputs().stream().map(v -> sample(i, v.name()).dims()).toList();
        var batch = open.computeIfAbsent(extents, _ -> new ArrayList<>());
        batch.add(i);
        if (batch.size() == settings.batch()) {
          batches.add(batch);
          open.remove(extents);
        }
      }
      batches.addAll(open.values());
      return batches;
    }

    private Tensor sample(int index, String input) {
      return Objects.requireNonNull(samples.get(index).get(input));
    }

    private Map<String, Tensor> inputs(List<Integer> batch) {
      Map<String, Tensor> inputs = new LinkedHashMap<>();
      for (Value input : original.inputs()) {
        inputs.put(
            input.name(), Batch.joined(batch.stream().map(i -> sample(i, input.name())).toList()));
      }
      return inputs;
    }

    /// What stands for the constants of the encoded graph.
    private Map<String, NDArray> read(NDManager step) {
      Map<String, NDArray> read = new HashMap<>();
      weights.forEach((name, weight) -> read.put(name, weight.value(step)));
      scales.forEach(name -> read.put(name, parameters.get(name).exp()));
      return read;
    }

    private double step(Forward teacher, Forward student, List<Integer> batch, double share) {
      var inputs = inputs(batch);
      Torch.inside().lock();
      try (NDManager step = manager.newSubManager()) {
        Parameters.lend(parameters.all().values(), step);
        parameters.clearGradients();
        var taught = teacher.run(step, inputs, Map.of());
        double loss;
        try (GradientCollector collector = Torch.engine().newGradientCollector()) {
          NDArray cost = cost(taught, student.run(step, inputs, read(step)), batch, step);
          collector.backward(cost);
          loss = cost.getFloat();
        }
        if (Double.isFinite(loss)) {
          descent.begin();
          parameters
              .all()
              .forEach((name, array) -> {
                double rate = share * Objects.requireNonNull(rates.get(name));
                if (array.hasGradient()) {
                  descent.move(name, array, array.getGradient(), rate, 0);
                }
              });
        }
        return loss;
      } finally {
        Torch.inside().unlock();
      }
    }

    /// Over all samples, without training.
    private double loss(Forward teacher, Forward student) {
      double sum = 0;
      int[] all = new int[samples.size()];
      Arrays.setAll(all, i -> i);
      for (List<Integer> batch : batches(all)) {
        Torch.inside().lock();
        try (NDManager step = manager.newSubManager()) {
          Parameters.lend(parameters.all().values(), step);
          var inputs = inputs(batch);
          NDArray cost =
              cost(
                  teacher.run(step, inputs, Map.of()),
                  student.run(step, inputs, read(step)),
                  batch,
                  step);
          sum += cost.getFloat() * batch.size();
        } finally {
          Torch.inside().unlock();
        }
      }
      return sum / samples.size();
    }

    private NDArray cost(
        Operands.Values taught, Operands.Values made, List<Integer> batch, NDManager step) {
      List<NDArray> costs = new ArrayList<>();
      for (String output : original.outputs()) {
        if (!made.isReal(output)) {
          continue;
        }
        NDArray wanted = taught.live(output, step);
        NDArray given = made.live(output, step);
        costs.add(
            switch (settings.objective()) {
              case SQUARED_ERROR -> relative(wanted, given);
              case DIVERGENCE -> divergence(scores(output, wanted), scores(output, given));
            });
        if (labels.length > 0) {
          costs.add(surprise(scores(output, given), batch, step));
        }
      }
      if (costs.isEmpty()) {
        throw InputException.of("none of the outputs %s is of reals", original.outputs());
      }
      NDArray sum = costs.getFirst();
      for (NDArray cost : costs.subList(1, costs.size())) {
        sum = sum.add(cost);
      }
      for (String feature : features) {
        sum =
            sum.add(
                relative(taught.live(feature, step), made.live(feature, step))
                    .mul((float) (settings.features() / features.size())));
      }
      return sum;
    }

    private static NDArray relative(NDArray wanted, NDArray given) {
      return given.sub(wanted).square().sum().div(wanted.square().sum().add(TINY));
    }

    /// Scores whose softmax is the output.
    private NDArray scores(String output, NDArray values) {
      boolean shares =
          original.producer(output).map(Node::op).orElse(null) instanceof Normalization.Softmax;
      return shares ? values.add(TINY).log() : values;
    }

    private static NDArray divergence(NDArray wanted, NDArray given) {
      NDArray sure = wanted.logSoftmax(-1);
      NDArray rest = sure.sub(given.logSoftmax(-1));
      long classes = wanted.getShape().get(wanted.getShape().dimension() - 1);
      return sure.exp().mul(rest).sum().div((float) wanted.size() / classes);
    }

    private NDArray surprise(NDArray scores, List<Integer> batch, NDManager step) {
      long classes = scores.getShape().get(scores.getShape().dimension() - 1);
      if (scores.size() != classes * batch.size()) {
        throw InputException.of(
            "labels go with one row of scores a sample, got %s", scores.getShape());
      }
      float[] certain = new float[Math.toIntExact(classes * batch.size())];
      for (int i = 0; i < batch.size(); i++) {
        int label = labels[batch.get(i)];
        if (label < 0 || label >= classes) {
          throw InputException.of("label %d is none of %d classes", label, classes);
        }
        certain[Math.toIntExact(i * classes + label)] = 1;
      }
      NDArray wanted =
          Torch.reals(step, Tensor.ofFloats(List.of((long) batch.size(), classes), certain));
      return scores
          .reshape(batch.size(), classes)
          .logSoftmax(1)
          .mul(wanted)
          .sum()
          .div(-batch.size());
    }

    private Graph trained() {
      Map<String, Tensor> constants = new LinkedHashMap<>();
      try (NDManager step = manager.newSubManager()) {
        Parameters.lend(parameters.all().values(), step);
        weights.forEach((name, weight) -> constants.put(name, weight.tensor(step)));
        for (String name : scales) {
          constants.put(
              name,
              Tensor.ofFloats(
                  encoded.constant(name).orElseThrow().dims(),
                  parameters.get(name).exp().toFloatArray()));
        }
      }
      return encoded.withConstants(constants);
    }
  }
}
