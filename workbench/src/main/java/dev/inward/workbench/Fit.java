package dev.inward.workbench;

import dev.inward.base.Figure;
import dev.inward.base.InputException;
import dev.inward.base.Progress;
import dev.inward.compress.Calibration;
import dev.inward.compress.Compression;
import dev.inward.compress.Recipe;
import dev.inward.compress.Recipes;
import dev.inward.compress.RuntimeForm;
import dev.inward.compress.Sensitivity;
import dev.inward.compress.WeightFormat;
import dev.inward.data.Metric;
import dev.inward.data.Rows;
import dev.inward.graph.Graph;
import dev.inward.graph.Tensor;
import dev.inward.planning.Budget;
import dev.inward.planning.Constraint;
import dev.inward.planning.Trace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Budget in, model and dossier out: tries recipes, holds what each costs against the lines of the
/// budget, decides, delivers, and checks what was delivered.
public final class Fit {
  /* The order of work. Everything that can be counted or modelled comes first: size, latency, energy
   * and memory need no run. Quality is measured last, on the recipes that no other line takes out. A
   * recipe is a small value, so the graphs of all of them share the mapped weights of the original.
   */
  static final int CALIBRATED = 128;
  static final int PROBED = 16;
  private static final double USUAL_CONFIDENCE = 0.95;

  private final Budget budget;
  private final Loaded model;
  private final Preparation data;
  private final Inference inference;
  private final Costs costs;
  private final Progress progress;

  private Fit(Budget budget, Loaded model, Preparation data, Progress progress) {
    this.budget = budget;
    this.model = model;
    this.data = data;
    this.inference = Inference.of(model.simplified());
    this.costs = Costs.of(budget, model.simplified(), data);
    this.progress = progress;
  }

  /// Fits a model and writes the result into a folder.
  ///
  /// @param cache where bundled models lie
  /// @param out the folder; what stood there under the same names is replaced once the new is whole
  /// @throws InputException where the budget, the model or the data is at fault
  public static Fitted run(Budget budget, ModelCache cache, Path out, Progress progress) {
    progress.at("reading the model", 0, 0);
    Loaded model = Loaded.of(budget.model(), budget.shapes(), cache, progress);
    Preparation data = Preparation.of(budget, model);
    return new Fit(budget, model, data, progress).run(out);
  }

  private Fitted run(Path out) {
    Graph graph = model.simplified();
    Metric metric = metric();
    Rows reference =
        inference.rows(graph, data.test(), data.test().size(), "original on test data", progress);
    List<Map<String, Tensor>> samples =
        data.calibrate().orElse(data.test()).inputs(graph.inputs(), 0, CALIBRATED);
    List<Sensitivity> sensitivities = new ArrayList<>();
    List<Trial> trials = new ArrayList<>();
    for (Recipe recipe : recipes(graph, samples, sensitivities)) {
      trials.add(trial(graph, recipe));
    }
    List<Trial> measured = new ArrayList<>();
    for (Trial trial : trials) {
      measured.add(measure(trial, metric, reference));
    }
    Trace trace = Trace.decide(budget, measured.stream().map(Trial::candidate).toList());
    Optional<Trial> chosen =
        trace
            .chosen()
            .flatMap(
                c -> measured.stream().filter(t -> t.recipe().name().equals(c.name())).findFirst());
    Optional<Delivery> delivery =
        chosen.map(t -> Delivery.of(model, data, inference, t, costs, out, progress));
    return new Fitted(
        budget,
        model,
        data,
        inference,
        trace,
        measured,
        chosen,
        sensitivities,
        delivery,
        costs,
        out);
  }

  private Metric metric() {
    return budget
        .line(Constraint.Quality.class)
        .map(q -> Metric.named(q.metric().key()))
        .orElse(
            budget.data().isEmpty()
                ? Metric.SIGNAL_TO_NOISE
                : data.test().labels().length > 0 ? Metric.ACCURACY : Metric.NEAREST_IN_10);
  }

  /// What is tried, from the gentlest to the smallest.
  private List<Recipe> recipes(
      Graph graph, List<Map<String, Tensor>> samples, List<Sensitivity> sensitivities) {
    List<Recipe> recipes = new ArrayList<>();
    recipes.add(Recipe.original());
    recipes.add(Recipes.weights(graph, "float16", WeightFormat.FLOAT16));
    recipes.add(Recipes.weights(graph, "int8-tensor", WeightFormat.INT8_PER_TENSOR));
    recipes.add(Recipes.weights(graph, "int8-channel", WeightFormat.INT8_PER_CHANNEL));
    List<String> nodes = Recipes.quantizable(graph);
    if (nodes.isEmpty()) {
      return recipes;
    }
    Calibration calibration = Calibration.of(graph, nodes, samples, progress);
    List<Map<String, Tensor>> probes = samples.subList(0, Math.min(PROBED, samples.size()));
    Recipe calibrated = bestRange(graph, calibration, probes);
    recipes.add(calibrated);
    Recipe whole = calibrated;
    Recipe dynamic = Recipes.dynamic(graph, "w8a8-dynamic");
    if (!dynamic.activations().isEmpty()) {
      recipes.add(dynamic);
      whole = dynamic;
    }
    sensitivities.addAll(Sensitivity.of(graph, whole, probes, progress));
    recipes.add(relieved(whole, sensitivities));
    return recipes;
  }

  /// The way of taking ranges that leaves the most signal at the output.
  private Recipe bestRange(Graph graph, Calibration calibration, List<Map<String, Tensor>> probes) {
    Recipe best = Recipe.original();
    double most = Double.NEGATIVE_INFINITY;
    for (var method : Calibration.Method.values()) {
      Recipe recipe = Recipes.calibrated(graph, "w8a8-static", calibration, method);
      Graph form = RuntimeForm.of(Compression.apply(graph, recipe), recipe);
      double decibels = SignalToNoise.of(graph, form, probes);
      progress.at("ranges", method.ordinal() + 1L, Calibration.Method.values().length);
      if (decibels > most) {
        most = decibels;
        best = recipe;
      }
    }
    return best;
  }

  /// The recipe without the few parts that make half of all the error, by the sum of their errors.
  private static Recipe relieved(Recipe recipe, List<Sensitivity> ranking) {
    double all = ranking.stream().mapToDouble(s -> Math.pow(10, -s.decibels() / 10)).sum();
    double taken = 0;
    int count = 0;
    while (count < ranking.size() && taken < all / 2) {
      taken += Math.pow(10, -ranking.get(count++).decibels() / 10);
    }
    return Recipes.relieved(recipe.name() + "-mixed", recipe, ranking, count);
  }

  private Trial trial(Graph graph, Recipe recipe) {
    Graph encoded = Compression.apply(graph, recipe);
    Map<Constraint.Kind, Figure> figures = new EnumMap<>(Constraint.Kind.class);
    figures.putAll(costs.of(encoded, recipe, model.name()));
    return new Trial(
        recipe, Descriptions.of(graph, recipe), encoded, Optional.empty(), List.of(), figures);
  }

  private Trial measure(Trial trial, Metric metric, Rows reference) {
    var line = budget.line(Constraint.Quality.class);
    double confidence = line.map(q -> 1 - 2 * q.tail()).orElse(USUAL_CONFIDENCE);
    boolean identical =
        trial.recipe().weights().isEmpty() && trial.recipe().activations().isEmpty();
    Rows rows =
        identical
            ? reference
            : inference.rows(
                RuntimeForm.of(trial.encoded(), trial.recipe()),
                data.test(),
                data.test().size(),
                trial.recipe().name() + " on test data",
                progress);
    int[] labels = metric.needsLabels() ? data.test().labels() : new int[0];
    String on = data.test().about();
    List<Metric> beside =
        switch (metric) {
          case NEAREST_IN_10 -> List.of(Metric.TOP_TEN_OVERLAP, Metric.EMBEDDING_ERROR);
          case ACCURACY -> List.of(Metric.AGREEMENT, Metric.SIGNAL_TO_NOISE);
          case TOP_TEN_OVERLAP, EMBEDDING_ERROR, AGREEMENT, SIGNAL_TO_NOISE -> List.of();
        };
    return trial.with(
        metric.of(reference, rows, labels, confidence, on),
        beside.stream().map(m -> m.of(reference, rows, new int[0], confidence, on)).toList());
  }
}
