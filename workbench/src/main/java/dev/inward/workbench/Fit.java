package dev.inward.workbench;

import dev.inward.base.Figure;
import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.compress.Calibration;
import dev.inward.compress.Compression;
import dev.inward.compress.CrossLayer;
import dev.inward.compress.Equalisation;
import dev.inward.compress.FloatRule;
import dev.inward.compress.InputScale;
import dev.inward.compress.Ranges;
import dev.inward.compress.Recipe;
import dev.inward.compress.Recipes;
import dev.inward.compress.RuntimeForm;
import dev.inward.compress.Sensitivity;
import dev.inward.compress.WeightFormat;
import dev.inward.data.Metric;
import dev.inward.data.Pooling;
import dev.inward.data.Rows;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.planning.Budget;
import dev.inward.planning.Candidate;
import dev.inward.planning.Constraint;
import dev.inward.planning.Measuring;
import dev.inward.planning.Trace;
import dev.inward.runtime.Session;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Budget in, model and dossier out: tries recipes, holds what each costs against the lines of the
/// budget, decides, delivers, and checks what was delivered.
public final class Fit {
  /* The order of work. Everything that can be counted or modelled comes first: size, latency, energy
   * and memory need no run. Quality is measured last, where it can still change the decision. A
   * recipe is a small value, so the graphs of all of them share the mapped weights of the original.
   */
  static final int CALIBRATED = 128;
  static final int PROBED = 4;
  static final int SCREENED = 24;

  /// Multiply-accumulates up to which every candidate is measured: some seconds on two cores.
  private static final double FEW_MACS = 1e12;

  private static final double MOST_OF_ERROR = 0.75;
  private static final double USUAL_CONFIDENCE = 0.95;

  private final Budget budget;
  private final Loaded model;
  private final Preparation data;
  private final Session original;
  private final Inference inference;
  private final Costs costs;
  private final Progress progress;

  private Fit(Budget budget, Loaded model, Preparation data, Session original, Progress progress) {
    this.budget = budget;
    this.model = model;
    this.data = data;
    this.original = original;
    this.inference = Inference.of(model.simplified(), budget.pooling());
    this.costs = Costs.of(budget, model.simplified(), data);
    this.progress = progress;
  }

  /// Fits a model and writes the result into a folder.
  ///
  /// @param cache where bundled models lie; not asked for any other
  /// @param out the folder; what stood there under the same names is replaced once the new is whole
  /// @throws InputException where the budget, the model or the data is at fault
  public static Fitted run(Budget budget, Supplier<ModelCache> cache, Path out, Progress progress) {
    progress.at("reading the model", 0, 0);
    Loaded model = Loaded.of(budget, cache, progress);
    Preparation data = Preparation.of(budget, model);
    try (var original = Session.open(model.simplified())) {
      return new Fit(budget, model, data, original, progress).run(out);
    }
  }

  private Fitted run(Path out) {
    Graph graph = model.simplified();
    List<Map<String, Tensor>> samples =
        data.calibrate().orElse(data.test()).inputs(graph.inputs(), 0, CALIBRATED);
    List<Sensitivity> sensitivities = new ArrayList<>();
    List<Trial> trials = new ArrayList<>();
    List<Attempt> attempts = attempts(samples, sensitivities);
    progress.at("costs", 0, attempts.size());
    var done = new AtomicLong();
    trials.addAll(
        attempts.parallelStream()
            .map(attempt -> {
              Trial trial = trial(attempt);
              progress.at("costs", done.incrementAndGet(), attempts.size());
              return trial;
            })
            .toList());
    if (costs.here()) {
      time(trials);
    }
    screen(trials);
    Trace trace = measure(trials);
    Optional<Trial> chosen =
        trace
            .chosen()
            .flatMap(
                c -> trials.stream().filter(t -> t.recipe().name().equals(c.name())).findFirst());
    Optional<Delivery> delivery =
        chosen.map(t -> Delivery.of(model, data, inference, t, costs, out, progress));
    return new Fitted(
        budget, model, data, inference, trace, trials, chosen, sensitivities, delivery, costs, out);
  }

  /// Measures latency on this machine, one trial after the other and nothing beside it.
  private void time(List<Trial> trials) {
    for (int i = 0; i < trials.size(); i++) {
      Trial trial = trials.get(i);
      var figures = new EnumMap<Constraint.Kind, Figure>(Constraint.Kind.class);
      figures.putAll(trial.figures());
      figures.put(
          Constraint.Kind.LATENCY,
          costs.measured(
              trial.encoded(),
              trial.recipe(),
              Optional.ofNullable(figures.get(Constraint.Kind.LATENCY))));
      trials.set(i, trial.with(figures));
      progress.at("latency on this machine", i + 1L, trials.size());
    }
  }

  /// Gives every trial its signal-to-noise ratio on a few samples, so that all can be compared,
  /// those too whose quality need not be measured.
  private void screen(List<Trial> trials) {
    Feed feed = data.calibrate().orElse(data.test());
    int count = Math.min(SCREENED, feed.size());
    Inference scores = inference.scores();
    Rows reference = scores.rows(original, model.simplified(), feed, count, "screening", progress);
    for (int i = 0; i < trials.size(); i++) {
      Rows rows = rows(scores, trials.get(i), feed, count, reference, "screening");
      trials.set(
          i,
          trials
              .get(i)
              .screened(
                  Metric.SIGNAL_TO_NOISE.of(
                      reference, rows, new int[0], USUAL_CONFIDENCE, feed.about())));
    }
  }

  /// Measures quality where it can still change the decision; of a small model, of every candidate.
  private Trace measure(List<Trial> trials) {
    Metric metric = metric();
    Feed test = data.test();
    Rows reference = ofOriginal(test, test.size(), "original on test data");
    trials.replaceAll(t -> isOriginal(t) ? measured(t, metric, reference, reference) : t);
    var measuring =
        new Measuring(
            budget,
            trials.stream().collect(Collectors.toMap(t -> t.recipe().name(), Fit::decibels)),
            costs.macs(model.simplified()) * test.size() * trials.size() <= FEW_MACS);
    while (true) {
      List<Candidate> candidates = trials.stream().map(Trial::candidate).toList();
      Optional<Candidate> next = measuring.next(candidates);
      if (next.isEmpty()) {
        return Trace.decide(budget, candidates);
      }
      int i = candidates.indexOf(next.get());
      Trial trial = trials.get(i);
      Rows rows =
          rows(
              inference,
              trial,
              test,
              test.size(),
              reference,
              trial.recipe().name() + " on test data");
      trials.set(i, measured(trial, metric, reference, rows));
    }
  }

  private static double decibels(Trial trial) {
    return trial.screening().orElseThrow().value().value();
  }

  private Rows ofOriginal(Feed feed, int count, String stage) {
    return inference.rows(original, model.simplified(), feed, count, stage, progress);
  }

  /// What a trial gives; the reference itself where it changes nothing.
  private Rows rows(
      Inference how, Trial trial, Feed feed, int count, Rows reference, String stage) {
    return isOriginal(trial)
        ? reference
        : how.rows(RuntimeForm.of(trial.encoded(), trial.recipe()), feed, count, stage, progress);
  }

  private static boolean isOriginal(Trial trial) {
    return trial.recipe().weights().isEmpty() && trial.recipe().activations().isEmpty();
  }

  private Metric metric() {
    return budget
        .line(Constraint.Quality.class)
        .map(Constraint.Quality::metric)
        .orElse(
            budget.data().isEmpty()
                ? Metric.SIGNAL_TO_NOISE
                : inference.pooling() == Pooling.CTC
                    ? Metric.CHARACTER_ACCURACY
                    : data.test().labels().length > 0 ? Metric.ACCURACY : Metric.NEAREST_IN_10);
  }

  /// A graph that computes what the original does, and a way to compress it.
  private record Attempt(Compression base, Recipe recipe, String note) {}

  /// What is tried, from the gentlest to the smallest.
  private List<Attempt> attempts(
      List<Map<String, Tensor>> samples, List<Sensitivity> sensitivities) {
    Graph graph = model.simplified();
    var plain = Compression.of(graph);
    List<Attempt> attempts = new ArrayList<>();
    for (Recipe recipe :
        List.of(
            Recipe.original(),
            Recipes.weights(graph, "float16", WeightFormat.FLOAT16),
            Recipes.weights(graph, "int8-tensor", WeightFormat.INT8_PER_TENSOR),
            Recipes.weights(graph, "int8-channel", WeightFormat.INT8_PER_CHANNEL),
            Recipes.weights(graph, "int8-channel-asymmetric", WeightFormat.INT8_ASYMMETRIC))) {
      attempts.add(new Attempt(plain, recipe, ""));
    }
    Graph crossed = CrossLayer.of(graph);
    if (crossed != graph) {
      attempts.add(
          new Attempt(
              Compression.of(crossed),
              Recipes.weights(crossed, "int8-tensor-equalised", WeightFormat.INT8_PER_TENSOR),
              "; channels equalised across layers"));
    }
    if (Recipes.quantizable(graph).isEmpty()) {
      return attempts;
    }
    List<Map<String, Tensor>> probes = samples.subList(0, Math.min(PROBED, samples.size()));
    progress.at("equalising", 0, 0);
    Graph equalised = Equalisation.of(graph, samples);
    String note =
        (equalised == graph ? "" : "; channels of activations equalised") + keptInFloat(graph);
    var base = equalised == graph ? plain : Compression.of(equalised);
    progress.at("calibrating", 0, 0);
    Calibration calibration =
        Calibration.of(equalised, Recipes.quantizable(equalised), samples, progress);
    note += doubts(calibration, samples);
    Recipe whole =
        Recipes.eightBits(
            equalised, "w8a8-static", Ranges.best(equalised, calibration, probes, progress));
    attempts.add(new Attempt(base, whole, note));
    // Core ML quantises activations with fixed scales only: ranges at run time are for this
    // machine.
    Recipe dynamic = Recipes.dynamic(equalised, "w8a8-dynamic");
    if (costs.here() && !dynamic.activations().isEmpty()) {
      attempts.add(new Attempt(base, dynamic, note));
      attempts.add(
          new Attempt(
              base,
              Recipes.dynamic(equalised, "w7a8-dynamic", WeightFormat.INT7_PER_CHANNEL),
              note));
      whole = dynamic;
    }
    sensitivities.addAll(Sensitivity.of(equalised, whole, probes, progress));
    attempts.add(new Attempt(base, relieved(whole, sensitivities), note));
    return attempts;
  }

  private static String keptInFloat(Graph graph) {
    String kept = FloatRule.text(graph);
    return kept.isEmpty() ? "" : "; in float by rule: " + kept;
  }

  /// What speaks against trusting the calibrated ranges.
  private String doubts(Calibration calibration, List<Map<String, Tensor>> samples) {
    List<String> doubts = new ArrayList<>(calibration.doubts());
    List<Map<String, Tensor>> test =
        data.test().inputs(model.simplified().inputs(), 0, samples.size());
    doubts.addAll(InputScale.doubts(model.simplified(), samples, test));
    return doubts.isEmpty() ? "" : "; doubted: " + String.join(", ", doubts);
  }

  /// The recipe without the parts that make most of all the error, by the sum of their errors.
  private static Recipe relieved(Recipe recipe, List<Sensitivity> ranking) {
    double all = ranking.stream().mapToDouble(s -> Math.pow(10, -s.decibels() / 10)).sum();
    double taken = 0;
    int count = 0;
    while (count < ranking.size() && taken < MOST_OF_ERROR * all) {
      taken += Math.pow(10, -ranking.get(count++).decibels() / 10);
    }
    return Recipes.relieved(recipe.name() + "-mixed", recipe, ranking, count);
  }

  private Trial trial(Attempt attempt) {
    Recipe recipe = attempt.recipe();
    Graph encoded = attempt.base().apply(recipe);
    Map<Constraint.Kind, Figure> figures = new EnumMap<>(Constraint.Kind.class);
    figures.putAll(costs.of(encoded, recipe, model.name()));
    return new Trial(
        recipe,
        Descriptions.of(attempt.base().graph(), recipe) + attempt.note(),
        encoded,
        Optional.empty(),
        Optional.empty(),
        List.of(),
        figures);
  }

  private Trial measured(Trial trial, Metric metric, Rows reference, Rows rows) {
    var line = budget.line(Constraint.Quality.class);
    double confidence = line.map(q -> 1 - 2 * q.tail()).orElse(USUAL_CONFIDENCE);
    int[] labels = metric.needsLabels() ? data.test().labels() : new int[0];
    String on = data.test().about();
    List<Metric> beside =
        switch (metric) {
          case NEAREST_IN_10 -> List.of(Metric.TOP_TEN_OVERLAP, Metric.EMBEDDING_ERROR);
          case ACCURACY -> List.of(Metric.AGREEMENT);
          case TOP_TEN_OVERLAP, EMBEDDING_ERROR -> List.of(Metric.NEAREST_IN_10);
          case AGREEMENT, CHARACTER_ACCURACY, SIGNAL_TO_NOISE -> List.of();
        };
    if (rows == reference) {
      return trial.measured(
          metric.ofOriginal(reference, labels, confidence, on),
          beside.stream().map(m -> m.ofOriginal(reference, new int[0], confidence, on)).toList());
    }
    return trial.measured(
        metric.of(reference, rows, labels, confidence, on),
        beside.stream().map(m -> m.of(reference, rows, new int[0], confidence, on)).toList());
  }
}
